"""Shifts that cover a requirement: full days with a lunch break at different times, and parts of a day.

Input: a :class:`~planner.staffing.requirement.Requirement` and the price of an hour.  Output: the cheapest
:class:`PoolShifts`.  Which shifts there can be follows from the opening hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final, TypeAlias

import numpy as np

from foundation.arrays import IntArray
from foundation.units import format_time_of_day
from planner.cover import cover
from planner.staffing.requirement import Requirement
from sim.calendar import HOUR_MS
from sim.measure.table import BIN_LABELS, BIN_MS, BINS

__all__ = [
    "MOST_ENUMERATED",
    "PoolShifts",
    "ShiftHours",
    "cheaper_shifts",
    "cover_requirement",
    "fewest_people",
    "least_hours",
    "longest_shifts",
    "shift_label",
    "shift_length",
    "shift_variants",
    "variants_of",
]

ShiftHours: TypeAlias = tuple[tuple[int, int], ...]
"""What one person works on a day: intervals in ms of the day."""

MOST_ENUMERATED: Final = 3
"""Variants up to which all cheaper numbers of people are tried: halls that shut at noon have three."""

_LUNCH_MS: Final = HOUR_MS
_FULL_MS: Final = 8 * HOUR_MS
"""Work of a full day; with lunch it takes an hour more."""
_PART_MS: Final = 4 * HOUR_MS
"""Work of a part of a day."""
_LONGEST_WITHOUT_BREAK: Final = 6 * HOUR_MS
_BEFORE_LUNCH_MS: Final = 2 * HOUR_MS + HOUR_MS // 2
"""Least work before and after lunch."""
_DUST: Final = 1e-9
_HEAD: Final = 1e-5
"""Price of a person, in hours: of plans that cost the same the one with fewer people is taken."""


@dataclass(frozen=True, eq=False)
class PoolShifts:
    """The people of one pool on weekdays of the same opening hours.

    Attributes
    ----------
    requirement
        What they cover.
    variants
        The shifts that there can be.
    counts
        People on each.
    hourly_cost
        Yuan for an hour of one person; 0 if the scenario has no price.
    """

    requirement: Requirement
    variants: tuple[ShiftHours, ...]
    counts: tuple[int, ...]
    hourly_cost: float

    @property
    def heads(self) -> int:
        """Number of people on a day."""
        return sum(self.counts)

    @property
    def hours_per_day(self) -> float:
        """Hours worked on a day."""
        return sum(n * shift_length(shift) for shift, n in self.shifts) / HOUR_MS

    @property
    def shifts(self) -> tuple[tuple[ShiftHours, int], ...]:
        """The shifts that somebody works, and how many do."""
        return tuple((shift, n) for shift, n in zip(self.variants, self.counts, strict=True) if n)

    @property
    def servers(self) -> IntArray:
        """People on duty for the whole of each half-hour in which the pool is open, shape (48,)."""
        return np.asarray(np.array(self.counts) @ _covers(self.variants, self.requirement.hours), dtype=np.int64)

    def moved(self, variant: int, shorter: int | None = None) -> PoolShifts:
        """Return the same with one person less on a shift, who works a shorter one instead or goes."""
        counts = list(self.counts)
        counts[variant] -= 1
        if shorter is not None:
            counts[shorter] += 1
        return replace(self, counts=tuple(counts))

    @property
    def is_enough(self) -> bool:
        """Whether somebody is on duty in every half-hour in which the pool is open."""
        return bool((self.servers >= np.where(self.requirement.is_open, 1, 0)).all())


def cover_requirement(requirement: Requirement, hourly_cost: float, *, heads: int | None = None) -> PoolShifts:
    """Return the cheapest shifts that cover a requirement; of those that cost the same, the fewest people.

    Parameters
    ----------
    requirement
        What to cover.
    hourly_cost
        Yuan for an hour of one person.
    heads
        Most people.

    Raises
    ------
    HallplanError
        If no shift covers some half-hour, or so many people are too few.
    """
    variants = variants_of(requirement)
    price = np.array([shift_length(shift) / HOUR_MS + _HEAD for shift in variants])
    covers = _covers(variants, requirement.hours)
    result = cover(requirement.servers, covers, cost=price, heads=heads, labels=BIN_LABELS)
    return PoolShifts(requirement, variants, tuple(result.counts.tolist()), hourly_cost)


def longest_shifts(requirement: Requirement, hourly_cost: float) -> PoolShifts:
    """Return shifts of the fewest people who cover a requirement, each as long as can be.

    Parameters
    ----------
    requirement
        What to cover.
    hourly_cost
        Yuan for an hour of one person.

    Raises
    ------
    HallplanError
        If no shift covers some half-hour.
    """
    variants = variants_of(requirement)
    price = np.array([1 - _HEAD * shift_length(shift) / HOUR_MS for shift in variants])
    result = cover(requirement.servers, _covers(variants, requirement.hours), cost=price, labels=BIN_LABELS)
    return PoolShifts(requirement, variants, tuple(result.counts.tolist()), hourly_cost)


def fewest_people(requirement: Requirement, *, hold_work: bool = False) -> int:
    """Return the fewest people whose shifts cover a requirement, and hold a day's work if that is asked for.

    Parameters
    ----------
    requirement
        What to cover.
    hold_work
        Whether the shifts must be as long as the work.
    """
    variants = variants_of(requirement)
    covers, needed = _covers(variants, requirement.hours), requirement.servers.astype(np.float64)
    if hold_work:
        hours = np.array([shift_length(shift) / HOUR_MS for shift in variants])
        covers, needed = np.column_stack([covers, hours]), np.append(needed, requirement.work_h)
    return cover(needed, covers).heads


def least_hours(requirement: Requirement) -> float:
    """Return the hours of the shortest shifts that keep a server in every open half-hour and hold a day's work."""
    variants = variants_of(requirement)
    hours = np.array([shift_length(shift) / HOUR_MS for shift in variants])
    covers = np.column_stack([_covers(variants, requirement.hours), hours])
    return cover(np.append(requirement.is_open, requirement.work_h), covers, cost=hours).cost


def cheaper_shifts(shifts: PoolShifts, least: float) -> Iterator[PoolShifts]:
    """Yield cheaper shifts of a pool, in the order in which a search does well to try them.

    First a person is taken away or given a shorter shift, the longest shift first.  Then, where the pool has no more
    than :data:`MOST_ENUMERATED` variants, follow all other numbers of people on them that work fewer hours, those with
    the most hours first.  Somebody stays on duty in every half-hour in which the pool is open.

    Parameters
    ----------
    shifts
        The shifts.
    least
        Hours a day that no plan of the pool can be below (:func:`least_hours`).
    """
    moved = (shifts.moved(*move) for move in _moves(shifts))
    yield from (cheaper for cheaper in moved if cheaper.is_enough and cheaper.hours_per_day > least - _DUST)
    if len(shifts.variants) <= MOST_ENUMERATED:
        yield from _enumerated(shifts, least)


def _moves(shifts: PoolShifts) -> Iterator[tuple[int, int | None]]:
    lengths = [shift_length(shift) for shift in shifts.variants]
    worked = sorted((place for place, n in enumerate(shifts.counts) if n), key=lambda place: -lengths[place])
    for variant in worked:
        shorter = [place for place, length in enumerate(lengths) if length < lengths[variant]]
        by_length = sorted(shorter, key=lambda place: lengths[place])
        yield from ((variant, other) for other in (None, *by_length))


def _enumerated(shifts: PoolShifts, least: float) -> Iterator[PoolShifts]:
    hours = np.array([shift_length(shift) for shift in shifts.variants]) / HOUR_MS
    ranges = [range(int(shifts.hours_per_day / length) + 1) for length in hours]
    counts = np.array(list(product(*ranges)), dtype=np.int64)
    worked = counts @ hours
    duty = counts @ _covers(shifts.variants, shifts.requirement.hours)
    fits = (worked < shifts.hours_per_day - _DUST) & (worked > least - _DUST)
    fits &= (duty >= np.where(shifts.requirement.is_open, 1, 0)).all(axis=1)
    places = np.flatnonzero(fits)
    order = places[np.lexsort((counts[places].sum(axis=1), -worked[places]))]
    for place in order.tolist():
        yield replace(shifts, counts=tuple(counts[place].tolist()))


def variants_of(requirement: Requirement) -> tuple[ShiftHours, ...]:
    """Return the shifts of a pool: those that its hours allow, and behind the windows all opening hours as one."""
    return (requirement.hours,) if requirement.is_behind else shift_variants(requirement.hours)


def shift_variants(hours: ShiftHours) -> tuple[ShiftHours, ...]:
    """Return the shifts that opening hours allow.

    Each interval without a break of at most six hours can be worked alone, and all intervals together if that makes at
    most eight hours.  A longer interval has full days of eight hours with an hour's lunch between, which begin hour by
    hour and eat at half-hours, and parts of four hours.

    Parameters
    ----------
    hours
        Opening hours of a day in ms.
    """
    variants: list[ShiftHours] = []
    if len(hours) > 1 and shift_length(hours) <= _FULL_MS:
        variants.append(hours)
    for opens, closes in hours:
        if closes - opens <= _LONGEST_WITHOUT_BREAK:
            variants.append(((opens, closes),))
        else:
            variants += [*_full_days(opens, closes), *_parts(opens, closes)]
    return tuple(dict.fromkeys(variants))


def _full_days(opens: int, closes: int) -> list[ShiftHours]:
    length = min(_FULL_MS + _LUNCH_MS, closes - opens)
    shifts: list[ShiftHours] = []
    for start in _starts(opens, closes - length):
        lunches = range(start + _BEFORE_LUNCH_MS, start + length - _BEFORE_LUNCH_MS - _LUNCH_MS + 1, BIN_MS)
        shifts += [((start, lunch), (lunch + _LUNCH_MS, start + length)) for lunch in lunches]
    return shifts


def _parts(opens: int, closes: int) -> list[ShiftHours]:
    return [((start, start + _PART_MS),) for start in _starts(opens, closes - _PART_MS)]


def _starts(first: int, last: int) -> Sequence[int]:
    return sorted({*range(first, last + 1, HOUR_MS), last})


def shift_length(shift: ShiftHours) -> int:
    """Return how many ms a shift is worked."""
    return sum(closes - opens for opens, closes in shift)


def _covers(variants: Sequence[ShiftHours], hours: ShiftHours) -> IntArray:
    """Tell which half-hours each shift covers, as far as the pool is open in them, shape (shifts, 48)."""
    begins = np.arange(BINS) * BIN_MS
    open_ms = _overlap(hours, begins)
    return np.array([(_overlap(shift, begins) >= open_ms) & (open_ms > 0) for shift in variants], dtype=np.int64)


def _overlap(intervals: ShiftHours, begins: IntArray) -> IntArray:
    """Return how many ms of each half-hour lie in some intervals."""
    parts = [np.clip(np.minimum(begins + BIN_MS, end) - np.maximum(begins, start), 0, None) for start, end in intervals]
    return np.asarray(np.sum(parts, axis=0), dtype=np.int64)


def shift_label(shift: ShiftHours) -> str:
    """Return the hours of a shift in words: ``09:00-12:00 13:00-17:00``."""
    return " ".join(f"{format_time_of_day(start)}-{format_time_of_day(end)}" for start, end in shift)
