"""How often a ticket's true wait lies in the interval that `hallplan today` gives for it.

Input: a scenario, a time of day, and how many days.  Output: the share of days on which it does, with its binomial
interval.  Days of the scenario are simulated after its warm-up, with one ticket more that takes no service time.  At
the stated time the state of the hall is read from the log, as a queue system would state it; the rest of that day is
forecast from the state alone, with other random numbers; and the ticket's true wait is held against the forecast.
Run it as ``python -m benchmarks.today_coverage township-desk --days 200``.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

import numpy as np

from foundation.arrays import BoolArray, IntArray
from foundation.units import format_time_of_day, parse_time_of_day
from planner.today.forecast import forecast_of
from planner.today.from_now import from_now
from planner.today.people import probes
from planner.today.places import places_of
from planner.today.state import HallState, Serving, Waiting
from scenarios.compose.composing import compose
from scenarios.model import Scenario
from sim.calendar import DAY_MS
from sim.measure.frames import Metrics
from sim.program import Outcome
from sim.run.observing import observer
from sim.statistics.intervals import proportion_interval

__all__ = ["Coverage", "SeenDay", "coverage", "seen_days"]

_TRUE_SEED: Final = 20_140_303
_MEASURED_DAYS: Final = 20
_REPLICATIONS: Final = 199
Observed = TypeVar("Observed")


@dataclass(frozen=True)
class SeenDay:
    """A simulated day: its state at a time, and how long the tickets drawn then truly waited, by pool in minutes."""

    state: HallState
    waits: dict[str, float]


@dataclass(frozen=True)
class Coverage:
    """How many true waits lay inside their interval.

    Attributes
    ----------
    inside, forecasts
        Of all forecasts; many of them say that nobody will wait.
    inside_queued, forecasts_queued
        Of those for a pool at which somebody waited.
    promised
        The probability that the intervals promise.
    """

    inside: int
    forecasts: int
    inside_queued: int
    forecasts_queued: int
    promised: float


def seen_days(metrics: Metrics, *, now: int, tickets: Sequence[tuple[str, str]], full: bool) -> list[SeenDay]:
    """Return every measured day of a replication as a state and a truth.

    Parameters
    ----------
    metrics
        Of the replication.
    now
        The time of day, in ms since midnight.
    tickets
        Sources of the tickets drawn then, each with its pool.
    full
        Whether the state says what visitors want and when their service began, besides when tickets were drawn.
    """
    table, waits = metrics.table, metrics.first_waits
    sources, entities = list(table.program.sources), table.program.entities
    source_of = np.ascontiguousarray(entities["source"]).astype(np.int64)
    pool_of = {sources.index(name): pool for name, pool in tickets}
    rows = table.serves[table.is_visitor[table.entity[table.serves]]]
    rows = rows[~np.isin(source_of[table.entity[rows]], list(pool_of))]
    days = []
    for day in table.window.days.tolist():
        moment = day * DAY_MS + now
        truth = {
            pool_of[int(source_of[entity])]: float(wait if called else np.inf)
            for entity, wait, called, ready in zip(
                waits.entity.tolist(), waits.wait.tolist(), waits.called.tolist(), waits.ready.tolist(), strict=True
            )
            if int(source_of[entity]) in pool_of and ready == moment
        }
        came = table.ready[rows] <= moment
        waiting = rows[came & (table.start[rows] > moment)]
        left = rows[came & (table.start[rows] == table.end[rows]) & (table.end[rows] > moment)]
        waiting = np.union1d(waiting, left[table.outcome[left] != Outcome.DONE])
        serving = rows[
            (table.start[rows] <= moment) & (table.end[rows] > moment) & (table.outcome[rows] == Outcome.DONE)
        ]
        days.append(SeenDay(_state(metrics, moment, waiting, serving, full=full), truth))
    return days


def _state(metrics: Metrics, moment: int, waiting: IntArray, serving: IntArray, *, full: bool) -> HallState:
    table, program = metrics.table, metrics.table.program
    entities, midnight = program.entities, moment // DAY_MS * DAY_MS

    def service(row: int) -> str | None:
        return program.services[table.service[table.entity[row]]] if full else None

    tickets = [
        Waiting(
            table.pools[table.arg[row]],
            int(table.ready[row] - midnight),
            service(row),
            program.people[entities["person"][table.entity[row]]] if full else None,
        )
        for row in waiting.tolist()
    ]
    visitors = [
        Serving(table.pools[table.arg[row]], int(table.start[row] - midnight) if full else None, service(row))
        for row in serving.tolist()
    ]
    arrived = metrics.trips
    today: BoolArray = (arrived.arrive >= midnight) & (arrived.arrive < moment)
    now = table.calendar.date_of(midnight)
    clock = dt.datetime.combine(now, dt.time()) + dt.timedelta(milliseconds=moment - midnight)
    return HallState(clock, tuple(tickets), tuple(visitors), issued=int(today.sum()))


def coverage(
    scenario: Scenario, *, time: str, days: int, full: bool, replications: int = _REPLICATIONS, level: float = 0.95
) -> Coverage:
    """Return how often forecasts hold the truth.

    Parameters
    ----------
    scenario, time, days
        Which hall, when, and on how many days.
    full
        As for :func:`seen_days`.
    replications, level
        Of each forecast.
    """
    now = parse_time_of_day(time)
    pools = tuple(dict.fromkeys(place.pool for place in places_of(scenario)))
    probing = probes(scenario, HallState(dt.datetime.combine(scenario.run.start, dt.time())), pools)
    clock = format_time_of_day(now)
    arrivals = {name: source.model_copy(update={"at": [clock]}) for name, source in probing.arrivals.items()}
    run = scenario.run.model_copy(update={"days": _MEASURED_DAYS, "follow_up_days": 0})
    truth = scenario.model_copy(
        update={"run": run, "services": scenario.services | probing.services, "arrivals": arrivals | scenario.arrivals}
    )
    tickets = list(zip(probing.arrivals, pools, strict=True))
    read = partial(seen_days, now=now, tickets=tickets, full=full)
    (runs,) = observer(seed=_TRUE_SEED, workers=1)([truth], read, replications=-(-days // _MEASURED_DAYS))
    seen = [day for run_days in runs for day in run_days][:days]
    counts, promised = np.zeros(4, dtype=np.int64), 0.0
    for number, day in enumerate(seen):
        begins = from_now(scenario, day.state)
        outlooks = forecast_of(
            begins, day.state, observer(seed=number, workers=1), replications=replications, level=level
        )[0]
        for outlook in outlooks:
            prediction = outlook.ticket_wait
            holds = prediction.low <= day.waits[outlook.pool] <= prediction.high
            queued = outlook.waiting > 0
            counts += [holds, 1, holds and queued, queued]
            promised = prediction.coverage
    inside, forecasts, inside_queued, forecasts_queued = counts.tolist()
    return Coverage(inside, forecasts, inside_queued, forecasts_queued, promised)


def main() -> None:
    """Print the coverage for a scenario."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("scenario")
    parser.add_argument("--time", default="10:30")
    parser.add_argument("--days", type=int, default=200)
    parser.add_argument("--full", action="store_true", help="the state also says purposes and begins of services")
    words = parser.parse_args()
    result = coverage(compose(words.scenario), time=words.time, days=words.days, full=words.full)
    print(f"{words.scenario} at {words.time}, {words.days} days; the intervals promise {result.promised:.1%}")
    for title, inside, number in (
        ("all pools", result.inside, result.forecasts),
        ("pools with a queue", result.inside_queued, result.forecasts_queued),
    ):
        share = proportion_interval(inside, number)
        print(f"{title}: {inside} of {number} inside, {share.estimate:.1%} ({share.low:.1%} to {share.high:.1%})")


if __name__ == "__main__":
    main()
