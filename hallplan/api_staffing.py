"""The public API for staffing: the cheapest shifts with which a hall keeps its targets, and their certificate.

Input: a scenario and targets.  Output: a :class:`~planner.staffing.result.Staffing`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hallplan.api import EngineLike, ScenarioLike, engine_like, load
from planner.staffing.result import Staffing
from planner.staffing.search import staff as search_staff
from planner.staffing.simulating import simulator
from planner.staffing.targets import Target, parse_target
from scenarios.model import Scenario
from sim.run.study import OnProgress

__all__ = ["DEFAULT_TARGET", "staff"]

DEFAULT_TARGET: Final = "90% within 15 min"


def staff(
    scenario: ScenarioLike,
    *targets: Target | str,
    heads: int | None = None,
    seed: int | None = None,
    engine: EngineLike | None = None,
    workers: int | None = None,
    progress: OnProgress | None = None,
    announce: Callable[[str], None] | None = None,
) -> Staffing:
    """Search for the cheapest shifts that keep targets in every pool and half-hour, and certify them on fresh days.

    Parameters
    ----------
    scenario
        As for :func:`hallplan.run`.
    *targets
        Such as ``"90% within 15 min"``, which is the default, or ``"utilisation <= 85%"``.
    heads
        Most people; as many as it takes by default.
    seed, engine, workers
        As for :func:`hallplan.run`.
    progress, announce
        Called after each replication of a step; and with a sentence if compiling takes some seconds.

    Raises
    ------
    HallplanError
        One sentence about what is wrong with the scenario or a target, or that so few people cannot keep pools open.
    """
    model = scenario if isinstance(scenario, Scenario) else load(scenario)
    goals = [parse_target(target) if isinstance(target, str) else target for target in targets or (DEFAULT_TARGET,)]
    simulate = simulator(seed=seed, engine=engine_like(engine), workers=workers, progress=progress, announce=announce)
    return search_staff(model, goals, simulate, heads=heads)
