"""When visitors come back, and when those come who were asked to: worked by hand, on both walks and both engines."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from tracing import ENGINES, Trace, of_text, simulate

from benchmarks.equality import drawn_difference
from sim.calendar import DAY_MS
from sim.draw.drawing import WalkName, draw
from sim.plan import compile_plan
from sim.program import Code

HALL = """
run = { days = 4 }
calendar = { country = "none", weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
sites.hall = { tickets_stop = "20 min", profile = { "10:00" = 1, "10:01" = 0 } }
pools.window = { room = 0 }
services.item.visits.apply.serve = { pool = "window", work = "20 min" }
arrivals.first = { services = "item", at = ["2014-03-03 TIME"] }
"""
"""Nobody waits: whoever finds the window busy is turned away.  Returns by the day come at 10:00, to the minute."""


def hall(time: str, after: str, *, before: int = 1, more: str = "") -> str:
    """Return the hall with a visitor who finds the window busy `before` minutes after another one came."""
    hours, minutes = divmod(int(time[:2]) * 60 + int(time[3:]) - before, 60)
    lines = HALL.replace("TIME", f"{hours:02d}:{minutes:02d}")
    back = f'comes_back = {{ share = 1.0, after = "{after}", at_most = 2 }}'
    return f'{lines}arrivals.anna = {{ services = "item", at = ["2014-03-03 {time}"], {back} {more} }}\n'


def trace(text: str, engine: str) -> Trace:
    """Simulate, once both walks have drawn the same."""
    scenario = of_text(text)
    plain, compiled = (draw(scenario, 1, 0, walk=walk) for walk in get_args(WalkName))
    assert drawn_difference(plain, compiled) == ""
    return simulate(scenario, engine)


def annas(text: str, engine: str) -> list[str]:
    """Return what came of anna at the window."""
    rows = trace(text, engine).told("apply/serve")
    return [f"{ready[:11]} {outcome}" for name, _, ready, _, _, outcome in rows if name == "anna"]


@pytest.mark.parametrize("engine", ENGINES)
def test_visitor_comes_back_the_very_moment_while_tickets_are_given(engine: str) -> None:
    assert annas(hall("09:10", "30 min"), engine) == ["03-03 09:10 full", "03-03 09:40 done"]
    # Tickets are given through lunch, until 16:40; a busy window sends anna away a second time.
    assert annas(hall("11:50", "20 min"), engine) == ["03-03 11:50 full", "03-03 12:10 full", "03-03 12:30 full"]
    assert annas(hall("16:09", "30 min"), engine) == ["03-03 16:09 full", "03-03 16:39 done"]


@pytest.mark.parametrize("engine", ENGINES)
def test_visitor_whose_moment_is_after_the_last_ticket_comes_the_next_working_day_by_the_profile(engine: str) -> None:
    assert annas(hall("16:10", "30 min"), engine) == ["03-03 16:10 full", "03-04 10:00 done"]
    friday = hall("16:10", "30 min").replace("2014-03-03", "2014-03-07").replace("days = 4", "days = 6")
    assert annas(friday, engine) == ["03-07 16:10 full", "03-10 10:00 done"]


@pytest.mark.parametrize("engine", ENGINES)
def test_working_hours_count_in_the_hours_of_the_site(engine: str) -> None:
    # From 11:30 one working hour lasts until 13:30, lunch left out.
    assert annas(hall("11:30", "1 working hours"), engine) == ["03-03 11:30 full", "03-03 13:30 done"]


@pytest.mark.parametrize("engine", ENGINES)
def test_days_still_take_the_profile(engine: str) -> None:
    assert annas(hall("09:10", "1 working days"), engine) == ["03-03 09:10 full", "03-04 10:00 done"]
    assert annas(hall("09:10", "0 working days"), engine) == ["03-03 09:10 full", "03-03 10:00 done"]


@pytest.mark.parametrize("engine", ENGINES)
def test_nobody_fails_twice_in_one_instant(engine: str) -> None:
    assert annas(hall("09:10", "0 min"), engine) == ["03-03 09:10 full", "03-03 10:00 done"]


@pytest.mark.parametrize("engine", ENGINES)
def test_at_a_site_without_doors_every_moment_is_good(engine: str) -> None:
    text = hall("23:50", "30 min").replace('["09:00-12:00", "13:00-17:00"]', '"always"').replace('["sat", "sun"]', "[]")
    text = text.replace('tickets_stop = "20 min", ', "")
    assert annas(text, engine) == ["03-03 23:50 full", "03-04 00:20 done"]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_return_after_0_days_comes_at_the_next_such_time_of_day_to_the_millisecond(
    engine: str,
) -> None:
    scenario = of_text(hall("09:10", "0 working days"))
    program, plan, ten = draw(scenario, 1, 0), compile_plan(scenario), 10 * 3_600_000
    (back,) = np.flatnonzero(program.ops["code"] == Code.BACK)
    refused = 9 * 3_600_000 + 10 * 60_000  # anna's moment, on the minute
    for time_of_day, comes in (
        (refused - 1, DAY_MS + refused - 1),
        (refused, DAY_MS + refused),  # that moment is over
        (refused + 1, refused + 1),
        (ten, ten),
    ):
        ops = program.ops.copy()
        ops["patience"][back] = time_of_day
        rows = ENGINES[engine](replace(program, ops=ops), plan).rows
        (waited,) = rows[rows["op"] == back][:1]
        assert (waited["ready"], waited["end"]) == (refused, comes), time_of_day


CASE = """
run = { days = 4 }
calendar = { country = "none", weekend = ["sat", "sun"], hours = ["09:00-17:00"] }
sites.hall = { profile = { "10:00" = 1, "10:01" = 0 } }
pools.window = { servers = 9 }
services.item.visits.apply.serve = { pool = "window", work = "10 min" }
services.item.visits.apply.file = { start_case = true }
services.item.visits.collect.serve = { pool = "window", work = "10 min" }
services.item.case.ask = { visit = "collect", after = "AFTER", wait = true }
arrivals.anna = { services = "item", at = ["2014-03-03 TIME"] }
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_follow_up_comes_the_very_moment_while_tickets_are_given_else_the_next_working_day(engine: str) -> None:
    for time, after, comes in (
        ("09:00", "90 min", "03-03 10:40"),
        ("15:30", "90 min", "03-04 10:00"),  # 17:10
        ("16:00", "90 working min", "03-04 09:40"),
        ("09:00", "0 min", "03-03 09:10"),
        ("09:00", "1 working days", "03-04 10:00"),
    ):
        rows = trace(CASE.replace("TIME", time).replace("AFTER", after), engine).told("collect/serve")
        assert [row[2][:11] for row in rows] == [comes]


@pytest.mark.parametrize("engine", ENGINES)
def test_follow_up_takes_the_profile_of_the_site_and_a_return_that_of_its_source(engine: str) -> None:
    own = 'profile = { "15:00" = 1, "15:01" = 0 }, per_day = 1'
    source = CASE.replace("AFTER", "1 working days").replace('at = ["2014-03-03 TIME"]', own)
    collected = trace(source, engine).told("collect/serve")
    assert collected
    assert {row[2][6:11] for row in collected} == {"10:00"}
    turned_away = (
        hall("09:10", "1 working days")
        .replace('at = ["2014-03-03 09:10"]', own)
        .replace("room = 0", "room = 0, servers = 0")
    )
    rows = [row for row in trace(turned_away, engine).told("apply/serve") if row[0].startswith("anna")]
    assert len(rows) > len({row[0] for row in rows})  # some came back
    assert {row[2][6:11] for row in rows} == {"15:00"}


def test_only_a_return_in_days_has_no_clock() -> None:
    for after, clock in (("1 working days", 0), ("30 min", Code.CLOCK), ("2 working hours", Code.OPEN)):
        program = draw(of_text(hall("09:10", after)), 1, 0)
        (back,) = program.ops[program.ops["code"] == Code.BACK]
        assert back["priority"] == clock
