"""Simulate many points of the parameters, in one process or in several.

Input: points with the replications to run at each.  Output: one row of outcomes for each pair, in their order.  The
numbers are the same for any number of processes.  Points are no study: each has replications of its own, most a single
one, and a worker composes its scenario.  They share with a study what simulates (:func:`sim.run.simulating.simulate`)
and its workers.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from calibration.posterior.design import Halls
from foundation.arrays import FloatArray, IntArray
from foundation.errors import HallplanError
from sim.engine.choice import prepare
from sim.run.replications import CancellationError, CancelToken
from sim.run.workers import in_order

__all__ = ["OnProgress", "simulate_points"]

OnProgress = Callable[[int], None]
"""Called after each piece of work with the number of points done since the last call."""

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
        points, replications = chunk
        rows = list[FloatArray]()
        for first, beyond in _stretches(points):  # draws of a posterior are repeated, one beside the other
            numbers = replications[first:beyond]
            shown = self.halls.outcomes(points[first], seed=self.seed, replications=numbers.ravel().tolist())
            rows.append(shown.reshape(*numbers.shape, -1))
        return np.concatenate(rows)


def _stretches(points: FloatArray) -> list[tuple[int, int]]:
    """Return where each stretch of equal points begins and ends."""
    changes = np.flatnonzero((points[1:] != points[:-1]).any(axis=1)) + 1
    return list(pairwise([0, *changes.tolist(), len(points)]))


def simulate_points(
    halls: Halls,
    points: FloatArray,
    replications: IntArray,
    *,
    seed: int,
    workers: int = 1,
    on_progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
) -> FloatArray:
    """Simulate points.

    Parameters
    ----------
    halls
        The scenarios.
    points
        Parameters, shape (points, parameters).
    replications
        Numbers of the replications of each point, shape (points, each).
    seed
        Seed of the random numbers.
    workers
        Number of processes.
    on_progress, cancel
        Called with the number of points done since the last call; and checked between pieces.

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
    blocks = list[FloatArray]()
    try:
        for block in in_order(_Work(halls, seed), chunks, workers=min(workers, len(chunks))):
            blocks.append(block)
            if on_progress is not None:
                on_progress(len(block))
            if cancel is not None and cancel.is_set():
                done = sum(map(len, blocks))
                raise CancellationError("error.replications.cancelled", done=done, replications=len(points))
    except BrokenProcessPool:
        raise HallplanError("posterior.error.worker_died") from None
    return np.concatenate(blocks)
