"""Times to an end that not everybody has reached: the Kaplan-Meier curve.

Input: how long each case, or visitor, has been followed, and whether it ended then.  Output: :class:`KaplanMeier`, the
share not ended by time, with its interval.  A mean over those that ended is too short: the slow ones are still open.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from foundation.arrays import BoolArray, FloatArray, IntArray, number_array
from foundation.errors import HallplanError
from sim.statistics.intervals import check_level

__all__ = ["KaplanMeier", "kaplan_meier"]


@dataclass(frozen=True, eq=False)
class KaplanMeier:
    """The share not ended after each time at which something ended.

    Attributes
    ----------
    times
        Times at which at least one ended, rising, shape (times,).
    at_risk, ended
        How many were followed up to just before each time, and how many ended at it.
    survival, low, high
        Share not ended after each time, and its interval, each time for itself.  The interval is not-a-number where
        the curve has reached 0: the data set no ends there.
    level
        Confidence level.
    longest
        Longest time for which anybody was followed; the curve says nothing beyond it unless it has reached 0.
    """

    times: FloatArray
    at_risk: IntArray
    ended: IntArray
    survival: FloatArray
    low: FloatArray
    high: FloatArray
    level: float
    longest: float

    def open_after(self, time: float) -> float:
        """Return the share not ended after `time`; not-a-number beyond the longest time followed, or for no time."""
        index = int(np.searchsorted(self.times, time, side="right")) - 1
        share = float(self.survival[index]) if index >= 0 else 1.0
        return share if time <= self.longest or (share == 0 and not np.isnan(time)) else float("nan")

    def quantile(self, q: float) -> float:
        """Return the first time by which at least a share `q` has ended; infinite if the curve does not get there.

        Raises
        ------
        HallplanError
            If `q` is no share from 0 to 1.
        """
        if not 0 <= q <= 1:
            raise HallplanError("error.survival.share", value=f"{q:g}")
        reached = self.times[self.survival <= 1 - q + 1e-12]  # 1 - q is rounded
        return float(reached[0]) if reached.size else float("inf")

    def restricted_mean(self, horizon: float) -> float:
        """Return the mean time to the end, cut at `horizon`: the area under the curve up to it (Irwin 1949).

        Raises
        ------
        HallplanError
            If `horizon` is no finite time from 0 on, or nobody was followed as long.
        """
        if not (np.isfinite(horizon) and horizon >= 0):
            raise HallplanError("error.survival.no_time", value=f"{horizon:g}")
        if np.isnan(self.open_after(horizon)):
            raise HallplanError("error.survival.horizon", horizon=f"{horizon:g}", longest=f"{self.longest:g}")
        edges = np.concatenate(([0.0], self.times[self.times < horizon], [horizon]))
        return float(np.diff(edges) @ np.concatenate(([1.0], self.survival))[: edges.size - 1])


def kaplan_meier(durations: npt.ArrayLike, ended: npt.ArrayLike, *, level: float = 0.95) -> KaplanMeier:
    """Return the Kaplan-Meier curve of times of which some are only known to be longer.

    ``S(t) = Π_{t_i ≤ t} (1 - d_i / n_i)``, d of n at risk ending at each time (Kaplan and Meier 1958,
    "Nonparametric estimation from incomplete observations").  The interval is Greenwood's (1926) on the scale of
    ``log(-log S)``, which stays between 0 and 1 (Kalbfleisch and Prentice 1980).  Both are SciPy's
    (``scipy.stats.ecdf``).  Whoever is cut off at the time of an end still counts as at risk at it.  Why a time is cut
    off must not depend on how long it would have been.

    Parameters
    ----------
    durations
        Time from the beginning to the end or to the last look, from 0 on, shape (n,).
    ended
        Whether the end was seen, shape (n,).
    level
        Confidence level of the interval.

    Returns
    -------
    KaplanMeier

    Raises
    ------
    HallplanError
        If the shapes differ, there is nothing, a duration is negative or not finite, or `ended` is not yes or no.
    ValueError
        If `level` isn't between 0 and 1.

    Examples
    --------
    >>> curve = kaplan_meier([1, 2, 2, 3, 5], [True, True, False, True, False])
    >>> curve.times.tolist(), curve.survival.round(4).tolist()  # 4/5, 4/5 · 3/4, 4/5 · 3/4 · 1/2
    ([1.0, 2.0, 3.0], [0.8, 0.6, 0.3])
    >>> curve.quantile(0.5), round(curve.restricted_mean(5), 4)  # 1 + 0.8 + 0.6 + 2 · 0.3
    (3.0, 3.0)
    """
    check_level(level)
    lengths, is_end = number_array("durations", durations), np.asarray(ended)
    if lengths.ndim != 1 or lengths.shape != is_end.shape or not lengths.size:
        raise HallplanError("error.survival.shape", durations=lengths.shape, ended=is_end.shape)
    is_valid = np.isfinite(lengths) & (lengths >= 0)
    if not is_valid.all():
        raise HallplanError("error.survival.duration", value=f"{lengths[~is_valid][0]:g}")
    if not np.isin(is_end, (0, 1)).all():
        raise HallplanError("error.survival.ended", value=str(is_end[~np.isin(is_end, (0, 1))][0]))
    is_end = is_end.astype(bool)
    times, counts = np.unique(lengths[is_end], return_counts=True)
    survival, low, high = _curve(lengths, is_end, times, level)
    return KaplanMeier(
        times,
        at_risk=(lengths >= times[:, None]).sum(axis=1),
        ended=counts,
        survival=survival,
        low=low,
        high=high,
        level=level,
        longest=float(lengths.max()),
    )


def _curve(
    lengths: FloatArray, is_end: BoolArray, times: FloatArray, level: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the curve and the ends of its interval at given times."""
    from scipy import stats  # takes a second to import

    curve = stats.ecdf(stats.CensoredData.right_censored(lengths, ~is_end)).sf
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # where the curve is 0 there is no interval: documented
        bounds: Any = curve.confidence_interval(confidence_level=level, method="log-log")
    survival, low, high = (np.asarray(each.evaluate(times)) for each in (curve, bounds.low, bounds.high))
    return survival, low, high
