"""A day as it went, by hand: who is where, which servers are on duty; and the same counts as the metrics."""

import datetime as dt

import numpy as np
import pytest
from handmade import Handmade, at, two_days

from scenarios.compose.composing import compose_text, composed
from sim.measure import measure
from sim.measure.day_replay import LEG_OUTCOMES, day_replay, seats_of
from sim.measure.visits import OUTCOMES
from sim.program import Code, Kind
from sim.run.simulating import simulate

STOP = 3 * 24 * 60
"""Minutes from Monday's midnight to the end of the two days and the day after."""


def replayed(hall: Handmade):
    return day_replay(measure(hall.scenario, hall.program(), hall.plan, hall.log()))


@pytest.fixture(scope="module")
def monday():
    """Six come on Monday and two on Tuesday: both days are two away from the median, and the first is shown."""
    return replayed(two_days())


def minutes(*columns):
    return [tuple(int(value) // 60_000 for value in row) for row in zip(*columns, strict=True)]


def clock(text: str) -> int:
    return at(0, text) // 60_000


def test_the_first_of_the_days_nearest_to_the_median_is_shown(monday):
    assert (monday.date, monday.median) == (dt.date(2014, 3, 3), 4.0)


def test_every_visit_of_the_day_appears_once_in_the_order_of_coming(monday):
    visits = monday.visits
    never = STOP + 24 * 60
    assert minutes(visits.arrive, visits.enter, visits.leave) == [
        (clock("09:00"), clock("09:00"), clock("09:10")),  # A
        (clock("09:00"), clock("09:00"), clock("09:30")),  # B
        (clock("09:05"), clock("09:05"), clock("10:00")),  # D
        (clock("09:20"), clock("09:20"), clock("09:35")),  # C
        (clock("16:50"), clock("16:50"), clock("17:20")),  # F
        (clock("18:00"), never, clock("18:00")),  # E found the doors shut
    ]
    assert [OUTCOMES[code] for code in visits.outcome] == ["served", "served", "served", "left", "served", "shut"]
    assert [monday.services[code] for code in visits.service] == ["copy", "copy", "licence", "copy", "copy", "copy"]


def test_each_leg_of_a_visit_says_where_from_when_until_when_and_how_it_ended(monday):
    legs = monday.visit_legs
    assert legs.owner.tolist() == [0, 1, 2, 3, 4]
    assert {monday.pools[place] for place in legs.place} == {"window"}
    assert minutes(legs.ready, legs.start, legs.end) == [
        (clock("09:00"), clock("09:00"), clock("09:10")),
        (clock("09:00"), clock("09:10"), clock("09:30")),
        (clock("09:05"), clock("09:30"), clock("10:00")),
        (clock("09:20"), clock("09:35"), clock("09:35")),
        (clock("16:50"), clock("16:50"), clock("17:20")),
    ]
    assert [LEG_OUTCOMES[code] for code in legs.outcome] == ["served", "served", "served", "left", "served"]
    assert legs.seat.tolist() == [0, 0, 0, -1, 0]


def test_files_lie_at_desks_and_wait_for_timetables(monday):
    legs = monday.file_legs
    place = [*monday.pools, *monday.timetables]
    moments = minutes(legs.ready, legs.start, legs.end)
    assert [
        (int(owner), place[code], *leg) for owner, code, leg in zip(legs.owner, legs.place, moments, strict=True)
    ] == [
        (0, "review", clock("09:00"), clock("09:00"), clock("11:30")),  # L
        (0, "signing", clock("11:30"), clock("11:30"), 24 * 60 + clock("10:00")),
        (1, "review", clock("10:00"), clock("11:30"), clock("13:30")),  # K
        (2, "courier", clock("09:00"), STOP, STOP),  # N, which waits to the end
    ]
    assert [LEG_OUTCOMES[code] for code in legs.outcome] == ["served", "served", "served", "unfinished"]
    assert monday.files.case.tolist() == [0, 1, 2]


def test_the_servers_on_duty_change_at_the_edges_of_the_hours(monday):
    window, review = monday.duty
    assert minutes(window.times) == [(0,), (clock("09:00"),), (clock("17:00"),)]
    assert window.servers.tolist() == [0, 1, 0]
    assert minutes(review.times) == [(0,), *((clock(text),) for text in ("09:00", "12:00", "13:00", "17:00"))]
    assert review.servers.tolist() == [0, 1, 0, 1, 0]
    assert monday.serves_visitors.tolist() == [True, False]


def test_branches_of_a_case_are_copies_of_its_file():
    hall = Handmade()
    case = hall.entity(Kind.CASE, hall.plain(Code.JOIN, at(0, "10:00"), at(0, "11:30")), service="licence")
    for begin, end in (("10:00", "10:30"), ("11:00", "11:30")):
        carry = hall.plain(Code.OPEN, at(0, "10:00"), at(0, begin), step="carry")
        work = hall.serve(at(0, begin), at(0, begin), at(0, end), pool="review", step="review")
        hall.entity(Kind.BRANCH, carry, work, root=case, case=case, parent=case, service="licence")
    replay = replayed(hall)
    assert replay.files.case.tolist() == [0, 0]
    assert replay.file_legs.owner.tolist() == [0, 1]
    assert replay.visits.arrive.size == 0


def test_seats_are_the_lowest_free_and_given_back_at_the_end():
    # 0-10 takes seat 0, 2-5 seat 1, 5-7 the seat just given back, 6-12 a third one, 10-11 the first again
    start, end = np.array([0, 2, 5, 6, 10]), np.array([10, 5, 7, 12, 11])
    assert seats_of(start, end).tolist() == [0, 1, 1, 2, 0]


OVERNIGHT = """
format = 1
name = "overnight"
run = { start = 2014-03-03, days = 3 }
pools.ward.servers = 1
services.stay.visits.apply.serve = { pool = "ward", work = "3 h" }
arrivals.monday = { services = "stay", at = ["2014-03-03 22:00", "2014-03-03 23:00"] }
arrivals.tuesday = { services = "stay", at = ["2014-03-04 05:00", "2014-03-04 09:00", "2014-03-04 13:00"] }
arrivals.first = { services = "stay", at = ["2014-03-05 05:00", "2014-03-05 09:00"] }
arrivals.second = { services = "stay", at = ["2014-03-05 13:00", "2014-03-05 17:00"] }
"""


def test_who_came_the_day_before_is_there_from_midnight():
    # 2, 3 and 4 come on the three days; on Monday the first is served 22-01, the second 01-04
    scenario = compose_text(OVERNIGHT, name="overnight").scenario
    replay = day_replay(simulate(scenario, seed=1, replication=0))
    assert (replay.date, replay.median) == (dt.date(2014, 3, 4), 3.0)
    legs = replay.visit_legs
    assert minutes(legs.owner * 60_000, legs.ready, legs.start, legs.end) == [
        (0, -120, -120, 60),
        (1, -60, 60, 240),
        (2, 300, 300, 480),
        (3, 540, 540, 720),
        (4, 780, 780, 960),
    ]


@pytest.mark.parametrize("name", ["township-desk", "textbook-mm3"])
def test_counts_and_waits_equal_those_of_the_same_replication(name):
    metrics = simulate(composed(name).scenario, seed=1, replication=0)
    replay = day_replay(metrics)
    frame = metrics.visits[metrics.visits["arrive"].dt.date == replay.date]
    today = replay.visits.arrive >= 0
    assert today.sum() == len(frame)
    days = metrics.days
    assert days.loc[days["date"].dt.date == replay.date, "visits"].tolist() == [today.sum()]
    of_today = today[replay.visit_legs.owner]
    waited = (replay.visit_legs.start - replay.visit_legs.ready)[of_today].sum() / 60_000
    assert waited == pytest.approx(frame["wait_min"].sum())
    outcomes = np.bincount(replay.visits.outcome[today], minlength=len(OUTCOMES))
    assert outcomes.tolist() == frame["outcome"].value_counts().reindex(OUTCOMES, fill_value=0).tolist()
