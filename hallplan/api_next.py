"""The public API for what to centralise or decentralise next.

Input: a scenario.  Output: a :class:`~planner.next_moves.result.NextMoves`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hallplan.api import EngineLike, engine_like
from planner.next_moves.result import NextMoves
from planner.next_moves.search import NextOptions, next_moves, sources_outside
from planner.next_moves.simulating import moves_simulator
from scenarios.compose.composing import Composed, composed
from sim.run.study import OnProgress

__all__ = ["rank_moves"]


def rank_moves(
    scenario: Composed | str | Path = "honghuagang-2014",
    *,
    options: NextOptions | None = None,
    engine: EngineLike | None = None,
    workers: int | None = None,
    progress: OnProgress | None = None,
    announce: Callable[[str], None] | None = None,
) -> NextMoves:
    """Rank what could move next: items, departments, windows and sections, by what each gains a seat.

    Parameters
    ----------
    scenario
        A composed scenario, the name of a built-in one, or the path of a file.
    options
        How much to simulate.
    engine, workers, progress, announce
        As for :func:`hallplan.staff`.

    Raises
    ------
    HallplanError
        As for :func:`planner.next_moves.search.next_moves`.
    """
    base = scenario if isinstance(scenario, Composed) else composed(scenario)
    question = options or NextOptions()
    simulate = moves_simulator(
        sources_outside(base),
        budget=question.allowed(base.scenario),
        seed=base.scenario.run.seed if question.seed is None else question.seed,
        engine=engine_like(engine),
        workers=workers,
        progress=progress,
        announce=announce,
    )
    return next_moves(base, question, simulate)
