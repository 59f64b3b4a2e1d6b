"""Rounds: cases that wait for the same departure, meeting or signing day, which no moment of the log shows.

Input: the days since which cases waited and on which they went on or were finished.
Output: a :class:`Rhythm`, if the days from the next round describe the second days better than the days from the first
ones, and :class:`Rounds` of a ledger.  Both are laws of a date given an earlier one: Akaike's criterion compares them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from calibration.discovery.control_flow.routing import Routing
from calibration.discovery.laws.survival import Lifetimes, estimate_lifetimes
from calibration.discovery.log.traces import Traces
from calibration.discovery.timing.timetables import MAX_WEEKS, MIN_ROUNDS, Release, Weeks, week_of
from foundation.arrays import BoolArray, IntArray
from scenarios.model import WEEKDAYS
from sim.calendar import DAY_MS, WorkCalendar

__all__ = ["Rhythm", "Rounds", "discover_rounds", "find_rhythm"]

_MIN_CASES: Final = 60
"""Cases below which no rounds are looked for."""
_MIN_GAIN: Final = 0.1
"""Gain in nats per case from which rounds are believed: with many cases any difference is certain."""
_MIN_TOTAL_GAIN: Final = 30.0
"""Gain over all cases: the best of some 360 intervals, weekdays and phases gains a few nats by chance."""
_EARLIER: Final = 0.01
"""Share of cases that may go on before their round: by another way, or by a wrong date."""
_MAX_CASES: Final = 1_000
"""Cases that the search looks at, the latest: the gain of a true rhythm is certain with fewer."""
_AHEAD_DAYS: Final = 7 * MAX_WEEKS + 7
"""Days after the log's end, so that every case has a next round."""


@dataclass(frozen=True)
class Rhythm:
    """When rounds take place.

    Attributes
    ----------
    weeks, weekday
        In which weeks, and on which weekday (Monday 0).
    same_day
        Whoever comes on the day of a round still takes part (it is in the evening); otherwise it is in the morning.
    gain
        Gain in nats per case over a law of the days since each case came.
    """

    weeks: Weeks
    weekday: int
    same_day: bool
    gain: float = 0.0

    def boarded(self, day: IntArray, calendar: WorkCalendar) -> IntArray:
        """Return for each day that of the next round, which may lie after the log's end."""
        days = np.arange(calendar.workdays.size + _AHEAD_DAYS)
        worked: BoolArray = np.r_[calendar.workdays, np.ones(_AHEAD_DAYS, dtype=np.bool_)]
        on = (days + calendar.first_day.weekday()) % 7 == self.weekday
        on &= week_of(days, calendar.first_day) % self.weeks.every == self.weeks.phase
        departures = np.flatnonzero(on & worked)
        position = np.searchsorted(departures, day, side="left" if self.same_day else "right")
        following: IntArray = departures[position]
        return following

    def moment(self, calendar: WorkCalendar) -> int:
        """Return the time of day, in ms since midnight: the first opening, or the last closing."""
        return int(calendar.closes[-1] if self.same_day else calendar.opens[0]) % DAY_MS or DAY_MS * self.same_day

    def release(self, calendar: WorkCalendar, *, share: float) -> Release:
        """Return the timetable, to which a share of the cases keeps."""
        return Release((self.moment(calendar),), (WEEKDAYS[self.weekday],), share, self.weeks)


@dataclass(frozen=True, eq=False)
class Rounds:
    """Rounds that the cases of a ledger go by.

    Attributes
    ----------
    release
        The timetable.
    turnaround
        By service (-1: all): working days from the round to the end.
    gain
        Gain in nats per case over a law of the days since acceptance.
    n
        Closed cases.
    """

    release: Release
    turnaround: Mapping[int, Lifetimes]
    gain: float
    n: int


def discover_rounds(traces: Traces, routing: Routing, *, calendar: WorkCalendar, observed_from: int) -> Rounds | None:
    """Return the rounds of a ledger, if its dates show some.

    Parameters
    ----------
    traces, routing
        The ledger, and which of its cases are closed.
    calendar
        Working days and opening hours.
    observed_from
        Moment from which the ledger holds all arrivals.
    """
    usable = ~routing.begun_before
    closed = usable & ~routing.open
    accepted, ended = traces.arrived // DAY_MS, np.where(closed, traces.last_moment, traces.last) // DAY_MS
    rhythm = find_rhythm(accepted[closed], ended[closed], calendar)
    if rhythm is None:
        return None
    boarded = rhythm.boarded(accepted, calendar)
    seen = usable & (boarded <= ended)
    number = calendar.workday_number
    first = number(np.minimum(boarded, ended))
    lasted = (number(ended) - first).astype(np.float64)
    entry = np.where(accepted < observed_from // DAY_MS, observed_from // DAY_MS, 0)
    age = np.maximum(number(entry) - first, 0).astype(np.float64)
    turnaround = {}
    for service in (-1, *range(len(traces.services))):
        mask = seen if service < 0 else seen & (traces.service == service)
        if mask.any():
            turnaround[service] = estimate_lifetimes(lasted[mask], closed[mask], entry=age[mask])
    release = rhythm.release(calendar, share=float((boarded <= ended)[closed].mean()))
    return Rounds(release, turnaround, rhythm.gain, int(closed.sum()))


def find_rhythm(came: IntArray, went_on: IntArray, calendar: WorkCalendar) -> Rhythm | None:
    """Return the rhythm of rounds that describes the days best, if any does.

    Parameters
    ----------
    came, went_on
        Day since which each case waited, and day on which it went on.
    calendar
        Working days.
    """
    if came.size < _MIN_CASES:
        return None
    latest = np.argsort(came, kind="stable")[-_MAX_CASES:]
    came, went_on = came[latest], went_on[latest]
    number = calendar.workday_number
    plain = _criterion(number(went_on) - number(came))
    best: Rhythm | None = None
    for rhythm in _rhythms(calendar):
        boarded = rhythm.boarded(came, calendar)
        if (boarded > went_on).mean() > _EARLIER or np.unique(boarded).size < MIN_ROUNDS:
            continue
        after = number(went_on) - number(np.minimum(boarded, went_on))
        gain = (_criterion(after) - plain) / came.size
        if gain > (best.gain if best is not None else 0.0):
            best = replace(rhythm, gain=gain)
    if best is None or best.gain < _MIN_GAIN or best.gain * came.size < _MIN_TOTAL_GAIN:
        return None
    return best


def _rhythms(calendar: WorkCalendar) -> Iterator[Rhythm]:
    """Yield what is tried; a round in the morning comes before one in the evening of the day before, its equal."""
    weekdays = np.unique((np.flatnonzero(calendar.workdays) + calendar.first_day.weekday()) % 7).tolist()
    for same_day in (False, True):
        for every in range(1, MAX_WEEKS + 1):
            for weekday in weekdays:
                for phase in range(every):
                    yield Rhythm(Weeks(every, phase), weekday, same_day)


def _criterion(values: IntArray) -> float:
    """Return the log likelihood of a sample under its own frequencies, less the number of free frequencies."""
    counts = np.unique(values, return_counts=True)[1]
    return float((counts * np.log(counts / values.size)).sum()) - (counts.size - 1)
