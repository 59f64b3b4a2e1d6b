"""Volumes: visits and items by day, by purpose, and by kind of person.

Input: the log as a :class:`~sim.measure.table.Table` and its trips.  Output: :class:`Volume`, counts
that the scalar metrics divide, and the frames ``days``, ``volume`` and ``people``.

An item is a case, or business done within the visit; enquiries (services of kind ``consult``) are none.  It
counts as accepted when last marked so; without such a mark, a case counts from its opening, an item done in
the visit from its finish, and one that was only refused never.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from foundation.arrays import BoolArray, FloatArray, IntArray
from scenarios.model.vocabulary import AGENT
from sim.measure.cases import Cases, day_ends, open_at
from sim.measure.registry import VISIT_CHANNELS
from sim.measure.table import Table, ratio
from sim.measure.visits import Trips, channel_codes, source_channels
from sim.program import Kind

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Volume", "days_frame", "find_volume", "people_frame", "volume_frame"]


@dataclass(frozen=True, eq=False)
class Volume:
    """Items and trips of the measured window.

    Attributes
    ----------
    item, accepted_at, closed_at
        Accepted items (entity numbers), when accepted, and when finished, refused or withdrawn (-1: not
        within the run).
    instant, is_case
        Whether the item's service is an instant one; whether the item is a case.
    taken_in
        Whether the item was seen to be accepted before it was finished, by a mark or by the opening of a case; the
        others are known by their finish alone.
    finished, finished_at
        Items finished in the window, and when.
    channels
        By entity: its channel, as a position in :data:`sim.measure.registry.VISIT_CHANNELS`.
    trips
        Positions of the trips that arrived in the window.
    channel
        Their channels.
    by_appointment
        How many of them came by appointment, for the first time.
    newcomers, lost
        People whose first trip is in the window, and how many of them gave up for good.
    """

    item: IntArray
    accepted_at: IntArray
    closed_at: IntArray
    instant: BoolArray
    is_case: BoolArray
    taken_in: BoolArray
    finished: IntArray
    finished_at: IntArray
    channels: IntArray
    trips: IntArray
    channel: IntArray
    by_appointment: int
    newcomers: int
    lost: int


def find_volume(table: Table, trips: Trips, cases: Cases) -> Volume:
    """Count what came in and went out in the measured window."""
    items, window = table.items, table.window
    kinds = _service_kinds(table)
    counts = (kinds != "consult")[table.service]
    closed = np.where(items.finished >= 0, items.finished, np.where(items.refused >= 0, items.refused, items.withdrawn))
    closed[cases.entity] = cases.closed
    accepted = np.where(items.accepted >= 0, items.accepted, items.finished)
    unmarked = (items.accepted[cases.entity] < 0) & (items.refused[cases.entity] < 0)
    accepted[cases.entity] = np.where(unmarked, cases.opened, items.accepted[cases.entity])
    item = np.flatnonzero(window.contains(accepted) & counts)
    finished = np.flatnonzero(window.contains(items.finished) & counts)
    inside = np.flatnonzero(window.contains(trips.arrive))
    channels = channel_codes(table)
    channel, first = channels[trips.entity[inside]], inside[trips.number[inside] == 1]
    entity = trips.entity[first]
    failed = np.zeros(table.n_entities, dtype=np.bool_)
    failed[trips.entity[trips.lost]] = True
    return Volume(
        item=item,
        accepted_at=accepted[item],
        closed_at=closed[item],
        instant=np.asarray(kinds == "instant")[table.service[item]],
        is_case=table.kind[item] == Kind.CASE,
        taken_in=(items.accepted[item] >= 0) | (table.kind[item] == Kind.CASE),
        finished=finished,
        finished_at=items.finished[finished],
        channels=channels,
        trips=inside,
        channel=channel,
        by_appointment=_booked(table, channels, entity),
        newcomers=first.size,
        lost=int(failed[entity].sum()),
    )


def _booked(table: Table, channels: IntArray, entity: IntArray) -> int:
    """Return how many visitors came by an appointment, agents among them."""
    channel, appointment = channels[entity], VISIT_CHANNELS.index("appointment")
    agents = entity[channel == VISIT_CHANNELS.index(AGENT)]
    source = table.program.entities["source"][agents[table.root[agents] == agents]]
    return int((channel == appointment).sum()) + int((source_channels(table)[source] == appointment).sum())


def _service_kinds(table: Table) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    services = table.scenario.services
    return np.array([services[name].kind if name in services else "" for name in table.program.services], dtype=np.str_)


def _per_day(table: Table, t: IntArray) -> IntArray:
    return np.bincount(table.day_index(t), minlength=table.window.days.size)


def days_frame(table: Table, trips: Trips, cases: Cases, volume: Volume) -> pd.DataFrame:
    """Return one row a measured working day."""
    import pandas as pd

    return pd.DataFrame(
        {
            "date": table.dates,
            "visits": _per_day(table, trips.arrive[volume.trips]),
            "items_accepted": _per_day(table, volume.accepted_at),
            "items_finished": _per_day(table, volume.finished_at),
            "instant_accepted": _per_day(table, volume.accepted_at[volume.instant]),
            "cases_opened": _per_day(table, cases.opened[cases.in_cohort]),
            "open_cases": open_at(cases, np.arange(cases.entity.size), day_ends(table)),
        }
    )


def volume_frame(table: Table, trips: Trips, volume: Volume) -> pd.DataFrame:
    """Return one row a purpose of visit, and one for all: visits, a day and a month, and for each item finished."""
    import pandas as pd

    purposes, days = table.program.purposes, table.window.days.size
    code = table.program.entities["purpose"][trips.entity[volume.trips]]
    visits = np.append(np.bincount(code, minlength=len(purposes)), code.size)
    return pd.DataFrame(
        {
            "purpose": [*purposes, "all"],
            "visits": visits,
            "visits_per_day": visits / days,
            "visits_per_month": visits / days * table.options.days_per_month,
            "visits_per_item": ratio(visits, volume.finished.size),
        }
    )


def people_frame(table: Table, trips: Trips, volume: Volume) -> pd.DataFrame:
    """Return one row a kind of person, and one for all: trips and hours, and how many a finished item took.

    A finished item's trips are all those of the visit it goes back to and of its follow-ups, within the run.
    """
    import pandas as pd

    people = table.program.people
    person = table.program.entities["person"]
    item_trips, item_hours = trips_of_items(table, trips, volume)
    hours = trips.hours[volume.trips]
    records = []
    for k, name in [*enumerate(people), (-1, "all")]:
        coming = hours[(person[trips.entity[volume.trips]] == k) | (k < 0)]
        done = (person[volume.finished] == k) | (k < 0)
        measured = done & ~np.isnan(item_trips)
        over = coming[~np.isnan(coming)]
        records.append(
            {
                "person": name,
                "trips": coming.size,
                "hours_per_trip": float(ratio(float(over.sum()), over.size)),
                "items_finished": int(done.sum()),
                "trips_per_item": float(ratio(float(item_trips[measured].sum()), int(measured.sum()))),
                "hours_per_item": float(ratio(float(item_hours[measured].sum()), int(measured.sum()))),
            }
        )
    return pd.DataFrame.from_records(records)


def trips_of_items(table: Table, trips: Trips, volume: Volume) -> tuple[FloatArray, FloatArray]:
    """Return for each finished item the trips and the hours in the hall that it took; items of one visit share them.

    Not-a-number for a case that was open to begin with: the trips before are not known.
    """
    root = table.root[trips.entity]
    number = np.bincount(root, minlength=table.n_entities).astype(np.float64)
    hours = np.bincount(root, weights=np.nan_to_num(trips.hours), minlength=table.n_entities)
    origin = table.root[volume.finished]
    sharing = np.bincount(origin, minlength=table.n_entities)[origin] if origin.size else np.ones(0)
    counted = np.where(table.kind[origin] == Kind.CASE, np.nan, 1.0)
    return number[origin] / sharing * counted, hours[origin] / sharing * counted
