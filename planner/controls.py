"""Less chance for the same work: metrics adjusted for how many came and how much work they brought.

Input: replications of a scenario.  Output: a :class:`~sim.statistics.controls.Controlled` mean of any of their
metrics.  The controls are read from the random draws, not from the simulation: visits that sources bring in the
measured days, and the work that these visits and all that follows from them ask of the pools.  Their true means are
those of the offered load (:mod:`planner.load`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from foundation.arrays import FloatArray
from planner.load import offered_load
from scenarios.model import Arrival, Scenario
from sim.calendar import DAY_MS, HOUR_MS
from sim.draw.drawing import draw
from sim.plan import Layout
from sim.program import Code, Program
from sim.run.estimates import metric_interval, metric_values
from sim.run.replications import Progress, Replications
from sim.statistics import Controlled, control_mean

__all__ = ["Controls", "controlled", "controls_of", "demand_of", "drawn_demand", "expected_demand"]


@dataclass(frozen=True, eq=False)
class Controls:
    """Replications, and what is known to be chance in them.

    Attributes
    ----------
    run
        The replications.
    drawn
        Visits that came in the measured days, and server-hours that they asked for, by replication, shape (n, 2); shape
        (n, 0) where the true means are not known.
    expected
        Their true means.
    """

    run: Replications
    drawn: FloatArray
    expected: FloatArray

    def adjust(self, metric: str, *, level: float = 0.95) -> Controlled:
        """Return a metric's mean with and without the controls; use ``.best``, the adjusted one where it pays.

        Raises
        ------
        KeyError
            If there is no such metric.
        """
        values = metric_values(self.run.columns, metric)
        controlled = control_mean(values, self.drawn, self.expected, level=level)
        return replace(controlled, plain=metric_interval(self.run.columns, metric, level=level))


def controls_of(run: Replications, *, progress: Progress | None = None) -> Controls:
    """Return the controls of replications; their draws are drawn again, without being simulated.

    Parameters
    ----------
    run
        Replications.
    progress
        Told after each draw.
    """
    expected, number = expected_demand(run.scenario), len(run)
    if expected is None:
        return Controls(run, np.zeros((number, 0)), np.zeros(0))
    drawn = np.zeros((number, expected.size))
    for row, replication in enumerate(range(run.first, run.first + number)):
        drawn[row] = demand_of(run.scenario, run.seed, replication)
        if progress is not None:
            progress(row + 1, number)
    return Controls(run, drawn, expected)


def demand_of(scenario: Scenario, seed: int, replication: int) -> FloatArray:
    """Draw one replication and return its controls.

    Parameters
    ----------
    scenario
        What to draw from.
    seed, replication
        Random numbers.

    Returns
    -------
    float array, shape (controls,)
    """
    layout = Layout.of(scenario)
    return drawn_demand(draw(scenario, seed, replication, layout), layout)


def controlled(run: Replications, metric: str, *, level: float = 0.95) -> Controlled:
    """Return the mean of a metric with and without its controls: :meth:`Controls.adjust` of :func:`controls_of`.

    Parameters
    ----------
    run
        Replications of one scenario.
    metric
        Name of the metric.
    level
        Confidence level of both intervals.
    """
    return controls_of(run).adjust(metric, level=level)


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
