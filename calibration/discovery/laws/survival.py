"""Durations of right-censored and left-truncated cases: the product-limit estimator.

Input: durations, whether each has ended, and the age of each case when it came under observation.
Output: :class:`Lifetimes` (Kaplan and Meier 1958; with delayed entry: Tsai, Jewell and Wang 1987).  An open case counts
for as long as it was observed: without open cases the rest would look quick.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foundation.arrays import BoolArray, FloatArray

__all__ = ["Lifetimes", "estimate_lifetimes"]


@dataclass(frozen=True, eq=False)
class Lifetimes:
    """The product-limit estimate of a duration's law.

    Attributes
    ----------
    times
        The distinct durations at which cases ended, sorted.
    shares
        Share of cases that end at each of `times`; what is missing to 1 lasts longer than anything seen.
    within_low, within_high
        95% interval of the share that has ended by each of `times` (Greenwood, on the log-minus-log scale).
    n, open, late
        Cases, those that are still open, and those that came under observation late.
    mean_closed
        Mean of the cases that have ended: what a report of closed cases would say.
    """

    times: FloatArray
    shares: FloatArray
    within_low: FloatArray
    within_high: FloatArray
    n: int
    open: int
    late: int
    mean_closed: float

    @property
    def within(self) -> FloatArray:
        """Share that has ended by each of `times`."""
        return np.cumsum(self.shares)

    @property
    def beyond(self) -> float:
        """Share that lasts longer than anything seen."""
        return max(1.0 - float(self.shares.sum()), 0.0)

    @property
    def mean(self) -> float:
        """Mean, where what lasts longer counts as the longest seen (a lower bound if there is any)."""
        if not self.times.size:
            return float("nan")
        return float(self.times @ self.shares + self.times[-1] * self.beyond)

    def quantile(self, share: float) -> float:
        """Return the least duration by which at least a `share` has ended; infinite if none seen is."""
        reached = np.flatnonzero(self.within >= share - 1e-12)
        return float(self.times[reached[0]]) if reached.size else float("inf")

    def quantile_interval(self, share: float) -> tuple[float, float]:
        """Return the 95% interval of a quantile, by inversion of the band around the curve."""
        first, final = np.flatnonzero(self.within_high >= share), np.flatnonzero(self.within_low >= share)
        low = float(self.times[first[0]]) if first.size else float("inf")
        return low, float(self.times[final[0]]) if final.size else float("inf")


def estimate_lifetimes(duration: FloatArray, ended: BoolArray, *, entry: FloatArray | None = None) -> Lifetimes:
    """Estimate the law of a duration.

    Parameters
    ----------
    duration
        How long each case lasted, or has lasted so far.
    ended
        Whether it has ended.
    entry
        How old each case was when it came under observation; 0 by default.  Cases that could only have been seen
        because they lasted that long count from then on.
    """
    entry = np.full(duration.size, -1.0) if entry is None else np.where(entry > 0, entry, -1.0)
    seen = duration > entry
    duration, ended, entry = duration[seen], ended[seen], entry[seen]
    times, deaths = np.unique(duration[ended], return_counts=True)
    # At risk at t: in observation before t, and not gone before it.
    at_risk = np.searchsorted(np.sort(entry), times, side="left") - np.searchsorted(
        np.sort(duration), times, side="left"
    )
    at_risk = np.maximum(at_risk, deaths)
    alive = np.cumprod(1 - deaths / at_risk)
    shares = -np.diff(np.r_[1.0, alive])
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(deaths / (at_risk * (at_risk - deaths)))
        width = 1.959964 * np.sqrt(variance) / np.abs(np.log(alive))
        low, high = alive ** np.exp(width), alive ** np.exp(-width)
    certain = ~np.isfinite(width) | (alive <= 0)
    low, high = np.where(certain, alive, low), np.where(certain, alive, high)
    return Lifetimes(
        times=times.astype(np.float64),
        shares=shares,
        within_low=1 - high,
        within_high=1 - low,
        n=int(duration.size),
        open=int((~ended).sum()),
        late=int((entry > 0).sum()),
        mean_closed=float(duration[ended].mean()) if ended.any() else float("nan"),
    )
