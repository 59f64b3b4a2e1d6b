"""The front between two metrics over levers and staff: a few replications of each plan, and more where it is open.

Input: a space of plans, two metrics, and what simulates scenarios under common random numbers.  Output: a
:class:`~planner.frontier.result.Frontier`.  A small space is simulated as it is, a large one from its corners; then the
neighbours of the estimated front join, one lever or one server away.  Plans that are certainly bettered get no further
replications.  It ends when every pair that is left is settled, or the budget is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from foundation.arrays import FloatArray
from foundation.errors import HallplanError
from planner.frontier.budget import default_budget
from planner.frontier.plans import Plan, PlanSpace
from planner.frontier.race import FIRST_LOOK, RaceRules, Standing, estimated_front, looks_until, stand
from planner.frontier.result import Ending, Frontier, FrontierPlan, title_of
from planner.select import check_equal_demand
from scenarios.compose.composing import Composed
from scenarios.model import Scenario
from sim.measure.headline import smallest_difference
from sim.measure.registry import metric_title
from sim.run.keys import scenario_digest
from sim.run.policy import direction_of
from sim.statistics.intervals import skewed_mean_interval

__all__ = ["FrontierOptions", "SimulateFigures", "frontier"]

SimulateFigures: TypeAlias = Callable[[Sequence[Scenario], int, int], FloatArray]
"""Scenarios, first replication, how many: returns the figures, shape (scenarios, replications, figures)."""

MOST_BUDGET: Final = 600
"""Replications of all plans together by default, at the most."""
_LEAST_PLANS: Final = 10
"""Plans whose first replications the default pays for, however long each takes."""
_EXPLORING: Final = 0.6
"""Share of the budget that plans' first replications may use; the rest tells plans apart."""


@dataclass(frozen=True)
class FrontierOptions:
    """What to hold against what, and for how long.

    Attributes
    ----------
    x, y
        The two metrics.
    delta
        The smallest difference of the second one that matters; ``None`` for what
        :func:`sim.measure.headline.smallest_difference` says of the first plan's.
    budget
        Replications of all plans together; ``None`` for what half a minute allows, :data:`MOST_BUDGET` at the most.
    most
        Replications of one plan.
    unequal_demand
        Whether different numbers of people may come to the plans.
    seed
        Of the random numbers; ``None`` for the scenario's own.
    """

    x: str
    y: str
    delta: float | None = None
    budget: int | None = None
    most: int = 64
    unequal_demand: bool = False
    seed: int | None = None

    def allowed(self, scenario: Scenario) -> int:
        """Return the replications of all plans together."""
        least = _LEAST_PLANS * FIRST_LOOK
        return default_budget(scenario, most=MOST_BUDGET, least=least) if self.budget is None else self.budget


def frontier(space: PlanSpace, options: FrontierOptions, simulate: SimulateFigures) -> Frontier:
    """Return the front of a space of plans.

    Parameters
    ----------
    space, options
        The question.
    simulate
        Simulates scenarios under common random numbers.

    Raises
    ------
    HallplanError
        If the budget does not suffice for two plans, a plan has no value of a metric, one metric is named twice, or
        neither way of a metric is better; if different numbers of people come to the plans; or whatever `simulate`
        raises.
    """
    if options.x == options.y:
        raise HallplanError("frontier.error.same_metric", metric=options.x)
    budget = options.allowed(space.base.scenario)
    if budget < 2 * FIRST_LOOK:
        raise HallplanError("frontier.error.budget", budget=budget, least=2 * FIRST_LOOK)
    return _Search(space, options, simulate).run()


class _Search:
    """A search: plans that are simulated, and their figures so far."""

    def __init__(self, space: PlanSpace, options: FrontierOptions, simulate: SimulateFigures) -> None:
        self._space, self._options, self._simulate = space, options, simulate
        self._signs = np.array([1.0 if direction_of(name) == "lower" else -1.0 for name in (options.x, options.y)])
        self._looks = looks_until(options.most)
        self._plans = list[Plan]()
        self._scenarios = list[Composed]()
        self._values = list[FloatArray]()
        self._seen = dict[Plan, str]()
        self._digests = set[str]()
        self._used, self._budget = 0, options.allowed(space.base.scenario)

    def run(self) -> Frontier:
        """Search, and put together the result."""
        affordable = int(_EXPLORING * self._budget) // self._looks[0]
        small = self._space.size <= affordable
        self._join(self._space.every() if small else self._space.corners(), most=max(2, affordable))
        rules = self._rules()
        ending: Ending = "settled"
        while True:
            near = [plan for place in self._estimated() for plan in self._space.neighbours(self._plans[place])]
            if self._join(near, most=affordable - len(self._plans)):
                continue
            standing = self._stand(rules)
            raised = self._least_simulated(np.flatnonzero(standing.is_open).tolist())
            if not raised:
                break
            number = self._next_look(raised[0])
            if not self._replicate(raised, number):
                ending = "budget"
                break
        if ending == "settled" and standing.is_open.any():
            ending = "limit"
        return self._result(standing, rules, ending)

    def _rules(self) -> RaceRules:
        delta = self._options.delta
        if delta is None:
            first = self._values[0][:, 1]
            mean = float(first[np.isfinite(first)].mean()) if np.isfinite(first).any() else 0.0
            delta = smallest_difference(self._options.y, mean)
        return RaceRules(self._space.size, self._looks, delta)

    def _signed(self, place: int) -> list[FloatArray]:
        """Return a metric of all plans, so that lower is better."""
        return [self._signs[place] * values[:, place] for values in self._values]

    def _stand(self, rules: RaceRules) -> Standing:
        return stand(self._signed(0), self._signed(1), rules)

    def _estimated(self) -> list[int]:
        return estimated_front(self._signed(0), self._signed(1))

    def _join(self, plans: Iterable[Plan], *, most: int) -> bool:
        """Simulate plans that were not simulated before, at most so many; tell whether there were any."""
        first = len(self._plans)
        most = min(most, (self._budget - self._used) // self._looks[0])
        for plan in plans:
            if len(self._plans) - first >= most:
                break
            if plan in self._seen:
                continue
            composed = self._space.composed(plan)
            digest = self._seen[plan] = scenario_digest(composed.scenario)
            if digest not in self._digests:
                self._digests.add(digest)
                self._plans.append(plan)
                self._scenarios.append(composed)
                self._values.append(np.zeros((0, 2)))
        if first == len(self._plans):
            return False
        self._check_demand()
        return self._replicate(range(first, len(self._plans)), self._looks[0])

    def _check_demand(self) -> None:
        if not self._options.unequal_demand:
            names = [title_of(self._space, plan) for plan in self._plans]
            check_equal_demand([composed.scenario for composed in self._scenarios], names)

    def _replicate(self, places: Sequence[int], number: int) -> bool:
        """Simulate plans up to a number of replications; tell whether the budget allowed it."""
        done = len(self._values[places[0]])
        more = number - done
        if self._used + more * len(places) > self._budget:
            return False
        scenarios = [self._scenarios[place].scenario for place in places]
        shown = self._simulate(scenarios, done, more)
        self._used += more * len(places)
        for place, values in zip(places, shown, strict=True):
            if np.isnan(values).any():
                replication, metric = np.argwhere(np.isnan(values))[0].tolist()
                raise HallplanError(
                    "statistics.select.no_value",
                    name=title_of(self._space, self._plans[place]),
                    metric=metric_title((self._options.x, self._options.y)[metric]),
                    replication=done + replication,
                )
            self._values[place] = np.concatenate((self._values[place], values))
        return True

    def _least_simulated(self, places: Sequence[int]) -> list[int]:
        """Return those of some plans that have the fewest replications, but for those that have had the most."""
        counts = {place: len(self._values[place]) for place in places}
        left = {place: count for place, count in counts.items() if count < self._looks[-1]}
        return [place for place, count in left.items() if count == min(left.values())]

    def _next_look(self, place: int) -> int:
        return next(look for look in self._looks if look > len(self._values[place]))

    def _result(self, standing: Standing, rules: RaceRules, ending: Ending) -> Frontier:
        order = np.lexsort(
            (*(np.array([values.mean() for values in self._signed(place)]) for place in (1, 0)),)
        ).tolist()
        plans = tuple(
            FrontierPlan(
                title=title_of(self._space, self._plans[place]),
                levers=tuple(map(str, self._space.levers_of(self._plans[place]))),
                servers=self._space.servers_of(self._plans[place]),
                standing=standing.labels[place],
                x=skewed_mean_interval(self._values[place][:, 0]),
                y=skewed_mean_interval(self._values[place][:, 1]),
                ties=tuple(
                    title_of(self._space, self._plans[other])
                    for other in np.flatnonzero(standing.ties[place])
                    if standing.labels[other] in ("front", "perhaps")
                ),
                values=self._values[place],
            )
            for place in order
        )
        return Frontier(
            scenario=self._space.base.scenario,
            x=self._options.x,
            y=self._options.y,
            plans=plans,
            rules=rules,
            budget=self._budget,
            used=self._used,
            distinct=len(self._digests),
            ending=ending,
            seed=self._space.base.scenario.run.seed if self._options.seed is None else self._options.seed,
        )
