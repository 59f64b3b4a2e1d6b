"""Philox in machine code: :mod:`sim.draw.philox` says what it is.

Input: the keys of the rounds and a counter.  Output: four uniform numbers.  It stands apart from the walk that calls
it, whose stored machine code would not notice a change here: the algorithm is fixed for good.
"""

from __future__ import annotations

from typing import Any, Final

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic, overload

from sim.draw.compiled_types import FLOAT, INT, KEYS, WORD
from sim.draw.philox import MULTIPLIERS, UNIT, UNUSED_BITS
from sim.machine import stored

__all__ = ["uniforms"]

_types: Any = numba.types
_M0, _M1 = (np.uint64(multiplier) for multiplier in MULTIPLIERS)
_UNIT: Final = UNIT
_UNUSED_BITS: Final = np.uint64(UNUSED_BITS)


def _multiply(a: Any, b: Any) -> Any:
    """Return the upper and lower 64 bits of a product."""
    product = int(a) * int(b)
    return np.uint64(product >> 64), np.uint64(product & 0xFFFF_FFFF_FFFF_FFFF)


@intrinsic
def _wide_product(_: Any, a: Any, b: Any) -> Any:
    """Do :func:`_multiply` in the one instruction that processors have for it, and Numba no word."""

    def code(_: Any, builder: Any, __: Any, factors: Any) -> Any:
        word, wide = ir.IntType(64), ir.IntType(128)
        product = builder.mul(*(builder.zext(factor, wide) for factor in factors))
        halves = [builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), word), builder.trunc(product, word)]
        return cgutils.pack_array(builder, halves)  # type: ignore[no-untyped-call]

    return _types.Tuple((WORD, WORD))(WORD, WORD), code


@overload(_multiply)
def _(a: Any, b: Any) -> Any:
    def multiply(a: Any, b: Any) -> Any:
        return _wide_product(a, b)  # type: ignore[call-arg]  # Numba's, without the builder's part

    return multiply


@stored(_types.UniTuple(FLOAT, 4)(KEYS, INT, WORD, WORD, INT), error_model="numpy", _nrt=False, forceinline=True)
def uniforms(
    keys: npt.NDArray[np.uint64], member: int, group: int, name: int, visit_count: int
) -> tuple[float, float, float, float]:
    """Return the four uniform numbers, in [0, 1), of a counter: :func:`sim.draw.philox.uniforms`."""
    c0, c1, c2, c3 = np.uint64(member), np.uint64(group), np.uint64(name), np.uint64(visit_count)
    for r in range(10):
        high0, low0 = _multiply(_M0, c0)
        high1, low1 = _multiply(_M1, c2)
        c0, c1, c2, c3 = high1 ^ c1 ^ keys[r, 0], low1, high0 ^ c3 ^ keys[r, 1], low0
    return (
        float(c0 >> _UNUSED_BITS) * _UNIT,
        float(c1 >> _UNUSED_BITS) * _UNIT,
        float(c2 >> _UNUSED_BITS) * _UNIT,
        float(c3 >> _UNUSED_BITS) * _UNIT,
    )
