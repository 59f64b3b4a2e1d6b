"""Where the time of a case goes: work, queues, closed doors, transfer, batches, the applicant, stopped
clocks.

Input: the log as a :class:`~sim.measure.table.Table` and its cases.  Output: :class:`TimeSplit` and the
frames ``time_split`` and ``time_shares``.

The rule.  Every millisecond from opening to closing (or to the end of the run) goes to exactly one part, so
that the parts sum to the whole.  First, time outside the first site's opening hours is ``closed``, whatever
happened in it: no count of working days sees it.  The rest follows what the case was doing; while it waits
for parallel branches, it is doing what its *critical branch* does: the branch that ends last (of those that
end together the first in the program; of those that never end likewise), and so on inside that branch.
Waiting for the applicant, and anything that stops the statutory clock, counts as such and is not split
further.  A service that is in hand when the run ends counts as queueing, because a log holds what has ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from foundation.arrays import BoolArray, IntArray
from sim.calendar import HOUR_MS
from sim.measure.cases import Cases, stopping_steps
from sim.measure.steps import StepFunction, on_duty, opening
from sim.measure.table import Table, by_group, labelled, ratio
from sim.program import Code, Kind

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PARTS", "TimeSplit", "split_time", "time_shares_frame", "time_split_frame"]

PARTS: Final = (
    "work",
    "queue",
    "off_duty",
    "transfer",
    "batch_wait",
    "prescribed",
    "applicant",
    "stopped",
    "closed",
)
"""In service; in a queue while somebody is on duty; in a queue or in hand while nobody is; delays in opening
or clock time and couriers; other timetables; delays in working days; waiting for the applicant; the clock
stopped; outside opening hours."""

_PART: Final = {name: k for k, name in enumerate(PARTS)}


@dataclass(frozen=True, eq=False)
class TimeSplit:
    """What the time of each case of the cohort was spent on.

    Attributes
    ----------
    case
        Positions in :class:`~sim.measure.cases.Cases`.
    parts
        Whole ms, shape (cases, parts), in the order of :data:`PARTS`.
    """

    case: IntArray
    parts: IntArray


@dataclass(frozen=True, eq=False)
class _Stretches:
    """All stretches of the cases' own entities, by entity and then time, unfinished ones included."""

    entity: IntArray
    op: IntArray
    ready: IntArray
    start: IntArray
    end: IntArray
    first: IntArray  # by entity: position of its first stretch
    number: IntArray  # by entity: how many it has


@dataclass(frozen=True, eq=False)
class _Pieces:
    """Parts of stretches within the life of a case: position of the case, of the stretch, and moments in ms."""

    case: IntArray
    stretch: IntArray
    begin: IntArray
    end: IntArray

    def take(self, mask: BoolArray) -> _Pieces:
        return _Pieces(self.case[mask], self.stretch[mask], self.begin[mask], self.end[mask])


def split_time(table: Table, cases: Cases) -> TimeSplit:
    """Split the time of every case of the cohort into :data:`PARTS`."""
    cohort = np.flatnonzero(cases.in_cohort)
    until = np.where(cases.closed >= 0, cases.closed, table.window.stop)[cohort]
    stretches = _stretches(table)
    position = np.arange(cohort.size)
    pieces = _cut(stretches, cases.entity[cohort], position, cases.opened[cohort], until)
    parts = np.zeros((cohort.size, len(PARTS)), dtype=np.int64)
    children = _critical_children(table)
    while pieces.case.size:
        inner = _branches_of(table, stretches, pieces, children)
        plain = inner < 0
        _add(parts, table, stretches, pieces.take(plain))
        inside = pieces.take(~plain)
        pieces = _cut(stretches, inner[~plain], inside.case, inside.begin, inside.end)
    parts[:, _PART["closed"]] += until - cases.opened[cohort] - parts.sum(axis=1)
    return TimeSplit(cohort, parts)


def _stretches(table: Table) -> _Stretches:
    rows = np.flatnonzero((table.case[table.entity] >= 0) & (table.end > table.ready))
    inside, op, since = table.pending
    open_ones = table.case[inside] >= 0
    inside, op, since = inside[open_ones], op[open_ones], since[open_ones]
    stop = np.full(inside.size, table.window.stop, dtype=np.int64)
    begun = table.log.in_service[inside]
    entity = np.concatenate((table.entity[rows], inside))
    order = np.argsort(entity, kind="stable")
    number = np.bincount(entity, minlength=table.n_entities)
    return _Stretches(
        entity[order],
        np.concatenate((table.op[rows], op))[order],
        np.concatenate((table.ready[rows], since))[order],
        np.concatenate((table.start[rows], np.where(begun >= 0, begun, stop)))[order],
        np.concatenate((table.end[rows], stop))[order],
        np.cumsum(number) - number,
        number,
    )


def _cut(stretches: _Stretches, entity: IntArray, case: IntArray, begin: IntArray, end: IntArray) -> _Pieces:
    """Return what each entity's stretches have in common with an interval, for a case each."""
    number = stretches.number[entity]
    source = np.repeat(np.arange(entity.size), number)
    within = np.arange(source.size) - np.repeat(np.cumsum(number) - number, number)
    stretch = stretches.first[entity][source] + within
    pieces = _Pieces(
        case[source],
        stretch,
        np.maximum(stretches.ready[stretch], begin[source]),
        np.minimum(stretches.end[stretch], end[source]),
    )
    return pieces.take(pieces.begin < pieces.end)


def _critical_children(table: Table) -> dict[tuple[int, int], int]:
    """Return for a parent and a moment the child that ended then (-1: has not ended), the lowest number of several."""
    entities, log = table.program.entities, table.log
    children = np.flatnonzero((entities["parent"] >= 0) & (table.case >= 0) & (log.started >= 0))[::-1]
    keys = zip(entities["parent"][children].tolist(), log.ended[children].tolist(), strict=True)
    return dict(zip(keys, children.tolist(), strict=True))


def _branches_of(
    table: Table, stretches: _Stretches, pieces: _Pieces, children: dict[tuple[int, int], int]
) -> IntArray:
    """Return for each piece the branch whose time it is, -1 if it is the entity's own."""
    op = stretches.op[pieces.stretch]
    stops = stopping_steps(table)[table.program.ops["step"][op]]
    joins = np.flatnonzero((table.program.ops["code"][op] == Code.JOIN) & ~stops)
    branch = np.full(pieces.case.size, -1, dtype=np.int64)
    parents, ends = (
        stretches.entity[pieces.stretch[joins]].tolist(),
        stretches.end[pieces.stretch[joins]].tolist(),
    )
    for join, parent, end in zip(joins.tolist(), parents, ends, strict=True):
        child = children.get((parent, end), children.get((parent, -1), -1))
        if child >= 0 and table.kind[child] == Kind.BRANCH:
            branch[join] = child
    return branch


def _add(parts: IntArray, table: Table, stretches: _Stretches, pieces: _Pieces) -> None:
    """Add the opening time of plain pieces to the parts they belong to."""
    ops, op = table.program.ops, stretches.op[pieces.stretch]
    code, step = ops["code"][op], ops["step"][op]
    calendar = table.calendar
    length = calendar.between(pieces.begin, pieces.end)
    stops = stopping_steps(table)[step]
    applicant = _by_applicant(table)[step] | ((code == Code.JOIN) & ~stops)
    carries = np.array([timetable.transfer for timetable in table.scenario.timetables.values()], dtype=np.bool_)
    part = np.full(op.size, -1, dtype=np.int64)
    part[np.isin(code, (Code.CLOCK, Code.OPEN))] = _PART["transfer"]
    part[np.isin(code, (Code.DAYS, Code.BACK))] = _PART["prescribed"]
    until = np.flatnonzero(code == Code.UNTIL)
    part[until] = np.where(carries[ops["arg"][op[until]]], _PART["transfer"], _PART["batch_wait"])
    part[stops] = _PART["stopped"]
    part[applicant] = _PART["applicant"]
    assigned = part >= 0
    np.add.at(parts, (pieces.case[assigned], part[assigned]), length[assigned])
    _add_service(parts, table, stretches, pieces.take(~assigned & (code == Code.SERVE)))


def _by_applicant(table: Table) -> BoolArray:
    return np.array([s.spends == "applicant" for s in table.program.steps] + [False], dtype=np.bool_)


def _add_service(parts: IntArray, table: Table, stretches: _Stretches, pieces: _Pieces) -> None:
    """Split stretches at pools: queueing while somebody is on duty, service unless it is paused, the rest off duty."""
    hours = opening(table.calendar)
    pool_of = table.program.ops["arg"][stretches.op[pieces.stretch]]
    called = np.clip(stretches.start[pieces.stretch], pieces.begin, pieces.end)
    for pool, members in zip(table.plan.pools, by_group(pool_of, len(table.plan.pools)), strict=True):
        if members.size:
            case, begin, end = pieces.case[members], pieces.begin[members], pieces.end[members]
            middle = called[members]
            duty = on_duty(pool)
            manned = StepFunction(duty.times, (duty.values > 0).astype(np.int64)).times_with(hours)
            queue = manned.integral(middle) - manned.integral(begin)
            going_on = hours if pool.pauses is None else opening(pool.pauses).times_with(hours)
            work = going_on.integral(end) - going_on.integral(middle)
            off_duty = table.calendar.between(begin, end) - queue - work
            for name, amount in (("queue", queue), ("work", work), ("off_duty", off_duty)):
                np.add.at(parts[:, _PART[name]], case, amount)


def time_split_frame(table: Table, cases: Cases, split: TimeSplit) -> pd.DataFrame:
    """Return one row a case of the cohort: hours in each part, in all, and in working time."""
    import pandas as pd

    hours = split.parts / HOUR_MS
    closed = _PART["closed"]
    return pd.DataFrame(
        {
            "entity": cases.entity[split.case],
            "service": labelled(cases.service[split.case], list(table.program.services)),
            **{f"{name}_hours": hours[:, k] for k, name in enumerate(PARTS)},
            "working_hours": np.delete(split.parts, closed, axis=1).sum(axis=1) / HOUR_MS,
            "total_hours": split.parts.sum(axis=1) / HOUR_MS,
            "censored": cases.is_open[split.case],
        }
    )


def time_shares_frame(table: Table, cases: Cases, split: TimeSplit) -> pd.DataFrame:
    """Return one row a service and part of working time: mean hours a case, and share of the service's working time."""
    import pandas as pd

    names, in_hours = table.program.services, [name for name in PARTS if name != "closed"]
    records = []
    for k, members in enumerate(by_group(cases.service[split.case], len(names))):
        if members.size:
            total: npt.NDArray[np.int64] = split.parts[members].sum(axis=0)[: len(in_hours)]
            records += [
                {
                    "service": names[k],
                    "part": part,
                    "mean_hours": amount / members.size / HOUR_MS,
                    "share": float(ratio(float(amount), float(total.sum()))),
                }
                for part, amount in zip(in_hours, total.tolist(), strict=True)
            ]
    return pd.DataFrame.from_records(records, columns=["service", "part", "mean_hours", "share"])
