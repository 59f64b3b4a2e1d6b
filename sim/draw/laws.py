"""From uniform numbers to quantities: the inverse distribution function of every law.

Comes in: a :class:`~scenarios.model.Law` and uniform numbers.  Goes out: values on the law's own clock.  Inversion, one
uniform a value, keeps common random numbers in step even when a law's parameters change: a longer mean makes
every visitor's service longer, none shorter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from foundation.arrays import FloatArray
from foundation.units import Quantity
from scenarios.model.laws import BY_MEAN, Law
from sim.draw.remembered import remembered

__all__ = ["CHOICE_DTYPE", "Laws", "quantile", "whole"]

_LOWEST: Final = 2.0**-54
_HIGHEST: Final = 1 - 2.0**-53
"""What 0 and 1 stand for: uniform numbers are multiples of 2^-53."""
_LARGEST: Final = 2.0**62
"""The calendar's NEVER: adding a moment to it still fits into 64 bits."""

CHOICE_DTYPE: Final = np.dtype([("share", np.float64), ("value", np.float64)], align=True)
"""One value of a law that has few, and the share of all that is this value or one before it."""


def quantile(law: Law, u: FloatArray) -> FloatArray:
    """Return the value of `law` at each probability.

    Parameters
    ----------
    law
        What to draw.
    u
        Probabilities in [0, 1).

    Returns
    -------
    float64, shape of `u`
        In ms for plain and opening time, in days for working days.  May be negative for a law with a negative part
        (``norm``, a negative ``loc``); :func:`whole` cuts that off.
    """
    u = np.clip(u, _LOWEST, _HIGHEST)  # no law is asked for its ends, which may be infinite
    choices = _choices(law)
    if choices.size:
        places = np.searchsorted(choices["share"], u, side="right")
        return np.asarray(choices["value"][np.minimum(places, choices.size - 1)], dtype=np.float64)
    if law.mixture is not None:
        which, rest = _pick(law.shares or [], u)
        values = np.empty_like(u)
        for index, part in enumerate(law.mixture):
            values[which == index] = quantile(part, rest[which == index])
        return values * law.factor
    if law.dist in BY_MEAN and law.mean is not None:
        return _by_mean(law.dist, law.mean.value, 1.0 if law.cv is None else law.cv, u) * law.factor
    if law.low is not None and law.high is not None:
        return (
            _by_range(law.low.value, law.mode.value if law.mode else None, law.high.value, law.dist == "pert", u)
            * law.factor
        )
    return _scipy(law, u) * law.factor


class Laws:
    """Many laws, to draw from all at once.

    Parameters
    ----------
    laws
        The laws, by number.

    Attributes
    ----------
    bounds, choices
        Law k has the values of ``choices[bounds[k]:bounds[k + 1]]``, a table of :data:`CHOICE_DTYPE`; none if it
        has more than can be listed.
    """

    def __init__(self, laws: Sequence[Law]) -> None:
        self.laws = tuple(laws)
        listed = [_choices(law) for law in self.laws]
        self.bounds = np.cumsum([0, *(part.size for part in listed)])
        self.choices = np.concatenate([np.zeros(0, dtype=CHOICE_DTYPE), *listed])
        self._is_lognormal = np.zeros(len(self.laws), dtype=np.bool_)
        self._centre, self._spread, self._factor = np.zeros((3, len(self.laws)))
        for number, law in enumerate(self.laws):
            cv = 1.0 if law.cv is None else law.cv
            if law.dist == "lognorm" and law.mean is not None and cv > 0:
                self._is_lognormal[number] = True
                self._centre[number], self._spread[number] = _normal_of_log(law.mean.value, cv)
                self._factor[number] = law.factor

    def quantile(self, law: npt.NDArray[np.integer], u: FloatArray) -> FloatArray:
        """Return the value of law number ``law[i]`` at ``u[i]``, for every i: the bits of :func:`quantile`.

        Most services are lognormal, so that these are done in one go, whichever law they are of.
        """
        values = self._lognormal(law, u)  # few are of another law, which then takes its place
        rest = np.flatnonzero(~self._is_lognormal[law])
        if not rest.size:
            return values
        rest = rest[np.argsort(law[rest], kind="stable")]
        numbers, first = np.unique(law[rest], return_index=True)
        for number, part in zip(numbers.tolist(), np.split(rest, first[1:]), strict=False):
            values[part] = quantile(self.laws[number], u[part])
        return values

    def _lognormal(self, law: npt.NDArray[np.integer], u: FloatArray) -> FloatArray:
        normal = special.ndtri(np.clip(u, _LOWEST, _HIGHEST))
        values: FloatArray = np.exp(self._centre[law] + self._spread[law] * normal) * self._factor[law]
        return values


def _choices(law: Law) -> npt.NDArray[np.void]:
    """Return the values of a law that has only so many, a table of :data:`CHOICE_DTYPE`; no row for another law."""
    quantities = law.values or ([law.constant] if law.constant is not None else [])
    table = np.empty(len(quantities), dtype=CHOICE_DTYPE)
    if quantities:
        table["share"] = _edges(law.shares or [1 / table.size] * table.size)[1:]
        table["value"] = np.array([quantity.value for quantity in quantities]) * law.factor
    return table


def _normal_of_log(mean: float, cv: float) -> tuple[float, float]:
    """Return mean and standard deviation of the logarithm of a lognormal quantity."""
    variance = math.log1p(cv * cv)
    return math.log(mean) - variance / 2, math.sqrt(variance)


def whole(values: FloatArray) -> npt.NDArray[np.int64]:
    """Round to whole milliseconds (or days), nothing below zero, nothing beyond the end of time."""
    return np.rint(np.clip(values, 0.0, _LARGEST)).astype(np.int64)


def _pick(shares: list[float], u: FloatArray) -> tuple[npt.NDArray[np.intp], FloatArray]:
    """Choose by shares; return the choice and what is left of the uniform number, uniform again."""
    edges = _edges(shares)
    which = np.searchsorted(edges, u, side="right") - 1
    width = np.diff(edges)[which]
    return which, (u - edges[which]) / np.where(width > 0, width, 1.0)


def _edges(shares: list[float]) -> FloatArray:
    edges = np.concatenate(([0.0], np.cumsum(shares)))
    edges[-1] = 1.0
    return edges


def _by_mean(dist: str, mean: float, cv: float, u: FloatArray) -> FloatArray:
    if dist == "expon":
        return -mean * np.log1p(-u)
    if cv == 0:
        return np.full(u.shape, mean)
    if dist == "lognorm":
        centre, spread = _normal_of_log(mean, cv)
        return np.exp(centre + spread * special.ndtri(u))
    if dist == "gamma":
        return remembered(special.gammaincinv, (1 / cv**2,), u) * (mean * cv**2)
    if dist == "weibull_min":
        shape = _weibull_shape(cv)
        return mean / special.gamma(1 + 1 / shape) * (-np.log1p(-u)) ** (1 / shape)
    return mean * (1 + cv * special.ndtri(u))


@cache
def _weibull_shape(cv: float) -> float:
    """Solve Γ(1 + 2/k) / Γ(1 + 1/k)² = 1 + cv² for the shape k."""
    if cv < 1e-4:  # the difference below would be lost in rounding; cv = π/(k√6) as k grows, to 6e-5 here
        return math.pi / (math.sqrt(6) * cv)

    from scipy import optimize  # slow to import, and seldom needed

    def excess(shape: float) -> float:
        return float(special.gammaln(1 + 2 / shape) - 2 * special.gammaln(1 + 1 / shape) - math.log1p(cv * cv))

    return float(optimize.brentq(excess, 0.05, 2 / min(cv, 2e-3)))


def _by_range(low: float, mode: float | None, high: float, pert: bool, u: FloatArray) -> FloatArray:
    width = high - low
    if mode is None or width == 0:
        return low + width * u
    peak = (mode - low) / width
    if pert:  # beta with shape 4, Malcolm et al. 1959
        return low + width * remembered(special.betaincinv, (1 + 4 * peak, 1 + 4 * (1 - peak)), u)
    rising = np.sqrt(u * peak)
    falling = 1 - np.sqrt((1 - u) * (1 - peak))
    return low + width * np.where(u < peak, rising, falling)


def _scipy(law: Law, u: FloatArray) -> FloatArray:
    from scipy import stats  # slow to import, and seldom needed

    family = getattr(stats, law.dist or "")
    loc, scale = _value(law.loc), _value(law.scale)
    return np.asarray(family.ppf(u, loc=loc, scale=scale, **(law.__pydantic_extra__ or {})), dtype=np.float64)


def _value(quantity: Quantity | None) -> float:
    return 0.0 if quantity is None else quantity.value
