"""The page's queue without processes: its units are done in this one, when the test says so.

Input: jobs.  Output: the same queue, places and states as with processes, but never by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hallplan.page import runs
from hallplan.page.jobs import Jobs, View, _attempt

__all__ = ["Server", "server"]


class Server(Jobs):
    """A queue whose units wait until the test has them done.

    Parameters
    ----------
    **options
        As for :class:`hallplan.page.jobs.Jobs`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.options = options
        self.is_immediate = False
        self.submitted: list[tuple[str, tuple[str, ...], str]] = []
        """Name, keys and owner of everything that was submitted."""

    def submit(self, name: str, units: Any, *, owner: str) -> View:
        units = tuple(units)
        self.submitted.append((name, tuple(unit.key for unit in units), owner))
        view = super().submit(name, units, owner=owner)
        if self.is_immediate:
            self.work()
            view = self.view(name) or view
        return view

    def _start(self) -> None:
        """Start no process."""

    def work(self, most: int | None = None) -> None:
        """Do what waits, or so many units of it."""
        done = 0
        while (most is None or done < most) and any(job.waiting for job in self._jobs.values()):
            task = self._next_or_none()
            if task is not None:
                job, index = task
                verdict, value = _attempt(job.units[index].function, job.units[index].arguments)
                if verdict == "done":
                    self._finish(job, index, value)
                else:
                    self._fail(job, value)
                done += 1
            self._announce_ended()

    def _next_or_none(self) -> Any:
        """Return the next unit that is not there yet; those that are there, take over."""
        for job in self._jobs.values():
            if any(job.units[index].key not in self._results for index in job.waiting):
                return self._next()
            while job.waiting:
                index = job.waiting.popleft()
                self._take(job, index, self._results[job.units[index].key])
        return None


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Give the page a queue without processes."""
    for shared in (runs.background, runs.registry):
        shared.cache_clear()
    monkeypatch.setattr(runs, "Jobs", Server)
    queue = runs.background()
    assert isinstance(queue, Server)
    yield queue
    for shared in (runs.background, runs.registry):
        shared.cache_clear()
