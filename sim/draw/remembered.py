"""Slow inverse distribution functions, whose values are remembered for the probabilities of the last calls.

Input: a function, its shape parameters, and uniform numbers.  Output: its values.  Systems that share random numbers
draw the same uniform numbers, but for the visitors and steps in which they differ; so only the first of them waits for
the values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np

from foundation.arrays import FloatArray

__all__ = ["remembered"]

_SHAPES: Final = 256
"""Functions with their shapes of which values are remembered."""
_CALLS: Final = 4
"""Calls of each whose new values are remembered: a few threads are not all at the same replication."""
_MOST: Final = 1 << 12
"""Most values of a call that are remembered: all together are then below 70 MB."""


@dataclass(eq=False)
class _Values:
    """Values of one function: of each call that is remembered, the probabilities in order, and the values at them."""

    calls: tuple[tuple[FloatArray, FloatArray], ...] = ()


@lru_cache(maxsize=_SHAPES)
def _values_of(function: Callable[..., Any], shape: tuple[float, ...]) -> _Values:
    return _Values()


def remembered(function: Callable[..., Any], shape: tuple[float, ...], u: FloatArray) -> FloatArray:
    """Return ``function(*shape, u)``, value by value the same as without a memory.

    Parameters
    ----------
    function
        A function of single numbers, applied to arrays number by number.
    shape
        Its first arguments.
    u
        Probabilities, shape (n,).
    """
    memory = _values_of(function, shape)
    values, is_new = np.empty(u.shape), np.ones(u.shape, dtype=np.bool_)
    for probabilities, at_them in memory.calls:
        places = np.minimum(np.searchsorted(probabilities, u), probabilities.size - 1)
        is_equal = probabilities[places] == u
        values[is_equal] = at_them[places[is_equal]]
        is_new &= ~is_equal
    if is_new.any():
        values[is_new] = function(*shape, u[is_new])
        if np.count_nonzero(is_new) <= _MOST:
            probabilities, first = np.unique(u[is_new], return_index=True)
            memory.calls = (*memory.calls[1 - _CALLS :], (probabilities, values[is_new][first]))
    return values
