"""Many points simulated, in one process or in several.

In come points with the replications to run at each; out comes one row of outcomes for each pair, in their order,
whichever process was faster: the numbers are the same on any number of processes.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final

import numpy as np

from calibration.posterior.design import Halls
from scenarios.errors import HallplanError
from sim.calendar import FloatArray, IntArray
from sim.engines import prepare
from sim.replications import CancellationError, CancelToken

__all__ = ["Told", "simulate_points"]

Told = Callable[[int], None]
"""Told, after each piece of work, how many have been done since it was last told."""

_CHUNK: Final = 4
"""Points a worker takes at a time: some seconds of work."""

_Chunk = tuple[FloatArray, IntArray]
_halls: list[Halls] = []  # of a worker process


def _start_worker(halls: Halls) -> None:
    prepare(lambda _: None)
    _halls[:] = [halls]


def _run_in_worker(chunk: _Chunk, seed: int) -> FloatArray:
    return _run(_halls[0], chunk, seed)


def _run(halls: Halls, chunk: _Chunk, seed: int) -> FloatArray:
    rows = [
        halls.outcomes(vector, seed=seed, replications=numbers.tolist()) for vector, numbers in zip(*chunk, strict=True)
    ]
    return np.array(rows)


def simulate_points(
    halls: Halls,
    points: FloatArray,
    replications: IntArray,
    *,
    seed: int,
    processes: int = 1,
    told: Told | None = None,
    cancel: CancelToken | None = None,
) -> FloatArray:
    """Simulate points.

    Parameters
    ----------
    halls
        What is simulated.
    points
        Parameters, shape (points, parameters).
    replications
        Numbers of the replications of each point, shape (points, each).
    seed
        Of the random numbers.
    processes
        How many at a time.
    told, cancel
        Told how many points more are done; and looked at between pieces.

    Returns
    -------
    float array, shape (points, each, columns)

    Raises
    ------
    HallplanError
        If a worker process dies.
    CancellationError
        If `cancel` was set.
    """
    chunks = [(points[k : k + _CHUNK], replications[k : k + _CHUNK]) for k in range(0, len(points), _CHUNK)]
    found = list[FloatArray]()
    some = _in_turn(halls, chunks, seed) if processes == 1 else _in_pool(halls, chunks, seed, processes)
    for block in some:
        found.append(block)
        if told is not None:
            told(len(block))
        if cancel is not None and cancel.is_set():
            raise CancellationError("error.replications.cancelled", done=sum(map(len, found)), replications=len(points))
    return np.concatenate(found)


def _in_turn(halls: Halls, chunks: list[_Chunk], seed: int) -> Iterator[FloatArray]:
    return (_run(halls, chunk, seed) for chunk in chunks)


def _in_pool(halls: Halls, chunks: list[_Chunk], seed: int, processes: int) -> Iterator[FloatArray]:
    pool = ProcessPoolExecutor(
        min(processes, len(chunks)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(halls,),
    )
    waiting, ahead = deque[Future[FloatArray]](), iter(chunks)
    try:
        while True:
            while len(waiting) < 2 * processes and (chunk := next(ahead, None)) is not None:
                waiting.append(pool.submit(_run_in_worker, chunk, seed))
            if not waiting:
                return
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise HallplanError("posterior.error.worker_died") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
