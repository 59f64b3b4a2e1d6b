"""Moves that are possible, what arithmetic expects of them, and what cannot move."""

from collections import Counter

import pytest

from planner.load import offered_load
from planner.next_moves.candidates import candidates, changed_by, immovable
from scenarios.compose.composing import composed

QUEUES = """
format = 1
name = "queues"
run = { start = 2014-03-03, days = 5 }
calendar = { weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
pools.window-a = {}
pools.window-b = {}
pools.window-c = { servers = 1, discipline = "due-date" }
pools.section-a = {}
services.first.visits.apply.serve = { pool = "window-a", work = "10 min", mark = "finished" }
services.second.visits.apply.serve = { pool = "window-b", work = "10 min", mark = "finished" }
services.third.visits.apply.serve = { pool = "window-c", work = "10 min", mark = "finished" }
arrivals.first = { services = "first", per_day = 21 }
arrivals.second = { services = "second", per_day = 21 }
arrivals.third = { services = "third", per_day = 21 }
"""


@pytest.fixture(scope="module")
def queues(tmp_path_factory):
    file = tmp_path_factory.mktemp("hall") / "queues.toml"
    file.write_text(QUEUES, encoding="utf-8")
    return composed(file)


@pytest.fixture(scope="module")
def hall_of_2013():
    return composed("honghuagang-2013")


def moves(hall, kind, **attributes):
    every = candidates(hall, offered_load(hall.scenario))
    return [row for row in every if row.move == kind and all(getattr(row, k) == v for k, v in attributes.items())]


def test_two_queues_are_expected_to_save_erlangs_wait_apart_against_together(queues):
    """Each is M/M/1 with load 1/2, so that 1/2 wait; together M/M/2 with load 1: C = 1/3, and 1/3 wait. Seven hours."""
    (pair,) = moves(queues, "pool", lever="")
    assert pair.pools == ("window-b", "window-a")
    assert pair.expected == pytest.approx(7 * (1 / 2 + 1 / 2 - 1 / 3))
    assert pair.concerned == pytest.approx(42)


def test_a_merge_takes_along_what_was_merged_before(queues):
    (pair,) = moves(queues, "pool", lever="")
    before = queues.changed(overrides={"pools.window-c.discipline": "fifo", "pools.window-c.merge_into": "window-b"})
    pools = changed_by(before, pair).scenario.pools
    assert pools["window-b"].merge_into == pools["window-c"].merge_into == "window-a"


def test_an_item_that_leaves_saves_half_of_the_way_for_each_visit(hall_of_2013):
    """One hour to the hall and back, half an hour to a sub-centre."""
    for row in moves(hall_of_2013, "out", department=False):
        assert row.expected == pytest.approx(row.concerned / 2)


def test_departments_with_several_items_are_moves_too(hall_of_2013):
    names = {row.items[0].item.department.en: len(row.items) for row in moves(hall_of_2013, "in", department=True)}
    assert names["Public security"] == 2
    assert "Archives" not in names


def test_every_outside_counter_item_can_be_brought_in_and_its_visits_move(hall_of_2013):
    single = moves(hall_of_2013, "in", department=False)
    assert len(single) == 15
    after = changed_by(hall_of_2013, single[0]).scenario
    before = hall_of_2013.scenario
    moved = before.arrivals["reported"].per_day - after.arrivals["reported"].per_day
    assert moved == pytest.approx(single[0].concerned)


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("honghuagang-2013", {"files": 48, "several_offices": 15}),
        ("honghuagang-2014", {"files": 48, "no_counter": 15, "several_offices": 15}),
        ("township-desk", {"files": 48, "no_counter": 15, "nowhere": 169}),
        ("textbook-mm3", {"no_hall": 232}),
    ],
)
def test_every_item_that_cannot_move_has_its_reason(name, reasons):
    """Of 63 items outside 15 are instant; of 169 in the hall 3 are joint, 10 referred upward and 2 an agent's."""
    assert Counter(row.reason for row in immovable(composed(name).scenario)) == reasons


def test_levers_that_pool_many_windows_are_moves_where_they_apply(hall_of_2013):
    assert [row.lever for row in moves(hall_of_2013, "pool") if row.lever] == ["windows-by-field", "pooled-windows"]
