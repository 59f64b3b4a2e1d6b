"""Pools that serve on after closing, at sites with doors and without: worked by hand, on both engines."""

from __future__ import annotations

import pytest
from tracing import ENGINES, arrives, of_text, simulate

from sim.measure import measure

HALL = """
run = { days = 2 }
calendar = { country = "none", hours = "always" }
pools.window = { hours = "09:00-12:00", at_close = "serve", POOL }
services.item.visits.apply.serve = { pool = "window", work = "20 min" }
"""


def hall(pool: str = "", **visitors: str) -> str:
    """Return the hall with visitors on the first day, each ``"time"`` and what else the source says."""
    lines = [HALL.replace(", POOL", f", {pool}" if pool else "")]
    for name, visit in visitors.items():
        time, *more = visit.split()
        rest = f", {' '.join(more)}" if more else ""
        lines.append(f'arrivals.{name} = {{ services = "item", at = ["2014-03-03 {time}"]{rest} }}')
    return "\n".join(lines)


def told(text: str, engine: str) -> list[str]:
    rows = simulate(of_text(text), engine).told("apply/serve")
    return [f"{name} {start}-{end[6:]} {outcome}" for name, _, _, start, end, outcome in rows]


@pytest.mark.parametrize("engine", ENGINES)
def test_pool_serves_on_until_nobody_waits_and_then_goes_home(engine: str) -> None:
    # bo and cai wait at 12:00, and dai joins them.  At 12:30 dai begins and nobody waits: eli comes too late.
    assert told(hall(anna="11:30", bo="11:40", cai="11:45", dai="12:05", eli="12:40"), engine) == [
        "anna 03-03 11:30-11:50 done",
        "bo 03-03 11:50-12:10 done",
        "cai 03-03 12:10-12:30 done",
        "dai 03-03 12:30-12:50 done",
        "eli 03-04 09:00-09:20 done",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_pool_where_nobody_waits_at_closing_goes_home_after_the_service_in_hand(engine: str) -> None:
    assert told(hall(anna="11:50", bo="12:00"), engine) == [
        "anna 03-03 11:50-12:10 done",
        "bo 03-04 09:00-09:20 done",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_pool_goes_home_in_the_instant_in_which_the_last_loses_patience(engine: str) -> None:
    # bo leaves at 12:05, while anna is served: cai, one minute later, finds nobody who would call.
    assert told(hall(anna="11:50", bo='11:55 patience = "10 min"', cai="12:06"), engine) == [
        "bo 03-03 12:05-12:05 reneged",
        "anna 03-03 11:50-12:10 done",
        "cai 03-04 09:00-09:20 done",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_pool_serves_on_for_the_interrupted_too(engine: str) -> None:
    # bo waits at 12:00.  cai interrupts anna at 12:05; dai comes before bo; the rest of anna's service and bo follow.
    urgent, patient = "priority = 0", "priority = 9"
    visitors = {
        "anna": f"11:50 {patient}",
        "bo": f"11:55 {patient}",
        "cai": f"12:05 {urgent}",
        "dai": f"12:12 {urgent}",
    }
    assert told(hall("preemptive = true", **visitors), engine) == [
        "anna 03-03 11:50-12:05 preempted",
        "cai 03-03 12:05-12:25 done",
        "dai 03-03 12:25-12:45 done",
        "anna 03-03 12:45-12:50 done",
        "bo 03-03 12:50-13:10 done",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_pool_does_not_go_home_while_somebody_is_being_interrupted(engine: str) -> None:
    # Two servers until 11:50, then one: cai can interrupt nobody while two are served.  When anna is done at 12:05,
    # cai, the only one who waits, takes bo's server; bo is not left until the next day.
    roster = '[{ hours = "09:00-11:50", servers = 1 }, { hours = "09:00-12:00", servers = 1 }]'
    text = hall("preemptive = true", anna="11:45 priority = 9", bo="11:48 priority = 9", cai="11:55 priority = 0")
    assert told(text.replace('hours = "09:00-12:00", at_close', f"roster = {roster}, at_close"), engine) == [
        "anna 03-03 11:45-12:05 done",
        "bo 03-03 11:48-12:05 preempted",
        "cai 03-03 12:05-12:25 done",
        "bo 03-03 12:25-12:28 done",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_pools_that_keep_or_send_home_do_not_serve_on(engine: str) -> None:
    visitors = {"anna": "11:50", "bo": "11:55"}
    assert told(hall(**visitors).replace('"serve"', '"keep"'), engine)[1] == "bo 03-04 09:00-09:20 done"
    assert told(hall(**visitors).replace('"serve"', '"send-home"'), engine)[0] == "bo 03-03 12:00-12:00 sent home"


@pytest.mark.parametrize("engine", ENGINES)
def test_staff_go_home_when_the_last_visitor_leaves_after_closing(engine: str) -> None:
    # ola and pia apply online.  While anna is inside there is a window for ola; when pia applies nobody is there.
    doors = 'calendar = { country = "none", hours = "09:00-17:00" }\nsites.hall.at_close = "serve"'
    text = hall(anna="16:30").replace('calendar = { country = "none", hours = "always" }', doors)
    text = text.replace('hours = "09:00-12:00", at_close = "serve"', "servers = 2")
    online = [arrives(name, "item", f"2014-03-03 {time}") for name, time in (("ola", "17:05"), ("pia", "17:30"))]
    assert told("\n".join([text.replace("20 min", "45 min"), *online]), engine) == [
        "anna 03-03 16:30-17:15 done",
        "ola 03-03 17:05-17:50 done",
        "pia 03-04 09:00-09:45 done",
    ]


def test_whoever_comes_in_the_first_instant_and_is_never_called_is_in_the_tables() -> None:
    text = (
        hall(anna="00:00")
        .replace("days = 2", "days = 1")
        .replace('hours = "09:00-12:00", at_close = "serve"', "servers = 0")
    )
    trace = simulate(of_text(text))
    summary = measure(trace.scenario, trace.program, trace.plan, trace.log).summary
    assert trace.log.started.tolist() == [0]
    assert (summary["visits_per_day"], summary["waiting_at_end"]) == (1, 1)


def test_whoever_was_never_called_is_in_the_tables() -> None:
    text = hall(anna="11:50", bo="12:40").replace("days = 2", "days = 1")
    trace = simulate(of_text(text))
    summary = measure(trace.scenario, trace.program, trace.plan, trace.log).wait_summary
    pool = summary[summary["by"] == "pool"]
    assert pool[["n", "called", "left", "still_waiting"]].to_numpy().tolist() == [[2, 1, 0, 1]]
