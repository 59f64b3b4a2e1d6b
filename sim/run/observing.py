"""What a question reads of every replication, where the scalar metrics and curves of a sample don't say it.

Input: a :class:`~sim.run.study.Study` of a fixed number of replications, and a function that reads the metrics of one.
Output: what it returns, by system and replication.  Draws are shared, and work is spread over workers, as for every
study; nothing is read from the store or put there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Protocol, TypeVar

from sim.run.replications import CancelToken
from sim.run.study import OnProgress, Study, StudyProgress, System, ask

if TYPE_CHECKING:
    from scenarios.model import Scenario
    from sim.engine.choice import Engine, EngineName
    from sim.measure.frames import Metrics

__all__ = ["Observe", "observe", "observer"]

Observed = TypeVar("Observed")


def observe(
    study: Study,
    read: Callable[[Metrics], Observed],
    *,
    progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
    announce: Callable[[str], None] | None = None,
) -> list[list[Observed]]:
    """Simulate the first stage of a study, which is all of it if the number of replications is fixed.

    Parameters
    ----------
    study
        What to simulate.
    read
        Called with the metrics of every replication; a function of a module, so that another process can import it.
    progress, cancel, announce
        As for :func:`sim.run.study.run`.

    Returns
    -------
    list
        By system, what was read of each replication, in their order.

    Raises
    ------
    HallplanError
        As for :func:`sim.run.study.run`.
    CancellationError
        If `cancel` was set.
    """
    from sim.run.source import SampleSource

    stage = ask(study)
    observed: list[list[Observed]] = [[] for _ in study.systems]

    def counts() -> tuple[int, int]:
        return min(map(len, observed)), max(stage.progress.expected)

    with (
        closing(SampleSource(study, None, cancel, announce, read=read)) as source,
        closing(source.work_off(stage.tasks, counts)) as arriving,
    ):
        for task, result in arriving:
            observed[task.system].append(result)
            if progress is not None:
                progress(StudyProgress(tuple(map(len, observed)), stage.progress.expected))
    return observed


class Observe(Protocol):
    """Simulates scenarios under common random numbers, step by step, for a question that has many of them."""

    def __call__(
        self,
        scenarios: Sequence[Scenario | System],
        read: Callable[[Metrics], Observed],
        *,
        first: int = 0,
        replications: int,
    ) -> list[list[Observed]]:
        """Return by scenario what was read of each replication, from number `first` on."""


def observer(
    *,
    seed: int | None = None,
    engine: Engine | EngineName | None = None,
    workers: int | None = None,
    progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
    announce: Callable[[str], None] | None = None,
) -> Observe:
    """Return what simulates the steps of a question.

    Parameters
    ----------
    seed, engine, workers
        As for :class:`sim.run.study.Study`; the seed is the first scenario's own by default, and the engine the
        compiled one, since a question has many steps.
    progress, cancel, announce
        As for :func:`observe`.
    """

    def simulate(
        scenarios: Sequence[Scenario | System],
        read: Callable[[Metrics], Observed],
        *,
        first: int = 0,
        replications: int,
    ) -> list[list[Observed]]:
        study = Study.of(
            *scenarios, replications=replications, seed=seed, first=first, engine=engine or "compiled", workers=workers
        )
        return observe(study, read, progress=progress, cancel=cancel, announce=announce)

    return simulate
