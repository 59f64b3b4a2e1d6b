"""Who is in the hall now: visitors at windows, those who wait, and one more ticket at every queue.

Input: a scenario, the state of its hall, and the places where visitors can be.  Output: sources that bring them now,
and services whose routes begin where they are.  What the state does not say of somebody is drawn by its frequency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from foundation.errors import HallplanError
from foundation.units import format_time_of_day
from planner.today.places import Place, resumed_route
from planner.today.residual import residual_law, survival
from planner.today.state import HallState, Serving, Waiting
from scenarios.model import Arrival, Person, Route, Scenario, Service
from scenarios.model.laws import mean_of
from scenarios.routes import route_of
from sim.calendar import DAY_MS

__all__ = ["Present", "probes", "served_now", "waiting_now"]

_MOST_PLACES: Final = 40
"""Places of a pool among which a ticket of unknown purpose is drawn: those to which most visitors come."""
_MOST_ROUTES: Final = 6
"""Routes among which a visitor at a window is drawn; the time that is left is that of all places."""
_ENDLESS: Final = float(10 * DAY_MS)
"""The patience of somebody who never leaves."""
_AS_MEASURED: Final = "as-measured"
"""The kind of visitor whose service is what is left of it."""
_PURPOSE: Final = "apply"
"""Under which purpose a route is entered in the middle."""
_LEAST_WEIGHT: Final = 1e-12
"""Of a place at which services take no time, so that nobody is ever seen there."""
_ORDINARY: Final = 5
"""Priority of visitors of whom nothing is said."""


@dataclass(frozen=True)
class Present:
    """Parts of a scenario that bring people who are in the hall already."""

    arrivals: dict[str, Arrival] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    def enter(self, scenario: Scenario, place: Place, name: str, changes: Mapping[str, Any]) -> None:
        """Add a service whose visits begin at a place, with changes to its first step."""
        if name in self.services:
            return
        visits = place.visits
        service, source = scenario.services[visits.service], scenario.arrivals[visits.source]
        entire = route_of(scenario, service.visits[visits.purpose])
        route, routes = resumed_route(
            scenario, entire, place.keys, place.step.model_copy(update=dict(changes)), prefix=name
        )
        if source.patience is not None:
            route = {
                key: step.model_copy(update={"patience": source.patience})
                if step.pool is not None and step.patience is None and position
                else step
                for position, (key, step) in enumerate(route.items())
            }
        self.services[name] = service.model_copy(update={"visits": {**service.visits, _PURPOSE: route}})
        self.routes.update(routes)


def moment_of(state: HallState) -> str:
    """Return now as the moment of a source."""
    return f"{state.now.date().isoformat()} {format_time_of_day(state.now_ms)}"


def probes(scenario: Scenario, state: HallState, pools: Sequence[str]) -> Present:
    """Return one more ticket at each pool, whose service takes no time, so that it changes nothing for anybody."""
    present = Present()
    for number, pool in enumerate(pools):
        name = f"new-ticket-{number}"
        step = {"pool": pool, "work": "0 s"}
        present.services[name] = Service.model_validate({"kind": "consult", "visits": {"enquire": {"wait": step}}})
        present.arrivals[name] = Arrival(
            services={name: 1.0},
            purpose="enquire",
            site=scenario.pools[pool].site,
            at=[moment_of(state)],
            people={next(iter(scenario.people)): 1.0},
        )
    return present


def waiting_now(scenario: Scenario, state: HallState, places: Sequence[Place]) -> Present:
    """Return the tickets that wait, in the order in which they were drawn."""
    present = Present()
    for number, ticket in enumerate(sorted(state.waiting, key=lambda ticket: ticket.since)):
        likely = _likely(places, ticket)[:_MOST_PLACES]
        elapsed = float(state.now_ms - ticket.since)
        weights: dict[str, float] = {}
        people: dict[str, float] = {}
        for place in likely:
            name = f"waiting-{places.index(place)}"
            source = scenario.arrivals[place.visits.source]
            priority = place.step.priority
            if priority is None and source.priority != _ORDINARY:
                priority = source.priority
            present.enter(scenario, place, name, {"patience": None, "priority": priority})
            weight = place.per_day * survival(place.patience(scenario), elapsed)
            weights[name] = weights.get(name, 0.0) + weight
            for person, share in source.people.items():
                people[person] = people.get(person, 0.0) + weight * share / sum(source.people.values())
        patience = None
        if any(place.patience(scenario) is not None for place in likely):
            laws = [(place.patience(scenario), place.per_day) for place in likely]
            patience = residual_law(laws, elapsed, endless=_ENDLESS)
        present.arrivals[f"ticket-{number}"] = Arrival(
            services=_shares(weights),
            purpose=_PURPOSE,
            site=scenario.pools[ticket.pool].site,
            at=[moment_of(state)],
            people={ticket.person: 1.0} if ticket.person is not None else people,
            patience=patience,
        )
    return present


def served_now(scenario: Scenario, state: HallState, places: Sequence[Place]) -> Present:
    """Return the visitors at windows, with what is left of their services."""
    present = Present(people={_AS_MEASURED: Person()} if state.serving else {})
    groups: dict[Serving, int] = {}
    for visitor in state.serving:
        groups[visitor] = groups.get(visitor, 0) + 1
    for number, (visitor, count) in enumerate(groups.items()):
        likely = _likely(places, visitor)
        over = None if visitor.since is None else float(state.now_ms - visitor.since)
        factor = scenario.pools[visitor.pool].work_factor
        left = residual_law([(place.step.work, place.per_day) for place in likely], over, factor=factor)
        changes = {"work": left, "absent": None, "patience": None, "priority": 0}
        weights: dict[str, float] = {}
        for position, place in enumerate(likely[:_MOST_ROUTES]):
            assert place.step.work is not None
            name = f"served-{number}-{position}"
            present.enter(scenario, place, name, changes)
            met = mean_of(place.step.work) if over is None else survival(place.step.work, over, factor=factor)
            weights[name] = max(place.per_day * met, _LEAST_WEIGHT)
        present.arrivals[f"served-{number}"] = Arrival(
            services=_shares(weights),
            purpose=_PURPOSE,
            site=scenario.pools[visitor.pool].site,
            at=[moment_of(state)] * count,
            people={_AS_MEASURED: 1.0},
        )
    return present


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    """Return weights as shares."""
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def _likely(places: Sequence[Place], visitor: Waiting | Serving) -> list[Place]:
    """Return where somebody at a pool can be, the most frequent place first.

    Raises
    ------
    HallplanError
        If nobody comes to the pool for the service that is stated, or nobody at all.
    """
    likely = [place for place in places if place.pool == visitor.pool]
    if not likely:
        raise HallplanError("today.error.no_visitors", pool=visitor.pool)
    if visitor.service is not None:
        likely = [place for place in likely if place.visits.service == visitor.service]
        if not likely:
            raise HallplanError("today.error.not_served", pool=visitor.pool, service=visitor.service)
    return sorted(likely, key=lambda place: -place.per_day)
