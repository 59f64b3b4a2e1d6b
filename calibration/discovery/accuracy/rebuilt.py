"""The decomposition of elapsed time in the rebuilt hall, to be read beside that of the log.

Input: a :class:`~calibration.discovery.result.Discovery`.
Output: a :class:`~calibration.discovery.timing.decomposition.TimeDecomposition` of the hall's simulated log, over the
log's own days and with its opening hours.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np

from calibration.discovery.accuracy.holdout import forecast_scenarios
from calibration.discovery.control_flow.routing import abandoned_cases, censored_cases
from calibration.discovery.log.reading import read_traces
from calibration.discovery.log.traces import Traces
from calibration.discovery.result import Discovery
from calibration.discovery.timing.decomposition import TimeDecomposition, decompose_elapsed
from calibration.discovery.timing.hours import work_calendar
from calibration.eventlog.simulated import SimulatedLog, simulated_log
from foundation.arrays import BoolArray, IntArray
from foundation.errors import HallplanError
from sim.calendar import DAY_MS
from sim.engine.choice import Engine

__all__ = ["rebuilt_decomposition"]


def rebuilt_decomposition(discovery: Discovery, *, engine: Engine | None = None) -> TimeDecomposition | None:
    """Decompose the elapsed time of the cases that come and end on the log's days in the rebuilt hall.

    Parameters
    ----------
    discovery
        What the log has shown.
    engine
        The simulator; the compiled one by default.

    Returns
    -------
    TimeDecomposition or None
        ``None`` where the log itself has no decomposition (it has dates only, or no closed case), or nobody came.
    """
    if discovery.decomposition is None or not discovery.decomposition.n:
        return None
    begin, end = discovery.first_day, discovery.last_day + dt.timedelta(days=1)
    (scenario,) = forecast_scenarios(discovery, discovery, begin, end, 1)
    try:
        made = simulated_log(
            scenario,
            "tickets" if discovery.traces.kind == "tickets" else "activities",
            until_day=(end - scenario.run.start).days,
            shows_stops="recorded",
            shows_server=False,
            engine=engine,
        )
    except HallplanError as error:
        if error.key != "discovery.fault.nothing_simulated":
            raise
        return None  # so few cases that by chance none came
    events = made.events
    # A wait of the route that stops the clock is no activity of the log: it lies between two of them.
    events = events[events["activity"].astype(str).isin(discovery.traces.activities)]
    first = events[["ready", "start", "end"]].min(axis=1)
    early = events["case"][first < np.datetime64(begin)].unique()
    events = events[~events["case"].isin(early)]
    if not len(events):
        return None
    traces = _since(read_traces(SimulatedLog(events, made.kind), service=""), begin)
    open_ = censored_cases(traces)[0]
    return decompose_elapsed(
        traces,
        traces.start,
        traces.ready,
        ~open_ | abandoned_cases(traces, open_, discovery.settings.idle_days),
        hall=work_calendar(discovery.hall, discovery.days, first_day=discovery.first_day),
        released=_released(traces, discovery),
    )


def _since(traces: Traces, first_day: dt.date) -> Traces:
    """Return traces with recorded stops only, and their moments counted from another first day."""
    shift = (traces.first_day - first_day).days * DAY_MS

    def moved(moments: IntArray) -> IntArray:
        return np.where(moments >= 0, moments + shift, moments)

    return replace(
        traces,
        first_day=first_day,
        ready=moved(traces.ready),
        start=moved(traces.start),
        end=moved(traces.end),
        last=traces.last + shift,
        stops={code: stop for code, stop in traces.stops.items() if stop.recorded},
    )


def _released(traces: Traces, discovery: Discovery) -> BoolArray:
    """Tell by row whether the transition to it ends by a timetable in the scenario."""
    states, names = discovery.routing.states, discovery.traces.activities
    pairs = {
        (names[states.activity[delay.source]], names[states.activity[delay.target]])
        for delay in discovery.delays
        if delay.release is not None
    }
    code, n = {name: number for number, name in enumerate(traces.activities)}, len(traces.activities)
    wanted = [code[source] * n + code[target] for source, target in pairs if source in code and target in code]
    packed = np.r_[0, traces.activity[:-1]] * n + traces.activity
    return np.asarray(np.isin(packed, np.array(wanted, dtype=np.int64)) & ~traces.is_first)
