"""Where a target is missed, and whose people a search tries to do without next.

Input: what was counted of replications, and a cell that falls short.  Output: the pools and half-hours in which most is
missed.  A cell of the hall does not say which pool's people are missed.  So the search tries fewer pools at once where
such a cell fails (:class:`Turns`), first those at which the trial has done the least harm.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from foundation.arrays import FloatArray
from planner.staffing.certificate import Cell, Observed
from planner.staffing.targets import Counted
from sim.measure.table import BINS

__all__ = ["Turns", "missed_by_half_hour", "missed_by_pool", "worst_parts"]

_NEARLY_MOST: Final = 0.5
"""Part of the most that is missed anywhere, from which on a place counts as one of the worst."""


def missed_by_half_hour(target: Counted, observed: Sequence[Observed], cell: Cell) -> FloatArray:
    """Return by half-hour how much of a cell's pool missed a target, shape (48,).

    It is the same in all of them if only days are counted.

    Parameters
    ----------
    target, cell
        What is judged; the cell is of one pool.
    observed
        What was counted, by replication.
    """
    pools, missed = _missed(target, observed, cell.target)
    return np.broadcast_to(missed[pools.index(cell.pool)], BINS)


def missed_by_pool(target: Counted, observed: Sequence[Observed], cells: Sequence[Cell]) -> dict[str, float]:
    """Return how much each pool misses in some cells of a target for the hall; nothing if that is not counted by pool.

    Parameters
    ----------
    target, cells
        What is judged.
    observed
        What was counted, by replication.
    """
    by_pool = dict[str, float]()
    if any(cell.members for cell in cells):
        pools, missed = _missed(target, observed, cells[0].target)
        for cell in cells:
            for pool, half_hours in cell.members:
                here = float(missed[pools.index(pool), list(half_hours)].sum())
                by_pool[pool] = by_pool.get(pool, 0.0) + here
    return by_pool


def worst_parts(target: Counted, observed: Sequence[Observed], cell: Cell) -> list[Cell]:
    """Return a cell for each pool in which most of a cell of the hall is missed; any other cell as it is."""
    if not cell.members:
        return [cell]
    missed = missed_by_pool(target, observed, [cell])
    least = _NEARLY_MOST * max(missed.values())
    return [
        replace(cell, pool=pool, half_hours=half_hours, members=())
        for pool, half_hours in cell.members
        if missed[pool] >= least
    ]


def _missed(target: Counted, observed: Sequence[Observed], place: int) -> tuple[tuple[str, ...], FloatArray]:
    """Return the pools, and how much of a target at a place each missed by half-hour, shape (pools, 48 or 1)."""
    counts = [replication[place] for replication in observed]
    missed = [(shown.hits if target.is_cap else shown.units - shown.hits).sum(axis=0) for shown in counts]
    return counts[0].pools, np.sum(missed, axis=0, dtype=np.float64)


class Turns:
    """Which pools are tried at once: all, until a cell of the hall fails; then half as many.

    Parameters
    ----------
    pools
        How many there are.
    """

    def __init__(self, pools: int) -> None:
        self.order = list(range(pools))
        self.most = pools

    def fewer(self, harm: Mapping[int, float]) -> None:
        """Try half as many next time, first those that have done the least harm.

        Parameters
        ----------
        harm
            Of the pools that were tried at once, by place.
        """
        self.order.sort(key=lambda place: harm.get(place, np.inf))
        self.most = max(len(harm) // 2, 1)

    def next(self, tried: Collection[int], *, is_enough: bool) -> None:
        """Let other pools come first; twice as many at once if those that were tried have enough people left."""
        if self.most < len(self.order):
            self.order.sort(key=lambda place: place in tried)
            self.most = min(self.most * (2 if is_enough else 1), len(self.order))
