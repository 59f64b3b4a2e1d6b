"""How many servers a pool needs in every half-hour, so that the target for waits is kept: a first answer by formulas.

Input: a scenario and targets.  Output: a :class:`Requirement` for every pool and its opening hours.  Each half-hour is
a station of its own in its steady state (Erlang C) under the modified offered load, and the share of visitors called
in time is a mean over good and bad days (a gamma factor).  Nobody loses patience here.  A cap on utilisation asks for
so many servers more than the work; of the other targets formulas know nothing, and ask for enough to keep up.  What
they leave out, simulated days show (:mod:`planner.staffing.certificate`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np

from foundation.arrays import BoolArray, FloatArray, IntArray
from planner.erlang import called_within, least_servers
from planner.staffing.demand import PoolDemand, pool_demands
from planner.staffing.targets import PromiseTarget, Target, UtilisationTarget, WaitTarget
from scenarios.model import WEEKDAYS, Scenario
from sim.plan import Layout, compile_plan

__all__ = ["MIN_VISITORS", "Requirement", "called_share", "gamma_days", "officers_behind", "requirements"]

MIN_VISITORS: Final = 5.0
"""Visitors a day below which half-hours of a pool are judged together: a share of fewer people says little."""
_DAYS: Final = 16
"""Days, from quiet to busy, that stand for all: with more the requirement of no pool tried has changed."""


@dataclass(frozen=True, eq=False)
class Requirement:
    """Servers that a pool needs on weekdays of the same opening hours.

    Attributes
    ----------
    pool, hours
        Its name and opening hours, in ms of the day.
    weekdays
        The weekdays, Monday 0.
    servings
        Mean number of visitors by half-hour, shape (48,).
    load
        The highest modified offered load of these weekdays by half-hour (erlang), shape (48,).
    is_open, is_pooled
        In which half-hours it is open, and which are judged together for want of visitors.
    servers
        Servers needed by half-hour, shape (48,); 0 where it is closed.
    work_h
        Hours of work on a mean day.
    plain_servers
        What Erlang C says of the mean load of the opening hours, as calculators for call centres do; behind the
        windows the officers that there are.
    is_behind
        Whether only files queue there.  Then the officers that there are begin, and each works all opening hours.
    """

    pool: str
    hours: tuple[tuple[int, int], ...]
    weekdays: tuple[int, ...]
    servings: FloatArray
    load: FloatArray
    is_open: BoolArray
    is_pooled: BoolArray
    servers: IntArray
    work_h: float
    plain_servers: int
    is_behind: bool = False

    @property
    def weekday_keys(self) -> str:
        """The weekdays as tables and files name them: ``mon tue wed``."""
        return " ".join(WEEKDAYS[weekday] for weekday in self.weekdays)


def requirements(scenario: Scenario, targets: Sequence[Target]) -> tuple[Requirement, ...]:
    """Return what every pool at which visitors queue needs; pools to which nobody comes are left out.

    A target for cases also asks for the officers behind the windows (:func:`officers_behind`).

    Raises
    ------
    ScenarioError
        If the calendar has too few working days.
    """
    behind = officers_behind(scenario) if any(isinstance(target, PromiseTarget) for target in targets) else {}
    demands = sorted(pool_demands(scenario, behind), key=lambda demand: (demand.pool, demand.hours))
    grouped = groupby(demands, key=lambda demand: (demand.pool, demand.hours))
    by_pool = [_requirement(list(group), targets, behind.get(pool)) for (pool, _), group in grouped]
    order = {pool: place for place, pool in enumerate(scenario.pools)}
    return tuple(sorted(by_pool, key=lambda requirement: (order[requirement.pool], requirement.weekdays)))


def officers_behind(scenario: Scenario) -> dict[str, int]:
    """Return the officers of each pool at which only files queue.

    Pools with more officers in some opening hours than in others are left out: they stay as they are.

    Raises
    ------
    ScenarioError
        If the calendar has too few working days.
    """
    layout, officers = Layout.of(scenario), dict[str, int]()
    for pool in compile_plan(scenario, layout).pools:
        numbers = np.unique(pool.servers[pool.servers > 0])
        if pool.name not in layout.visitor_pools and numbers.size == 1:
            officers[pool.name] = int(numbers[0])
    return officers


def gamma_days(variance: float, number: int = _DAYS) -> FloatArray:
    """Return factors of equally likely days, from quiet to busy: a gamma law of mean 1 at its middle quantiles.

    Parameters
    ----------
    variance
        Of the law; 0 for days that are all alike.
    number
        How many.
    """
    if variance <= 0:
        return np.ones(1)
    from scipy import special

    factors = special.gammaincinv(1 / variance, (np.arange(number) + 0.5) / number) * variance
    return np.asarray(factors / factors.mean(), dtype=np.float64)


def called_share(
    servers: IntArray, load: FloatArray, *, days: FloatArray, within_min: float, work_min: float
) -> FloatArray:
    """Return the share of visitors called in time over good and bad days, each visitor counted once.

    A day on which a half-hour is overloaded counts as if nobody were called in time.

    Parameters
    ----------
    servers, load
        By half-hour.
    days
        Factors of equally likely days (see :func:`gamma_days`).
    within_min, work_min
        Minutes of the target, and of a serving.
    """
    loads = np.multiply.outer(days, load)
    stable = loads < servers
    fits = np.where(stable, loads, 0.0)
    enough = np.maximum(np.broadcast_to(servers, loads.shape), 1)
    called = np.where(stable, called_within(enough, fits, within=within_min, mean_work=work_min), 0.0)
    return np.asarray((called * days[:, None]).sum(axis=0) / days.sum(), dtype=np.float64)


def _requirement(demands: Sequence[PoolDemand], targets: Sequence[Target], officers: int | None) -> Requirement:
    """Return what a pool needs; behind the windows the officers that there are."""
    first = demands[0]
    servings = np.mean([demand.servings for demand in demands], axis=0)
    is_open = first.is_open
    is_pooled = is_open & (servings < MIN_VISITORS)
    if officers is None:
        needed = [_servers(demand, is_pooled, targets) for demand in demands]
        plain = max(_plain_servers(demand, targets) for demand in demands)
    else:
        needed, plain = [officers * is_open.astype(np.int64)], officers
    return Requirement(
        pool=first.pool,
        hours=first.hours,
        weekdays=tuple(demand.weekday for demand in demands),
        servings=servings,
        load=np.max([demand.load for demand in demands], axis=0),
        is_open=is_open,
        is_pooled=is_pooled,
        servers=np.max(needed, axis=0),
        work_h=float(np.mean([demand.servings.sum() * demand.work_min / 60 for demand in demands])),
        plain_servers=plain,
        is_behind=officers is not None,
    )


def _servers(demand: PoolDemand, is_pooled: BoolArray, targets: Sequence[Target]) -> IntArray:
    """Return the least servers of each half-hour that keep up and keep the targets, at least one where it is open."""
    servers = np.where(demand.is_open, np.maximum(np.floor(demand.load) + 1, 1), 0).astype(np.int64)
    for target in targets:
        if isinstance(target, WaitTarget):
            servers = _servers_for_wait(servers, demand, is_pooled, target)
        elif isinstance(target, UtilisationTarget):
            servers = np.maximum(servers, demand.is_open * math.ceil(demand.mean_load / target.share))
    return servers


def _servers_for_wait(servers: IntArray, demand: PoolDemand, is_pooled: BoolArray, target: WaitTarget) -> IntArray:
    """Return so many servers, and as many more as it takes for those who are to be called in time."""
    days, servers = gamma_days(demand.day_variance), servers.copy()

    def shares() -> FloatArray:
        return called_share(
            servers, demand.load, days=days, within_min=target.within_min, work_min=max(demand.work_min, 1e-9)
        )

    alone = demand.is_open & ~is_pooled
    while (short := alone & (shares() < target.share)).any():
        servers[short] += 1
    weights = np.where(is_pooled, demand.servings, 0.0)
    while weights.sum() > 0 and float(weights @ shares()) < target.share * float(weights.sum()):
        worst = np.where(weights > 0, shares(), np.inf)
        servers[is_pooled & (worst <= worst.min())] += 1
    return servers


def _plain_servers(demand: PoolDemand, targets: Sequence[Target]) -> int:
    """Return what a calculator for call centres says of the mean load; servers that keep up if no wait is a target."""
    load, work = demand.mean_load, max(demand.work_min, 1e-9)
    waits = [target for target in targets if isinstance(target, WaitTarget)]
    servers = [
        int(least_servers(load, target=target.share, within=target.within_min, mean_work=work)) for target in waits
    ]
    return max(1, math.floor(load) + 1, *servers)
