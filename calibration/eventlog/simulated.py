"""A simulated run as an event log.

Input: a scenario, a seed and a replication.
Output: a :class:`SimulatedLog` with the rows that a hall's own software would have written: tickets, activities of
applications, or a ledger of dates.  Each activity instance goes to the free server with the lowest number.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from foundation.arrays import BoolArray, IntArray
from foundation.errors import HallplanError
from scenarios.model import Scenario
from scenarios.routes import steps_of_service
from sim.calendar import DAY_MS
from sim.engine.choice import Engine
from sim.measure.cases import stopping_steps
from sim.measure.table import Table
from sim.program import BROKEN_OFF, Code, Kind, Outcome
from sim.run.simulating import simulate

__all__ = ["LogKind", "SimulatedLog", "StopDisplay", "simulated_log", "written_log"]

StopDisplay = Literal["", "named", "recorded"]
LogKind = Literal["tickets", "ledger", "events", "activities"]
_SEEN: Final = (Outcome.DONE, Outcome.RENEGED, Outcome.SENT_HOME)
"""How a stretch at a window can end so that the ticket machine knows of it."""
_WORKED: Final = (Outcome.DONE, *BROKEN_OFF)
"""How a stretch of work can end: work that is broken off goes on in a row of its own."""
_AWAY: Final = (Code.CLOCK, Code.OPEN, Code.DAYS)
"""What a visitor's being away can be counted in."""


@dataclass(frozen=True, eq=False)
class SimulatedLog:
    """The rows, and what they describe: the same columns as an event log that was read from a file."""

    events: pd.DataFrame
    kind: str


def simulated_log(
    scenario: Scenario,
    kind: LogKind = "activities",
    *,
    seed: int | None = None,
    replication: int = 0,
    until_day: int | None = None,
    shows_ready: bool = True,
    shows_stops: StopDisplay = "",
    shows_server: bool = True,
    engine: Engine | None = None,
) -> SimulatedLog:
    """Simulate a scenario and write down what a log would hold.

    Parameters
    ----------
    scenario
        What to simulate.
    kind
        ``tickets``: one row a ticket; ``activities``: one row a stretch of work, with start and end (work that is
        broken off has several); ``events``: one row a piece of work, with its end only; ``ledger``: one row an
        application, with dates.
    seed, replication
        Which random numbers; the scenario's seed by default.
    until_day
        The log ends with this calendar day: what is open then is open in it.
    shows_ready
        The log says since when work waited.
    shows_stops
        What the log tells of steps that stop the statutory clock and need nobody of the hall: nothing, an activity of
        the step's name, or its suspension and resumption.
    shows_server
        The log says who did it: finding that out takes as long as the simulation.
    engine
        The simulator; the compiled one by default.
    """
    number = scenario.run.seed if seed is None else seed
    table = simulate(scenario, seed=number, replication=replication, engine=engine).table
    frame = written_log(
        table, kind, until_day=until_day, shows_ready=shows_ready, shows_stops=shows_stops, shows_server=shows_server
    )
    if not len(frame):
        raise HallplanError("discovery.fault.nothing_simulated", name=scenario.name)
    return SimulatedLog(frame, kind)


def written_log(
    table: Table,
    kind: LogKind,
    *,
    until_day: int | None = None,
    shows_ready: bool = True,
    shows_stops: StopDisplay = "",
    shows_server: bool = True,
) -> pd.DataFrame:
    """Write down what a log would hold of a replication; it may hold nothing.

    Parameters
    ----------
    table
        The replication.
    kind, until_day, shows_ready, shows_stops, shows_server
        As for :func:`simulated_log`.
    """
    end = table.plan.stop if until_day is None else until_day * DAY_MS
    frame = _ledger(table, end) if kind == "ledger" else _work(table, kind, end, shows_ready, shows_server)
    if shows_stops and kind in ("events", "activities"):
        frame = _with_stops(frame, _stops(table, end), recorded=shows_stops == "recorded", ends_only=kind == "events")
    return frame


def _work(table: Table, kind: LogKind, end: int, shows_ready: bool, shows_server: bool) -> pd.DataFrame:
    seen = (*_SEEN, *BROKEN_OFF) if kind == "activities" else _SEEN
    rows = table.serves[np.isin(table.outcome[table.serves], seen)]
    if kind == "tickets":
        rows = rows[table.is_visitor[table.entity[rows]]]
    rows = rows[table.ready[rows] < end]
    outcome, entity = table.outcome[rows], table.entity[rows].astype(np.int64)
    done = np.isin(outcome, _WORKED)
    if kind != "tickets":
        rows, entity, done = rows[done], entity[done], done[done]
    in_vain = done & _called_in_vain(table)[table.op[rows]] & (kind != "events")
    ready, start, finish = table.ready[rows], table.start[rows], table.end[rows]
    steps = _titles(table)
    step = table.step[rows]
    case = np.arange(rows.size) if kind == "tickets" else table.root[entity].astype(np.int64)
    service = table.service[table.root[entity]].astype(np.int64)
    titles = [table.scenario.services[name].title.en or name for name in table.program.services]
    known_start = done & (start < end)
    known_end = np.where(done, finish < end, start < end)
    began = (finish if kind == "events" else ready if shows_ready else start) < end
    frame = pd.DataFrame(
        {
            "case": case,
            "activity": _named(steps, step),
            "resource": _resources(table, rows, known_start)
            if shows_server
            else _named(np.array([""]), np.zeros_like(rows)),
            "ready": _stamps(table, np.where(shows_ready and kind != "events", ready, -1)),
            "start": _stamps(table, np.where(known_start & (kind != "events"), start, -1)),
            "end": _stamps(table, np.where(known_end, finish, -1)),
            "outcome": _named(
                np.array(["done", "left", "open"]), np.where(known_end, np.where(done & ~in_vain, 0, 1), 2)
            ),
            "date_only": False,
            "stop": False,
            "attr_service": _named(np.array(titles), service),
        }
    )[began]
    frame["row"] = np.arange(len(frame))
    return frame


def _called_in_vain(table: Table) -> BoolArray:
    """Tell which operations are calls of a visitor who is absent: a ticket machine stamps them as no-shows.

    Such a call precedes the service itself (and the time for which the visitor is away), or the visitor's leaving.
    """
    ops, n = table.program.ops, table.program.ops.size
    may_miss = {
        (name, path[-1])
        for name, service in table.scenario.services.items()
        for path, step, _ in steps_of_service(table.scenario, service, ("services", name))
        if step.absent is not None
    }
    missing = [(step.service, step.name.rpartition("/")[2]) in may_miss for step in table.program.steps]
    serves = (ops["code"] == Code.SERVE) & np.array([*missing, False], dtype=np.bool_)[ops["step"]]
    after, then = (np.minimum(np.arange(n) + ahead, n - 1) for ahead in (1, 2))
    gone = (ops["code"][after] == Code.GOTO) & (ops["jump"][after] == ops["jump"])
    again = np.where(ops["code"][after] == Code.SERVE, after, then)
    back = (ops["code"][again] == Code.SERVE) & (ops["step"][again] == ops["step"])
    back &= (again == after) | np.isin(ops["code"][after], _AWAY)
    return np.asarray(serves & (gone | back))


def _titles(table: Table) -> np.ndarray:
    return np.array([step.title[0] or step.name.rpartition("/")[2] for step in table.program.steps], dtype=object)


def _stops(table: Table, end: int) -> pd.DataFrame:
    """Return the time that cases spent in steps that stop the clock and are nobody's work."""
    stopping = stopping_steps(table) & np.r_[[step.spends != "work" for step in table.program.steps], False]
    rows = np.flatnonzero(stopping[table.step])
    inside, op, since = table.pending
    waiting = np.flatnonzero(stopping[table.program.ops["step"][op]])
    begin = np.r_[table.ready[rows], since[waiting]]
    until = np.r_[table.end[rows], np.full(waiting.size, end)]
    root = table.root[np.r_[table.entity[rows], inside[waiting]]].astype(np.int64)
    seen = begin < end
    begin, until, root = begin[seen], until[seen], root[seen]
    step = np.r_[table.step[rows], table.program.ops["step"][op[waiting]]][seen]
    titles = [table.scenario.services[name].title.en or name for name in table.program.services]
    return pd.DataFrame(
        {
            "case": root,
            "activity": _titles(table)[step],
            "resource": "",
            "ready": _stamps(table, np.full(root.size, -1)),
            "start": _stamps(table, begin),
            "end": _stamps(table, np.where(until < end, until, -1)),
            "outcome": np.where(until < end, "done", "open"),
            "date_only": False,
            "stop": True,
            "attr_service": np.array(titles, dtype=object)[table.service[root]],
        }
    )


def _with_stops(frame: pd.DataFrame, stops: pd.DataFrame, *, recorded: bool, ends_only: bool) -> pd.DataFrame:
    if not len(stops):
        return frame
    if not recorded:
        never = np.full(len(stops), ends_only)
        stops = stops.assign(stop=False, start=stops["start"].mask(never))
        stops = stops[stops["start"].notna() | stops["end"].notna()]
    names = ["activity", "resource", "outcome", "attr_service"]
    both = pd.concat([frame.astype(dict.fromkeys(names, object)), stops], ignore_index=True)
    both["start"] = both["start"].astype("datetime64[ns]")
    return both.assign(row=np.arange(len(both))).astype(dict.fromkeys(names, "category"))


def _named(names: npt.NDArray[Any], code: IntArray) -> pd.Categorical:
    """Return a column of names, of which several may be the same and some stand for nothing."""
    kinds, kind_code = np.unique(names.astype(str), return_inverse=True)
    used, codes = np.unique(kind_code[code], return_inverse=True)
    return pd.Categorical.from_codes(codes, pd.Index([str(kind) for kind in kinds[used]], dtype=object))


def _resources(table: Table, rows: IntArray, identified: BoolArray) -> pd.Categorical:
    """Return who did each piece of work, "" where nobody knows yet."""
    pool = table.arg[rows].astype(np.int64)
    server = _servers(pool, table.start[rows], table.end[rows], served=np.isin(table.outcome[rows], _WORKED))
    names = [
        f"{pool_plan.name}/{k}"
        for pool_plan in table.plan.pools
        for k in range(int(pool_plan.servers.max(initial=0)) + 1)
    ]
    width = np.cumsum([0, *(int(pool_plan.servers.max(initial=0)) + 1 for pool_plan in table.plan.pools)])
    code = width[pool] + np.minimum(server, width[pool + 1] - width[pool] - 1)
    return _named(np.array([*names, ""]), np.where(identified, code, len(names)))


def _ledger(table: Table, end: int) -> pd.DataFrame:
    cases = np.flatnonzero((table.kind == Kind.CASE) & (table.log.started >= 0))
    if not cases.size:
        cases = np.flatnonzero((table.root == np.arange(table.n_entities)) & (table.log.started >= 0))
    accepted = np.where(table.items.accepted[cases] >= 0, table.items.accepted[cases], table.log.started[cases])
    accepted = np.minimum(accepted, table.log.started[cases]) if (table.kind[cases] == Kind.CASE).all() else accepted
    finished = table.items.finished[cases]
    seen = accepted < end
    cases, accepted, finished = cases[seen], accepted[seen], finished[seen]
    closed = (finished >= 0) & (finished < end)
    titles = [table.scenario.services[name].title.en or name for name in table.program.services]
    return pd.DataFrame(
        {
            "case": cases,
            "activity": pd.Categorical(["case"] * cases.size),
            "resource": pd.Categorical([""] * cases.size),
            "ready": _stamps(table, np.full(cases.size, -1)),
            "start": _stamps(table, accepted // DAY_MS * DAY_MS),
            "end": _stamps(table, np.where(closed, finished // DAY_MS * DAY_MS, -1)),
            "outcome": pd.Categorical(np.where(closed, "done", "open")),
            "date_only": True,
            "stop": False,
            "row": np.arange(cases.size),
            "attr_service": pd.Categorical(np.array(titles, dtype=object)[table.service[cases]]),
        }
    )


def _stamps(table: Table, moments: IntArray) -> pd.Series:
    origin = np.datetime64(table.scenario.run.start, "ms")
    stamps = origin + moments.astype("timedelta64[ms]")
    stamps[moments < 0] = np.datetime64("NaT")
    return pd.Series(stamps.astype("datetime64[ns]"))


def _servers(pool: IntArray, start: IntArray, end: IntArray, *, served: np.ndarray) -> IntArray:
    """Hand every piece of work to the lowest-numbered server of its pool who is free."""
    server = np.zeros(pool.size, dtype=np.int64)
    free: dict[int, list[int]] = {}
    busy: dict[int, list[tuple[int, int]]] = {}
    hired: dict[int, int] = {}
    for row in np.lexsort((end, start, pool))[served[np.lexsort((end, start, pool))]].tolist():
        group, begins = int(pool[row]), int(start[row])
        working, idle = busy.setdefault(group, []), free.setdefault(group, [])
        while working and working[0][0] <= begins:
            heappush(idle, heappop(working)[1])
        if not idle:
            hired[group] = hired.get(group, -1) + 1
            heappush(idle, hired[group])
        number = heappop(idle)
        heappush(working, (int(end[row]), number))
        server[row] = number
    return server
