"""Does a plan keep the target?  Simulated days, judged by pool and half-hour, all of them at once.

Input: counts of who was called in time (:mod:`sim.measure.called`), replication by replication.  Output: a
:class:`Certificate`.  The unit is a week of five working days: weekdays differ, and visitors of one queue depend on one
another.  The target is held in a cell if the lower bound of its share reaches it; the bounds of all cells together hold
at the stated level (Bonferroni).  A certificate is worth something on replications that no search has looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from foundation.arrays import BoolArray, FloatArray
from planner.staffing.requirement import MIN_VISITORS, Requirement, WaitTarget
from sim.measure.called import CalledCounts
from sim.measure.table import BINS
from sim.statistics.clustered_shares import ShareBounds, share_bounds
from sim.statistics.several import bonferroni_level

__all__ = ["RARE", "WEEK", "Cell", "Certificate", "cells_of", "certify", "closed_per_day"]

WEEK: Final = 5
"""Working days of a unit."""
RARE: Final = 0.25
"""Visitors a day below which a pool is not judged: a quarter of a year has a dozen of them."""


@dataclass(frozen=True)
class Cell:
    """The part of a pool's day that is judged as one.

    Attributes
    ----------
    pool
        Its name.
    half_hours
        Numbers of the half-hours of the day.
    is_pooled
        Whether these are half-hours with too few visitors to be judged alone.
    visitors_per_day
        Servings expected in them on a day.
    """

    pool: str
    half_hours: tuple[int, ...]
    is_pooled: bool
    visitors_per_day: float


@dataclass(frozen=True, eq=False)
class Certificate:
    """What replications show about a target.

    Attributes
    ----------
    target
        The target.
    cells, bounds
        What was judged, and the share called in time of each with its one-sided bounds.
    level
        At which all lower bounds together hold.
    replications, weeks
        What the shares are of.
    """

    target: WaitTarget
    cells: tuple[Cell, ...]
    bounds: ShareBounds
    level: float
    replications: int
    weeks: int

    @property
    def holds(self) -> BoolArray:
        """Tell which cells keep the target; a cell in which nobody came does."""
        held: BoolArray = (self.bounds.low >= self.target.share) | (self.bounds.trials == 0)
        return held

    @property
    def misses(self) -> BoolArray:
        """Tell which cells surely miss it."""
        missed: BoolArray = (self.bounds.high < self.target.share) & (self.bounds.trials > 0)
        return missed

    @property
    def is_certified(self) -> bool:
        """Whether all cells keep it."""
        return bool(self.holds.all())

    @property
    def worst(self) -> int:
        """Place of the cell with the least lower bound."""
        return int(np.argmin(np.where(self.bounds.trials > 0, self.bounds.low, np.inf)))


def cells_of(requirements: Sequence[Requirement]) -> tuple[Cell, ...]:
    """Return what is judged: each open half-hour with enough visitors, and the others of a pool together.

    Whoever joins a queue while its pool is closed waits for the opening, which no staff can change, and is not judged.
    Cells that expect fewer than :data:`RARE` visitors a day are left out.  If what is left of a pool expects fewer than
    :data:`~planner.staffing.requirement.MIN_VISITORS` people, the quietest of its other half-hours is judged with it.
    """
    cells = list[Cell]()
    for pool in dict.fromkeys(requirement.pool for requirement in requirements):
        patterns = [requirement for requirement in requirements if requirement.pool == pool]
        servings = np.max([pattern.servings for pattern in patterns], axis=0)
        is_open = np.any([pattern.is_open for pattern in patterns], axis=0)
        alone = np.any([pattern.is_open & ~pattern.is_pooled for pattern in patterns], axis=0)
        left = is_open & ~alone
        if alone.any() and left.any() and float(servings[left].sum()) < MIN_VISITORS:
            left[np.argmin(np.where(alone, servings, np.inf))] = True
        cells += [Cell(pool, (int(k),), False, float(servings[k])) for k in np.flatnonzero(alone & ~left)]
        if left.any():
            cells.append(Cell(pool, tuple(np.flatnonzero(left).tolist()), True, float(servings[left].sum())))
    return tuple(cell for cell in cells if cell.visitors_per_day >= RARE)


def certify(
    cells: Sequence[Cell], counts: Sequence[CalledCounts], target: WaitTarget, *, level: float, weight: int = 1
) -> Certificate:
    """Hold replications against a target.

    Parameters
    ----------
    cells
        What is judged.
    counts
        By replication.
    target
        The target.
    level
        At which all lower bounds together shall hold.
    weight
        How many times as many replications as these are imagined, all like these: to foresee a certificate.
    """
    joined, in_time = (_by_week(cells, counts, name) for name in ("joined", "in_time"))
    bounds = share_bounds(
        np.tile(in_time, (weight, 1)), np.tile(joined, (weight, 1)), level=bonferroni_level(level, len(cells))
    )
    return Certificate(target, tuple(cells), bounds, level, len(counts) * weight, len(joined) * weight)


def closed_per_day(cells: Sequence[Cell], counts: Sequence[CalledCounts]) -> float:
    """Return how many visitors a day join the queue of a judged pool while it is closed."""
    judged = {cell.pool for cell in cells}
    places = [place for place, pool in enumerate(counts[0].pools) if pool in judged]
    joined = sum(int(shown.joined[:, places].sum()) for shown in counts)
    in_cells = float(_by_week(cells, counts, "joined").sum())
    return (joined - in_cells) / sum(len(shown.joined) for shown in counts)


def _by_week(cells: Sequence[Cell], counts: Sequence[CalledCounts], name: str) -> FloatArray:
    """Return the sums of counts by week and cell; the last days of a run belong to its last whole week."""
    pools = {pool: place for place, pool in enumerate(counts[0].pools)}
    mask = np.zeros((len(pools) * BINS, len(cells)))
    for column, cell in enumerate(cells):
        mask[pools[cell.pool] * BINS + np.array(cell.half_hours), column] = 1.0
    weeks = list[FloatArray]()
    for replication in counts:
        by_day = getattr(replication, name)
        number = len(by_day)
        week = np.minimum(np.arange(number) // WEEK, max(number // WEEK - 1, 0))
        sums = np.add.reduceat(by_day.reshape(number, -1) @ mask, np.flatnonzero(np.diff(week, prepend=-1)), axis=0)
        weeks.append(sums)
    return np.concatenate(weeks)
