"""Long work on the command line: a progress bar on standard error, and a Ctrl-C that ends it at once.

In comes how much is done; out goes, after the first second and on a terminal only, a bar with the time that remains.
"""

from __future__ import annotations

import contextvars
import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from foundation import messages

__all__ = ["PATIENCE_S", "Bar", "interruptible"]

PATIENCE_S: Final = 1.0
"""Work that takes no longer shows no bar."""
_POLL_S: Final = 0.05
"""How long a pressed Ctrl-C may go unnoticed."""
_TIDY_S: Final = 5.0
"""How long to wait for what the worker processes leave behind to be put away."""

T = TypeVar("T")


class Bar:
    """A progress bar for as long as the ``with`` block lasts.

    Parameters
    ----------
    total
        How many pieces of work there are; ``None`` if nobody knows.
    """

    def __init__(self, total: int | None) -> None:
        self._total, self._done, self._text = total, 0, messages.text("cli.progress")
        self._lock = threading.Lock()
        self._timer = threading.Timer(PATIENCE_S, self._appear)
        self._timer.daemon = True
        self._bar: Any = None
        self._ended = False

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._ended = True
            if self._bar is not None:
                self._bar.stop()

    def tell(self, done: int, total: int | None = None) -> None:
        """Say how many pieces are done, and how many there will be where that has changed."""
        with self._lock:
            self._done, self._total = done, self._total if total is None else total
            if self._bar is not None:
                self._bar.update(0, completed=done, total=self._total)

    def _appear(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with self._lock:
            if self._ended:
                return
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.add_task(self._text, total=self._total, completed=self._done)
            self._bar.start()


def _end_with_its_processes(worker: threading.Thread) -> None:
    """End the processes that a thread waits for, those included that it is just starting; then it tidies up."""
    from sim.run.workers import process_starts

    end = time.monotonic() + _TIDY_S
    while worker.is_alive() and time.monotonic() < end:
        with process_starts:
            processes = multiprocessing.active_children()
        if not processes:
            return
        for process in processes:
            process.terminate()
        worker.join(_POLL_S)


def interruptible(work: Callable[[], T]) -> T:
    """Do long work so that Ctrl-C ends it at once, worker processes included, without a word from them.

    The work is done in a thread of its own, because machine code can't be interrupted, and this thread waits for it.
    A terminal sends Ctrl-C to every process in front of it; the signal is blocked in the working thread, and by
    inheritance in the processes that it starts, which are ended from here instead of each printing a traceback.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C; the working thread is left behind.
    """
    results: list[T] = []
    raised: list[BaseException] = []

    def act() -> None:
        if hasattr(signal, "pthread_sigmask"):
            from multiprocessing import resource_tracker

            resource_tracker.ensure_running()  # which unblocks the signal once it is up
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            results.append(work())
        except BaseException as error:
            raised.append(error)

    worker = threading.Thread(target=contextvars.copy_context().run, args=(act,), daemon=True)
    worker.start()
    try:
        while worker.is_alive():
            worker.join(_POLL_S)
    except KeyboardInterrupt:
        _end_with_its_processes(worker)
        raise
    if raised:
        raise raised[0]
    return results[0]
