"""The search for what comes next: what is simulated, seats, gains, and what it refuses."""

import numpy as np
import pytest

from foundation.errors import HallplanError
from planner.next_moves.result import FRAMES, title_of
from planner.next_moves.search import NextOptions, next_moves, sources_outside
from planner.next_moves.simulating import figures_of, moves_simulator
from scenarios.compose.composing import composed
from sim.run.observing import observe
from sim.run.study import Study


@pytest.fixture(scope="module")
def hall_of_2013():
    return composed("honghuagang-2013")


class Simulated:
    """Hours of visitors fall with the number of merged pools and of services; nothing varies."""

    def __init__(self, noise=0.0):
        self.noise, self.calls = noise, []

    def __call__(self, scenarios, first, replications):
        self.calls.append((len(scenarios), first, replications))
        generator = np.random.default_rng(first)
        shared = generator.normal(size=replications)
        rows = []
        for scenario in scenarios:
            merged = sum(pool.merge_into is not None for pool in scenario.pools.values())
            own = self.noise * generator.normal(size=replications)
            hours = 500 - merged - 0.1 * len(scenario.services) + shared + own
            rows.append(np.stack([hours, 50 - merged + shared, np.full(replications, 9.0), hours / 2], axis=1))
        return np.array(rows)


def test_each_kind_has_its_promising_moves_and_the_hall_as_it_is_beside_them(hall_of_2013):
    simulate = Simulated()
    result = next_moves(hall_of_2013, NextOptions(each=2, most=8), simulate)
    kinds = [(move.candidate.move, move.candidate.is_group) for move in result.moves]
    expected = {("in", False): 2, ("in", True): 2, ("out", False): 2, ("out", True): 2, ("pool", False): 2}
    assert {kind: kinds.count(kind) for kind in kinds} == expected | {("pool", True): 2, ("merge", False): 2}
    assert simulate.calls == [(15, 0, 8)]
    assert result.used == 120


def test_gains_are_for_each_officer_who_changes_the_queue(hall_of_2013):
    result = next_moves(hall_of_2013, NextOptions(each=1, most=8), Simulated())
    pair = next(move for move in result.moves if move.candidate.move == "pool" and not move.candidate.lever)
    servers = hall_of_2013.scenario.pools[pair.candidate.pools[0]].servers
    assert (pair.per_day.estimate, pair.seats) == (pytest.approx(1), servers)
    assert pair.per_seat.estimate == pytest.approx(1 / servers)
    assert pair.trips.estimate == pytest.approx(0.5)
    assert pair.cost.estimate == 0


def test_seats_of_items_are_the_load_that_arrives_or_the_windows_that_open(hall_of_2013):
    moves = next_moves(hall_of_2013, NextOptions(each=2, most=8), Simulated()).moves
    seats = {move.candidate.key: move.seats for move in moves}
    assert seats["in:item-216"] == 1  # agriculture has no window yet: its first one opens
    assert 0 < seats["in:item-12"] < 1  # 12 inspections a day at the windows of industry and commerce


def test_moves_that_are_not_told_apart_get_more_replications_within_the_budget(hall_of_2013):
    result = next_moves(hall_of_2013, NextOptions(each=1, most=18, budget=200), Simulated(noise=5))
    counts = [len(move.values) for move in result.moves]
    assert max(counts) > 8
    assert result.used <= 200
    assert not result.is_settled


def test_frames_have_moves_candidates_reasons_and_replications(hall_of_2013):
    result = next_moves(hall_of_2013, NextOptions(each=1, most=8), Simulated())
    frames = result.frames()
    assert tuple(frames) == FRAMES
    assert len(frames["moves"]) == len(result.moves) == 7
    assert len(frames["screened"]) > 900
    assert len(frames["immovable"]) == 63
    assert len(frames["replications"]) == 56
    assert title_of(result.scenario, result.moves[-1].candidate).startswith("Merge: ")


def test_a_budget_too_small_for_one_look_at_each_is_refused(hall_of_2013):
    with pytest.raises(HallplanError) as failure:
        next_moves(hall_of_2013, NextOptions(each=1, budget=63), Simulated())
    assert failure.value.key == "next.error.budget"


def test_a_hall_in_which_nothing_can_move_is_said_to_be_so():
    with pytest.raises(HallplanError) as failure:
        next_moves(composed("textbook-mm3"), NextOptions(), Simulated())
    assert failure.value.key == "next.error.nothing"


BUREAU = """
format = 1
name = "bureau"
run = { start = 2014-03-03, days = 4 }
calendar = { weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
sites.hall.travel = "15 min"
sites.offices.travel = "30 min"
pools.window = { cost_per_hour = 10 }
pools.counter = { site = "offices", cost_per_hour = 10 }
services.item.visits.apply.serve = { pool = "window", work = "6 min", mark = "finished" }
services.outside.visits.apply.serve = { pool = "counter", work = "12 min", mark = "finished" }
arrivals.people = { services = "item", at = ["09:00"] }
arrivals.reported = { services = "outside", site = "offices", channel = "online", at = ["10:00", "10:00"] }
"""


def test_visits_to_the_bureaux_count_with_ways_and_service_but_without_waits(tmp_path):
    """At the hall 30 + 6 minutes; at the bureau two visits of 60 + 12 minutes, though one waits for the other."""
    (tmp_path / "bureau.toml").write_text(BUREAU, encoding="utf-8")
    study = Study.of(composed(tmp_path / "bureau.toml").scenario, replications=1, engine="simpy")
    plain = observe(study, without_bureaux)[0][0]
    hours, _, cost, trips = observe(study, with_bureaux)[0][0]
    assert plain[0] == pytest.approx(36 / 60)
    assert (hours, trips) == (pytest.approx(36 / 60 + 2 * 72 / 60), 3)
    assert cost == pytest.approx(140)


def without_bureaux(metrics):
    return figures_of(metrics, outside=())


def with_bureaux(metrics):
    return figures_of(metrics, outside=("reported",))


def test_a_hall_without_ways_is_refused(tmp_path):
    text = BUREAU.replace('sites.hall.travel = "15 min"', "sites.hall = {}").replace(
        "pools.window =", "pools.window-a ="
    )
    text = text.replace('pool = "window"', 'pool = "window-a"') + "pools.window-b = {}\n"
    text += 'services.other.visits.apply.serve = { pool = "window-b", work = "6 min", mark = "finished" }\n'
    text += 'arrivals.others = { services = "other", at = ["09:00"] }\n'
    (tmp_path / "bureau.toml").write_text(text, encoding="utf-8")
    hall = composed(tmp_path / "bureau.toml")
    assert sources_outside(hall) == ()
    with pytest.raises(HallplanError) as failure:
        next_moves(hall, NextOptions(), moves_simulator((), budget=16, seed=1, engine="simpy"))
    assert failure.value.key == "next.error.no_way"
