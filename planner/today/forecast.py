"""What the rest of a day brings: simulated from the queue as it is now, with windows that could open.

Input: a scenario, the state of its hall, and how to simulate.  Output: a :class:`RestOfDay`.  A prediction interval
goes from one order statistic of the replications to another (:mod:`sim.statistics.prediction`): chance alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from foundation.arrays import FloatArray
from planner.today.from_now import FromNow, Segments, from_now, with_segments
from planner.today.result import Effort, Opening, PoolOutlook, RestOfDay
from planner.today.state import HallState
from scenarios.model import Scenario
from sim.calendar import HOUR_MS, MINUTE_MS
from sim.measure.frames import Metrics
from sim.measure.rest_of_day import RestOfDayCounts, rest_of_day_counts
from sim.run.observing import Observe
from sim.statistics.intervals import mean_interval, paired_interval
from sim.statistics.prediction import prediction_interval
from sim.statistics.several import bonferroni_level

__all__ = ["forecast_of", "rest_of_day"]

GRID_MS: Final = 15 * MINUTE_MS
"""Between two moments at which queues are counted."""
_POOLS_TRIED: Final = 6
"""Pools at which a further window is tried: those with most waiting."""
_DURATIONS: Final = (HOUR_MS // 2, HOUR_MS, 2 * HOUR_MS)
"""How long a further window is open; the rest of the day is tried too."""
_FINALISTS: Final = 6
"""Openings that are measured again on fresh random numbers, so that the best one is not the luckiest."""
_LEAST_WAITING_MIN: Final = 1.0
"""Minutes of all visitors together; where they wait for less, a further window has nothing to save."""


def rest_of_day(
    scenario: Scenario, state: HallState, simulate: Observe, *, effort: Effort | None = None, level: float = 0.95
) -> RestOfDay:
    """Forecast the rest of a day, and rank the windows that could open.

    Parameters
    ----------
    scenario, state
        The hall as it usually is, and as it is now.
    simulate
        How to simulate.
    effort
        How much is simulated.
    level
        Of all intervals.

    Raises
    ------
    HallplanError
        As for :func:`planner.today.from_now.from_now`.
    """
    effort = effort or Effort()
    begins = from_now(scenario, state)
    pools, observed = forecast_of(begins, state, simulate, replications=effort.forecast, level=level)
    openings = _openings(begins, pools, observed, simulate, effort, level)
    decided = prediction_interval([float(counts.decided) for counts in observed], level)
    queues = _queues(begins, observed, level)
    return RestOfDay(scenario, state, begins, level, effort, pools, openings, decided, _grid(begins), queues)


def forecast_of(
    begins: FromNow, state: HallState, simulate: Observe, *, replications: int, level: float
) -> tuple[tuple[PoolOutlook, ...], list[RestOfDayCounts]]:
    """Return the rest of the day pool by pool, and what each replication counted.

    Parameters
    ----------
    begins, state
        The scenario whose day begins now, and the state that it was made from.
    simulate, replications, level
        How to simulate, how often, and the level of all intervals.
    """
    (observed,) = simulate([begins.scenario], _reader(begins), first=0, replications=replications)
    return tuple(_outlook(pool, state, begins, observed, level) for pool in begins.pools), observed


def _grid(begins: FromNow) -> tuple[int, ...]:
    return tuple(range(begins.now, begins.closes + 1, GRID_MS))


def _reader(begins: FromNow) -> Callable[[Metrics], RestOfDayCounts]:
    tickets = [(source, pool) for pool, source in begins.probes.items()]
    return partial(rest_of_day_counts, tickets=tickets, now=begins.now, moments=_grid(begins))


def _of(observed: Sequence[RestOfDayCounts], pool: str, name: str) -> FloatArray:
    """Return one number of a pool by replication."""
    place = observed[0].pools.index(pool)
    return np.array([float(getattr(counts, name)[place]) for counts in observed])


def _outlook(
    pool: str, state: HallState, begins: FromNow, observed: Sequence[RestOfDayCounts], level: float
) -> PoolOutlook:
    wait = _of(observed, pool, "ticket_wait")
    return PoolOutlook(
        pool=pool,
        waiting=sum(ticket.pool == pool for ticket in state.waiting),
        windows=sum(number for begin, _, number in begins.segments[pool] if begin == begins.now),
        empty_after=prediction_interval(_of(observed, pool, "empty_after"), level),
        ticket_wait=prediction_interval(wait, level),
        called=float(np.isfinite(wait).mean()) if pool in begins.probes else float("nan"),
        left=mean_interval(_of(observed, pool, "left"), level),
        unserved=mean_interval(_of(observed, pool, "unserved"), level),
        waiting_min=mean_interval(_of(observed, pool, "waiting_min"), level),
    )


def _queues(begins: FromNow, observed: Sequence[RestOfDayCounts], level: float) -> dict[str, FloatArray]:
    """Return by pool the median of its queue at each moment, and the ends of the prediction interval."""
    queues = {}
    for pool in begins.pools:
        place = observed[0].pools.index(pool)
        lengths = np.array([counts.queue[place] for counts in observed], dtype=np.float64)
        columns = [prediction_interval(lengths[:, moment], level) for moment in range(lengths.shape[1])]
        queues[pool] = np.array([[column.median, column.low, column.high] for column in columns])
    return queues


# ---- windows that could open ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Candidate:
    pool: str
    until: int
    is_rest: bool


def _openings(
    begins: FromNow,
    pools: Sequence[PoolOutlook],
    observed: Sequence[RestOfDayCounts],
    simulate: Observe,
    effort: Effort,
    level: float,
) -> tuple[Opening, ...]:
    """Return the windows that save most waiting, the best first."""
    candidates = _candidates(begins, pools)
    if not candidates:
        return ()
    read = _reader(begins)
    systems = [_with_one_more(begins, candidate) for candidate in candidates]
    tried = simulate(systems, read, first=0, replications=effort.search)
    base = _total(observed[: effort.search])
    saved = [float((base - _total(counts)).mean()) for counts in tried]
    best = sorted(range(len(saved)), key=lambda place: -saved[place])[:_FINALISTS]
    fresh = simulate(
        [begins.scenario, *(systems[place] for place in best)], read, first=effort.forecast, replications=effort.check
    )
    base, totals = _total(fresh[0]), [_total(counts) for counts in fresh[1:]]
    order = sorted(range(len(best)), key=lambda place: float(totals[place].mean()))
    each = bonferroni_level(level, max(len(best) - 1, 1))
    return tuple(
        Opening(
            pool=candidates[best[place]].pool,
            until=candidates[best[place]].until,
            is_rest=candidates[best[place]].is_rest,
            hours=(candidates[best[place]].until - begins.now) / HOUR_MS,
            saved=paired_interval(totals[place], base, level=level),
            tied=rank > 0 and _ties(totals[order[0]], totals[place], each),
        )
        for rank, place in enumerate(order)
    )


def _candidates(begins: FromNow, pools: Sequence[PoolOutlook]) -> list[_Candidate]:
    busy = [pool for pool in pools if pool.waiting_min.estimate >= _LEAST_WAITING_MIN]
    busy = sorted(busy, key=lambda pool: -pool.waiting_min.estimate)[:_POOLS_TRIED]
    left = begins.closes - begins.now
    ends = [begins.now + length for length in _DURATIONS if length < left]
    return [_Candidate(pool.pool, end, end == begins.closes) for pool in busy for end in [*ends, begins.closes]]


def _with_one_more(begins: FromNow, candidate: _Candidate) -> Scenario:
    """Return the scenario with one more server at a pool from now on, breaks included."""
    segments: Segments = (*begins.segments[candidate.pool], (begins.now, candidate.until, 1))
    return with_segments(begins.scenario, {candidate.pool: segments})


def _total(observed: Sequence[RestOfDayCounts]) -> FloatArray:
    return np.array([float(counts.waiting_min.sum()) for counts in observed])


def _ties(first: FloatArray, other: FloatArray, level: float) -> bool:
    """Tell whether the best may be no better than another."""
    return not paired_interval(first, other, level=level).excludes_zero
