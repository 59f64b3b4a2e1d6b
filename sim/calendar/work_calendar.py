"""Working time: when a hall is open, and how working days are counted.

Input: a first day, the working days and the opening hours by weekday.  Output: a :class:`WorkCalendar`, which turns
moments into working time and back, and counts the working days of a case in three ways: elapsed, touched and
statutory.  A moment is a whole number of milliseconds since midnight of the first day, so every sum is exact and every
day has 24 hours (China keeps no summer time).  Only `WorkCalendar.elapsed_days` leaves the integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, TypeVar, overload

import numpy as np
import numpy.typing as npt

from foundation.arrays import BoolArray, DateArray, FloatArray, IntArray
from foundation.errors import HallplanError
from foundation.units import format_time_of_day
from sim.calendar.units import DAY_MS, NEVER

__all__ = ["WorkCalendar"]

Moments = TypeVar("Moments", int, IntArray)
_MONDAY: Final = 0
_WEEK: Final = 7


@dataclass(frozen=True, slots=True, eq=False)
class WorkCalendar:
    """Working days and opening intervals of a hall, an office or a team.

    Every method takes whole numbers or int64 arrays (which broadcast) and answers in kind: a Python scalar
    when all it was given are scalars.  Opening intervals are half open, ``[opens, closes)``: at a closing
    edge the hall is closed, though work can end there.  Where a method counts, a moment outside the calendar
    counts as the calendar's nearer end; so a case that is never decided (`NEVER`) is counted up to the last
    day.

    Parameters
    ----------
    first_day
        The day whose midnight is moment 0.
    opens, closes
        Opening intervals in ms, shape (n,), sorted and disjoint, ``opens < closes``.  Adjacent ones are
        merged.
    workdays
        Which days are working days, shape (n_days,).  These are exactly the days with open time.
    cum
        Derived: working time before each interval in ms, shape (n + 1,); the last entry is the total.

    Raises
    ------
    HallplanError
        If there is no open time at all.
    ValueError
        If the intervals are not sorted, disjoint and inside the days, or don't agree with `workdays`.
    """

    first_day: date
    opens: IntArray
    closes: IntArray
    workdays: BoolArray
    cum: IntArray = field(init=False, repr=False)
    # Working time before each midnight and working days before each day, of shape (n_days + 1,); last
    # closing of each working day, then NEVER.
    _day_worked: IntArray = field(init=False, repr=False)
    _workdays_before: IntArray = field(init=False, repr=False)
    _closings: IntArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        opens, closes = _int64(self.opens).ravel(), _int64(self.closes).ravel()
        workdays = np.array(self.workdays, dtype=np.bool_).ravel()
        end = workdays.size * DAY_MS
        if opens.size != closes.size or np.any(opens >= closes) or np.any(opens[1:] < closes[:-1]):
            raise ValueError("opening intervals must be sorted and disjoint, each opening before it closes")
        if opens.size == 0:
            raise HallplanError("error.calendar.never_opens", first_day=self.first_day, n_days=workdays.size)
        if opens[0] < 0 or closes[-1] > end:
            raise ValueError(f"opening intervals must lie inside the calendar's {workdays.size} days")
        edge = opens[1:] != closes[:-1]
        self._set("opens", opens[np.r_[True, edge]])
        self._set("closes", closes[np.r_[edge, True]])
        self._set("workdays", workdays)
        self._set("cum", np.r_[0, np.cumsum(self.closes - self.opens)])
        self._set("_day_worked", self.worked(np.arange(workdays.size + 1, dtype=np.int64) * DAY_MS))
        if np.any((np.diff(self._day_worked) > 0) != workdays):
            raise ValueError("the working days must be exactly the days with open time")
        self._set("_workdays_before", np.r_[0, np.cumsum(workdays)])
        self._set("_closings", np.r_[self.at_worked(self._day_worked[1:][workdays]), NEVER])

    def _set(self, name: str, value: npt.NDArray[Any]) -> None:
        """Store an array that nobody can change, in a frozen instance."""
        value.setflags(write=False)
        object.__setattr__(self, name, value)

    @classmethod
    def from_hours(
        cls, first_day: date, workdays: BoolArray, hours: Sequence[Sequence[tuple[int, int]]]
    ) -> WorkCalendar:
        """Make a calendar from the opening hours of each weekday.

        A working day takes the hours of its weekday.  A working day on a weekday without hours (a make-up
        working Saturday or Sunday, as a rule) takes Monday's hours.  So a team that doesn't work on
        Wednesdays needs its Wednesdays taken out of `workdays`; to leave them out of `hours` is not enough.

        Parameters
        ----------
        first_day
            The day whose midnight is moment 0.
        workdays
            Which days are working days, shape (n_days,), from `working_days`.
        hours
            Seven entries, Monday first, each a list of ``(open, close)`` in ms since midnight,
            ``0 <= open < close <= DAY_MS``, disjoint, in any order; two of them make a lunch break.

        Raises
        ------
        HallplanError
            If the hours of a weekday are reversed, overlap or leave the day; if a working day has no hours
            and Monday has none either; if there is no working day.
        ValueError
            If `hours` hasn't seven entries.
        """
        if len(hours) != _WEEK:
            raise ValueError(f"hours need one entry for each weekday, Monday first: 7, not {len(hours)}")
        by_weekday = [_day_hours(weekday, intervals) for weekday, intervals in enumerate(hours)]
        days = np.flatnonzero(workdays)
        weekdays = (first_day.weekday() + days) % _WEEK
        opening: list[tuple[int, int]] = []
        for day, weekday in zip(days.tolist(), weekdays.tolist(), strict=True):
            todays = by_weekday[weekday] or by_weekday[_MONDAY]
            if not todays:
                raise HallplanError("error.calendar.no_hours", day=first_day + timedelta(days=day))
            opening += [(day * DAY_MS + opens, day * DAY_MS + closes) for opens, closes in todays]
        edges = np.array(opening, dtype=np.int64).reshape(-1, 2)
        return cls(first_day, edges[:, 0], edges[:, 1], workdays)

    @classmethod
    def always_open(cls, first_day: date, n_days: int) -> WorkCalendar:
        """Make a calendar that never closes: one interval, every day a working day of 24 hours."""
        edges = np.array([0, n_days * DAY_MS], dtype=np.int64)
        return cls(first_day, edges[:1], edges[1:], np.ones(n_days, dtype=np.bool_))

    # ---- open and closed ----------------------------------------

    @overload
    def is_open(self, t: int) -> bool: ...
    @overload
    def is_open(self, t: IntArray) -> BoolArray: ...
    def is_open(self, t: int | IntArray) -> bool | BoolArray:
        """Tell whether the hall is open at `t` (ms): it is at an opening edge, and not at a closing edge."""
        moment = _int64(t)
        k = np.searchsorted(self.opens, moment, side="right")
        answer: bool | BoolArray = _in_kind((k > 0) & (moment < self.closes[np.maximum(k - 1, 0)]), t)
        return answer

    def next_opening(self, t: Moments) -> Moments:
        """Return `t` where the hall is open at `t`, else the next opening edge (ms), else `NEVER`."""
        moment = _int64(t)
        k = np.searchsorted(self.opens, moment, side="right")
        upcoming = np.where(k < self.opens.size, self.opens[np.minimum(k, self.opens.size - 1)], NEVER)
        answer: Moments = _in_kind(np.where(self.is_open(moment), moment, upcoming), t)
        return answer

    def last_closing_of_day(self, t: Moments) -> Moments:
        """Return the last closing edge (ms) on the day of `t`.

        On a day off it is that of the next working day, and `NEVER` if there is none.  A day that is open
        until midnight closes at midnight: ``(day + 1) * DAY_MS``.
        """
        answer: Moments = _in_kind(self._closings[self._workdays_before[self._day(_int64(t))]], t)
        return answer

    # ---- working time -------------------------------------------

    def worked(self, t: Moments) -> Moments:
        """Return the working time from moment 0 to `t`, in ms."""
        moment = _int64(t)
        k = np.maximum(np.searchsorted(self.opens, moment, side="right") - 1, 0)
        inside = np.clip(moment - self.opens[k], 0, self.closes[k] - self.opens[k])
        answer: Moments = _in_kind(self.cum[k] + inside, t)
        return answer

    def at_worked(self, w: Moments) -> Moments:
        """Return the earliest moment (ms) by which `w` ms have been worked.

        It is 0 for ``w = 0`` and `NEVER` beyond the total.  A `w` that fills an interval is reached at that
        interval's closing edge, not at the next opening.

        Raises
        ------
        ValueError
            If `w` is negative.
        """
        amount = _int64(w)
        if np.any(amount < 0):
            raise ValueError("working time can't be negative")
        k = np.clip(np.searchsorted(self.cum, amount, side="left") - 1, 0, self.opens.size - 1)
        reached = np.where(amount > self.cum[-1], NEVER, self.opens[k] + amount - self.cum[k])
        answer: Moments = _in_kind(np.where(amount == 0, 0, reached), w)
        return answer

    def add(self, t: Moments | int, work: Moments | int) -> Moments:
        """Return when `work` ms of work that starts at `t` (ms) are done, working in open time only.

        Work that fills the time to a closing edge ends at that edge.  No work ends at `t`, open or closed.
        Work that doesn't fit before the calendar's end ends `NEVER`.

        Raises
        ------
        ValueError
            If `work` is negative.
        """
        start, amount = np.broadcast_arrays(_int64(t), _int64(work))
        if np.any(amount < 0):
            raise ValueError("work can't be negative")
        done = self.at_worked(self.worked(start) + amount)
        end: Moments = _in_kind(np.where(amount == 0, start, done), t, work)
        return end

    def between(self, a: Moments | int, b: Moments | int) -> Moments:
        """Return the working time from `a` to `b` in ms; negative where `b` comes first."""
        answer: Moments = _in_kind(self.worked(_int64(b)) - self.worked(_int64(a)), a, b)
        return answer

    # ---- days ---------------------------------------------------

    def day_of(self, t: Moments) -> Moments:
        """Return the calendar day of `t`, counted from 0; midnight belongs to the day that it begins."""
        day: Moments = _in_kind(_int64(t) // DAY_MS, t)
        return day

    @overload
    def date_of(self, t: int) -> date: ...
    @overload
    def date_of(self, t: IntArray) -> DateArray: ...
    def date_of(self, t: int | IntArray) -> date | DateArray:
        """Return the date of `t`, as ``date`` or ``datetime64[D]``; the calendar's end doesn't bound it.

        Raises
        ------
        ValueError
            If a moment has no date (`NEVER`).
        """
        day = self.day_of(_int64(t))
        if np.any(day > (date.max - self.first_day).days) or np.any(day < (date.min - self.first_day).days):
            raise ValueError("a moment beyond the year 9999 (NEVER, perhaps) has no date")
        dates = np.datetime64(self.first_day, "D") + day.astype("timedelta64[D]")
        answer: date | DateArray = _in_kind(dates, t)
        return answer

    def workday_number(self, day: Moments) -> Moments:
        """Return the number of a working day, from 1 on; for a day off, that of the working day before it."""
        following = np.clip(_int64(day), -1, self.workdays.size - 1) + 1
        number: Moments = _in_kind(self._workdays_before[following], day)
        return number

    @overload
    def elapsed_days(self, a: int, b: int) -> float: ...
    @overload
    def elapsed_days(self, a: IntArray, b: IntArray | int) -> FloatArray: ...
    @overload
    def elapsed_days(self, a: int, b: IntArray) -> FloatArray: ...
    def elapsed_days(self, a: int | IntArray, b: int | IntArray) -> float | FloatArray:
        """Return the working days from `a` to `b`, with fractions; negative where `b` comes first.

        Each working day counts 1, whatever its hours; part of a day counts as its share of that day's own
        open time.  From a time of day to the same one `n` equal working days later is exactly `n`, and the
        count never falls as `b` grows.
        """
        (whole_a, part_a), (whole_b, part_b) = self._position(_int64(a)), self._position(_int64(b))
        answer: float | FloatArray = _in_kind((whole_b - whole_a) + (part_b - part_a), a, b)
        return answer

    def touched_days(self, a: Moments | int, b: Moments | int) -> Moments:
        """Return the number of working days ``d`` with ``day_of(a) <= d <= day_of(b)``; same day = 1.

        This is the everyday count ("accepted on day 1, certificate on day 3").  What begins on a day off counts
        from the next working day, and what ends on one counts up to the working day before; so a case that
        begins and ends within one weekend touches none.  Where `b` comes first the answer is 0.
        """
        before = self._workdays_before[self._day(_int64(a))]
        answer: Moments = _in_kind(np.maximum(self._number(b) - before, 0), a, b)
        return answer

    def statutory_days(
        self,
        accepted: Moments | int,
        decided: Moments | int,
        *,
        stops: tuple[IntArray, IntArray, IntArray] | None = None,
    ) -> Moments:
        """Return the working days that the law counts from acceptance to decision.

        The day of acceptance is not counted, the day of decision is; limits are in working days
        (Administrative Licensing Law, 行政许可法, art. 82).  A stop (hearing, tender, auction,
        inspection, testing, quarantine, appraisal, expert review: art. 45) that runs from `s` to `e`
        takes out the working days after the day of `s`, up to and including that of `e`.  A day under
        several stops is taken out once, and days outside acceptance to decision are not taken out at
        all, so the count is never below 0.

        Parameters
        ----------
        accepted, decided
            Moments in ms, broadcast against each other.
        stops
            ``(starts, ends, case_index)``, each of shape (n_stops,): moments in ms, and the position of the
            stopped case in the (flattened) answer, 0 for a scalar.  An end before its start takes nothing
            out.

        Returns
        -------
        int64, shape of `accepted` and `decided` broadcast

        Raises
        ------
        ValueError
            If a stop belongs to no case, or the three arrays differ in length.
        """
        since, until = np.broadcast_arrays(self._number(accepted), self._number(decided))
        count = np.maximum(until - since, 0)
        if stops is not None:
            count = count - self._stopped_days(since.ravel(), until.ravel(), *stops).reshape(count.shape)
        answer: Moments = _in_kind(count, accepted, decided)
        return answer

    def deadline(self, accepted: Moments | int, limit_days: Moments | int) -> Moments:
        """Return the last closing (ms) of the `limit_days`-th working day after the day of acceptance.

        It is `NEVER` if the calendar ends before.  A decision in open time comes within the limit, as
        `statutory_days` counts without stops, exactly when it comes before the deadline.  A limit of 0 days
        is the end of the day of acceptance (of the next working day, if accepted on a day off).

        Raises
        ------
        ValueError
            If a limit is negative.
        """
        moment, limit = np.broadcast_arrays(_int64(accepted), _int64(limit_days))
        if np.any(limit < 0):
            raise ValueError("a limit can't be a negative number of days")
        k = np.where(limit == 0, self._workdays_before[self._day(moment)], self._number(moment) + limit - 1)
        answer: Moments = _in_kind(self._closings[np.minimum(k, self._closings.size - 1)], accepted, limit_days)
        return answer

    # ---- private ------------------------------------------------

    def _day(self, moment: IntArray) -> IntArray:
        """Return the day of a moment, from 0 to n_days, where the latter stands for all that comes after."""
        return np.clip(moment // DAY_MS, 0, self.workdays.size)

    def _number(self, t: int | IntArray) -> IntArray:
        """Return the number of working days up to and including the day of `t`."""
        return self.workday_number(self.day_of(_int64(t)))

    def _position(self, moment: IntArray) -> tuple[IntArray, FloatArray]:
        """Return the working days completed by a moment, and the share of the present one, in [0, 1).

        A day whose work is done counts as completed, not as a share of 1.0: then sums of the two parts,
        rounded or not, keep the order of the moments.
        """
        day = self._day(moment)
        span = self._day_worked[np.minimum(day + 1, self.workdays.size)] - self._day_worked[day]
        done = np.maximum(self.worked(moment) - self._day_worked[day], 0)
        completed = (span > 0) & (done >= span)
        return self._workdays_before[day] + completed, np.where(completed, 0, done) / np.maximum(span, 1)

    def _stopped_days(
        self, since: IntArray, until: IntArray, starts: IntArray, ends: IntArray, case_index: IntArray
    ) -> IntArray:
        """Return for each case how many working days of ``(since, until]`` lie under its stops."""
        case = _int64(case_index)
        if not np.shape(starts) == np.shape(ends) == case.shape:
            raise ValueError("the stops' starts, ends and case indices differ in length")
        if np.any((case < 0) | (case >= since.size)):
            raise ValueError(f"a stop belongs to no case: indices run from 0 to {since.size - 1}")
        begin = np.maximum(self._number(starts), since[case])
        finish = np.minimum(self._number(ends), until[case])
        # Each case gets a stretch of the number line to itself, so that one running maximum serves all
        # cases: a stop adds what it has beyond the furthest end among the stops that begin before it.
        stretch = case * (self._workdays_before[-1] + 1)
        order = np.argsort(begin + stretch)
        begin, finish, case = (begin + stretch)[order], (finish + stretch)[order], case[order]
        furthest = np.maximum.accumulate(np.r_[0, finish])[:-1]
        stopped = np.zeros_like(since)
        np.add.at(stopped, case, np.maximum(finish - np.maximum(begin, furthest), 0))
        return stopped


def _day_hours(weekday: int, intervals: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return one weekday's hours in order, checked."""
    ordered = sorted(intervals)
    edges = [edge for interval in ordered for edge in interval]
    reversed_or_empty = any(opens >= closes for opens, closes in ordered)
    if reversed_or_empty or edges != sorted(edges) or any(edge < 0 or edge > DAY_MS for edge in edges):
        raise HallplanError(
            "error.calendar.hours",
            weekday=weekday + 1,
            hours=", ".join(f"{format_time_of_day(opens)}–{format_time_of_day(closes)}" for opens, closes in intervals),
        )
    return ordered


def _int64(value: int | IntArray) -> IntArray:
    """Return `value` as an int64 array; refuse what isn't whole, since the clock is exact."""
    array = np.asarray(value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"moments, working time and days are whole numbers, not {array.dtype}")
    return array.astype(np.int64, copy=False)


def _in_kind(result: npt.NDArray[Any], *arguments: int | IntArray) -> Any:
    """Return `result` as an array if any of the arguments is an array, else as a Python scalar."""
    return result if any(isinstance(value, np.ndarray) for value in arguments) else result.item()
