"""Checks of services: their visits and cases exist, end, and ask of a file nothing that only a visitor can do.

Input: a scenario.  Output: nothing, or the first fault.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from scenarios.check.faults import fault, require_name
from scenarios.check.places import final_pool
from scenarios.check.routes import MOST_PASSES, ring_text
from scenarios.model import Scenario, Service
from scenarios.paths import Path
from scenarios.routes import Loop, Spawned, pools_of_visits, spawned_by_service, steps_of_service

__all__ = ["PoolUse", "check_pools", "check_service", "check_travellers", "check_visits"]

MOST_STEPS_A_VISIT: Final = 100_000


def check_service(scenario: Scenario, service: Service, path: Path) -> None:
    """Check that a service's routes, visits and case exist."""
    if not service.visits:
        raise fault("error.no_visits", (*path, "visits"))
    for purpose, visit in service.visits.items():
        here = (*path, "visits", purpose)
        if isinstance(visit, str):
            require_name(visit, scenario.routes, "error.kind.route", here)
    if isinstance(service.case, str):
        require_name(service.case, scenario.routes, "error.kind.route", (*path, "case"))
    for where, step, _ in steps_of_service(scenario, service, path):
        if step.visit is not None:
            require_name(step.visit, service.visits, "error.kind.purpose", (*where, "visit"))
        if step.start_case and service.case is None:
            raise fault("error.no_case", (*where, "start_case"), service=path[1])


def check_visits(scenario: Scenario, service: Service, path: Path, memory: dict[str, Spawned]) -> None:
    """Check that the visits of a service end; `memory` keeps what named routes bring about."""
    try:
        visits = spawned_by_service(scenario, service, memory)
    except Loop as loop:
        raise fault("error.visits_endless", path, loop=ring_text(loop.names)) from None
    for purpose, spawned in visits.items():
        if max(spawned.visits.values()) > MOST_PASSES or spawned.steps > MOST_STEPS_A_VISIT:
            raise fault("error.visit_too_long", path, purpose=purpose, steps=f"{spawned.steps:,.0f}")


@dataclass(frozen=True)
class PoolUse:
    """How a pool serves the travellers of a service.

    Attributes
    ----------
    pool
        Its name.
    by_visitors
        Visitors themselves queue there, not an application or a part of a visitor.
    in_visits
        It lies on the way of a visit, a parallel branch included: the closing rule of its site holds.
    """

    pool: str
    by_visitors: bool
    in_visits: bool


def check_travellers(scenario: Scenario, service: Service, path: Path) -> frozenset[PoolUse]:
    """Check that only visitors lose patience, miss a call or begin a case.

    Returns
    -------
    frozenset
        Pools that serve the service's travellers, and how.
    """
    visited, served = pools_of_visits(scenario, service), set[PoolUse]()
    for where, step, visitor in steps_of_service(scenario, service, path):
        if step.pool is not None:
            served.add(PoolUse(step.pool, visitor, step.pool in visited))
        if visitor:
            continue
        for key in ("patience", "absent"):
            if getattr(step, key) is not None:
                raise fault("error.only_for_visitors", (*where, key), key=key)
        if step.start_case:
            raise fault("error.case_in_case", (*where, "start_case"))
    return frozenset(served)


def check_pools(scenario: Scenario, served: Iterable[PoolUse]) -> None:
    """Check that only visitors find a waiting room full, and that no pool both pauses and serves at closing."""
    final_pools = {name: final_pool(scenario, name, ("pools", name)) for name in scenario.pools}
    uses = list(served)
    worked = {final_pools[use.pool] for use in uses}
    visited = {final_pools[use.pool] for use in uses if use.by_visitors}
    on_visits = {final_pools[use.pool] for use in uses if use.in_visits}
    for name, pool in scenario.pools.items():
        path, final = ("pools", name), final_pools[name]
        if pool.room is not None and final in worked - visited:
            raise fault("error.only_for_visitors", (*path, "room"), key="room")
        at_close = pool.at_close or (scenario.sites[pool.site].at_close if final in on_visits else "keep")
        if pool.at_break == "pause" and at_close == "serve" and final in worked:
            raise fault("error.pause_and_serve", (*path, "at_break"))
