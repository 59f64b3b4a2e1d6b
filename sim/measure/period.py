"""What questions about promises and waits together read of a replication, which is one period.

Input: the :class:`~sim.measure.frames.Metrics` of one replication.  Output: a :class:`Period`, small enough for another
process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from foundation.arrays import FloatArray
from sim.measure.case_days import CaseDays, case_days
from sim.measure.day_counts import called_counts

if TYPE_CHECKING:
    from sim.measure.frames import Metrics

__all__ = ["Period", "period"]


@dataclass(frozen=True, eq=False)
class Period:
    """Cases and waits of the measured days of a replication.

    Attributes
    ----------
    cases
        Days of its cases.
    pools
        Names of the pools.
    joined, in_time
        How often visitors joined a queue of each pool, and were called there in time, shape (pools,).
    visits_per_day
        Visits on a measured working day, those that follow from others included.
    """

    cases: CaseDays
    pools: tuple[str, ...]
    joined: FloatArray
    in_time: FloatArray
    visits_per_day: float

    @property
    def called_in_time(self) -> float:
        """Share called in time; 1 if nobody joined a queue."""
        joined = float(self.joined.sum())
        return float(self.in_time.sum()) / joined if joined else 1.0


def period(metrics: Metrics, *, within_min: float) -> Period:
    """Return the cases of a replication, and how many of its visitors were called within some minutes."""
    counts, window = called_counts(metrics, within_min=within_min), metrics.table.window
    visits = int(np.count_nonzero(window.contains(metrics.trips.arrive)))
    joined, in_time = (
        np.asarray(numbers.sum(axis=(0, 2)), dtype=np.float64) for numbers in (counts.units, counts.hits)
    )
    return Period(case_days(metrics), counts.pools, joined, in_time, visits / window.days.size)
