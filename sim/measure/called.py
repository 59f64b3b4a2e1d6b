"""Who was called in time, by pool, measured day and half-hour of joining the queue: counts for questions about targets.

Input: the :class:`~sim.measure.frames.Metrics` of one replication.  Output: a :class:`CalledCounts`.  Visitors only;
who counts is said in :mod:`sim.measure.waits`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foundation.arrays import IntArray
from sim.calendar import DAY_MS
from sim.measure.frames import Metrics
from sim.measure.table import BIN_MS, BINS

__all__ = ["CalledCounts", "called_counts"]


@dataclass(frozen=True, eq=False)
class CalledCounts:
    """Visitors who joined a queue, and those of them who were called in time.

    Attributes
    ----------
    pools
        Names of the pools.
    joined, in_time
        Numbers by measured day, pool and half-hour, shape (days, pools, 48).  Whoever still waited as the run stopped,
        and had not yet waited too long, is in neither.
    """

    pools: tuple[str, ...]
    joined: IntArray
    in_time: IntArray


def called_counts(metrics: Metrics, *, within_min: float) -> CalledCounts:
    """Count who was called within some minutes of joining a queue."""
    table, waits = metrics.table, metrics.first_waits
    late = waits.wait > within_min
    counts = waits.visitor & (late | ~waits.still)
    pools = tuple(table.pools)
    shape = (table.window.days.size, len(pools), BINS)
    day = table.day_index(waits.ready[counts])
    cells = (day * len(pools) + waits.pool[counts]) * BINS + waits.ready[counts] % DAY_MS // BIN_MS
    in_time = waits.called[counts] & ~late[counts]
    size = int(np.prod(shape))
    return CalledCounts(
        pools,
        np.bincount(cells, minlength=size).reshape(shape),
        np.bincount(cells[in_time], minlength=size).reshape(shape),
    )
