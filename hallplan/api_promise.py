"""The public API for promises: the shortest that each item keeps, and how sure the present ones are.

Input: a scenario.  Output: a :class:`~planner.promises.Promises`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from calibration.posterior.artefact import Posterior
from hallplan.api import EngineLike, engine_like
from hallplan.api_posterior import composed_like, posterior
from planner.clocks import items_with_limits
from planner.promises import REPLICATIONS, PromiseGoal, Promises, moving_posterior, promise_system, promises_of
from scenarios.compose.composing import Composed
from sim.measure.case_days import case_days
from sim.run.observing import observe
from sim.run.record import record_of
from sim.run.study import OnProgress, Study

__all__ = ["promise"]


def promise(
    scenario: str | Path | Composed,
    goal: PromiseGoal | None = None,
    *,
    items: Sequence[str] = (),
    draws: Posterior | None = None,
    chance_only: bool = False,
    replications: int = REPLICATIONS,
    seed: int | None = None,
    engine: EngineLike | None = None,
    workers: int | None = None,
    progress: OnProgress | None = None,
    announce: Callable[[str], None] | None = None,
) -> Promises:
    """Return the shortest promise of each item, and the probability that each present promise is kept.

    Parameters
    ----------
    scenario
        Name or path of a scenario, or one that is composed.
    goal
        What it takes to keep a promise; 95% of cases with 90% probability by default.
    items
        Services that count; all that have a statutory and a promised limit by default.
    draws
        The posterior, of which every replication has one draw; that from the article by default.  A scenario of which
        it moves nothing has its own numbers in all replications.
    chance_only
        Whether the scenario's own numbers are used even so.
    replications
        How many periods are simulated.
    seed, engine, workers
        As for :func:`hallplan.run`.
    progress, announce
        Called after each replication; and with a sentence if compiling takes some seconds.

    Raises
    ------
    HallplanError
        One sentence about what is wrong with the scenario or an item.
    """
    composed = composed_like(scenario)
    items_with_limits(composed.scenario, items)
    moving = None if chance_only else moving_posterior(composed, draws or posterior())
    settings: dict[str, Any] = {"seed": seed, "engine": engine_like(engine), "workers": workers}
    study = Study.of(promise_system(composed, moving), replications=replications, **settings)
    (observed,) = observe(study, case_days, progress=progress, announce=announce)
    name = engine if isinstance(engine, str) else "compiled"
    record = record_of(study, replications=(replications,), engine=name)
    number = 0 if moving is None else len(moving)
    return promises_of(composed, observed, goal, items=items, draws=number, provenance=record)
