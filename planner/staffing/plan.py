"""A plan of shifts, and the scenario that it makes: any command can run it.

Input: a scenario and the shifts of its pools.  Output: the scenario with these shifts as the rosters of its pools, or
the values that make it of a file.  Pools that were merged into another one give all their servers to it before: their
people are in its plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from foundation.identity import Identity
from foundation.units import format_time_of_day
from planner.staffing.requirement import Requirement
from planner.staffing.shifts import PoolShifts, cover_requirement
from scenarios.model import WEEKDAYS, Scenario
from scenarios.model.hall import Shift
from sim.measure.queues import hourly_costs
from sim.plan import Layout

__all__ = ["StaffPlan", "constant_roster", "plan_rosters", "plan_table", "planned", "staffed", "with_rosters"]


@dataclass(frozen=True, eq=False)
class StaffPlan:
    """The shifts of a hall's pools.

    Attributes
    ----------
    pools
        A pool appears as often as it has patterns of opening hours.
    """

    pools: tuple[PoolShifts, ...]

    @property
    def heads(self) -> int:
        """People in all, those of a pool on the day on which it has most."""
        most: dict[str, int] = {}
        for shifts in self.pools:
            most[shifts.requirement.pool] = max(most.get(shifts.requirement.pool, 0), shifts.heads)
        return sum(most.values())

    @property
    def hours_per_week(self) -> float:
        """Hours worked in a week in which the hall is open as usual."""
        return sum(shifts.hours_per_day * len(shifts.requirement.weekdays) for shifts in self.pools)

    @property
    def cost_per_week(self) -> float:
        """Yuan for these hours."""
        days = [shifts.hours_per_day * len(shifts.requirement.weekdays) for shifts in self.pools]
        return sum(hours * shifts.hourly_cost for hours, shifts in zip(days, self.pools, strict=True))


def planned(scenario: Scenario, requirements: Sequence[Requirement]) -> StaffPlan:
    """Return the cheapest plan that covers requirements, pool by pool.

    Raises
    ------
    HallplanError
        If no shift covers some half-hour.
    """
    costs = _prices(scenario, {requirement.pool: None for requirement in requirements})
    return StaffPlan(tuple(cover_requirement(requirement, costs[requirement.pool]) for requirement in requirements))


def staffed(scenario: Scenario, plan: StaffPlan) -> Scenario:
    """Return the scenario with a plan's shifts."""
    return with_rosters(scenario, plan_rosters(plan))


def with_rosters(scenario: Scenario, rosters: Mapping[str, list[dict[str, Any]]]) -> Scenario:
    """Return the scenario with other rosters of some pools; pools that were merged into them have no servers left."""
    pools = dict(scenario.pools)
    for name, cost in _prices(scenario, rosters).items():
        entries = [Shift.model_validate(entry) for entry in rosters[name]]
        pools[name] = pools[name].model_copy(
            update={"roster": entries, "hours": None, "servers": 1, "cost_per_hour": cost}
        )
    for name in _merged(scenario, rosters):
        pools[name] = pools[name].model_copy(update={"roster": None, "servers": 0})
    return scenario.model_copy(update={"pools": pools})


def plan_table(raw: Mapping[str, Any], scenario: Scenario, plan: StaffPlan) -> dict[str, Any]:
    """Return the table of a scenario's file with a plan's shifts.

    Parameters
    ----------
    raw
        The table of the scenario as it was (``Composed.raw``).
    scenario, plan
        The scenario, and its plan.
    """
    rosters = plan_rosters(plan)
    pools = dict(raw["pools"])
    for name, cost in _prices(scenario, rosters).items():
        others = {key: value for key, value in pools[name].items() if key not in ("hours", "servers", "roster")}
        pools[name] = others | {"roster": rosters[name]} | ({"cost_per_hour": cost} if cost else {})
    for name in _merged(scenario, rosters):
        pools[name] = {key: value for key, value in pools[name].items() if key != "roster"} | {"servers": 0}
    return {**raw, "pools": pools}


def _prices(scenario: Scenario, rosters: Mapping[str, Any]) -> dict[str, float]:
    """Return what an hour costs in pools of rosters: the mean over the pools that were merged."""
    names = tuple(dict.fromkeys(Layout.of(scenario).pools.values()))
    costs = dict(zip(names, hourly_costs(Identity(scenario), names).tolist(), strict=True))
    return {name: costs[name] for name in rosters}


def _merged(scenario: Scenario, rosters: Mapping[str, Any]) -> list[str]:
    """Return the pools that were merged into pools of rosters."""
    return [name for name, into in Layout.of(scenario).pools.items() if into in rosters and name != into]


def plan_rosters(plan: StaffPlan) -> dict[str, list[dict[str, Any]]]:
    """Return by pool the entries of its roster, as a file has them."""
    rosters: dict[str, dict[tuple[tuple[str, ...], str], int]] = {}
    for shifts in plan.pools:
        roster = rosters.setdefault(shifts.requirement.pool, {})
        days = tuple(WEEKDAYS[weekday] for weekday in shifts.requirement.weekdays)
        for hours, number in shifts.shifts:
            for start, end in hours:
                key = (days, f"{format_time_of_day(start)}-{format_time_of_day(end)}")
                roster[key] = roster.get(key, 0) + number
    return {
        pool: [{"days": list(days), "hours": hours, "servers": number} for (days, hours), number in roster.items()]
        for pool, roster in rosters.items()
    }


def constant_roster(requirement: Requirement, servers: int) -> list[dict[str, Any]]:
    """Return a roster of equally many servers in all opening hours."""
    days = [WEEKDAYS[weekday] for weekday in requirement.weekdays]
    return [
        {"days": days, "hours": f"{format_time_of_day(start)}-{format_time_of_day(end)}", "servers": servers}
        for start, end in requirement.hours
    ]
