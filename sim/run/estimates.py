"""The interval that fits a metric: of a ratio of sums for ratios, of a mean for everything else.

Input: the summaries of replications and the key of a metric.  Output: an :class:`~sim.statistics.intervals.Interval`,
or the precision that a percentage means for the metric.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from foundation.arrays import FloatArray
from sim.measure.registry import DENOMINATOR, NUMERATOR, metric_of
from sim.statistics.intervals import Interval, linearised, skewed_mean_interval
from sim.statistics.precision import Absolute, Precision, Relative

__all__ = ["Columns", "is_metric", "is_share", "metric_interval", "metric_values", "precision_of"]


class Columns(Protocol):
    """Columns by name: a frame, or a dictionary of arrays."""

    def __contains__(self, name: object, /) -> bool:
        """Tell whether there is such a column."""

    def __getitem__(self, name: str, /) -> Any:
        """Return a column."""


def is_metric(key: str) -> bool:
    """Tell whether a key is that of a metric of ours."""
    try:
        return bool(metric_of(key))
    except KeyError:
        return False


def is_share(key: str) -> bool:
    """Tell whether the metric behind a key is a share."""
    return is_metric(key) and metric_of(key).kind == "share"


def metric_values(summaries: Columns, key: str) -> FloatArray:
    """Return what every replication contributes to a metric's estimate, which is their mean.

    For a ratio (its summary carries ``:num`` and ``:den``) these are the :func:`~sim.statistics.intervals.linearised`
    units of the ratio of sums; for any other metric they are its values.

    Parameters
    ----------
    summaries
        A column a metric, one number a replication, such as ``Replications.summaries``.
    key
        The metric.

    Raises
    ------
    KeyError
        If there is no such metric.
    """
    if key + NUMERATOR in summaries:
        return linearised(summaries[key + NUMERATOR], summaries[key + DENOMINATOR])
    return np.asarray(summaries[key], dtype=np.float64).ravel()


def metric_interval(summaries: Columns, key: str, *, level: float = 0.95) -> Interval:
    """Return a metric's estimate over replications, and its interval.

    A ratio is estimated by the ratio of sums, with the replications as clusters; any other metric by its mean.  The
    interval is Student's, corrected for skewness (:func:`~sim.statistics.intervals.skewed_mean_interval`).  No
    metric is negative, and no share of a whole is above 1, so that intervals end there.

    Parameters
    ----------
    summaries, key
        As for :func:`metric_values`.
    level
        Confidence level.

    Raises
    ------
    KeyError
        If there is no such metric.
    """
    interval = skewed_mean_interval(metric_values(summaries, key), level)
    interval = interval.about("ratio") if key + NUMERATOR in summaries else interval
    if not is_metric(key):
        return interval
    metric = metric_of(key)
    return interval.within(0, 1 if metric.kind == "share" and not metric.exceeds_one else np.inf)


def precision_of(key: str, width: float) -> Precision:
    """Return the precision that "5 %" means: of a share five percentage points, of anything else 5 % of its value."""
    return Absolute(width) if is_share(key) else Relative(width)
