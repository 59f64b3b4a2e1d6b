"""How many servers a pool needs in every half-hour, so that the target for waits is kept: a first answer by formulas.

Input: a scenario and a :class:`WaitTarget`.  Output: a :class:`Requirement` for every pool and its opening hours.
Each half-hour is a station of its own in its steady state (Erlang C) under the modified offered load, and the share of
visitors called in time is a mean over good and bad days (a gamma factor).  Nobody loses patience here.  What the
formulas leave out, simulated days show (:mod:`planner.staffing.certificate`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Self

import numpy as np

from foundation import messages
from foundation.arrays import BoolArray, FloatArray, IntArray
from foundation.errors import HallplanError
from foundation.units import parse_duration
from planner.erlang import called_within, least_servers
from planner.staffing.demand import PoolDemand, pool_demands
from scenarios.model import WEEKDAYS, Scenario
from sim.calendar import MINUTE_MS

__all__ = ["MIN_VISITORS", "Requirement", "WaitTarget", "called_share", "gamma_days", "requirements"]

MIN_VISITORS: Final = 5.0
"""Visitors a day below which half-hours of a pool are judged together: a share of fewer people says little."""
_DAYS: Final = 16
"""Days, from quiet to busy, that stand for all: with more the requirement of no pool tried has changed."""
_TARGET: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*%\s*(?:within|in|@)\s*(\S.*\S|\S)\s*")


@dataclass(frozen=True)
class WaitTarget:
    """A share of visitors that is to be called within some minutes, in every pool and half-hour.

    Attributes
    ----------
    share
        Between 0 and 1, both excluded.
    within_min
        The minutes, at least 0.
    """

    share: float
    within_min: float

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``"90% within 15 min"``.

        Raises
        ------
        HallplanError
            If it is not of that form, or the share is not between 0% and 100%.
        """
        match = _TARGET.fullmatch(text)
        if match is None:
            raise HallplanError("error.staffing.target", value=text)
        share, within_ms = float(match[1]) / 100, parse_duration(match[2])
        if not 0 < share < 1:
            raise HallplanError("error.staffing.share", value=text)
        return cls(share, within_ms / MINUTE_MS)

    def label(self, language: messages.Language | None = None) -> str:
        """Say the target in words."""
        return messages.text("staffing.target", language, percent=100 * self.share, minutes=self.within_min)


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
        What Erlang C says of the mean load of the opening hours, as calculators for call centres do.
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

    @property
    def weekday_keys(self) -> str:
        """The weekdays as tables and files name them: ``mon tue wed``."""
        return " ".join(WEEKDAYS[weekday] for weekday in self.weekdays)


def requirements(scenario: Scenario, target: WaitTarget) -> tuple[Requirement, ...]:
    """Return what every pool at which visitors queue needs; pools to which nobody comes are left out.

    Raises
    ------
    ScenarioError
        If the calendar has too few working days.
    """
    demands = sorted(pool_demands(scenario), key=lambda demand: (demand.pool, demand.hours))
    grouped = groupby(demands, key=lambda demand: (demand.pool, demand.hours))
    by_pool = [_requirement(list(group), target) for _, group in grouped]
    order = {pool: place for place, pool in enumerate(scenario.pools)}
    return tuple(sorted(by_pool, key=lambda requirement: (order[requirement.pool], requirement.weekdays)))


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


def _requirement(demands: Sequence[PoolDemand], target: WaitTarget) -> Requirement:
    first = demands[0]
    servings = np.mean([demand.servings for demand in demands], axis=0)
    is_open = first.is_open
    is_pooled = is_open & (servings < MIN_VISITORS)
    needed = [_servers(demand, is_pooled, target) for demand in demands]
    plain = max(_plain_servers(demand, target) for demand in demands)
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
    )


def _servers(demand: PoolDemand, is_pooled: BoolArray, target: WaitTarget) -> IntArray:
    """Return the least servers of each half-hour, at least one where the pool is open."""
    days = gamma_days(demand.day_variance)
    servers = np.where(demand.is_open, np.maximum(np.floor(demand.load) + 1, 1), 0).astype(np.int64)

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


def _plain_servers(demand: PoolDemand, target: WaitTarget) -> int:
    load, work = demand.mean_load, max(demand.work_min, 1e-9)
    servers = least_servers(load, target=target.share, within=target.within_min, mean_work=work)
    return max(1, math.ceil(int(servers)))
