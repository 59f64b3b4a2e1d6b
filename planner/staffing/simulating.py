"""What simulates halls for the search: counts for its targets, under common random numbers.

Input: how to simulate.  Output: a function for :func:`planner.staffing.search.staff`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from planner.staffing.certificate import Observed
from planner.staffing.simulate import Simulate
from planner.staffing.targets import Counted
from scenarios.model import Scenario
from sim.engine.choice import Engine, EngineName
from sim.measure.frames import Metrics
from sim.run.observing import observer
from sim.run.replications import CancelToken
from sim.run.study import OnProgress, System

__all__ = ["observed_of", "simulator"]


def simulator(
    *,
    seed: int | None = None,
    engine: Engine | EngineName | None = None,
    workers: int | None = None,
    progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
    announce: Callable[[str], None] | None = None,
) -> Simulate:
    """Return what simulates scenarios and counts what targets judge.

    Parameters
    ----------
    seed, engine, workers
        As for :class:`sim.run.study.Study`; the seed is the first scenario's own by default, and the engine the
        compiled one, since a search has many steps.
    progress, cancel, announce
        As for :func:`sim.run.study.run`.
    """
    step = observer(seed=seed, engine=engine, workers=workers, progress=progress, cancel=cancel, announce=announce)

    def simulate(
        scenarios: Sequence[Scenario | System], targets: Sequence[Counted], first: int, replications: int
    ) -> list[list[Observed]]:
        return step(scenarios, partial(observed_of, targets=tuple(targets)), first=first, replications=replications)

    return simulate


def observed_of(metrics: Metrics, *, targets: Sequence[Counted]) -> Observed:
    """Count of a replication what each target judges."""
    return tuple(target.count(metrics) for target in targets)
