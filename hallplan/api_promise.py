"""The public API for promises: the shortest that each item keeps, and how sure the present ones are.

Input: a scenario.  Output: a :class:`~planner.promises.Promises`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from calibration.posterior.artefact import Posterior
from hallplan.api import EngineLike, engine_like
from hallplan.api_posterior import composed_like, posterior
from planner.clocks import items_with_limits
from planner.headroom import REPLICATIONS as HEADROOM_REPLICATIONS
from planner.headroom import WIDTH, headroom_of, wait_target
from planner.promises import REPLICATIONS, PromiseGoal, Promises, moving_posterior, promise_system, promises_of
from planner.staffing.targets import WaitTarget
from scenarios.compose.composing import Composed
from sim.measure.period import Period, period
from sim.run.observing import observe
from sim.run.record import record_of
from sim.run.study import OnProgress, Study, System

__all__ = ["promise"]


def promise(
    scenario: str | Path | Composed,
    goal: PromiseGoal | None = None,
    *,
    items: Sequence[str] = (),
    draws: Posterior | None = None,
    chance_only: bool = False,
    headroom: WaitTarget | str | None = None,
    width: float = WIDTH,
    replications: int | None = None,
    seed: int | None = None,
    engine: EngineLike | None = None,
    workers: int | None = None,
    progress: OnProgress | None = None,
    announce: Callable[[str], None] | None = None,
) -> Promises:
    """Return the shortest promise of each item, and how sure each present promise is.

    Parameters
    ----------
    scenario
        Name or path of a scenario, or one that is composed.
    goal
        What keeps a promise; 95% of cases with 90% probability by default.
    items
        Services that count; all that have a statutory and a promised limit by default.
    draws, chance_only
        The posterior, of which every replication has one draw, that from the article by default; and whether the
        scenario's own numbers are used instead, as they are where the posterior moves none of them.
    headroom
        A target for waits such as ``"90% within 15 min"``: up to which demand are it and the promises kept?
    width
        How far apart two simulated demands are that each such demand lies between: a share of the lower one.
    replications
        How many periods are simulated; 40 by default, and 20 for headroom.
    seed, engine, workers, progress, announce
        As for :func:`hallplan.staff`.

    Raises
    ------
    HallplanError
        One sentence about what is wrong.
    """
    composed = composed_like(scenario)
    items_with_limits(composed.scenario, items)
    moving = None if chance_only else moving_posterior(composed, draws or posterior())
    target = wait_target(headroom) if isinstance(headroom, str) else headroom
    number = replications or (REPLICATIONS if target is None else HEADROOM_REPLICATIONS)
    settings: dict[str, Any] = {"replications": number, "seed": seed, "engine": engine_like(engine), "workers": workers}
    system, periods = promise_system(composed, moving), partial(_periods, settings, target, progress, announce)
    present = periods(system)
    days = [each.cases for each in present]
    name = engine if isinstance(engine, str) else "compiled"
    record = record_of(Study.of(system, **settings), replications=(number,), engine=name)
    result = promises_of(composed, days, goal, items=items, draws=len(system.draws), provenance=record)
    if target is None:
        return result
    search = partial(headroom_of, composed, moving, result, present, periods, target=target)
    return replace(result, headroom=search(width=width))


def _periods(
    settings: dict[str, Any],
    target: WaitTarget | None,
    progress: OnProgress | None,
    announce: Callable[[str], None] | None,
    system: System,
) -> list[Period]:
    """Simulate the periods of a system."""
    read = partial(period, within_min=target.within_min if target else 0.0)
    return observe(Study.of(system, **settings), read, progress=progress, announce=announce)[0]
