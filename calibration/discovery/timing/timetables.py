"""Timetables: the moments at which waiting files go on together, and how many each departure takes.

Input: moments since which files waited, and moments at which they went on.
Output: a :class:`Release`, if nearly all go on at a few times of day.  A timetable runs every week, every so many
weeks, or by the month; a scenario cannot express the last, so it gets the number of weeks that comes nearest.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np

from calibration.discovery.log.traces import Traces
from foundation.arrays import BoolArray, IntArray
from scenarios.model import WEEKDAYS
from sim.calendar import DAY_MS, MINUTE_MS

__all__ = ["MAX_WEEKS", "MIN_ROUNDS", "Release", "Weeks", "capacity_of", "departure_weeks", "find_release", "week_of"]

_MIN_TRANSITIONS: Final = 20
"""Transitions below which no timetable is looked for."""
_MAX_TIMES: Final = 6
"""Times of day of a timetable: more would fit any pattern."""
_MIN_RELEASED: Final = 0.9
"""Share of transitions that must end at the times of a timetable."""
_MIN_TIME_SHARE: Final = 0.02
"""Share of transitions below which a time of day or a weekday is no part of a timetable."""
_PER_TIME: Final = 5
"""Transitions per time of a timetable that are needed to believe in it."""
MAX_WEEKS: Final = 8
"""Longest interval between departures in weeks: a longer one repeats too rarely in any log."""
MIN_ROUNDS: Final = 4
"""Departure weeks from which an interval of weeks is believed."""
_MIN_SKIPPED: Final = 3
"""Weeks in which files waited and none went on: fewer may be holidays or a courier who was ill."""
_IN_PHASE: Final = 0.95
"""Share of transitions that must fall in the weeks of an interval."""
_MONTH_DAYS: Final = (24, 39)
"""Fewest and most days between departures of consecutive months (a holiday moves a date by several days)."""
_SAME_DATE: Final = 4
"""Spread of the days of the month of a date that weekends and holidays move."""
_MIN_FULL: Final = 5
"""Departures that left files behind, from which places are counted."""
_FULL_SHARE: Final = 0.9
"""Share of these that must have taken exactly the largest number."""
_IN_ORDER: Final = 0.95
"""Share of files that must go on in the order in which they came: places are taken first come, first served."""


@dataclass(frozen=True)
class Weeks:
    """In which weeks a timetable runs.

    Attributes
    ----------
    every
        Interval in weeks.
    phase
        Weeks since the log's first week, modulo `every`, in which it runs.
    monthly
        It really runs by the month: ``date`` (day of the month) or ``weekday`` (such as the first Tuesday), else "".
    number
        Of a monthly one: the day of the month, or which of the month's weekdays; otherwise 0.
    skipped
        Weeks in which files waited for it in vain.
    """

    every: int = 1
    phase: int = 0
    monthly: str = ""
    number: int = 0
    skipped: int = 0


EVERY_WEEK: Final = Weeks()


@dataclass(frozen=True, eq=False)
class Release:
    """A timetable at which waiting files go on together (batching).

    Attributes
    ----------
    times
        Times of day, ms since midnight.
    weekdays
        Names of the weekdays.
    share
        Share of the transitions that keep to it.
    weeks
        In which weeks it runs.
    capacity, full
        Files that one departure takes (0: no limit was seen), and departures that left files behind.
    """

    times: tuple[int, ...]
    weekdays: tuple[str, ...]
    share: float
    weeks: Weeks = EVERY_WEEK
    capacity: int = 0
    full: int = 0

    def runs_like(self, other: Release) -> bool:
        """Tell whether two timetables have the same departures."""
        ours = (self.times, self.weekdays, self.weeks.every, self.weeks.phase)
        return ours == (other.times, other.weekdays, other.weeks.every, other.weeks.phase)


def find_release(since: IntArray, until: IntArray, traces: Traces) -> Release | None:
    """Return the few times of day at which nearly all transitions end, if there are such.

    Parameters
    ----------
    since, until
        Moments, shape (n,); only transitions that take time.
    traces
        The log.
    """
    if until.size < _MIN_TRANSITIONS or traces.resolution_ms >= DAY_MS:
        return None
    minutes = until % DAY_MS // MINUTE_MS
    times, counts = np.unique(minutes, return_counts=True)
    top = np.argsort(-counts)[:_MAX_TIMES]
    top = top[counts[top] >= _MIN_TIME_SHARE * until.size]
    share = float(counts[top].sum() / until.size)
    if share < _MIN_RELEASED or until.size < _PER_TIME * top.size:
        return None
    on_time = np.isin(minutes, times[top])
    since, until = since[on_time], until[on_time]
    by_weekday = np.bincount((until // DAY_MS + traces.first_day.weekday()) % 7, minlength=7)
    weekdays = by_weekday > _MIN_TIME_SHARE * by_weekday.sum()
    weeks = departure_weeks(since, until, first_day=traces.first_day)
    if weeks.monthly == "date":  # its weekday differs from month to month
        weekdays = np.arange(7) == int(until.max() // DAY_MS + traces.first_day.weekday()) % 7
    capacity, full = capacity_of(since, until)
    return Release(
        times=tuple(int(t) * MINUTE_MS for t in np.sort(times[top])),
        weekdays=tuple(WEEKDAYS[k] for k in np.flatnonzero(weekdays)),
        share=share,
        weeks=weeks,
        capacity=capacity,
        full=full,
    )


def week_of(day: IntArray, first_day: dt.date) -> IntArray:
    """Return the number of weeks (from Monday) since the log's first week."""
    weeks: IntArray = (day + first_day.weekday()) // 7
    return weeks


def departure_weeks(since: IntArray, until: IntArray, *, first_day: dt.date) -> Weeks:
    """Return in which weeks departures fall.

    Parameters
    ----------
    since, until
        Moments since which each file waited, and of its departure.
    first_day
        The log's first day.
    """
    day = until // DAY_MS
    week = week_of(day, first_day)
    departing, counts = np.unique(week, return_counts=True)
    waiting = np.unique(np.concatenate([np.arange(a, b) for a, b in _gaps(week_of(since // DAY_MS, first_day), week)]))
    skipped = int(np.setdiff1d(waiting, departing).size)
    if departing.size < MIN_ROUNDS or skipped < _MIN_SKIPPED:
        return EVERY_WEEK
    for every in range(MAX_WEEKS, 1, -1):
        by_phase = np.bincount(departing % every, weights=counts, minlength=every)
        if by_phase.max() >= _IN_PHASE * by_phase.sum():
            return Weeks(every, int(np.argmax(by_phase)), skipped=skipped)
    return _by_month(np.unique(day), first_day, skipped)


def _gaps(begin: IntArray, end: IntArray) -> list[tuple[int, int]]:
    """Return the distinct stretches of weeks in which a file waited, without the first and the last."""
    pairs = np.unique(np.column_stack([begin + 1, end]), axis=0)
    return [(int(a), int(b)) for a, b in pairs.tolist()]


def _by_month(days: IntArray, first_day: dt.date, skipped: int) -> Weeks:
    """Return the interval of weeks that comes nearest to departures once a month, or that of a weekly timetable."""
    gaps = np.diff(days)
    if not np.all((gaps >= _MONTH_DAYS[0]) & (gaps <= _MONTH_DAYS[1])):
        return EVERY_WEEK
    dates = [first_day + dt.timedelta(days=day) for day in days.tolist()]
    every = max(round(float(gaps.mean()) / 7), 1)
    phase = int(week_of(days[-1:], first_day)[0]) % every
    if len({date.weekday() for date in dates}) == 1:
        which = np.array([(date.day - 1) // 7 + 1 for date in dates])
        number = int(np.bincount(which).argmax())
        return Weeks(every, phase, "weekday", number, skipped)
    of_month = np.array([date.day for date in dates])
    # Weekends and holidays move a date to later days, at the end of a month into the next.
    of_month = np.where(of_month < of_month.max() - 20, of_month + 30, of_month)
    if np.ptp(of_month) > _SAME_DATE:
        return EVERY_WEEK
    return Weeks(every, phase, "date", int(of_month.min()), skipped)


def capacity_of(since: IntArray, until: IntArray) -> tuple[int, int]:
    """Return how many files a departure takes (0: no limit was seen), and how many departures left files behind.

    Without a limit whatever waits goes on.  With one, a departure that leaves files behind takes exactly the limit, and
    files go on in the order in which they came.

    Parameters
    ----------
    since, until
        Moments since which each file waited, and of its departure.
    """
    minute = until // MINUTE_MS
    departures, boarded = np.unique(minute, return_counts=True)
    came = np.searchsorted(np.sort(since // MINUTE_MS), departures, side="left")
    behind = came - np.cumsum(boarded)
    full = behind > 0
    largest = int(boarded.max(initial=0))
    n = int(full.sum())
    if n < _MIN_FULL or (boarded[full] == largest).mean() < _FULL_SHARE or _in_order(since, minute) < _IN_ORDER:
        return 0, 0
    return largest, n


def _in_order(since: IntArray, departure: IntArray) -> float:
    """Return the share of files that do not depart before a file that came earlier."""
    order = np.lexsort((departure, since))
    in_order: BoolArray = departure[order] >= np.maximum.accumulate(departure[order])
    return float(in_order.mean())
