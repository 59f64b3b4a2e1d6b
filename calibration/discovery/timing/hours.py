"""Working days and opening hours, from the moments at which something happened.

Input: moments in ms (starts of work, arrivals).
Output: :class:`WorkingDays`, and :class:`Hours`: weekly half-hour granules, retained by how often something happens in
them (support, confidence and coverage as in Simod's and Prosimos' calendars), with edges to the nearest five minutes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from foundation.arrays import BoolArray, IntArray
from scenarios.model import WEEKDAYS
from sim.calendar import DAY_MS, MINUTE_MS, WorkCalendar, working_days

__all__ = [
    "GRANULES_PER_DAY",
    "GRANULE_MS",
    "Hours",
    "WorkingDays",
    "clock",
    "discover_hours",
    "discover_work_hours",
    "discover_working_days",
    "hours_entry",
    "join_intervals",
    "stretches_of",
    "work_calendar",
]

GRANULE_MS: Final = 30 * MINUTE_MS
"""Unit of time of a roster: half an hour."""
GRANULES_PER_DAY: Final = DAY_MS // GRANULE_MS
"""Half-hours of a day."""
_EDGE_MS: Final = 5 * MINUTE_MS
"""Opening and closing times are rounded to this."""
_UNLIKELY: Final = 0.01
"""Probability below which silence is a closure, and the first or last moment of a granule is an edge."""
_ANY_SILENT: Final = 0.05
"""Expected number of working days that are silent by chance, below which every silent day was off."""
_QUIET: Final = 0.1
"""A granule with less than this share of the usual moments is closed."""
_LIKE_NEIGHBOURS: Final = 0.5
"""A quiet stretch with this share of the quieter half-hour beside it is not a break."""
_COVERAGE: Final = 0.97
"""Share of the moments that the opening hours must cover."""
_MIN_EXPECTED: Final = 30
"""Moments that other weekdays have in a stretch, from which their absence shows a closure: they come in bunches."""
_FEWER: Final = 0.25
"""Share of these below which it is closed."""
_MIN_MOMENTS: Final = 400
"""Moments from which a weekday may have hours of its own: about twenty a granule."""
_WEEKEND_RATE: Final = 0.2
"""A weekday with less than this share of the busiest one may be off."""
_WEEKEND_DAYS: Final = 0.5
"""A weekday is off only if fewer of its days than this have a moment."""
_LOWER_RATE: Final = 0.8
"""The busiest weekday is the largest of seven, so its rate is reduced by this factor before silence is judged."""
_MAKE_UP_RATE: Final = 0.3
"""A day off with more than this share of the usual moments was a working day."""
_STRAY: Final = 0.01
"""Share of moments that may be errors: they set no opening time, and no usual rate."""

_MAX_BUNCH_MS: Final = 30 * MINUTE_MS
"""Openings of no more than this, several a day, are appointments at full hours and no opening hours."""
_BRIDGED_MS: Final = 60 * MINUTE_MS
"""Between appointments a hall stays open for so long, whatever the log shows of the work."""

_SILENT_DAYS: Final = 15
"""Calendar days without a moment that no holiday explains: the longest, with the weekends beside it, has 11."""
_BUSY_PER_SILENCE: Final = 10
"""Days with moments for each such silence: in a log with fewer, silence is usual and shows nothing."""

Interval = tuple[int, int]


@dataclass(frozen=True, eq=False)
class WorkingDays:
    """Which days of the log were worked.

    Attributes
    ----------
    worked
        By calendar day of the log.
    country, weekend, off, work
        The rule that says so: as in a scenario's ``calendar``.
    quiet
        Working days on which nothing was logged though the rule says they were worked: too little happens a day to
        tell.
    silent
        First and last day of stretches without a moment that are too long for a holiday.  A closure and a gap in the
        export look alike: these days are not in `worked`, so that no rate counts them, and not in `off`.
    """

    worked: BoolArray
    country: str
    weekend: tuple[int, ...]
    off: tuple[dt.date, ...]
    work: tuple[dt.date, ...]
    quiet: int
    silent: tuple[tuple[dt.date, dt.date], ...] = ()

    @property
    def silent_days(self) -> tuple[dt.date, ...]:
        """All days of the silent stretches."""
        return tuple(
            first + dt.timedelta(days=k) for first, final in self.silent for k in range((final - first).days + 1)
        )


@dataclass(frozen=True, eq=False)
class Hours:
    """Opening hours by weekday.

    Attributes
    ----------
    by_weekday
        Seven lists of ``(open, close)`` in ms since midnight, Monday first; empty for a weekday that is off.
    coverage
        Share of the moments that lie inside.
    confidence
        Mean share of the worked days on which something happens in an open granule.
    n
        Number of moments.
    """

    by_weekday: tuple[tuple[Interval, ...], ...]
    coverage: float
    confidence: float
    n: int

    @property
    def always(self) -> bool:
        """Whether it never closes."""
        return all(day == ((0, DAY_MS),) for day in self.by_weekday)

    @property
    def open_granules(self) -> BoolArray:
        """By half-hour of the day: whether at least half of it is open on some weekday."""
        granules = np.zeros(GRANULES_PER_DAY, dtype=np.bool_)
        for day in self.by_weekday:
            for opens, closes in day:
                first, final = -(-(opens - GRANULE_MS // 2) // GRANULE_MS), -(-(closes - GRANULE_MS // 2) // GRANULE_MS)
                granules[max(first, 0) : min(final, GRANULES_PER_DAY)] = True
        return granules

    def contains(self, t: IntArray, first_weekday: int) -> BoolArray:
        """Tell which moments lie inside, whatever the date."""
        inside = np.zeros(t.size, dtype=np.bool_)
        weekday, clock_ms = (t // DAY_MS + first_weekday) % 7, t % DAY_MS
        for number, intervals in enumerate(self.by_weekday):
            for opens, closes in intervals:
                inside |= (weekday == number) & (clock_ms >= opens) & (clock_ms < closes)
        return inside


def join_intervals(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return intervals in order, those that touch or overlap as one, without empty ones."""
    joined: list[Interval] = []
    for opens, closes in sorted(intervals):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
        elif opens < closes:
            joined.append((opens, closes))
    return tuple(joined)


def stretches_of(mask: BoolArray) -> list[tuple[int, int]]:
    """Return where the unbroken stretches of a mask begin and end (one past their last place)."""
    edges = np.flatnonzero(np.diff(np.r_[False, mask, False].astype(np.int8))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def clock(ms: int) -> str:
    """Write a time of day as a scenario does: ``"09:30"``."""
    return f"{ms // 3_600_000:02d}:{ms // MINUTE_MS % 60:02d}"


def discover_working_days(moments: IntArray, *, first_day: dt.date, n_days: int) -> WorkingDays:
    """Find the rule by which days are worked: weekends, public holidays, and what departs from them.

    A day without a moment was closed if that many moments a day make its silence unlikely; where so little happens that
    a silent day proves nothing it counts as worked.  A silence too long for a holiday is reported apart.

    Parameters
    ----------
    moments
        Moments at which something happened, in ms.
    first_day, n_days
        The log's calendar days.
    """
    counts = np.bincount(moments // DAY_MS, minlength=n_days)[:n_days]
    stretches = _silent_stretches(counts)
    silent = np.zeros(n_days, dtype=np.bool_)
    for begin, end in stretches:
        silent[begin:end] = True
    dates = [first_day + dt.timedelta(days=k) for k in range(n_days)]
    days = _by_rule(counts, silent, dates)
    named = tuple((dates[begin], dates[end - 1]) for begin, end in stretches)
    return replace(days, worked=days.worked & ~silent, silent=named)


def _silent_stretches(counts: IntArray) -> list[tuple[int, int]]:
    """Return where long stretches without a moment begin and end (one past their last day)."""
    stretches = [(begin, end) for begin, end in stretches_of(counts == 0) if end - begin >= _SILENT_DAYS]
    others = counts.size - sum(end - begin for begin, end in stretches)
    if not stretches or (counts > 0).sum() < _BUSY_PER_SILENCE * len(stretches):
        return []
    per_day = counts.sum() / max(others, 1)
    return [(begin, end) for begin, end in stretches if np.exp(-_LOWER_RATE * per_day * (end - begin)) < _UNLIKELY]


def _by_rule(counts: IntArray, silent: BoolArray, dates: Sequence[dt.date]) -> WorkingDays:
    """Return working days by the rule with the fewest exceptions; a silent day is what the rule says."""
    weekday = (dates[0].weekday() + np.arange(counts.size)) % 7

    def of_weekday(k: int) -> IntArray:
        return np.asarray(counts[(weekday == k) & ~silent])

    usual = np.array([of_weekday(k).mean() if of_weekday(k).size else np.nan for k in range(7)])
    top = float(np.nanmax(usual))
    weekend = tuple(
        k
        for k in range(7)
        if usual[k] < _WEEKEND_RATE * top  # not so for a weekday that the log does not have
        and np.mean(of_weekday(k) > 0) < _WEEKEND_DAYS
        and np.exp(-_LOWER_RATE * top * of_weekday(k).size) < _UNLIKELY  # its silence can't be chance
    )
    in_week = ~np.isin(weekday, weekend)
    busy = counts[(counts > 0) & in_week]
    per_day = float(busy.mean()) if busy.size else 0.0
    silence_proves = np.exp(-per_day) * in_week.sum() < _ANY_SILENT
    seen = np.where(in_week, (counts > 0) | (not silence_proves), counts > _MAKE_UP_RATE * per_day)
    quiet = int((seen & (counts == 0) & ~silent).sum())
    plain = _exceptions(seen, dates, silent, country="none", weekend=weekend)
    if weekend and set(weekend) != {5, 6}:
        return WorkingDays(seen, "none", weekend, *plain, quiet=quiet)
    holidays = _rule(dates, country="CN", weekend=weekend or (5, 6))
    chinese = _exceptions(seen, dates, silent, country="CN", weekend=weekend or (5, 6))
    if not silence_proves and weekend:
        # One silent day proves nothing, but that all the public holidays were silent may.
        public = in_week & ~holidays & ~silent
        if not counts[public].any() and np.exp(-per_day * public.sum()) < _UNLIKELY:
            seen = holidays | (counts > 0)
            quiet = int((seen & (counts == 0) & ~silent).sum())
            exceptions = _exceptions(seen, dates, silent, country="CN", weekend=weekend)
            return WorkingDays(seen, "CN", weekend, *exceptions, quiet=quiet)
    if sum(map(len, chinese)) < sum(map(len, plain)):
        return WorkingDays(seen, "CN", weekend or (5, 6), *chinese, quiet=quiet)
    return WorkingDays(seen, "none", weekend, *plain, quiet=quiet)


def _rule(dates: Sequence[dt.date], *, country: str, weekend: tuple[int, ...]) -> BoolArray:
    return working_days(
        dates[0],
        len(dates),
        country=None if country == "none" else country,
        weekend=frozenset(weekend),
        off=(),
        work=(),
    )


def _exceptions(
    seen: BoolArray, dates: Sequence[dt.date], silent: BoolArray, *, country: str, weekend: tuple[int, ...]
) -> tuple[tuple[dt.date, ...], tuple[dt.date, ...]]:
    """Return the days that a rule calls worked and that were not, and the other way round."""
    rule = _rule(dates, country=country, weekend=weekend)
    off = tuple(dates[int(k)] for k in np.flatnonzero(rule & ~seen & ~silent))
    work = tuple(dates[int(k)] for k in np.flatnonzero(~rule & seen & ~silent))
    return off, work


def discover_hours(moments: IntArray, days: WorkingDays, *, first_day: dt.date) -> Hours:
    """Find the opening hours in which the moments lie.

    Parameters
    ----------
    moments
        Moments in ms.
    days
        Which days are worked.
    first_day
        The day whose midnight is moment 0.
    """
    day = moments // DAY_MS
    on = days.worked[np.minimum(day, days.worked.size - 1)]
    moments, day = moments[on], day[on]
    first = first_day.weekday()
    granule, weekday = (moments % DAY_MS) // GRANULE_MS, (day + first) % 7
    counts = np.zeros((7, GRANULES_PER_DAY), dtype=np.int64)
    np.add.at(counts, (weekday, granule), 1)
    open_all = _open_granules(counts.sum(axis=0))
    every = _intervals(open_all, moments % DAY_MS)
    off = [k in days.weekend for k in range(7)]
    by_weekday: list[tuple[Interval, ...]] = []
    for k in range(7):
        own = _open_on(counts[k], counts.sum(axis=0), open_all) if counts[k].sum() >= _MIN_MOMENTS else open_all
        differs = (own != open_all).sum() > 1
        today = moments[weekday == k] % DAY_MS
        by_weekday.append(() if off[k] else _intervals(own, today) if differs else every)
    present = np.unique(day * GRANULES_PER_DAY + granule).size
    worked = max(int(days.worked.sum()), 1)
    confidence = min(present / (worked * max(int(open_all.sum()), 1)), 1.0)
    hours = Hours(tuple(by_weekday), coverage=1.0, confidence=confidence, n=int(moments.size))
    # A day worked on a weekend keeps Monday's hours, as it does in a scenario.
    shifted = np.where(np.isin(weekday, days.weekend), moments % DAY_MS + ((7 - first) % 7) * DAY_MS, moments)
    inside = hours.contains(shifted, first)
    return replace(hours, coverage=float(inside.mean())) if inside.size else hours


def discover_work_hours(
    moments: IntArray, begun: IntArray, ended: IntArray, days: WorkingDays, *, first_day: dt.date
) -> Hours:
    """Find the opening hours; where work begins by appointment, those in which it is in progress.

    Parameters
    ----------
    moments
        Moments at which something happened, in ms.
    begun, ended
        Start and end of work where both are known.
    days, first_day
        As for :func:`discover_hours`.
    """
    hours = discover_hours(moments, days, first_day=first_day)
    openings = [opening for day in hours.by_weekday for opening in day]
    several = max(map(len, hours.by_weekday)) > 1
    if not several or any(closes - opens > _MAX_BUNCH_MS for opens, closes in openings):
        return hours
    same_day = (ended > begun) & (begun // DAY_MS == ended // DAY_MS)
    begun, ended = begun[same_day], ended[same_day]
    steps = -(-(ended - begun) // _EDGE_MS)
    step = np.arange(steps.sum()) - np.repeat(np.cumsum(steps) - steps, steps)
    at_work = np.repeat(begun, steps) + step * _EDGE_MS
    hours = discover_hours(np.concatenate([moments, at_work]), days, first_day=first_day)
    return replace(hours, by_weekday=tuple(map(_bridged, hours.by_weekday)), n=int(moments.size))


def _bridged(day: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """Join openings with gaps of less than an hour."""
    gaps = [(closes, opens) for (_, closes), (opens, _) in pairwise(day) if opens - closes < _BRIDGED_MS]
    return join_intervals([*day, *gaps])


def _open_on(counts: IntArray, every: IntArray, open_all: BoolArray) -> BoolArray:
    """Tell which granules are open on a weekday: those of all weekdays, unless its own moments contradict them."""
    own = _open_granules(counts)
    expected = counts.sum() * every / every.sum()
    for begin, end in stretches_of(open_all & ~own):
        usual = expected[begin:end].sum()
        if usual < _MIN_EXPECTED or counts[begin:end].sum() >= _FEWER * usual:
            own[begin:end] = True
    return own


def _open_granules(counts: IntArray) -> BoolArray:
    """Tell which granules are open: those with their share of what happens, and gaps that chance explains."""
    total = int(counts.sum())
    if total == 0:
        return np.ones(GRANULES_PER_DAY, dtype=np.bool_)
    usual = (
        float(np.median(counts[counts > _STRAY * total]))
        if (counts > _STRAY * total).any()
        else total / GRANULES_PER_DAY
    )
    open_: BoolArray = counts >= _QUIET * usual
    while counts[open_].sum() < _COVERAGE * total:
        open_[np.argmax(np.where(open_, -1, counts))] = True
    inside = np.flatnonzero(open_)
    for k in range(inside[0], inside[-1]):
        # Half of what is usual would leave this granule silent by chance: no evidence of a break.
        if not open_[k] and counts[k] == 0 and np.exp(-usual / 2) > _UNLIKELY:
            open_[k] = True
    for begin, end in stretches_of(~open_):
        # A quiet evening is no break: at a break the rate falls below that of the half-hours on both sides of it.
        inner = begin > 0 and end < GRANULES_PER_DAY
        if inner and counts[begin:end].mean() >= _LIKE_NEIGHBOURS * min(counts[begin - 1], counts[end]):
            open_[begin:end] = True
    silent = np.flatnonzero(~open_)
    if silent.size and np.exp(-total / GRANULES_PER_DAY / 2) > _UNLIKELY and open_.sum() > GRANULES_PER_DAY // 2:
        open_[:] = True  # a round-the-clock log with little in it
    return open_


def _intervals(open_: BoolArray, times: IntArray) -> tuple[Interval, ...]:
    """Join granules to intervals, with edges that the times in the outermost granules allow."""
    intervals = []
    for begin, end in stretches_of(open_):
        opens, closes = begin * GRANULE_MS, end * GRANULE_MS
        first = np.sort(times[(times >= opens) & (times < opens + GRANULE_MS)])
        final = np.sort(times[(times >= closes - GRANULE_MS) & (times < closes)])
        if begin > 0 and first.size:
            earliest = int(first[int(_STRAY * first.size)])
            if ((opens + GRANULE_MS - earliest) / GRANULE_MS) ** first.size < _UNLIKELY:
                opens = earliest // _EDGE_MS * _EDGE_MS
        if end < GRANULES_PER_DAY and final.size:
            latest = int(final[-1 - int(_STRAY * final.size)])
            if ((latest - closes + GRANULE_MS) / GRANULE_MS) ** final.size < _UNLIKELY:
                closes = -(-(latest + 1) // _EDGE_MS) * _EDGE_MS
        if opens < closes:
            intervals.append((opens, closes))
    return tuple(intervals)


def work_calendar(hours: Hours, days: WorkingDays, *, first_day: dt.date) -> WorkCalendar:
    """Return the working time that hours and days make."""
    first = first_day.weekday()
    has = [bool(day) for day in hours.by_weekday]
    weekday = (first + np.arange(days.worked.size)) % 7
    fallback = next((k for k in range(7) if has[k]), 0)
    by_weekday = list(hours.by_weekday)
    by_weekday[0] = by_weekday[0] or by_weekday[fallback]  # what a make-up working day takes
    worked = days.worked & (np.array(has)[weekday] | np.isin(weekday, days.weekend))
    return WorkCalendar.from_hours(first_day, worked, by_weekday)


def hours_entry(hours: Hours) -> object:
    """Return the hours as a scenario file has them."""
    texts = [[f"{clock(opens)}-{clock(closes)}" for opens, closes in day] for day in hours.by_weekday]
    if hours.always:
        return "always"
    worked = [day for day in texts if day]
    common = max(worked, key=worked.count)
    if all(day in ([], common) for day in texts):
        return common
    return {"default": common} | {
        name: day for name, day in zip(WEEKDAYS, texts, strict=True) if day not in ([], common)
    }
