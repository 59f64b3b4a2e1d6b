"""What is left of a random time of which a part is over: a service in hand, the patience of somebody who waits.

Input: laws with weights, and the time that is over.  Output: a law of equally likely values.  For a time ``X`` of which
``t`` is known to be over, ``P(X - t > s | X > t)``; for one that was met at some moment within it, the equilibrium law
``P(R > s) = E[(X - s)+] / E[X]`` (Cox 1962, Renewal Theory, section 5.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from foundation.arrays import FloatArray
from foundation.units import Quantity
from scenarios.model.laws import Law
from sim.draw.laws import quantile

__all__ = ["residual_law", "survival"]

_POINTS: Final = 2_000
"""Equally likely values that stand for a law."""
_VALUES: Final = 200
"""Of the law that comes out."""
_LEAST_LEFT: Final = 1e-3
"""Share of a law that is left at the least: a time longer than all that the law knows ends like its longest ones."""

Weighted = Sequence[tuple[Law | None, float]]
"""Laws with weights; no law for a time without end."""


def _points(law: Law, factor: float) -> FloatArray:
    return np.maximum(quantile(law, (np.arange(_POINTS) + 0.5) / _POINTS), 0.0) * factor


def survival(law: Law | None, over: float, *, factor: float = 1.0) -> float:
    """Return the probability that a time is longer than `over` ms; not below a thousandth."""
    if law is None:
        return 1.0
    return max(float(np.mean(_points(law, factor) > over)), _LEAST_LEFT)


def residual_law(laws: Weighted, over: float | None, *, factor: float = 1.0, endless: float = 0.0) -> Law:
    """Return the law of what is left.

    Parameters
    ----------
    laws
        Laws of the whole time, with weights.
    over
        What is over, in ms; ``None`` if it is not known.
    factor
        Multiplies all of them; what comes out is divided by it again.
    endless
        What is left of a time without end, in ms.
    """
    values, weights = list[FloatArray](), list[FloatArray]()
    for law, weight in laws:
        if law is None:
            values.append(np.array([endless]))
            weights.append(np.array([weight]))
            continue
        points = _points(law, factor)
        if over is None:
            left = _equilibrium(points)
            mass = weight * float(points.mean())
        else:
            longest = points > over
            left = points[longest] - over if longest.any() else np.diff(points[-2:])
            mass = weight * survival(law, over, factor=factor)
        values.append(left)
        weights.append(np.full(left.size, mass / left.size))
    pooled, mass_of = np.concatenate(values), np.concatenate(weights)
    order = np.argsort(pooled, kind="stable")
    reached = np.cumsum(mass_of[order])
    if reached[-1] <= 0:
        return Law.model_validate("0 s")
    places = np.searchsorted(reached, (np.arange(_VALUES) + 0.5) / _VALUES * reached[-1])
    drawn = pooled[order][np.minimum(places, order.size - 1)] / factor
    return Law.model_validate({"values": [Quantity(float(value), "plain") for value in drawn.tolist()]})


def _equilibrium(points: FloatArray) -> FloatArray:
    """Return equally likely values of what is left of a time that is met at some moment within it."""
    ordered = np.sort(points)
    if ordered[-1] <= 0:
        return np.zeros(1)
    left = np.arange(ordered.size, 0, -1)
    reached = np.concatenate(([0.0], np.cumsum(np.diff(ordered, prepend=0.0) * left)))
    edges = np.concatenate(([0.0], ordered))
    shares = (np.arange(_VALUES) + 0.5) / _VALUES * reached[-1]
    return np.asarray(np.interp(shares, reached, edges), dtype=np.float64)
