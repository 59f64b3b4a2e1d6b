"""When visitors come: the arrival process of every source.

Comes in: a source of a scenario and its streams.  Goes out: arrival times in ms, by service.  A random process is a
renewal process on its own clock, run through the time that demand makes: the unit-rate Poisson process through the
integrated rate of the days (inversion, Çinlar 1975), a renewal process through opening time.  So more demand brings
the same visitors sooner, and a longer run begins like a shorter one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from scenarios.model import WEEKDAYS, Arrival
from scenarios.units import parse_time_of_day
from sim.calendar import DAY_MS, IntArray
from sim.distributions import quantile, whole
from sim.plan import Layout
from sim.streams import Streams

__all__ = ["arrival_times", "day_means", "time_of_day_profile"]

FloatArray = npt.NDArray[np.float64]
_LONG_BREAK_DAYS = 3
"""Days off that make a holiday for ``before_holiday`` and ``after_holiday``."""


def arrival_times(layout: Layout, name: str, streams: Streams) -> dict[str, IntArray]:
    """Return the arrival times of source `name`: service to sorted ms."""
    source = layout.scenario.arrivals[name]
    weights = {service: weight for service, weight in source.services.items() if weight > 0}
    if source.per_day is not None:
        measure, clock = _demand(layout, name, source, streams)
        total = sum(weights.values())
        times = {
            service: _through(measure, clock * (weight / total), streams, (name, service, "arrival"))
            for service, weight in weights.items()
        }
        return {service: _in_batches(source, at, streams, (name, service)) for service, at in times.items()}
    if source.every is not None:
        at = _renewal(layout, name, source, streams)
    elif source.at is not None:
        at = _stated(layout, source.at)
    else:
        at = _appointments(layout, name, source, streams)
    at = _in_batches(source, at, streams, (name,))
    if len(weights) == 1:
        return {next(iter(weights)): at}
    shares = np.cumsum(list(weights.values()))
    shares[-1], shares[:-1] = 1.0, shares[:-1] / shares[-1]
    which = np.searchsorted(shares, streams.uniforms((name, "service"), at.size), side="right")
    return {service: at[which == index] for index, service in enumerate(weights)}


def day_means(layout: Layout, source: Arrival) -> FloatArray:
    """Return the mean number that `source` brings on each calendar day of the run, shape (stop_day,).

    Weekday weights are scaled to a mean of one over the weekdays that are usually worked; a make-up working day for
    which nothing is said counts as a Monday, as it does for opening hours.  Months and holidays are not scaled.
    """
    days = np.arange(layout.stop_day)
    worked = layout.workdays[: layout.stop_day]
    weekdays = layout.weekdays[: layout.stop_day]
    weights = dict.fromkeys(WEEKDAYS, 1.0)
    weights |= dict.fromkeys((WEEKDAYS[k] for k in layout.weekend), source.weekday.get("mon", 1.0))
    by_weekday = np.array(list((weights | source.weekday).values()))
    usual = [k for k in range(len(WEEKDAYS)) if k not in layout.weekend]
    by_weekday = by_weekday / max(by_weekday[usual].mean() if usual else 1.0, 1e-12)
    start = layout.scenario.run.start
    months = np.array([(start + dt.timedelta(days=int(day))).month for day in days])
    by_month = np.array([1.0, *(source.month.get(str(month), 1.0) for month in range(1, 13))])
    mean: FloatArray = worked * by_weekday[weekdays] * by_month[months]
    mean = mean * _around_holidays(layout, source)
    return mean * (source.per_day or 0.0) * layout.scenario.demand


def _around_holidays(layout: Layout, source: Arrival) -> FloatArray:
    factor = np.ones(layout.stop_day)
    worked = np.flatnonzero(layout.workdays)
    long = np.flatnonzero(np.diff(worked) > _LONG_BREAK_DAYS)
    for edge, day_factor in ((worked[long], source.before_holiday), (worked[long + 1], source.after_holiday)):
        factor[edge[edge < layout.stop_day]] *= day_factor
    return factor


def time_of_day_profile(
    layout: Layout, site: str, profile: dict[str, float] | None
) -> list[tuple[FloatArray, FloatArray]]:
    """Return for each weekday how demand runs through the day: moments in ms, and the share come by then (0 to 1).

    Without a profile demand is even over the opening hours.  A profile gives relative rates from each time on, the
    last until the day's last closing.
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
            starts = np.array([parse_time_of_day(start) for start in profile], dtype=np.float64)
            end = max(float(intervals[-1][1]), starts[0] + 1)
            keep = starts < end
            edges = np.append(starts[keep], end)
            rates = np.array(list(profile.values()))[keep]
            if not rates.any():
                rates = np.ones_like(rates)
        share = np.concatenate(([0.0], np.cumsum(rates * np.diff(edges))))
        by_weekday.append((edges, share / share[-1]))
    return by_weekday


def _demand(layout: Layout, name: str, source: Arrival, streams: Streams) -> tuple[FloatArray, FloatArray]:
    """Return the integrated rate of a source: moments in ms, and how many are expected by then."""
    means = day_means(layout, source)
    if source.day_dispersion > 1:
        # A day's count given its factor g is Poisson with mean m·g; Var g = (D - 1)/m gives variance over mean D.
        u = streams.uniforms((name, "day factor"), means.size)
        spread = (source.day_dispersion - 1) / np.maximum(means, 1e-12)
        means = means * _gamma_factor(spread, u)
    profile = time_of_day_profile(layout, source.site, source.profile)
    days = np.flatnonzero(means > 0)
    moments: list[FloatArray] = []
    shares: list[FloatArray] = []
    sizes = []
    for day, weekday in zip(days.tolist(), layout.weekdays[days].tolist(), strict=True):
        edges, share = profile[weekday]
        moments.append(edges + day * DAY_MS)
        shares.append(share * means[day])
        sizes.append(edges.size)
    if not days.size:
        return np.zeros(2), np.zeros(2)
    before = np.repeat(np.concatenate(([0.0], np.cumsum(means[days])[:-1])), sizes)
    return np.concatenate(moments), np.concatenate(shares) + before


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
    end = float(expected[-1])
    if end <= 0:
        return np.zeros(0, dtype=np.int64)
    points = _points(lambda u: -np.log1p(-u), 1.0, end, streams, key)
    return np.floor(np.interp(points, expected, moments)).astype(np.int64)


def _renewal(layout: Layout, name: str, source: Arrival, streams: Streams) -> IntArray:
    law, calendar = source.every, layout.calendars[layout.sites.index(source.site)]
    assert law is not None
    open_ms = float(calendar.worked(layout.stop))
    mean = float(np.mean(quantile(law, (np.arange(1_000) + 0.5) / 1_000)))
    demand = max(layout.scenario.demand, 1e-12)
    points = _points(
        lambda u: np.maximum(quantile(law, u), 0.0) / demand,
        max(mean / demand, 1e-3),
        open_ms,
        streams,
        (name, "every"),
    )
    # Working time w is reached within an interval, or at its closing edge: nobody comes at a closing edge.
    at = calendar.at_worked(np.floor(points).astype(np.int64) + 1) - 1
    return np.asarray(at, dtype=np.int64)


def _stated(layout: Layout, at: list[str]) -> IntArray:
    times: list[IntArray] = []
    for text in at:
        date, space, clock = text.strip().rpartition(" ")
        days = np.flatnonzero(layout.workdays[: layout.stop_day])
        if space:
            days = np.array([(dt.date.fromisoformat(date) - layout.scenario.run.start).days])
        times.append(days * DAY_MS + parse_time_of_day(clock))
    stated = np.sort(np.concatenate(times), kind="stable")
    return stated[(stated >= 0) & (stated < layout.stop)]


def _appointments(layout: Layout, name: str, source: Arrival, streams: Streams) -> IntArray:
    slots = source.slots
    assert slots is not None
    on = layout.workdays & np.isin(layout.weekdays, [WEEKDAYS.index(day) for day in slots.days])
    days = np.flatnonzero(on[: layout.stop_day])
    times = np.repeat(np.array(sorted(slots.times), dtype=np.int64), slots.seats)
    seats = (days[:, None] * DAY_MS + times[None, :]).ravel()
    kept = streams.uniforms((name, "booked"), seats.size) < slots.booked
    kept &= streams.uniforms((name, "no-show"), seats.size) >= slots.no_show
    if slots.lateness is not None:
        lateness = quantile(slots.lateness, streams.uniforms((name, "lateness"), seats.size))
        seats = np.maximum(seats + np.rint(lateness).astype(np.int64), seats // DAY_MS * DAY_MS)
    return np.sort(seats[kept], kind="stable")


def _in_batches(source: Arrival, at: IntArray, streams: Streams, key: tuple[str, ...]) -> IntArray:
    if source.batch is None:
        return at
    return np.repeat(at, whole(quantile(source.batch, streams.uniforms((*key, "batch"), at.size))))
