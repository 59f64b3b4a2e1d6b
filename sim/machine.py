"""Machine code from Python functions, stored on disk where there is a folder for it.

Input: a function, and how to compile it.  Output: the same function, compiled; it releases the interpreter's lock while
it runs, so that threads run side by side.  Without Numba the function itself comes back, and everything runs slowly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

numba: Any
try:
    import numba
except Exception as error:  # a missing library, or one that doesn't fit: there is no compiler
    numba = None
    _failure = f"{type(error).__name__}: {error}"
else:
    _failure = ""

__all__ = ["compiled", "failure", "give_up", "ordinary", "prefetch", "stored"]

Function = TypeVar("Function", bound=Callable[..., Any])


def failure() -> str:
    """Return why there is no machine code on this machine; "" if there is."""
    return _failure


def give_up(reason: str) -> None:
    """Do without machine code from now on, since the compiler has failed."""
    global _failure  # noqa: PLW0603  # one process has one compiler
    _failure = reason


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
