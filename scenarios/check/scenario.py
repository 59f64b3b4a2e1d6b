"""The check of a whole scenario, in a fixed order.

Input: a scenario whose every table is valid.  Output: nothing, or the first fault.  The result of checking a service or
a named route stays true while they are the same objects in the same surroundings.  It is remembered, because the
scenarios of a search or a sweep share almost all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from foundation.errors import ScenarioError
from foundation.identity import Identity
from scenarios.check.demand import check_arrival, check_backlog, check_volume
from scenarios.check.faults import fault
from scenarios.check.places import check_places
from scenarios.check.routes import check_loops, check_nesting, check_route, named_inside, routes_with_paths
from scenarios.check.services import PoolUse, check_pools, check_service, check_travellers, check_visits
from scenarios.model import Route, Scenario, Service
from scenarios.paths import split
from scenarios.routes import Spawned, routes_of_service

__all__ = ["check"]


def check(scenario: Scenario) -> None:
    """Check what lies between the tables of a scenario.

    Raises
    ------
    ScenarioError
        The first fault found; its ``path`` says where.
    """
    check_places(scenario)
    _check_services(scenario)
    for name, arrival in scenario.arrivals.items():
        check_arrival(scenario, arrival, ("arrivals", name))
    for name, backlog in scenario.backlog.items():
        check_backlog(scenario, backlog, ("backlog", name))
    for name, target in scenario.targets.items():
        if target.low > target.high:
            raise fault("error.target_order", ("targets", name))
    for text in scenario.provenance:
        try:
            split(text)
        except ScenarioError as error:
            raise error.at(path="provenance") from None
    check_volume(scenario)


def _check_services(scenario: Scenario) -> None:
    """Check routes, services, and the pools that they use."""
    nearby = _Nearby(scenario)
    served = _served_by_all(nearby) if nearby.is_sound() else None
    if served is None:
        _check_services_in_order(scenario)
    else:
        check_pools(scenario, served)


def _served_by_all(nearby: _Nearby) -> set[PoolUse] | None:
    """Return how pools serve all services; ``None`` if a route or a service has a fault."""
    scenario, served = nearby.scenario, set[PoolUse]()
    for name, route in scenario.routes.items():
        if not _passes(Identity(route), name, nearby.of(named_inside(Identity(route)))):
            return None
    for name, service in scenario.services.items():
        pools = _served(Identity(service), name, nearby.of(_named_by(Identity(service))))
        if pools is None:
            return None
        served |= pools
    return served


def _check_services_in_order(scenario: Scenario) -> None:
    """Check the same in the order in which faults are reported."""
    routes, services = scenario.routes, scenario.services
    for path, route in routes_with_paths(routes, services):
        check_route(scenario, route, path)
    for name in routes:
        check_nesting(scenario, name, (name,))
    for path, route in routes_with_paths(routes, services):
        check_loops(scenario, route, path)
    for name, service in services.items():
        check_service(scenario, service, ("services", name))
    served = set[PoolUse]()
    for name, service in services.items():
        served |= check_travellers(scenario, service, ("services", name))
    check_pools(scenario, served)
    memory: dict[str, Spawned] = {}
    for name, service in services.items():
        check_visits(scenario, service, ("services", name), memory)


class _Nearby:
    """Which named routes each route of a scenario leads through.

    Attributes
    ----------
    scenario
        The scenario.
    spawned
        What its named routes bring about, as far as it is worked out.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.spawned: dict[str, Spawned] = {}
        self._names = (tuple(scenario.pools), tuple(scenario.timetables))
        self._direct = {name: named_inside(Identity(route)) for name, route in scenario.routes.items()}
        self._through: dict[str, frozenset[str]] = {}

    def is_sound(self) -> bool:
        """Tell whether every route that is named exists, and none leads through itself."""
        if any(name not in self._direct for names in self._direct.values() for name in names):
            return False
        try:
            for name in self.scenario.routes:
                check_nesting(self.scenario, name, (name,))
        except ScenarioError:
            return False
        return True

    def of(self, names: Iterable[str]) -> _Surroundings:
        """Return what lies around somebody who leads through these routes; missing ones are left out."""
        through = frozenset[str]().union(*(self._reached_from(name) for name in names if name in self._direct))
        return _Surroundings(self, self._names, through)

    def _reached_from(self, name: str) -> frozenset[str]:
        if name not in self._through:
            inner = (self._reached_from(route) for route in self._direct[name])
            self._through[name] = frozenset((name,)).union(*inner)
        return self._through[name]


class _Surroundings:
    """What the check of a route or a service looks at beside it.

    Names of pools and timetables, and the named routes that it leads through.  Equal ones give the same answer, so that
    the first that has them answers for all.

    Attributes
    ----------
    scenario
        These tables, and no other: answers are kept longer than the scenarios that asked.
    spawned
        As in :class:`_Nearby`.
    """

    def __init__(self, nearby: _Nearby, names: tuple[tuple[str, ...], ...], through: frozenset[str]) -> None:
        scenario, self.spawned = nearby.scenario, nearby.spawned
        self._tables = (scenario.pools, scenario.timetables, {name: scenario.routes[name] for name in through})
        self._key = (*names, frozenset((name, Identity(scenario.routes[name])) for name in through))
        self._hash = hash(self._key)

    @property
    def scenario(self) -> Scenario:
        pools, timetables, routes = self._tables
        return _nothing().model_copy(update={"pools": pools, "timetables": timetables, "routes": routes})

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Surroundings) and other._key == self._key


@lru_cache
def _nothing() -> Scenario:
    """Return a scenario of defaults only: to make them anew takes longer than some checks."""
    return Scenario.model_construct()


@lru_cache(maxsize=4096)
def _named_by(service: Identity[Service]) -> tuple[str, ...]:
    """Return the named routes that a service names itself."""
    names = list[str]()
    for route in routes_of_service(service.value).values():
        names += [route] if isinstance(route, str) else named_inside(Identity(route))
    return tuple(dict.fromkeys(names))


@lru_cache(maxsize=4096)
def _passes(route: Identity[Route], name: str, surroundings: _Surroundings) -> bool:
    """Tell whether a named route has no fault, nor any route that is written out in it."""
    scenario = surroundings.scenario
    try:
        for check_one in (check_route, check_loops):
            for path, inner in routes_with_paths({name: route.value}, {}):
                check_one(scenario, inner, path)
    except ScenarioError:
        return False
    return True


@lru_cache(maxsize=4096)
def _served(service: Identity[Service], name: str, surroundings: _Surroundings) -> frozenset[PoolUse] | None:
    """Return the pools that serve a service's travellers; ``None`` if the service has a fault."""
    scenario, path = surroundings.scenario, ("services", name)
    routes = list(routes_with_paths({}, {name: service.value}))
    try:
        for place, route in routes:
            check_route(scenario, route, place)
        for place, route in routes:
            check_loops(scenario, route, place)
        check_service(scenario, service.value, path)
        served = check_travellers(scenario, service.value, path)
        check_visits(scenario, service.value, path, surroundings.spawned)
    except ScenarioError:
        return None
    return served
