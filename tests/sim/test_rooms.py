"""Rooms and urgency: who needs a place to wait, and who is turned away.  Worked by hand, on both engines."""

from __future__ import annotations

import pytest
from tracing import ENGINES, arrives, of_text, simulate

HALL = """
run = { days = 1 }
calendar.hours = ["09:00-12:00", "13:00-17:00"]
pools.window = { at_close = "keep", POOL }
services.item.visits.apply.serve = { pool = "window", work = "10 min" }
services.brief.visits.apply.serve = { pool = "window", work = "2 min" }
"""


def outcomes(pool: str, engine: str, **visitors: str) -> list[str]:
    """Return what came of visitors, each ``"service priority time"``, in the order of the log."""
    lines = [HALL.replace("POOL", pool)]
    for name, visit in visitors.items():
        service, priority, time = visit.split()
        lines.append(arrives(name, service, time, f"priority = {priority}"))
    return simulate(of_text("\n".join(lines)), engine).stretches("apply/serve")


@pytest.mark.parametrize("engine", ENGINES)
def test_urgent_visitor_interrupts_without_a_waiting_place_and_the_interrupted_waits_beyond_the_room(
    engine: str,
) -> None:
    # bo takes anna's server at 09:03.  anna waits where there is no place, so that cai finds none either.
    pool = "preemptive = true, room = 0"
    assert outcomes(pool, engine, anna="item 9 09:00", bo="item 0 09:03", cai="item 9 09:05") == [
        "anna 09:00-09:03 preempted",
        "cai 09:05-09:05 full",
        "bo 09:03-09:13 done",
        "anna 09:13-09:20 done",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_nobody_who_waits_is_turned_out_for_the_interrupted(engine: str) -> None:
    # bo has the one place when cai interrupts anna: both wait, anna first, who came first.
    pool = "preemptive = true, room = 1"
    assert outcomes(pool, engine, anna="item 9 09:00", bo="item 9 09:02", cai="item 0 09:03") == [
        "anna 09:00-09:03 preempted",
        "cai 09:03-09:13 done",
        "anna 09:13-09:20 done",
        "bo 09:20-09:30 done",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_urgent_visitor_who_can_interrupt_nobody_needs_a_place_though_the_less_urgent_have_it(engine: str) -> None:
    # bo waits in the one place; anna is as urgent as cai, and is not interrupted.
    pool = "preemptive = true, room = 1"
    assert outcomes(pool, engine, anna="item 0 09:00", bo="item 9 09:02", cai="item 0 09:03") == [
        "cai 09:03-09:03 full",
        "anna 09:00-09:10 done",
        "bo 09:10-09:20 done",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_urgent_visitor_is_turned_away_like_anybody_where_nobody_is_interrupted(engine: str) -> None:
    pool = "room = 1"
    assert outcomes(pool, engine, anna="item 9 09:00", bo="item 9 09:02", cai="item 0 09:03") == [
        "cai 09:03-09:03 full",
        "anna 09:00-09:10 done",
        "bo 09:10-09:20 done",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_urgent_visitor_needs_a_place_while_nobody_is_on_duty(engine: str) -> None:
    # At lunch there is nobody to serve cai, and bo has the place.
    pool = "preemptive = true, room = 1"
    assert outcomes(pool, engine, bo="item 9 12:10", cai="item 0 12:20") == [
        "cai 12:20-12:20 full",
        "bo 13:00-13:10 done",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_visitor_whom_a_free_server_calls_before_those_who_wait_needs_no_place(engine: str) -> None:
    # bo's service would end in the break, so that bo waits beside a free window.  The urgent cai would be done in
    # time and goes first; dai, of bo's urgency, stands behind bo and finds no place.
    pool = 'at_break = "last-call", room = 1'
    assert outcomes(pool, engine, bo="item 5 11:55", dai="brief 5 11:56", cai="brief 0 11:57") == [
        "dai 11:56-11:56 full",
        "cai 11:57-11:59 done",
        "bo 13:00-13:10 done",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_paused_visitor_waits_in_the_room_and_beyond_it(engine: str) -> None:
    # One of two servers goes home at 09:05: bo waits without a place, and cai finds none.
    roster = '[{ hours = "09:00-09:05", servers = 1 }, { hours = "09:00-12:00", servers = 1 }]'
    pool = f'at_break = "pause", room = 0, roster = {roster}'
    assert outcomes(pool, engine, anna="item 5 09:00", bo="item 5 09:01", cai="item 0 09:06") == [
        "bo 09:01-09:05 paused",
        "cai 09:06-09:06 full",
        "anna 09:00-09:10 done",
        "bo 09:10-09:16 done",
    ]
