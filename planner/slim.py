"""Slim down: the fewest windows at which any window serves anybody and no department's visitors wait longer.

Input: a composed hall whose windows belong to departments, the penalty of generality (how much longer an officer who
handles everything takes), and the training of such an officer.  Output: a :class:`Slim`: the certified plan of shifts
of the general windows, the people set free, the windows at other penalties, and the penalty at which it stops paying.
The plan is :func:`planner.staffing.search.staff`'s, with one target a department: the mean wait at the windows, at most
what it surely is now.  Departments with few visitors are judged together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from foundation import messages
from foundation.errors import HallplanError
from planner.staffing.certificate import RARE, Certificate, Observed, cells_of, certify
from planner.staffing.plan import constant_roster, with_rosters
from planner.staffing.requirement import MIN_VISITORS, requirements
from planner.staffing.result import Effort, Staffing
from planner.staffing.search import staff
from planner.staffing.simulate import FRESH, Simulate
from planner.staffing.targets import MinutesTarget, Target
from scenarios.compose.composing import Composed
from scenarios.model import Scenario
from sim.calendar import HOUR_MS
from sim.measure.day_counts import DayCounts, wait_counts
from sim.measure.frames import Metrics
from sim.plan import Layout, compile_plan
from sim.statistics.clustered_shares import mean_bounds

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FRAMES", "PENALTIES", "PUBLISHED", "Department", "GroupWait", "Range", "Slim", "SlimGoal", "slim_down"]

FRAMES: Final = ("departments", "penalties", "shifts")
PENALTIES: Final = (1.0, 1.15, 1.4)
"""Work of a general officer against a department's: the range that is discussed, and what is assumed (lever
``pooled-windows``)."""
PUBLISHED: Final = {"xinglongtai": (75, 34), "sansui": (83, 48), "xiangzhou": (123, 80)}
"""Windows before and after that halls have published, unaudited (``docs/reference/gallery.md``)."""

_LEVER: Final = "pooled-windows"
_POOL: Final = "general-windows"
_WINDOWS: Final = "window-"
_REPLICATIONS: Final = 4
"""Of each number of windows and each penalty that is tried."""
_EFFORT: Final = Effort(search=4, check=16, raises=8, removals=8, polishes=1, attempts=2)
_MOST_PENALTY: Final = 3.0
_STEP: Final = 0.01
"""To which a penalty is worked out."""
_WEEKS: Final = 52


@dataclass(frozen=True)
class SlimGoal:
    """What is asked.

    Attributes
    ----------
    penalty
        Work of a general officer against a department's.  1.15 is assumed by default, 1.0 to 1.4 is discussed.
    training_h
        Hours of training a year of each general officer.  40 is assumed by default, 16 to 80 is usual.
    least_min
        Minutes of mean wait that count as none: a department with less now may have so much then.
    alpha
        Probability that a department waits longer although the answer says that none does.
    """

    penalty: float = 1.15
    training_h: float = 40.0
    least_min: float = 1.0
    alpha: float = 0.05


@dataclass(frozen=True)
class GroupWait(MinutesTarget):
    """The mean wait of a department's visitors at the windows, which may not exceed some minutes.

    Attributes
    ----------
    minutes
        The minutes.
    name
        Of the department's pool of windows; several, with spaces between, are judged together.
    services, pools
        Whose visitors count, and where.
    """

    name: str
    services: tuple[str, ...]
    pools: tuple[str, ...]

    kind: ClassVar[str] = "mean_wait"

    def label(self, language: messages.Language | None = None) -> str:
        """Say the target in words."""
        return messages.text("staffing.target.mean_wait", language, name=self.name, minutes=self.minutes)

    @property
    def count(self) -> Callable[[Metrics], DayCounts]:
        """Count the minutes of waiting, by queueing."""
        return partial(wait_counts, services=self.services, pools=self.pools, name=_POOL)


@dataclass(frozen=True)
class Department:
    """A department's wait at the windows, now and then, in minutes.

    Attributes
    ----------
    pool
        Its windows now; of departments that are judged together all of them, with spaces between.
    visits_per_day
        Queueings there on a day.
    now
        Its mean wait now.
    limit
        What it surely is now, or what counts as none: the limit of the plan.
    then, high
        With the plan, and the upper bound of that.
    holds
        Whether that bound is within the limit.
    """

    pool: str
    visits_per_day: float
    now: float
    limit: float
    then: float
    high: float
    holds: bool


@dataclass(frozen=True)
class Range:
    """A number that chance leaves open between two ends.

    Attributes
    ----------
    estimate
        By the means.
    low, high
        Between what is surely too little and what is surely enough; or the other way round, of a penalty.
    """

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Slim:
    """How slim a hall can be.

    Attributes
    ----------
    composed, pooled, goal
        The hall, the hall in which any window serves anybody, and the question.
    departments
        Those that are judged.
    staffing
        The plan of the general windows and its certificate.
    windows_now, hours_now
        Windows open at once now, and their hours a week.
    by_penalty
        Windows open all day that it takes, by penalty.
    break_even
        Penalty up to which as many windows as now, less those for training, are enough.
    replications
        Of each number tried.
    """

    composed: Composed
    pooled: Composed
    goal: SlimGoal
    departments: tuple[Department, ...]
    staffing: Staffing
    windows_now: int
    hours_now: float
    by_penalty: Mapping[float, Range]
    break_even: Range
    replications: int

    @property
    def windows(self) -> int:
        """Windows of the plan that are open at once."""
        return max(int(shifts.servers.max()) for shifts in self.staffing.plan.pools)

    @property
    def hours(self) -> float:
        """Hours a week of the plan."""
        return self.staffing.plan.hours_per_week

    @property
    def training_h(self) -> float:
        """Hours of training a week of the plan's people."""
        return self.staffing.plan.heads * self.goal.training_h / _WEEKS

    @property
    def freed(self) -> float:
        """Officers set free: hours saved, less training, over the hours of one window now."""
        return (self.hours_now - self.hours - self.training_h) / (self.hours_now / self.windows_now)

    @cached_property
    def ratios(self) -> tuple[float, float]:
        """The least and the largest share of the present windows, over all penalties and chance."""
        ends = [end for by in self.by_penalty.values() for end in (by.low, by.high)]
        return min(ends) / self.windows_now, max(ends) / self.windows_now

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the departments, the windows by penalty, and the shifts of the plan."""
        import pandas as pd

        penalties = [
            {"work_factor": penalty, "windows": by.estimate, "low": by.low, "high": by.high}
            for penalty, by in self.by_penalty.items()
        ]
        return {
            "departments": pd.DataFrame([vars(department) for department in self.departments]),
            "penalties": pd.DataFrame(penalties),
            "shifts": self.staffing.shifts(),
        }


def slim_down(composed: Composed, simulate: Simulate, goal: SlimGoal | None = None) -> Slim:
    """Return the fewest windows at which any window serves anybody and no department waits longer.

    Parameters
    ----------
    composed
        The hall as it is.
    simulate
        As for :func:`planner.staffing.search.staff`.
    goal
        The question.

    Raises
    ------
    HallplanError
        If there are no windows of departments to be pooled, or whatever `simulate` raises.
    """
    return _Slimming(composed, simulate, goal or SlimGoal()).run()


class _Slimming:
    """The steps of one question, which share the departments and what they wait now."""

    def __init__(self, composed: Composed, simulate: Simulate, goal: SlimGoal) -> None:
        self._composed, self._simulate, self._goal = composed, simulate, goal
        if sum(name.startswith(_WINDOWS) for name in composed.scenario.pools) < 2:
            raise HallplanError("error.slim.nothing", name=composed.scenario.name)
        self._pooled = self._at(goal.penalty)
        members = [name for name, into in Layout.of(self._pooled.scenario).pools.items() if into == _POOL != name]
        merged = Layout.of(composed.scenario).pools
        self._members = tuple(dict.fromkeys(merged[name] for name in members))
        if len(self._members) < 2:
            raise HallplanError("error.slim.nothing", name=composed.scenario.name)
        plan = compile_plan(composed.scenario)
        self._windows = sum(int(pool.servers.max()) for pool in plan.pools if pool.name in self._members)

    def _at(self, penalty: float) -> Composed:
        return self._composed.changed(levers=[f"{_LEVER}:work_factor={penalty:.4f}"])

    def run(self) -> Slim:
        """Measure the present, staff the pooled hall, and look at other penalties."""
        goal = self._goal
        targets, now = self._present()
        staffing = staff(self._pooled.scenario, targets, self._simulate, _EFFORT, pools=(_POOL,))
        penalties = sorted({*PENALTIES, goal.penalty})
        by_penalty = {penalty: self._least_windows(penalty, targets) for penalty in penalties}
        return Slim(
            composed=self._composed,
            pooled=self._pooled,
            goal=goal,
            departments=tuple(_departments(targets, now, staffing.certificate)),
            staffing=staffing,
            windows_now=self._windows,
            hours_now=self._hours_now(),
            by_penalty=by_penalty,
            break_even=self._break_even(targets),
            replications=_REPLICATIONS,
        )

    def _present(self) -> tuple[list[GroupWait], list[tuple[float, float]]]:
        """Return a target for each department that has visitors, and its visits a day and mean wait now.

        The limits are lower bounds that hold together with half of the error; the certificate has the other half.
        """
        scenario, pools = self._composed.scenario, self._members
        groups = [GroupWait(0.0, pool, services, (pool,)) for pool, services in _services(scenario, pools)]
        (shown,) = self._simulate([scenario], groups, FRESH * 3, _EFFORT.check)
        minutes, units = (
            np.array([[getattr(counts, name).sum() for counts in replication] for replication in shown])
            for name in ("hits", "units")
        )
        days = sum(len(replication[0].units) for replication in shown)
        per_day = units.sum(axis=0) / days
        places = [[place] for place in np.flatnonzero(per_day >= MIN_VISITORS).tolist()]
        quiet = np.flatnonzero(per_day < MIN_VISITORS).tolist()
        if per_day[quiet].sum() >= RARE:
            places.append(quiet)
        if not places:
            raise HallplanError("error.slim.nobody", name=scenario.name)
        level = 1 - self._goal.alpha / 2 / len(places)
        targets, now = list[GroupWait](), list[tuple[float, float]]()
        for members in places:
            bounds = mean_bounds(*(counts[:, members].sum(axis=1)[:, None] for counts in (minutes, units)), level=level)
            services = tuple(dict.fromkeys(service for place in members for service in groups[place].services))
            names = tuple(groups[place].name for place in members)
            limit = max(float(bounds.low[0]), self._goal.least_min)
            targets.append(GroupWait(limit, " ".join(names), services, (_POOL,)))
            now.append((float(per_day[members].sum()), float(bounds.share[0])))
        return targets, now

    def _hours_now(self) -> float:
        """Return the hours a week of the present windows."""
        scenario = self._composed.scenario
        plan = compile_plan(scenario)
        weeks = scenario.run.days / 5
        layout = Layout.of(scenario)
        begin, end = (24 * HOUR_MS * day for day in (layout.first_measured, layout.first_followed))
        total = 0.0
        for pool in plan.pools:
            if pool.name in self._members:
                lengths = np.diff(np.clip(np.append(pool.times, end), begin, end))
                total += float((lengths * pool.servers).sum()) / HOUR_MS
        return total / weeks

    def _judged(self, windows: int, penalty: float, targets: Sequence[Target]) -> Certificate:
        """Judge so many windows, open all day, at a penalty."""
        scenario = self._at(penalty).scenario
        needed = [required for required in requirements(scenario, targets) if required.pool == _POOL]
        entries: list[dict[str, Any]] = [entry for required in needed for entry in constant_roster(required, windows)]
        (shown,) = self._simulate([with_rosters(scenario, {_POOL: entries})], targets, 0, _REPLICATIONS)
        observed: list[Observed] = shown
        return certify(targets, cells_of(needed, targets), observed, level=1 - self._goal.alpha)

    def _least_windows(self, penalty: float, targets: Sequence[Target]) -> Range:
        """Return the fewest windows at a penalty, by halving: more windows never make anybody wait longer."""
        judged: dict[int, Certificate] = {}

        def at(windows: int) -> Certificate:
            if windows not in judged:
                judged[windows] = self._judged(windows, penalty, targets)
            return judged[windows]

        most = 2 * self._windows
        estimate = _first(lambda windows: not at(windows).falls_short.any(), 1, most)
        low = _first(lambda windows: not at(windows).misses.any(), 1, estimate)
        high = _first(lambda windows: at(windows).is_certified, estimate, most)
        return Range(estimate, low, high)

    def _break_even(self, targets: Sequence[Target]) -> Range:
        """Return the penalty at which the present windows, less those whose hours go into training, are just enough."""
        year_h = _WEEKS * self._hours_now() / self._windows
        windows = max(round(self._windows * (1 - self._goal.training_h / year_h)), 1)
        judged: dict[int, Certificate] = {}

        def at(step: int) -> Certificate:
            if step not in judged:
                judged[step] = self._judged(windows, 1 + step * _STEP, targets)
            return judged[step]

        most = round((_MOST_PENALTY - 1) / _STEP)
        estimate = _first(lambda step: bool(at(step).falls_short.any()), 0, most)
        low = _first(lambda step: not at(step).is_certified, 0, estimate)
        high = _first(lambda step: bool(at(step).misses.any()), estimate, most)
        return Range(*(1 + (step - 1) * _STEP for step in (estimate, low, high)))


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Return the first number from which on something holds; the highest if it does nowhere before."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _departments(
    targets: Sequence[GroupWait], now: Sequence[tuple[float, float]], certificate: Certificate
) -> Iterator[Department]:
    bounds = certificate.bounds
    for place, (target, (visits, wait)) in enumerate(zip(targets, now, strict=True)):
        then, high = float(bounds.share[place]), float(bounds.high[place])
        yield Department(target.name, visits, wait, target.minutes, then, high, bool(certificate.holds[place]))


def _services(scenario: Scenario, members: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the windows of each department with the services whose visitors queue there."""
    merged = Layout.of(scenario).pools
    by_pool: dict[str, list[str]] = {pool: [] for pool in members}
    for name, service in scenario.services.items():
        visits = [visit for visit in service.visits.values() if not isinstance(visit, str)]
        pools = {merged[step.pool] for visit in visits for step in visit.values() if step.pool}
        for pool in members:
            if pool in pools:
                by_pool[pool].append(name)
    for pool, services in by_pool.items():
        if services:
            yield pool, tuple(services)
