"""Trips: one row each time a person comes to a site, however it ended.

Comes in: the log as a :class:`~sim.metrics.table.Table`.  Goes out: :class:`Trips`, arrays over the trips,
and the frame ``visits``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.calendar import HOUR_MS, MINUTE_MS, BoolArray, IntArray
from sim.metrics.table import Table, labelled, last_of_each, moments
from sim.program import Code, Kind, Outcome

__all__ = ["FOLLOW_UP", "INSIDE", "OUTCOMES", "Trips", "find_trips", "visits_frame"]

OUTCOMES: Final = ("served", "left", "full", "shut", "sent-home", "inside")
"""How a trip ended: served; left the queue; found no room; found the doors shut; sent home at closing; not over yet."""

INSIDE: Final = OUTCOMES.index("inside")
FOLLOW_UP: Final = "follow-up"
"""The channel of a visit that an application has called for (a supplement, a payment, a collection)."""

_OF_ROW: Final = {Outcome.RENEGED: 1, Outcome.FULL: 2, Outcome.SHUT: 3, Outcome.SENT_HOME: 4}
_IS_BUSY: Final = np.array([code not in (Code.CLOCK, Code.OPEN, Code.DAYS, Code.BACK, Code.RETURN) for code in Code])
"""By code: does the row show that the visitor has come?  A delay doesn't: it may be the time until then."""


@dataclass(frozen=True, eq=False)
class Trips:
    """Arrays over trips, ordered by entity, then trip.

    Attributes
    ----------
    entity, number
        Who, and the number of the trip of that entity, from 1.
    arrive, enter, leave
        Came; was let in by the doors (-1: never); went (-1: not within the run), in ms.
    outcome
        Index into :data:`OUTCOMES`.
    lost
        Gave up for good after this trip.
    wait
        Time in queues, in ms, all queues of the trip together.
    site
        Index of the site (-1 where it has no doors).
    """

    entity: IntArray
    number: IntArray
    arrive: IntArray
    enter: IntArray
    leave: IntArray
    outcome: IntArray
    lost: BoolArray
    wait: IntArray
    site: IntArray

    @cached_property
    def hours(self) -> npt.NDArray[np.float64]:
        """Hours between the doors, not-a-number for who never came in or is still inside."""
        over = (self.enter >= 0) & (self.leave >= 0)
        return np.where(over, (self.leave - self.enter) / HOUR_MS, np.nan)


def find_trips(table: Table) -> Trips:
    """Cut the visits of a log into trips.

    A trip begins at the doors, or where a site has none, with the first thing that isn't a delay (a visitor
    who returns is at home until then).  It ends at the doors; else with the row that says whether the visitor
    will return; else when the entity is done.
    """
    visits = np.flatnonzero((table.kind == Kind.VISIT) & (table.log.started >= 0))
    rows = np.flatnonzero(table.kind[table.entity] == Kind.VISIT)
    who, code, outcome = table.entity[rows], table.code[rows], table.outcome[rows]
    returns = np.flatnonzero(code == Code.RETURN)
    again = returns[outcome[returns] == Outcome.RETURNS]
    n_trips = np.zeros(table.n_entities, dtype=np.int64)
    n_trips[visits] = 1 + np.bincount(who[again], minlength=table.n_entities)[visits]
    base = np.cumsum(n_trips) - n_trips
    trip = base[who] + _failures_before(who, again, table.n_entities)
    total = int(n_trips.sum())
    entity = np.repeat(np.arange(table.n_entities), n_trips)

    def first(at: IntArray, value: IntArray) -> IntArray:
        return last_of_each(trip[at[::-1]], value[rows[at[::-1]]], total)

    doors = np.flatnonzero(code == Code.ARRIVE)
    arrive, enter = first(doors, table.ready), first(doors[outcome[doors] == Outcome.DONE], table.end)
    site = np.full(total, -1, dtype=np.int64)
    site[trip[doors]] = table.op_arg[table.op[rows[doors]]]
    final = np.zeros(total, dtype=np.bool_)
    final[np.cumsum(n_trips[visits]) - 1] = True
    ended = np.where(final, table.log.ended[entity], -1)
    number = np.arange(total) - base[entity] + 1
    without_doors = site < 0
    if without_doors.any():
        begun = first(np.flatnonzero(without_doors[trip] & _IS_BUSY[code]), table.ready)
        # A visit that consists of delays alone has come when it set out, provided that it is over.
        begun = np.where((begun < 0) & (ended >= 0), table.log.started[entity], begun)
        arrive, enter = np.where(without_doors, begun, arrive), np.where(without_doors, begun, enter)

    failed = last_of_each(trip[returns], table.end[rows[returns]], total)
    leaves = np.flatnonzero(code == Code.LEAVE)
    leave = last_of_each(trip[leaves], table.end[rows[leaves]], total)
    leave = np.where(leave >= 0, leave, np.where(failed >= 0, failed, ended))
    how = np.full(total, INSIDE, dtype=np.int64)
    how[leave >= 0] = 0
    how[failed >= 0] = OUTCOMES.index("left")
    for row_outcome, index in _OF_ROW.items():
        found = np.flatnonzero(outcome == row_outcome)
        how[trip[found]] = index
    lost = np.zeros(total, dtype=np.bool_)
    lost[trip[returns[outcome[returns] == Outcome.LOST]]] = True
    serve = np.flatnonzero(code == Code.SERVE)
    queued = table.start[rows[serve]] - table.ready[rows[serve]]
    wait = np.bincount(trip[serve], weights=queued, minlength=total).astype(np.int64)
    came = slice(None) if (arrive >= 0).all() else arrive >= 0
    columns = (entity, number, arrive, enter, leave, how, lost, wait, site)
    return Trips(*(column[came] for column in columns))  # type: ignore[arg-type]


def _failures_before(who: Any, again: IntArray, n_entities: int) -> IntArray:
    """Return for each row how many failed trips the entity had before it."""
    before = np.zeros(who.size, dtype=np.int64)
    if again.size:
        failing = np.zeros(n_entities, dtype=np.bool_)
        failing[who[again]] = True
        some = np.flatnonzero(failing[who])
        order = some[np.argsort(who[some], kind="stable")]
        is_return = np.zeros(who.size, dtype=np.int64)
        is_return[again] = 1
        so_far = np.cumsum(is_return[order]) - is_return[order]
        ordered = who[order]
        head = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        sizes = np.diff(np.concatenate((head, [ordered.size])))
        before[order] = so_far - np.repeat(so_far[head], sizes)
    return before


def visits_frame(table: Table, trips: Trips) -> pd.DataFrame:
    """Return one row a trip that arrived in the measured window."""
    program, entities = table.program, table.program.entities
    at = np.flatnonzero(table.window.contains(trips.arrive))
    who = trips.entity[at]
    channels = ("walk-in", "appointment", "online", FOLLOW_UP)
    return pd.DataFrame(
        {
            "entity": who,
            "trip": trips.number[at],
            "source": labelled(entities["source"][who], list(program.sources)),
            "channel": labelled(channel_codes(table, channels)[who], list(channels)),
            "service": labelled(table.service[who], list(program.services)),
            "purpose": labelled(entities["purpose"][who], list(program.purposes)),
            "person": labelled(entities["person"][who], list(program.people)),
            "arrive": moments(table, trips.arrive[at]),
            "leave": moments(table, trips.leave[at]),
            "hours_in_hall": trips.hours[at],
            "wait_min": trips.wait[at] / MINUTE_MS,
            "outcome": labelled(trips.outcome[at], list(OUTCOMES)),
            "lost": trips.lost[at],
        }
    )


def channel_codes(table: Table, channels: tuple[str, ...]) -> IntArray:
    """Return by entity the index of its channel: its source's, or a follow-up for a visit that a case called for."""
    arrivals = table.scenario.arrivals
    of_source = np.array(
        [channels.index(arrivals[name].channel) if name in arrivals else 0 for name in table.program.sources],
        dtype=np.int64,
    )
    is_source = table.root == np.arange(table.n_entities)
    return np.where(is_source, of_source[table.program.entities["source"]], channels.index(FOLLOW_UP))
