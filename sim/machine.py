"""Machine code from Python functions, stored on disk where there is a folder for it.

Input: a function, and how to compile it.  Output: the same function, compiled; it releases the interpreter's lock while
it runs, so that threads run side by side.  Without Numba the function itself comes back, and everything runs slowly.
"""

from __future__ import annotations

import os
import stat
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from foundation.errors import HallplanWarning

__all__ = ["can_compile", "compiled", "find_folder", "give_up", "ordinary", "prefetch", "stored"]

Function = TypeVar("Function", bound=Callable[..., Any])


# ---- a folder for machine code ------------------------------------------------------------------------------------


def find_folder() -> None:
    """Tell Numba where to keep machine code, unless it can be kept beside the source or the user has said where."""
    if os.environ.get("NUMBA_CACHE_DIR") or _is_writable(Path(__file__).parent / "engine" / "__pycache__"):
        return
    cache = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    folders = [Path(cache) if cache else Path("~/.cache").expanduser(), Path(tempfile.gettempdir())]
    for folder in folders:
        own = folder / f"hallplan-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
        if _is_writable(own) and _is_private(own):
            os.environ["NUMBA_CACHE_DIR"] = str(own)
            return


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _is_private(folder: Path) -> bool:
    """Tell whether nobody else can put machine code there for us to run."""
    if not hasattr(os, "getuid"):
        return True
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o022


# ---- is there a compiler? -----------------------------------------------------------------------------------------

find_folder()
numba: Any
_failure: list[Exception] = []
_warned: list[Exception] = []
try:
    import numba
except Exception as error:  # a missing library, or one that doesn't fit: there is no compiler
    numba = None
    _failure.append(error)


def can_compile() -> bool:
    """Tell whether this machine has a compiler that works; if not, the first call of a process warns the user."""
    if _failure and not _warned:
        _warned.extend(_failure)
        reason = f"{type(_failure[0]).__name__}: {_failure[0]}"
        warnings.warn(HallplanWarning("engines.fallback", reason=reason[:200]), stacklevel=5)
    return not _failure


def give_up(error: Exception) -> None:
    """Do without machine code from now on, since the compiler has failed."""
    _failure.append(error)


# ---- compiling ----------------------------------------------------------------------------------------------------


def stored(*signature: Any, **options: Any) -> Callable[[Function], Function]:
    """Compile a function and store its machine code from one start to the next, if there is a folder for it.

    Parameters
    ----------
    *signature
        The types to compile it for, at once; by default those of its first call, when that comes.
    **options
        Numba's, beside ``cache`` and ``nogil``.
    """

    def compile_(function: Function) -> Function:
        if numba is None:
            return function
        try:
            return cast(Function, numba.njit(*signature, cache=True, nogil=True, **options)(function))
        except RuntimeError:  # no folder can be written
            return cast(Function, numba.njit(*signature, nogil=True, **options)(function))

    return compile_


def compiled(**options: Any) -> Callable[[Function], Function]:
    """Compile a function that only other compiled ones call; its machine code is stored with theirs.

    Parameters
    ----------
    **options
        Numba's, beside ``nogil``.
    """

    def compile_(function: Function) -> Function:
        return function if numba is None else cast(Function, numba.njit(nogil=True, **options)(function))

    return compile_


def ordinary(table: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    """Return a table in the one layout that machine code is compiled for: in a row, and not read-only."""
    return np.require(table, requirements=("C", "W"))


def prefetch(table: npt.NDArray[np.void], row: int) -> None:
    """Have the processor fetch a row of a table into its cache; plain Python has no word for it and does nothing."""


def _teach_numba_to_prefetch() -> None:
    """Give :func:`prefetch` its one instruction in machine code."""
    from llvmlite import ir
    from numba.core import cgutils, types
    from numba.extending import intrinsic, overload

    @intrinsic
    def instruction(_: Any, table: Any, row: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            kind = signature.args[0]
            array = context.make_array(kind)(context, builder, arguments[0])
            address = cgutils.get_item_pointer(context, builder, kind, array, [arguments[1]])  # type: ignore[no-untyped-call]
            byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
            of_type = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
            function = cgutils.get_or_insert_function(builder.module, of_type, "llvm.prefetch.p0i8")  # type: ignore[no-untyped-call]
            to_read, keep_in_all_caches, data = (ir.Constant(number, value) for value in (0, 3, 1))
            builder.call(function, [builder.bitcast(address, byte), to_read, keep_in_all_caches, data])
            return context.get_dummy_value()

        return types.void(table, row), code

    @overload(prefetch)
    def _(table: Any, row: Any) -> Any:
        def fetch(table: Any, row: Any) -> None:
            instruction(table, row)  # type: ignore[call-arg]  # Numba's, without the builder's part

        return fetch


if numba is not None:
    _teach_numba_to_prefetch()
