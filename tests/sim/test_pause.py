"""Servers who pause: work in hand never exceeds the servers on duty.  Worked by hand, and held to the theory."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.stats import t as student
from tracing import ENGINES, arrives, of_text, simulate

import hallplan
from sim.draw.drawing import draw
from sim.engine.kernel import run_compiled
from sim.plan import compile_plan
from sim.program import Outcome

OFFICE = """
run = { days = 1 }
calendar.hours = ["09:00-17:00"]
pools.office = { at_break = "pause", at_close = "keep", roster = [ROSTER] }
services.long.visits.apply.work = { pool = "office", work = "60 min" }
services.short.visits.apply.work = { pool = "office", work = "30 min" }
"""
TWO_THEN_ONE = '{ hours = "09:00-12:00", servers = 1 }, { hours = "09:00-17:00", servers = 1 }'
LUNCH = '{ hours = "09:00-12:00", servers = 3 }, { hours = "13:00-17:00", servers = 1 }'


def office(roster: str, *, pool: str = "", **files: str) -> str:
    """Return an office with files, each ``"service at time"`` and what else the source says."""
    lines = [OFFICE.replace("ROSTER", roster)]
    if pool:
        lines[0] = lines[0].replace('"pause",', f'"pause", {pool},')
    for name, file in files.items():
        lines.append(arrives(name, *file.split(maxsplit=2)))
    return "\n".join(lines)


def stretches(text: str, engine: str) -> list[str]:
    """Return the stretches of service in the order of their ends."""
    return simulate(of_text(text), engine).stretches("apply/work")


@pytest.mark.parametrize("engine", ENGINES)
def test_last_to_begin_pauses_at_a_partial_fall_and_resumes_at_the_first_free_server(engine: str) -> None:
    # At 12:00 bo has 20 of 60 minutes left to wait for: anna is done at 12:30, then bo goes on, before cai.
    assert stretches(office(TWO_THEN_ONE, anna="long 11:30", bo="long 11:40", cai="short 11:45"), engine) == [
        "bo 11:40-12:00 paused",
        "anna 11:30-12:30 done",
        "bo 12:30-13:10 done",
        "cai 13:10-13:40 done",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_paused_service_goes_before_the_more_urgent_and_before_the_earlier_due(engine: str) -> None:
    for pool in ("", 'discipline = "due-date"'):
        text = office(TWO_THEN_ONE, pool=pool, anna="long 11:30", bo="long 11:40", cai="short 11:45 priority = 0")
        assert stretches(text, engine)[2:] == ["bo 12:30-13:10 done", "cai 13:10-13:40 done"]


@pytest.mark.parametrize("engine", ENGINES)
def test_service_that_ends_at_the_fall_is_complete_and_nobody_pauses_for_it(engine: str) -> None:
    # anna ends at 12:00, the moment at which one of the two servers goes home: bo goes on.
    assert stretches(office(TWO_THEN_ONE, anna="long 11:00", bo="long 11:40", cai="short 11:45"), engine) == [
        "anna 11:00-12:00 done",
        "bo 11:40-12:40 done",
        "cai 12:40-13:10 done",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_those_who_do_not_come_back_from_lunch_leave_their_files_to_the_others_in_order_of_beginning(
    engine: str,
) -> None:
    # Nobody works from 12:00 to 13:00.  anna has 30 min left, bo 40, cai 50; one of three servers comes back.
    assert stretches(
        office(LUNCH, cai="long 11:50", anna="long 11:30", bo="long 11:40", dai="short 12:30"), engine
    ) == [
        "cai 11:50-13:00 paused",
        "bo 11:40-13:00 paused",
        "anna 11:30-13:30 done",
        "bo 13:30-14:10 done",
        "cai 14:10-15:00 done",
        "dai 15:00-15:30 done",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_service_that_pauses_twice_keeps_its_place_in_the_order_of_beginning(engine: str) -> None:
    # Two servers but for 10:00-10:10 and 10:20-10:30, when there is one: bo has begun after anna and pauses each time.
    roster = ", ".join(
        f'{{ hours = "{hours}", servers = 1 }}'
        for hours in ("09:00-17:00", "09:00-10:00", "10:10-10:20", "10:30-17:00")
    )
    assert stretches(office(roster, anna="long 09:40", bo="long 09:50"), engine) == [
        "bo 09:50-10:00 paused",
        "bo 10:10-10:20 paused",
        "anna 09:40-10:40 done",
        "bo 10:30-11:10 done",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_at_a_preemptive_pool_pauses_go_by_the_order_of_the_queue(engine: str) -> None:
    # cai is urgent and began last, but anna is the last in order of the queue; bo goes on until 12:40.
    text = office(
        '{ hours = "09:00-12:00", servers = 1 }, { hours = "09:00-17:00", servers = 2 }',
        pool="preemptive = true",
        bo="long 11:40 priority = 3",
        anna="long 11:30 priority = 7",
        cai="long 11:50 priority = 0",
        dai="short 12:10 priority = 5",
    )
    assert stretches(text, engine) == [
        "anna 11:30-12:00 paused",
        "bo 11:40-12:40 done",
        "cai 11:50-12:50 done",
        "dai 12:40-13:10 done",
        "anna 12:50-13:20 done",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_servers_who_finish_complete_what_they_have_begun_at_a_partial_fall(engine: str) -> None:
    text = office(TWO_THEN_ONE, anna="long 11:30", bo="long 11:40").replace('"pause"', '"finish"')
    assert stretches(text, engine) == ["anna 11:30-12:30 done", "bo 11:40-12:40 done"]


def test_pause_is_one_wait_and_its_time_no_work() -> None:
    text = office(TWO_THEN_ONE, anna="long 11:30", bo="long 11:40")
    result = hallplan.run(of_text(text), seed=1, replications=1)
    waits = result.waits[["start", "outcome", "resumed", "service_min", "wait_min"]]
    assert waits["outcome"].tolist() == ["paused", "served", "served"]
    assert waits["resumed"].tolist() == [False, False, True]
    assert waits["service_min"].tolist() == [20, 60, 40]
    assert waits["wait_min"].tolist() == [0, 0, 30]


# ---- against theory --------------------------------------------------------------------------------------------------

_PER_HOUR, _WORK_MIN, _HOURS, _CAPACITY = 10.0, 15.0, 8, 160
_SERVERS = ((0, 3, 4), (3, 5, 2), (5, 8, 4))
"""From hour, to hour: servers on duty.  In the middle of the day more work comes than two can do."""
_DAY = """
run = { days = 1 }
calendar = { hours = "always", country = "none" }
services.item.visits.apply.work = { pool = "office", work = { dist = "expon", mean = "15 min" } }
pools.office = { at_break = "pause", at_close = "keep", roster = [ROSTER] }
arrivals.street = { services = "item", channel = "online", per_day = 80, profile = { "00:00" = 1, "08:00" = 0 } }
"""


def _mean_number_in_system() -> float:
    """Return the mean number in system over the eight hours, by the Kolmogorov forward equations (M(t)/M/c(t))."""
    states = np.arange(_CAPACITY)

    def forward(servers: int):  # a function of time and state, as scipy wants it
        down = np.minimum(states, servers) * 60 / _WORK_MIN

        def derivative(_: float, state: np.ndarray) -> np.ndarray:
            p = state[:-1]
            flow = -_PER_HOUR * p - down * p
            flow[1:] += _PER_HOUR * p[:-1]
            flow[:-1] += down[1:] * p[1:]
            return np.append(flow, states @ p)

        return derivative

    state = np.zeros(_CAPACITY + 1)
    state[0] = 1.0  # the last entry integrates the mean
    for begin, end, servers in _SERVERS:
        state = solve_ivp(forward(servers), (begin, end), state, rtol=1e-9, atol=1e-11).y[:, -1]
    return float(state[-1]) / _HOURS


@pytest.mark.slow
def test_mean_number_in_system_over_a_day_with_fewer_servers_at_noon_is_that_of_the_kolmogorov_equations() -> None:
    # By memorylessness it makes no difference to the number whether a paused service goes on or begins anew.
    roster = ", ".join(f'{{ hours = "{a:02d}:00-{b:02d}:00", servers = {n} }}' for a, b, n in _SERVERS)
    scenario = of_text(_DAY.replace("ROSTER", roster))
    plan, until, means, paused = compile_plan(scenario), _HOURS * 3_600_000, [], 0
    for replication in range(2_000):
        program = draw(scenario, 11, replication)
        log = run_compiled(program, plan)
        came, left = (np.where((at < 0) | (at > until), until, at) for at in (log.started, log.ended))
        means.append(float((left - came).sum()) / until)
        paused += int((log.rows["outcome"] == Outcome.PAUSED).sum())
    half = student.ppf(0.9995, len(means) - 1) * np.std(means, ddof=1) / np.sqrt(len(means))
    assert paused > 1_000
    assert np.mean(means) == pytest.approx(_mean_number_in_system(), abs=half)
    assert half < 0.05 * np.mean(means)
