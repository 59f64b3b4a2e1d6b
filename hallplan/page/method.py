"""How far figures can be trusted, as jobs: how a run begins, and what control variates are worth.

Comes in: a plan, or the results on the screen.  Go out: the units of work, and what their results say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from foundation.arrays import FloatArray
from hallplan.page.jobs import Unit
from hallplan.page.plans import Plan
from hallplan.page.results import Side
from hallplan.page.runs import check_size, unit_name
from planner.controls import Controls, demand_of, expected_demand
from planner.warm_up import Beginning, from_the_beginning
from scenarios.model import Scenario
from sim.run.replications import Replications, replicate
from sim.run.sample import Sample

__all__ = ["LOOKS", "beginning", "beginning_units", "controls", "controls_units"]

LOOKS: Final = 10
"""Replications from which a run's beginning is looked at."""


def beginning_units(plan: Plan, *, seed: int) -> list[Unit]:
    """Return the work that shows how a plan's runs begin.

    Raises
    ------
    HallplanError
        If it has no cases, begins with a stated backlog, or is larger than the page takes on.
    """
    whole = from_the_beginning(plan.scenario)
    check_size(whole)
    return [Unit(f"begin:{unit_name(whole, seed, k)}", _look, (whole, seed, k)) for k in range(LOOKS)]


def _look(scenario: Scenario, seed: int, replication: int) -> Replications:
    """Run one replication, in a process of the background."""
    return replicate(scenario, replications=1, seed=seed, first=replication)


def beginning(plan: Plan, runs: Sequence[Replications]) -> Beginning:
    """Return how a plan's runs begin."""
    samples = tuple(sample for run in runs for sample in run.samples)
    gathered = Replications(runs[0].scenario, runs[0].seed, samples)
    return Beginning(gathered.scenario, plan.scenario.run.warm_up_days, gathered)


def controls_units(side: Side, *, seed: int) -> list[Unit]:
    """Return the work that draws a plan's replications again; none where no control's true mean is known."""
    scenario = side.scenario
    if expected_demand(scenario) is None:
        return []
    return [
        Unit(f"demand:{unit_name(scenario, seed, k)}", demand_of, (scenario, seed, k)) for k in range(len(side.samples))
    ]


def controls(side: Side, drawn: Sequence[FloatArray], *, seed: int) -> Controls:
    """Return a plan's results with their controls."""
    samples = tuple(Sample(sample.names, sample.values) for sample in side.samples)
    run, known = Replications(side.scenario, seed, samples), expected_demand(side.scenario)
    if known is None:
        return Controls(run, np.zeros((len(run), 0)), np.zeros(0))
    return Controls(run, np.array(drawn), known)
