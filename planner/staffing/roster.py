"""A weekly roster: which officer works which shift on which day, with the hours and the days of rest that the law sets.

Input: a :class:`~planner.staffing.plan.StaffPlan`.  Output: an :class:`Officer` for everybody it takes.  Nobody works
two shifts on a day, more than :data:`MOST_HOURS` hours or more than :data:`MOST_DAYS` days a week.  A hall that is open
for six days therefore takes more officers than are on duty on any day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final, TypeAlias

from planner.staffing.plan import StaffPlan
from planner.staffing.shifts import PoolShifts, ShiftHours, shift_length
from sim.calendar import HOUR_MS

__all__ = ["MOST_DAYS", "MOST_HOURS", "Officer", "weekly_roster"]

MOST_HOURS: Final = 40
"""Hours a week of one officer (Provisions of the State Council on Working Hours, 1995, article 3)."""
MOST_DAYS: Final = 6
"""Days a week of one officer (Labour Law, article 38: one day of rest at least)."""


@dataclass
class Officer:
    """One officer of a pool.

    Attributes
    ----------
    pool
        Name of the pool.
    number
        Of the officer in the pool, from 1 on.
    shifts
        What the officer works, by weekday, Monday 0.
    """

    pool: str
    number: int
    shifts: dict[int, ShiftHours] = field(default_factory=dict)

    @property
    def hours(self) -> float:
        """Hours a week."""
        return sum(map(shift_length, self.shifts.values())) / HOUR_MS

    def may_work(self, weekday: int, shift: ShiftHours) -> bool:
        """Tell whether the officer can take a shift on a day as well."""
        if weekday in self.shifts or len(self.shifts) >= MOST_DAYS:
            return False
        return self.hours + shift_length(shift) / HOUR_MS <= MOST_HOURS


_Days: TypeAlias = Mapping[int, Sequence[ShiftHours]]
_Order: TypeAlias = Callable[[Officer, ShiftHours], tuple[float, ...]]


def weekly_roster(plan: StaffPlan) -> tuple[Officer, ...]:
    """Return who works what, pool by pool.

    The officers of a pool are as many as are on duty on its fullest day, or so many more that the shifts can be dealt
    out.  Officers keep their shift through the week if that is possible; else each shift goes to whoever has the
    fewest hours.
    """
    by_pool: dict[str, list[PoolShifts]] = {}
    for shifts in plan.pools:
        by_pool.setdefault(shifts.requirement.pool, []).append(shifts)
    return tuple(officer for pool, patterns in by_pool.items() for officer in _officers(pool, _shifts_by_day(patterns)))


def _shifts_by_day(patterns: Sequence[PoolShifts]) -> _Days:
    """Return the shifts of each weekday, one an officer, the longest first."""
    days: dict[int, list[ShiftHours]] = {}
    for pattern in patterns:
        worked = [shift for shift, people in pattern.shifts for _ in range(people)]
        for weekday in pattern.requirement.weekdays:
            days[weekday] = sorted(worked, key=lambda shift: -shift_length(shift))
    return dict(sorted(days.items()))


def _officers(pool: str, days: _Days) -> list[Officer]:
    """Deal the shifts of a week to the fewest officers with whom it succeeds."""
    for size in count(max(map(len, days.values()))):
        for order in (_by_habit, _by_hours):
            officers = [Officer(pool, number) for number in range(1, size + 1)]
            if _dealt(officers, days, order):
                return officers
    raise AssertionError  # an officer for each shift of the week is always enough


def _dealt(officers: Sequence[Officer], days: _Days, order: _Order) -> bool:
    """Give every shift to the first officer in an order who can take it; tell whether all are given."""
    for weekday, shifts in days.items():
        for shift in shifts:
            able = [officer for officer in officers if officer.may_work(weekday, shift)]
            if not able:
                return False
            min(able, key=lambda officer: order(officer, shift)).shifts[weekday] = shift
    return True


def _by_habit(officer: Officer, shift: ShiftHours) -> tuple[float, ...]:
    """Prefer who has worked this shift most often, then who has the fewest hours."""
    return -sum(worked == shift for worked in officer.shifts.values()), officer.hours, officer.number


def _by_hours(officer: Officer, _shift: ShiftHours) -> tuple[float, ...]:
    """Prefer who has the fewest hours."""
    return officer.hours, officer.number
