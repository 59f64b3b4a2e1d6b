"""A server that makes a last call: worked by hand, on both engines."""

from __future__ import annotations

import pytest
from tracing import ENGINES, arrives, of_text, simulate

HALL = """
run = { days = 1, follow_up_days = 1 }
calendar.hours = ["09:00-12:00", "13:00-17:00"]
pools.window = { at_break = "last-call", at_close = "keep" }
services.item.visits.apply.serve = { pool = "window", work = "20 min" }
services.short.visits.apply.serve = { pool = "window", work = "5 min" }
services.long.visits.apply.serve = { pool = "window", work = "4.5 h" }
"""


def hall(**visitors: str) -> str:
    """Return the hall with visitors, each ``"service at time"``; they come online, so that no door is in the way."""
    lines = [HALL]
    for name, visit in visitors.items():
        lines.append(arrives(name, *visit.split(maxsplit=2)))
    return "\n".join(lines)


def first_day(text: str, engine: str) -> dict[str, str]:
    """Return when the visitors of the first day were served."""
    times = {}
    for name, _, _, start, end, outcome in simulate(of_text(text), engine).told("apply/serve"):
        if name.endswith("-1"):
            times[name.removesuffix("-1")] = f"{start}-{end[6:]}" if outcome == "done" else outcome
    return times


@pytest.mark.parametrize("engine", ENGINES)
def test_nobody_is_called_whose_service_would_end_in_the_break_and_the_first_holds_up_the_others(engine: str) -> None:
    # anna is done at 11:50; bo would end at 12:10, so that he waits, and cai, who would be done in time, behind him.
    text = hall(anna="item 11:30", bo="item 11:45", cai="short 11:48")
    assert first_day(text, engine) == {
        "anna": "03-03 11:30-11:50",
        "bo": "03-03 13:00-13:20",
        "cai": "03-03 13:20-13:25",
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_next_visitor_is_called_when_the_first_leaves_the_queue(engine: str) -> None:
    # bo's patience ends at 11:50, in the instant in which anna is done.
    text = hall(anna="item 11:30", bo='item 11:45 patience = "5 min"', cai="short 11:48")
    assert first_day(text, engine) == {
        "anna": "03-03 11:30-11:50",
        "bo": "reneged",
        "cai": "03-03 11:50-11:55",
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_service_that_ends_at_closing_is_begun_and_one_that_ends_later_waits_for_the_next_day(engine: str) -> None:
    assert first_day(hall(anna="item 16:40", bo="short 16:56"), engine) == {
        "anna": "03-03 16:40-17:00",
        "bo": "03-04 09:00-09:05",
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_service_longer_than_any_opening_is_begun_at_an_opening(engine: str) -> None:
    # 4.5 hours fit into neither part of the day: anna is called at 13:00, and the window ends late.
    assert first_day(hall(anna="long 09:30"), engine) == {"anna": "03-03 13:00-17:30"}


@pytest.mark.parametrize("engine", ENGINES)
def test_closing_is_no_limit_for_a_pool_that_serves_all_at_closing(engine: str) -> None:
    text = hall(anna="item 11:50", bo="item 16:50").replace('"keep"', '"serve"')
    assert first_day(text, engine) == {"anna": "03-03 13:00-13:20", "bo": "03-03 16:50-17:10"}


@pytest.mark.parametrize("engine", ENGINES)
def test_visitor_who_is_not_called_needs_a_waiting_place(engine: str) -> None:
    text = hall(anna="item 11:50", bo="short 11:52").replace('"keep"', '"keep", room = 0')
    assert first_day(text, engine) == {"anna": "full", "bo": "03-03 11:52-11:57"}


@pytest.mark.parametrize("engine", ENGINES)
def test_urgent_visitor_interrupts_as_soon_as_the_one_ahead_who_is_not_called_has_left(engine: str) -> None:
    # bo is as urgent as cai and ahead, but would not be done before the break; when he leaves at 11:45, cai interrupts
    # anna, who has 10 of her 20 minutes left.
    text = hall(anna="item 11:35", bo='long 11:40 patience = "5 min"', cai="short 11:42")
    text = text.replace('"keep" }', '"keep", preemptive = true }')
    for service in ("long", "short"):
        visit = f"services.{service}.visits.apply.serve = {{"
        text = text.replace(visit, f"{visit} priority = 1,")
    rows = simulate(of_text(text), engine).told("apply/serve")
    assert [(name, start, end, outcome) for name, _, _, start, end, outcome in rows if name.endswith("-1")] == [
        ("bo-1", "03-03 11:45", "03-03 11:45", "reneged"),
        ("anna-1", "03-03 11:35", "03-03 11:45", "preempted"),
        ("cai-1", "03-03 11:45", "03-03 11:50", "done"),
        ("anna-1", "03-03 11:50", "03-03 12:00", "done"),
    ]
