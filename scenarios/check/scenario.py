"""The check of a whole scenario, in a fixed order.

Input: a scenario whose every table is valid.  Output: nothing, or the first fault.  The result of checking a service or
the named routes stays true while they are the same objects in the same surroundings.  It is remembered, because the
scenarios of a search or a sweep share almost all of them.
"""

from __future__ import annotations

from functools import lru_cache

from foundation.errors import ScenarioError
from foundation.identity import Identity
from scenarios.check.demand import check_arrival, check_backlog, check_volume
from scenarios.check.faults import fault
from scenarios.check.places import check_places
from scenarios.check.routes import check_loops, check_nesting, check_route, routes_with_paths
from scenarios.check.services import PoolUse, check_pools, check_service, check_travellers, check_visits
from scenarios.model import Scenario, Service
from scenarios.paths import split
from scenarios.routes import Spawned

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
    surroundings = _same(_Surroundings(scenario))
    served = set[PoolUse]()
    if _routes_pass(surroundings):
        for name, service in scenario.services.items():
            pools = _served(Identity(service), name, surroundings)
            if pools is None:
                break
            served |= pools
        else:
            check_pools(scenario, served)
            return
    _check_services_in_order(scenario)


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


class _Surroundings:
    """What the check of a service looks at beside it: names of pools and timetables, and the named routes."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        routes = tuple((name, Identity(route)) for name, route in scenario.routes.items())
        self._key = (tuple(scenario.pools), tuple(scenario.timetables), routes)
        self._hash = hash(self._key)
        self.spawned: dict[str, Spawned] = {}

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Surroundings) and other._key == self._key


@lru_cache(maxsize=16)
def _same(surroundings: _Surroundings) -> _Surroundings:
    """Return the first of all equal surroundings."""
    return surroundings


@lru_cache(maxsize=16)
def _routes_pass(surroundings: _Surroundings) -> bool:
    scenario = surroundings.scenario
    routes = list(routes_with_paths(scenario.routes, {}))
    try:
        for path, route in routes:
            check_route(scenario, route, path)
        for name in scenario.routes:
            check_nesting(scenario, name, (name,))
        for path, route in routes:
            check_loops(scenario, route, path)
    except ScenarioError:
        return False
    return True


@lru_cache(maxsize=2048)
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
