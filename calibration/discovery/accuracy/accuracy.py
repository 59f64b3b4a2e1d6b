"""Accuracy of a discovered scenario on the part of the log that it has not seen.

Input: the log, and scenarios discovered from its earlier part (:mod:`calibration.discovery.accuracy.holdout`).
Output: an :class:`Accuracy`.  It holds distances between the log and simulated logs beside two noise floors (one half
of the log against the other; simulated against simulated), forecasts with prediction intervals, and a table by weekday
and hour.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, cast

import numpy as np
import pandas as pd
from scipy import stats

from calibration.discovery.accuracy.distances import WindowSample, distances, window_sample
from calibration.discovery.log.reading import read_traces
from calibration.discovery.log.traces import EventLogLike, Traces
from calibration.eventlog.simulated import LogKind, StopDisplay, simulated_log
from scenarios.model import WEEKDAYS, Scenario
from sim.engine.choice import Engine, EngineName, engine_of, is_compiled
from sim.run.workers import in_order

__all__ = ["Accuracy", "accuracy", "between_periods"]

LOGS: Final = 10
"""Simulated logs: with ten, a prediction interval is 21% wider than with any number of them."""

_N_HALVINGS: Final = 5
"""Random halvings of the log that the first noise floor is averaged over."""
_OVERLAPS: Final = 4
"""Periods that begin within the length of one: more add cost and no information (Meketon and Schmeiser 1984)."""

_UPPER_QUANTILE: Final = 0.975
"""Upper quantile of a 95% prediction interval."""


@dataclass(frozen=True, eq=False)
class Accuracy:
    """How near a scenario comes to a log.

    Attributes
    ----------
    begin, end
        The window: first day, and the day after the last.
    cases
        Cases of the log that came in it.
    logs
        Simulated logs.
    distances
        One row a distance (index ``distance``): ``simulated`` (mean over the logs), ``low``, ``high`` (their range),
        ``log_halves`` and ``between_simulated``, the noise floors.
    forecasts
        One row a figure (index ``figure``): ``log``, ``earlier`` (its mean over periods of the same length before the
        window; not-a-number where the log has too few), ``simulated``, the 95% prediction interval ``low``, ``high``
        of one such period, and ``inside``.
    by_hour
        One row a weekday and hour: arrivals in the log and simulated, and mean hours that these cases took.
    """

    begin: dt.date
    end: dt.date
    cases: int
    logs: int
    distances: pd.DataFrame
    forecasts: pd.DataFrame
    by_hour: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name."""
        frames = {"accuracy_distances": self.distances, "accuracy_forecasts": self.forecasts}
        return frames | ({"accuracy_by_hour": self.by_hour} if len(self.by_hour) else {})


@dataclass(frozen=True)
class _Simulations:
    """Simulates logs of one kind, and cuts the window out of each: a task for many workers.

    `requested` are the activities of which the log shows since when they waited.
    """

    kind: LogKind
    requested: frozenset[str]
    shows_stops: StopDisplay
    begin: dt.date
    end: dt.date
    engine: Engine

    def ready(self) -> Callable[[tuple[int, Scenario]], WindowSample]:
        return self._sample

    def _sample(self, task: tuple[int, Scenario]) -> WindowSample:
        number, scenario = task
        made = simulated_log(
            scenario,
            self.kind,
            replication=number,
            until_day=(self.end - scenario.run.start).days,
            shows_ready=bool(self.requested),
            shows_stops=self.shows_stops,
            shows_server=False,
            engine=self.engine,
        )
        if self.requested:
            ready = made.events["ready"].where(made.events["activity"].isin(self.requested))
            made = replace(made, events=made.events.assign(ready=ready))
        return window_sample(made, self.begin, self.end)


def accuracy(
    log: EventLogLike | Traces,
    scenarios: Sequence[Scenario],
    begin: dt.date,
    end: dt.date,
    *,
    service: str | None = None,
    engine: Engine | EngineName = "compiled",
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Accuracy:
    """Compare simulated logs with the real one.

    Parameters
    ----------
    log
        The real log, all of it, or what was read of it.
    scenarios
        What to simulate, one for every log: from :func:`~calibration.discovery.accuracy.holdout.forecast_scenarios`.
    begin, end
        The window that is compared: first day, and the day after the last.
    service
        The column that names the services.
    engine
        The simulator, or its name (:func:`sim.engine.choice.engine_of`).
    workers
        How many logs to simulate at a time; they are the same whatever their number.
    progress
        Called after each log.
    """
    simulator = engine_of(engine)
    traces = log if isinstance(log, Traces) else read_traces(log, service=service)
    recorded = [stop.recorded for stop in traces.stops.values() if stop.outside]
    work = _Simulations(
        kind=_simulated_kind(traces),
        requested=_requested(traces),
        shows_stops="recorded" if any(recorded) else "named" if recorded else "",
        begin=begin,
        end=end,
        engine=simulator,
    )
    real = window_sample(traces, begin, end)
    filled = traces.first_day + max(begin - scenario.run.start for scenario in scenarios)
    share = (end - begin).days / max((begin - traces.first_day).days, 1)
    simulated, logs = [], len(scenarios)
    workers = min(workers, logs)
    with closing(in_order(work, enumerate(scenarios), workers=workers, threads=is_compiled(simulator))) as samples:
        for sample in samples:
            simulated.append(sample)
            if progress is not None:
                progress(len(simulated), logs)
    return Accuracy(
        begin=begin,
        end=end,
        cases=real.cases,
        logs=logs,
        distances=_distance_table(traces, real, simulated, begin, end),
        forecasts=_forecasts(real, simulated, _periods(traces, begin, end, full_after=filled), share),
        by_hour=_by_hour(real, simulated, begin) if not real.date_only else pd.DataFrame(),
    )


def _simulated_kind(traces: Traces) -> LogKind:
    """Return the kind of log to simulate: events with a lifecycle show starts, as activities do."""
    timed = (traces.start >= 0) & ~traces.outside
    return "activities" if traces.kind == "events" and timed.any() else cast("LogKind", traces.kind)


def _requested(traces: Traces) -> frozenset[str]:
    """Return the activities of which the log shows waits: a request without an answer shows none."""
    waits = (traces.ready >= 0) & ((traces.start >= 0) | (traces.end >= 0))
    return frozenset(traces.activities[code] for code in np.unique(traces.activity[waits]))


def _distance_table(
    traces: Traces, real: WindowSample, simulated: Sequence[WindowSample], begin: dt.date, end: dt.date
) -> pd.DataFrame:
    """Return the distances between the log and simulated logs beside the two noise floors."""
    to_log = pd.DataFrame([distances(real, sample) for sample in simulated])
    halves = pd.DataFrame(
        [
            distances(*(window_sample(traces, begin, end, half=(seed, part)) for part in (0, 1)))
            for seed in range(_N_HALVINGS)
        ]
    )
    apart = pd.DataFrame([distances(a, b) for a, b in pairwise(simulated)], columns=to_log.columns)
    table = pd.DataFrame(
        {
            "simulated": to_log.mean(),
            "low": to_log.min(),
            "high": to_log.max(),
            "log_halves": halves.mean(),
            "between_simulated": apart.mean(),
        }
    )
    table.index.name = "distance"
    return table.dropna(subset=["simulated"])


def _figures(sample: WindowSample) -> dict[str, float]:
    hours = max(sample.in_progress.size, 1)
    figures = {
        "arrivals_per_day": sample.cases / hours * 24,
        "cycle_mean_h": float(sample.cycles.mean()) if sample.cycles.size else math.nan,
        "cycle_p90_h": float(np.quantile(sample.cycles, 0.9)) if sample.cycles.size else math.nan,
        "in_progress": float(sample.in_progress.mean()) if sample.in_progress.size else math.nan,
    }
    if sample.waits.size:
        figures["wait_mean_min"] = float(sample.waits.mean())
        figures["wait_p90_min"] = float(np.quantile(sample.waits, 0.9))
    return figures


def between_periods(traces: Traces, begin: dt.date, end: dt.date, *, full_after: dt.date) -> pd.Series:
    """Return the variance of the figures between periods of the window's length in the part of the log before it.

    Periods overlap, a quarter of their length apart, which uses the log better than periods side by side; their
    departures from a mean that is their own are scaled up (overlapping batch means: Meketon and Schmeiser 1984).  What
    makes cases depend on each other, rounds or a long queue, makes periods differ by more than independent cases would.

    Parameters
    ----------
    traces
        The log.
    begin, end
        The window.
    full_after
        Before this day the log may not show all the cases that were in progress.
    """
    periods = _periods(traces, begin, end, full_after=full_after)
    return _variance(periods, (end - begin).days / (begin - traces.first_day).days)


def _variance(periods: pd.DataFrame, share: float) -> pd.Series:
    """Return the variance between overlapping periods, each of which has a share of the time of all."""
    if len(periods) <= _OVERLAPS // 2:
        return pd.Series(dtype=np.float64)
    # Periods have different working days, which are known beforehand.
    return periods.drop(columns="arrivals_per_day").var(ddof=0) / (1 - share)


def _periods(traces: Traces, begin: dt.date, end: dt.date, *, full_after: dt.date) -> pd.DataFrame:
    """Return the figures of overlapping periods of the window's length before it, one row a period."""
    length, days_before = (end - begin).days, (begin - traces.first_day).days
    firsts = [begin - dt.timedelta(days=back) for back in range(length, days_before + 1, max(length // _OVERLAPS, 1))]
    figures = pd.DataFrame(
        [_figures(window_sample(traces, first_day, first_day + dt.timedelta(days=length))) for first_day in firsts]
    )
    if "in_progress" in figures:
        full = np.array([first_day >= full_after for first_day in firsts])
        figures["in_progress"] = figures["in_progress"].where(full)
    return figures


def _forecasts(
    real: WindowSample, simulated: Sequence[WindowSample], periods: pd.DataFrame, share: float
) -> pd.DataFrame:
    """Compare figures with the interval in which one more period of the same hall would lie.

    A simulation knows no more of what ties cases together than its scenario does: an interval is no narrower than
    periods of the log have differed.

    Parameters
    ----------
    real, simulated
        The windows.
    periods, share
        The figures of earlier periods of the log, and the share of its earlier time that each has.
    """
    made = pd.DataFrame([_figures(sample) for sample in simulated])
    k = len(made)
    variance = np.fmax(made.var(ddof=1), _variance(periods, share).reindex(made.columns))
    spread = np.sqrt(variance * (1 + 1 / k)) * float(stats.t.ppf(_UPPER_QUANTILE, max(k - 1, 1)))
    log = pd.Series(_figures(real))
    table = pd.DataFrame({"log": log, "earlier": periods.mean().reindex(log.index), "simulated": made.mean()})
    table = table.dropna(subset=["log", "simulated"])
    table["low"] = (table["simulated"] - spread).clip(lower=0.0)  # counts and times: none is negative
    table["high"] = table["simulated"] + spread
    table["inside"] = (table["log"] >= table["low"]) & (table["log"] <= table["high"])
    table.index.name = "figure"
    return table


def _by_hour(real: WindowSample, simulated: Sequence[WindowSample], begin: dt.date) -> pd.DataFrame:
    first = begin.weekday()

    def counts(sample: WindowSample) -> np.ndarray:
        hour = sample.arrivals.astype(np.int64)
        table = np.zeros((7, 24))
        np.add.at(table, ((hour // 24 + first) % 7, hour % 24), 1)
        return table

    days = np.bincount((np.arange(-(-real.in_progress.size // 24)) + first) % 7, minlength=7).astype(np.float64)
    log, made = counts(real), np.mean([counts(sample) for sample in simulated], axis=0)
    deviation = np.std([counts(sample) for sample in simulated], axis=0, ddof=1) if len(simulated) > 1 else made * 0
    weekday, hour = np.nonzero((log > 0) | (made > 0))
    per = np.maximum(days[weekday], 1)
    return pd.DataFrame(
        {
            "weekday": [WEEKDAYS[k] for k in weekday],
            "hour": hour,
            "log_arrivals_per_day": log[weekday, hour] / per,
            "simulated_arrivals_per_day": made[weekday, hour] / per,
            "simulated_sd": deviation[weekday, hour] / per,
        }
    )
