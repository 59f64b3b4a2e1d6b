"""Laws as entries of a scenario file.

Input: the parameters of a law, or a sample.
Output: the entry, with durations as texts in the unit that the scenario uses.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from calibration.discovery.laws.families import frozen_law
from foundation.arrays import FloatArray
from sim.calendar import MINUTE_MS

__all__ = ["empirical_law", "law_table", "quantity_writer", "rounded_shares"]

_TAIL_SHARE: Final = 0.1
"""Share of a sample that an exponential tail smooths: its largest values are too few to stand for themselves."""


def quantity_writer(unit: str) -> Callable[[float], str]:
    """Return how durations are written: ms in minutes (``min``, ``working min``), or whole ``working days``."""
    if unit == "working days":
        return lambda value: f"{value:.6g} working days"
    return lambda value: f"{value / MINUTE_MS:.5g} {unit}"


def law_table(
    family: str, shape: float, scale: float, *, write: Callable[[float], str], mean: float | None = None
) -> dict[str, Any]:
    """Return a law as a scenario file has it; with `mean`, its scale is such that it has this mean.

    A family's maximum likelihood doesn't keep the mean of the data, which is what carries the load of a pool.
    """
    own = float(frozen_law(family, shape, scale).mean())
    scale, target = (scale * mean / own, mean) if mean is not None else (scale, own)
    if family == "expon":
        return {"dist": family, "mean": write(target)}
    if family in ("weibull_min", "fisk"):
        return {"dist": family, "c": float(f"{shape:.6g}"), "scale": write(scale)}
    cv = 1 / math.sqrt(shape) if family == "gamma" else math.sqrt(math.expm1(shape**2))
    return {"dist": family, "mean": write(target), "cv": float(f"{cv:.6g}")}


def empirical_law(x: FloatArray, *, unit: str, most: int = 50) -> Any:
    """Return a sample as a law, its largest tenth smoothed by an exponential tail of the same mean.

    Parameters
    ----------
    x
        Durations in ms, or numbers of working days.
    unit
        The clock of the law.
    most
        Largest number of values that stand for the body of the sample.
    """
    x, write = np.sort(x), quantity_writer(unit)
    tail = math.floor(_TAIL_SHARE * x.size)
    if unit == "working days" or tail < 2 or x[-tail - 1] >= x[-1]:
        values, counts = np.unique(np.round(x, 6), return_counts=True)
        return _values(values, counts.astype(np.float64), write)
    body, threshold = x[:-tail], float(x[-tail - 1])
    if body.size > most:
        fewer = np.quantile(body, (np.arange(most) + 0.5) / most)
        body = fewer * (body.mean() / fewer.mean() if fewer.mean() > 0 else 1.0)
    values, counts = np.unique(np.round(body, 3), return_counts=True)
    excess = float(x[-tail:].mean()) - threshold
    share = round(tail / x.size, 9)
    far = {"dist": "expon", "loc": write(threshold), "scale": write(max(excess, 1.0))}
    return {"mixture": [_values(values, counts.astype(np.float64), write), far], "shares": [1 - share, share]}


def rounded_shares(weights: FloatArray) -> FloatArray:
    """Return weights as shares with nine decimals that add up to 1; the largest share takes the rounding error."""
    shares: FloatArray = np.round(weights / weights.sum(), 9)
    shares[np.argmax(shares)] += 1 - shares.sum()
    return shares


def _values(values: FloatArray, weights: FloatArray, write: Callable[[float], str]) -> Any:
    if values.size == 1:
        return {"constant": write(float(values[0]))}
    shares = rounded_shares(weights)
    return {"values": [write(float(value)) for value in values], "shares": [float(share) for share in shares]}
