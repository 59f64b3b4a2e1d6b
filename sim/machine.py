"""Machine code from Python functions, kept on disk where there is a folder for it.

Comes in: a function, and how to compile it.  Goes out: the same function, compiled; it lets go of the interpreter's
lock while it runs, so that threads run side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

__all__ = ["kept", "ordinary"]

Function = TypeVar("Function", bound=Callable[..., Any])


def kept(*signature: Any, **options: Any) -> Callable[[Function], Function]:
    """Compile a function and keep its machine code from one start to the next, if there is a folder for it.

    Parameters
    ----------
    *signature
        The types to compile it for, at once; by default those of its first call, when that comes.
    **options
        Numba's, beside ``cache`` and ``nogil``.
    """

    def compile_(function: Function) -> Function:
        decorate: Any = numba.njit
        try:
            return cast(Function, decorate(*signature, cache=True, nogil=True, **options)(function))
        except RuntimeError:  # no folder can be written
            return cast(Function, decorate(*signature, nogil=True, **options)(function))

    return compile_


def ordinary(table: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    """Return a table in the one layout that machine code is compiled for: in a row, and not read-only."""
    return np.require(table, requirements=("C", "W"))
