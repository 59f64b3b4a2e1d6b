"""Workers on this machine, and what happens when one of them dies.

Input: pieces of a sweep.  Output: their tables.  A dead process leaves no word about the piece that it was doing.  So
the points of every piece that may have ended it are simulated again, one at a time, in a process of their own.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Final, Protocol, TypeAlias

from foundation.errors import HallplanError
from planner.sweep.pieces import PartTable, Piece, PointWork
from sim.run.workers import Crew, in_order

__all__ = ["LocalWorkers", "OnStop", "WorkerDeathError", "Workers"]

OnStop: TypeAlias = Callable[[], None]
"""Called now and then; raises to stop."""

_MOST_DEATHS: Final = 3
"""How many processes a point may end before it has failed."""
_NO_POINT: Final[Piece] = (0, 0, ())
"""A piece that every process survives which can start at all."""


class WorkerDeathError(Exception):
    """A worker has died.

    Parameters
    ----------
    pieces
        Those that it may have been doing.
    """

    def __init__(self, pieces: Iterable[Piece]) -> None:
        super().__init__()
        self.pieces = list(pieces)


class Workers(Protocol):
    """What simulates the pieces of a sweep."""

    def tables(self, pieces: Iterator[Piece], stop: OnStop) -> Generator[PartTable]:
        """Do pieces; yield their tables in any order.

        Raises
        ------
        WorkerDeathError
            If a worker has died.
        """

    def apart(self, pieces: Iterable[Piece], stop: OnStop) -> Generator[PartTable]:
        """Do pieces of one point each, one at a time; yield their tables in order, also of those that end a worker.

        Raises
        ------
        HallplanError
            If workers die before they do anything.
        """


@dataclass(frozen=True, eq=False)
class LocalWorkers:
    """Workers on this machine (:class:`Workers`).

    Attributes
    ----------
    work
        What they do.
    number
        How many processes; this process does the work of one.
    """

    work: PointWork
    number: int

    def tables(self, pieces: Iterator[Piece], stop: OnStop) -> Generator[PartTable]:
        """Do pieces; yield their tables in order.

        Raises
        ------
        WorkerDeathError
            If a process has died.
        """
        ahead = deque[Piece]()

        def noted() -> Iterator[Piece]:
            for piece in pieces:
                ahead.append(piece)
                yield piece

        try:
            with closing(in_order(self.work, noted(), workers=self.number, stop=lambda _: stop())) as tables:
                for table in tables:
                    ahead.popleft()
                    yield table
        except BrokenProcessPool:
            raise WorkerDeathError(ahead) from None

    def apart(self, pieces: Iterable[Piece], stop: OnStop) -> Generator[PartTable]:
        """Do pieces of one point each in a process of their own; see :meth:`Workers.apart`.

        Raises
        ------
        HallplanError
            If processes die before they do anything.
        """
        waiting, deaths = deque(pieces), 0
        while waiting:
            with Crew(self.work, apart=True) as crew:
                process = _started(crew, stop)
                try:
                    while waiting:
                        (table,) = crew.map([waiting[0]], stop=lambda _: stop())
                        waiting.popleft()
                        deaths = 0
                        yield table
                except BrokenProcessPool:
                    deaths += 1
            if deaths == _MOST_DEATHS:
                deaths = 0
                yield self.work.died(waiting.popleft(), _ending(process))


def _started(crew: Crew[Piece, PartTable], stop: OnStop) -> BaseProcess | None:
    """Start the process of a crew, and return it.

    Raises
    ------
    HallplanError
        If it dies before it does anything.
    """
    others = multiprocessing.active_children()
    try:
        list(crew.map([_NO_POINT], stop=lambda _: stop()))
    except BrokenProcessPool:
        raise HallplanError("sweep.error.worker_died") from None
    return next((child for child in multiprocessing.active_children() if child not in others), None)


def _ending(process: BaseProcess | None) -> str:
    """Return how a process has ended: by which signal, or with which exit code."""
    code = None if process is None else process.exitcode
    return "?" if code is None else signal.Signals(-code).name if code < 0 else str(code)
