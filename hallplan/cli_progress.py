"""Long work on the command line: a progress bar on standard error, and a Ctrl-C that ends it at once.

In comes how much is done; out goes, after the first second and on a terminal only, a bar with the time that remains.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self

from scenarios import messages

__all__ = ["Bar", "interruptible"]

_PATIENCE_S: Final = 1.0
"""Work that takes no longer shows no bar."""


class Bar:
    """A progress bar for as long as the ``with`` block lasts.

    Parameters
    ----------
    total
        How many pieces of work there are.
    """

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0
        self._lock = threading.Lock()
        self._timer = threading.Timer(_PATIENCE_S, self._appear)
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

    def tell(self, done: int) -> None:
        """Say how many pieces are done."""
        with self._lock:
            self._done = done
            if self._bar is not None:
                self._bar.update(0, completed=done)

    def _appear(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with self._lock:
            if self._ended:
                return
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.add_task(messages.text("cli.progress"), total=self._total, completed=self._done)
            self._bar.start()


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C end worker processes with this one, without a word from them.

    A terminal sends Ctrl-C to every process in front of it, and each worker would print a traceback.  So the signal is
    blocked in this thread, and by inheritance in the workers that it starts, while another thread still receives it for
    this process: its handler ends the workers and raises ``KeyboardInterrupt`` here.
    """
    if not hasattr(signal, "pthread_sigmask") or threading.current_thread() is not threading.main_thread():
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # which unblocks the signal once it is up
    over = threading.Event()
    receiver = threading.Thread(target=over.wait, daemon=True)
    receiver.start()
    before = signal.signal(signal.SIGINT, _end_workers)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, before)
        over.set()


def _end_workers(_number: int, _frame: object) -> None:
    import multiprocessing

    for worker in multiprocessing.active_children():
        worker.terminate()
    raise KeyboardInterrupt
