"""Days of the measured cases of a replication: what questions about limits and compression read.

Input: the :class:`~sim.measure.frames.Metrics` of one replication.  Output: :class:`CaseDays`, small enough for another
process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from foundation.arrays import FloatArray, IntArray
from sim.calendar import DAY_MS

if TYPE_CHECKING:
    from sim.measure.frames import Metrics

__all__ = ["CaseDays", "case_days"]


@dataclass(frozen=True, eq=False)
class CaseDays:
    """Working days of the cases of the cohort, those withdrawn left out (:mod:`sim.measure.cases`), shape (cases,).

    Attributes
    ----------
    services
        Names of the services.
    service
        The service of each case, as a position in `services`.
    elapsed
        Days from opening to closing; of an open case those so far.
    statutory
        Days of the statutory clock from acceptance to decision, infinite for a case that is not decided.
    unstopped
        The same, if no stage stopped the clock.
    calendar
        Calendar days from opening to closing, which an applicant counts; of an open case those so far.
    """

    services: tuple[str, ...]
    service: IntArray
    elapsed: FloatArray
    statutory: FloatArray
    unstopped: FloatArray
    calendar: FloatArray


def case_days(metrics: Metrics) -> CaseDays:
    """Return the days of the measured cases of a replication."""
    cases, table = metrics.case_table, metrics.table
    at = np.flatnonzero(cases.counts)
    is_decided, stop = cases.decided[at] >= 0, table.window.stop - 1
    decided = np.where(is_decided, cases.decided[at], stop)
    closed = np.where(cases.closed[at] >= 0, cases.closed[at], stop)
    unstopped = table.calendar.statutory_days(cases.accepted[at], decided)
    return CaseDays(
        services=metrics.table.program.services,
        service=cases.service[at],
        elapsed=cases.elapsed_days[at],
        statutory=np.where(is_decided, cases.statutory_days[at].astype(np.float64), np.inf),
        unstopped=np.where(is_decided, unstopped.astype(np.float64), np.inf),
        calendar=(closed - cases.opened[at]) / DAY_MS,
    )
