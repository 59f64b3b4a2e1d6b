"""From a target to a plan: formulas, shifts, simulated days, and fresh days for the certificate.

Input: a scenario, a target, and what simulates scenarios under common random numbers.  Output: a :class:`Staffing`.
The search looks at few replications, always the same: it raises the requirement where the target would not be
certified, then takes shifts away as long as it would.  The certificate is for replications that the search has never
seen.  If it fails, the requirement is raised and other fresh replications are drawn; each attempt may err with half
the probability of the one before, so that all together err with the stated one at the most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np

from foundation.arrays import BoolArray, IntArray
from foundation.errors import HallplanError
from planner.staffing.certificate import Cell, cells_of, certify, closed_per_day
from planner.staffing.plan import StaffPlan, constant_roster, planned, staffed, with_rosters
from planner.staffing.requirement import Requirement, WaitTarget, requirements
from planner.staffing.result import Effort, Minimality, Staffing
from planner.staffing.shifts import MOST_ENUMERATED, PoolShifts, cheaper_shifts, least_hours, shift_variants
from scenarios.model import Scenario
from sim.measure.called import CalledCounts

__all__ = ["Simulate", "staff"]

Simulate: TypeAlias = Callable[[Sequence[Scenario], int, int], list[list[CalledCounts]]]
"""Scenarios, number of the first replication, how many: returns counts by scenario and replication."""

_FRESH: Final = 1_000_000
"""Number of the first replication of certificates: no search, and no run by hand, comes so far."""
_AMPLE: Final = 3
"""Times the requirement that stand for as many servers as anybody may wish."""


def staff(scenario: Scenario, target: WaitTarget, simulate: Simulate, effort: Effort | None = None) -> Staffing:
    """Return the cheapest plan of shifts that is certified to keep a target, or the best one tried.

    Parameters
    ----------
    scenario, target
        The question.
    simulate
        Simulates scenarios under common random numbers.
    effort
        How much to simulate; what the target needs by default.

    Raises
    ------
    HallplanError
        If visitors queue nowhere, or whatever `simulate` raises.
    """
    return _Search(scenario, target, simulate, effort).run()


@dataclass(frozen=True, eq=False)
class _State:
    """Where the search stands: a plan, what it covers, and what simulating it has shown."""

    plan: StaffPlan
    counts: list[CalledCounts]


class _Search:
    """The search for one target; its steps share the cells that are judged."""

    def __init__(self, scenario: Scenario, target: WaitTarget, simulate: Simulate, effort: Effort | None) -> None:
        self._scenario, self._target, self._simulate = scenario, target, simulate
        self._seed = requirements(scenario, target)
        if not self._seed:
            raise HallplanError("error.staffing.no_visitors", name=scenario.name)
        self._cells = cells_of(self._seed)
        self._effort = effort or Effort.enough_for(scenario, target, len(self._cells))
        self._reachable = np.ones(len(self._cells), dtype=np.bool_)

    def run(self) -> Staffing:
        """Search, certify, and put together the result."""
        effort, plain = self._effort, self._constant(lambda requirement: requirement.plain_servers)
        state, out_of_reach = self._begin()
        state = self._raise(state)
        state, is_least = self._remove(state)
        state = self._raise(state)
        for attempt in range(1, effort.attempts + 1):
            first = _FRESH + (attempt - 1) * effort.check
            shown = self._simulate([staffed(self._scenario, state.plan), plain], first, effort.check)
            certificate, plain_certificate = (
                certify(self._cells, counts, self._target, level=1 - effort.alpha / 2**attempt) for counts in shown
            )
            if attempt == effort.attempts or not (~certificate.holds & self._reachable).any():
                break
            plan = self._raised(state.plan, ~certificate.holds & self._reachable, shown[0])
            state = replace(state, plan=plan)
            is_least = False
        return Staffing(
            scenario=self._scenario,
            target=self._target,
            effort=effort,
            plan=state.plan,
            requirements=self._seed,
            certificate=certificate,
            attempts=attempt,
            minimality=self._minimality(is_least),
            bound_per_week=sum(least_hours(required) * len(required.weekdays) for required in self._seed),
            closed_per_day=closed_per_day(self._cells, shown[0]),
            plain_certificate=plain_certificate,
            out_of_reach=out_of_reach,
        )

    def _minimality(self, is_least: bool) -> Minimality:
        if not is_least:
            return "none"
        variants = max(len(shift_variants(required.hours)) for required in self._seed)
        return "enumerated" if variants <= MOST_ENUMERATED else "single"

    def _constant(self, servers: Callable[[Requirement], int]) -> Scenario:
        """Return the scenario with equally many servers in all opening hours of a pool."""
        rosters: dict[str, list[dict[str, Any]]] = {}
        for required in self._seed:
            rosters.setdefault(required.pool, []).extend(constant_roster(required, servers(required)))
        return with_rosters(self._scenario, rosters)

    def _begin(self) -> tuple[_State, tuple[tuple[Cell, float], ...]]:
        """Try what the formulas say, for each half-hour and for the mean; and what no servers can mend."""
        start = planned(self._scenario, self._seed)
        plain = planned(
            self._scenario,
            [replace(required, servers=required.is_open * required.plain_servers) for required in self._seed],
        )
        ample = self._constant(lambda required: _AMPLE * int(required.servers.max()) + _AMPLE)
        halls = [staffed(self._scenario, start), staffed(self._scenario, plain), ample]
        shown = self._simulate(halls, 0, self._effort.search)
        best = certify(self._cells, shown[2], self._target, level=1 - self._effort.alpha)
        self._reachable = ~best.misses
        places = np.flatnonzero(best.misses).tolist()
        missed = tuple((self._cells[place], float(best.bounds.share[place])) for place in places)
        failing = self._failing_pools(shown[1])
        pools = tuple(
            constant
            if constant.hours_per_day < shifts.hours_per_day and shifts.requirement.pool not in failing
            else shifts
            for shifts, constant in zip(start.pools, plain.pools, strict=True)
        )
        return self._simulated(StaffPlan(pools)), missed

    def _simulated(self, plan: StaffPlan) -> _State:
        """Simulate a plan as the search does."""
        return _State(plan, self._simulate([staffed(self._scenario, plan)], 0, self._effort.search)[0])

    def _failing_pools(self, counts: list[CalledCounts]) -> set[str]:
        return {self._cells[place].pool for place in np.flatnonzero(self._failing(counts))}

    def _failing(self, counts: list[CalledCounts]) -> BoolArray:
        """Tell which cells would not be certified if fresh replications were like these."""
        effort = self._effort
        weight = -(-effort.check // effort.search)
        foreseen = certify(self._cells, counts, self._target, level=1 - effort.alpha / 2, weight=weight)
        return ~foreseen.holds & self._reachable

    def _raise(self, state: _State) -> _State:
        """Require more where the target would not be certified, until it would or steps run out."""
        for _ in range(self._effort.raises):
            failing = self._failing(state.counts)
            if not failing.any():
                break
            state = self._simulated(self._raised(state.plan, failing, state.counts))
        return state

    def _raised(self, plan: StaffPlan, failing: BoolArray, counts: list[CalledCounts]) -> StaffPlan:
        """Require one more in the half-hours of failing cells; the shifts of the other pools stay as they are."""
        failing_cells = [self._cells[place] for place in np.flatnonzero(failing)]
        pools = list[PoolShifts]()
        for shifts in plan.pools:
            required = shifts.requirement
            cells = [cell for cell in failing_cells if cell.pool == required.pool]
            more = _short(cells, _missed(counts, required.pool), required.is_open)
            raised = replace(required, servers=shifts.servers + more)
            pools.append(planned(self._scenario, [raised]).pools[0] if cells else shifts)
        return StaffPlan(tuple(pools))

    def _remove(self, state: _State) -> tuple[_State, bool]:
        """Try cheaper shifts in all pools at once, and keep those of the pools that do not fail then.

        What works nowhere more than shifts that failed is not tried: fewer people never call more visitors in time.
        Returns the state, with the same people on duty in the fewest shifts, and whether nothing is left to try.
        """
        least = [least_hours(required) for required in self._seed]
        failed: list[list[IntArray]] = [[] for _ in self._seed]
        trials: dict[int, PoolShifts] = {}
        undone = False
        for _ in range(self._effort.removals):
            trials = {}
            for place, shifts in enumerate(state.plan.pools):
                for cheaper in cheaper_shifts(shifts, least[place]):
                    if not any((cheaper.servers <= servers).all() for servers in failed[place]):
                        trials[place] = cheaper
                        break
            if not trials:
                break
            pools = [trials.get(place, shifts) for place, shifts in enumerate(state.plan.pools)]
            tried = self._simulated(StaffPlan(tuple(pools)))
            failing = self._failing_pools(tried.counts)
            undone = False
            for place, cheaper in trials.items():
                if cheaper.requirement.pool in failing:
                    failed[place].append(cheaper.servers)
                    pools[place], undone = state.plan.pools[place], True
            state = _State(StaffPlan(tuple(pools)), tried.counts)
        on_duty = [replace(shifts.requirement, servers=shifts.servers) for shifts in state.plan.pools]
        plan = planned(self._scenario, on_duty)
        return (self._simulated(plan) if undone else replace(state, plan=plan)), not trials


def _missed(counts: Sequence[CalledCounts], pool: str) -> IntArray:
    """Return by half-hour how many visitors of a pool were not called in time."""
    place = counts[0].pools.index(pool)
    late = [(shown.joined - shown.in_time)[:, place].sum(axis=0) for shown in counts]
    return np.asarray(np.sum(late, axis=0), dtype=np.int64)


def _short(cells: Sequence[Cell], missed: IntArray, is_open: BoolArray) -> IntArray:
    """Return 1 in the open half-hours that need a server more: of pooled ones those in which most are late.

    Whoever comes while the pool is closed is served at its next opening.
    """
    short = np.zeros(is_open.size, dtype=np.int64)
    opened = np.flatnonzero(is_open)
    for cell in cells:
        at = np.array(cell.half_hours)
        late = at[missed[at] >= max(1, int(missed[at].max()) / 2)] if cell.is_pooled else at
        following = np.minimum(np.searchsorted(opened, late), opened.size - 1)
        short[opened[following]] = 1
    return short
