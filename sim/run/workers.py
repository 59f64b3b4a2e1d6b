"""Work shared among threads or processes, and its results in the order in which it was asked for.

Input: what is to be done, and the pieces of it.  Output: one result a piece, whoever of the workers is faster, so
that nothing that is summed up from them depends on their number.
"""

from __future__ import annotations

import contextvars
import gc
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from multiprocessing import resource_tracker
from queue import SimpleQueue
from typing import Any, Final, Generic, Protocol, Self, TypeVar

__all__ = ["Crew", "Work", "cores", "in_order", "process_starts"]

Piece = TypeVar("Piece")
Result = TypeVar("Result")
Piece_contra = TypeVar("Piece_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)

_POLL_S: Final = 0.1
"""How often whoever waits for a result looks whether to stop."""

_NEW_OBJECTS: Final = 100_000
"""New objects after which a worker process looks for garbage: a scenario alone has tens of thousands."""

_SWITCH_S: Final = 1e-4
"""How long a thread may keep the interpreter's lock: a replication asks for it hundreds of times between its array
passes, and would wait up to Python's 5 ms each time that another thread is in plain Python."""

_MOST_ON_WINDOWS: Final = 61
"""Processes that Windows lets one program wait for: 64 handles, three of which Python needs
(:class:`concurrent.futures.ProcessPoolExecutor`)."""

process_starts: Final = threading.Lock()
"""Held while a process may be starting: whoever ends the program waits for it, or the process would complain."""


class Work(Protocol[Piece_contra, Result_co]):
    """What is to be done; it can be sent to another process."""

    def ready(self) -> Callable[[Piece_contra], Result_co]:
        """Prepare what all pieces share, once a process; return what does one piece."""


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Crew(Generic[Piece, Result]):
    """Workers that stay for several rounds of pieces; a context manager.

    Parameters
    ----------
    work
        What to do.
    workers
        How many pieces at a time; one worker does them here, one after the other.
    threads
        Whether the workers are threads, which start at once: for machine code, which releases the interpreter's lock.
        Python code never does: it is for processes (spawned).
    apart
        Whether one worker is a process too, for pieces that may end the process that does them.
    """

    def __init__(
        self, work: Work[Piece, Result], workers: int = 1, *, threads: bool = False, apart: bool = False
    ) -> None:
        self._work, self._workers, self._threads = work, workers, threads
        self._is_here = workers == 1 and not apart
        self._stack = ExitStack()
        self._submit: Callable[[Piece], Future[Result]] | None = None
        self._do: Callable[[Piece], Result] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def map(self, pieces: Iterable[Piece], *, stop: Callable[[int], None] | None = None) -> Generator[Result]:
        """Do all pieces; yield their results in order.

        Parameters
        ----------
        pieces
            The pieces; they are read as workers become free.
        stop
            Called now and then with the number of pieces done; raises to stop.

        Raises
        ------
        concurrent.futures.process.BrokenProcessPool
            If a process dies.
        """
        if self._is_here:
            yield from self._here(pieces, stop)
            return
        if self._submit is None:
            start = _threads if self._threads else _processes
            self._submit = self._stack.enter_context(start(self._work, self._workers))
        waiting, ahead, done = deque[Future[Result]](), iter(pieces), 0
        try:
            while True:
                while len(waiting) < 2 * self._workers:
                    try:
                        waiting.append(self._submit(next(ahead)))
                    except StopIteration:
                        break
                if not waiting:
                    return
                if stop is not None:
                    stop(done)
                if wait([waiting[0]], timeout=_POLL_S).done:
                    done += 1
                    yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def _here(self, pieces: Iterable[Piece], stop: Callable[[int], None] | None) -> Generator[Result]:
        if self._do is None:
            self._do = self._work.ready()
        for done, piece in enumerate(pieces):
            if stop is not None:
                stop(done)
            yield self._do(piece)


def in_order(
    work: Work[Piece, Result],
    pieces: Iterable[Piece],
    *,
    workers: int = 1,
    threads: bool = False,
    stop: Callable[[int], None] | None = None,
) -> Generator[Result]:
    """Do all pieces once; yield their results in order.  For the parameters see :class:`Crew`."""
    with Crew(work, workers, threads=threads) as crew:
        yield from crew.map(pieces, stop=stop)


@contextmanager
def _threads(work: Work[Piece, Result], number: int) -> Generator[Callable[[Piece], Future[Result]]]:
    """Start threads; the program's end doesn't wait for them, as it would for an executor's."""
    sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH_S))
    do, tasks = work.ready(), SimpleQueue[tuple[Piece, Future[Result]] | None]()

    def run() -> None:
        while (task := tasks.get()) is not None:
            piece, future = task
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(do(piece))
                except BaseException as error:  # for whoever asks for the result
                    future.set_exception(error)

    def submit(piece: Piece) -> Future[Result]:
        future: Future[Result] = Future()
        tasks.put((piece, future))
        return future

    for _ in range(number):
        threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True).start()
    try:
        yield submit
    finally:
        for _ in range(number):
            tasks.put(None)


def _at_most(number: int) -> int:
    """Return how many processes of `number` the system lets one program wait for."""
    return min(number, _MOST_ON_WINDOWS) if sys.platform == "win32" else number


@contextmanager
def _processes(work: Work[Piece, Result], number: int) -> Generator[Callable[[Piece], Future[Result]]]:
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        _at_most(number), mp_context=context, initializer=_start_worker, initargs=(pickle.dumps(work),)
    )
    try:
        yield lambda piece: _submit(pool, piece)
    finally:
        pool.shutdown(cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, piece: Any) -> Future[Any]:
    """Submit a piece; a process that starts meanwhile inherits a blocked SIGINT until it is ready for it."""
    with process_starts:
        if not hasattr(signal, "pthread_sigmask"):
            return pool.submit(_do, piece)
        resource_tracker.ensure_running()  # else the first start would do it, and unblock the signal
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return pool.submit(_do, piece)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


_doing: list[Callable[[Any], Any]] = []  # of a worker process: what does one piece


def _start_worker(pickled: bytes) -> None:
    """Make this process ready for work that comes as bytes, so that the parent need not wait for what they import."""
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:  # as in a shell's background work, which ends by itself
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends a worker without a traceback
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work: Work[Any, Any] = pickle.loads(pickled)  # noqa: S301 - from our own parent
    _doing[:] = [work.ready()]
    gc.freeze()  # what all pieces share stays: to look through it for garbage again takes a quarter of the time
    gc.set_threshold(_NEW_OBJECTS)


def _end_with_parent() -> None:
    """End this worker as soon as its parent is gone, even if the parent was killed and could not say so."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _do(piece: Any) -> Any:
    return _doing[0](piece)
