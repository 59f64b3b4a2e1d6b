"""Statistics of a log that are compared with formulas: functions from one replication to a numerator and denominator.

Input: a :class:`~verification.runs.Run`.  Output: two numbers whose quotient, with both summed over the replications,
estimates what the formula says.  Times are in minutes.  Every function here makes a statistic for given pools,
services and limits.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from foundation.arrays import FloatArray, IntArray
from sim.calendar import DAY_MS, MINUTE_MS
from sim.program import Code, Outcome
from verification.runs import Run, Stretches, served

__all__ = [
    "Statistic",
    "branch_time",
    "busy_period",
    "day_count_dispersion",
    "down_share",
    "found_at_least",
    "found_number",
    "left_share",
    "mean_sojourn",
    "mean_wait",
    "mean_wait_everywhere",
    "number_inside",
    "refused_share",
    "sent_home_share",
    "share_between",
    "share_inside_at_least",
    "share_with_nobody",
    "sojourn_longer_than",
    "square_until",
    "square_wait",
    "trips_made",
    "unfinished_work",
    "until",
    "wait_of_all",
    "waits_longer_than",
    "waits_of_all_longer_than",
    "weighted_waits",
    "without_events",
    "working_time_wait",
]

Statistic = Callable[[Run], tuple[float, float]]
"""From one replication to a numerator and a denominator."""


# ---- waits ---------------------------------------------------------------------------------------------------------


def _waits(run: Run, pool: str, service: str | None = None) -> FloatArray:
    stays = served(run.begun(run.at(pool, service)))
    waits: FloatArray = (stays.start - stays.ready) / MINUTE_MS
    return waits


def mean_wait(pool: str, service: str | None = None) -> Statistic:
    """Mean wait of those who are served."""
    return lambda run: (float((waits := _waits(run, pool, service)).sum()), waits.size)


def square_wait(pool: str) -> Statistic:
    """Mean square of the wait."""
    return lambda run: (float(np.square(waits := _waits(run, pool)).sum()), waits.size)


def waits_longer_than(pool: str, limit_min: float, service: str | None = None) -> Statistic:
    """Share of those served who waited longer than `limit_min`."""
    return lambda run: (int(((waits := _waits(run, pool, service)) > limit_min).sum()), waits.size)


def mean_wait_everywhere(run: Run) -> tuple[float, float]:
    """Mean wait over all pools."""
    stays = served(run.begun(run.rows(Code.SERVE)))
    return float((stays.start - stays.ready).sum()) / MINUTE_MS, stays.size


def wait_of_all(pool: str) -> Statistic:
    """Mean time in the queue of all visitors, including those who left."""

    def statistic(run: Run) -> tuple[float, float]:
        stays = run.begun(run.at(pool))
        return float((stays.start - stays.ready).sum()) / MINUTE_MS, stays.size

    return statistic


def waits_of_all_longer_than(pool: str, limit_min: float) -> Statistic:
    """Share of all visitors who spent longer than `limit_min` in the queue, whether served or not."""

    def statistic(run: Run) -> tuple[float, float]:
        stays = run.begun(run.at(pool))
        return int((stays.start - stays.ready > limit_min * MINUTE_MS).sum()), stays.size

    return statistic


def working_time_wait(pool: str) -> Statistic:
    """Mean wait of those served, in time during which the pool's site is open."""

    def statistic(run: Run) -> tuple[float, float]:
        stays = served(run.begun(run.at(pool)))
        site = next(entry.site for entry in run.plan.pools if entry.name == pool)
        return float(run.plan.calendars[site].between(stays.ready, stays.start).sum()) / MINUTE_MS, stays.size

    return statistic


def weighted_waits(pool: str, loads: dict[str, float]) -> Statistic:
    """Sum of mean waits over services, weighted by their loads.

    The means are ratios, so each replication's own are taken; it needs replications that are long.
    """

    def statistic(run: Run) -> tuple[float, float]:
        return sum(load * float(_waits(run, pool, service).mean()) for service, load in loads.items()), 1.0

    return statistic


# ---- who is not served ---------------------------------------------------------------------------------------------


def _outcome_share(pool: str, outcome: Outcome) -> Statistic:
    def statistic(run: Run) -> tuple[float, float]:
        stays = run.begun(run.at(pool))
        return int((stays.outcome == outcome).sum()), stays.size

    return statistic


def refused_share(pool: str) -> Statistic:
    """Share of arrivals that are turned away because the room is full."""
    return _outcome_share(pool, Outcome.FULL)


def left_share(pool: str) -> Statistic:
    """Share of visitors who lost patience."""
    return _outcome_share(pool, Outcome.RENEGED)


def sent_home_share(pool: str) -> Statistic:
    """Share of visitors who were sent home at closing."""
    return _outcome_share(pool, Outcome.SENT_HOME)


# ---- numbers present -----------------------------------------------------------------------------------------------


def _within(run: Run, stays: Stretches) -> float:
    """Return the part of the stays that lies in the measured part of the run, summed, in ms."""
    begin, end = run.window.begin, run.window.end
    return float(np.maximum(np.minimum(stays.end, end) - np.maximum(stays.ready, begin), 0).sum())


def number_inside(pool: str, begin_min: float = 0.0, end_min: float = 0.0) -> Statistic:
    """Mean number present, queue and service, over time; with two times of day, between these only."""

    def statistic(run: Run) -> tuple[float, float]:
        stays = run.at(pool)
        if end_min == 0.0:
            return _within(run, stays), run.length
        # Nobody stays overnight: each stay lies in one day.
        begin, end = round(begin_min * MINUTE_MS), round(end_min * MINUTE_MS)
        stays = run.begun(stays)
        came, left = stays.ready % DAY_MS, stays.end - stays.ready // DAY_MS * DAY_MS
        inside = np.maximum(np.minimum(left, end) - np.maximum(came, begin), 0)
        return float(inside.sum()), run.window.days.size * (end - begin)

    return statistic


def _levels(stays: Stretches) -> tuple[IntArray, IntArray]:
    """Return the moments at which the number present changes, and the number from then on."""
    moments = np.concatenate((stays.ready, stays.end))
    steps = np.concatenate((np.ones(stays.size, dtype=np.int64), np.full(stays.size, -1, dtype=np.int64)))
    order = np.argsort(moments, kind="stable")
    return moments[order], np.cumsum(steps[order])


def share_inside_at_least(least: int, pools: str | tuple[str, ...]) -> Statistic:
    """Share of time with at least `least` present, over the pools together."""
    names = (pools,) if isinstance(pools, str) else pools

    def statistic(run: Run) -> tuple[float, float]:
        parts = [run.at(name) for name in names]
        together = Stretches(
            *(
                np.concatenate([getattr(part, field) for part in parts])
                for field in ("ready", "start", "end", "entity", "op", "outcome")
            )
        )
        moments, numbers = _levels(together)
        edges = np.clip(np.r_[moments, run.window.end], run.window.begin, run.window.end)
        return float(np.diff(edges)[numbers >= least].sum()), run.length

    return statistic


def share_with_nobody(pools: tuple[str, ...]) -> Statistic:
    """Share of time in which all the pools are empty."""
    occupied = share_inside_at_least(1, pools)

    def statistic(run: Run) -> tuple[float, float]:
        with_some, length = occupied(run)
        return length - with_some, length

    return statistic


def _numbers_on_arrival(run: Run, pool: str) -> IntArray:
    """Return, for each arrival, the number of visitors already at the pool."""
    stays = run.at(pool)
    came, left = np.sort(stays.ready, kind="stable"), np.sort(stays.end, kind="stable")
    number_before = np.arange(came.size) - np.searchsorted(left, came, side="right")
    return np.asarray(number_before[run.window.contains(came)], dtype=np.int64)


def found_number(pool: str) -> Statistic:
    """Mean number present at the pool that a new arrival finds."""
    return lambda run: (float((number_before := _numbers_on_arrival(run, pool)).sum()), number_before.size)


def found_at_least(pool: str, least: int) -> Statistic:
    """Share of arrivals that find at least `least` present."""
    return lambda run: (int(((number_before := _numbers_on_arrival(run, pool)) >= least).sum()), number_before.size)


def busy_period(pool: str) -> Statistic:
    """Mean length of busy periods in minutes, for those that begin in the measured part."""

    def statistic(run: Run) -> tuple[float, float]:
        moments, numbers = _levels(run.at(pool))
        before = np.r_[0, numbers[:-1]]
        begins = moments[(before == 0) & (numbers > 0)]
        ends = moments[(before > 0) & (numbers == 0)]
        mask = run.window.contains(begins[: ends.size])
        return float((ends - begins[: ends.size])[mask].sum()) / MINUTE_MS, int(mask.sum())

    return statistic


def unfinished_work(pool: str) -> Statistic:
    """Mean work that those present still need, over time, in minutes.

    Whoever waits W and is served S adds the integral ``S W + S²/2``.
    """

    def statistic(run: Run) -> tuple[float, float]:
        stays = served(run.begun(run.at(pool)))
        waits, works = (stays.start - stays.ready) / MINUTE_MS, (stays.end - stays.start) / MINUTE_MS
        return float((works * waits + works**2 / 2).sum()), run.length / MINUTE_MS

    return statistic


def down_share(pool: str, machines: int) -> Statistic:
    """Mean share of the machines that are at the pool: waiting for repair or in it."""
    inside = number_inside(pool)

    def statistic(run: Run) -> tuple[float, float]:
        time, length = inside(run)
        return time, length * machines

    return statistic


# ---- whole visits --------------------------------------------------------------------------------------------------


def _sojourns(run: Run, service: str | None) -> FloatArray:
    visits = run.visits(service)
    times: FloatArray = (run.log.ended[visits] - run.log.started[visits]) / MINUTE_MS
    return times


def mean_sojourn(service: str | None = None) -> Statistic:
    """Mean time from coming to leaving."""
    return lambda run: (float((times := _sojourns(run, service)).sum()), times.size)


def sojourn_longer_than(limit_min: float) -> Statistic:
    """Share of visits that last longer than `limit_min`."""
    return lambda run: (int(((times := _sojourns(run, None)) > limit_min).sum()), times.size)


def branch_time(run: Run) -> tuple[float, float]:
    """Mean time until all branches of a fork are done."""
    joins = run.begun(run.rows(Code.JOIN))
    return float((joins.end - joins.ready).sum()) / MINUTE_MS, joins.size


def trips_made(run: Run) -> tuple[float, float]:
    """Mean number of trips of visitors who first come in the measured part and find no room on any trip."""
    newcomers = run.visits()
    back = run.rows(Code.RETURN)
    return int(np.isin(back.entity, newcomers).sum()), newcomers.size


# ---- timetables ----------------------------------------------------------------------------------------------------


def until(run: Run) -> tuple[float, float]:
    """Mean wait for a departure."""
    rows = run.begun(run.rows(Code.UNTIL))
    return float((rows.end - rows.ready).sum()) / MINUTE_MS, rows.size


def square_until(run: Run) -> tuple[float, float]:
    """Mean square of the wait for a departure."""
    rows = run.begun(run.rows(Code.UNTIL))
    return float(np.square((rows.end - rows.ready) / MINUTE_MS).sum()), rows.size


# ---- streams -------------------------------------------------------------------------------------------------------


def without_events(moments: Callable[[Run], IntArray], length_min: float) -> Statistic:
    """Share of equal intervals of the measured part in which nothing happens."""

    def statistic(run: Run) -> tuple[float, float]:
        length = round(length_min * MINUTE_MS)
        number = run.length // length
        places = (moments(run) - run.window.begin) // length
        counts = np.bincount(places[(places >= 0) & (places < number)], minlength=number)
        return int((counts == 0).sum()), number

    return statistic


def day_count_dispersion(run: Run) -> tuple[float, float]:
    """Variance over mean of the number who come a day."""
    starts = run.log.started[run.visits()]
    counts = np.bincount((starts - run.window.begin) // DAY_MS, minlength=run.length // DAY_MS)
    return float(counts.var(ddof=1)), float(counts.mean())


def share_between(begin_min: float, end_min: float) -> Statistic:
    """Share of visitors who come between two times of day."""

    def statistic(run: Run) -> tuple[float, float]:
        minute = run.log.started[run.visits()] % DAY_MS / MINUTE_MS
        return int(((minute >= begin_min) & (minute < end_min)).sum()), minute.size

    return statistic
