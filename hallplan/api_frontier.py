"""The public API for two metrics that pull against each other: the Pareto set over levers and staff.

Input: a scenario, levers and ranges of servers.  Output: a :class:`~planner.frontier.result.Frontier`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from hallplan.api import EngineLike, engine_like
from planner.frontier.plans import PlanSpace, PoolRange
from planner.frontier.result import Frontier
from planner.frontier.search import FrontierOptions
from planner.frontier.search import frontier as search_frontier
from planner.frontier.simulating import metrics_simulator
from scenarios.compose.composing import Composed, composed
from scenarios.compose.levers import LeverUse
from sim.run.study import OnProgress

__all__ = ["COST", "TURNAROUND", "frontier"]

COST: Final = "cost_per_day"
TURNAROUND: Final = "case_elapsed_q90_days"


def frontier(
    scenario: Composed | str | Path,
    *,
    levers: Sequence[LeverUse | str] = (),
    staff: Mapping[str, tuple[int, int]] | None = None,
    options: FrontierOptions | None = None,
    engine: EngineLike | None = None,
    workers: int | None = None,
    progress: OnProgress | None = None,
    announce: Callable[[str], None] | None = None,
) -> Frontier:
    """Return which combinations of levers and staff nobody can better in two metrics at once.

    Parameters
    ----------
    scenario
        A composed scenario, the name of a built-in one, or the path of a file.
    levers
        What a plan may have or not.
    staff
        The fewest and the most servers, by pool.
    options
        The two metrics, and how much to simulate; cost a day against the 90th percentile of turnaround by default.
    engine, workers, progress, announce
        As for :func:`hallplan.staff`.

    Raises
    ------
    HallplanError
        As for :func:`planner.frontier.search.frontier`.
    """
    base = scenario if isinstance(scenario, Composed) else composed(scenario)
    uses = [use if isinstance(use, LeverUse) else LeverUse.parse(use) for use in levers]
    ranges = [PoolRange(pool, least, most) for pool, (least, most) in (staff or {}).items()]
    question = options or FrontierOptions(COST, TURNAROUND)
    simulate = metrics_simulator(
        (question.x, question.y),
        budget=question.allowed(base.scenario),
        seed=base.scenario.run.seed if question.seed is None else question.seed,
        engine=engine_like(engine),
        workers=workers,
        progress=progress,
        announce=announce,
    )
    return search_frontier(PlanSpace.of(base, uses, ranges), question, simulate)
