"""The progress of a sweep on standard error: a table that is drawn anew on a terminal, and else a line now and then.

Input: :class:`planner.sweep.progress.SweepProgress` after each part.  Output: text on standard error only.
"""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from hallplan.cli.faults import say
from hallplan.cli.progress import PATIENCE_S

if TYPE_CHECKING:
    from planner.sweep.progress import SweepProgress

__all__ = ["LINE_EVERY_S", "SweepWatch"]

LINE_EVERY_S: Final = 30.0
"""Where standard error is no terminal, a line is written no more often."""


class SweepWatch:
    """Shows how far a sweep is for as long as the ``with`` block lasts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._live: Any = None
        self._ended = False
        self._begun = self._line_at = time.monotonic()
        self._done_before: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._ended = True
            if self._live is not None:
                self._live.stop()

    def begin(self) -> None:
        """Count the time from now on, after what has to be compiled and tried first."""
        self._begun = self._line_at = time.monotonic()

    def tell(self, progress: SweepProgress) -> None:
        """Show how far the sweep is."""
        with self._lock:
            if self._ended or not progress.left:
                return
            if self._done_before is None:
                self._done_before = progress.done - len(progress.rows)
            now = time.monotonic()
            if sys.stderr.isatty():
                if now - self._begun >= PATIENCE_S:
                    self._draw(progress)
            elif now - self._line_at >= LINE_EVERY_S:
                self._line_at = now
                say(self._sentence(progress))

    def _sentence(self, progress: SweepProgress) -> str:
        from hallplan.show.sweep import progress_sentence

        a_point = (time.monotonic() - self._begun) / max(1, progress.done - (self._done_before or 0))
        return progress_sentence(progress, a_point * progress.left)

    def _draw(self, progress: SweepProgress) -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.table import Table
        from rich.text import Text

        from hallplan.show.sweep import progress_table

        content = progress_table(progress, self._sentence(progress))
        table = Table(title=Text(content.title), title_justify="left")
        for column in content.columns:
            table.add_column(Text(column.title), justify="right" if column.is_number else "left")
        for row in content.rows:
            table.add_row(*map(Text, row))
        if self._live is None:
            self._live = Live(console=Console(stderr=True), transient=True, redirect_stdout=False)
            self._live.start()
        self._live.update(table, refresh=True)
