"""Many points simulated, in one process or in several.

In come points with the replications to run at each; out comes one row of outcomes for each pair, in their order,
whichever process was faster: the numbers are the same on any number of processes.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Final

import numpy as np

from calibration.posterior.design import Halls
from foundation.errors import HallplanError
from sim.calendar import FloatArray, IntArray
from sim.engine.choice import prepare
from sim.run.replications import CancellationError, CancelToken
from sim.run.workers import in_order

__all__ = ["Told", "simulate_points"]

Told = Callable[[int], None]
"""Told, after each piece of work, how many have been done since it was last told."""

_CHUNK: Final = 4
"""Points a worker takes at a time: some seconds of work."""

_Chunk = tuple[FloatArray, IntArray]


@dataclass(frozen=True, eq=False)
class _Work:
    halls: Halls
    seed: int

    def ready(self) -> Callable[[_Chunk], FloatArray]:
        if multiprocessing.parent_process() is not None:
            prepare(lambda _: None)  # the process that has started this one has told of it
        return self.run

    def run(self, chunk: _Chunk) -> FloatArray:
        rows = [
            self.halls.outcomes(vector, seed=self.seed, replications=numbers.tolist())
            for vector, numbers in zip(*chunk, strict=True)
        ]
        return np.array(rows)


def simulate_points(
    halls: Halls,
    points: FloatArray,
    replications: IntArray,
    *,
    seed: int,
    workers: int = 1,
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
    workers
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
    try:
        for block in in_order(_Work(halls, seed), chunks, workers=min(workers, len(chunks))):
            found.append(block)
            if told is not None:
                told(len(block))
            if cancel is not None and cancel.is_set():
                done = sum(map(len, found))
                raise CancellationError("error.replications.cancelled", done=done, replications=len(points))
    except BrokenProcessPool:
        raise HallplanError("posterior.error.worker_died") from None
    return np.concatenate(found)
