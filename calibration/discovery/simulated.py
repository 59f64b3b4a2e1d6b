"""A simulated run as an event log: what discovery and its accuracy are tried on.

Comes in: a scenario, a seed and a replication.  Goes out: a :class:`SimulatedLog` with the rows that a hall's own
software would have written: tickets, activities of applications, or a ledger of dates.  Servers are told apart by
handing every piece of work to the lowest-numbered one who is free.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final, Literal

import numpy as np
import pandas as pd

from scenarios.errors import HallplanError
from scenarios.model import Scenario
from sim.calendar import DAY_MS, IntArray
from sim.draws import draw
from sim.kernel import run_compiled
from sim.metrics import MeasureOptions
from sim.metrics.table import Table
from sim.plan import compile_plan
from sim.program import Kind, Outcome
from sim.replications import Engine

__all__ = ["LogKind", "SimulatedLog", "simulated_log"]

LogKind = Literal["tickets", "ledger", "events", "activities"]
_SEEN: Final = (Outcome.DONE, Outcome.RENEGED, Outcome.SENT_HOME)
"""How a stretch at a window can end so that the ticket machine knows of it."""


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
    engine: Engine = run_compiled,
) -> SimulatedLog:
    """Simulate a scenario and write down what a log would hold.

    Parameters
    ----------
    scenario
        What to simulate.
    kind
        ``tickets``: one row a ticket; ``activities``: one row a piece of work, with start and end; ``events``: the
        same with ends only; ``ledger``: one row an application, with dates.
    seed, replication
        Which random numbers; the scenario's seed by default.
    until_day
        The log ends with this calendar day: what is open then is open in it.
    shows_ready
        The log says since when work waited.
    engine
        The simulator.
    """
    program, plan = draw(scenario, scenario.run.seed if seed is None else seed, replication), compile_plan(scenario)
    table = Table.of(scenario, program, plan, engine(program, plan), MeasureOptions())
    end = plan.stop if until_day is None else until_day * DAY_MS
    frame = _ledger(table, end) if kind == "ledger" else _work(table, kind, end, shows_ready)
    if not len(frame):
        raise HallplanError("discovery.fault.nothing_simulated", name=scenario.name)
    return SimulatedLog(frame, kind)


def _work(table: Table, kind: LogKind, end: int, shows_ready: bool) -> pd.DataFrame:
    rows = table.serves[np.isin(table.outcome[table.serves], _SEEN)]
    if kind == "tickets":
        rows = rows[table.is_visitor[table.entity[rows]]]
    rows = rows[table.ready[rows] < end]
    outcome, entity = table.outcome[rows], table.entity[rows].astype(np.int64)
    done = outcome == Outcome.DONE
    if kind != "tickets":
        rows, entity, done = rows[done], entity[done], done[done]
    ready, start, finish = table.ready[rows], table.start[rows], table.end[rows]
    pool = table.op_arg[table.op[rows]].astype(np.int64)
    server = _servers(pool, start, finish, served=done)
    names = [f"{one.name}/{k}" for one in table.plan.pools for k in range(int(one.servers.max(initial=0)) + 1)]
    width = np.cumsum([0, *(int(one.servers.max(initial=0)) + 1 for one in table.plan.pools)])
    code = width[pool] + np.minimum(server, width[pool + 1] - width[pool] - 1)
    steps = np.array([one.title[0] or one.name.rpartition("/")[2] for one in table.program.steps], dtype=object)
    step = table.op_step[table.op[rows]]
    case = np.arange(rows.size) if kind == "tickets" else table.root[entity].astype(np.int64)
    service = table.service[table.root[entity]].astype(np.int64)
    titles = [table.scenario.services[name].title.en or name for name in table.program.services]
    known_start = done & (start < end)
    known_end = np.where(done, finish < end, start < end)
    began = (finish if kind == "events" else ready if shows_ready else start) < end
    frame = pd.DataFrame(
        {
            "case": case,
            "activity": pd.Categorical(steps[step]),
            "resource": pd.Categorical(np.where(known_start, np.array(names, dtype=object)[code], "")),
            "ready": _stamps(table, np.where(shows_ready and kind != "events", ready, -1)),
            "start": _stamps(table, np.where(known_start & (kind != "events"), start, -1)),
            "end": _stamps(table, np.where(known_end, finish, -1)),
            "outcome": pd.Categorical(np.where(known_end, np.where(done, "done", "left"), "open")),
            "date_only": False,
            "attr_service": pd.Categorical(np.array(titles, dtype=object)[service]),
        }
    )[began]
    frame["row"] = np.arange(len(frame))
    return frame


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
        chosen = heappop(idle)
        heappush(working, (int(end[row]), chosen))
        server[row] = chosen
    return server
