"""Less chance for the same work: metrics adjusted for how many came and how much work they brought.

In come replications of a scenario.  Goes out a :class:`~sim.statistics.controls.Controlled` mean.  The controls are
read from the random draws, not from the simulation: visits that sources bring in the measured days, and the work that
these visits and all that follows from them ask of the pools.  Their true means are those of the offered load
(:mod:`planner.load`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner.load import offered_load
from scenarios.model import Arrival, Scenario
from sim.calendar import DAY_MS, HOUR_MS, FloatArray
from sim.draws import draw
from sim.plan import Layout
from sim.program import Code, Program
from sim.replications import Replications
from sim.statistics import Controlled, control_mean, metric_interval, metric_values

__all__ = ["controlled", "drawn_demand", "expected_demand"]


def controlled(run: Replications, metric: str, *, level: float = 0.95) -> Controlled:
    """Return a metric's mean with and without its controls; use ``.best``, the adjusted one where it pays.

    Parameters
    ----------
    run
        Replications; their draws are drawn again, without being simulated.
    metric
        Key of a summary.
    level
        Confidence level.

    Raises
    ------
    KeyError
        If there is no such metric.
    """
    values, known = metric_values(run.summaries, metric), expected_demand(run.scenario)
    controls = np.zeros((values.size, 0))
    if known is not None:
        layout = Layout.of(run.scenario)
        draws = (draw(run.scenario, run.seed, number, layout) for number in run.summaries.index.tolist())
        controls = np.array([drawn_demand(program, layout) for program in draws])
    found = control_mean(values, controls, () if known is None else known, level=level)
    return replace(found, plain=metric_interval(run.summaries, metric, level=level))


def drawn_demand(program: Program, layout: Layout) -> FloatArray:
    """Return how many visits the sources bring in the measured days, and the server-hours that they ask for."""
    entities, ops = program.entities, program.ops
    start = entities["start"]
    measured = (start >= layout.first_measured * DAY_MS) & (start < layout.first_followed * DAY_MS)
    entity = np.searchsorted(entities["first"], np.flatnonzero(ops["code"] == Code.SERVE), side="right") - 1
    work = ops["amount"][ops["code"] == Code.SERVE][measured[entities["root"][entity]]]
    return np.array([float(measured.sum()), float(work.sum()) / HOUR_MS])


def expected_demand(scenario: Scenario) -> FloatArray | None:
    """Return the true means of :func:`drawn_demand`; ``None`` where they aren't known exactly.

    They are known for Poisson arrivals (however the days vary), appointments and stated times, one visitor at a time;
    not for other renewal processes, whose mean number in a window depends on how it begins.
    """
    if not all(_is_exact(source) for source in scenario.arrivals.values()):
        return None
    load = offered_load(scenario)
    work = sum(pool.work_h_per_day for pool in load.pools)
    return np.array([sum(load.arrivals_per_day.values()), work]) * load.days


def _is_exact(source: Arrival) -> bool:
    poisson = source.every is None or (source.every.dist == "expon" and source.every.factor > 0)
    return poisson and source.batch is None
