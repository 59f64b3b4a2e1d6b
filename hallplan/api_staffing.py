"""The public API for staffing: the cheapest shifts with which a hall keeps its targets, and their certificate.

Input: a scenario and targets.  Output: a :class:`~planner.staffing.result.Staffing`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from calibration.posterior.artefact import Posterior, load_posterior
from hallplan.api import EngineLike, ScenarioLike, engine_like
from hallplan.api_posterior import composed_like
from planner.staffing.over_posterior import DRAWS, check_over_posterior
from planner.staffing.result import Staffing
from planner.staffing.search import staff as search_staff
from planner.staffing.simulating import simulator
from planner.staffing.targets import Target, parse_target
from scenarios.compose.composing import Composed
from scenarios.model import Scenario
from sim.run.study import OnProgress

__all__ = ["DEFAULT_TARGET", "staff"]

DEFAULT_TARGET: Final = "90% within 15 min"


def staff(
    scenario: ScenarioLike | Composed,
    *targets: Target | str,
    heads: int | None = None,
    draws: int = DRAWS,
    posterior: Posterior | None = None,
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
    draws
        For how many draws of the parameters a certified plan is certified again; 0 for none.
    posterior
        Where these come from; that from the article by default.  Of a hall of which it moves no number, and of a
        scenario that is a model already, there are none.
    seed, engine, workers
        As for :func:`hallplan.run`.
    progress, announce
        Called after each replication of a step; and with a sentence if compiling takes some seconds.

    Raises
    ------
    HallplanError
        One sentence about what is wrong with the scenario or a target, or that so few people cannot keep pools open.
    """
    composed = scenario if isinstance(scenario, Scenario) else composed_like(scenario)
    model = composed.scenario if isinstance(composed, Composed) else composed
    goals = [parse_target(target) if isinstance(target, str) else target for target in targets or (DEFAULT_TARGET,)]
    simulate = simulator(seed=seed, engine=engine_like(engine), workers=workers, progress=progress, announce=announce)
    result = search_staff(model, goals, simulate, heads=heads)
    if not (draws and result.is_certified and isinstance(composed, Composed)):
        return result
    over_posterior = check_over_posterior(
        result.plan,
        composed,
        posterior or load_posterior(),
        targets=result.targets,
        cells=result.certificate.cells,
        simulate=simulate,
        draws=draws,
        level=1 - result.effort.alpha,
    )
    return replace(result, over_posterior=over_posterior)
