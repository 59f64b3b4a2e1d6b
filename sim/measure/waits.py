"""Waits: one row each time somebody, or some file, queues at a pool.

Input: the log as a :class:`~sim.measure.table.Table`.  Output: the frames ``waits`` and ``wait_summary``
and the arrays behind the scalar metrics.

Who counts.  A wait runs from joining the queue to being called for the first time; the stretches after an
interruption (by a more urgent visitor, or as servers go home) are rows of ``waits`` but no new waits.  Means and
quantiles are over those who were called.  The shares within so many minutes are over everybody who joined or tried
to: whoever left, found no room, was sent home, or still waited after these minutes as the run stopped counts in the
denominator and never in the numerator.  Whoever had waited less as the run stopped is left out: it isn't known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from foundation.arrays import BoolArray, FloatArray, IntArray
from sim.calendar import DAY_MS, MINUTE_MS
from sim.measure.table import BIN_LABELS, BIN_MS, Table, by_group, labelled, moments, ratio
from sim.program import BROKEN_OFF, Outcome
from sim.statistics.quantiles import quantiles

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Waits", "called_within", "find_waits", "wait_summary_frame", "waits_frame"]

_OUTCOMES: Final = {
    Outcome.DONE: "served",
    Outcome.PREEMPTED: "interrupted",
    Outcome.PAUSED: "paused",
    Outcome.RENEGED: "left",
    Outcome.FULL: "full",
    Outcome.SENT_HOME: "sent-home",
}


@dataclass(frozen=True, eq=False)
class Waits:
    """First stretches at a pool that began in the measured window.

    Attributes
    ----------
    entity, pool
        Who waited, and at which pool (its index).
    ready
        When they joined the queue, in ms.
    wait
        Minutes from joining the queue until called, until leaving it, or until the run stopped.
    called
        Whether somebody was called at all.
    still
        Whether they still waited as the run stopped.
    visitor
        A person in the hall waited; else a file.
    """

    entity: IntArray
    pool: IntArray
    ready: IntArray
    wait: FloatArray
    called: BoolArray
    still: BoolArray
    visitor: BoolArray

    def take(self, members: npt.NDArray[Any]) -> Waits:
        """Return some of the waits, by position or by a mask."""
        return Waits(*(column[members] for column in vars(self).values()))


def find_waits(table: Table) -> Waits:
    """Return the waits that began in the measured window."""
    rows = table.serves[table.window.contains(table.ready[table.serves])]
    resumed = _resumed(table)
    if resumed.any():
        rows = rows[~resumed[rows]]
    outcome, rest = table.outcome[rows], table.unfinished
    later = np.flatnonzero(table.window.contains(rest.ready) & ~rest.resumed)
    entity = np.concatenate((table.entity[rows], rest.entity[later]))
    ready = np.concatenate((table.ready[rows], rest.ready[later]))
    start = np.concatenate((table.start[rows], rest.start[later]))
    was_called = np.isin(outcome, (Outcome.DONE, *BROKEN_OFF))
    return Waits(
        entity,
        np.concatenate((table.arg[rows], rest.pool[later])),
        ready,
        (start - ready) / MINUTE_MS,
        np.concatenate((was_called, rest.called[later])),
        np.concatenate((np.zeros(rows.size, dtype=np.bool_), ~rest.called[later])),
        table.is_visitor[entity],
    )


def _resumed(table: Table) -> BoolArray:
    """Tell which rows go on with a service that had been broken off."""
    resumed = np.zeros(table.entity.size, dtype=np.bool_)
    broken = np.flatnonzero(np.isin(table.outcome, BROKEN_OFF))
    if broken.size:
        affected = np.zeros(table.n_entities, dtype=np.bool_)
        affected[table.entity[broken]] = True
        affected_rows = np.flatnonzero(affected[table.entity])
        order = affected_rows[np.argsort(table.entity[affected_rows], kind="stable")]
        before, after = order[:-1], order[1:]
        same = (table.entity[before] == table.entity[after]) & np.isin(table.outcome[before], BROKEN_OFF)
        resumed[after[same]] = True
    return resumed


def waits_frame(table: Table) -> pd.DataFrame:
    """Return one row a stretch at a pool that began in the measured window."""
    rows = table.serves[table.window.contains(table.ready[table.serves])]
    entity, entities, program = table.entity[rows], table.program.entities, table.program
    labels = list(_OUTCOMES.values())
    place = np.zeros(max(Outcome) + 1, dtype=np.int64)
    place[[int(outcome) for outcome in _OUTCOMES]] = np.arange(len(labels))
    import pandas as pd

    return pd.DataFrame(
        {
            "entity": entity,
            "kind": labelled(np.where(table.is_visitor[entity], 0, 1), ["visitor", "file"]),
            "pool": labelled(table.arg[rows], table.pools),
            "service": labelled(table.service[entity], list(program.services)),
            "purpose": labelled(entities["purpose"][entity], list(program.purposes)),
            "person": labelled(entities["person"][entity], list(program.people)),
            "ready": moments(table, table.ready[rows]),
            "start": moments(table, table.start[rows]),
            "end": moments(table, table.end[rows]),
            "wait_min": (table.start[rows] - table.ready[rows]) / MINUTE_MS,
            "service_min": (table.end[rows] - table.start[rows]) / MINUTE_MS,
            "resumed": _resumed(table)[rows],
            "outcome": labelled(place[table.outcome[rows]], labels),
        }
    )


def wait_summary_frame(table: Table, waits: Waits) -> pd.DataFrame:
    """Return one row a group of waits: all, by purpose, service, pool and half-hour; persons and files apart."""
    records = []
    for kind, mask in (("visitor", waits.visitor), ("file", ~waits.visitor)):
        members = np.flatnonzero(mask)
        if members.size:
            records += [
                {"kind": kind, "by": by, "group": group} | _summarise(table, waits, members[inside])
                for by, group, inside in _groups(table, waits, members)
            ]
    columns = ["kind", "by", "group", *_summarise(table, waits, np.zeros(0, dtype=np.int64))]
    import pandas as pd

    return pd.DataFrame.from_records(records, columns=columns)


def _groups(table: Table, waits: Waits, members: IntArray) -> Iterator[tuple[str, str, IntArray]]:
    entity, program = waits.entity[members], table.program
    yield "all", "all", np.arange(members.size)
    for by, key, names in (
        ("purpose", program.entities["purpose"][entity], program.purposes),
        ("service", table.service[entity], program.services),
        ("pool", waits.pool[members], tuple(pool.name for pool in table.plan.pools)),
        ("half-hour", waits.ready[members] % DAY_MS // BIN_MS, BIN_LABELS),
    ):
        for name, inside in zip(names, by_group(key, len(names)), strict=True):
            if inside.size:
                yield by, name, inside


def _summarise(table: Table, waits: Waits, members: IntArray) -> dict[str, float]:
    group = waits.take(members)
    served = group.wait[group.called]
    median, q90, q95 = quantiles(served, (0.5, 0.9, 0.95))
    columns = (group.wait, group.called, group.still)
    within = {f"within_{limit}_share": float(ratio(*called_within(*columns, limit))) for limit in table.wait_limits}
    mean = float(ratio(float(served.sum()), served.size))
    still = int(group.still.sum())
    numbers: dict[str, float] = {
        "n": members.size,
        "called": served.size,
        "left": members.size - served.size - still,
        "still_waiting": still,
    }
    return numbers | {"mean_min": mean, "median_min": median, "q90_min": q90, "q95_min": q95} | within


def called_within(wait: FloatArray, called: BoolArray, still: BoolArray, limit_min: float) -> tuple[int, int]:
    """Return how many were called within a number of minutes, and of how many that is known.

    Parameters
    ----------
    wait, called, still
        Of some waits, as in :class:`Waits`.
    limit_min
        The minutes.
    """
    in_time = wait <= limit_min
    return int(np.count_nonzero(called & in_time)), wait.size - int(np.count_nonzero(still & in_time))
