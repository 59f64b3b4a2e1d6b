"""The check of a whole scenario, in a fixed order.

Input: a scenario whose every table is valid.  Output: nothing, or the first fault.
"""

from __future__ import annotations

from foundation.errors import ScenarioError
from scenarios.check.demand import check_arrival, check_backlog, check_volume
from scenarios.check.faults import fault
from scenarios.check.places import check_places
from scenarios.check.routes import check_loops, check_nesting, check_route, routes_with_paths
from scenarios.check.services import check_people_in_queues, check_service, check_visits
from scenarios.model import Scenario
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
    for path, route in routes_with_paths(scenario):
        check_route(scenario, route, path)
    for name in scenario.routes:
        check_nesting(scenario, name, (name,))
    for path, route in routes_with_paths(scenario):
        check_loops(scenario, route, path)
    for name, service in scenario.services.items():
        check_service(scenario, service, ("services", name))
    check_people_in_queues(scenario)
    memory: dict[str, Spawned] = {}
    for name, service in scenario.services.items():
        check_visits(scenario, service, ("services", name), memory)
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
