"""The public API for the rest of a day: what is still to come, from the queue as it is now.

Input: a scenario, and the state of its hall as a file or a value.  Output: a
:class:`~planner.today.result.RestOfDay`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hallplan.api import EngineLike, ScenarioLike, engine_like, load
from planner.today.forecast import rest_of_day
from planner.today.reading import read_state
from planner.today.result import Effort, RestOfDay
from planner.today.state import HallState
from scenarios.model import Scenario
from sim.run.observing import observer
from sim.run.study import OnProgress

__all__ = ["today"]


def today(
    scenario: ScenarioLike,
    state: HallState | str | Path,
    *,
    replications: int | None = None,
    seed: int | None = None,
    engine: EngineLike | None = None,
    workers: int | None = None,
    progress: OnProgress | None = None,
    announce: Callable[[str], None] | None = None,
) -> RestOfDay:
    """Forecast the rest of a day from the queue as it is now, and rank the windows that could open.

    Parameters
    ----------
    scenario
        As for :func:`hallplan.run`.
    state
        The state of the hall: a file, or a :class:`~planner.today.state.HallState`.
    replications
        Of the forecast; 199 by default.
    seed, engine, workers
        As for :func:`hallplan.run`.
    progress, announce
        Called after each replication of a step; and with a sentence if compiling takes some seconds.

    Raises
    ------
    HallplanError
        One sentence about what is wrong with the scenario or the state.
    """
    model = scenario if isinstance(scenario, Scenario) else load(scenario)
    now = state if isinstance(state, HallState) else read_state(Path(state), model)
    simulate = observer(
        seed=model.run.seed if seed is None else seed,
        engine=engine_like(engine),
        workers=workers,
        progress=progress,
        announce=announce,
    )
    effort = None if replications is None else Effort.of(replications)
    return rest_of_day(model, now, simulate, effort=effort)
