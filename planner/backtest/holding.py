"""Holding a forecast against a log: the forecast's scenario is simulated over the dates of the log.

Input: a saved forecast, the log, and how to simulate.  Output: a :class:`~planner.backtest.result.Backtest`.  Each
replication is written down as the log that the hall's software would have kept, and counted like the log.  The
intervals are prediction intervals: between their ends lies one period, not a mean of many.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from calibration.eventlog.simulated import LogKind, written_log
from calibration.eventlog.table import EventLog
from foundation.errors import HallplanError
from planner.backtest.figures import FIGURES, Period, figures_of, in_period, period_of
from planner.backtest.forecast import SavedForecast
from planner.backtest.result import Backtest, HeldFigure
from planner.workdays import workday_before, workdays_between
from scenarios.model import Scenario
from sim.measure.frames import Metrics
from sim.run.observing import Observe
from sim.statistics.prediction import Prediction, prediction_interval

__all__ = ["LEAST_REPLICATIONS", "hold"]

LEAST_REPLICATIONS: Final = 39
"""With fewer no interval of 95% has ends."""
_MOST_DEMAND: Final = 1_000.0
"""The largest factor of demand that a scenario may have."""


def hold(
    forecast: SavedForecast,
    log: EventLog,
    simulate: Observe,
    *,
    replications: int = LEAST_REPLICATIONS,
    level: float = 0.95,
) -> Backtest:
    """Hold a forecast against a log.

    Parameters
    ----------
    forecast, log
        The two.
    simulate
        How to simulate.
    replications
        Of the forecast's scenario over the dates of the log.
    level
        Of the intervals.

    Raises
    ------
    HallplanError
        If the log has no row, or its dates hold no working day of the scenario.
    """
    scenario, kind = forecast.composed.scenario, log.kind
    if not len(log.events):
        raise HallplanError("backtest.error.no_rows")
    period = _period(scenario, *period_of(log.events))
    over = _over(scenario, period)
    read = partial(log_figures, kind=kind, period=period)
    observed = figures_of(in_period(log.events, period), kind, period)
    (plain,) = simulate([over], read, replications=replications)
    mean = math.fsum(figures["rows_per_day"] for figures in plain) / len(plain)
    if not mean > 0:
        raise HallplanError("backtest.error.nobody", scenario=scenario.name, kind=kind)
    demand = observed["rows_per_day"] / mean
    came = over.model_copy(update={"demand": min(over.demand * demand, _MOST_DEMAND)})
    (changed,) = simulate([came], read, replications=replications)
    held = tuple(
        HeldFigure(name, observed[name], _interval(plain, name, level), _interval(changed, name, level))
        for name in FIGURES
        if name in observed and not math.isnan(observed[name])
    )
    return Backtest(forecast, kind, period, demand, held, replications, level)


def log_figures(metrics: Metrics, *, kind: LogKind, period: Period) -> dict[str, float]:
    """Return the figures of the log that a replication would have left."""
    end = (period.last - metrics.table.scenario.run.start).days + 1
    events = written_log(metrics.table, kind, until_day=end, shows_server=False)
    return figures_of(in_period(events, period), kind, period)


def _interval(observed: Sequence[Mapping[str, float]], name: str, level: float) -> Prediction:
    return prediction_interval([figures[name] for figures in observed], level)


def _period(scenario: Scenario, first: dt.date, last: dt.date) -> Period:
    days = workdays_between(scenario, first, last)
    if not days:
        raise HallplanError("backtest.error.no_working_day", first=first, last=last)
    return Period(first, last, days)


def _over(scenario: Scenario, period: Period) -> Scenario:
    """Return a scenario that runs over a period, after its own warm-up."""
    start = workday_before(scenario, period.first, scenario.run.warm_up_days)
    run = scenario.run.model_copy(update={"start": start, "days": period.days, "follow_up_days": 0})
    return scenario.model_copy(update={"run": run})
