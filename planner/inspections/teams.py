"""Inspection teams of a scenario, and the scenario with other numbers of places, or with one list for all teams.

Input: a scenario.  Output: its :class:`Team` list, and changed scenarios.  A team is a timetable whose departures have
places, and the pool of role ``inspection`` that works on what has boarded.  As many teams go out as the scenario's own
relation of places to teams says.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from foundation.errors import HallplanError
from planner.load import offered_load
from scenarios.model import Route, Scenario, Step, Timetable
from scenarios.model.values import EMPTY
from scenarios.model.vocabulary import MILESTONE_OF_ROLE
from scenarios.routes import parts, route_of, routes_of_service
from sim.plan import Layout

__all__ = ["UNLIMITED", "Team", "inspection_teams", "joint_fault", "with_one_list", "with_places"]

UNLIMITED: Final = 1_000
"""Places of a departure that nobody fills."""


@dataclass(frozen=True)
class Team:
    """An inspection team, or several that share a list.

    Attributes
    ----------
    slots, pool
        The timetable at which it goes out, and its pool.
    places, teams
        Places of one departure, and servers of the pool, as the scenario has them.
    departures
        A working day, in the mean.
    wanted
        Cases a working day that want a place, in the mean.
    """

    slots: str
    pool: str
    places: int
    teams: int
    departures: float
    wanted: float

    @property
    def least(self) -> int:
        """Places of a departure below which the list grows for ever."""
        return max(1, math.ceil(self.wanted / self.departures - 1e-9)) if self.departures else 1

    def teams_for(self, places: int) -> int:
        """Return the teams that so many places need, as the scenario has it."""
        return math.ceil(places * max(self.teams, 1) / self.places)

    def per_day(self, places: int) -> float:
        """Return the places a working day."""
        return places * self.departures


def inspection_teams(scenario: Scenario) -> tuple[Team, ...]:
    """Return the inspection teams of a scenario.

    Raises
    ------
    HallplanError
        If it has none.
    """
    pools, loads = Layout.of(scenario).pools, {load.timetable: load for load in offered_load(scenario).timetables}
    pairs: dict[str, str] = {}
    for service in scenario.services.values():
        for reference in routes_of_service(service).values():
            for slots, pool in _pairs(scenario, route_of(scenario, reference)):
                pairs.setdefault(slots, pools[pool])
    teams = []
    for slots, pool in pairs.items():
        places = scenario.timetables[slots].capacity
        if places is not None and loads[slots].boardings_per_day > 0:
            load = loads[slots]
            servers = sum(scenario.pools[name].servers for name, into in pools.items() if into == pool)
            teams.append(Team(slots, pool, places, servers, load.places_per_day / places, load.boardings_per_day))
    if not teams:
        raise HallplanError("inspections.error.no_team", scenario=scenario.name)
    return tuple(teams)


def _pairs(scenario: Scenario, route: Route) -> Iterator[tuple[str, str]]:
    """Yield the timetables with places and the inspecting pools that follow them in a route."""
    slots = ""
    for step in route.values():
        if step.until is not None and scenario.timetables[step.until].capacity is not None:
            slots = step.until
        if step.pool is not None and slots and _inspects(scenario, step.pool):
            yield slots, step.pool
        for part in parts(step):
            yield from _pairs(scenario, route_of(scenario, part.route))


def _inspects(scenario: Scenario, pool: str) -> bool:
    return MILESTONE_OF_ROLE.get(scenario.pools[pool].role) == "inspected"


def with_places(scenario: Scenario, places: Mapping[str, int], teams: Sequence[Team]) -> Scenario:
    """Return the scenario with other numbers of places, by timetable, and the teams that these need."""
    timetables, pools = dict(scenario.timetables), dict(scenario.pools)
    for team in teams:
        if team.slots in places:
            timetables[team.slots] = timetables[team.slots].model_copy(update={"capacity": places[team.slots]})
            servers = team.teams_for(places[team.slots])
            roster = pools[team.pool].roster
            changes: dict[str, object] = {"servers": servers}
            if roster is not None:
                changes["roster"] = [shift.model_copy(update={"servers": servers}) for shift in roster]
            pools[team.pool] = pools[team.pool].model_copy(update=changes)
    return scenario.model_copy(update={"timetables": timetables, "pools": pools})


# ---- one list for all ----------------------------------------------------------------------------------------------


def joint_fault(scenario: Scenario, teams: Sequence[Team]) -> str:
    """Return why the teams cannot share a list: ``single``, ``times``, ``site``; "" if they can."""
    if len(teams) < 2:
        return "single"
    first, *others = (_going_out(scenario.timetables[team.slots]) for team in teams)
    if any(other != first for other in others):
        return "times"
    return "site" if len({scenario.pools[team.pool].site for team in teams}) > 1 else ""


def _going_out(timetable: Timetable) -> Timetable:
    """Return when a timetable departs, without what it is called and how many it takes."""
    return timetable.model_copy(update={"title": EMPTY, "capacity": None})


def with_one_list(scenario: Scenario, teams: Sequence[Team]) -> tuple[Scenario, Team]:
    """Return the scenario in which all teams share one list and any of them makes any check, and the joint team."""
    first = teams[0]
    others = {team.slots for team in teams[1:]}
    routes = {name: _renamed(scenario, route, others, first.slots) for name, route in scenario.routes.items()}
    services = {
        name: service
        if service.case is None or isinstance(service.case, str)
        else service.model_copy(update={"case": _renamed(scenario, service.case, others, first.slots)})
        for name, service in scenario.services.items()
    }
    pools = dict(scenario.pools)
    for team in teams[1:]:
        pools[team.pool] = pools[team.pool].model_copy(update={"merge_into": first.pool, "servers": 0, "roster": None})
    joint = Team(
        first.slots,
        first.pool,
        sum(team.places for team in teams),
        sum(team.teams for team in teams),
        first.departures,
        sum(team.wanted for team in teams),
    )
    changed = scenario.model_copy(update={"routes": routes, "services": services, "pools": pools})
    return with_places(changed, {first.slots: joint.places}, [joint]), joint


def _renamed(scenario: Scenario, route: Route, others: set[str], slots: str) -> Route:
    """Return a route whose steps wait for one timetable in the place of others."""

    def changed(step: Step) -> Step:
        if step.until in others:
            return step.model_copy(update={"until": slots})
        if step.fork is None:
            return step
        branches = {
            name: branch if isinstance(branch, str) else _renamed(scenario, branch, others, slots)
            for name, branch in step.fork.items()
        }
        return step.model_copy(update={"fork": branches})

    result = {name: changed(step) for name, step in route.items()}
    return route if all(result[name] is step for name, step in route.items()) else result
