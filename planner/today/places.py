"""Where visitors of a hall can be: the steps at which they queue, and the route that lies before them from there.

Input: a scenario.  Output: every :class:`Place`, with how many visitors come to it on a mean day; the visits that
earlier days lead to; and routes that begin in the middle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from planner.load import offered_load
from scenarios.model import Route, Scenario, Step
from scenarios.model.laws import Law
from scenarios.model.vocabulary import PURPOSES, Purpose
from scenarios.routes import Spawned, expected_passes, parts, route_of, share_taken, spawned_by_service
from sim.plan import Layout

__all__ = ["Place", "Visits", "places_of", "resumed_route", "visits_of"]

_ONLINE: Final = "online"

Keys: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""Steps from the outermost route inwards, each with the keys of its part that leads further in (none at the end)."""


@dataclass(frozen=True)
class Visits:
    """Visits of one purpose that a source brings for a service on a mean day, at once or later.

    Attributes
    ----------
    source, service, purpose
        Their names.
    per_day
        How many.
    later
        How many of them come on a later day than the visit that they follow from.
    """

    source: str
    service: str
    purpose: Purpose
    per_day: float
    later: float


@dataclass(frozen=True)
class Place:
    """A step at which visitors queue.

    Attributes
    ----------
    visits
        Whose visits come to it.
    pool
        The pool that serves there, after merging.
    keys
        Where it stands in the route of the visits.
    step
        The step.
    per_day
        How often visitors come to it on a mean day.
    """

    visits: Visits
    pool: str
    keys: Keys
    step: Step
    per_day: float

    def patience(self, scenario: Scenario) -> Law | None:
        """Return how long they wait here: the step's own patience, or that of their source."""
        return self.step.patience or scenario.arrivals[self.visits.source].patience


def visits_of(scenario: Scenario) -> tuple[Visits, ...]:
    """Return all visits to the sites of a scenario, by source, service and purpose."""
    arrivals, memory = offered_load(scenario).arrivals_per_day, dict[str, Spawned]()
    result: dict[tuple[str, str, Purpose], Visits] = {}
    for name, source in scenario.arrivals.items():
        weights = sum(source.services.values())
        for service, weight in source.services.items():
            number = arrivals[name] * weight / weights
            spawned = spawned_by_service(scenario, scenario.services[service], memory)[source.purpose].visits
            for purpose in PURPOSES:
                per_day = number * spawned.get(purpose, 0.0)
                first = number if purpose == source.purpose else 0.0
                if per_day <= 0 or (source.channel == _ONLINE and per_day <= first):
                    continue
                total = per_day - first if source.channel == _ONLINE else per_day
                result[name, service, purpose] = Visits(name, service, purpose, total, per_day - first)
    return tuple(result.values())


def places_of(scenario: Scenario) -> tuple[Place, ...]:
    """Return every step at which visitors queue."""
    pools = Layout.of(scenario).pools
    return tuple(
        Place(visits, pools[step.pool or ""], keys, step, visits.per_day * passes)
        for visits in visits_of(scenario)
        for keys, step, passes in _steps(
            scenario,
            route_of(scenario, scenario.services[visits.service].visits[visits.purpose]),
            (),
        )
    )


def _steps(scenario: Scenario, route: Route, above: Keys) -> Iterator[tuple[Keys, Step, float]]:
    """Yield the steps of a route at which its traveller queues, with the passes of each."""
    expected = expected_passes(route)
    for name, step in route.items():
        passes = expected[name] * share_taken(step)
        if passes <= 0:
            continue
        if step.pool is not None:
            yield (*above, (name, ())), step, passes
        for part in parts(step):
            inner = _steps(scenario, route_of(scenario, part.route), (*above, (name, part.keys)))
            yield from ((keys, found_step, passes * inner_passes) for keys, found_step, inner_passes in inner)


def resumed_route(
    scenario: Scenario, route: Route, keys: Keys, first: Step, *, prefix: str
) -> tuple[Route, dict[str, Route]]:
    """Return a route that begins at one of its steps, and the named routes that it needs.

    Parameters
    ----------
    scenario, route
        The route, and the scenario that it is part of.
    keys
        Where the step stands.  Of parallel branches only the one with the step is left to do.
    first
        What is done in the place of the step, which is taken for sure.
    prefix
        How new named routes are called.
    """
    (name, part_keys), *rest = keys
    step, names, routes = route[name], list(route), dict[str, Route]()
    following = names[names.index(name) + 1] if name != names[-1] else "end"
    if rest:
        (part,) = (part for part in parts(step) if part.keys == part_keys)
        inner_route = route_of(scenario, part.route)
        inner, routes = resumed_route(scenario, inner_route, tuple(rest), first, prefix=f"{prefix}-in")
        first = step.model_copy(update={"fork": None, "route": f"{prefix}-in"})
        routes[f"{prefix}-in"] = inner
    begin = "resumed"
    while begin in route:
        begin += "-again"
    entered = first.model_copy(update={"share": 1.0, "skip": False, "next": step.next or following})
    return {begin: entered, **route}, routes
