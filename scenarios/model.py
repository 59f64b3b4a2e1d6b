"""What a scenario can say: the validated form of a scenario file.

Comes in: the nested dictionaries that :mod:`scenarios.compose.composing` has put together.  Goes out: a frozen
:class:`Scenario`.  Units stand in the text of a value ("12 min", "3 working days"); every key is checked,
every number bounded.  The file format is documented key by key in ``docs/reference/scenario-format.md``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from foundation import messages
from foundation.errors import ScenarioError
from foundation.units import parse_days, parse_duration, parse_time_of_day
from scenarios.laws import Law, Share

__all__ = [
    "COMPANIONS",
    "FORMAT",
    "MARKS",
    "PURPOSES",
    "STOPS",
    "WEEKDAYS",
    "Absent",
    "Arrival",
    "Backlog",
    "CalendarSpec",
    "ComesBack",
    "LawRules",
    "Person",
    "Pool",
    "Provenance",
    "Route",
    "RunSpec",
    "Scenario",
    "Service",
    "Shift",
    "Site",
    "Slots",
    "Step",
    "Target",
    "Text",
    "Timetable",
]

FORMAT: Final = 1
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PURPOSES: Final = ("enquire", "apply", "supplement", "pay", "collect")
MARKS: Final = (
    "accepted",
    "accepted-with-gaps",
    "incomplete",
    "refused",
    "withdrawn",
    "decided",
    "finished",
    "delivered",
)
"""What can happen to an item: 受理, 容缺受理, 补正告知, 退回, 撤回, 决定, 办结, 送达."""

STOPS: Final = (
    "applicant",
    "auction",
    "hearing",
    "testing",
    "inspection",
    "quarantine",
    "appraisal",
    "expert-review",
    "on-site-check",
    "on-record",
)
"""What can stop the statutory clock (Administrative Licensing Law art. 45; ``applicant`` is a correction;
``on-site-check`` counts only where the scenario's ``law`` table says that a local rule lists it; ``on-record`` is a
suspension that the authority's own record shows without saying why)."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Purpose = Literal["enquire", "apply", "supplement", "pay", "collect"]
Mark = Literal[
    "accepted", "accepted-with-gaps", "incomplete", "refused", "withdrawn", "decided", "finished", "delivered"
]
Stop = Literal[
    "applicant",
    "auction",
    "hearing",
    "testing",
    "inspection",
    "quarantine",
    "appraisal",
    "expert-review",
    "on-site-check",
    "on-record",
]
ServiceKind = Literal["instant", "committed", "joint", "referred", "consult"]
DAY_MS: Final = 86_400_000
MOST_STEPS: Final = 1_000
"""Steps that one route may have: what bounds the work of checking it."""


_SLUG: Final = "[a-z0-9][a-z0-9?-]{0,63}"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _only_text(reader: Callable[[str], int], example: str) -> BeforeValidator:
    def read(value: Any) -> int:
        if not isinstance(value, str):
            raise ScenarioError("error.bad_quantity", value=value, example=example)
        return reader(value)

    return BeforeValidator(read)


def _slug(name: str) -> str:
    if not re.fullmatch(_SLUG, name):
        raise ScenarioError("error.bad_name", value=name)
    return name


Duration = Annotated[
    int, _only_text(parse_duration, "12 min"), WithJsonSchema({"type": "string", "examples": ["12 min", "1.5 h"]})
]
Days = Annotated[
    int, _only_text(parse_days, "3 working days"), WithJsonSchema({"type": "string", "examples": ["3 working days"]})
]
TimeOfDay = Annotated[
    int, _only_text(parse_time_of_day, "09:30"), WithJsonSchema({"type": "string", "examples": ["09:30"]})
]
Name = Annotated[str, AfterValidator(_slug), WithJsonSchema({"type": "string", "pattern": f"^{_SLUG}$"})]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Priority = Annotated[int, Field(ge=0, le=9)]
Weight = Annotated[float, Field(ge=0, le=1e9)]


class Text(_Table):
    """A title in both languages; a bare string stands for both.

    Attributes
    ----------
    en, zh
        The text in English and in Chinese.
    """

    en: str
    zh: str

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, data: Any) -> Any:
        return {"en": data, "zh": data} if isinstance(data, str) else data

    def __bool__(self) -> bool:
        return bool(self.en or self.zh)

    def said(self, language: messages.Language | None = None) -> str:
        """Return the text in a language, by default the one in use."""
        return self.zh if (language or messages.language()) == "zh" else self.en


EMPTY: Final = Text(en="", zh="")


def _read_interval(value: Any) -> Any:
    start, dash, end = value.partition("-") if isinstance(value, str) else ("", "", "")
    if not dash or parse_time_of_day(start) >= parse_time_of_day(end):
        raise ScenarioError("error.bad_interval", value=value)
    return (parse_time_of_day(start), parse_time_of_day(end))


Interval = Annotated[
    tuple[int, int],
    BeforeValidator(_read_interval),
    WithJsonSchema({"type": "string", "examples": ["09:00-12:00"]}),
]
"""Opening interval: milliseconds since midnight, ``[open, close)``."""


def _read_hours(value: Any) -> Any:
    if isinstance(value, (str, list)):
        value = {"default": value}
    if not isinstance(value, dict):
        return value
    intervals = {day: _read_intervals(given) for day, given in value.items()}
    default = intervals.pop("default", None)
    return intervals if default is None else dict.fromkeys(WEEKDAYS, default) | intervals


def _read_intervals(value: Any) -> Any:
    if isinstance(value, str):
        return ["00:00-24:00"] if value == "always" else [value]
    return value


def _hours_do_not_overlap(
    hours: dict[Weekday, list[tuple[int, int]]],
) -> dict[Weekday, list[tuple[int, int]]]:
    for day, intervals in hours.items():
        ordered = sorted(intervals)
        if any(first[1] > second[0] for first, second in pairwise(ordered)):
            raise ScenarioError("error.hours_overlap", day=day)
    return {day: sorted(intervals) for day, intervals in hours.items()}


Hours = Annotated[
    dict[Weekday, list[Interval]],
    BeforeValidator(_read_hours),
    AfterValidator(_hours_do_not_overlap),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "examples": ["always", "09:00-17:00"]},
                {"type": "array", "items": {"type": "string"}},
                {
                    "type": "object",
                    "properties": {
                        day: {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
                        for day in (*WEEKDAYS, "default")
                    },
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
"""Opening hours by weekday: ``"always"``, a list of intervals for every working day, or a table by
weekday."""


class RunSpec(_Table):
    """How long to simulate, on which days, from which seed.

    Attributes
    ----------
    start
        The first day.
    warm_up_days, days, follow_up_days
        Working days that fill the hall, that are measured, and in which what the measured days brought is
        followed to its end.  Demand goes on through all three.
    replications, seed
        Default number of replications and seed.
    """

    start: dt.date = dt.date(2014, 3, 3)
    warm_up_days: Annotated[int, Field(ge=0, le=2_500)] = 0
    days: Annotated[int, Field(ge=1, le=25_000)] = 60
    follow_up_days: Annotated[int, Field(ge=0, le=2_500)] = 0
    replications: Annotated[int, Field(ge=1, le=100_000)] = 20
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1


class CalendarSpec(_Table):
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

    country: Literal["CN", "none"] = "none"
    weekend: list[Weekday] = []
    off: list[dt.date] = []
    work: list[dt.date] = []
    hours: Hours = Field(default_factory=lambda: _hours_do_not_overlap({day: [(0, DAY_MS)] for day in WEEKDAYS}))


class LawRules(_Table):
    """Rules of counting that differ from place to place.

    Attributes
    ----------
    on_site_check_stops_clock
        A local list says that an on-site check stops the statutory clock.
    """

    on_site_check_stops_clock: bool = False


class Site(_Table):
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
        Relative demand by time of day (start of a piece: weight), for sources and return visits that name
        none.
    """

    title: Text = EMPTY
    hours: Hours | None = None
    doors_open: Duration = 0
    tickets_stop: Duration = 0
    at_close: Literal["serve", "send-home"] = "serve"
    room: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    profile: dict[str, Weight] | None = None

    @field_validator("profile")
    @classmethod
    def _profile_is_readable(cls, profile: dict[str, float] | None) -> dict[str, float] | None:
        return _check_profile(profile)


def _check_profile(profile: dict[str, float] | None) -> dict[str, float] | None:
    if profile is not None:
        times = [parse_time_of_day(start) for start in profile]
        if times != sorted(set(times)) or not any(profile.values()):
            raise ScenarioError("error.bad_profile")
    return profile


class Shift(_Table):
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


class Pool(_Table):
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
        At an edge of its hours a server will ``finish`` the service in hand, or ``pause`` it and resume it
        at the next opening.
    at_close
        What the day's last closing does to those who wait: as the site says (default for pools that
        visitors use), ``serve``, ``send-home``, or ``keep`` them in the queue until the next opening
        (default for back offices).
    discipline
        ``fifo`` (first come, first served within a priority) or ``due-date`` (earliest due date within a
        priority).
    preemptive
        A higher priority takes the server from a lower one, whose service is resumed later.
    room
        Waiting places; a visitor who finds them taken leaves.
    work_factor
        Multiplies every service requirement: the price of generality of a pooled window.
    merge_into
        This pool gives its servers and its work to another pool.
    cost_per_hour
        Yuan per rostered server-hour.
    """

    title: Text = EMPTY
    site: str = "hall"
    department: str = ""
    role: str = ""
    servers: Count = 1
    hours: Hours | None = None
    roster: list[Shift] | None = None
    at_break: Literal["finish", "pause"] = "finish"
    at_close: Literal["serve", "send-home", "keep"] | None = None
    discipline: Literal["fifo", "due-date"] = "fifo"
    preemptive: bool = False
    room: Count | None = None
    work_factor: Annotated[float, Field(gt=0, le=100)] = 1.0
    merge_into: str | None = None
    cost_per_hour: Annotated[float, Field(ge=0, le=1e6)] = 0.0


class Timetable(_Table):
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
    every_weeks: Annotated[int, Field(ge=1, le=52)] = 1
    capacity: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    transfer: bool = False
    site: str = "hall"

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.times is None) == (self.every is None) or self.every == 0 or self.times == []:
            raise ScenarioError("error.timetable_needs")
        return self


class Absent(_Table):
    """A number is called, nobody comes: the window spends some time calling, the visitor rejoins or leaves.

    Attributes
    ----------
    share
        How many miss their call.
    call
        How long the window calls them.
    away
        After how long they are back.
    then
        ``rejoin`` the queue, or ``leave``.
    """

    share: Share
    call: Law
    away: Law | None = None
    then: Literal["rejoin", "leave"] = "rejoin"


class Step(_Table):
    """One step of a route.  It does at most one thing, then may set a mark, then goes on.

    Attributes
    ----------
    title
        What it is called.
    pool, work, priority, patience, absent
        Be served: at which pool, for how long, how urgently (0 first, 9 last), waiting no longer than, and how
        many are not there when they are called.
    delay
        Let time pass: plain, opening hours ("2 working hours") or working days ("3 working days").
    until
        Wait for the next departure of a timetable.
    fork, order
        Follow several branches (a route's name, or steps), in parallel or one after another, and go on when
        all are done.
    visit, after, wait
        The applicant comes (again) for this purpose, `after` a delay; the route goes on at once, or waits
        for it.
    start_case
        The application stays in the hall: its case begins.
    route
        Go through a named route.
    mark
        What has happened to the item when the step ends.
    stops_clock
        The statutory clock stands still during the step, and why.
    share
        Only this share of passages takes the step; the others go on to the step that follows.
    skip
        Leave the step out (for levers).
    next
        The next step's name, or names with probabilities; ``end`` ends the route.  By default the step that
        follows.
    """

    title: Text = EMPTY
    pool: str | None = None
    work: Law | None = None
    priority: Priority | None = None
    patience: Law | None = None
    absent: Absent | None = None
    delay: Law | None = None
    until: str | None = None
    fork: dict[Name, RouteRef] | None = None
    order: Literal["parallel", "sequential"] = "parallel"
    visit: Purpose | None = None
    after: Law | None = None
    wait: bool = True
    start_case: bool = False
    route: str | None = None
    mark: Mark | None = None
    stops_clock: Stop | None = None
    share: Share = 1.0
    skip: bool = False
    next: str | dict[str, Share] | None = None

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        actions = [
            name for name in ("pool", "delay", "until", "fork", "visit", "route") if getattr(self, name) is not None
        ]
        actions += ["start_case"] if self.start_case else []
        if len(actions) > 1:
            raise ScenarioError("error.step_two_actions", actions=", ".join(actions))
        if not actions and self.mark is None and self.next is None:
            raise ScenarioError("error.step_no_action")
        for key, needs in COMPANIONS.items():
            given = key in self.model_fields_set and getattr(self, key) is not None
            if given and getattr(self, needs) is None:
                raise ScenarioError("error.step_key_without", key=key, needs=needs)
        if self.pool is not None and self.work is None:
            raise ScenarioError("error.step_key_without", key="pool", needs="work")
        if isinstance(self.next, dict) and abs(sum(self.next.values()) - 1) > 1e-9:
            raise ScenarioError("error.shares_must_sum", total=f"{sum(self.next.values()):g}")
        return self


def _route_is_readable(route: dict[str, Step]) -> dict[str, Step]:
    if not route:
        raise ScenarioError("error.route_empty")
    if len(route) > MOST_STEPS:
        raise ScenarioError("error.route_too_long", n=len(route), most=MOST_STEPS)
    if "end" in route:
        raise ScenarioError("error.step_named_end")
    return route


COMPANIONS: Final = {
    "work": "pool",
    "priority": "pool",
    "patience": "pool",
    "absent": "pool",
    "order": "fork",
    "after": "visit",
    "wait": "visit",
}
"""Keys of a step that say nothing without another one."""

Route = Annotated[dict[Name, Step], AfterValidator(_route_is_readable)]
"""Named steps, in order."""

RouteRef = Annotated[
    Annotated[str, Tag("<name>")] | Annotated[Route, Tag("<steps>")],
    Discriminator(lambda value: "<name>" if isinstance(value, str) else "<steps>"),
]
"""A route, or the name of one."""


class Service(_Table):
    """An item of the catalogue (事项).

    Attributes
    ----------
    title, department
        What it is called, and whose it is.
    kind
        ``instant`` 即办件, ``committed`` 承诺件, ``joint`` 联办件, ``referred`` 上报件,
        ``consult`` (enquiry only).
    legal_limit, promised_limit
        Statutory and promised limit, in working days.
    visits
        What a visitor does, by purpose of the visit: a route's name, or steps.
    case
        What the offices do with an application once it has been left with them.
    case_priority
        Priority of the case at every pool (0 first, 9 last).
    """

    title: Text = EMPTY
    department: str = ""
    kind: ServiceKind = "instant"
    legal_limit: Days | None = None
    promised_limit: Days | None = None
    visits: dict[Purpose, RouteRef] = {}
    case: RouteRef | None = None
    case_priority: Priority = 5


class Slots(_Table):
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


class ComesBack(_Table):
    """What becomes of a visitor who left, was turned away or was sent home.

    Attributes
    ----------
    share
        Probability of another try, each time.
    after
        How long after the failed one.
    at_most
        Number of further tries at the most.
    """

    share: Share = 1.0
    after: Law
    at_most: Annotated[int, Field(ge=1, le=100)] = 3


class Person(_Table):
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


class Arrival(_Table):
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
        Relative demand by time of day (start of a piece: weight); the site's by default.
    weekday, month
        Weights by weekday (scaled to a mean of one) and by month (``"1"`` to ``"12"``).
    before_holiday, after_holiday
        Factors for the last working day before, and the first after, three or more days off.
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
    channel: Literal["walk-in", "appointment", "online"] = "walk-in"
    site: str = "hall"
    per_day: Annotated[float, Field(ge=0, le=1e7)] | None = None
    every: Law | None = None
    at: list[str] | None = None
    slots: Slots | None = None
    profile: dict[str, Weight] | None = None
    weekday: dict[Weekday, Weight] = {}
    month: dict[str, Weight] = {}
    before_holiday: Weight = 1.0
    after_holiday: Weight = 1.0
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
        given = [name for name in ("per_day", "every", "at", "slots") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ScenarioError("error.arrival_needs_one_process", given=", ".join(given) or "–")
        if not self.services or not any(self.services.values()) or not any(self.people.values()):
            raise ScenarioError("error.weights_all_zero")
        unknown = [month for month in self.month if month not in [str(k) for k in range(1, 13)]]
        if unknown:
            raise ScenarioError("error.bad_month", value=unknown[0])
        _check_profile(self.profile)
        return self


class Backlog(_Table):
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


class Provenance(_Table):
    """Where numbers come from.

    Attributes
    ----------
    kind
        ``published`` (say the `source`), ``derived`` (say the `formula`) or ``assumed`` (say the `range` and
        `why`).
    source
        The publication, and where in it.
    formula
        How the number follows from others.
    range, why
        Within which limits, and why this; of a derived number, what its formula leaves open.
    """

    kind: Literal["published", "derived", "assumed"]
    source: Text = EMPTY
    formula: Text = EMPTY
    range: tuple[float | str, float | str] | None = None
    why: Text = EMPTY

    @property
    def basis(self) -> Text:
        """What it rests on, in short: its source, else its formula, else why it is assumed."""
        return self.source or self.formula or self.why

    @field_validator("range", mode="before")
    @classmethod
    def _pair(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) and len(value) == 2 else value

    @model_validator(mode="after")
    def _says_what_it_must(self) -> Self:
        needed = {"published": self.source, "derived": self.formula, "assumed": self.range and self.why}
        if not needed[self.kind]:
            raise ScenarioError("error.provenance_needs", kind=self.kind)
        return self


class Target(_Table):
    """A published figure that the simulation is held against.

    Attributes
    ----------
    low, high
        The interval that its wording allows.
    source
        Where it stands.
    """

    low: float
    high: float
    source: Text


class Scenario(_Table):
    """A hall, its people, its demand and its rules: all that one simulation needs.

    Attributes
    ----------
    format
        Version of the format: 1.
    name, title, description
        What the scenario is called, and what it is about.
    levers
        The levers that were applied.
    demand
        Multiplies every rate of arrival.
    run, calendar, law
        How long to simulate; when is work; how limits are counted.
    sites, pools, timetables
        Places, servers, and what runs by the clock.
    routes, services
        Steps to go through: those with a name of their own, and those of every item of the catalogue.
    people, arrivals
        Who comes, and for what.
    backlog
        Cases that are open when the measured days begin.
    provenance
        Where the numbers come from: by dotted path, with ``*`` and ``?`` as wildcards.
    targets
        Published figures, by the name of a metric.
    """

    format: Literal[1]
    name: Name
    title: Text = EMPTY
    description: Text = EMPTY
    levers: list[str] = []
    demand: Annotated[float, Field(ge=0, le=1_000)] = 1.0
    run: RunSpec = RunSpec()
    calendar: CalendarSpec = CalendarSpec()
    law: LawRules = LawRules()
    sites: dict[Name, Site] = {"hall": Site()}
    pools: dict[Name, Pool] = {}
    timetables: dict[Name, Timetable] = {}
    routes: dict[Name, Route] = {}
    services: dict[Name, Service]
    people: dict[Name, Person] = {"citizen": Person()}
    arrivals: dict[Name, Arrival]
    backlog: dict[Name, Backlog] = {}
    provenance: dict[str, Provenance] = {}
    targets: dict[str, Target] = {}


Step.model_rebuild()
