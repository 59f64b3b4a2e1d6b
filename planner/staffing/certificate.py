"""Does a plan keep its targets?  Simulated days, judged by pool and half-hour, all of them at once.

Input: what was counted for each target (:mod:`sim.measure.day_counts`), replication by replication.  Output: a
:class:`Certificate`.  The unit is a week of five working days: weekdays differ, and visitors of one queue depend on one
another.  A target is held in a cell if the lower bound of its share reaches the limit, or the upper bound of what is
capped does not exceed it; the bounds of all cells and targets together hold at the stated level (Bonferroni).  A
certificate is worth something on replications that no search has looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, TypeAlias

import numpy as np

from foundation.arrays import BoolArray, FloatArray
from planner.staffing.requirement import MIN_VISITORS, Requirement
from planner.staffing.targets import Target
from scenarios.model import WEEKDAYS
from sim.measure.day_counts import HALL, DayCounts
from sim.measure.table import BINS
from sim.statistics.clustered_shares import ShareBounds, mean_bounds, share_bounds
from sim.statistics.several import bonferroni_level

__all__ = ["RARE", "WEEK", "Cell", "Certificate", "Observed", "cells_of", "certify", "closed_per_day"]

Observed: TypeAlias = tuple[DayCounts, ...]
"""What was counted of one replication, target by target."""

WEEK: Final = 5
"""Working days of a unit."""
RARE: Final = 0.25
"""Visitors a day below which a pool is not judged: a quarter of a year has a dozen of them."""
_BY_HALF_HOUR: Final = ("half-hour", "hall half-hour")
"""Scopes that are counted by half-hour."""


@dataclass(frozen=True)
class Cell:
    """The part of a target, and of a pool's day, that is judged as one.

    Attributes
    ----------
    target
        Place of the target.
    pool
        Name of the pool; :data:`~sim.measure.day_counts.HALL` for all of the hall.
    half_hours
        Numbers of the half-hours of the day.
    is_pooled
        Whether these are half-hours with too few visitors to be judged alone, or a day that is judged as one.
    visitors_per_day
        Servings expected in them on a day.
    members
        Of half-hours of the hall: its pools, and in which of the half-hours each is open.
    """

    target: int
    pool: str
    half_hours: tuple[int, ...]
    is_pooled: bool
    visitors_per_day: float
    members: tuple[tuple[str, tuple[int, ...]], ...] = ()

    @property
    def parts(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """What is counted together: pools, and half-hours of each."""
        return self.members or ((self.pool, self.half_hours),)


@dataclass(frozen=True, eq=False)
class Certificate:
    """What replications show about targets.

    Attributes
    ----------
    targets
        The targets.
    cells, bounds
        What was judged, and the share or mean of each with its one-sided bounds.
    level
        At which all bounds together hold.
    replications, weeks
        What the shares are of.
    """

    targets: tuple[Target, ...]
    cells: tuple[Cell, ...]
    bounds: ShareBounds
    level: float
    replications: int
    weeks: int

    @property
    def is_cap(self) -> BoolArray:
        """Tell of which cells the limit must not be exceeded."""
        return np.array([self.targets[cell.target].is_cap for cell in self.cells], dtype=np.bool_)

    @property
    def limits(self) -> FloatArray:
        """The limit of each cell."""
        return np.array([self.targets[cell.target].limit for cell in self.cells])

    @property
    def bound(self) -> FloatArray:
        """The bound that is held against the limit: the upper one of a cap, else the lower one."""
        return np.where(self.is_cap, self.bounds.high, self.bounds.low)

    @property
    def slack(self) -> FloatArray:
        """By how much of the limit a cell keeps it; infinite where nobody came."""
        by = np.where(self.is_cap, -1.0, 1.0) * (self.bound - self.limits) / self.limits
        return np.where(self.bounds.trials > 0, by, np.inf)

    @property
    def holds(self) -> BoolArray:
        """Tell which cells keep their target; a cell in which nobody came does."""
        held: BoolArray = self.slack >= 0
        return held

    @property
    def misses(self) -> BoolArray:
        """Tell which cells surely miss it."""
        other = np.where(self.is_cap, self.bounds.low - self.limits, self.limits - self.bounds.high)
        missed: BoolArray = (other > 0) & (self.bounds.trials > 0)
        return missed

    @property
    def falls_short(self) -> BoolArray:
        """Tell of which cells the share or mean itself misses the limit, whatever the bounds."""
        with np.errstate(invalid="ignore"):
            short: BoolArray = np.where(self.is_cap, self.bounds.share > self.limits, self.bounds.share < self.limits)
        return short

    @property
    def is_certified(self) -> bool:
        """Whether all cells keep it."""
        return bool(self.holds.all())

    def kept_limit(self, target: int) -> float:
        """Return the limit that all cells of a target together keep: the worst of their bounds."""
        of_target = np.array([cell.target == target for cell in self.cells]) & (self.bounds.trials > 0)
        bounds = self.bound[of_target]
        if not bounds.size:
            return float("nan")
        return float(bounds.max() if self.targets[target].is_cap else bounds.min())


def cells_of(requirements: Sequence[Requirement], targets: Sequence[Target]) -> tuple[Cell, ...]:
    """Return what is judged of each target.

    Of a target for half-hours: each open half-hour with enough visitors, and the others of a pool together.  Whoever
    joins a queue while its pool is closed waits for the opening, which no staff can change, and is not judged.  If what
    is left of a pool expects fewer than :data:`~planner.staffing.requirement.MIN_VISITORS` people, the quietest of its
    other half-hours is judged with it.  Of a target for half-hours of the hall: the same with all pools as if they
    were one, each while it is open.  Of a target for pools: a pool's day.  Cells that expect fewer than :data:`RARE`
    visitors a day are left out.  Pools behind the windows have no cell of their own.
    """
    by_pool: dict[str, list[Requirement]] = {}
    visited = [requirement for requirement in requirements if not requirement.is_behind]
    for requirement in visited:
        by_pool.setdefault(requirement.pool, []).append(requirement)
    cells = list[Cell]()
    for place, target in enumerate(targets):
        if target.scope == "hall":
            cells.append(Cell(place, HALL, (), True, sum(float(need.servings.sum()) for need in visited)))
        elif target.scope == "hall half-hour":
            cells += _hall_half_hours(place, by_pool)
        else:
            judged = _half_hours if target.scope == "half-hour" else _days
            cells += [cell for pool, patterns in by_pool.items() for cell in judged(place, pool, patterns)]
    return tuple(cell for cell in cells if cell.visitors_per_day >= RARE)


def _half_hours(target: int, pool: str, patterns: Sequence[Requirement]) -> list[Cell]:
    servings = np.max([pattern.servings for pattern in patterns], axis=0)
    alone = np.any([pattern.is_open & ~pattern.is_pooled for pattern in patterns], axis=0)
    return _judged_as_one(Cell(target, pool, (), False, 0.0), servings, _is_open(patterns), alone)


def _hall_half_hours(target: int, by_pool: Mapping[str, Sequence[Requirement]]) -> list[Cell]:
    by_weekday = np.zeros((len(WEEKDAYS), BINS))
    for required in chain.from_iterable(by_pool.values()):
        by_weekday[list(required.weekdays)] += required.servings
    servings = by_weekday.max(axis=0)
    open_by_pool = {pool: _is_open(patterns) for pool, patterns in by_pool.items()}
    is_open = np.any(list(open_by_pool.values()), axis=0)
    together = _judged_as_one(Cell(target, HALL, (), False, 0.0), servings, is_open, servings >= MIN_VISITORS)
    return [
        replace(
            cell,
            members=tuple(
                (pool, half_hours)
                for pool, opened in open_by_pool.items()
                if (half_hours := tuple(k for k in cell.half_hours if opened[k]))
            ),
        )
        for cell in together
    ]


def _is_open(patterns: Sequence[Requirement]) -> BoolArray:
    return np.asarray(np.any([pattern.is_open for pattern in patterns], axis=0), dtype=np.bool_)


def _judged_as_one(cell: Cell, servings: FloatArray, is_open: BoolArray, alone: BoolArray) -> list[Cell]:
    """Return a cell for each half-hour that is judged alone, and one for the others that are open."""
    left = is_open & ~alone
    if alone.any() and left.any() and float(servings[left].sum()) < MIN_VISITORS:
        left[np.argmin(np.where(alone, servings, np.inf))] = True
    places = np.flatnonzero(alone & ~left).tolist()
    cells = [replace(cell, half_hours=(place,), visitors_per_day=float(servings[place])) for place in places]
    if left.any():
        others = tuple(np.flatnonzero(left).tolist())
        cells.append(replace(cell, half_hours=others, is_pooled=True, visitors_per_day=float(servings[left].sum())))
    return cells


def _days(target: int, pool: str, patterns: Sequence[Requirement]) -> list[Cell]:
    servings = max(float(pattern.servings.sum()) for pattern in patterns)
    return [Cell(target, pool, tuple(np.flatnonzero(_is_open(patterns)).tolist()), True, servings)]


def certify(
    targets: Sequence[Target],
    cells: Sequence[Cell],
    observed: Sequence[Observed],
    *,
    level: float,
    weight: int = 1,
) -> Certificate:
    """Hold replications against targets.

    Parameters
    ----------
    targets, cells
        What is judged; the cells of a target follow one another, in the order of the targets.
    observed
        What was counted, by replication.
    level
        At which all bounds together shall hold.
    weight
        How many times as many replications as these are imagined, all like these: to foresee a certificate.
    """
    each, weeks = bonferroni_level(level, len(cells)), 0
    parts = list[ShareBounds]()
    for place, target in enumerate(targets):
        members = [cell for cell in cells if cell.target == place]
        if members:
            units, hits = (
                np.tile(_by_week(target, members, observed, name), (weight, 1)) for name in ("units", "hits")
            )
            parts.append((share_bounds if target.is_share else mean_bounds)(hits, units, level=each))
            weeks = len(units)
    bounds = ShareBounds(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("share", "low", "high", "trials"))
    )
    return Certificate(tuple(targets), tuple(cells), bounds, level, len(observed) * weight, weeks)


def closed_per_day(targets: Sequence[Target], cells: Sequence[Cell], observed: Sequence[Observed]) -> float:
    """Return how many visitors a day join the queue of a judged pool while it is closed; 0 if no wait is a target."""
    place = next((place for place, target in enumerate(targets) if target.scope in _BY_HALF_HOUR), None)
    if place is None:
        return 0.0
    members = [cell for cell in cells if cell.target == place]
    judged = {pool for cell in members for pool, _ in cell.parts}
    counts = [replication[place] for replication in observed]
    places = [number for number, pool in enumerate(counts[0].pools) if pool in judged]
    joined = sum(float(shown.units[:, places].sum()) for shown in counts)
    in_cells = float(_by_week(targets[place], members, observed, "units").sum())
    return (joined - in_cells) / sum(len(shown.units) for shown in counts)


def _by_week(target: Target, cells: Sequence[Cell], observed: Sequence[Observed], name: str) -> FloatArray:
    """Return the sums of counts by week and cell; the last days of a run belong to its last whole week."""
    counts = [replication[cells[0].target] for replication in observed]
    pools = {pool: place for place, pool in enumerate(counts[0].pools)}
    bins = counts[0].units.shape[2]
    mask = np.zeros((len(pools) * bins, len(cells)))
    for column, cell in enumerate(cells):
        for pool, half_hours in cell.parts:
            of_day = np.array(half_hours) if target.scope in _BY_HALF_HOUR else np.arange(bins)
            mask[pools[pool] * bins + of_day, column] = 1.0
    weeks = list[FloatArray]()
    for replication in counts:
        by_day = getattr(replication, name)
        number = len(by_day)
        week = np.minimum(np.arange(number) // WEEK, max(number // WEEK - 1, 0))
        sums = np.add.reduceat(by_day.reshape(number, -1) @ mask, np.flatnonzero(np.diff(week, prepend=-1)), axis=0)
        weeks.append(sums)
    return np.concatenate(weeks)
