"""The log, read once: contiguous columns, who each row belongs to, and which days are measured.

Input: a scenario, a program, a plan and an engine's log.  Output: a :class:`Table`, from which every
other module of the package computes without a second pass over the packed records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from foundation.arrays import BoolArray, DateArray, FloatArray, IntArray
from foundation.errors import HallplanError
from scenarios.model import Scenario
from scenarios.model.vocabulary import MEANT_BY_MARK, WINDOW_ROLES
from sim.calendar import DAY_MS, MINUTE_MS, WorkCalendar
from sim.measure.conservation import Columns
from sim.measure.options import MeasureOptions
from sim.program import BROKEN_OFF, Code, Kind, Log, Outcome, Plan, Program

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "BINS",
    "BIN_LABELS",
    "BIN_MS",
    "Items",
    "MeasureOptions",
    "Table",
    "Unfinished",
    "Window",
    "by_group",
    "labelled",
    "moments",
    "ratio",
]

_BROKEN_OFF: Final = np.array([outcome in BROKEN_OFF for outcome in Outcome])
_TURNED: Final = np.array(
    [outcome in (Outcome.RENEGED, Outcome.FULL, Outcome.SHUT, Outcome.SENT_HOME) for outcome in Outcome]
)
"""By outcome: whether it broke a service off, and whether the entity was turned away."""
_PASSING: Final = np.array([code in (Code.GOTO, Code.FORK) for code in Code])
"""By code: whether the operation takes no time and leaves no row."""
BIN_MS: Final = 30 * MINUTE_MS
BINS: Final = DAY_MS // BIN_MS
BIN_LABELS: Final = tuple(f"{k // 2:02d}:{k % 2 * 30:02d}" for k in range(BINS))
"""Half-hours of the day, by their beginning."""

Small = npt.NDArray[Any]  # a narrow integer column: int8 codes, int16 services, int32 entities


@dataclass(frozen=True, eq=False)
class Window:
    """The measured part of a run.

    Attributes
    ----------
    begin, end
        First ms of the first measured working day, and of the first working day after the last (of the day
        after the run, if none follows).
    stop
        End of the run in ms.
    days
        Calendar-day numbers of the measured working days.
    """

    begin: int
    end: int
    stop: int
    days: IntArray

    @classmethod
    def of(cls, scenario: Scenario, plan: Plan) -> Window:
        """Return the measured window of a run.

        Raises
        ------
        HallplanError
            If the calendar has no measured working day.
        """
        run = scenario.run
        worked = np.flatnonzero(plan.calendars[0].workdays[: -(-plan.stop // DAY_MS)])
        days = worked[run.warm_up_days : run.warm_up_days + run.days]
        if days.size == 0:
            raise HallplanError("error.metrics.no_measured_day", start=run.start, warm_up=run.warm_up_days)
        after = worked[run.warm_up_days + run.days :]
        end = int(after[0]) * DAY_MS if after.size else plan.stop
        return cls(int(days[0]) * DAY_MS, end, plan.stop, days)

    def contains(self, t: IntArray) -> BoolArray:
        """Tell which moments lie in the window."""
        inside: BoolArray = (t >= self.begin) & (t < self.end)
        return inside


@dataclass(frozen=True, eq=False)
class Items:
    """When what happened to each item: arrays by entity, in ms, -1 for never; the last of repeated marks
    counts.

    An item is a case, or, where the business is done in the visit, the visit from the source it goes back to;
    the arrays hold a value at that entity's number only.
    """

    accepted: IntArray
    refused: IntArray
    withdrawn: IntArray
    decided: IntArray
    finished: IntArray
    delivered: IntArray


@dataclass(frozen=True, eq=False)
class Unfinished:
    """Who was at a pool when the run stopped, waiting or being served; their stretches have no rows.

    Attributes
    ----------
    entity, pool
        Who, and at which pool (its index).
    ready, start
        When they joined its queue, and when their service began (for those who still wait: the run's stop), in ms.
    called
        Whether they were being served.
    resumed
        Whether they go on, or wait to go on, with a service that was broken off.
    """

    entity: IntArray
    pool: IntArray
    ready: IntArray
    start: IntArray
    called: BoolArray
    resumed: BoolArray


@dataclass(frozen=True, eq=False)
class Table:
    """The log's columns, as in :class:`~sim.measure.conservation.Columns`, and what they refer to.

    Every array has one entry a row, or an entity (`trips`, `last_row`, `kind`, `root`, `case`, `service`).
    """

    scenario: Scenario
    program: Program
    plan: Plan
    log: Log
    options: MeasureOptions
    window: Window
    entity: Small
    op: Small
    outcome: Small
    ready: IntArray
    start: IntArray
    end: IntArray
    code: Small
    arg: Small
    step: Small
    trips: IntArray
    last_row: IntArray
    kind: Small = field(repr=False)
    root: Small = field(repr=False)
    case: Small = field(repr=False)
    service: Small = field(repr=False)

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        program: Program,
        plan: Plan,
        log: Log,
        options: MeasureOptions,
    ) -> Table:
        """Unpack a log and check that it holds together.

        Raises
        ------
        ConservationError
            If it doesn't.
        HallplanError
            If the run has no measured working day.
        """
        entities, columns = program.entities, Columns.of(program, log)
        return cls(
            scenario,
            program,
            plan,
            log,
            options,
            Window.of(scenario, plan),
            **vars(columns),
            kind=np.ascontiguousarray(entities["kind"]),
            root=np.ascontiguousarray(entities["root"]),
            case=np.ascontiguousarray(entities["case"]),
            service=np.ascontiguousarray(entities["service"]),
        )

    @property
    def wait_limits(self) -> list[int]:
        """Waits of which the share within is reported, in minutes."""
        return self.options.wait_limits(self.scenario.run)

    @cached_property
    def pools(self) -> list[str]:
        """Names of the pools."""
        return [pool.name for pool in self.plan.pools]

    @cached_property
    def is_window(self) -> BoolArray:
        """Whether each pool is a window, by its role."""
        pools = self.scenario.pools
        return np.array([name in pools and pools[name].role in WINDOW_ROLES for name in self.pools], dtype=np.bool_)

    @property
    def calendar(self) -> WorkCalendar:
        """The first site's calendar, by which working days are counted."""
        return self.plan.calendars[0]

    @property
    def n_entities(self) -> int:
        """Number of entities in the program."""
        return int(self.kind.size)

    @cached_property
    def branch_of(self) -> IntArray:
        """By entity: the visit, online business or case that it is a branch of, however deep; itself for the rest."""
        top = np.arange(self.n_entities)
        parent = np.ascontiguousarray(self.program.entities["parent"])
        branches = np.flatnonzero(self.kind == Kind.BRANCH)
        while branches.size:
            above = parent[top[branches]]
            top[branches] = np.where(above >= 0, above, top[branches])
            branches = branches[(above >= 0) & (self.kind[top[branches]] == Kind.BRANCH)]
        return top

    @cached_property
    def is_visitor(self) -> BoolArray:
        """Whether each entity is a person inside a site: a visit, or a branch of one."""
        return np.asarray(self.kind[self.branch_of] == Kind.VISIT)

    @cached_property
    def serves(self) -> IntArray:
        """Positions of the rows of queueing and service."""
        return np.flatnonzero(self.code == Code.SERVE)

    @cached_property
    def pool_of_serve(self) -> IntArray:
        """Index of the pool, one entry for each of `serves`."""
        return self.arg[self.serves].astype(np.int64)

    @cached_property
    def item_of(self) -> IntArray:
        """By entity: the entity that stands for its item (its case, its root's first case, or its root)."""
        started = self.log.started >= 0
        cases = np.flatnonzero((self.kind == Kind.CASE) & started)[::-1]
        standing = np.arange(self.n_entities)
        standing[self.root[cases]] = cases
        item: IntArray = np.where(self.case >= 0, self.case, standing[self.root]).astype(np.int64)
        return item

    @cached_property
    def items(self) -> Items:
        """When each item was accepted, decided, finished, delivered, refused or withdrawn."""
        at = np.flatnonzero(self.code == Code.MARK)
        names = [item_field.name for item_field in fields(Items)]
        meant = [MEANT_BY_MARK[mark] for mark in self.program.marks]
        place = np.array([names.index(mark) if mark in names else len(names) for mark in meant], dtype=np.int64)
        last = np.full((len(names) + 1, self.n_entities), -1, dtype=np.int64)
        # Of repeated indices, NumPy keeps the last.
        last[place[self.arg[at]], self.item_of[self.entity[at]]] = self.end[at]
        return Items(*last[:-1])

    @cached_property
    def pending(self) -> tuple[IntArray, IntArray, IntArray]:
        """What the entities still inside were doing at the end: entity, operation, since when (ms).

        Whoever was at a pool then was being served since ``log.in_service``, or still waited where that is -1.
        """
        inside = np.flatnonzero((self.log.started >= 0) & (self.log.ended < 0))
        last = self.last_row[inside]
        ops, logged = self.program.ops, last >= 0
        at = np.ascontiguousarray(self.program.entities["first"])[inside].astype(np.int64)
        since = self.log.started[inside].copy()
        if self.entity.size:
            row = np.maximum(last, 0)
            after, outcome = self.op[row].astype(np.int64), self.outcome[row]
            turned = _TURNED[outcome]
            following = np.where(turned, ops["jump"][after], after + ~_BROKEN_OFF[outcome])
            at, since = np.where(logged, following, at), np.where(logged, self.end[row], since)
        while (passing := _PASSING[ops["code"][at]]).any():
            at = np.where(passing, np.where(ops["code"][at] == Code.GOTO, ops["jump"][at], at + 1), at)
        return inside, at, since

    @cached_property
    def unfinished(self) -> Unfinished:
        """Who was at a pool when the run stopped."""
        entity, op, since = self.pending
        at_pool = np.flatnonzero(self.program.ops["code"][op] == Code.SERVE)
        entity, op, since = entity[at_pool], op[at_pool], since[at_pool]
        last, begun = self.last_row[entity], self.log.in_service[entity]
        resumed = last >= 0
        resumed[resumed] = _BROKEN_OFF[self.outcome[last[resumed]]]
        return Unfinished(
            entity,
            self.program.ops["arg"][op].astype(np.int64),
            since,
            np.where(begun >= 0, begun, self.window.stop),
            begun >= 0,
            resumed,
        )

    def day_index(self, t: IntArray) -> IntArray:
        """Return the position, among the measured days, of the working day to which each moment counts.

        What happens on a day off counts to the next working day, or to the last one if none follows.
        """
        index: IntArray = self.measured_day[np.minimum(t // DAY_MS, self.measured_day.size - 1)]
        return index

    @cached_property
    def measured_day(self) -> IntArray:
        """By calendar day: the position among the measured days of the next one."""
        days = self.window.days
        return np.minimum(np.searchsorted(days, np.arange(days[-1] + 1)), days.size - 1).astype(np.int64)

    @cached_property
    def dates(self) -> DateArray:
        """Dates of the measured working days."""
        return self.calendar.date_of(self.window.days * DAY_MS)


def by_group(key: Small, n_groups: int) -> list[IntArray]:
    """Return the positions of each group's members, in order."""
    order = np.argsort(key.astype(np.int16) if n_groups < 2**15 else key, kind="stable")  # int16 sorts by radix
    edges = np.searchsorted(key[order], np.arange(n_groups + 1))
    return [order[edges[k] : edges[k + 1]] for k in range(n_groups)]


def labelled(codes: Small, names: Sequence[str]) -> pd.Categorical[Any]:
    """Return a column of names from their indexes."""
    import pandas as pd

    return pd.Categorical.from_codes(codes.astype(np.int64), pd.Index(list(names)))


def moments(table: Table, t: IntArray) -> npt.NDArray[np.datetime64]:
    """Return moments as local date and time, not-a-time for those before 0."""
    epoch = np.datetime64(table.scenario.run.start, "ms")
    when = epoch + t.astype("timedelta64[ms]")
    when[t < 0] = np.datetime64("NaT")
    return when


def ratio(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> FloatArray:
    """Return the quotient, not-a-number where the denominator is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        top, bottom = np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
        return np.asarray(np.where(bottom != 0, top / bottom, np.nan), dtype=np.float64)
