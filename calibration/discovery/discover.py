"""Discovery: from an event log to estimates of everything that a scenario needs.

Input: an event log.
Output: a :class:`~calibration.discovery.result.Discovery`, from which
:func:`calibration.discovery.scenario.table.scenario_table` makes a scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from calibration.discovery.control_flow.routing import (
    MAX_TRANSITIONS,
    Routing,
    discover_routing,
    services_over_days,
)
from calibration.discovery.findings.collect import collect_findings
from calibration.discovery.laws.fitting import FittedLaw, censored_law
from calibration.discovery.laws.survival import Lifetimes, estimate_lifetimes
from calibration.discovery.log.reading import read_traces
from calibration.discovery.log.traces import EventLogLike, Traces
from calibration.discovery.resources.absences import discover_absences
from calibration.discovery.resources.durations import ALL, Duration, fit_durations
from calibration.discovery.resources.pools import PoolEstimate, discover_pools, pool_by_row
from calibration.discovery.resources.priorities import ChoiceCounts, count_choices, discover_priorities
from calibration.discovery.resources.requests import without_idle_requests
from calibration.discovery.result import Discovery, Settings
from calibration.discovery.timing.arrivals import Arrivals, discover_arrivals
from calibration.discovery.timing.days_used import DaysUsed, compare_days_used
from calibration.discovery.timing.decomposition import TimeDecomposition, decompose_elapsed
from calibration.discovery.timing.delays import Delay, discover_delays
from calibration.discovery.timing.hours import (
    Hours,
    WorkingDays,
    discover_hours,
    discover_work_hours,
    discover_working_days,
    work_calendar,
)
from calibration.discovery.timing.rounds import Rounds, discover_rounds
from calibration.discovery.timing.start_times import estimate_ready_times, estimate_starts
from calibration.discovery.timing.stops import StopEstimate, estimate_stops
from foundation.arrays import BoolArray, FloatArray, IntArray
from sim.calendar import DAY_MS, HOUR_MS, WorkCalendar

__all__ = ["discover"]

_OFFICE_HOURS: Final = ((9 * HOUR_MS, 12 * HOUR_MS), (13 * HOUR_MS, 17 * HOUR_MS))
"""Hours of a hall whose log has dates only: an assumption, and reported as one."""
_N_STAGES: Final = 7
"""Stages that :func:`discover` reports: log, routes, arrivals, pools, durations, delays, stops."""
_MIN_LEDGER_RATE: Final = 0.5
"""A ledger that begins with fewer acceptances than this share of the usual number holds late cases only."""
_MIN_DAYS_FOR_CUT: Final = 5
"""Calendar days below which the last day cannot be compared with the usual end of a day."""
_EARLY_END: Final = 0.1
"""The log's last day is incomplete if it ends before this quantile of the days' last moments."""
_MAX_WAITS: Final = 50_000
"""Waits that the law of patience is fitted to: its numerical fit evaluates every one of them at each step."""


Progress = Callable[[int, int], None]


def discover(log: EventLogLike, *, settings: Settings | None = None, progress: Progress | None = None) -> Discovery:
    """Estimate from a log everything that a scenario of its hall needs.

    Parameters
    ----------
    log
        The event log, read by :func:`calibration.eventlog.read_log`, or simulated.
    settings
        How to read it.
    progress
        Called with the number of stages that are done, and of all stages.

    Raises
    ------
    HallplanError
        If the log is empty, or lacks the column that the settings name.
    """
    settings = settings or Settings()
    rng = np.random.default_rng(settings.seed)
    report = partial(_report, progress)
    traces = read_traces(log, service=settings.service)
    report(1)
    time = _working_time(traces)
    traces, routing = _control_flow(traces, log, time, settings.idle_days)
    report(2)
    absences = discover_absences(traces, {kind: not days for kind, days in routing.multi_day.items()}, rng=rng)
    observed_from = _observed_from(traces, routing)
    arrivals = _arrivals(traces, routing, time, observed_from, rng)
    report(3)
    work = _timed_estimates(traces, routing, time, rng, report)
    days_used = compare_days_used(traces, work.stops, routing.closed, hall=time.calendar)
    discovery = Discovery(
        settings=settings,
        traces=traces,
        days=time.days,
        hall=time.hall,
        arrival_hours=time.arrival_hours,
        arrivals=arrivals,
        routing=routing,
        pools=tuple(work.pools),
        durations=tuple(work.durations),
        delays=tuple(work.delays),
        stops=_with_verdicts(work.stops, days_used),
        choices=tuple(work.choices),
        priorities=discover_priorities(work.pools, work.choices),
        days_used=days_used,
        patience=_patience(traces, leaves_when_called=not absences),
        absences=absences,
        turnaround=_turnaround(traces, routing, time.calendar, observed_from),
        rounds=_rounds(traces, routing, time, observed_from),
        decomposition=work.decomposition,
        estimated_starts=work.estimated_starts,
        estimated_ready=work.estimated_ready,
        findings=(),
    )
    report(_N_STAGES)
    return replace(discovery, findings=tuple(collect_findings(discovery)))


def _report(progress: Progress | None, stage: int) -> None:
    if progress is not None:
        progress(stage, _N_STAGES)


def _with_verdicts(stops: Mapping[int, StopEstimate], days_used: DaysUsed | None) -> dict[int, StopEstimate]:
    """Return the stops with what the log's own count of days says of each."""
    verdicts = {} if days_used is None else {code: test.verdict for code, test in days_used.stops.items()}
    return {code: replace(stop, verdict=verdicts.get(code, "")) for code, stop in stops.items()}


class _WorkingTime(NamedTuple):
    """Working days, hours in which work begins, hours in which cases arrive, and the calendar of the work."""

    days: WorkingDays
    hall: Hours
    arrival_hours: Hours
    calendar: WorkCalendar


def _working_time(traces: Traces) -> _WorkingTime:
    """Estimate when the hall works."""
    moments = np.where(traces.start >= 0, traces.start, traces.end)
    moments = moments[(moments >= 0) & ~traces.outside]
    days = discover_working_days(moments, first_day=traces.first_day, n_days=traces.n_days)
    if traces.date_only:
        hall = Hours(tuple(() if k in days.weekend else _OFFICE_HOURS for k in range(7)), 1.0, 1.0, 0)
        arrival_hours = hall
    else:
        at_work = (traces.start >= 0) & (traces.end >= 0) & ~traces.outside
        hall = discover_work_hours(
            moments, traces.start[at_work], traces.end[at_work], days, first_day=traces.first_day
        )
        arrival_hours = discover_hours(traces.arrived, days, first_day=traces.first_day)
    return _WorkingTime(days, hall, arrival_hours, work_calendar(hall, days, first_day=traces.first_day))


def _control_flow(traces: Traces, log: EventLogLike, time: _WorkingTime, idle_days: float) -> tuple[Traces, Routing]:
    """Return the routes; where the services have too many transitions, one route for all services together."""
    traces = _prepared(traces, time)
    routing = discover_routing(traces, idle_days=idle_days)
    if len(traces.services) > 1 and len(routing.codes) > 2 * MAX_TRANSITIONS:
        # Routes by service would be cut to the most frequent transitions; one route for all keeps the rest.
        together = replace(read_traces(log, service=""), service_column=traces.service_column)
        traces = _prepared(together, time)
        routing = discover_routing(traces, idle_days=idle_days)
    return traces, routing


def _prepared(traces: Traces, time: _WorkingTime) -> Traces:
    return _with_requests(_absences_of_visitors_only(traces), time)


def _with_requests(traces: Traces, time: _WorkingTime) -> Traces:
    """Return the traces with the requests that are waits for a server."""
    if traces.date_only:
        return traces
    over_days = services_over_days(traces)
    visited = np.array([not over_days[service] for service in range(len(traces.services))])
    start = estimate_starts(traces, time.calendar).start
    return without_idle_requests(traces, start, time.days, time.hall, visited=visited)


def _absences_of_visitors_only(traces: Traces) -> Traces:
    """Return the log in which calls in vain of a service that takes days are rework.

    A scenario handles such a service as a case behind the windows, and a case cannot be absent.
    """
    over_days = np.array([days for _, days in sorted(services_over_days(traces).items())])
    of_cases = traces.called_in_vain & over_days[traces.service[traces.case]]
    return replace(traces, left=traces.left & ~of_cases, calls_as_rework=int(of_cases.sum()))


def _rounds(traces: Traces, routing: Routing, time: _WorkingTime, observed_from: int) -> Rounds | None:
    """Look for rounds in a ledger of dates; other logs show departures by their moments."""
    if not traces.date_only:
        return None
    return discover_rounds(traces, routing, calendar=time.calendar, observed_from=observed_from)


def _arrivals(
    traces: Traces, routing: Routing, time: _WorkingTime, observed_from: int, rng: np.random.Generator
) -> Arrivals:
    """Estimate the arrival process from the cases whose arrival the log shows."""
    complete = ~routing.begun_before
    if not complete.any():
        complete = np.ones(traces.n_cases, dtype=np.bool_)
    return discover_arrivals(
        traces.arrived[complete & (traces.arrived >= observed_from)],
        time.days,
        time.arrival_hours,
        first_day_weekday=traces.first_day.weekday(),
        from_day=observed_from // DAY_MS,
        until_day=_observed_until(traces),
        resolution_ms=traces.resolution_ms,
        date_only=traces.date_only,
        rng=rng,
    )


@dataclass(eq=False)
class _TimedEstimates:
    """Estimates that need times of day: who does what, for how long, and what comes between."""

    estimated_starts: float
    pools: list[PoolEstimate] = field(default_factory=list)
    choices: list[ChoiceCounts] = field(default_factory=list)
    durations: list[Duration] = field(default_factory=list)
    delays: list[Delay] = field(default_factory=list)
    stops: dict[int, StopEstimate] = field(default_factory=dict)
    decomposition: TimeDecomposition | None = None
    estimated_ready: float = 0.0


def _timed_estimates(
    traces: Traces,
    routing: Routing,
    time: _WorkingTime,
    rng: np.random.Generator,
    report: Callable[[int], None],
) -> _TimedEstimates:
    """Estimate pools, durations, inter-activity delays and clock stops; nothing where the log has dates only."""
    starts = estimate_starts(traces, time.calendar)
    estimated_starts = float(starts.estimated.mean())
    if traces.date_only:
        return _TimedEstimates(estimated_starts)
    start = starts.start
    visited = {service: not over_days for service, over_days in routing.multi_day.items()}
    pools = discover_pools(traces, time.days, time.hall, time.arrival_hours, start=start, visited=visited, rng=rng)
    choices = count_choices(traces, pools, pool_by_row(traces, pools))
    report(4)
    durations = fit_durations(traces, pools, time.days, starts=starts, rng=rng)
    report(5)
    ready, estimated, at_closing = estimate_ready_times(traces, start, pools, time.days.worked)
    retained = routing.codes[routing.transitions["kept"].to_numpy()]
    inferred = estimated & (at_closing | starts.estimated)
    delays = discover_delays(traces, retained, routing.states, ready, inferred=inferred, hall=time.calendar, rng=rng)
    report(6)
    stops = {stop.activity: stop for stop in estimate_stops(traces, start, ready, hall=time.calendar, rng=rng)}
    released = _released(traces, routing, delays)
    decomposition = decompose_elapsed(traces, start, ready, routing.closed, hall=time.calendar, released=released)
    return _TimedEstimates(
        estimated_starts, pools, choices, durations, delays, stops, decomposition, float(estimated.mean())
    )


def _released(traces: Traces, routing: Routing, delays: list[Delay]) -> BoolArray:
    """Tell by row whether the transition to it ends by a timetable."""
    by_timetable = {(delay.source, delay.target) for delay in delays if delay.release is not None}
    n, state = len(routing.states.names), routing.states.state
    packed = np.r_[0, state[:-1]] * n + state
    wanted = np.array([source * n + target for source, target in by_timetable], dtype=np.int64)
    return np.asarray(np.isin(packed, wanted) & ~traces.is_first)


def _observed_from(traces: Traces, routing: Routing) -> int:
    """Return the moment from which the log holds all arrivals: a ledger may hold only cases closed after a date."""
    if traces.kind == "ledger":
        ends = traces.end[traces.end >= 0]
        first_end = int(ends.min()) if ends.size else 0
        # Any ledger begins with a few days between the first acceptance and the first decision.
        before = int((traces.arrived < first_end).sum())
        usual_rate = (traces.n_cases - before) / max((traces.last - first_end) / DAY_MS, 1.0)
        incomplete = before < _MIN_LEDGER_RATE * usual_rate * first_end / DAY_MS
        return first_end // DAY_MS * DAY_MS if incomplete else 0
    if routing.begun_before.any():
        first = int(traces.arrived[routing.begun_before].max()) // DAY_MS * DAY_MS + DAY_MS
        return first if first < traces.last // 2 else 0
    return 0


def _observed_until(traces: Traces) -> int:
    """Return the calendar day from which arrivals are incomplete: the last day if the log ends in the middle of it."""
    if traces.date_only or traces.n_days < _MIN_DAYS_FOR_CUT:
        return traces.n_days
    day = traces.known_from // DAY_MS
    latest = np.zeros(traces.n_days, dtype=np.int64)
    np.maximum.at(latest, day, traces.known_from % DAY_MS)
    usual = np.quantile(latest[latest > 0], _EARLY_END) if latest.any() else 0
    return traces.n_days - 1 if latest[-1] < usual else traces.n_days


def _patience(traces: Traces, *, leaves_when_called: bool) -> FittedLaw | None:
    """Fit a law to patience: exact for visitors who left, right-censored for visitors who were called in time.

    Parameters
    ----------
    traces
        The log.
    leaves_when_called
        Visitors who are not there when called had lost patience; otherwise they are absences.
    """
    gone = traces.left if leaves_when_called else traces.left & ~traces.called_in_vain
    reneged = (traces.ready >= 0) & gone & (np.maximum(traces.end, traces.start) >= 0)
    if not reneged.any():
        return None
    until = np.where(traces.start >= 0, traces.start, traces.end)
    waits = (until - traces.ready)[reneged]
    served = (traces.ready >= 0) & ~gone & (traces.start >= 0)
    waits_served = (traces.start - traces.ready)[served]
    rng = np.random.default_rng(0)
    if waits.size + waits_served.size > _MAX_WAITS:
        share = _MAX_WAITS / (waits.size + waits_served.size)
        waits, waits_served = waits[rng.random(waits.size) < share], waits_served[rng.random(waits_served.size) < share]
    return censored_law(waits.astype(np.float64), waits_served.astype(np.float64))


def _turnaround(traces: Traces, routing: Routing, calendar: WorkCalendar, observed_from: int) -> dict[int, Lifetimes]:
    """Estimate turnaround by service: in working days where the log has dates only, else in hours."""
    closed = ~routing.open
    until = np.where(closed, traces.last_moment, traces.last)
    entry: FloatArray | None = None
    if traces.date_only:
        number = calendar.workday_number

        def days_between(begin: IntArray, end: IntArray) -> IntArray:
            count: IntArray = number(end // DAY_MS) - number(begin // DAY_MS)
            return count

        lasted = days_between(traces.arrived, until).astype(np.float64)
        if observed_from > 0:
            age = days_between(traces.arrived, np.full(traces.n_cases, observed_from))
            entry = np.where(traces.arrived < observed_from, age, 0).astype(np.float64)
    else:
        lasted = (until - traces.arrived) / HOUR_MS
    usable = ~routing.begun_before
    by_service = {}
    for service in (ALL, *range(len(traces.services))):
        selected = usable if service == ALL else usable & (traces.service == service)
        if selected.any():
            by_service[service] = estimate_lifetimes(
                lasted[selected], closed[selected], entry=None if entry is None else entry[selected]
            )
    return by_service
