"""Who still comes today: the sources of a scenario from now on, and the visits that earlier days lead to.

Input: the layout of today, and the state.  Output: sources.  A random source keeps its mean for the rest of the day.
Where its days differ by more than chance (``day_dispersion``), the day's factor ``g ~ Gamma(a, a)`` is learnt from the
tickets that were given: ``g | N ~ Gamma(a + N, a + m)`` for a mean of ``m`` by now (the conjugate prior of a Poisson
number; Gelman et al. 2013, Bayesian Data Analysis, section 2.6).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from foundation.arrays import FloatArray
from foundation.units import format_time_of_day, parse_time_of_day
from planner.today.places import Visits
from planner.today.state import HallState
from scenarios.model import WEEKDAYS, Arrival
from scenarios.model.laws import mean_of
from scenarios.model.vocabulary import Purpose
from sim.calendar import SECOND_MS
from sim.draw.arrivals import day_means, time_of_day_profile
from sim.plan import Layout

__all__ = ["rest_of_demand"]

_NOBODY: Final = 1e-9
"""Fewer visitors than this are none."""
_EVEN: Final[dict[str, Any]] = {
    "weekday": {},
    "month": {},
    "before_holiday": 1.0,
    "after_holiday": 1.0,
    "around_spring_festival": 1.0,
}
"""Today's factors are in the number of visitors."""


@dataclass(frozen=True)
class _Rest:
    """A source of a random number: what it is expected to bring today, by now and later."""

    source: Arrival
    by_now: float
    later: float
    profile: dict[str, float]


def rest_of_demand(
    layout: Layout, day: int, state: HallState, visits: Sequence[Visits], gives_tickets: Mapping[str, bool]
) -> dict[str, Arrival]:
    """Return the sources of the rest of the day.

    Parameters
    ----------
    layout, day
        The layout that holds today, and its number there.
    state
        The state of the hall.
    visits
        All visits to the hall, of which those on later days come today from earlier ones.
    gives_tickets
        By site, whether visitors can still come in.
    """
    scenario, result = layout.scenario, dict[str, Arrival]()
    random = {
        name: rest for name, rest in _random(layout, day, state, visits).items() if gives_tickets[rest.source.site]
    }
    expected = sum(rest.by_now for rest in random.values())
    relative = None if state.issued is None or expected <= 0 else state.issued / expected
    for name, source in scenario.arrivals.items():
        if source.per_day is None and (gives_tickets[source.site] or source.channel == "online"):
            left = _stated(layout, day, state, source)
            if left is not None:
                result[name] = left
    for name, rest in random.items():
        per_day, dispersion = _learnt(rest, relative)
        if per_day > _NOBODY:
            result[name] = rest.source.model_copy(
                update={
                    **_EVEN,
                    "per_day": per_day / scenario.demand if scenario.demand else 0.0,
                    "profile": dict.fromkeys(WEEKDAYS, rest.profile),
                    "day_dispersion": dispersion,
                }
            )
    return result


def _random(layout: Layout, day: int, state: HallState, visits: Sequence[Visits]) -> dict[str, _Rest]:
    """Return the sources of random numbers: the scenario's own, and those who come again from earlier days."""
    scenario, weekday, result = layout.scenario, int(layout.weekdays[day]), dict[str, _Rest]()
    for name, source in scenario.arrivals.items():
        if source.per_day is not None:
            profile = time_of_day_profile(layout, source.site, source.profile)[weekday]
            batch = mean_of(source.batch) if source.batch is not None else 1.0
            result[name] = _rest(source, float(day_means(layout, source)[day]), profile, state.now_ms, batch)
    groups: dict[tuple[str, Purpose], dict[str, float]] = {}
    for part in visits:
        if part.later > _NOBODY:
            groups.setdefault((part.source, part.purpose), {})[part.service] = part.later
    for (name, purpose), services in groups.items():
        source = scenario.arrivals[name]
        again = Arrival(
            services=services,
            purpose=purpose,
            site=source.site,
            per_day=0.0,
            people=source.people,
            priority=source.priority,
            patience=source.patience,
        )
        profile = time_of_day_profile(layout, source.site, None)[weekday]
        result[f"again-{purpose}-{name}"[:64]] = _rest(again, sum(services.values()), profile, state.now_ms, 1.0)
    return result


def _rest(source: Arrival, mean: float, profile: tuple[FloatArray, FloatArray], now: int, batch: float) -> _Rest:
    """Divide what a source brings today, in visits or batches, into what has come and what has not."""
    edges, shares = profile
    come = float(np.interp(now, edges, shares))
    inside = edges > now
    begins = np.concatenate(([float(now)], edges[inside]))
    reached = np.concatenate(([come], shares[inside]))
    rates = np.diff(reached) / np.maximum(np.diff(begins), SECOND_MS)
    pieces = {
        format_time_of_day(int(begin)): float(rate)
        for begin, rate in zip(begins[:-1].tolist(), rates.tolist(), strict=True)
    }
    scale = max(pieces.values(), default=0.0) or 1.0
    return _Rest(
        source, mean * come * batch, mean * (1 - come), {start: rate / scale for start, rate in pieces.items()}
    )


def _learnt(rest: _Rest, relative: float | None) -> tuple[float, float]:
    """Return the mean of the rest of the day, and its variance over its mean."""
    dispersion = rest.source.day_dispersion
    if dispersion <= 1 or rest.later <= 0:
        return rest.later, dispersion
    shape = (rest.by_now + rest.later) / (dispersion - 1)
    if relative is None:
        return rest.later, 1 + rest.later / shape
    counted = relative * rest.by_now
    later = rest.later * (shape + counted) / (shape + rest.by_now)
    return later, 1 + later / (shape + counted)


def _stated(layout: Layout, day: int, state: HallState, source: Arrival) -> Arrival | None:
    """Return a source of stated moments, or of steady intervals, from now on; ``None`` if nothing is left of it."""
    if source.every is not None:
        return source
    if source.slots is not None:
        times = [time for time in source.slots.times if time > state.now_ms]
        if not times or WEEKDAYS[int(layout.weekdays[day])] not in source.slots.days:
            return None
        return source.model_copy(update={"slots": source.slots.model_copy(update={"times": times})})
    date = state.now.date().isoformat()
    moments = []
    for text in source.at or ():
        stated, _, clock = text.strip().rpartition(" ")
        if stated.strip() in ("", date) and parse_time_of_day(clock) > state.now_ms:
            moments.append(f"{date} {clock}")
    return source.model_copy(update={"at": moments}) if moments else None
