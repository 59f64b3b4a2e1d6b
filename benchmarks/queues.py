"""The textbook's queue, M/M/c, run in seven ways: what the event loop's overhead is measured against.

Input: gaps between arrivals and service times, whole milliseconds.  Output: every customer's wait.  The recursions of
Lindley (1952) and of Kiefer and Wolfowitz (1955) are the least that anybody could do: no events, no queue, no
log.  SimPy and Ciw are what people use.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar, cast

import ciw
import numba
import numpy as np
import numpy.typing as npt
import simpy

from foundation.arrays import IntArray
from sim.calendar import WorkCalendar
from sim.engine.kernel import run_compiled
from sim.engine.reference import run_reference
from sim.plan import KEEP
from sim.program import ENTITY_DTYPE, NO_LAST_CALL, OP_DTYPE, Code, Plan, PoolPlan, Program, SitePlan

__all__ = [
    "ciw_waits",
    "compiled_waits",
    "customers",
    "hall_of",
    "kiefer_wolfowitz",
    "lindley",
    "reference_waits",
    "simpy_waits",
]

Function = TypeVar("Function", bound=Callable[..., Any])
_DAY = 86_400_000


def customers(number: int, servers: int, load: float, seed: int = 1) -> tuple[IntArray, IntArray]:
    """Draw exponential gaps (mean 100 s) and service times of M/M/`servers` with a load of `load` a server, in ms."""
    rng = np.random.default_rng(seed)
    gaps = np.rint(rng.exponential(100_000.0, number)).astype(np.int64)
    services = np.rint(rng.exponential(100_000.0 * servers * load, number)).astype(np.int64)
    return gaps, services


def _compiled(function: Function) -> Function:
    return cast(Function, numba.njit(function))


@_compiled
def lindley(gaps: IntArray, services: IntArray) -> IntArray:
    """Return the waits in front of one server: W' = max(0, W + S - A)."""
    waits = np.zeros(gaps.size, dtype=np.int64)
    for k in range(1, gaps.size):
        waits[k] = max(waits[k - 1] + services[k - 1] - gaps[k], 0)
    return waits


@_compiled
def kiefer_wolfowitz(gaps: IntArray, services: IntArray, servers: int) -> IntArray:
    """Return the waits in front of several servers, from the sorted vector of their workloads."""
    work = np.zeros(servers, dtype=np.int64)
    waits = np.zeros(gaps.size, dtype=np.int64)
    for k in range(gaps.size):
        for j in range(servers):
            work[j] = max(work[j] - gaps[k], 0)
        waits[k] = work[0]
        longer = work[0] + services[k]
        slot = 0
        while slot + 1 < servers and work[slot + 1] < longer:
            work[slot] = work[slot + 1]
            slot += 1
        work[slot] = longer
    return waits


def hall_of(gaps: IntArray, services: IntArray, servers: int) -> tuple[Program, Plan]:
    """Return the same customers as a program, and a hall that never closes."""
    number = gaps.size
    ops = np.zeros(2 * number, dtype=OP_DTYPE)
    ops["code"][0::2], ops["code"][1::2] = Code.SERVE, Code.END
    ops["amount"][0::2], ops["patience"], ops["jump"] = services, -1, -1
    entities = np.zeros(number, dtype=ENTITY_DTYPE)
    entities["start"], entities["first"], entities["parent"] = np.cumsum(gaps), np.arange(0, 2 * number, 2), -1
    stop = int(entities["start"][-1]) + 10 * int(services.max()) + _DAY
    calendar = WorkCalendar.always_open(dt.date(2014, 3, 3), stop // _DAY + 1)
    roster: dict[str, Any] = {
        "times": np.zeros(1, dtype=np.int64),
        "servers": np.array([servers], dtype=np.int64),
        "day_close": np.zeros(1, dtype=np.bool_),
        "last_calls": np.array([NO_LAST_CALL]),
    }
    pool = PoolPlan("servers", 0, **roster, at_close=KEEP, pauses=None, by_due_date=False, preemptive=False, room=-1)
    site = SitePlan("hall", calendar.opens, calendar.closes, -1)
    return Program(ops, entities, (), (), (), (), (), ()), Plan((pool,), (site,), (), (calendar,), stop)


def compiled_waits(program: Program, plan: Plan) -> IntArray:
    """Return the waits from the compiled engine's log, by customer."""
    return _waits(run_compiled(program, plan).rows)


def reference_waits(program: Program, plan: Plan) -> IntArray:
    """Return the waits from the reference engine's log, by customer."""
    return _waits(run_reference(program, plan).rows)


def _waits(rows: npt.NDArray[np.void]) -> IntArray:
    waits = np.empty(rows.size, dtype=np.int64)
    waits[rows["entity"]] = rows["start"] - rows["ready"]
    return waits


def simpy_waits(gaps: IntArray, services: IntArray, servers: int) -> list[int]:
    """Return the waits from a SimPy model as its manual would write it."""
    waits: list[int] = []
    env = simpy.Environment()
    resource = simpy.Resource(env, capacity=servers)

    def customer(service: int) -> Any:
        came = env.now
        with resource.request() as turn:
            yield turn
            waits.append(int(env.now - came))
            yield env.timeout(service)

    def source() -> Any:
        for gap, service in zip(gaps.tolist(), services.tolist(), strict=True):
            yield env.timeout(gap)
            env.process(customer(service))

    env.process(source())
    env.run()
    return waits


def ciw_waits(number: int, servers: int, load: float) -> list[float]:
    """Return the waits from Ciw, which draws its own customers."""
    ciw.seed(1)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=1.0)],
        service_distributions=[ciw.dists.Exponential(rate=1 / (servers * load))],
        number_of_servers=[servers],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(number, method="Finish")
    return [record.waiting_time for record in simulation.get_all_records()]
