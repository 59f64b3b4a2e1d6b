"""Types of arrays, by what they hold, and arrays of the numbers that a caller gives.

Input: numbers, lists of them or arrays.  Output: NumPy arrays of floating-point numbers, or one sentence about what is
none; and names for arrays of whole numbers, truth values, floating-point numbers and dates.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from foundation.errors import HallplanError

__all__ = ["BoolArray", "DateArray", "FloatArray", "IntArray", "broadcast", "number_array"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
DateArray = npt.NDArray[np.datetime64]

_SHOWN: Final = 60
"""Characters of a wrong value that are repeated in a sentence."""


def number_array(name: str, values: npt.ArrayLike) -> FloatArray:
    """Return numbers as an array of floating-point numbers.

    Parameters
    ----------
    name
        Of the argument, for the sentence.
    values
        A number, or lists of equal lengths.

    Raises
    ------
    HallplanError
        If something is no number, or the rows of a table differ in length.
    """
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        text = " ".join(str(values).split())
        shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
        raise HallplanError("error.not_numbers", name=name, value=shown) from None


def broadcast(**arrays: FloatArray) -> tuple[FloatArray, ...]:
    """Return arrays in the shape that they have together, by NumPy's rules.

    Parameters
    ----------
    arrays
        By the names of the arguments, for the sentence.

    Raises
    ------
    HallplanError
        If their lengths don't fit together.
    """
    try:
        return np.broadcast_arrays(*arrays.values())
    except ValueError:
        shapes = ", ".join(f"{name} {values.shape}" for name, values in arrays.items())
        raise HallplanError("error.not_broadcast", shapes=shapes) from None
