"""Curves over the replications, each point with its interval.

Input: the :class:`~sim.run.sample.Curves` of every replication.  Output: frames.  A ratio, such as the mean wait of
those who came in one half-hour, is the ratio of sums over all replications.  Its interval is that of the delta method
with the replications as clusters.  Every other point is the mean over the replications with Student's interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from foundation.arrays import FloatArray
from sim.statistics.intervals import t_quantile

if TYPE_CHECKING:
    import pandas as pd

    from sim.run.sample import Curves

__all__ = ["CURVES", "curve_frames"]

CURVES = ("wait_by_half_hour", "pools_by_half_hour", "touched_days", "open_cases_by_day")
"""Names of the frames."""


def curve_frames(curves: Sequence[Curves], level: float) -> dict[str, pd.DataFrame]:
    """Return the frames of :data:`CURVES`.

    ``wait_by_half_hour``: ``half_hour``, ``called_mean``, ``wait_mean_min``, ``wait_low``, ``wait_high``.
    ``pools_by_half_hour``: by pool and half-hour the mean queue, busy and rostered servers and the utilisation.
    ``touched_days``: by service, the mean number and the share of cases by working days touched.
    ``open_cases_by_day``: open cases at the end of each measured day.
    """
    return {
        "wait_by_half_hour": _waits(curves, level),
        "pools_by_half_hour": _pools(curves, level),
        "touched_days": _touched(curves, level),
        "open_cases_by_day": _open_cases(curves, level),
    }


def _half_width(values: FloatArray, level: float) -> FloatArray:
    """Return the half-width of Student's interval of the mean, along the first axis; infinite for one replication."""
    n = len(values)
    if n < 2:
        return np.full(values.shape[1:], np.inf)
    half: FloatArray = t_quantile(n - 1, level) * values.std(axis=0, ddof=1) / np.sqrt(n)
    return half


def _ratio(numerators: FloatArray, denominators: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Return ratios of sums along the first axis, and their half-widths; not-a-number where nothing is counted."""
    n, sums = len(numerators), denominators.sum(axis=0)
    sums = np.where(sums > 0, sums, np.nan)
    ratio = numerators.sum(axis=0) / sums
    return ratio, _half_width((numerators - ratio * denominators) / (sums / n), level)


def _waits(curves: Sequence[Curves], level: float) -> pd.DataFrame:
    import pandas as pd

    from sim.measure.table import BIN_LABELS

    called, waited = (np.stack([getattr(curve, name) for curve in curves]) for name in ("called", "waited"))
    visited = np.flatnonzero(called.sum(axis=0))
    mean, half = _ratio(waited[:, visited], called[:, visited], level)
    return pd.DataFrame(
        {
            "half_hour": [BIN_LABELS[place] for place in visited],
            "called_mean": called[:, visited].sum(axis=0) / len(curves),
            "wait_mean_min": mean,
            "wait_low": np.maximum(mean - half, 0.0),
            "wait_high": mean + half,
        }
    )


def _pools(curves: Sequence[Curves], level: float) -> pd.DataFrame:
    import pandas as pd

    from sim.measure.table import BIN_LABELS, BINS

    names = tuple(curves[0].pools)
    if not names:
        values = np.zeros((len(curves), 3, 0))
    else:
        values = np.stack([np.concatenate([curve.pools[name] for name in names], axis=1) for curve in curves])
    mean, half = values.mean(axis=0), _half_width(values, level)
    utilisation, spread = _ratio(values[:, 1], values[:, 2], level)
    return pd.DataFrame(
        {
            "pool": np.repeat(np.array(names, dtype=object), BINS),
            "half_hour": np.tile(np.array(BIN_LABELS, dtype=object), len(names)),
            "queue_mean": mean[0],
            "queue_low": mean[0] - half[0],
            "queue_high": mean[0] + half[0],
            "busy_mean": mean[1],
            "rostered_mean": mean[2],
            "utilisation": utilisation,
            "utilisation_low": np.maximum(utilisation - spread, 0.0),
            "utilisation_high": utilisation + spread,
        }
    )


def _touched(curves: Sequence[Curves], level: float) -> pd.DataFrame:
    import pandas as pd

    records = list[dict[str, object]]()
    for service in sorted({name for curve in curves for name in curve.touched}):
        counts = [curve.touched.get(service, np.zeros(0)) for curve in curves]
        width = max(days.size for days in counts)
        table = np.stack([np.pad(days, (0, width - days.size)) for days in counts])
        cases = table.sum(axis=1) + np.array([curve.open.get(service, 0.0) for curve in curves])
        closed = table.sum(axis=0)
        totals = np.repeat(cases[:, None], width, axis=1)
        share, half = _ratio(table, totals, level)
        reached, spread = _ratio(np.cumsum(table, axis=1), totals, level)
        records += [
            {
                "service": service,
                "days": day,
                "cases_mean": closed[day] / len(curves),
                "share": share[day],
                "share_low": max(share[day] - half[day], 0.0),
                "share_high": min(share[day] + half[day], 1.0),
                "cumulative_share": reached[day],
                "cumulative_low": max(reached[day] - spread[day], 0.0),
                "cumulative_high": min(reached[day] + spread[day], 1.0),
            }
            for day in np.flatnonzero(closed).tolist()
        ]
    columns = ["service", "days", "cases_mean", "share", "share_low", "share_high"]
    return pd.DataFrame.from_records(
        records, columns=[*columns, "cumulative_share", "cumulative_low", "cumulative_high"]
    )


def _open_cases(curves: Sequence[Curves], level: float) -> pd.DataFrame:
    import pandas as pd

    values = np.stack([curve.open_cases for curve in curves])
    mean, half = values.mean(axis=0), _half_width(values, level)
    dates = curves[0].days.astype(np.int64).astype("datetime64[D]")
    return pd.DataFrame({"date": dates, "open_mean": mean, "open_low": mean - half, "open_high": mean + half})
