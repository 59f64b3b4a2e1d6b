"""From targets to a plan: formulas, shifts, simulated days, and fresh days for the certificate.

Input: a scenario, targets, and what simulates scenarios under common random numbers.  Output: a :class:`Staffing`.
The search looks at few replications, always the same: it raises the requirement where the target would not be
certified, then takes shifts away as long as it would.  The certificate is for replications that the search has never
seen.  If it fails, the requirement is raised and other fresh replications are drawn; each attempt may err with half
the probability of the one before, so that all together err with the stated one at the most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

import numpy as np

from foundation.arrays import BoolArray, FloatArray, IntArray
from foundation.errors import HallplanError
from planner.staffing.certificate import Cell, Certificate, Observed, cells_of, certify, closed_per_day
from planner.staffing.people import fewest_in_all, least_people, stretched, within_heads
from planner.staffing.plan import StaffPlan, constant_roster, planned, staffed, with_rosters
from planner.staffing.requirement import Requirement, requirements
from planner.staffing.result import Effort, Minimality, Nearest, Staffing
from planner.staffing.shifts import MOST_ENUMERATED, PoolShifts, cheaper_shifts, least_hours, variants_of
from planner.staffing.shortfall import Turns, missed_by_half_hour, missed_by_pool, worst_parts
from planner.staffing.simulate import FRESH, Simulate
from planner.staffing.targets import CaseWaits, Counted, PromiseTarget, Target, WaitTarget
from scenarios.model import Scenario
from sim.measure.day_counts import HALL
from sim.measure.table import BINS

__all__ = ["staff"]

_TIMES: Final = (5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 90, 120, 150, 180, 240, 300, 420)
"""Minutes that are tried for a wait that is kept: those that people set as targets."""
_LEAST: Final = 0.01
"""Least part of a share that formulas are asked for."""
_AMPLE: Final = 3
"""Times the requirement that stand for as many servers as anybody may wish."""


def staff(
    scenario: Scenario,
    targets: Sequence[Target],
    simulate: Simulate,
    effort: Effort | None = None,
    *,
    heads: int | None = None,
    pools: Sequence[str] | None = None,
) -> Staffing:
    """Return the cheapest plan of shifts that is certified to keep targets, or the best one tried.

    Parameters
    ----------
    scenario, targets
        The question.
    simulate
        Simulates scenarios under common random numbers.
    effort
        How much to simulate; what the targets need by default.
    heads
        Most people; as many as it takes by default.
    pools
        The pools to staff; all at which visitors queue by default.  The others stay as they are.

    Raises
    ------
    HallplanError
        If visitors queue nowhere, if so few people cannot keep the pools open, or whatever `simulate` raises.
    """
    return _Search(scenario, targets, simulate, effort, pools).run(heads)


@dataclass(frozen=True, eq=False)
class _State:
    """Where the search stands: a plan, what it covers, and what simulating it has shown."""

    plan: StaffPlan
    observed: list[Observed]


class _Search:
    """The search for targets; its steps share the cells that are judged."""

    def __init__(
        self,
        scenario: Scenario,
        targets: Sequence[Target],
        simulate: Simulate,
        effort: Effort | None,
        pools: Sequence[str] | None,
    ) -> None:
        self._scenario, self._targets, self._simulate = scenario, tuple(targets), simulate
        needed = requirements(scenario, targets)
        self._seed = tuple(required for required in needed if pools is None or required.pool in pools)
        if not self._seed:
            raise HallplanError("error.staffing.no_visitors", name=scenario.name)
        self._cells = cells_of(self._seed, targets)
        if not self._cells:
            raise HallplanError("error.staffing.rare", name=scenario.name)
        self._effort = effort or Effort.enough_for(scenario, targets, len(self._cells))
        has_cases = any(target.scope == "hall" for target in self._targets)
        self._counted: tuple[Counted, ...] = (*self._targets, CaseWaits()) if has_cases else self._targets
        self._causes = tuple(map(self._cause, self._cells))
        self._reachable = np.ones(len(self._cells), dtype=np.bool_)
        self._attempts, self._first = 1, 0

    def run(self, heads: int | None = None) -> Staffing:
        """Search, certify, and put together the result.

        Parameters
        ----------
        heads
            Most people.

        Raises
        ------
        HallplanError
            If so few people cannot even keep somebody on duty in every pool.
        """
        if heads is not None and heads < (least := least_people(self._seed)):
            raise HallplanError("error.staffing.heads", heads=heads, least=least)
        effort = self._effort
        state, out_of_reach = self._begin()
        state = self._raise(state)
        state, is_least = self._remove(state)
        state = self._raise(state)
        state, shortage = self._capped(state, heads)
        for attempt in range(1, effort.attempts + 1):
            certificate, plain_certificate, shown = self._attempt(state, attempt)
            mendable = ~certificate.holds & self._reachable
            if attempt == effort.attempts or shortage or not mendable.any():
                break
            state, shortage = self._capped(self._mended(state, mendable, shown), heads)
            is_least = False
        result = Staffing(
            scenario=self._scenario,
            targets=self._targets,
            effort=effort,
            plan=state.plan,
            requirements=self._seed,
            certificate=certificate,
            attempts=attempt,
            minimality=self._minimality(is_least and not shortage),
            bound_per_week=sum(least_hours(required) * len(required.weekdays) for required in self._seed),
            closed_per_day=closed_per_day(self._targets, self._cells, shown),
            plain_certificate=plain_certificate,
            out_of_reach=out_of_reach,
            heads=heads,
            needed=shortage,
        )
        return result if result.is_certified else replace(result, nearest=self._nearest(state.plan))

    def _mended(self, state: _State, failing: BoolArray, shown: list[Observed]) -> _State:
        """Require more where a certificate has failed, and take away what of it is not needed.

        The days of that certificate are fresh no longer: from now on they are those of the search.
        """
        self._attempts += 1
        self._first = FRESH + (self._attempts - 2) * self._effort.check
        raised = self._raised(state.plan, failing, shown)
        settled: list[list[IntArray]] = [[shifts.servers] for shifts in state.plan.pools]
        begin = self._raise(self._simulated(raised, self._effort.check))
        steps = self._effort.polishes
        return self._removed(begin, settled, steps=steps, replications=self._effort.check)[0]

    def _attempt(self, state: _State, attempt: int) -> tuple[Certificate, Certificate, list[Observed]]:
        """Certify a plan on fresh days, and Erlang C's plan on the same."""
        effort, plain = self._effort, self._constant(lambda required: required.plain_servers)
        first = FRESH + (attempt - 1) * effort.check
        shown = self._simulate([staffed(self._scenario, state.plan), plain], self._counted, first, effort.check)
        certificate, plain_certificate = (
            self._certified(observed, level=1 - effort.alpha / 2**attempt) for observed in shown
        )
        return certificate, plain_certificate, shown[0]

    def _capped(self, state: _State, heads: int | None) -> tuple[_State, int | None]:
        """Keep to a number of people; where they cannot cover what is enough, return how many could as well.

        Then whoever is not needed is looked for among fewer people on longer shifts, before it is given up.
        """
        if heads is None or state.plan.heads <= heads:
            return state, None
        enough = [replace(shifts.requirement, servers=shifts.servers) for shifts in state.plan.pools]
        needed = fewest_in_all(enough)
        if needed > heads:
            fewest = within_heads(self._scenario, enough, needed)
            assert fewest is not None
            state, _ = self._remove(self._simulated(fewest))
            enough = [replace(shifts.requirement, servers=shifts.servers) for shifts in state.plan.pools]
            needed = fewest_in_all(enough)
        if needed > heads:
            return self._simulated(stretched(self._scenario, enough, heads, lowered=self._lowered)), needed
        plan = within_heads(self._scenario, enough, heads)
        assert plan is not None
        return self._simulated(plan), None

    def _lowered(self, level: float) -> tuple[Requirement, ...]:
        """Return what formulas require of waits at a part of their share; caps ask for enough to keep up."""
        waits = [target for target in self._targets if isinstance(target, WaitTarget)]
        lowered: list[Target] = [replace(target, share=max(level, _LEAST) * target.share) for target in waits]
        lowered += [target for target in self._targets if isinstance(target, PromiseTarget)]
        pools = {required.pool for required in self._seed}
        return tuple(required for required in requirements(self._scenario, lowered) if required.pool in pools)

    def _nearest(self, plan: StaffPlan) -> tuple[Nearest, ...]:
        """Return what a plan keeps of each target, on days of its own: the limit, and of waits the time.

        Limits and times share the error.  A time is right unless the bound at a shorter one is wrong, so that any
        number of times may be tried.
        """
        effort = self._effort
        waits = {place: target for place, target in enumerate(self._targets) if isinstance(target, WaitTarget)}
        minutes = {place: [time for time in _TIMES if time > target.within_min] for place, target in waits.items()}
        ladder = [replace(waits[place], within_min=time) for place, times in minutes.items() for time in times]
        first = FRESH + effort.attempts * effort.check
        (shown,) = self._simulate([staffed(self._scenario, plan)], [*self._targets, *ladder], first, effort.check)
        level = 1 - effort.alpha / 2
        number = len(self._targets)
        certificate = certify(self._targets, self._cells, [counts[:number] for counts in shown], level=level)
        results, place_of_time = list[Nearest](), number
        for place, target in enumerate(self._targets):
            shortest = None
            for time in minutes.get(place, ()):
                cells = [replace(cell, target=0) for cell in self._cells if cell.target == place]
                column = [(counts[place_of_time],) for counts in shown]
                place_of_time += 1
                each = 1 - (1 - level) * len(cells) / len(self._cells)
                if shortest is None and certify([target], cells, column, level=each).is_certified:
                    shortest = time
            results.append(Nearest(target, certificate.kept_limit(place), shortest))
        return tuple(results)

    def _certified(self, observed: Sequence[Observed], *, level: float, weight: int = 1) -> Certificate:
        return certify(self._targets, self._cells, observed, level=level, weight=weight)

    def _minimality(self, is_least: bool) -> Minimality:
        if not is_least:
            return "none"
        variants = max(len(variants_of(required)) for required in self._seed)
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
        shown = self._simulate(halls, self._counted, 0, self._effort.search)
        best = self._certified(shown[2], level=1 - self._effort.alpha)
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

    def _simulated(self, plan: StaffPlan, replications: int | None = None) -> _State:
        """Simulate a plan on the days of the search, on so many replications of them or as many as a step has."""
        hall = staffed(self._scenario, plan)
        number = replications or self._effort.search
        return _State(plan, self._simulate([hall], self._counted, self._first, number)[0])

    def _cause(self, cell: Cell) -> Cell:
        """Return the cell that shows where a cell is missed: of a target for cases, where late ones wait."""
        if self._targets[cell.target].scope != "hall":
            return cell
        pools = dict.fromkeys(required.pool for required in self._seed)
        return replace(cell, target=len(self._targets), members=tuple((pool, tuple(range(BINS))) for pool in pools))

    def _failing_pools(self, observed: list[Observed]) -> set[str]:
        return {self._cells[place].pool for place in np.flatnonzero(self._failing(observed))}

    def _failing(self, observed: list[Observed]) -> BoolArray:
        """Tell which cells would not be certified if fresh replications were like these."""
        effort = self._effort
        weight = -(-effort.check // len(observed))
        foreseen = self._certified(observed, level=1 - effort.alpha / 2**self._attempts, weight=weight)
        return ~foreseen.holds & self._reachable

    def _raise(self, state: _State) -> _State:
        """Require more where the target would not be certified, until it would or steps run out."""
        for _ in range(self._effort.raises):
            failing = self._failing(state.observed)
            if not failing.any():
                break
            state = self._simulated(self._raised(state.plan, failing, state.observed))
        return state

    def _raised(self, plan: StaffPlan, failing: BoolArray, observed: list[Observed]) -> StaffPlan:
        """Require one more in the half-hours of failing cells; the shifts of the other pools stay as they are.

        Where a cell of the hall fails, those pools need one more in which most is missed, or late cases wait longest.
        """
        failing_cells = [
            part
            for place in np.flatnonzero(failing).tolist()
            for part in worst_parts(self._counted[self._causes[place].target], observed, self._causes[place])
        ]
        pools = list[PoolShifts]()
        for shifts in plan.pools:
            required = shifts.requirement
            cells = [cell for cell in failing_cells if cell.pool == required.pool]
            more = np.zeros(required.servers.size, dtype=np.int64)
            for cell in cells:
                missed = missed_by_half_hour(self._counted[cell.target], observed, cell)
                more = np.maximum(more, _short(cell, missed, required.is_open))
            raised = replace(required, servers=shifts.servers + more)
            pools.append(planned(self._scenario, [raised]).pools[0] if cells else shifts)
        return StaffPlan(tuple(pools))

    def _remove(self, state: _State) -> tuple[_State, bool]:
        """Take shifts away on the days of the search; then once more, on as many days as a certificate has.

        The first round is quick, and sorts out what is clearly too little.  What failed by little only is tried again
        in the second.  Returns the state, with the same people on duty in the fewest shifts, and whether nothing is
        left to try.
        """
        effort, clear = self._effort, _failures(self._seed)
        quick, is_least = self._removed(state, clear, steps=effort.removals, replications=effort.search)
        if effort.check <= effort.search:
            return quick, is_least
        final, is_settled = self._removed(quick, clear, steps=effort.polishes, replications=effort.check)
        if final.plan.hours_per_week >= quick.plan.hours_per_week:
            return quick, is_least
        return final, is_settled

    def _removed(
        self, state: _State, clear: Sequence[list[IntArray]], *, steps: int, replications: int
    ) -> tuple[_State, bool]:
        """Try cheaper shifts in all pools at once, and keep those of the pools that do not fail then.

        What works nowhere more than shifts that failed is not tried: fewer people never call more visitors in time.

        Parameters
        ----------
        state
            Where to begin.
        clear
            By pool, servers that failed by more than chance; more are put there.
        steps, replications
            Most steps, and the replications of each.
        """
        least = [least_hours(required) for required in self._seed]
        failed = [list(servers) for servers in clear]
        trials: dict[int, PoolShifts] = {}
        undone, turns = False, Turns(len(least))
        for _ in range(steps):
            trials = dict(islice(_cheaper(state.plan, least, failed, turns.order), turns.most))
            if not trials:
                break
            pools = [trials.get(place, shifts) for place, shifts in enumerate(state.plan.pools)]
            tried = self._simulated(StaffPlan(tuple(pools)), replications)
            failing, short = self._failing_pools(tried.observed), self._short_pools(tried.observed)
            if HALL in failing and len(trials) > 1:
                turns.fewer(self._harm(trials, state, tried))
                continue
            undone = False
            for place, cheaper in trials.items():
                if {cheaper.requirement.pool, HALL} & failing:
                    failed[place].append(cheaper.servers)
                    pools[place], undone = state.plan.pools[place], True
                if {cheaper.requirement.pool, HALL} & short:
                    clear[place].append(cheaper.servers)
            turns.next(trials, is_enough=not undone)
            state = _State(StaffPlan(tuple(pools)), state.observed if HALL in failing else tried.observed)
        on_duty = [replace(shifts.requirement, servers=shifts.servers) for shifts in state.plan.pools]
        plan = planned(self._scenario, on_duty)
        return (self._simulated(plan, replications) if undone else replace(state, plan=plan)), not trials

    def _harm(self, trials: Mapping[int, PoolShifts], before: _State, after: _State) -> dict[int, float]:
        """Return by place of a pool how much more of the hall's failing cells it misses for each hour that it saves."""
        failing = [self._causes[place] for place in np.flatnonzero(self._failing(after.observed))]
        by_target = [[cell for cell in failing if cell.target == place] for place in range(len(self._counted))]
        more = dict[str, float]()
        for target, cells in zip(self._counted, by_target, strict=True):
            for state, sign in ((after, 1), (before, -1)):
                for pool, missed in missed_by_pool(target, state.observed, cells).items():
                    more[pool] = more.get(pool, 0.0) + sign * missed / len(state.observed)
        saved = {
            place: before.plan.pools[place].hours_per_day - cheaper.hours_per_day for place, cheaper in trials.items()
        }
        return {place: more.get(trials[place].requirement.pool, 0.0) / hours for place, hours in saved.items()}

    def _short_pools(self, observed: list[Observed]) -> set[str]:
        """Return the pools of cells whose share or mean itself misses the limit, so that more days would not help."""
        missed = self._certified(observed, level=1 - self._effort.alpha).falls_short & self._reachable
        return {self._cells[place].pool for place in np.flatnonzero(missed)}


def _failures(requirements: Sequence[Requirement]) -> list[list[IntArray]]:
    return [[] for _ in requirements]


def _cheaper(
    plan: StaffPlan, least: Sequence[float], failed: Sequence[Sequence[IntArray]], order: Sequence[int]
) -> Iterator[tuple[int, PoolShifts]]:
    """Yield the next cheaper shifts to be tried of every pool that has any, with its place, in an order of pools."""
    for place in order:
        for cheaper in cheaper_shifts(plan.pools[place], least[place]):
            if not any((cheaper.servers <= servers).all() for servers in failed[place]):
                yield place, cheaper
                break


def _short(cell: Cell, missed: FloatArray, is_open: BoolArray) -> IntArray:
    """Return 1 in the open half-hours that need a server more: of pooled ones those in which most is missed.

    Whoever comes while the pool is closed is served at its next opening.
    """
    short = np.zeros(is_open.size, dtype=np.int64)
    opened = np.flatnonzero(is_open)
    at = np.array(cell.half_hours) if cell.half_hours else opened
    late = at[missed[at] >= max(1.0, float(missed[at].max()) / 2)] if cell.is_pooled else at
    following = np.minimum(np.searchsorted(opened, late), opened.size - 1)
    short[opened[following]] = 1
    return short
