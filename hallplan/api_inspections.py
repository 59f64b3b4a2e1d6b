"""The public API for inspection teams: how many places they need.

Input: a scenario, and what is to hold.  Output: a :class:`~planner.inspections.result.Inspections`.
"""

from __future__ import annotations

from collections.abc import Callable

from hallplan.api import EngineLike, ScenarioLike, engine_like, load
from planner.inspections.result import Inspections, Question
from planner.inspections.search import inspections as search_inspections
from scenarios.model import Scenario
from sim.run.observing import observer
from sim.run.study import OnProgress

__all__ = ["inspections"]


def inspections(
    scenario: ScenarioLike = "honghuagang-2014",
    *,
    weeks: float = 0.95,
    cases: float = 1.0,
    day: int = 2,
    seed: int | None = None,
    engine: EngineLike | None = None,
    workers: int | None = None,
    progress: OnProgress | None = None,
    announce: Callable[[str], None] | None = None,
) -> Inspections:
    """Search for the least places of inspection teams with which cases are inspected in time, and certify them.

    Parameters
    ----------
    scenario
        As for :func:`hallplan.run`.
    weeks, cases, day
        In which share of weeks it is to hold, for which share of a week's cases, and by which working day.
    seed, engine, workers
        As for :func:`hallplan.run`.
    progress, announce
        Called after each replication of a step; and with a sentence if compiling takes some seconds.

    Raises
    ------
    HallplanError
        One sentence about what is wrong with the scenario.
    """
    model = scenario if isinstance(scenario, Scenario) else load(scenario)
    simulate = observer(
        seed=model.run.seed if seed is None else seed,
        engine=engine_like(engine),
        workers=workers,
        progress=progress,
        announce=announce,
    )
    return search_inspections(model, Question(weeks, cases, day), simulate)
