"""The rule for ties, worked by hand, on both engines; and what only a program made on purpose can bring about."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tiny import ENGINES, op, plan, pool, program, serve, told

from sim.calendar import DAY_MS, MINUTE_MS, NEVER
from sim.plan import SEND_HOME
from sim.program import Code, Log, Plan, Program

Engine = Callable[[Program, Plan], Log]
END = op(Code.END)


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Engine:
    return ENGINES[request.param]


def both(made: Program, hall: Plan) -> Log:
    one, other = (run(made, hall) for run in ENGINES.values())
    assert np.array_equal(one.rows, other.rows)
    assert np.array_equal(one.started, other.started)
    assert np.array_equal(one.ended, other.ended)
    assert np.array_equal(one.in_service, other.in_service)
    return other


def test_whose_turn_comes_in_the_instant_in_which_patience_ends_is_served(engine: Engine) -> None:
    made = program((0, [serve(10), END]), (0, [serve(5, patience=10, jump=1), END]))
    assert told(engine(made, plan(pool([(0, 1)])))) == [(0, "DONE", 0, 0, 10), (1, "DONE", 0, 10, 15)]


def test_whoever_has_no_patience_at_all_is_served_only_by_a_free_server(engine: Engine) -> None:
    made = program((0, [serve(10, patience=0, jump=1), END]), (0, [serve(5, patience=0, jump=1), END]))
    assert told(engine(made, plan(pool([(0, 1)])))) == [(1, "RENEGED", 0, 0, 0), (0, "DONE", 0, 0, 10)]


def test_nobody_starts_in_the_instant_of_closing_and_a_service_that_ends_then_is_complete(engine: Engine) -> None:
    made = program((0, [serve(10), END]), (1, [serve(5), END]))
    hall = plan(pool([(0, 1), (10, 0), (20, 1)]))
    assert told(engine(made, hall)) == [(0, "DONE", 0, 0, 10), (1, "DONE", 1, 20, 25)]


def test_a_shift_ends_before_the_services_that_end_with_it_and_began_earlier(engine: Engine) -> None:
    made = program((0, [serve(10), END]), (6, [serve(4), END]), (7, [serve(1), END]))
    hall = plan(pool([(0, 1), (5, 2), (10, 0), (20, 1)]))
    rows = [(0, "DONE", 0, 0, 10), (1, "DONE", 6, 6, 10), (2, "DONE", 7, 20, 21)]
    assert told(engine(made, hall)) == rows


def test_those_who_come_together_join_in_order_of_number(engine: Engine) -> None:
    made = program((3, [serve(1), END]), (3, [serve(1), END]), (3, [serve(1), END]))
    assert [row[0] for row in told(engine(made, plan(pool([(0, 1)]))))] == [0, 1, 2]


def test_an_earlier_arrival_may_have_a_later_number(engine: Engine) -> None:
    made = program((9, [serve(1), END]), (3, [serve(1), END]), (6, [serve(7), END]))
    rows = told(engine(made, plan(pool([(0, 1)]))))
    assert [(row[0], row[4]) for row in rows] == [(1, 4), (2, 13), (0, 14)]


def test_a_preempted_service_goes_on_where_it_was_and_keeps_its_place(engine: Engine) -> None:
    made = program(
        (0, [serve(10, priority=5), END]), (1, [serve(10, priority=5), END]), (4, [serve(3, priority=0), END])
    )
    assert told(engine(made, plan(pool([(0, 1)], preemptive=True)))) == [
        (0, "PREEMPTED", 0, 0, 4),
        (2, "DONE", 4, 4, 7),
        (0, "DONE", 4, 7, 13),
        (1, "DONE", 1, 13, 23),
    ]


def test_of_those_in_service_the_last_in_order_of_the_queue_gives_way(engine: Engine) -> None:
    made = program(
        (0, [serve(10, priority=6), END]), (1, [serve(10, priority=5), END]), (2, [serve(1, priority=4), END])
    )
    rows = told(engine(made, plan(pool([(0, 2)], preemptive=True))))
    assert rows[0] == (0, "PREEMPTED", 0, 0, 2)


def test_servers_beyond_the_roster_are_not_taken_from_anybody(engine: Engine) -> None:
    # From minute 2 on one of the two is off duty, and finishes; only when one is left can it be taken.
    made = program((0, [serve(5, priority=5), END]), (0, [serve(9, priority=5), END]), (3, [serve(1, priority=0), END]))
    rows = told(engine(made, plan(pool([(0, 2), (2, 1)], preemptive=True))))
    assert rows == [
        (0, "DONE", 0, 0, 5),
        (1, "PREEMPTED", 0, 0, 5),
        (2, "DONE", 3, 5, 6),
        (1, "DONE", 5, 6, 10),
    ]


def test_a_queue_is_sent_home_in_its_order_and_only_those_who_can_leave(engine: Engine) -> None:
    made = program(
        (0, [serve(30), END]),
        (1, [serve(5, priority=5, jump=1), END]),
        (2, [serve(5, priority=9), END]),
        (3, [serve(5, priority=1, jump=1), END]),
    )
    closing = [(0, 1), (10, 0), (60, 1)]
    for by_due_date in (False, True):
        rows = told(engine(made, plan(pool(closing, at_close=SEND_HOME, by_due_date=by_due_date))))
        assert rows == [
            (3, "SENT_HOME", 3, 10, 10),
            (1, "SENT_HOME", 1, 10, 10),
            (0, "DONE", 0, 0, 30),
            (2, "DONE", 2, 60, 65),
        ]


def test_whoever_is_sent_home_may_go_on_at_the_first_operation_of_all(engine: Engine) -> None:
    made = program((1, [END, serve(5, jump=0), END]), (0, [serve(30), END]))
    made.entities["first"][0] = 1
    for by_due_date in (False, True):
        rows = told(engine(made, plan(pool([(0, 1), (10, 0)], at_close=SEND_HOME, by_due_date=by_due_date))))
        assert rows == [(0, "SENT_HOME", 1, 10, 10), (1, "DONE", 0, 0, 30)]


def test_a_join_without_children_takes_no_time_but_its_turn(engine: Engine) -> None:
    made = program((5, [op(Code.JOIN), serve(1), END]), (5, [serve(1), END]))
    assert told(engine(made, plan(pool([(0, 1)])))) == [
        (0, "DONE", 5, 5, 5),
        (0, "DONE", 5, 5, 6),
        (1, "DONE", 5, 6, 7),
    ]


def test_a_parent_goes_on_when_the_last_child_is_done(engine: Engine) -> None:
    made = program(
        (0, [op(Code.FORK, arg=1, amount=2), op(Code.JOIN), END]),
        (None, [op(Code.CLOCK, amount=3 * MINUTE_MS), END]),
        (None, [op(Code.CLOCK, amount=8 * MINUTE_MS), END]),
        parents={1: 0, 2: 0},
    )
    log = engine(made, plan())
    assert told(log)[-1] == (0, "DONE", 0, 0, 8)
    assert log.ended.tolist() == [8 * MINUTE_MS, 3 * MINUTE_MS, 8 * MINUTE_MS]


def test_what_set_out_on_an_earlier_trip_does_not_set_out_again(engine: Engine) -> None:
    made = program(
        (
            0,
            [
                op(Code.FORK, arg=1, amount=1),
                op(Code.RETURN, amount=2),
                op(Code.CLOCK, amount=MINUTE_MS),
                op(Code.GOTO, jump=0),
            ],
        ),
        (None, [op(Code.CLOCK, amount=5 * MINUTE_MS), END]),
    )
    rows = told(engine(made, plan()))
    assert [row for row in rows if row[0] == 1] == [(1, "DONE", 0, 0, 5)]
    assert [row[1] for row in rows if row[0] == 0] == ["RETURNS", "DONE", "RETURNS", "DONE", "LOST"]


def test_what_is_under_way_at_the_end_is_neither_written_nor_ended(engine: Engine) -> None:
    made = program((0, [serve(10), END]), (9.5, [op(Code.CLOCK, amount=MINUTE_MS // 2), END]), (10, [END]))
    log = engine(made, plan(pool([(0, 1)]), stop=10))
    assert told(log) == []
    assert log.in_service.tolist() == [0, -1, -1]
    assert log.started.tolist() == [0, round(9.5 * MINUTE_MS), -1]
    assert log.ended.tolist() == [-1, -1, -1]


# ---- the compiled engine's own corners ----------------------------------------------------------------------------


def again(times: int, *operations: tuple[Code, dict[str, int]]) -> list[tuple[Code, dict[str, int]]]:
    """The operations, again and again."""
    return [*operations, op(Code.RETURN, amount=times), op(Code.GOTO, jump=0)]


def test_a_log_grows_beyond_the_room_it_is_given() -> None:
    log = both(program((0, again(3_000, op(Code.CLOCK, amount=1)))), plan())
    assert log.rows.size == 2 * 3_001
    assert (np.diff(log.rows["end"]) >= 0).all()


def test_a_log_grows_where_nobody_waits() -> None:
    # No event comes between these rows: they are one entity's, in one instant.
    marks = [op(Code.MARK, amount=-1)] * 3
    log = both(program((0, again(500, *marks))), plan())
    assert log.rows.size == 4 * 501


def test_patience_that_nobody_needs_any_more_does_not_pile_up() -> None:
    # Two visitors take turns at one window: they wait 400 times each, with patience that would last for a week.
    visitor = again(400, serve(1, patience=10_000, jump=1))
    log = both(program((0, visitor), (0, visitor)), plan(pool([(0, 1)]), stop=1440))
    waited = log.rows["start"] > log.rows["ready"]
    assert waited.sum() > 2 * 2 + 64  # more than the list of events has room for


def test_ends_of_a_service_that_is_broken_off_again_and_again_do_not_pile_up() -> None:
    urgent = again(300, serve(0, priority=0))
    made = program((0, [serve(60), END]), (1, urgent))
    log = both(made, plan(pool([(0, 1)], preemptive=True)))
    assert told(log)[-1] == (0, "DONE", 1, 1, 60)
    assert log.rows.size == 3 * 301 + 1


def test_tables_may_be_read_only() -> None:
    made = program((0, [serve(1), END]))
    for table in (made.ops, made.entities):
        table.setflags(write=False)
    assert told(both(made, plan(pool([(0, 1)])))) == [(0, "DONE", 0, 0, 1)]


def test_a_plan_can_be_run_many_times() -> None:
    hall = plan(pool([(0, 1), (5, 0), (6, 2)], room=1), rooms=2)
    first = program((0, [op(Code.ARRIVE, jump=2), serve(20, jump=2), op(Code.LEAVE), END]))
    made = program((0, [op(Code.ARRIVE, jump=2), serve(3, jump=2), op(Code.LEAVE), END]))
    expected = told(both(made, hall))
    both(first, hall)
    assert told(both(made, hall)) == expected


def test_patience_that_ran_out_before_a_preemption_would_have_ended_is_forgotten() -> None:
    # Patience would end at minute 10, and so would the service that began at 2, had it not been broken off at 5.
    made = program(
        (0, [serve(2, priority=5), END]),
        (0, [serve(8, patience=10, priority=5, jump=1), END]),
        (5, [serve(20, priority=0), END]),
    )
    assert told(both(made, plan(pool([(0, 1)], preemptive=True)))) == [
        (0, "DONE", 0, 0, 2),
        (1, "PREEMPTED", 0, 2, 5),
        (2, "DONE", 5, 5, 25),
        (1, "DONE", 5, 25, 30),
    ]


def test_working_days_beyond_the_calendar_never_come() -> None:
    hall = plan(stop=300 * 1440)
    last = hall.calendars[0].workdays.size - 1
    late = program(
        (0, [op(Code.DAYS, amount=last), END]),
        (0, [op(Code.DAYS, amount=last + 1), END]),
        (0, [op(Code.OPEN, amount=(last + 2) * DAY_MS), END]),
        (1, [op(Code.CLOCK, amount=NEVER), END]),
    )
    assert told(both(late, hall)) == []
    # A due date beyond the calendar comes after all others, not before.
    due = [op(Code.MARK, amount=last + 1, patience=0), serve(1), END]
    made = program((0, [serve(5), END]), (1, due), (2, [op(Code.MARK, amount=1, patience=0), serve(1), END]))
    rows = told(both(made, plan(pool([(0, 1)], by_due_date=True))))
    assert [row[0] for row in rows if row[4] > 2] == [0, 2, 1]


@pytest.mark.slow
def test_a_list_of_events_keeps_one_live_event_an_entity() -> None:
    script = """
        import numpy as np
        from sim.engine import kernel
        people = np.zeros(3, dtype=kernel._PERSON)
        families = np.zeros(3, dtype=kernel._FAMILY)
        people["waits"] = kernel._TO_BE_DONE, kernel._TO_BE_SERVED, kernel._TO_MOVE
        people["moment"] = 50, 70, 0
        events = [(50, kernel._ENDS), (40, kernel._ENDS), (50, kernel._ENDS), (70, kernel._RENEGES | 1),
                  (60, kernel._RENEGES | 1), (10, kernel._MOVES | 2), (50, kernel._RENEGES)]
        heap, runs = np.zeros(9, dtype=kernel._EVENT), np.zeros(1, dtype=kernel._RUN)
        heap[:7], runs["events"] = sorted(events), 7
        kernel._purge(kernel.State(runs, people, families, heap, heap))
        print(heap["time"][: runs["events"][0]].tolist(), families["live"].tolist())
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=Path(__file__).parents[3],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.stdout == "[10, 50, 70] [0, 0, 0]\n", result.stderr
