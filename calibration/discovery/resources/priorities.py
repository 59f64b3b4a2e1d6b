"""Prioritisation: which task of a pool is served before which, from the choices that its servers made.

Input: :class:`~calibration.discovery.log.traces.Traces` and pools.
Output: a :class:`ChoiceCounts` for each pair of kinds of work between which servers chose, and a priority by task.

A choice is a start at which both kinds wait and the instance that has waited longest is of the second kind.  First
come, first served takes that instance; a priority of the first kind takes another.  Each instance at the head of the
queue counts once, at the first start at which the other kind waited as well: one long wait gives one choice, not many.
The first kind has priority if two conditions hold.  By a one-sided binomial test it was taken in more than half of the
choices, and more often than a random choice among all that wait would take it.  And the reverse does not hold.  Only
recorded ready times count, because estimated ones assume first come, first served.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Final

import numpy as np
from scipy import stats

from calibration.discovery.log.traces import UNKNOWN, Traces
from calibration.discovery.resources.pools import PoolEstimate
from foundation.arrays import IntArray

__all__ = ["NORMAL", "ChoiceCounts", "count_choices", "discover_priorities"]

NORMAL: Final = 5
"""Priority of a task that no other task is served after."""
_LOWEST: Final = 9
"""Lowest priority that a scenario allows."""
_ALPHA: Final = 0.001
"""Significance level over all pairs of a pool: a false priority changes every wait of the pool."""
_MAX_ROWS: Final = 20_000
"""Rows of a pool that are examined, the earliest: the test is certain long before."""
_NEVER: Final = 2**62
"""A moment after every other."""


@dataclass(frozen=True)
class ChoiceCounts:
    """What the servers of a pool did when a piece of one kind of work had waited longest, and another kind waited too.

    Attributes
    ----------
    pool
        Place of the pool among the pools.
    by_service
        The kinds are services (the pool has one activity), else activities.
    kind, other
        Codes of the kind that may go first, and of the kind that had waited longest.
    n, overtakes
        Choices, and those in which `kind` was served although `other` had waited longest.
    at_random
        How often it would be taken if any piece that waits were: the mean share of `kind` among what waits of both.
    p_value
        Of its being taken no more often than half the time, or than `at_random` if that is more.
    goes_first
        `kind` has priority over `other`.
    """

    pool: int
    by_service: bool
    kind: int
    other: int
    n: int
    overtakes: int
    at_random: float
    p_value: float
    goes_first: bool

    @property
    def share(self) -> float:
        """Share of the choices in which the kind was taken that had not waited longest."""
        return self.overtakes / self.n


def count_choices(traces: Traces, pools: Sequence[PoolEstimate], pool_by_row: IntArray) -> list[ChoiceCounts]:
    """Count the choices between the kinds of work of every pool.

    Parameters
    ----------
    traces
        The log.
    pools
        Who does what.
    pool_by_row
        By row: the place of its pool.
    """
    usable = np.flatnonzero((traces.ready >= 0) & ((traces.start >= 0) | (traces.end == UNKNOWN)) & ~traces.left)
    order = usable[np.argsort(pool_by_row[usable], kind="stable")]
    edges = np.searchsorted(pool_by_row[order], np.arange(len(pools) + 1))
    choices: list[ChoiceCounts] = []
    for index, pool in enumerate(pools):
        rows = order[edges[index] : edges[index + 1]]
        rows = np.sort(rows[np.argsort(traces.ready[rows], kind="stable")[:_MAX_ROWS]])
        by_service = len(pool.activities) == 1
        kind = traces.service[traces.case[rows]] if by_service else traces.activity[rows]
        start = np.where(traces.start[rows] >= 0, traces.start[rows], _NEVER)
        choices += _in_pool(index, by_service, kind, traces.ready[rows], start)
    return choices


def _in_pool(pool: int, by_service: bool, kind: IntArray, ready: IntArray, start: IntArray) -> list[ChoiceCounts]:
    lines = {int(k): _Queue.of(ready[kind == k], start[kind == k]) for k in np.unique(kind)}
    each = {pair: _count(lines[pair[0]], lines[pair[1]]) for pair in permutations(lines, 2)}
    counts = {pair: count for pair, count in each.items() if count[0]}
    if not counts:
        return []
    n, overtakes, at_random = np.array(list(counts.values())).T
    # Choices differ in what waits, and a binomial law of their mean has the heavier tail (Hoeffding 1956).
    p_values = stats.binom.sf(overtakes - 1, n, np.maximum(at_random, 0.5)).tolist()
    choices = []
    for (pair, (of, times, share)), p_value in zip(counts.items(), p_values, strict=True):
        back, back_times, _ = counts.get(pair[::-1], (0, 0, 0.0))
        goes_first = p_value * len(counts) < _ALPHA and 2 * back_times <= back
        choices.append(ChoiceCounts(pool, by_service, *pair, of, times, share, p_value, goes_first))
    return choices


@dataclass(frozen=True, eq=False)
class _Queue:
    """The queue of one kind of work: ready times in order, and start times."""

    ready: IntArray
    start: IntArray
    latest: IntArray
    """Latest start of all up to each piece: the first in line at t is the first piece with a start at t or later."""
    starts: IntArray
    """When pieces were begun, sorted."""

    @classmethod
    def of(cls, ready: IntArray, start: IntArray) -> _Queue:
        order = np.lexsort((start, ready))
        return cls(ready[order], start[order], np.maximum.accumulate(start[order]), np.sort(start))

    def first(self, t: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        """Return who is first in line at each moment, since when, and when it is begun; nobody waits since for ever."""
        position = np.searchsorted(self.latest, t, side="left")
        ready, start = np.r_[self.ready, _NEVER][position], np.r_[self.start, _NEVER][position]
        return position, np.where(ready < t, ready, _NEVER), start

    def waiting(self, t: IntArray) -> IntArray:
        """Return how many pieces wait at each moment, those that are begun then among them."""
        return np.searchsorted(self.ready, t, side="left") - np.searchsorted(self.starts, t, side="left")


def _count(line: _Queue, other: _Queue) -> tuple[int, int, float]:
    """Count choices in which the head of the other queue had waited longest, and those in which this queue was served.

    Also returned is this queue's mean share of the instances that waited.
    """
    t = np.unique(np.r_[line.start, other.start])
    t = t[t < _NEVER]
    _, since, begun = line.first(t)
    first_other, longer, others_begun = other.first(t)
    # If both start at once, there were servers for both and no choice.
    choice = (longer < since) & (since < _NEVER) & ~((begun == t) & (others_begun == t))
    _, once = np.unique(first_other[choice], return_index=True)
    # Some instance of this queue starts now; as a rule it is the first.
    t, others_begun = t[choice][once], others_begun[choice][once]
    overtaken = np.isin(t, line.start) & (others_begun != t)
    waiting, waiting_others = line.waiting(t), other.waiting(t)
    share = float(np.mean(waiting / (waiting + waiting_others))) if t.size else 0.0
    return int(once.size), int(overtaken.sum()), share


def discover_priorities(
    pools: Sequence[PoolEstimate], choices: Sequence[ChoiceCounts]
) -> Mapping[tuple[int, int], int]:
    """Return the priority of every task that has another than :data:`NORMAL`: one more than of whatever goes before it.

    Where what goes before what is a circle, as no priorities make it, the pool has none.
    """
    priorities: dict[tuple[int, int], int] = {}
    for index, pool in enumerate(pools):
        before: dict[int, set[int]] = {}
        for choice in choices:
            if choice.pool == index and choice.goes_first:
                before.setdefault(choice.other, set()).add(choice.kind)
        level = dict.fromkeys(before, NORMAL)
        for _ in range(len(before) + 1):
            level = {k: 1 + max(level.get(first, NORMAL) for first in before[k]) for k in before}
        settled = {k: 1 + max(level.get(first, NORMAL) for first in before[k]) for k in before} == level
        if not settled:
            continue
        by_service = len(pool.activities) == 1
        for service, activity in pool.tasks:
            rank = level.get(service if by_service else activity, NORMAL)
            if rank != NORMAL:
                priorities[service, activity] = min(rank, _LOWEST)
    return priorities
