"""The likelihood of the article's figures at a point: the probability that a run shows them, rounded alike.

Input: the emulated summaries of points, and the observed intervals.  Output: logarithms of probabilities.  A summary
is normal about its mean, with the error of the emulator and, optionally, the target's discrepancy.  The probability of
an interval is a difference of two values of the distribution function.  Wood (2010) calls a likelihood from the
simulated mean and spread of summaries *synthetic*.  The summaries are taken as independent given the parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from calibration.posterior.emulator import Emulator
from calibration.posterior.targets import Observed, days_a_month
from foundation.arrays import FloatArray

__all__ = ["Likelihood", "interval_log_probability"]

_LEAST: Final = 1e-300


def interval_log_probability(low: FloatArray, high: FloatArray, mean: FloatArray, sd: FloatArray) -> FloatArray:
    """Return the logarithm of the probability that a normal number lies between `low` and `high`.

    Parameters
    ----------
    low, high
        Ends of the intervals; `low` may be minus infinity.
    mean, sd
        Mean and standard deviation of the normal numbers, broadcast against the ends.
    """
    a, b = (low - mean) / sd, (high - mean) / sd
    # In the upper tail both values are nearly one: reflect, so that a small chance keeps its digits.
    flip = a > 0
    a, b = np.where(flip, -b, a), np.where(flip, -a, b)
    upper, lower = special.log_ndtr(b), special.log_ndtr(a)
    with np.errstate(invalid="ignore", divide="ignore"):
        part = upper + np.log1p(-np.exp(np.minimum(lower - upper, 0.0)))
    return np.maximum(np.nan_to_num(part, nan=np.log(_LEAST), neginf=np.log(_LEAST)), -1e6)


@dataclass(frozen=True, eq=False)
class Likelihood:
    """The article as a function of parameters.

    Attributes
    ----------
    emulator
        One summary for each target.
    targets
        The targets, in the same order.
    discrepancies
        Standard deviation of each target besides the emulator's error; zeros for none.
    """

    emulator: Emulator
    targets: tuple[Observed, ...]
    discrepancies: FloatArray

    @classmethod
    def of(cls, emulator: Emulator, targets: Sequence[Observed], *, discrepancy: bool = True) -> Likelihood:
        """Return the likelihood with or without discrepancies.

        Parameters
        ----------
        emulator
            One summary for each target.
        targets
            The targets, in the same order.
        discrepancy
            Whether the targets' discrepancies count.
        """
        sds = np.array([observed.target.discrepancy if discrepancy else 0.0 for observed in targets])
        return cls(emulator, tuple(targets), sds)

    @property
    def sd(self) -> FloatArray:
        """Total standard deviation of each target about the emulated mean."""
        return np.sqrt(self.emulator.sd**2 + self.discrepancies**2)

    def means(self, x: FloatArray, period: FloatArray) -> FloatArray:
        """Return the emulated value of each target at each point, on the targets' scales: shape (points, targets).

        Parameters
        ----------
        x
            Standard scores, shape (points, parameters).
        period
            Working days of the counting period, shape (points,).
        """
        return self.emulator.mean(x) + self.counted(period)

    def counted(self, period: FloatArray) -> FloatArray:
        """Return the effect of the counting period on each target: a count grows with it, a rate does not."""
        longer = np.log(period / days_a_month())[:, None]
        counts = np.array([observed.target.per_month for observed in self.targets])
        return np.where(counts, longer, 0.0)

    def log_parts(self, x: FloatArray, period: FloatArray) -> FloatArray:
        """Return the logarithm of the probability of each figure at each point: shape (points, targets)."""
        return self.log_chances(self.means(x, period), self.sd)

    def log_chances(self, means: FloatArray, sd: FloatArray) -> FloatArray:
        """Return the logarithm of the chance of each figure, were it normal: shape (points, targets)."""
        low, high = (np.array(ends) for ends in zip(*(observed.ends for observed in self.targets), strict=True))
        return interval_log_probability(low, high, means, sd)

    def without(self, *keys: str) -> Likelihood:
        """Return the likelihood of the other targets."""
        remaining = [k for k, observed in enumerate(self.targets) if observed.key not in keys]
        return Likelihood(
            Emulator(tuple(self.emulator.parts[k] for k in remaining)),
            tuple(self.targets[k] for k in remaining),
            self.discrepancies[remaining],
        )
