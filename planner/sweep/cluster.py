"""Workers on other machines: pieces of a sweep go to a Dask scheduler, and come back as tables.

Input: the address of a scheduler, and pieces.  Output: one table a piece, in the order in which they are done.  Workers
may join and leave at any time: Dask gives the pieces of a lost worker to another.  A worker with another version of
Hallplan is refused, because its numbers could differ.  Workers write nothing.
"""

from __future__ import annotations

import json
import logging
import pickle
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, Final

from foundation.errors import HallplanError
from planner.sweep.pieces import PartTable, Piece, PointWork
from planner.sweep.workers import OnStop, WorkerDeathError
from sim.run.record import software

__all__ = ["Cluster", "ClusterWorkers", "connected"]

_CONNECT_S: Final = 10
"""How long to wait for a scheduler to answer."""
_POLL_S: Final = 0.05
"""How often the client looks whether a worker has come, and whether to stop."""
_AHEAD: Final = 2
"""Pieces with the scheduler for each thread of its workers."""
_KILLED: Final = "KilledWorker"
"""What Dask raises where workers die over a call again and again; its configuration says how often."""


class Cluster:
    """A connection to a scheduler.

    Parameters
    ----------
    client
        A :class:`distributed.Client`.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    @property
    def workers(self) -> int:
        """Threads of the workers that are there now."""
        return sum(self._client.nthreads().values())

    def submit(self, function: Callable[..., Any], *words: Any) -> Any:
        """Return the future of a call on a worker; the words may be futures themselves."""
        return self._client.submit(function, *words, pure=False)

    def cancel(self, futures: Iterable[Any]) -> None:
        """Give up calls."""
        self._client.cancel(list(futures))

    def check(self) -> None:
        """Refuse workers of another version.

        Raises
        ------
        HallplanError
            If a worker has no Hallplan, or another version.
        """
        try:
            versions = self._client.run(_version)
        except Exception as error:
            raise _fault(error) from None
        for version in versions.values():
            _compare(version, _expected())


@dataclass(frozen=True, eq=False)
class ClusterWorkers:
    """Workers of a cluster (:class:`planner.sweep.workers.Workers`).

    Attributes
    ----------
    cluster
        The cluster.
    work
        What they do.
    waiting
        Called once if no worker is there.
    """

    cluster: Cluster
    work: PointWork
    waiting: Callable[[], None]

    def tables(self, pieces: Iterator[Piece], stop: OnStop) -> Generator[PartTable]:
        """Do pieces; yield their tables as they are done.

        Raises
        ------
        HallplanError
            If a worker is of another version.
        WorkerDeathError
            If workers die over a piece again and again.
        """
        for piece, table in self._done(pieces, stop, ahead=_AHEAD):
            if table is None:
                raise WorkerDeathError([piece])
            yield table

    def apart(self, pieces: Iterable[Piece], stop: OnStop) -> Generator[PartTable]:
        """Do pieces of one point each, one at a time: Dask also counts a death against what only waits there."""
        for piece in pieces:
            for _, table in self._done([piece], stop, ahead=1):
                yield self.work.died(piece, _KILLED) if table is None else table

    def _done(self, pieces: Iterable[Piece], stop: OnStop, *, ahead: int) -> Generator[tuple[Piece, PartTable | None]]:
        """Yield pieces with their tables; with nothing if workers die over a piece again and again."""
        left, pending, is_told = iter(pieces), dict[Any, Piece](), False
        # a task, and no scattered data: a copy that is lost with its worker is made again
        content = self.cluster.submit(bytes, pickle.dumps(self.work))
        try:
            while True:
                stop()
                if not self.cluster.workers and not is_told:
                    is_told = True
                    self.waiting()
                number = max(1, ahead * self.cluster.workers) - len(pending)
                for piece in islice(left, max(0, number)):
                    pending[self.cluster.submit(_do, content, piece, _expected())] = piece
                if not pending:
                    return
                done = [future for future in pending if future.done()]
                if not done:
                    time.sleep(_POLL_S)
                for future in done:
                    yield pending.pop(future), _result(future)
        finally:
            self.cluster.cancel([*pending, content])


@contextmanager
def connected(address: str) -> Generator[Cluster]:
    """Connect to a scheduler for as long as the ``with`` block lasts.

    Parameters
    ----------
    address
        Of the scheduler, such as ``tcp://10.0.0.5:8786``, or the path of a scheduler file (``*.json``).

    Raises
    ------
    HallplanError
        If Dask is not installed, or nothing answers there.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise HallplanError("sweep.error.no_dask") from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said in a sentence of our own
    try:
        client = distributed.Client(_address(address), timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError, KeyError) as error:
        raise HallplanError("sweep.error.no_scheduler", address=address, why=_reason(error)) from None
    with client:
        yield Cluster(client)


def _address(address: str) -> str:
    """Return an address, also from a scheduler file."""
    if not address.endswith(".json"):
        return address
    return str(json.loads(Path(address).read_text(encoding="utf-8"))["address"])


def _result(future: Any) -> PartTable | None:
    """Return what a worker has returned; nothing if workers die over it again and again."""
    try:
        table: PartTable = future.result()
    except Exception as error:
        if type(error).__name__ == _KILLED:
            return None
        raise _fault(error) from None
    return table


def _fault(error: Exception) -> Exception:
    """Return what to raise for what a worker has raised."""
    if isinstance(error, ImportError):
        return HallplanError("sweep.error.worker_without", version=_version()[0], why=_reason(error))
    if type(error).__name__ == "FutureCancelledError":
        return HallplanError("sweep.error.lost_scheduler")
    return error


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _expected() -> tuple[str, int]:
    """Return the version that workers must have."""
    return _version()


# ---- on a worker ---------------------------------------------------------------------------------------------------


def _version() -> tuple[str, int]:
    """Return version and results version of this process."""
    content = software()
    return content["version"], content["results_version"]


def _compare(version: tuple[str, int], expected: tuple[str, int]) -> None:
    if version != expected:
        names = {"theirs": version[0], "their_results": version[1], "ours": expected[0], "our_results": expected[1]}
        raise HallplanError("sweep.error.other_version", **names)


@lru_cache(maxsize=2)
def _ready(content: bytes) -> Callable[[Piece], PartTable]:
    from sim.engine.choice import prepare

    work: PointWork = pickle.loads(content)  # noqa: S301 - from the client that this worker was started for
    prepare(lambda _: None)
    return work.run


def _do(content: bytes, piece: Piece, expected: tuple[str, int]) -> PartTable:
    _compare(_version(), expected)
    return _ready(content)(piece)
