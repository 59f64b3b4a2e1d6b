"""Traces: the cases of an event log, each with its activity instances in order of time.

Input: none; this module defines the data that :mod:`calibration.discovery.log.reading` fills.
Output: :class:`Traces`.  Its moments are whole milliseconds since midnight of the log's first day, and
:data:`UNKNOWN` where the log has none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Protocol

import numpy as np
import pandas as pd

from calibration.discovery.log.stop_names import StopRule
from foundation.arrays import BoolArray, FloatArray, IntArray
from sim.calendar import DAY_MS

__all__ = ["MERGED", "UNKNOWN", "EventLogLike", "Stop", "Traces"]

UNKNOWN: Final = -1
"""A moment that the log does not record."""

MERGED: Final = "…"
"""Name of the rarest activities together, where there are too many."""


class EventLogLike(Protocol):
    """What discovery needs of an event log: :class:`calibration.eventlog.EventLog`, or a simulated one."""

    @property
    def events(self) -> pd.DataFrame:
        """One row an activity instance: ``case``, ``activity``, ``resource``, ``ready``, ``start``, ``end``, …"""

    @property
    def kind(self) -> str:
        """``tickets``, ``ledger``, ``events`` or ``activities``."""


@dataclass(frozen=True)
class Stop:
    """An activity during which, or after which, the statutory clock stands still.

    Attributes
    ----------
    rule
        Reason and article.
    recorded
        The log has stamps of suspension and resumption; otherwise only the activity's name says it.
    outside
        Nobody of the hall works on it: its time is a wait, and it has no pool.
    """

    rule: StopRule
    recorded: bool
    outside: bool


@dataclass(frozen=True, eq=False)
class Traces:
    """Rows sorted by case and time, each an activity instance.

    Attributes
    ----------
    kind
        ``tickets``, ``ledger``, ``events`` or ``activities``.
    first_day
        The day whose midnight is moment 0.
    date_only
        The stamps carry dates only.
    resolution_ms
        The unit in which the stamps are given.
    case, activity, resource
        Codes by row; cases are 0, 1, … in order, a resource is -1 where it is unknown.
    ready, start, end
        Moments by row, :data:`UNKNOWN` where the log has none.
    left
        The visitor was not there when called, or gave up.
    first_row
        By case: the position of its first row; one more entry than there are cases.
    service
        By case: code of its service.
    services, activities
        Names behind the codes.
    resources
        Number of resources.
    last
        The last moment of the log: what was open then is open.
    service_column
        The column that names the services, or "".
    resumed
        By row: a piece of work that goes on after the clock had stopped in it.
    stops
        By code of its activity: what stops the statutory clock, or by its name might.
    same_day_suspensions
        Suspensions that ended on the day on which they began.
    days_used, days_used_column
        By case: the days that the authority has recorded as used, not-a-number where it has not; and their column.
    calls_as_rework
        Calls in vain that are no absences, because a service that takes days has cases, not visitors: they are rework.
    bare_dates
        By column (``ready``, ``start``, ``end``): bare dates among its moments, whose times of day are drawn.
    idle_requests
        Requests for work that were removed, because work waited while servers were idle.
    """

    kind: str
    first_day: dt.date
    date_only: bool
    resolution_ms: int
    case: IntArray
    activity: IntArray
    resource: IntArray
    ready: IntArray
    start: IntArray
    end: IntArray
    left: BoolArray
    first_row: IntArray
    service: IntArray
    services: tuple[str, ...]
    activities: tuple[str, ...]
    resources: int
    last: int
    service_column: str
    resumed: BoolArray
    stops: Mapping[int, Stop]
    same_day_suspensions: int
    days_used: FloatArray | None
    days_used_column: str
    bare_dates: Mapping[str, int] = field(default_factory=dict)
    idle_requests: int = 0
    calls_as_rework: int = 0

    @property
    def n_cases(self) -> int:
        """Number of cases."""
        return int(self.first_row.size - 1)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.case.size)

    @property
    def n_days(self) -> int:
        """Calendar days from the first to the last moment."""
        return int(self.last // DAY_MS) + 1

    @cached_property
    def known_from(self) -> IntArray:
        """By row: the first of ready, start and end that is known."""
        return np.where(self.ready >= 0, self.ready, np.where(self.start >= 0, self.start, self.end))

    @cached_property
    def arrived(self) -> IntArray:
        """By case: its first known moment."""
        first: IntArray = self.known_from[self.first_row[:-1]]
        return first

    @cached_property
    def last_moment(self) -> IntArray:
        """By case: its last known moment."""
        last = np.zeros(self.n_cases, dtype=np.int64)
        np.maximum.at(last, self.case, np.maximum(self.end, self.known_from))
        return last

    @cached_property
    def busy_until(self) -> IntArray:
        """By row: its end, or if that is unknown the first moment of the case's next row, or the log's end.

        An activity without an end whose case has gone on is no longer in hand, though nobody has recorded its end.
        """
        goes_on = np.r_[self.known_from[1:], self.last]
        until = np.where(self.is_last, self.last, np.maximum(goes_on, self.start))
        return np.where(self.end >= 0, self.end, until)

    @cached_property
    def unfinished(self) -> BoolArray:
        """By case: whether a row of it has no end, and its visitor has not left."""
        open_rows = (self.end == UNKNOWN) & ~self.left
        return np.bincount(self.case, weights=open_rows, minlength=self.n_cases) > 0

    @cached_property
    def previous_end(self) -> IntArray:
        """By row: when the case's rows before it had all ended, :data:`UNKNOWN` for its first row."""
        latest = np.maximum(self.end, self.known_from)
        lifted = latest + self.case * _LIFT
        before: IntArray = np.r_[UNKNOWN, np.maximum.accumulate(lifted)[:-1] - self.case[1:] * _LIFT]
        before[self.first_row[:-1]] = UNKNOWN
        return before

    @cached_property
    def outside(self) -> BoolArray:
        """By row: whether it is a wait on which nobody of the hall works."""
        codes = [code for code, stop in self.stops.items() if stop.outside]
        return np.asarray(np.isin(self.activity, codes))

    @cached_property
    def called_in_vain(self) -> BoolArray:
        """By row: whether a window called a visitor who was not there."""
        return np.asarray(self.left & (self.start >= 0))

    @cached_property
    def returns(self) -> BoolArray:
        """By row: whether the visitor comes back to the activity at which the row before was a call in vain."""
        same = ~self.is_first & (self.activity == np.r_[UNKNOWN, self.activity[:-1]])
        return np.asarray(same & np.r_[False, self.called_in_vain[:-1]])

    @cached_property
    def is_first(self) -> BoolArray:
        """By row: whether it is its case's first."""
        first = np.zeros(self.n_rows, dtype=np.bool_)
        first[self.first_row[:-1]] = True
        return first

    @cached_property
    def is_last(self) -> BoolArray:
        """By row: whether it is its case's last."""
        last = np.zeros(self.n_rows, dtype=np.bool_)
        last[self.first_row[1:] - 1] = True
        return last

    @cached_property
    def merged(self) -> BoolArray:
        """By row: whether its activity is one of the rarest, which are merged as :data:`MERGED`."""
        code = self.activities.index(MERGED) if MERGED in self.activities else UNKNOWN
        return np.asarray(self.activity == code)

    @cached_property
    def last_named(self) -> IntArray:
        """By row: the last activity before it in its case that is not :data:`MERGED`; their number if there is none."""
        last = np.maximum.accumulate(np.where(self.merged, 0, np.arange(self.n_rows)))
        last = np.where(self.merged, last, np.r_[0, last[:-1]])
        inside = (self.case[last] == self.case) & ~self.is_first & ~self.merged[last]
        return np.where(inside, self.activity[last], len(self.activities))


_LIFT: Final = 1 << 42
"""More ms than any log spans (139 years): keeps the cases apart in one running maximum."""
