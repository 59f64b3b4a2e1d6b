"""The public API for compression: by how much limits and times are cut, and which lever earned it.

Input: a scenario before and one after, or levers.  Output: a :class:`~planner.compression_study.Compression`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from calibration.posterior.artefact import Posterior
from foundation.errors import HallplanError
from hallplan.api import EngineLike, engine_like
from hallplan.api_posterior import composed_like
from planner.attribution import combinations
from planner.clocks import items_with_limits
from planner.compression_study import REPLICATIONS, Compression, compression_of, compression_systems
from scenarios.compose.composing import Composed
from scenarios.compose.levers import LeverUse
from sim.measure.case_days import case_days
from sim.run.observing import observe
from sim.run.record import record_of
from sim.run.study import OnProgress, Study

__all__ = ["compression"]

Group: TypeAlias = str | Sequence[str | LeverUse]
"""Levers that come only together: a text with plus signs between them, or the levers."""


def compression(
    before: str | Path | Composed,
    after: str | Path | Composed | None = None,
    *,
    levers: Sequence[Group] = (),
    items: Sequence[str] = (),
    q: float = 0.95,
    cut: float = 0.52,
    draws: Posterior | None = None,
    replications: int = REPLICATIONS,
    seed: int | None = None,
    engine: EngineLike | None = None,
    workers: int | None = None,
    progress: OnProgress | None = None,
    announce: Callable[[str], None] | None = None,
) -> Compression:
    """Return three compressions of limits and times, and what each lever contributes.

    Parameters
    ----------
    before, after
        Names or paths of scenarios, or composed ones.  Without `after`, it is the one before with the levers.
    levers
        To attribute to; by default those that `after` has more than `before`.  With more than 10, orders are sampled.
    items
        Services that count; all that have a statutory and a promised limit by default.
    q, cut
        Share of cases that a limit is to be kept for; by how much the promise of the verdict is below the law's.
    draws
        A posterior: replication k of every combination then has its draw k, so that intervals hold the parameters too.
    replications
        Of each combination.
    seed, engine, workers
        As for :func:`hallplan.run`.
    progress, announce
        As for :func:`hallplan.staff`.

    Raises
    ------
    HallplanError
        One sentence about what is wrong.
    """
    base = composed_like(before)
    groups = [_uses(group) for group in levers]
    goal = base.changed(levers=[use for uses in groups for use in uses]) if after is None else composed_like(after)
    items_with_limits(goal.scenario, items)
    more = [use for use in goal.scenario.levers if use not in base.scenario.levers]
    game = combinations(base, groups or [_uses(use) for use in more], seed)
    systems = compression_systems(game, goal, draws)
    if draws is not None and not any(len(system.draws) for system in systems):
        raise HallplanError("posterior.error.nothing_to_move", name=base.scenario.name)
    settings: dict[str, Any] = {"seed": seed, "engine": engine_like(engine), "workers": workers}
    study = Study.of(*systems, replications=replications, **settings)
    observed = observe(study, case_days, progress=progress, announce=announce)
    name = engine if isinstance(engine, str) else "compiled"
    record = record_of(study, replications=(replications,) * len(systems), engine=name)
    return compression_of(
        game, goal, observed, items=items, q=q, cut=cut, draws=len(systems[0].draws), provenance=record
    )


def _uses(group: Group) -> list[LeverUse]:
    """Return the levers of a group."""
    if isinstance(group, str):
        return [LeverUse.parse(name.strip()) for name in group.split("+")]
    return [use if isinstance(use, LeverUse) else LeverUse.parse(use) for use in group]
