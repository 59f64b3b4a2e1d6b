"""Long work in the background: a bounded queue in front of a few processes, with progress, cancelling and a cache.

Comes in: jobs, each a list of :class:`Unit` (a function of a module, its arguments, and a key that names its result).
Goes out: what a page polls: a :class:`View` of a job (its place in the queue, its progress, its end), and at last the
units' results, in order.  Processes are spawned and run at low priority, so that whoever waits for a click is served
first.  A process that dies is replaced; its unit is tried once more, then the job fails with one sentence.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, Literal, TypeAlias

from foundation.errors import HallplanError

__all__ = ["Jobs", "State", "Unit", "View"]

State = Literal["waiting", "running", "done", "failed", "cancelled"]
_ENDED: Final = ("done", "failed", "cancelled")
_POLL_S: Final = 0.1
_ATTEMPTS: Final = 2

OnDone: TypeAlias = "Callable[[Sequence[Unit], Sequence[Any]], None]"


@dataclass(frozen=True)
class Unit:
    """One piece of a job: a call that a process can make, and the key under which its result is kept.

    Units with the same key are the same work: whoever asks second is given what is there.
    """

    key: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class View:
    """A job as its owner sees it.

    Attributes
    ----------
    state
        ``waiting`` in the queue, ``running``, or how it ended.
    ahead
        Jobs before it in the queue.
    done, total
        Units finished, and all of them.
    error
        Why it failed.
    """

    state: State
    ahead: int
    done: int
    total: int
    error: HallplanError | None = None

    @property
    def is_active(self) -> bool:
        """Whether it has not ended."""
        return self.state not in _ENDED


@dataclass
class _Job:
    name: str
    units: tuple[Unit, ...]
    owners: set[str]
    waiting: deque[int]
    state: State = "waiting"
    results: dict[int, Any] = field(default_factory=dict)
    attempts: dict[int, int] = field(default_factory=dict)
    error: HallplanError | None = None

    @property
    def is_active(self) -> bool:
        return self.state not in _ENDED

    def give_up(self, state: State, error: HallplanError | None = None) -> None:
        """End without results; what waits is not begun."""
        self.state, self.error = state, error
        self.waiting.clear()


class Jobs:
    """A queue of jobs and the processes that work on them.

    Parameters
    ----------
    workers
        Number of processes; they start with the first job.
    most_active
        How many jobs may wait or run; one more is refused.
    most_kept
        How many ended jobs are remembered.
    most_results
        How many units' results are kept for whoever asks for the same again.
    unit_seconds
        Longest that one unit may take.
    niceness
        By how much the processes' priority is lowered.
    on_done
        Called in the background, outside every lock, with the units of a job that is done and their results.
    """

    def __init__(
        self,
        *,
        workers: int = 2,
        most_active: int = 16,
        most_kept: int = 64,
        most_results: int = 2_000,
        unit_seconds: float = 600.0,
        niceness: int = 10,
        on_done: OnDone | None = None,
    ) -> None:
        self._most_active, self._most_kept, self._most_results = most_active, most_kept, most_results
        self._unit_seconds, self._niceness, self._workers = unit_seconds, niceness, workers
        self._jobs: OrderedDict[str, _Job] = OrderedDict()
        self._results: OrderedDict[str, Any] = OrderedDict()
        self._news = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._closed = False
        self._on_done, self._ended = on_done, deque[_Job]()
        self.deaths = 0
        """How many processes have died of themselves so far."""

    # --- what a page asks ---------------------------------------------------------------------------------------

    def submit(self, name: str, units: Sequence[Unit], *, owner: str) -> View:
        """Queue a job, or join the one of that name that is active or done.

        Parameters
        ----------
        name
            Name of the job: the same name is the same work.
        units
            Its pieces.
        owner
            Who asks; a job stops when all who asked for it have cancelled it.

        Raises
        ------
        HallplanError
            If the queue is full.
        """
        with self._news:
            job = self._jobs.get(name)
            if job is None or job.state in ("failed", "cancelled"):
                if sum(other.is_active for other in self._jobs.values()) >= self._most_active:
                    raise HallplanError("page.jobs.full", most=self._most_active)
                job = _Job(name, tuple(units), set(), deque())
                for index, unit in enumerate(job.units):
                    if unit.key in self._results:
                        self._results.move_to_end(unit.key)
                        job.results[index] = self._results[unit.key]
                    else:
                        job.waiting.append(index)
                if not job.waiting:
                    job.state = "done"
                self._jobs.pop(name, None)
                self._jobs[name] = job
                self._forget_old()
                self._start()
                self._news.notify_all()
            job.owners.add(owner)
            return self._view(job)

    def missing(self, units: Sequence[Unit]) -> list[Unit]:
        """Return the units whose results are not remembered."""
        with self._news:
            return [unit for unit in units if unit.key not in self._results]

    def offer(self, results: Mapping[str, Any]) -> None:
        """Remember results that exist already, by their units' keys."""
        with self._news:
            for key, value in results.items():
                self._remember(key, value)

    def view(self, name: str) -> View | None:
        """Return how a job stands, or None if none of that name is remembered."""
        with self._news:
            job = self._jobs.get(name)
            return None if job is None else self._view(job)

    def results(self, name: str) -> list[Any]:
        """Return the results of a job that is done, in the order of its units.

        Raises
        ------
        HallplanError
            If it is not done, or not remembered.
        """
        with self._news:
            job = self._jobs.get(name)
            if job is None or job.state != "done":
                raise HallplanError("page.jobs.gone")
            return [job.results[index] for index in range(len(job.units))]

    def cancel(self, name: str, *, owner: str) -> None:
        """Give up a job; it stops at once unless somebody else waits for it too."""
        with self._news:
            job = self._jobs.get(name)
            if job is not None and job.is_active:
                job.owners.discard(owner)
                if not job.owners:
                    job.give_up("cancelled")
                self._news.notify_all()

    def forget(self) -> None:
        """Forget the jobs that have ended, and all results that nobody waits for."""
        with self._news:
            for name in [name for name, job in self._jobs.items() if not job.is_active]:
                del self._jobs[name]
            self._results.clear()

    def close(self) -> None:
        """Stop the processes; jobs that are active are cancelled."""
        with self._news:
            self._closed = True
            for job in self._jobs.values():
                if job.is_active:
                    job.give_up("cancelled")
            self._news.notify_all()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        atexit.unregister(self.close)

    # --- the queue, under the lock ------------------------------------------------------------------------------

    def _view(self, job: _Job) -> View:
        active = [other for other in self._jobs.values() if other.is_active]
        ahead = active.index(job) if job.state == "waiting" else 0
        return View(job.state, ahead, len(job.results), len(job.units), job.error)

    def _forget_old(self) -> None:
        ended = [name for name, job in self._jobs.items() if not job.is_active]
        for name in ended[: max(len(ended) - self._most_kept, 0)]:
            del self._jobs[name]

    def _start(self) -> None:
        if not self._threads and not self._closed:
            atexit.register(self.close)
            for number in range(self._workers):
                thread = threading.Thread(target=self._serve, name=f"hallplan-jobs-{number}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _next(self) -> tuple[_Job, int] | None:
        """Wait for a unit to do; None when the queue is closed."""
        with self._news:
            while not self._closed:
                for job in self._jobs.values():
                    while job.waiting:
                        job.state = "running"
                        index = job.waiting.popleft()
                        key = job.units[index].key
                        if key not in self._results:
                            return job, index
                        self._take(job, index, self._results[key])  # another job has done it meanwhile
                self._news.wait()
            return None

    def _take(self, job: _Job, index: int, value: Any) -> None:
        job.results[index] = value
        if len(job.results) == len(job.units):
            job.state = "done"
            self._ended.append(job)

    def _remember(self, key: str, value: Any) -> None:
        self._results[key] = value
        self._results.move_to_end(key)
        while len(self._results) > self._most_results:
            self._results.popitem(last=False)

    def _finish(self, job: _Job, index: int, value: Any) -> None:
        with self._news:
            key = job.units[index].key
            self._remember(key, value)
            if job.is_active:
                self._take(job, index, value)

    def _announce_ended(self) -> None:
        """Hand the results of jobs that are done to whoever wants them."""
        while True:
            with self._news:
                if not self._ended:
                    return
                job = self._ended.popleft()
                results = [job.results[index] for index in range(len(job.units))]
            if self._on_done is not None:
                self._on_done(job.units, results)

    def _fail(self, job: _Job, error: HallplanError) -> None:
        with self._news:
            if job.is_active:
                job.give_up("failed", error)

    def _died(self, job: _Job, index: int) -> None:
        with self._news:
            self.deaths += 1
            job.attempts[index] = job.attempts.get(index, 0) + 1
            if job.attempts[index] < _ATTEMPTS:
                if job.is_active:
                    job.waiting.appendleft(index)
                return
        self._fail(job, HallplanError("page.jobs.died"))

    # --- one thread a process -----------------------------------------------------------------------------------

    def _serve(self) -> None:
        worker: _Worker | None = None
        while (task := self._next()) is not None:
            job, index = task
            try:
                worker = worker if worker is not None and worker.is_alive else _Worker(self._niceness)
            except OSError as error:
                self._fail(job, HallplanError("page.jobs.no_process", why=error.strerror or str(error)))
                continue
            verdict, value = worker.do(job.units[index], self._unit_seconds, job)
            if verdict == "done":
                self._finish(job, index, value)
                self._announce_ended()
            elif verdict == "error":
                self._fail(job, value)
            else:
                worker.stop()
                worker = None
                if verdict == "late":
                    self._fail(job, HallplanError("page.jobs.late", minutes=round(self._unit_seconds / 60)))
                elif verdict == "died":
                    self._died(job, index)
        if worker is not None:
            worker.stop()


Verdict = Literal["done", "error", "died", "late", "unwanted"]


class _Worker:
    """A spawned process and the pipe to it."""

    def __init__(self, niceness: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=_work, args=(theirs, niceness), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def do(self, unit: Unit, seconds: float, job: _Job) -> tuple[Verdict, Any]:
        """Have a unit done; come back early if the process dies, time runs out, or the job has ended otherwise."""
        end = time.monotonic() + seconds
        try:
            self._pipe.send((unit.function, unit.arguments))
            while not self._pipe.poll():
                if not job.is_active:
                    return "unwanted", None
                if time.monotonic() > end:
                    return "late", None
                if self._process.sentinel in wait([self._pipe, self._process.sentinel], _POLL_S):
                    if self._pipe.poll():
                        break
                    return "died", None
            verdict, value = self._pipe.recv()
        except (EOFError, OSError):
            return "died", None
        except Exception as error:
            # What can't be sent, or read back, is that unit's fault: the thread that serves the queue must live on.
            return "error", _fault(error)
        return verdict, value

    def stop(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _work(pipe: Connection, niceness: int) -> None:
    """Do what comes through the pipe until it closes: the whole life of a process."""
    if hasattr(os, "nice"):
        os.nice(niceness)
    try:
        while True:
            function, arguments = pipe.recv()
            pipe.send(_attempt(function, arguments))
    except (EOFError, KeyboardInterrupt, BrokenPipeError):
        pass  # whoever asked is gone


def _attempt(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Verdict, Any]:
    try:
        return "done", function(*arguments)
    except HallplanError as error:
        return "error", error
    except MemoryError:
        return "error", HallplanError("page.jobs.memory")
    except Exception as error:
        # Whatever else went wrong, the page says so in a sentence and the queue goes on.
        return "error", _fault(error)


def _fault(error: Exception) -> HallplanError:
    return HallplanError("page.jobs.fault", what=f"{type(error).__name__}: {error}")
