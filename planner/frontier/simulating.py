"""What simulates the plans of a frontier: two metrics of every replication, under common random numbers.

Input: the names of two metrics, and how to simulate.  Output: a function for :func:`planner.frontier.search.frontier`.
Besides the metrics of a summary there is the turnaround that nine in ten cases keep, over all services.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from foundation.arrays import FloatArray
from planner.frontier.search import SimulateFigures
from scenarios.model import Scenario
from sim.engine.choice import Engine, EngineName
from sim.run.observing import observer
from sim.run.policy import check_metrics
from sim.run.replications import CancelToken
from sim.run.study import OnProgress, StudyProgress

if TYPE_CHECKING:
    from sim.measure.frames import Metrics

__all__ = ["metrics_simulator", "steps_simulator", "two_metrics"]


def two_metrics(metrics: Metrics, *, names: tuple[str, str]) -> tuple[float, float]:
    """Return two scalar metrics of a replication.

    Raises
    ------
    HallplanError
        If the replication does not have one of them.
    """
    summary = metrics.summary
    check_metrics(summary, names)
    return summary[names[0]], summary[names[1]]


def metrics_simulator(names: tuple[str, str], **settings: Any) -> SimulateFigures:
    """Return what simulates scenarios and reads two metrics.

    Parameters
    ----------
    names
        The metrics.
    **settings
        As for :func:`steps_simulator`.
    """
    return steps_simulator(partial(two_metrics, names=names), **settings)


def steps_simulator(
    read: Callable[[Metrics], tuple[float, ...]],
    *,
    budget: int,
    seed: int,
    engine: Engine | EngineName | None = None,
    workers: int | None = None,
    progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
    announce: Callable[[str], None] | None = None,
) -> SimulateFigures:
    """Return what simulates scenarios step by step, and reads some numbers of every replication.

    Parameters
    ----------
    read
        Called with the metrics of every replication.
    budget
        Replications that there may be: what progress is told against.
    seed, engine, workers
        As for :class:`sim.run.study.Study`; the engine is the compiled one by default, since a search has many steps.
    progress, cancel, announce
        As for :func:`sim.run.study.run`.
    """
    done = 0

    def tell(step: StudyProgress) -> None:
        if progress is not None:
            progress(StudyProgress((done + step.total_done,), (budget,)))

    step = observer(seed=seed, engine=engine, workers=workers, progress=tell, cancel=cancel, announce=announce)

    def simulate(scenarios: Sequence[Scenario], first: int, replications: int) -> FloatArray:
        nonlocal done
        shown = step(scenarios, read, first=first, replications=replications)
        done += replications * len(scenarios)
        return np.array(shown, dtype=np.float64)

    return simulate
