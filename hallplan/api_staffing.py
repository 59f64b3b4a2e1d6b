"""The public API for staffing: the cheapest shifts with which a hall keeps a target for its waits, and its certificate.

Input: a scenario and a target.  Output: a :class:`~planner.staffing.result.Staffing`.
"""

from __future__ import annotations

from collections.abc import Callable

from hallplan.api import EngineLike, ScenarioLike, engine_like, load
from planner.staffing.requirement import WaitTarget
from planner.staffing.result import Staffing
from planner.staffing.search import staff as search_staff
from planner.staffing.simulating import simulator
from scenarios.model import Scenario
from sim.run.study import OnProgress

__all__ = ["staff"]


def staff(
    scenario: ScenarioLike,
    target: WaitTarget | str = "90% within 15 min",
    *,
    seed: int | None = None,
    engine: EngineLike | None = None,
    workers: int | None = None,
    progress: OnProgress | None = None,
    announce: Callable[[str], None] | None = None,
) -> Staffing:
    """Search for the cheapest shifts that keep a target in every pool and half-hour, and certify them on fresh days.

    Parameters
    ----------
    scenario
        As for :func:`hallplan.run`.
    target
        Such as ``"90% within 15 min"``.
    seed, engine, workers
        As for :func:`hallplan.run`.
    progress, announce
        Called after each replication of a step; and with a sentence if compiling takes some seconds.

    Raises
    ------
    HallplanError
        One sentence about what is wrong with the scenario or the target.
    """
    model = scenario if isinstance(scenario, Scenario) else load(scenario)
    goal = WaitTarget.parse(target) if isinstance(target, str) else target
    simulate = simulator(
        goal, seed=seed, engine=engine_like(engine), workers=workers, progress=progress, announce=announce
    )
    return search_staff(model, goal, simulate)
