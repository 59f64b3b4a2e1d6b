"""Priorities: told from whom servers took when they had a choice, and from nothing else."""

import numpy as np
import pytest
from discovery_halls import discovered, hall, handmade
from scipy import stats

from calibration.discovery.accuracy.accuracy import accuracy
from calibration.discovery.accuracy.holdout import forecast_scenarios, hold_out
from calibration.discovery.discover import discover
from calibration.discovery.resources.pools import pool_by_row
from calibration.discovery.resources.priorities import NORMAL, ChoiceCounts, count_choices, discover_priorities
from calibration.discovery.scenario.table import compose_scenario
from calibration.eventlog.simulated import simulated_log
from scenarios.compose.composing import compose_text

TWO_KINDS = """
format = 1
name = "two-kinds"
run = { start = 2014-03-03, days = 60, replications = 5, seed = 12 }
calendar = { country = "CN", hours = ["09:00-12:00", "13:00-17:00"] }
pools.desk = { servers = 2 }
[services.people.visits.apply]
desk = { title = "Collect", pool = "desk", work = { dist = "expon", mean = "4 min" } }
[services.paper.visits.apply]
desk = { title = "Make", pool = "desk", work = { dist = "expon", mean = "8 min" }, priority = 7 }
[arrivals.all]
services = { people = 1, paper = 1 }
per_day = 112
"""


def at(minute):
    return f"2014-03-03 09:{minute:02d}"


def day_of(*rows):
    """Return a log of one server's work: ``(activity, ready, start, end)`` in minutes after nine."""
    return handmade(
        [
            {"case": k, "activity": activity, "resource": "w", "ready": at(ready), "start": at(start), "end": at(end)}
            for k, (activity, ready, start, end) in enumerate(rows)
        ]
    )


def counted(log):
    discovery = discover(log)
    names = discovery.traces.activities
    pairs = count_choices(discovery.traces, discovery.pools, pool_by_row(discovery.traces, discovery.pools))
    return {(names[one.kind], names[one.other]): (one.overtakes, one.n) for one in pairs}


def test_choices_counted_by_hand():
    log = day_of(
        ("a", 0, 0, 5),
        ("b", 1, 15, 20),  # first in line at 5 and at 10, and passed over at 5: one choice
        ("a", 2, 5, 10),
        ("a", 3, 10, 15),
        ("b", 16, 20, 25),  # at 20 no a waits: no choice
        ("a", 21, 30, 35),  # first in line at 25, and passed over
        ("b", 22, 25, 30),
        ("b", 31, 40, 45),
        ("a", 32, 35, 40),  # at 35 the b of 31 was first in line: passed over
        ("a", 41, 45, 50),  # at 45 it is first in line, and taken, though the b of 42 waits
        ("b", 42, 50, 55),
    )
    assert counted(log) == {("a", "b"): (2, 2), ("b", "a"): (1, 2)}


def test_where_there_are_servers_for_both_there_is_no_choice():
    log = day_of(("a", 0, 0, 10), ("b", 0, 0, 10), ("b", 1, 10, 20), ("a", 2, 10, 20))
    assert counted(log) == {}


def choice(kind, other, *, goes_first=True, pool=0):
    return ChoiceCounts(pool, False, kind, other, 100, 100, 0.5, 1e-20, goes_first)


def test_priorities_are_one_more_than_of_what_goes_before():
    (pool,) = discover(day_of(("a", 0, 0, 1), ("b", 1, 1, 2), ("c", 2, 2, 3), ("a", 3, 3, 4))).pools
    assert pool.activities == (0, 1, 2)
    chain = [choice(0, 1), choice(1, 2), choice(0, 2)]
    assert discover_priorities([pool], chain) == {(0, 1): NORMAL + 1, (0, 2): NORMAL + 2}
    assert discover_priorities([pool], [choice(0, 1), choice(1, 2, goes_first=False)]) == {(0, 1): NORMAL + 1}
    circle = [choice(0, 1), choice(1, 2), choice(2, 0)]
    assert discover_priorities([pool], circle) == {}


def taken_at_random(*, often, number=12_000, load=0.9):
    """Return a log of one server who takes any piece that waits; a share of them is of the kind that comes often."""
    rng = np.random.default_rng(1)
    come = np.cumsum(rng.exponential(1 / load, number))
    kind = np.where(rng.random(number) < often, "often", "seldom")
    took = rng.exponential(1.0, number)
    start, waiting, now, k = np.empty(number), [], 0.0, 0
    for _ in range(number):
        now = now if waiting else max(now, come[k])
        while k < number and come[k] <= now:
            waiting.append(k)
            k += 1
        one = waiting.pop(rng.integers(len(waiting)))
        start[one], now = now, now + took[one]
    stamps = [(np.datetime64("2014-03-03") + (x * 60).astype("timedelta64[s]")) for x in (come, start, start + took)]
    columns = zip(kind, *stamps, strict=True)
    return handmade(
        [
            {"case": k, "activity": what, "resource": "w", "ready": ready, "start": begin, "end": end}
            for k, (what, ready, begin, end) in enumerate(columns)
        ]
    )


def test_what_is_taken_at_random_has_no_priority_however_often_it_comes():
    discovery = discover(taken_at_random(often=0.8))
    (pair,) = [one for one in discovery.choices if discovery.traces.activities[one.kind] == "often"]
    assert pair.n > 200
    assert stats.binom.sf(pair.overtakes - 1, pair.n, 0.5) < 0.0005  # of a half alone it would have been sure
    assert pair.share == pytest.approx(pair.at_random, abs=0.06)
    assert not discovery.priorities


def two_kinds(replication=0):
    scenario = compose_text(TWO_KINDS, name="two-kinds").scenario
    return simulated_log(scenario, "activities", replication=replication)


def test_a_priority_is_found_again_said_and_simulated():
    log = two_kinds()
    discovery = discover(log)
    names = discovery.traces.activities
    assert {names[activity]: rank for (_, activity), rank in discovery.priorities.items()} == {"Make": NORMAL + 1}
    (said,) = [one for one in discovery.findings if one.key == "priority"]
    assert said.subject == "Collect"
    assert said.estimate == 1.0
    assert said.low > 0.9
    assert said.p_value < 1e-6
    scenario = compose_scenario(discovery)
    steps = [step for one in scenario.services.values() for step in one.visits["apply"].values() if step.pool]
    ranks = {step.title.en: step.priority for step in steps}
    assert ranks == {"Collect": None, "Make": NORMAL + 1}
    waits = []
    for made in (log, simulated_log(scenario, "activities", replication=3)):
        waited = (made.events["start"] - made.events["ready"]).dt.total_seconds() / 60
        waits.append(waited.groupby(made.events["activity"].astype(str)).mean())
    assert waits[0]["Make"] > 3 * waits[0]["Collect"]
    assert waits[1]["Collect"] == pytest.approx(waits[0]["Collect"], rel=0.25)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["two-desks", "office"])
def test_where_there_is_none_no_priority_is_found(name):
    for replication in range(5):
        discovery = discovered(name, "activities", replication)
        assert not discovery.priorities
        assert not any(one.goes_first for one in discovery.choices)
    assert hall(name).name == name


@pytest.mark.slow
def test_a_forecast_knows_who_waits():
    inside = []
    for replication in range(6):
        log = two_kinds(replication)
        earlier, begin, end = hold_out(log)
        tried = accuracy(log, forecast_scenarios(discover(earlier), discover(log), begin, end, 8), begin, end)
        inside.append(tried.forecasts.loc[["wait_mean_min", "wait_p90_min"], "inside"].to_numpy())
    # Three logs of six outside have a probability of 0.2% at 95%, were both figures of a log one.
    assert np.sum(inside) >= 7


def test_a_log_without_queues_tells_no_priority():
    discovery = discovered("two-desks", "events")
    assert discovery.choices == ()
    assert not discovery.priorities
