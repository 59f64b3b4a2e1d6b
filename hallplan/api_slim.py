"""The public API for slimming down: the fewest windows at which no department's visitors wait longer.

Input: a scenario.  Output: a :class:`~planner.slim.Slim`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hallplan.api import EngineLike, engine_like
from hallplan.api_posterior import composed_like
from planner.slim import Slim, SlimGoal, slim_down
from planner.staffing.simulating import simulator
from scenarios.compose.composing import Composed
from sim.run.study import OnProgress

__all__ = ["slim"]


def slim(
    scenario: str | Path | Composed = "honghuagang-2014",
    goal: SlimGoal | None = None,
    *,
    seed: int | None = None,
    engine: EngineLike | None = None,
    workers: int | None = None,
    progress: OnProgress | None = None,
    announce: Callable[[str], None] | None = None,
) -> Slim:
    """Search for the fewest windows at which any window serves anybody and no department's visitors wait longer.

    Parameters
    ----------
    scenario
        Name or path of a hall whose windows belong to departments, or one that is composed.
    goal
        The penalty of generality, the training, and the wait that counts as none.
    seed, engine, workers
        As for :func:`hallplan.run`.
    progress, announce
        Called after each replication of a step; and with a sentence if compiling takes some seconds.

    Raises
    ------
    HallplanError
        One sentence about what is wrong with the scenario, or that it has no windows to be pooled.
    """
    simulate = simulator(seed=seed, engine=engine_like(engine), workers=workers, progress=progress, announce=announce)
    return slim_down(composed_like(scenario), simulate, goal)
