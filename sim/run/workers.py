"""Work shared among threads or processes, and its results in the order in which it was asked for.

Comes in: what is to be done, and the pieces of it.  Goes out: one result a piece, whoever of the workers is faster, so
that nothing that is summed up from them depends on their number.
"""

from __future__ import annotations

import contextvars
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, Final, Protocol, TypeVar

__all__ = ["Work", "cores", "in_order"]

Piece = TypeVar("Piece")
Result = TypeVar("Result")
Piece_contra = TypeVar("Piece_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)

_POLL_S: Final = 0.1
"""How often whoever waits for a result looks whether to stop."""


class Work(Protocol[Piece_contra, Result_co]):
    """What is to be done; it can be sent to another process."""

    def ready(self) -> Callable[[Piece_contra], Result_co]:
        """Prepare what all pieces share, once a process; return what does one piece."""


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(
    work: Work[Piece, Result],
    pieces: Iterable[Piece],
    *,
    workers: int = 1,
    threads: bool = False,
    stop: Callable[[int], None] | None = None,
) -> Generator[Result]:
    """Do all pieces; yield their results in order.

    Parameters
    ----------
    work, pieces
        What to do.
    workers
        How many at a time; one does them here, one after the other.
    threads
        Whether they are threads, which are there at once: for machine code, which lets go of the interpreter's lock.
        What is written in Python never does: it is for processes (spawned).
    stop
        Told now and then how many pieces are done; raises to stop.

    Raises
    ------
    concurrent.futures.process.BrokenProcessPool
        If a process dies.
    """
    if workers == 1:
        do = work.ready()
        for done, piece in enumerate(pieces):
            if stop is not None:
                stop(done)
            yield do(piece)
        return
    waiting, ahead, done = deque[Future[Result]](), iter(pieces), 0
    with (_threads if threads else _processes)(work, workers) as submit:
        try:
            while True:
                while len(waiting) < 2 * workers:
                    try:
                        waiting.append(submit(next(ahead)))
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


@contextmanager
def _threads(work: Work[Piece, Result], number: int) -> Generator[Callable[[Piece], Future[Result]]]:
    """Start threads; the program's end doesn't wait for them, as it would for an executor's."""
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


@contextmanager
def _processes(work: Work[Piece, Result], number: int) -> Generator[Callable[[Piece], Future[Result]]]:
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(number, mp_context=context, initializer=_start_worker, initargs=(work,))
    try:
        yield lambda piece: pool.submit(_do, piece)
    finally:
        pool.shutdown(cancel_futures=True)


_doing: list[Callable[[Any], Any]] = []  # of a worker process: what does one piece


def _start_worker(work: Work[Any, Any]) -> None:
    _doing[:] = [work.ready()]


def _do(piece: Any) -> Any:
    return _doing[0](piece)
