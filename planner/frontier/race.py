"""Which plans are in the front for certain, which perhaps, and which are not: bounds that all hold at once.

Input: two figures of every plan, replication by replication, with common random numbers; lower is better in both.
Output: a :class:`Standing`.  Plans are compared in pairs, at stated numbers of replications (the looks), by one-sided
Student bounds of the mean difference.  The allowed error is divided among all pairs of all plans that there could be,
both figures, both sides and all looks (Bonferroni).  So every statement of every look holds together with the others
at the level, whatever was dropped or added on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, TypeAlias

import numpy as np

from foundation.arrays import BoolArray, FloatArray
from sim.statistics.intervals import t_quantile

__all__ = [
    "FIRST_LOOK",
    "STANDINGS",
    "RaceRules",
    "Standing",
    "StandingName",
    "estimated_front",
    "looks_until",
    "stand",
    "upper_bounds",
]

StandingName: TypeAlias = Literal["front", "perhaps", "no_gain", "dominated"]
STANDINGS: Final[tuple[StandingName, ...]] = ("front", "perhaps", "no_gain", "dominated")

FIRST_LOOK: Final = 8
"""Replications of a plan before it is judged: seven degrees of freedom, and cheap enough for every plan."""
_GROWTH: Final = 1.5
"""Times as many replications at the next look."""


def looks_until(most: int) -> tuple[int, ...]:
    """Return the numbers of replications at which plans are compared.

    Examples
    --------
    >>> looks_until(30)
    (8, 12, 18, 27, 30)
    """
    looks = [min(FIRST_LOOK, most)]
    while looks[-1] < most:
        looks.append(min(most, int(np.ceil(_GROWTH * looks[-1]))))
    return tuple(looks)


@dataclass(frozen=True)
class RaceRules:
    """How plans are compared.

    Attributes
    ----------
    plans
        How many plans there could be, whether or not they are simulated.
    looks
        Replications at which a pair is compared.
    delta
        The smallest difference of the second figure that matters.
    alpha
        Probability that any statement is wrong.
    """

    plans: int
    looks: tuple[int, ...]
    delta: float
    alpha: float = 0.05

    @property
    def level(self) -> float:
        """Level of the two-sided interval whose ends are the bounds of one pair, figure and look."""
        bounds = 2 * self.plans * (self.plans - 1) * len(self.looks)
        return 1 - 2 * self.alpha / bounds


@dataclass(frozen=True, eq=False)
class Standing:
    """What is certain about pairs of plans; each array has the shape (plans, plans), row against column.

    Attributes
    ----------
    less_x, less_y
        Whether the row's mean is certainly below the column's.
    no_more_x, no_more_y
        Whether it is certainly no greater: it is below, or the two are equal in every replication.
    near_y
        Whether the row's second mean is certainly greater by no more than what matters.
    """

    less_x: BoolArray
    less_y: BoolArray
    no_more_x: BoolArray
    no_more_y: BoolArray
    near_y: BoolArray

    @cached_property
    def dominates(self) -> BoolArray:
        """Whether the row is certainly no worse than the column in both figures, and better in one."""
        dominates: BoolArray = self.no_more_x & self.no_more_y & (self.less_x | self.less_y)
        return dominates

    @cached_property
    def saves(self) -> BoolArray:
        """Whether the column is certainly greater in the first figure and gains nothing that matters in the second."""
        saves: BoolArray = self.less_x & self.near_y
        return saves

    @cached_property
    def ties(self) -> BoolArray:
        """Whether two plans are equal in the first figure, and no difference in the second matters."""
        equal: BoolArray = self.no_more_x & self.near_y
        ties: BoolArray = equal & equal.T & ~np.eye(len(equal), dtype=np.bool_)
        return ties

    @cached_property
    def labels(self) -> tuple[StandingName, ...]:
        """The standing of every plan.

        A plan is in the ``front`` if it is certainly better, in one figure, than every other that is not dominated.
        It brings ``no_gain`` if a plan of the front, or perhaps of it, certainly saves something against it without a
        loss that matters.
        """
        dominated: BoolArray = np.asarray(self.dominates.any(axis=0), dtype=np.bool_)
        contending, saving = ~dominated, list[int]()
        order = np.argsort(-self.less_x.sum(axis=1), kind="stable")  # what is less than most others comes first
        for plan in order[contending[order]].tolist():
            if not self.saves[saving, plan].any():
                saving.append(plan)
        gains = np.zeros(len(dominated), dtype=np.bool_)
        gains[saving] = True
        better = self.less_x | self.less_y | np.eye(len(dominated), dtype=np.bool_)
        in_front = gains & (better | dominated[None, :]).all(axis=1)
        names = np.select([dominated, ~gains, in_front], ["dominated", "no_gain", "front"], "perhaps")
        return tuple(names.tolist())

    @cached_property
    def is_open(self) -> BoolArray:
        """Whether more replications of a plan could settle something: of those in the front, or perhaps."""
        left = np.isin(self.labels, ("front", "perhaps"))
        better = self.less_x | self.less_y
        settled = (better & better.T) | self.ties | np.eye(left.size, dtype=np.bool_)
        is_open: BoolArray = left & (~settled & left[None, :]).any(axis=1)
        return is_open


def stand(x: Sequence[FloatArray], y: Sequence[FloatArray], rules: RaceRules) -> Standing:
    """Return what is certain about every pair of plans after their replications.

    A difference that is the same in every replication is taken as certain.  A mean that is infinite (a turnaround
    whose cases are still open) is more than any that is not.

    Parameters
    ----------
    x, y
        The two figures by plan, each with one number a replication; plans may have different numbers of them.
    rules
        How to compare.
    """
    number = len(x)
    statements = [np.zeros((number, number), dtype=np.bool_) for _ in range(5)]
    for look in rules.looks:
        places = [plan for plan in range(number) if x[plan].size >= look]
        if len(places) < 2:
            break
        at = np.ix_(places, places)
        upper_x, upper_y = (
            upper_bounds(np.array([figures[plan][:look] for plan in places]), rules.level) for figures in (x, y)
        )
        shown = (upper_x < 0, upper_y < 0, upper_x <= 0, upper_y <= 0, upper_y <= rules.delta)
        for statement, certain in zip(statements, shown, strict=True):
            statement[at] |= certain
    return Standing(*statements)


def upper_bounds(values: FloatArray, level: float) -> FloatArray:
    """Return for every pair of rows the upper bound of the row's mean minus the column's; 0 on the diagonal.

    Parameters
    ----------
    values
        One row a system, one column a replication that all share.
    level
        Level of the two-sided interval of which the bound is an end.
    """
    number, n = values.shape
    bounds = np.full((number, number), np.inf)
    finite = np.isfinite(values).all(axis=1)
    quantile = t_quantile(n - 1, level) if n > 1 else np.inf
    for row in np.flatnonzero(finite).tolist():
        differences = values[row] - values[finite]
        spread = np.where(np.ptp(differences, axis=1) > 0, differences.std(axis=1, ddof=1), 0.0) if n > 1 else np.inf
        margin = np.where(np.equal(spread, 0), 0.0, quantile * np.where(np.equal(spread, 0), 1.0, spread) / np.sqrt(n))
        bounds[row, finite] = differences.mean(axis=1) + margin
        bounds[row, ~finite] = -np.inf
    np.fill_diagonal(bounds, 0.0)
    return bounds


def estimated_front(x: Sequence[FloatArray], y: Sequence[FloatArray]) -> list[int]:
    """Return the plans that no other one betters by its means, from the least of the first figure to the greatest."""
    means = [(float(np.mean(values)), float(np.mean(others))) for values, others in zip(x, y, strict=True)]
    front, lowest = list[int](), np.inf
    for plan in sorted(range(len(means)), key=means.__getitem__):
        if means[plan][1] < lowest:
            front.append(plan)
            lowest = means[plan][1]
    return front
