"""How far figures can be trusted, as jobs: how a run begins, and what control variates are worth.

Input: a plan, or the replications on the screen.  Output: the units of work, and what their results say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from foundation.arrays import FloatArray
from hallplan.page.jobs import Unit
from hallplan.page.plans import Plan
from hallplan.page.runs import check_size, units_of
from planner.controls import Controls, demand_of, expected_demand
from planner.warm_up import Beginning, from_the_beginning
from sim.run.replications import Replications
from sim.run.sample import Sample
from sim.run.study import Study, result_of

__all__ = ["LOOKS", "beginning", "beginning_units", "controls", "controls_units"]

LOOKS: Final = 10
"""Replications from which a run's beginning is looked at."""


def _beginning_study(plan: Plan, seed: int) -> Study:
    return Study.of(from_the_beginning(plan.scenario), replications=LOOKS, seed=seed, curves=True)


def beginning_units(plan: Plan, *, seed: int) -> tuple[Unit, ...]:
    """Return the work that shows how a plan's runs begin.

    Raises
    ------
    HallplanError
        If it has no cases, begins with a stated backlog, or is larger than the page takes on.
    """
    study = _beginning_study(plan, seed)
    check_size(study.scenarios[0])
    return units_of(study, (LOOKS,))


def beginning(plan: Plan, samples: Sequence[Sample], *, seed: int) -> Beginning:
    """Return how a plan's runs begin."""
    result = result_of(_beginning_study(plan, seed), [samples])
    return Beginning.of(result, own_days=plan.scenario.run.warm_up_days)


def controls_units(run: Replications) -> list[Unit]:
    """Return the work that draws a plan's replications again; none where no control's true mean is known."""
    scenario = run.scenario
    if expected_demand(scenario) is None:
        return []
    study = Study.of(scenario, seed=run.seed)
    return [
        Unit(f"demand:{unit.key}", demand_of, (scenario, run.seed, number))
        for number, unit in enumerate(units_of(study, (len(run),)))
    ]


def controls(run: Replications, drawn: Sequence[FloatArray]) -> Controls:
    """Return a plan's replications with their controls."""
    expected = expected_demand(run.scenario)
    if expected is None:
        return Controls(run, np.zeros((len(run), 0)), np.zeros(0))
    return Controls(run, np.array(drawn), expected)
