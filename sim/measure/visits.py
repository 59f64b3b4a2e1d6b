"""Trips: one row each time a person comes to a site, however it ended.

Input: the log as a :class:`~sim.measure.table.Table`.  Output: :class:`Trips`, arrays over the trips,
and the frame ``visits``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from foundation.arrays import BoolArray, IntArray
from scenarios.model.vocabulary import AGENT
from sim.calendar import HOUR_MS, MINUTE_MS
from sim.measure.passes import CALLED, NO_TICKET, STILL_WAITING, trip_rows
from sim.measure.registry import FOLLOW_UP, VISIT_CHANNELS
from sim.measure.table import Table, labelled, moments
from sim.program import Code, Kind, Outcome

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "INSIDE",
    "OUTCOMES",
    "SERVED",
    "Trips",
    "channel_codes",
    "find_trips",
    "source_channels",
    "visits_frame",
]

OUTCOMES: Final = ("served", "left", "full", "shut", "sent-home", "inside")
"""How a trip ended: served; left the queue; found no room; found the doors shut; sent home at closing; not over yet."""

SERVED: Final = OUTCOMES.index("served")
INSIDE: Final = OUTCOMES.index("inside")
_OF_ROW: Final = {Outcome.RENEGED: 1, Outcome.FULL: 2, Outcome.SHUT: 3, Outcome.SENT_HOME: 4}
_TURNED_AWAY: Final = np.array([_OF_ROW.get(outcome, 0) for outcome in Outcome])
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
    ticket, ticket_wait
        What became of the wait at the first window (``NO_TICKET``: the trip came to none), and how long it was, in ms;
        of all waits together where no pool is a window.
    files
        Positions of the log's rows of queueing and service that are no visitor's.
    """

    entity: IntArray
    number: IntArray
    arrive: IntArray
    enter: IntArray
    leave: IntArray
    outcome: npt.NDArray[np.int8]
    lost: BoolArray
    wait: IntArray
    site: IntArray
    ticket: npt.NDArray[np.int8]
    ticket_wait: IntArray
    files: IntArray

    @cached_property
    def hours(self) -> npt.NDArray[np.float64]:
        """Hours between the doors, not-a-number for who never came in or is still inside."""
        over = (self.enter >= 0) & (self.leave >= 0)
        return np.where(over, (self.leave - self.enter) / HOUR_MS, np.nan)


def find_trips(table: Table) -> Trips:
    """Cut the visits of a log into trips.

    A trip begins at the doors, or where a site has none, with the first thing that isn't a delay (a visitor
    who returns is at home until then), be it a wait that lasts when the run stops.  It ends at the doors; else
    with the row that says whether the visitor will return; else when the entity is done.
    """
    log, n_trips, windows = table.log, table.trips, table.is_window
    rows, files = trip_rows(
        *(table.entity, table.outcome, table.ready, table.start, table.end, table.code, table.arg),
        *(table.kind, n_trips),
        _IS_BUSY,
        _TURNED_AWAY,
        windows,
    )
    arrive, enter, begun, leave, failed = (rows[name] for name in ("arrive", "enter", "begun", "leave", "failed"))
    wait, ticket, ticket_wait = rows["wait"], rows["ticket"], rows["ticket_wait"]
    site, turned_away = rows["site"], rows["turned_away"]
    entity = np.repeat(np.arange(table.n_entities), n_trips)
    last = np.cumsum(n_trips)
    inside, op, since = table.pending
    visiting = (table.kind[inside] == Kind.VISIT) & _IS_BUSY[table.program.ops["code"][op]]
    present = last[inside[visiting]] - 1
    begun[present] = np.where(begun[present] < 0, since[visiting], begun[present])
    rest = table.unfinished
    queueing = table.kind[rest.entity] == Kind.VISIT
    current, so_far = last[rest.entity[queueing]] - 1, (rest.start - rest.ready)[queueing]
    wait[current] += so_far
    first = np.full(current.size, not windows.any())
    first |= windows[rest.pool[queueing]] & (ticket[current] == NO_TICKET)
    ticket_wait[current[first]] += so_far[first]
    ticket[current[first]] = np.where(rest.called[queueing][first], CALLED, STILL_WAITING)
    number = np.arange(entity.size) - (last - n_trips)[entity] + 1
    ended = np.where(number == n_trips[entity], log.ended[entity], -1)
    without_doors = site < 0
    if without_doors.any():
        # A visit that consists of delays alone has come when it set out, provided that it is over.
        begun = np.where((begun < 0) & (ended >= 0), log.started[entity], begun)
        arrive, enter = np.where(without_doors, begun, arrive), np.where(without_doors, begun, enter)
    leave = np.where(leave >= 0, leave, np.where(failed >= 0, failed, ended))
    how = np.where(leave >= 0, np.int8(SERVED), np.int8(INSIDE))
    how = np.where(failed >= 0, np.int8(OUTCOMES.index("left")), how)
    how = np.where(turned_away > 0, turned_away, how)
    came = np.flatnonzero(arrive >= 0)
    columns = {
        "entity": entity,
        "number": number,
        "arrive": arrive,
        "enter": enter,
        "leave": leave,
        "outcome": how,
        "lost": rows["lost"] > 0,
        "wait": wait,
        "site": site,
        "ticket": ticket,
        "ticket_wait": ticket_wait,
    }
    return Trips(**{name: column[came] for name, column in columns.items()}, files=files)


def visits_frame(table: Table, trips: Trips) -> pd.DataFrame:
    """Return one row a trip that arrived in the measured window."""
    import pandas as pd

    program, entities = table.program, table.program.entities
    at = np.flatnonzero(table.window.contains(trips.arrive))
    entity = trips.entity[at]
    return pd.DataFrame(
        {
            "entity": entity,
            "trip": trips.number[at],
            "source": labelled(entities["source"][entity], list(program.sources)),
            "channel": labelled(channel_codes(table)[entity], list(VISIT_CHANNELS)),
            "service": labelled(table.service[entity], list(program.services)),
            "purpose": labelled(entities["purpose"][entity], list(program.purposes)),
            "person": labelled(entities["person"][entity], list(program.people)),
            "arrive": moments(table, trips.arrive[at]),
            "leave": moments(table, trips.leave[at]),
            "hours_in_hall": trips.hours[at],
            "wait_min": trips.wait[at] / MINUTE_MS,
            "outcome": labelled(trips.outcome[at], list(OUTCOMES)),
            "lost": trips.lost[at],
        }
    )


def channel_codes(table: Table) -> IntArray:
    """Return by entity the position of its channel in :data:`VISIT_CHANNELS`; whatever agents do is theirs."""
    is_source = table.root == np.arange(table.n_entities)
    of_source = source_channels(table)[table.program.entities["source"]]
    codes = np.where(is_source, of_source, VISIT_CHANNELS.index(FOLLOW_UP))
    if AGENT in table.program.people:
        is_agent = table.program.entities["person"] == table.program.people.index(AGENT)
        codes[is_agent] = VISIT_CHANNELS.index(AGENT)
    return codes


def source_channels(table: Table) -> IntArray:
    """Return by source the position of its channel in :data:`VISIT_CHANNELS`."""
    arrivals = table.scenario.arrivals
    return np.array(
        [VISIT_CHANNELS.index(arrivals[name].channel) if name in arrivals else 0 for name in table.program.sources],
        dtype=np.int64,
    )
