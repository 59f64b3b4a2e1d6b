"""When visitors come: the arrival process of every source.

Comes in: a source of a scenario and its streams.  Goes out: arrival times in ms, by service.  A random process is a
renewal process on its own clock, run through the time that demand makes: the unit-rate Poisson process through the
integrated rate of the days (inversion, Çinlar 1975), a renewal process through opening time.  So more demand brings
the same visitors sooner, and a longer run begins like a shorter one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from foundation.arrays import BoolArray, FloatArray, IntArray
from foundation.units import parse_moment, parse_time_of_day
from scenarios.model import WEEKDAYS, Arrival, Backlog
from scenarios.model.laws import Law, mean_of
from scenarios.model.vocabulary import Weekday
from sim.calendar import DAY_MS
from sim.draw.laws import quantile, whole
from sim.draw.streams import Streams
from sim.plan import Layout

__all__ = ["Demand", "accepted_times", "arrival_times", "day_means", "time_of_day_profile"]

_LONG_BREAK_DAYS = 3
"""Days off that make a holiday for ``before_holiday`` and ``after_holiday``."""
_SPRING_FESTIVAL_DAYS_OFF = 7
"""Days off that make a Spring Festival, if they begin in January or February."""
_SPRING_FESTIVAL_DAYS = 3
"""Working days before and after it for which ``around_spring_festival`` holds."""


@dataclass(frozen=True, eq=False)
class Demand:
    """What is fixed about a source's arrivals before anything is drawn.

    Attributes
    ----------
    layout, name, source
        The source.
    profile
        How demand runs through each weekday (see :func:`time_of_day_profile`).
    means
        Mean number by calendar day (see :func:`day_means`).
    days
        The calendar days that bring anybody.
    moments, shares
        Moments in ms at which the rate changes, on all these days, and the share of the day's visitors come by then.
    day_of
        For each moment, the position of its day in `days`.
    """

    layout: Layout
    name: str
    source: Arrival
    profile: list[tuple[FloatArray, FloatArray]]
    means: FloatArray
    days: IntArray
    moments: FloatArray
    shares: FloatArray
    day_of: IntArray

    @classmethod
    def of(cls, layout: Layout, name: str) -> Demand:
        """Work out the demand of source `name`."""
        source = layout.scenario.arrivals[name]
        profile = time_of_day_profile(layout, source.site, source.profile)
        means = day_means(layout, source)
        days = np.flatnonzero(means > 0)
        by_day = [profile[weekday] for weekday in layout.weekdays[days].tolist()]
        sizes = [edges.size for edges, _ in by_day]
        return cls(
            layout=layout,
            name=name,
            source=source,
            profile=profile,
            means=means,
            days=days,
            moments=np.concatenate([edges for edges, _ in by_day] or [np.zeros(0)]) + np.repeat(days * DAY_MS, sizes),
            shares=np.concatenate([share for _, share in by_day] or [np.zeros(0)]),
            day_of=np.repeat(np.arange(days.size), sizes),
        )

    @property
    def weights(self) -> dict[str, float]:
        """The services that it brings anybody for, and their weights."""
        return {service: weight for service, weight in self.source.services.items() if weight > 0}


def arrival_times(demand: Demand, streams: Streams) -> dict[str, IntArray]:
    """Return the arrival times of a source: service to sorted ms."""
    source, name, weights = demand.source, demand.name, demand.weights
    if source.per_day is not None:
        expected = _expected(demand, streams)
        total = sum(weights.values())
        times = {
            service: _through(demand.moments, expected * (weight / total), streams, (name, service, "arrival"))
            for service, weight in weights.items()
        }
        return {service: _in_batches(source, at, streams, (name, service)) for service, at in times.items()}
    if source.every is not None:
        at = _renewal(demand, source.every, streams)
    elif source.at is not None:
        at = _stated(demand.layout, source)
    else:
        at = _appointments(demand, streams)
    at = _in_batches(source, at, streams, (name,))
    if len(weights) == 1:
        return {next(iter(weights)): at}
    shares = np.cumsum(list(weights.values()))
    shares[-1], shares[:-1] = 1.0, shares[:-1] / shares[-1]
    which = np.searchsorted(shares, streams.uniforms((name, "service"), at.size), side="right")
    return {service: at[which == index] for index, service in enumerate(weights)}


def accepted_times(layout: Layout, backlog: Backlog) -> IntArray:
    """Return when the cases of a stated backlog were accepted, sorted, in ms: at the opening, so many days ago."""
    profile = time_of_day_profile(layout, backlog.site, None)
    worked = np.flatnonzero(layout.workdays[: layout.first_measured])
    times = np.zeros(0, dtype=np.int64)
    for age in sorted(backlog.ages, key=int, reverse=True):
        day = int(worked[-int(age)])
        opening = int(profile[int(layout.weekdays[day])][0][0])
        times = np.append(times, np.full(backlog.ages[age], day * DAY_MS + opening))
    return times


def day_means(layout: Layout, source: Arrival) -> FloatArray:
    """Return the mean number that `source` brings on each calendar day of the run, shape (stop_day,).

    Nobody comes on a day on which the site doesn't work.  Weekday weights are scaled to a mean of one over the weekdays
    that it usually works; a make-up working day for which nothing is said counts as a Monday, as it does for opening
    hours.  Months and holidays are not scaled.
    """
    days = np.arange(layout.stop_day)
    worked = _worked(layout, source.site)[: layout.stop_day]
    weekdays = layout.weekdays[: layout.stop_day]
    weights = dict.fromkeys(WEEKDAYS, 1.0)
    weights |= dict.fromkeys((WEEKDAYS[k] for k in layout.weekend), source.weekday.get("mon", 1.0))
    by_weekday = np.array(list((weights | source.weekday).values()))
    usual = [k for k in _weekdays_open(layout, source.site) if k not in layout.weekend]
    by_weekday = by_weekday / max(by_weekday[usual].mean() if usual else 1.0, 1e-12)
    start = layout.scenario.run.start
    months = np.array([(start + dt.timedelta(days=int(day))).month for day in days])
    by_month = np.array([1.0, *(source.month.get(str(month), 1.0) for month in range(1, 13))])
    mean: FloatArray = worked * by_weekday[weekdays] * by_month[months]
    mean = mean * _around_holidays(layout, source)
    return mean * (source.per_day or 0.0) * layout.scenario.demand


def _worked(layout: Layout, site: str) -> BoolArray:
    """Tell on which calendar days a site works."""
    return layout.calendars[layout.sites.index(site)].workdays


def _weekdays_open(layout: Layout, site: str) -> list[int]:
    hours = layout.scenario.sites[site].hours or layout.scenario.calendar.hours
    return [k for k, day in enumerate(WEEKDAYS) if hours.get(day)]


def _around_holidays(layout: Layout, source: Arrival) -> FloatArray:
    factor = np.ones(layout.stop_day)
    worked = np.flatnonzero(layout.workdays)
    steps = np.diff(worked)
    long = np.flatnonzero(steps > _LONG_BREAK_DAYS)
    for edge, day_factor in ((worked[long], source.before_holiday), (worked[long + 1], source.after_holiday)):
        factor[edge[edge < layout.stop_day]] *= day_factor
    for index in np.flatnonzero(steps > _SPRING_FESTIVAL_DAYS_OFF):
        first_off = layout.scenario.run.start + dt.timedelta(days=int(worked[index]) + 1)
        if first_off.month in (1, 2):
            around = worked[max(index + 1 - _SPRING_FESTIVAL_DAYS, 0) : index + 1 + _SPRING_FESTIVAL_DAYS]
            factor[around[around < layout.stop_day]] *= source.around_spring_festival
    return factor


def time_of_day_profile(
    layout: Layout, site: str, profile: Mapping[Weekday, Mapping[str, float]] | None
) -> list[tuple[FloatArray, FloatArray]]:
    """Return for each weekday how demand runs through the day: moments in ms, and the share come by then (0 to 1).

    Without a profile demand is even over the opening hours.  A weekday's profile gives relative rates from each time
    on, the last until the day's last closing.
    """
    scenario = layout.scenario
    profile = profile or scenario.sites[site].profile
    hours = scenario.sites[site].hours or scenario.calendar.hours
    by_weekday = []
    for day in WEEKDAYS:
        intervals = hours.get(day) or hours.get("mon") or [(0, DAY_MS)]
        if profile is None:
            edges = np.array([edge for interval in intervals for edge in interval], dtype=np.float64)
            rates = np.tile([1.0, 0.0], len(intervals))[:-1]
        else:
            starts = np.array([parse_time_of_day(start) for start in profile[day]], dtype=np.float64)
            end = max(float(intervals[-1][1]), starts[0] + 1)
            keep = starts < end
            edges = np.append(starts[keep], end)
            rates = np.array(list(profile[day].values()))[keep]
            if not rates.any():
                rates = np.ones_like(rates)
        share = np.concatenate(([0.0], np.cumsum(rates * np.diff(edges))))
        by_weekday.append((edges, share / share[-1]))
    return by_weekday


def _expected(demand: Demand, streams: Streams) -> FloatArray:
    """Return how many are expected by each of the demand's moments: its integrated rate."""
    means = demand.means
    if demand.source.day_dispersion > 1:
        # A day's count given its factor g is Poisson with mean m·g; Var g = (D - 1)/m gives variance over mean D.
        u = streams.uniforms((demand.name, "day factor"), means.size)
        means = means * _gamma_factor((demand.source.day_dispersion - 1) / np.maximum(means, 1e-12), u)
    means = means[demand.days]
    before = np.cumsum(means) - means
    return demand.shares * means[demand.day_of] + before[demand.day_of]


def _gamma_factor(variance: FloatArray, u: FloatArray) -> FloatArray:
    from scipy import special

    return np.asarray(special.gammaincinv(1 / variance, u) * variance, dtype=np.float64)


def _points(
    draw: Callable[[FloatArray], FloatArray], mean: float, end: float, streams: Streams, key: tuple[str, ...]
) -> FloatArray:
    """Return the points of a renewal process below `end`, its steps drawn by inversion."""
    number = int(end / mean + 6 * np.sqrt(end / mean) + 16)
    while True:
        points = np.cumsum(draw(streams.uniforms(key, number)))
        if points[-1] >= end:
            return points[points < end]
        number *= 2


def _through(moments: FloatArray, expected: FloatArray, streams: Streams, key: tuple[str, ...]) -> IntArray:
    end = float(expected[-1]) if expected.size else 0.0
    if end <= 0:
        return np.zeros(0, dtype=np.int64)
    points = _points(lambda u: -np.log1p(-u), 1.0, end, streams, key)
    return np.floor(np.interp(points, expected, moments)).astype(np.int64)


def _renewal(demand: Demand, law: Law, streams: Streams) -> IntArray:
    layout = demand.layout
    calendar = layout.calendars[layout.sites.index(demand.source.site)]
    open_ms = float(calendar.worked(layout.stop))
    # A sample alone would miss a rare long gap between many arrivals at once, and ask for a table without end.
    mean = max(float(np.mean(quantile(law, (np.arange(1_000) + 0.5) / 1_000))), mean_of(law))
    faster = max(layout.scenario.demand, 1e-12)
    points = _points(
        lambda u: np.maximum(quantile(law, u), 0.0) / faster,
        max(mean / faster, 1e-3),
        open_ms,
        streams,
        (demand.name, "every"),
    )
    # Working time w is reached within an interval, or at its closing edge: nobody comes at a closing edge.
    at = calendar.at_worked(np.floor(points).astype(np.int64) + 1) - 1
    return np.asarray(at, dtype=np.int64)


def _stated(layout: Layout, source: Arrival) -> IntArray:
    times: list[IntArray] = [np.zeros(0, dtype=np.int64)]  # an empty list brings nobody
    workdays = np.flatnonzero(_worked(layout, source.site)[: layout.stop_day])
    for text in source.at or ():
        date, time = parse_moment(text)
        days = workdays if date is None else np.array([(date - layout.scenario.run.start).days])
        times.append(days * DAY_MS + time)
    stated = np.sort(np.concatenate(times), kind="stable")
    return stated[(stated >= 0) & (stated < layout.stop)]


def _appointments(demand: Demand, streams: Streams) -> IntArray:
    layout, name, slots = demand.layout, demand.name, demand.source.slots
    assert slots is not None
    on = _worked(layout, demand.source.site) & np.isin(layout.weekdays, [WEEKDAYS.index(day) for day in slots.days])
    days = np.flatnonzero(on[: layout.stop_day])
    times = np.repeat(np.array(sorted(slots.times), dtype=np.int64), slots.seats)
    seats = (days[:, None] * DAY_MS + times[None, :]).ravel()
    attended = streams.uniforms((name, "booked"), seats.size) < slots.booked
    attended &= streams.uniforms((name, "no-show"), seats.size) >= slots.no_show
    if slots.lateness is not None:
        lateness = quantile(slots.lateness, streams.uniforms((name, "lateness"), seats.size))
        seats = np.maximum(seats + np.rint(lateness).astype(np.int64), seats // DAY_MS * DAY_MS)
    return np.sort(seats[attended], kind="stable")


def _in_batches(source: Arrival, at: IntArray, streams: Streams, key: tuple[str, ...]) -> IntArray:
    if source.batch is None:
        return at
    return np.repeat(at, whole(quantile(source.batch, streams.uniforms((*key, "batch"), at.size))))
