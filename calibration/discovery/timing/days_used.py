"""Test whether recorded days used include or exclude each clock stop.

Input: :class:`~calibration.discovery.log.traces.Traces` with the days used that the authority recorded, and the stops.
Output: :class:`DaysUsed`.  A column is accepted as a count of working days only if it agrees with the dates of most
cases without a stop.  Only then does it decide about the stops.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from calibration.discovery.log.traces import Traces
from calibration.discovery.timing.stops import StopEstimate
from foundation.arrays import BoolArray
from sim.calendar import DAY_MS, WorkCalendar

__all__ = ["DaysUsed", "StopTest", "compare_days_used"]

_MIN_AGREEMENT: Final = 0.8
"""Share of cases that must agree with a way of counting before it is accepted: clerks err, rules do not vary."""
_MIN_CASES: Final = 10
"""Cases below which a share of 80% may be chance."""


@dataclass(frozen=True)
class StopTest:
    """What a stop's cases say.

    Attributes
    ----------
    n
        Cases with this stop and no other, of at least a working day.
    without, within
        Share of them whose count leaves the stop's days out, and share whose count holds them.
    """

    n: int
    without: float
    within: float

    @property
    def verdict(self) -> str:
        """``out``: the clock stood still; ``in``: it ran; "" if neither is so in most cases."""
        if self.n < _MIN_CASES:
            return ""
        return "out" if self.without >= _MIN_AGREEMENT else "in" if self.within >= _MIN_AGREEMENT else ""


@dataclass(frozen=True)
class DaysUsed:
    """How the log's own count of days compares with its dates.

    Attributes
    ----------
    column
        Where the count stands.
    n
        Closed cases with a count and without a known stop.
    agree, fewer
        Of these, those whose count is that of all working days from the first day to the last (the first one counted
        if that fits more of them), and those with a smaller one: days were taken out that no stop shows.
    first_counts
        Whether the first day is counted.
    stops
        By code of a stop's activity.
    """

    column: str
    n: int
    agree: int
    fewer: int
    first_counts: bool
    stops: Mapping[int, StopTest]

    @property
    def believed(self) -> bool:
        """Whether the column is a count of working days."""
        return self.n >= _MIN_CASES and self.agree >= _MIN_AGREEMENT * self.n


def compare_days_used(
    traces: Traces, stops: Mapping[int, StopEstimate], closed: BoolArray, *, hall: WorkCalendar
) -> DaysUsed | None:
    """Compare the log's own count of days with its dates, or return nothing if it has none.

    Parameters
    ----------
    traces
        The log.
    stops
        By code of its activity, what is taken to stop the clock.
    closed
        By case: it was seen from its beginning to its end.
    hall
        Working days.
    """
    if traces.days_used is None:
        return None
    final = traces.last_moment
    dated = (hall.workday_number(final // DAY_MS) - hall.workday_number(traces.arrived // DAY_MS)).astype(np.float64)
    days_by_stop = {
        code: np.bincount(estimate.case_of_stop, estimate.days_excluded, traces.n_cases)
        for code, estimate in stops.items()
    }
    stopped = np.sum([days > 0 for days in days_by_stop.values()], axis=0, dtype=np.int64) + np.zeros_like(final)
    closed_with_count = closed & ~np.isnan(traces.days_used)
    plain = closed_with_count & (stopped == 0)
    over = (traces.days_used - dated)[plain]
    first_counts = bool((over == 1).sum() > (over == 0).sum())
    count = traces.days_used - float(first_counts)
    tested = {}
    for code, days in days_by_stop.items():
        only_this = closed_with_count & (stopped == 1) & (days > 0)
        n = int(only_this.sum())
        without, within = int((count == dated - days)[only_this].sum()), int((count == dated)[only_this].sum())
        tested[code] = StopTest(n, without / n if n else 0.0, within / n if n else 0.0)
    agree, fewer = int((count == dated)[plain].sum()), int((count < dated)[plain].sum())
    result = DaysUsed(traces.days_used_column, int(plain.sum()), agree, fewer, first_counts, tested)
    return result if result.believed else DaysUsed(result.column, result.n, agree, fewer, first_counts, {})
