"""The hall: its calendar, its sites, its pools of servers, and its timetables.

Input: the tables ``calendar``, ``sites``, ``pools`` and ``timetables``.  Output: one frozen model for each.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Self

from pydantic import Field, model_validator

from foundation.errors import ScenarioError
from scenarios.model.values import (
    ALWAYS,
    DAY_MS,
    EMPTY,
    Count,
    Duration,
    Hours,
    Interval,
    Profile,
    Table,
    Text,
    TimeOfDay,
)
from scenarios.model.vocabulary import WEEKDAYS, AtBreak, AtClose, Country, Discipline, SiteAtClose, Weekday

__all__ = ["CalendarSpec", "Pool", "Shift", "Site", "Timetable"]


class CalendarSpec(Table):
    """Working days and opening hours.

    Attributes
    ----------
    country
        Whose public holidays and make-up working days hold: ``CN``, or ``none``.
    weekend
        Weekdays that are off every week; by default Saturday and Sunday for ``CN``, and no day for ``none``.
    off, work
        Dates that are off, and dates that are worked, whatever the rest says.
    hours
        Opening hours of every site that has none of its own: ``"always"``, intervals such as
        ``["09:00-12:00", "13:00-17:00"]``, or a table by weekday, with ``default`` for those it does not name.
    """

    country: Country = "none"
    weekend: list[Weekday] = []
    off: list[dt.date] = []
    work: list[dt.date] = []
    hours: Hours = Field(default_factory=lambda: {day: list(intervals) for day, intervals in ALWAYS.items()})


class Site(Table):
    """A place with doors: the hall, a sub-centre, a township desk.

    Attributes
    ----------
    title
        What it is called.
    hours
        Own opening hours; the calendar's by default.
    doors_open
        How long before an opening the first ticket is given.
    tickets_stop
        How long before the day's last closing the last ticket is given.
    at_close
        What happens at the day's last closing to those who still wait: ``serve`` them (overtime) or
        ``send-home``.
    room
        How many visitors fit in; the next one is turned away.
    profile
        Relative demand by time of day (start of a piece: weight), the same on every weekday or by weekday; for sources
        that name none, and for the visits that routes ask for.
    travel
        A visitor's way there, one way; ``None`` if it is not known.  No arrival depends on it.
    """

    title: Text = EMPTY
    hours: Hours | None = None
    doors_open: Duration = 0
    tickets_stop: Duration = 0
    at_close: SiteAtClose = "serve"
    room: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    profile: Profile | None = None
    travel: Duration | None = None


class Shift(Table):
    """Servers on duty on some weekdays during one interval; overlapping shifts add up.

    Attributes
    ----------
    days
        Weekdays, ``mon`` to ``sun``; all by default.
    hours
        The interval, such as ``"09:00-12:00"``.
    servers
        How many are on duty.
    """

    days: list[Weekday] = list(WEEKDAYS)
    hours: Interval
    servers: Count


class Pool(Table):
    """Servers that share a queue: a window, a triage desk, a review section, a chief, an inspection team.

    Attributes
    ----------
    title
        What it is called.
    site, department, role
        Where it stands, whose it is, what it is for (the last two for grouping only).
    servers, hours, roster
        `servers` on duty during `hours` (the site's by default), or a `roster` of shifts instead.
    at_break
        At an edge of its hours a server will ``finish`` the service in hand, or ``pause`` it until a server is on duty
        for it again: work in hand then never exceeds the servers on duty.  With ``last-call`` it calls nobody whose
        service would not end before the pool closes.
    at_close
        What the day's last closing does to those who wait: as the site says (default for pools that
        visitors use), ``serve`` (while anybody is inside; at a site that is always open, while anybody waits at
        the pool), ``send-home``, or ``keep`` them in the queue until the next opening
        (default for back offices).
    discipline
        ``fifo`` (first come, first served within a priority) or ``due-date`` (earliest due date within a
        priority).
    preemptive
        A higher priority takes the server from a lower one, whose service is resumed later.
    room
        Waiting places; a visitor who finds them taken leaves, unless a server serves them at once.  Whoever is
        interrupted or paused waits there too, beyond the places if need be.
    work_factor
        Multiplies every service requirement: the price of generality of a pooled window.
    merge_into
        This pool gives its servers and its work to another pool.
    cost_per_hour
        Yuan per rostered server-hour; a pool merged without one costs what an hour of the others costs.
    """

    title: Text = EMPTY
    site: str = "hall"
    department: str = ""
    role: str = ""
    servers: Count = 1
    hours: Hours | None = None
    roster: list[Shift] | None = None
    at_break: AtBreak = "finish"
    at_close: AtClose | None = None
    discipline: Discipline = "fifo"
    preemptive: bool = False
    room: Count | None = None
    work_factor: Annotated[float, Field(gt=0, le=100)] = 1.0
    merge_into: str | None = None
    cost_per_hour: Annotated[float, Field(ge=0, le=1e6)] = 0.0


class Timetable(Table):
    """Moments at which something departs or convenes: a courier round, a signing hour, a meeting, a booking
    slot.

    Attributes
    ----------
    title
        What it is called.
    times, days
        Times of day, on these weekdays, on working days only.
    every, between
        Instead of `times`: an interval, inside this part of the day.
    count, longest
        Instead of `times`: it departs when `count` have gathered, or when the first of them has waited for `longest`
        (opening hours of the site).
    every_weeks
        Only every so many weeks, counted from the week of the run's first day.
    capacity
        How many it takes; the rest wait for the next.
    transfer
        It carries things from place to place (a courier round): waiting for it counts as transfer, not as waiting for
        a batch or a meeting.
    site
        Whose working days it keeps.
    """

    title: Text = EMPTY
    times: list[TimeOfDay] | None = None
    days: list[Weekday] = list(WEEKDAYS)
    every: Duration | None = None
    between: Interval = (0, DAY_MS)
    count: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    longest: Duration | None = None
    every_weeks: Annotated[int, Field(ge=1, le=52)] = 1
    capacity: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    transfer: bool = False
    site: str = "hall"

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.times, self.every, self.count)
        if sum(way is not None for way in ways) != 1 or self.every == 0 or self.times == []:
            raise ScenarioError("error.timetable_needs")
        if self.count is None and self.longest is not None:
            raise ScenarioError("error.longest_without_count")
        by_the_clock = {"capacity", "days", "between", "every_weeks"} & self.model_fields_set
        if self.count is not None and by_the_clock:
            raise ScenarioError("error.count_by_the_clock", key=min(by_the_clock))
        return self
