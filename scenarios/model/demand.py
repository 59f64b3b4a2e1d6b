"""Demand: who comes, when, for what, and which cases are open at the start.

Input: the tables ``people``, ``visitors``, ``arrivals`` and ``backlog``.  Output: one frozen model for each.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from foundation.errors import ScenarioError
from scenarios.model.laws import Law, Share
from scenarios.model.values import EMPTY, Count, Priority, Profile, Table, Text, TimeOfDay, Weight
from scenarios.model.vocabulary import ARRIVAL_PROCESSES, WEEKDAYS, Channel, Purpose, Weekday

__all__ = ["Arrival", "Backlog", "ComesBack", "Person", "Slots", "Visitors"]


class Slots(Table):
    """Bookable times of every working day.

    Attributes
    ----------
    times, days
        Times of day, on these weekdays.
    seats
        How many can be booked for each time.
    booked
        Share of seats that are booked.
    no_show
        Share of those booked who don't come.
    lateness
        How much later than booked they come; earlier, if it is negative.
    """

    times: Annotated[list[TimeOfDay], Field(min_length=1, max_length=1_000)]
    days: list[Weekday] = list(WEEKDAYS)
    seats: Annotated[int, Field(ge=1, le=10_000)] = 1
    booked: Share = 1.0
    no_show: Share = 0.0
    lateness: Law | None = None


class ComesBack(Table):
    """What becomes of a visitor who left, was turned away or was sent home.

    Attributes
    ----------
    share
        Probability of another try, each time.
    after
        How long after the failed one: the very moment, if tickets are given then; after days, a time of day.
    at_most
        Number of further tries at the most.
    """

    share: Share = 1.0
    after: Law
    at_most: Annotated[int, Field(ge=1, le=100)] = 3


class Person(Table):
    """A kind of visitor: citizen, enterprise, agent, elderly.

    Attributes
    ----------
    title
        What it is called.
    priority
        Priority in queues (0 first, 9 last); the more urgent of this and the source's counts.
    work_factor
        Multiplies the time that their services take at a pool.
    """

    title: Text = EMPTY
    priority: Priority = 5
    work_factor: Annotated[float, Field(gt=0, le=100)] = 1.0


class Visitors(Table):
    """What the time of visitors is worth.

    Attributes
    ----------
    value_of_hour
        Yuan for an hour of a visitor, on the way or at a site; ``None`` if nothing is said.
    """

    value_of_hour: Annotated[float, Field(ge=0, le=1e6)] | None = None


class Arrival(Table):
    """A source of visits (or of online applications).

    Attributes
    ----------
    title
        What it is called.
    services
        The service, or services with weights.
    purpose
        What these visitors come for.
    channel, site
        How they come (``walk-in``, ``appointment``, or ``online``, without entering the hall), and where.
    per_day
        Mean number per working day, shaped by `profile`, `weekday`, `month` and the holidays.
    every
        Instead: the law of the time between arrivals, in opening time (a renewal process).
    at
        Instead: stated times, ``"09:00"`` on every working day or ``"2014-03-03 09:00"`` once.
    slots
        Instead: appointments.
    profile
        Relative demand by time of day (start of a piece: weight), the same on every weekday or by weekday; the site's
        by default.  The level of a weekday is `weekday`'s alone.
    weekday, month
        Weights by weekday (scaled to a mean of one) and by month (``"1"`` to ``"12"``).
    before_holiday, after_holiday
        Factors for the last working day before, and the first after, three or more days off.
    around_spring_festival
        Factor for the three last working days before, and the three first after, seven or more days off that begin
        in January or February.
    day_dispersion
        Variance over mean of a day's count; more than 1 draws a gamma factor for every day.
    batch
        How many come together.
    people
        Kinds of visitors, with weights.
    priority
        Priority in queues (0 first, 9 last).
    patience
        How long they wait in one queue, where the step says nothing else.
    comes_back
        What those do who left or were turned away; by default they give up.
    """

    title: Text = EMPTY
    services: dict[str, Weight]
    purpose: Purpose = "apply"
    channel: Channel = "walk-in"
    site: str = "hall"
    per_day: Annotated[float, Field(ge=0, le=1e7)] | None = None
    every: Law | None = None
    at: list[str] | None = None
    slots: Slots | None = None
    profile: Profile | None = None
    weekday: dict[Weekday, Weight] = {}
    month: dict[str, Weight] = {}
    before_holiday: Weight = 1.0
    after_holiday: Weight = 1.0
    around_spring_festival: Weight = 1.0
    day_dispersion: Annotated[float, Field(ge=1, le=1e6)] = 1.0
    batch: Law | None = None
    people: dict[str, Weight] = {"citizen": 1.0}
    priority: Priority = 5
    patience: Law | None = None
    comes_back: ComesBack | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_service(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("services"), str):
            return data | {"services": {data["services"]: 1.0}}
        return data

    @model_validator(mode="after")
    def _one_process(self) -> Self:
        processes = [name for name in ARRIVAL_PROCESSES if getattr(self, name) is not None]
        if not processes:
            raise ScenarioError("error.arrival_needs_a_process")
        if len(processes) > 1:
            raise ScenarioError("error.arrival_needs_one_process", given=", ".join(processes))
        if not self.services or not any(self.services.values()) or not any(self.people.values()):
            raise ScenarioError("error.weights_all_zero")
        unknown = [month for month in self.month if month not in [str(k) for k in range(1, 13)]]
        if unknown:
            raise ScenarioError("error.bad_month", value=unknown[0])
        return self


class Backlog(Table):
    """Cases that are open when the measured days begin: today's backlog.

    The days of warm-up then are history, in which nobody comes: long enough for the oldest case to have been accepted.

    Attributes
    ----------
    service
        What was applied for.
    stage
        The step of the service's case that comes next for these cases; the first by default.
    ages
        How many cases, by the number of working days since they were accepted: ``{ "1" = 12, "5" = 3 }``.  One that
        was accepted on the working day before the first measured one has the age 1.
    site
        Whose calendar counts for them, and where their applicants come.
    """

    service: str
    stage: str | None = None
    ages: Annotated[dict[str, Count], Field(min_length=1)]
    site: str = "hall"

    @field_validator("ages")
    @classmethod
    def _ages_are_days(cls, ages: dict[str, int]) -> dict[str, int]:
        for age in ages:
            if not re.fullmatch("[1-9][0-9]{0,3}", age):
                raise ScenarioError("error.bad_age", value=age)
        return ages
