"""Where a study's samples come from: from the store, or from simulating, and then into the store.

Input: a study and tasks.  Output: the samples, or whatever else is read of replications, in the order of the tasks.
Engine and number of workers are chosen when something has to be simulated, by the work ahead; without such work, no
engine is loaded.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Generator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from foundation.errors import HallplanError, HallplanWarning
from scenarios.check import expected_arrivals
from sim.engine.choice import is_compiled, is_own, note_simpy_work, sooner_engine
from sim.run.keys import Key
from sim.run.replications import CancellationError, CancelToken
from sim.run.sample import Sample
from sim.run.store import Store
from sim.run.study import Study, Task
from sim.run.workers import Crew, cores

if TYPE_CHECKING:
    from sim.measure.frames import Metrics

__all__ = ["SampleSource"]

_WORKERS_FROM: Final = 400_000
"""Visits to simulate from which more than one worker is worth starting."""
_STORE_AT_ONCE: Final = 64
"""Samples that are stored together, so that files are few."""
_STORE_EVERY_S: Final = 20.0
"""Seconds of work that an interruption may lose."""


class SampleSource:
    """Brings the samples of tasks: from the store, or by simulating; and stores what was simulated.

    With `read`, whatever that returns takes the place of samples, and nothing is stored.
    """

    def __init__(
        self,
        study: Study,
        store: Store | None,
        cancel: CancelToken | None,
        announce: Callable[[str], None] | None,
        *,
        read: Callable[[Metrics], Any] | None = None,
    ) -> None:
        self._study, self._cancel, self._announce = study, cancel, announce
        own = callable(study.engine) and is_own(study.engine)
        self._store = None if own or read is not None else store
        self._read = read
        self._crew: Crew[Any, list[Any]] | None = None
        self._family: dict[int, int] = {}
        self._pending = dict[Key, Sample]()
        self._stored_at = time.monotonic()
        self._can_store = True
        self.engine_name = study.engine if isinstance(study.engine, str) else "own" if own else "compiled"
        self.simulated = self.stored = 0

    def close(self) -> None:
        """Store what is pending, and let the workers go."""
        self._flush()
        if self._crew is not None:
            self._crew.__exit__()

    def work_off(self, tasks: Sequence[Task], counts: Callable[[], tuple[int, int]]) -> Generator[tuple[Task, Any]]:
        """Yield the samples of tasks, in their order."""
        present, keys = self._look_up(tasks)
        missing = [task for task in tasks if task not in present]
        arriving = self._simulate(missing, counts)
        with closing(arriving):
            for task in tasks:
                if task not in present:
                    for simulated, sample in arriving:
                        present[simulated] = sample
                        self._keep(keys.get(simulated), sample)
                        if simulated == task:
                            break
                yield task, present.pop(task)

    def _look_up(self, tasks: Sequence[Task]) -> tuple[dict[Task, Sample], dict[Task, Key]]:
        if self._store is None:
            return {}, {}
        keys = {task: self._study.key_of(task) for task in tasks}
        samples = self._store.get(keys.values(), curves=self._study.curves)
        present = {task: samples[key] for task, key in keys.items() if key in samples}
        self.stored += len(present)
        return present, keys

    def _keep(self, key: Key | None, sample: Sample) -> None:
        self.simulated += 1
        if key is None:
            return
        self._pending[key] = sample
        if len(self._pending) >= _STORE_AT_ONCE or time.monotonic() - self._stored_at > _STORE_EVERY_S:
            self._flush()

    def _flush(self) -> None:
        pending, self._pending, self._stored_at = self._pending, {}, time.monotonic()
        if not pending or self._store is None or not self._can_store:
            return
        try:
            self._store.put(pending)
        except OSError as error:
            self._can_store = False
            reason = error.strerror or str(error)
            warnings.warn(HallplanWarning("store.unwritable", reason=reason), stacklevel=4)

    # ---- simulating -------------------------------------------------------------------------------------------------

    def _simulate(self, tasks: Sequence[Task], counts: Callable[[], tuple[int, int]]) -> Generator[tuple[Task, Any]]:
        if not tasks:
            return
        if self._crew is None:
            self._crew = self._hire(tasks)
        pieces = self._pieces(tasks)

        def stop(_: int) -> None:
            if self._cancel is not None and self._cancel.is_set():
                done, expected = counts()
                raise CancellationError("error.replications.cancelled", done=done, replications=expected)

        try:
            with closing(self._crew.map(pieces, stop=stop)) as results:
                for piece, samples in zip(pieces, results, strict=True):
                    for system, sample in zip(piece.systems, samples, strict=True):
                        yield Task(system, piece.replication), sample
        except BrokenProcessPool:
            done, expected = counts()
            raise HallplanError("error.replications.worker_lost", done=done, replications=expected) from None

    def _hire(self, tasks: Sequence[Task]) -> Crew[Any, list[Any]]:
        """Choose the engine and the number of workers by the work ahead."""
        from sim.run.sample import sample_of
        from sim.run.simulating import SimulationWork, families_of

        study = self._study
        by_system = [sum(expected_arrivals(scenario).values()) for scenario in study.scenarios]
        visits = sum(by_system[task.system] for task in tasks)
        engine = sooner_engine(visits, study.engine, self._announce)
        compiled = is_compiled(engine)
        if not callable(study.engine) or not is_own(study.engine):
            self.engine_name = "compiled" if compiled else "simpy"
        if self.engine_name == "simpy":
            note_simpy_work(visits)
        workers = study.workers or (cores() if visits >= _WORKERS_FROM else 1)
        self._family = families_of(study.scenarios)
        read = self._read or partial(sample_of, curves=study.curves)
        work = SimulationWork(study.scenarios, study.seed, engine, study.options, read)
        return Crew(work, max(1, min(workers, len(tasks))), threads=compiled)

    def _pieces(self, tasks: Sequence[Task]) -> list[Any]:
        """Put together the replications that share their draw."""
        from sim.run.simulating import Piece

        grouped, pieces = dict[tuple[int, int], list[int]](), list[Any]()
        for task in tasks:
            if len(self._study.systems[task.system].draws):
                grouped[-1 - task.system, task.replication] = [task.system]
            else:
                grouped.setdefault((self._family[task.system], task.replication), []).append(task.system)
        for (family, replication), systems in grouped.items():
            drawn = self._study.scenario_of(Task(systems[0], replication)) if family < 0 else None
            pieces.append(Piece(tuple(systems), replication, drawn))
        return pieces
