"""From an event log to what a hall is like: everything that a scenario needs, each with how sure it is.

Comes in: an event log.  Goes out: a :class:`Discovery`, from which :func:`calibration.discovery.scenario.scenario_of`
makes a scenario.  The modules of the package do the work: ``hours``, ``arrivals``, ``routes``, ``pools``,
``durations``, ``gaps``, ``stops``, ``survival``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from calibration.discovery.arrivals import Arrivals, arrivals_of
from calibration.discovery.counted import Counted, counted_of
from calibration.discovery.durations import Duration, durations_of
from calibration.discovery.findings import Finding, findings_frame
from calibration.discovery.gaps import Delay, Split, delays_of, ready_moments, split_of, starts_of
from calibration.discovery.hours import Hours, WorkingDays, calendar_of, hours_of, working_days_of
from calibration.discovery.laws import FittedLaw, censored_law
from calibration.discovery.pools import PoolFound, pool_of_rows, pools_of
from calibration.discovery.priorities import Choices, choices_of, priorities_of
from calibration.discovery.routes import MOST_PASSAGES, Routing, routing_of
from calibration.discovery.stops import StopFound, stops_of
from calibration.discovery.survival import Lifetimes, lifetimes
from calibration.discovery.traces import HasEvents, Traces, read_traces
from sim.calendar import DAY_MS, HOUR_MS, BoolArray, FloatArray, IntArray, WorkCalendar

__all__ = ["Discovery", "Settings", "discover"]

_OFFICE: Final = ((9 * HOUR_MS, 12 * HOUR_MS), (13 * HOUR_MS, 17 * HOUR_MS))
"""Hours of a hall of which only dates are known: an assumption, and said to be one."""
_STAGES: Final = 7


@dataclass(frozen=True)
class Settings:
    """How to read a log.

    Attributes
    ----------
    name
        Name of the scenario to make.
    service
        The column that names the services, "" for none; guessed by default.
    seed
        Of what is random: sub-samples, bootstraps, tests of fit.
    """

    name: str = "from-log"
    service: str | None = None
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Discovery:
    """What a log has shown.

    Attributes
    ----------
    settings
        How it was read.
    traces
        The log as arrays.
    days, hall, arrival_hours
        Working days, hours in which work begins, and hours in which cases arrive.
    arrivals
        The arrival process.
    routing
        What follows what.
    pools, durations, delays
        Who does what, how long it takes, and how long the passages between take.
    stops
        What stops the statutory clock, by code of its activity.
    choices, priorities
        Whom servers took when they had a choice, and the priorities of tasks (service, activity) that follow from it.
    counted
        What the log's own count of days says of them, where it has one.
    patience
        How long visitors wait at the most, where the log shows it.
    turnaround
        By service (-1: all): how long cases take, in working days for dates and in hours otherwise.
    split
        How elapsed time divides.
    estimated_starts, estimated_ready
        Shares of the rows whose start, and whose joining of a queue, had to be estimated.
    findings
        All of it in words, with intervals and tests.
    """

    settings: Settings
    traces: Traces
    days: WorkingDays
    hall: Hours
    arrival_hours: Hours
    arrivals: Arrivals
    routing: Routing
    pools: tuple[PoolFound, ...]
    durations: tuple[Duration, ...]
    delays: tuple[Delay, ...]
    stops: Mapping[int, StopFound]
    choices: tuple[Choices, ...]
    priorities: Mapping[tuple[int, int], int]
    counted: Counted | None
    patience: FittedLaw | None
    turnaround: Mapping[int, Lifetimes]
    split: Split | None
    estimated_starts: float
    estimated_ready: float
    findings: tuple[Finding, ...]

    @property
    def first_day(self) -> dt.date:
        """The log's first day."""
        return self.traces.first_day

    @property
    def last_day(self) -> dt.date:
        """The log's last day."""
        return self.traces.first_day + dt.timedelta(days=self.traces.n_days - 1)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the tables: ``findings``, ``routes`` and ``arrival_rates``."""
        frames = {"findings": findings_frame(self.findings), "routes": self.routing.transitions}
        if len(self.arrivals.rates):
            frames["arrival_rates"] = self.arrivals.rates
        return frames


def discover(
    log: HasEvents,
    *,
    settings: Settings | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Discovery:
    """Find out what a log says about the hall that it comes from.

    Parameters
    ----------
    log
        The event log, read by :func:`calibration.eventlog.read_log`, or simulated.
    settings
        How to read it.
    progress
        Told the number of stages that are done, and of all stages.

    Raises
    ------
    HallplanError
        If the log is empty, or lacks what is asked for.
    """
    from calibration.discovery.wording import findings_of

    settings = settings or Settings()
    rng = np.random.default_rng(settings.seed)
    done = iter(range(1, _STAGES + 1))

    def tell() -> None:
        if progress is not None:
            progress(next(done), _STAGES)

    traces = read_traces(log, service=settings.service)
    tell()
    moments = np.where(traces.start >= 0, traces.start, traces.end)
    moments = moments[(moments >= 0) & ~traces.outside]
    days = working_days_of(moments, first_day=traces.first_day, n_days=traces.n_days)
    if traces.date_only:
        hall = arrival_hours = _office(days)
    else:
        hall = hours_of(moments, days, first_day=traces.first_day)
        arrival_hours = hours_of(traces.arrived, days, first_day=traces.first_day)
    calendar = calendar_of(hall, days, first_day=traces.first_day)
    routing = routing_of(traces)
    if len(traces.services) > 1 and len(routing.codes) > 2 * MOST_PASSAGES:
        # Too intricate to be told by service: one route for all, rather than many with holes.
        column = traces.service_column
        traces = replace(read_traces(log, service=""), service_column=column)
        routing = routing_of(traces)
    tell()
    first = _observed_from(traces, routing)
    fresh = ~routing.late if (~routing.late).any() else np.ones(traces.n_cases, dtype=np.bool_)
    arrivals = arrivals_of(
        traces.arrived[fresh & (traces.arrived >= first)],
        days,
        arrival_hours,
        first_day_weekday=traces.first_day.weekday(),
        from_day=first // DAY_MS,
        until_day=_observed_until(traces),
        resolution_ms=traces.resolution_ms,
        date_only=traces.date_only,
        rng=rng,
    )
    tell()
    start, estimated, near = starts_of(traces, calendar)
    pools: list[PoolFound] = []
    durations: list[Duration] = []
    delays: list[Delay] = []
    stops: dict[int, StopFound] = {}
    split: Split | None = None
    choices: list[Choices] = []
    estimated_ready = 0.0
    if not traces.date_only:
        visited = {service: not over_days for service, over_days in routing.multi_day.items()}
        pools = pools_of(traces, days, hall, arrival_hours, start=start, visited=visited, rng=rng)
        choices = choices_of(traces, pools, pool_of_rows(traces, pools))
        tell()
        durations = durations_of(traces, pools, days, start=start, estimated=estimated, near=near, rng=rng)
        tell()
        ready, guessed = ready_moments(traces, start, pools, days.worked)
        estimated_ready = float(guessed.mean())
        retained = routing.codes[routing.transitions["kept"].to_numpy()]
        delays = delays_of(traces, retained, routing.states, ready, hall=calendar, rng=rng)
        tell()
        stops = {stop.activity: stop for stop in stops_of(traces, start, ready, hall=calendar, rng=rng)}
        split = split_of(
            traces,
            start,
            ready,
            ~routing.open & ~routing.late,
            hall=calendar,
            released=_released(traces, routing, delays),
        )
    counted = counted_of(traces, stops, ~routing.open & ~routing.late, hall=calendar)
    if counted is not None:
        verdicts = {code: test.verdict for code, test in counted.stops.items()}
        stops = {code: replace(stop, verdict=verdicts.get(code, "")) for code, stop in stops.items()}
    found = Discovery(
        settings=settings,
        traces=traces,
        days=days,
        hall=hall,
        arrival_hours=arrival_hours,
        arrivals=arrivals,
        routing=routing,
        pools=tuple(pools),
        durations=tuple(durations),
        delays=tuple(delays),
        stops=stops,
        choices=tuple(choices),
        priorities=priorities_of(pools, choices),
        counted=counted,
        patience=_patience(traces),
        turnaround=_turnaround(traces, routing, calendar, first),
        split=split,
        estimated_starts=float(estimated.mean()),
        estimated_ready=estimated_ready,
        findings=(),
    )
    if progress is not None:
        progress(_STAGES, _STAGES)
    return Discovery(**{**found.__dict__, "findings": tuple(findings_of(found))})


def _office(days: WorkingDays) -> Hours:
    return Hours(tuple(() if k in days.weekend else _OFFICE for k in range(7)), 1.0, 1.0, 0)


def _observed_from(traces: Traces, routing: Routing) -> int:
    """Return from when on all arrivals are in the log: a ledger may hold only what was closed after a date."""
    if traces.kind == "ledger":
        ends = traces.end[traces.end >= 0]
        early = int(ends.min()) if ends.size else 0
        # A handful of days between the first acceptance and the first decision is how any ledger begins.
        before = int((traces.arrived < early).sum())
        usual = (traces.n_cases - before) / max((traces.last - early) / DAY_MS, 1.0)
        thin = before < 0.5 * usual * early / DAY_MS
        return early // DAY_MS * DAY_MS if thin else 0
    if routing.late.any():
        first = int(traces.arrived[routing.late].max()) // DAY_MS * DAY_MS + DAY_MS
        return first if first < traces.last // 2 else 0
    return 0


def _observed_until(traces: Traces) -> int:
    """Return the calendar day on which arrivals are no longer seen whole: the last one, if it is cut short."""
    if traces.date_only or traces.n_days < 5:
        return traces.n_days
    day = traces.known_from // DAY_MS
    latest = np.zeros(traces.n_days, dtype=np.int64)
    np.maximum.at(latest, day, traces.known_from % DAY_MS)
    usual = np.quantile(latest[latest > 0], 0.1) if latest.any() else 0
    return traces.n_days - 1 if latest[-1] < usual else traces.n_days


def _patience(traces: Traces) -> FittedLaw | None:
    """Estimate how long visitors wait at the most: who left had lost patience, who was served had some left."""
    waited = (traces.ready >= 0) & traces.left & (np.maximum(traces.end, traces.start) >= 0)
    if not waited.any():
        return None
    until = np.where(traces.start >= 0, traces.start, traces.end)
    waits = (until - traces.ready)[waited]
    served = (traces.ready >= 0) & ~traces.left & (traces.start >= 0)
    waits_served = (traces.start - traces.ready)[served]
    rng = np.random.default_rng(0)
    most = 50_000
    if waits.size + waits_served.size > most:
        share = most / (waits.size + waits_served.size)
        waits, waits_served = waits[rng.random(waits.size) < share], waits_served[rng.random(waits_served.size) < share]
    return censored_law(waits.astype(np.float64), waits_served.astype(np.float64))


def _turnaround(traces: Traces, routing: Routing, calendar: WorkCalendar, first: int) -> dict[int, Lifetimes]:
    """Estimate how long cases take: in working days where the log has dates, else in hours."""
    ended = np.zeros(traces.n_cases, dtype=np.int64)
    np.maximum.at(ended, traces.case, np.maximum(traces.end, traces.known_from))
    closed = ~routing.open
    until = np.where(closed, ended, traces.last)
    entry: FloatArray | None = None
    if traces.date_only:
        number = calendar.workday_number

        def days_between(a: IntArray, b: IntArray) -> IntArray:
            count: IntArray = number(b // DAY_MS) - number(a // DAY_MS)
            return count

        lasted = days_between(traces.arrived, until).astype(np.float64)
        if first > 0:
            late = np.maximum(first - traces.arrived, 0) > 0
            entry = np.where(late, days_between(traces.arrived, np.full(traces.n_cases, first)), 0).astype(np.float64)
    else:
        lasted = (until - traces.arrived) / HOUR_MS
    usable = ~routing.late
    by_service = {}
    for service in (-1, *range(len(traces.services))):
        selected = usable if service < 0 else usable & (traces.service == service)
        if selected.any():
            by_service[service] = lifetimes(
                lasted[selected], closed[selected], entry=None if entry is None else entry[selected]
            )
    return by_service


def _released(traces: Traces, routing: Routing, delays: list[Delay]) -> BoolArray:
    by_timetable = {(delay.source, delay.target) for delay in delays if delay.release is not None}
    n, state = len(routing.states.names), routing.states.state
    packed = np.r_[0, state[:-1]] * n + state
    wanted = np.array([a * n + b for a, b in by_timetable], dtype=np.int64)
    return np.asarray(np.isin(packed, wanted) & ~traces.is_first)
