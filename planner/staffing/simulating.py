"""What simulates halls for the search: counts of those called in time, under common random numbers.

Input: a target, and how to simulate.  Output: a function for :func:`planner.staffing.search.staff`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from planner.staffing.requirement import WaitTarget
from planner.staffing.search import Simulate
from scenarios.model import Scenario
from sim.engine.choice import Engine, EngineName
from sim.measure.called import CalledCounts, called_counts
from sim.run.observing import observe
from sim.run.replications import CancelToken
from sim.run.study import OnProgress, Study

__all__ = ["simulator"]


def simulator(
    target: WaitTarget,
    *,
    seed: int | None = None,
    engine: Engine | EngineName | None = None,
    workers: int | None = None,
    progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
    announce: Callable[[str], None] | None = None,
) -> Simulate:
    """Return what simulates scenarios and counts who was called in time.

    Parameters
    ----------
    target
        Whose minutes count.
    seed, engine, workers
        As for :class:`sim.run.study.Study`; the seed is the first scenario's own by default, and the engine the
        compiled one, since a search has many steps.
    progress, cancel, announce
        As for :func:`sim.run.study.run`.
    """
    read = partial(called_counts, within_min=target.within_min)

    def simulate(scenarios: Sequence[Scenario], first: int, replications: int) -> list[list[CalledCounts]]:
        study = Study.of(
            *scenarios, replications=replications, seed=seed, first=first, engine=engine or "compiled", workers=workers
        )
        return observe(study, read, progress=progress, cancel=cancel, announce=announce)

    return simulate
