"""With a given number of people: the cheapest plan of shifts, the fewest people, and whom to do without.

Input: what the pools require, and a number of people.  Output: a plan, or a number.  Full days need fewer people than
parts of a day and more hours, so that each pool has its least hours by number of people; how the people of a hall are
divided among its pools is then a small dynamic programme.  A pool has as many people as on its fullest day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np

from foundation.arrays import FloatArray, IntArray
from planner.staffing.plan import StaffPlan, planned
from planner.staffing.requirement import Requirement
from planner.staffing.shifts import PoolShifts, cover_requirement, fewest_people, longest_shifts
from scenarios.model import Scenario

__all__ = ["fewest_in_all", "least_people", "stretched", "within_heads"]

_Patterns: TypeAlias = Mapping[str, Sequence[PoolShifts]]
_STEPS: Final = 8
"""Halvings of the interval in which a level is searched: to 1 in 256."""


@dataclass(frozen=True, eq=False)
class _Choices:
    """What a pool costs by its number of people, from the fewest on."""

    fewest: int
    cost: FloatArray
    shifts: tuple[tuple[PoolShifts, ...], ...]


def least_people(requirements: Sequence[Requirement]) -> int:
    """Return the people below whom no plan can be: somebody in every open half-hour of each pool, and all its work."""
    open_only = [replace(required, servers=required.is_open.astype(np.int64)) for required in requirements]
    return sum(_by_pool(open_only, lambda required: fewest_people(required, hold_work=True)).values())


def fewest_in_all(requirements: Sequence[Requirement]) -> int:
    """Return the fewest people whose shifts cover requirements."""
    return sum(_by_pool(requirements, fewest_people).values())


def _by_pool(requirements: Sequence[Requirement], people: Callable[[Requirement], int]) -> dict[str, int]:
    most: dict[str, int] = {}
    for required in requirements:
        most[required.pool] = max(most.get(required.pool, 0), people(required))
    return most


def within_heads(scenario: Scenario, requirements: Sequence[Requirement], heads: int) -> StaffPlan | None:
    """Return the cheapest plan of at most so many people that covers requirements; nothing if there is none.

    Parameters
    ----------
    scenario, requirements
        As for :func:`planner.staffing.plan.planned`.
    heads
        Most people.
    """
    cheapest = planned(scenario, requirements)
    if cheapest.heads <= heads:
        return cheapest
    by_pool: dict[str, list[PoolShifts]] = {}
    for shifts in cheapest.pools:
        by_pool.setdefault(shifts.requirement.pool, []).append(shifts)
    choices = [_choices(patterns) for patterns in by_pool.values()]
    spare = heads - sum(choice.fewest for choice in choices)
    if spare < 0:
        return None
    divided = _divided([choice.cost for choice in choices], spare)
    selected = {
        (shifts.requirement.pool, shifts.requirement.weekdays): shifts
        for choice, extra in zip(choices, divided, strict=True)
        for shifts in choice.shifts[extra]
    }
    return StaffPlan(tuple(selected[shifts.requirement.pool, shifts.requirement.weekdays] for shifts in cheapest.pools))


def _choices(patterns: Sequence[PoolShifts]) -> _Choices:
    """Return a pool's cheapest shifts by its people, up to as many as the cheapest of all have."""
    fewest = max(fewest_people(shifts.requirement) for shifts in patterns)
    most = max(shifts.heads for shifts in patterns)
    options = [
        tuple(
            shifts if shifts.heads <= heads else cover_requirement(shifts.requirement, shifts.hourly_cost, heads=heads)
            for shifts in patterns
        )
        for heads in range(fewest, most + 1)
    ]
    cost = [sum(shifts.hours_per_day * len(shifts.requirement.weekdays) for shifts in option) for option in options]
    return _Choices(fewest, np.array(cost), tuple(options))


def _divided(costs: Sequence[FloatArray], spare: int) -> list[int]:
    """Return how many more than the fewest people each pool gets, so that all together cost the least.

    ``C_p(n) = min_k c_p(k) + C_{p-1}(n - k)``, k up to the pool's choices (Bellman 1957, "Dynamic Programming").
    """
    best = np.zeros(spare + 1)
    taken_by_pool = list[IntArray]()
    for cost in costs:
        options = np.full((min(cost.size, spare + 1), spare + 1), np.inf)
        for extra in range(len(options)):
            options[extra, extra:] = cost[extra] + best[: spare + 1 - extra]
        taken_by_pool.append(np.argmin(options, axis=0))
        best = options.min(axis=0)
    left, divided = spare, list[int]()
    for by_spare in reversed(taken_by_pool):
        divided.append(int(by_spare[left]))
        left -= divided[-1]
    return divided[::-1]


def stretched(
    scenario: Scenario,
    enough: Sequence[Requirement],
    heads: int,
    *,
    lowered: Callable[[float], Sequence[Requirement]],
) -> StaffPlan:
    """Return a plan of so many people where `enough` would take more: all pools ask for less, as equally as can be.

    Everybody works the longest shifts that cover what is left: hours are not what is scarce.

    Parameters
    ----------
    scenario
        The hall.
    enough
        What would be enough.
    heads
        Most people, at least :func:`least_people`.
    lowered
        What formulas require for a level between 0 and 1.  Of this and of what would be enough the lesser is asked
        for.  Where even level 0 takes too many people, all pools are cut in proportion.
    """

    def cut(level: float) -> list[Requirement]:
        by_formula = lowered(max(level, 0.0))
        part = 1.0 + min(level, 0.0)
        return [
            replace(
                required,
                servers=np.maximum(
                    np.ceil(part * np.minimum(required.servers, low.servers)).astype(np.int64),
                    required.is_open.astype(np.int64),
                ),
            )
            for required, low in zip(enough, by_formula, strict=True)
        ]

    fits, too_much = -1.0, 1.0
    for _ in range(_STEPS):
        level = (fits + too_much) / 2
        if fewest_in_all(cut(level)) <= heads:
            fits = level
        else:
            too_much = level
    lowered_to = _filled(cut(fits), cut(too_much), heads)
    costs = {shifts.requirement.pool: shifts.hourly_cost for shifts in planned(scenario, lowered_to).pools}
    return StaffPlan(tuple(longest_shifts(required, costs[required.pool]) for required in lowered_to))


def _filled(fits: Sequence[Requirement], more: Sequence[Requirement], heads: int) -> list[Requirement]:
    """Ask for more in the first pools for which there are people left."""
    spare = heads - fewest_in_all(fits)
    filled = list(fits)
    for pool in dict.fromkeys(required.pool for required in fits):
        raised = [high if high.pool == pool else required for required, high in zip(filled, more, strict=True)]
        extra = fewest_in_all(raised) - fewest_in_all(filled)
        if extra <= spare:
            filled, spare = raised, spare - extra
    return filled
