"""The public API for compression: by how much limits and times are cut, and which lever earned it.

Input: a scenario before and one after, or levers.  Output: a :class:`~planner.compression_study.Compression`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

from calibration.posterior.artefact import Posterior
from foundation.errors import HallplanError
from hallplan.api import EngineLike, engine_like
from hallplan.api_posterior import composed_like
from planner.attribution import Combinations, combinations
from planner.clocks import items_with_limits
from planner.compression_study import (
    REPLICATIONS,
    Compression,
    compression_of,
    compression_systems,
    earned_at_demand_after,
    with_demand_of,
)
from scenarios.compose.composing import Composed
from scenarios.compose.levers import LeverUse
from sim.measure.case_days import CaseDays, case_days
from sim.run.observing import observe
from sim.run.record import record_of
from sim.run.study import OnProgress, Study, System

__all__ = ["REFORMS", "compression", "reforms_between"]

Group: TypeAlias = str | Sequence[str | LeverUse]
"""Levers that come only together: a text with plus signs between them, or the levers."""

REFORMS: Final = (
    ("merge-sections", "co-locate-reviewers", "more-review-time"),
    ("delegate-sign-off",),
    ("co-locate-inspectors",),
    ("parallel-joint-review",),
    ("one-time-notice",),
    ("appointments", "green-channel", "whole-process-agent"),
)
"""The ten levers of the built-in hall as six: sections, signatures, inspections, joint review, notice, windows."""


def compression(
    before: str | Path | Composed,
    after: str | Path | Composed | None = None,
    *,
    levers: Sequence[Group] = (),
    items: Sequence[str] = (),
    q: float = 0.95,
    cut: float = 0.52,
    draws: Posterior | None = None,
    both_demands: bool = False,
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
    both_demands
        Whether the days saved are also divided at the demand of the scenario after, which takes twice the time.
    replications
        Of each combination.
    seed, engine, workers, progress, announce
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
    groups = groups or [_uses(use) for use in goal.scenario.levers if use not in base.scenario.levers]
    game, systems = _game(base, goal, groups, draws, seed)
    settings: dict[str, Any] = {"replications": replications, "seed": seed, "workers": workers}
    settings["engine"] = engine_like(engine)
    simulate = partial(_simulate, settings, progress, announce)
    name = engine if isinstance(engine, str) else "compiled"
    record = record_of(Study.of(*systems, **settings), replications=(replications,) * len(systems), engine=name)
    of_answer: dict[str, Any] = {"items": items, "q": q, "cut": cut, "draws": len(systems[0].draws)}
    result = compression_of(game, goal, simulate(systems), **of_answer, provenance=record)
    if not both_demands:
        return result
    game, systems = _game(with_demand_of(base, goal), goal, groups, draws, seed)
    return replace(result, at_demand_after=earned_at_demand_after(game, result, simulate(systems)))


def reforms_between(before: Composed, after: Composed) -> list[list[LeverUse]]:
    """Return the levers that a scenario has more than another, those of one reform together (:data:`REFORMS`)."""
    uses = [LeverUse.parse(use) for use in after.scenario.levers if use not in before.scenario.levers]
    together = [[use for use in uses if use.name in names] for names in REFORMS]
    grouped = {name for names in REFORMS for name in names}
    return [group for group in together if group] + [[use] for use in uses if use.name not in grouped]


def _game(
    base: Composed, goal: Composed, groups: Sequence[Sequence[LeverUse]], draws: Posterior | None, seed: int | None
) -> tuple[Combinations, tuple[System, ...]]:
    """Return the combinations of levers, and what is simulated of them."""
    game = combinations(base, groups, seed)
    systems = compression_systems(game, goal, draws)
    if draws is not None and not any(len(system.draws) for system in systems):
        raise HallplanError("posterior.error.nothing_to_move", name=base.scenario.name)
    return game, systems


def _simulate(
    settings: dict[str, Any],
    progress: OnProgress | None,
    announce: Callable[[str], None] | None,
    systems: Sequence[System],
) -> list[list[CaseDays]]:
    """Simulate the systems of an answer."""
    return observe(Study.of(*systems, **settings), case_days, progress=progress, announce=announce)


def _uses(group: Group) -> list[LeverUse]:
    """Return the levers of a group."""
    if isinstance(group, str):
        return [LeverUse.parse(name.strip()) for name in group.split("+")]
    return [use if isinstance(use, LeverUse) else LeverUse.parse(use) for use in group]
