"""How the rest of one day goes: when queues empty, what tickets wait that are drawn now, and who is not served.

Input: the :class:`~sim.measure.frames.Metrics` of one replication of one measured day.  Output: a
:class:`RestOfDayCounts`.  Visitors only; sources of tickets that take no service time are measured apart, and are in
nobody's sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foundation.arrays import BoolArray, FloatArray, IntArray
from sim.calendar import MINUTE_MS
from sim.measure.frames import Metrics
from sim.measure.waits import Waits
from sim.program import Outcome

__all__ = ["RestOfDayCounts", "rest_of_day_counts"]


@dataclass(frozen=True, eq=False)
class RestOfDayCounts:
    """The rest of a day, pool by pool.

    Attributes
    ----------
    pools
        Names of the pools.
    ticket_wait
        Minutes until the ticket that is drawn now is called; infinite if it is not called today or finds no room,
        not-a-number for a pool without one.
    empty_after
        Minutes from now until nobody waits for the first time; infinite if that never comes.
    left, unserved
        Visitors who lose patience or find no room; and who are sent home or still wait at the end of the day.
    waiting_min
        Minutes that visitors wait from now on, those included who are not served.
    queue
        How many wait at each moment of a grid, shape (pools, moments).
    decided
        Applications of the backlog that are decided today.
    """

    pools: tuple[str, ...]
    ticket_wait: FloatArray
    empty_after: FloatArray
    left: IntArray
    unserved: IntArray
    waiting_min: FloatArray
    queue: IntArray
    decided: int


def rest_of_day_counts(
    metrics: Metrics, *, tickets: Sequence[tuple[str, str]], now: int, moments: Sequence[int]
) -> RestOfDayCounts:
    """Count how the rest of a day goes.

    Parameters
    ----------
    metrics
        Of the replication; its last measured day is today.
    tickets
        Sources that bring one ticket now, each with its pool.
    now, moments
        In ms since midnight.
    """
    table, waits = metrics.table, metrics.first_waits
    pools, midnight = tuple(table.pools), table.window.begin
    sources = list(table.program.sources)
    probing = {sources.index(name): pools.index(pool) for name, pool in tickets}
    source_of = np.ascontiguousarray(table.program.entities["source"]).astype(np.int64)
    is_probe = np.isin(source_of[waits.entity], list(probing))
    ticket_wait = np.full(len(pools), np.nan)
    ticket_wait[list(probing.values())] = np.inf
    for entity, wait, called in zip(
        waits.entity[is_probe].tolist(), waits.wait[is_probe].tolist(), waits.called[is_probe].tolist(), strict=True
    ):
        ticket_wait[probing[int(source_of[entity])]] = wait if called else np.inf
    people = waits.take(waits.visitor & ~is_probe)
    began, grid = midnight + now, midnight + np.asarray(moments, dtype=np.int64)
    left, unserved = _not_served(metrics, set(probing), source_of)
    members = [people.take(people.pool == place) for place in range(len(pools))]
    cases = metrics.case_table
    first_case = len(sources) - len(table.scenario.backlog)
    return RestOfDayCounts(
        pools,
        ticket_wait,
        np.array([_empty_after(waiting, began) for waiting in members]),
        left,
        unserved,
        np.bincount(people.pool, weights=people.wait, minlength=len(pools)).astype(np.float64),
        np.array([_queue(waiting, grid) for waiting in members]).reshape(len(pools), grid.size),
        int(np.count_nonzero((source_of[cases.entity] >= first_case) & (cases.decided >= began))),
    )


def _ends(waiting: Waits) -> IntArray:
    return waiting.ready + np.rint(waiting.wait * MINUTE_MS).astype(np.int64)


def _empty_after(waiting: Waits, began: int) -> float:
    """Return the minutes until the first moment, all its events done, at which nobody waits."""
    ends = _ends(waiting)[~waiting.still]
    times = np.concatenate((waiting.ready, ends, [began]))
    steps = np.concatenate((np.ones(waiting.ready.size), -np.ones(ends.size), [0.0]))
    order = np.argsort(times, kind="stable")
    times, length = times[order], np.cumsum(steps[order])
    last = np.r_[times[1:] != times[:-1], True]
    empty = np.flatnonzero(last & (times >= began) & (length < 0.5))
    return float((times[empty[0]] - began) / MINUTE_MS) if empty.size else np.inf


def _queue(waiting: Waits, grid: IntArray) -> IntArray:
    """Return how many wait at each moment of a grid."""
    joined = np.searchsorted(np.sort(waiting.ready), grid, side="right")
    gone = np.searchsorted(np.sort(_ends(waiting)[~waiting.still]), grid, side="right")
    return np.asarray(joined - gone, dtype=np.int64)


def _not_served(metrics: Metrics, probing: set[int], source_of: IntArray) -> tuple[IntArray, IntArray]:
    """Return by pool who left a queue or found no room, and who was sent home or still waits."""
    table, number = metrics.table, len(metrics.table.pools)
    rows = table.serves[table.window.contains(table.ready[table.serves])]
    entity = table.entity[rows].astype(np.int64)

    def counts(mask: BoolArray) -> IntArray:
        return np.asarray(np.bincount(table.arg[rows[mask]].astype(np.int64), minlength=number), dtype=np.int64)

    people = table.is_visitor[entity] & ~np.isin(source_of[entity], list(probing))
    left = counts(people & np.isin(table.outcome[rows], (Outcome.RENEGED, Outcome.FULL)))
    sent_home = counts(people & (table.outcome[rows] == Outcome.SENT_HOME))
    waits = metrics.first_waits
    still = waits.still & waits.visitor & ~np.isin(source_of[waits.entity], list(probing))
    return left, sent_home + np.bincount(waits.pool[still], minlength=number)
