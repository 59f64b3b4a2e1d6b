"""Programs and plans of a few rows, typed by hand: for what no scenario file can be made to do on purpose.

In come operations and rosters in minutes; out come a Program and a Plan that both engines run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.calendar import MINUTE_MS, WorkCalendar
from sim.engine.kernel import run_compiled
from sim.engine.reference import run_reference
from sim.plan import KEEP
from sim.program import (
    ENTITY_DTYPE,
    NO_LAST_CALL,
    OP_DTYPE,
    Code,
    Kind,
    Log,
    Outcome,
    Plan,
    PoolPlan,
    Program,
    SitePlan,
)

ENGINES = {"simpy": run_reference, "compiled": run_compiled}

Operation = tuple[Code, dict[str, int]]


def op(code: Code, **columns: int) -> Operation:
    """One operation; amount and patience in ms, as in the table."""
    return code, columns


def serve(minutes: float, *, pool: int = 0, patience: float = -1, priority: int = 5, jump: int = -1) -> Operation:
    """A service of some minutes; `patience` in minutes too."""
    ms = {"amount": round(minutes * MINUTE_MS), "patience": -1 if patience < 0 else round(patience * MINUTE_MS)}
    return Code.SERVE, {"arg": pool, "priority": priority, "jump": jump, **ms}


def program(*entities: tuple[float | None, Sequence[Operation]], parents: dict[int, int] | None = None) -> Program:
    """Each entity: when it sets out (minutes; ``None``: by a FORK); its operations, jumps counted from its first."""
    ops = np.zeros(sum(len(operations) for _, operations in entities), dtype=OP_DTYPE)
    table = np.zeros(len(entities), dtype=ENTITY_DTYPE)
    at = 0
    for number, (start, operations) in enumerate(entities):
        row = {"first": at, "start": -1 if start is None else round(start * MINUTE_MS), "parent": -1, "case": -1}
        for name, value in row.items():
            table[name][number] = value
        table["kind"][number] = Kind.VISIT
        table["root"][number] = number
        for code, columns in operations:
            values: dict[str, Any] = {"patience": -1, "step": -1, "jump": -1, **columns}
            if values["jump"] >= 0:
                values["jump"] += int(table["first"][number])
            for name, value in values.items():
                ops[name][at] = value
            ops["code"][at] = code
            at += 1
    for child, parent in (parents or {}).items():
        table["parent"][child] = parent
    return Program(ops, table, (), (), (), (), (), ())


def pool(servers: Sequence[tuple[float, int]], **given: Any) -> PoolPlan:
    """A pool by its roster's edges, in minutes; its day closes whenever nobody is left."""
    times = np.array([round(minutes * MINUTE_MS) for minutes, _ in servers], dtype=np.int64)
    numbers = np.array([number for _, number in servers], dtype=np.int64)
    ordinary = {
        "name": "pool",
        "site": 0,
        "day_close": (numbers == 0) & (times > 0),
        "at_close": KEEP,
        "pauses": None,
        "last_calls": np.full(times.size, NO_LAST_CALL, dtype=np.int64),
        "by_due_date": False,
        "preemptive": False,
        "room": -1,
    }
    return PoolPlan(times=times, servers=numbers, **(ordinary | given))


def plan(*pools: PoolPlan, stop: float = 1440, rooms: int = -1) -> Plan:
    """A hall that is open day and night."""
    calendar = WorkCalendar.always_open(dt.date(2014, 3, 3), 400)
    site = SitePlan("hall", calendar.opens, calendar.closes, rooms)
    return Plan(pools, (site,), (), (calendar,), round(stop * MINUTE_MS))


def told(log: Log) -> list[tuple[int, str, float, float, float]]:
    """The log as (entity, outcome, ready, start, end), in minutes."""
    return [
        (
            int(row["entity"]),
            Outcome(int(row["outcome"])).name,
            *(row[name] / MINUTE_MS for name in ("ready", "start", "end")),
        )
        for row in log.rows
    ]
