"""Priors from ranges: the distribution behind a low and a high value.

Input: the ends of a range.  Output: a distribution.  A range within one order of magnitude becomes a PERT distribution
(a beta distribution on the range whose mode is the likely value; Malcolm et al. 1959).  A wider range of a positive
number becomes a lognormal distribution with 5% beyond each end.  The likely value is the middle of the range, whatever
value a scenario has: that value may have been chosen with the published figures in view, which are to be met later.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from foundation.arrays import FloatArray

__all__ = ["WIDE", "Family", "Prior"]

Family = Literal["pert", "lognormal"]

WIDE: Final = 10.0
"""Ratio of the ends from which a range is too wide for a bounded distribution."""

_WEIGHT: Final = 4.0
"""Weight of the likely value of a PERT distribution, relative to each end."""
_BEYOND: Final = 0.05


@dataclass(frozen=True)
class Prior:
    """A distribution over one number.

    Attributes
    ----------
    family
        ``pert`` or ``lognormal``.
    low, mode, high
        Ends of the range and the likely value.  A lognormal distribution has 5% below and 5% above, and does not use
        `mode`.

    Raises
    ------
    ValueError
        If the three are out of order, or a lognormal range doesn't lie above zero.
    """

    family: Family
    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        if not self.low < self.high or not self.low <= self.mode <= self.high:
            raise ValueError(f"low, mode and high must be in order, not {self.low}, {self.mode}, {self.high}")
        if self.family == "lognormal" and self.low <= 0:
            raise ValueError(f"a lognormal range lies above zero, not from {self.low} on")

    @classmethod
    def of_range(cls, low: float, high: float, *, bounded: bool) -> Prior:
        """Return the prior of a range; the likely value is its middle, of a positive unbounded number on a log scale.

        Parameters
        ----------
        low, high
            Ends.
        bounded
            Whether the number cannot lie beyond the range (a share, a count of servers): then always PERT.
        """
        if bounded or low <= 0:
            return cls("pert", low, (low + high) / 2, high)
        return cls("lognormal" if high / low >= WIDE else "pert", low, math.sqrt(low * high), high)

    @cached_property
    def _frozen(self) -> Any:
        from scipy import stats

        if self.family == "lognormal":
            reach = float(np.log(self.high / self.low)) / (2 * float(stats.norm.ppf(1 - _BEYOND)))
            return stats.lognorm(s=reach, scale=float(np.sqrt(self.low * self.high)))
        width = self.high - self.low
        shapes = (1 + _WEIGHT * (end / width) for end in (self.mode - self.low, self.high - self.mode))
        return stats.beta(*shapes, loc=self.low, scale=width)

    @property
    def mean(self) -> float:
        """Its mean."""
        return float(self._frozen.mean())

    @property
    def sd(self) -> float:
        """Its standard deviation; the posterior's is compared with it."""
        return float(self._frozen.std())

    def quantile(self, u: npt.ArrayLike) -> FloatArray:
        """Return the quantiles at `u`; they turn a design on the unit cube into parameters."""
        return np.asarray(self._frozen.ppf(u), dtype=np.float64)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Return the probability of a value at or below `x`."""
        return np.asarray(self._frozen.cdf(x), dtype=np.float64)

    def log_density(self, x: npt.ArrayLike) -> FloatArray:
        """Return the logarithm of its density at `x`; minus infinity outside its support."""
        return np.asarray(self._frozen.logpdf(x), dtype=np.float64)
