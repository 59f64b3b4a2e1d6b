"""The offered load agrees with arithmetic done by hand, with what is drawn, and with what is simulated."""

import math
import tomllib
from typing import Any

import numpy as np
import pytest
from cases import for_each

from planner.load import offered_load
from scenarios.compose.composing import compose
from scenarios.model import Scenario
from sim.draw.drawing import draw
from sim.plan import Layout, compile_plan
from sim.program import Code
from sim.run.replications import replicate

HALL = """
format = 1
name = "hall"
run = { start = 2014-03-03, days = 5 }
calendar = { weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
pools.window = { servers = 2 }
pools.office = { servers = 1 }
services.item.visits.apply.serve = { pool = "window", work = "10 min", mark = "finished" }
arrivals.people = { services = "item", per_day = 42 }
"""


def hall(changes: str = "") -> Scenario:
    """Return the small hall with some of its tables replaced: 42 visits of 10 minutes in 7 hours at 2 windows."""
    raw = tomllib.loads(HALL)
    for key, value in tomllib.loads(changes).items():
        raw[key] = merged(raw.get(key), value)
    return Scenario.model_validate(raw)


def merged(old: Any, new: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return {key: merged(old.get(key), value) for key, value in new.items()} | {
        key: value for key, value in old.items() if key not in new
    }  # new steps first, in their order


def pool(scenario: Scenario, name: str = "window"):
    return next(one for one in offered_load(scenario).pools if one.pool == name)


# ---- by hand -------------------------------------------------------------------------------------------------------


def test_one_step_is_arrivals_per_hour_times_minutes():
    one = pool(hall())
    assert one.servings_per_day == pytest.approx(42)
    assert one.work_h_per_day == pytest.approx(7)
    assert one.offered_load == pytest.approx(1.0)
    assert (one.servers, one.rostered_h_per_day, one.open_h_per_day) == (2, 14, 7)
    assert one.utilisation == pytest.approx(0.5)


def test_the_textbooks_load_is_the_textbooks():
    one = pool(compose("textbook-mm3"), "windows")
    assert one.offered_load == pytest.approx(12 * 12 / 60)
    assert one.utilisation == pytest.approx(0.8)


def test_rework_returns_a_geometric_number_of_times():
    # A quarter comes back after every service: 1 / (1 - 1/4) passes each.
    scenario = hall("services.item.visits.apply.serve.next = { serve = 0.25, end = 0.75 }")
    assert pool(scenario).servings_per_day == pytest.approx(42 * 4 / 3)


def test_shares_skips_and_branches_count_as_often_as_they_are_taken():
    scenario = hall("""
        [services.item.visits.apply]
        ask = { pool = "office", work = "2 min", share = 0.5 }
        never = { pool = "office", work = "9 h", skip = true }
        serve = { pool = "window", work = "10 min", next = { more = 0.2, end = 0.8 } }
        more = { pool = "office", work = "5 min" }
        """)
    assert pool(scenario, "office").servings_per_day == pytest.approx(42 * (0.5 + 0.2))
    assert pool(scenario, "office").work_h_per_day == pytest.approx(42 * (0.5 * 2 + 0.2 * 5) / 60)


def test_follow_up_visits_and_cases_bring_work_too():
    # Half of the applications become cases; three in ten of those bring the applicant back, whose case goes round.
    scenario = hall("""
        [services.item.visits.apply]
        serve = { pool = "window", work = "10 min" }
        file = { start_case = true, share = 0.5 }
        [services.item.visits.supplement]
        again = { pool = "window", work = "4 min" }
        [services.item.case]
        review = { pool = "office", work = "30 min" }
        enough = { share = 0.7, next = "end", mark = "decided" }
        back = { visit = "supplement", after = "1 working days", next = "review" }
        """)
    reviews = 21 / (1 - 0.3)
    assert pool(scenario, "office").servings_per_day == pytest.approx(reviews)
    assert pool(scenario).servings_per_day == pytest.approx(42 + 0.3 * reviews)
    assert pool(scenario).work_h_per_day == pytest.approx((42 * 10 + 0.3 * reviews * 4) / 60)


@pytest.mark.parametrize("order", ["parallel", "sequential"])
def test_every_branch_of_a_fork_is_taken(order):
    scenario = hall(f"""
        routes.opinion.write = {{ pool = "office", work = "6 min" }}
        [services.item.visits.apply]
        serve = {{ pool = "window", work = "10 min" }}
        ask = {{ fork = {{ a = "opinion", b = "opinion" }}, order = "{order}" }}
        """)
    assert pool(scenario, "office").work_h_per_day == pytest.approx(42 * 2 * 6 / 60)


def test_slow_visitors_are_slow_at_windows_and_not_as_files():
    scenario = hall("""
        people = { citizen = {}, elderly = { work_factor = 2.0 } }
        arrivals.people.people = { citizen = 3, elderly = 1 }
        pools.window.work_factor = 1.2
        [services.item.visits.apply]
        serve = { pool = "window", work = "10 min" }
        file = { start_case = true }
        [services.item.case]
        review = { pool = "office", work = "5 min" }
        """)
    assert pool(scenario).work_h_per_day == pytest.approx(7 * 1.25 * 1.2)
    assert pool(scenario, "office").work_h_per_day == pytest.approx(42 * 5 / 60)


def test_whoever_is_absent_costs_a_call_and_may_leave():
    rejoin = 'services.item.visits.apply.serve.absent = { share = 0.1, call = "1 min", away = "5 min" }'
    leave = 'services.item.visits.apply.serve.absent = { share = 0.1, call = "1 min", then = "leave" }'
    assert pool(hall(rejoin)).work_h_per_day == pytest.approx(42 * (10 + 0.1) / 60)
    assert pool(hall(leave)).work_h_per_day == pytest.approx(42 * (0.9 * 10 + 0.1) / 60)


def test_merged_pools_share_work_and_servers():
    scenario = hall("""
        pools.second = { servers = 3, merge_into = "window" }
        services.other.visits.apply.serve = { pool = "second", work = "20 min" }
        arrivals.others = { services = "other", per_day = 21 }
        """)
    one = pool(scenario)
    assert (one.work_h_per_day, one.servers) == (pytest.approx(14), 5)
    assert [other.pool for other in offered_load(scenario).pools] == ["window", "office"]


@for_each(
    ("process", "per_day"),
    [
        ('every = "6 min"', 70),
        ('at = ["09:00", "10:00", "2014-03-04 11:00", "2015-01-01 09:00"]', 2.2),
        ('slots = { times = ["09:00", "10:00"], days = ["mon", "tue"], seats = 5, booked = 0.5, no_show = 0.2 }', 1.6),
        ("per_day = 10\nweekday = { mon = 3.0 }", 10),
        ("per_day = 10\nmonth = { 3 = 2.0 }", 20),
        ("per_day = 10\nbatch = { values = [1, 3] }", 20),
    ],
)
def test_every_kind_of_arrivals_is_counted(process, per_day):
    raw = tomllib.loads(HALL)
    raw["arrivals"] = {"people": {"services": "item", **tomllib.loads(process)}}
    load = offered_load(Scenario.model_validate(raw))
    assert load.arrivals_per_day["people"] == pytest.approx(per_day)
    assert load.pools[0].servings_per_day == pytest.approx(per_day)


def test_demand_scales_everything_but_appointments():
    once, twice = offered_load(hall()), offered_load(hall("demand = 2.0"))
    assert twice.pools[0].work_h_per_day == pytest.approx(2 * once.pools[0].work_h_per_day)


def test_a_roster_is_averaged_over_the_week():
    scenario = hall("""
        pools.window.roster = [
            { days = ["mon"], hours = "09:00-12:00", servers = 4 },
            { days = ["mon", "tue"], hours = "13:00-17:00", servers = 1 },
        ]
        """)
    one = pool(scenario)
    assert one.rostered_h_per_day == pytest.approx((4 * 3 + 2 * 4) / 5)
    assert one.open_h_per_day == pytest.approx((3 + 2 * 4) / 5)


# ---- what does not keep up ------------------------------------------------------------------------------------------


def test_a_pool_at_its_limit_is_overloaded_and_one_below_is_not():
    assert offered_load(hall("pools.window.servers = 1\narrivals.people.per_day = 42.001")).overloaded == ("window",)
    assert offered_load(hall("pools.window.servers = 1\narrivals.people.per_day = 41.9")).overloaded == ()


def test_work_that_nobody_does_is_overload_and_no_work_is_none():
    load = offered_load(hall("pools.window.servers = 0"))
    assert math.isinf(load.pools[0].utilisation)
    assert load.overloaded == ("window",)
    assert load.pools[1].utilisation == 0


def test_too_few_places_at_departures_are_overload():
    changes = """
        timetables.slots = {{ times = ["10:00"], days = ["mon", "thu"], capacity = {capacity} }}
        timetables.bus = {{ times = ["10:00"] }}
        [services.item.visits.apply]
        serve = {{ pool = "window", work = "1 min" }}
        wait = {{ until = "slots", share = 0.1 }}
        ride = {{ until = "bus" }}
        """
    load = offered_load(hall(changes.format(capacity=10)))
    assert [one.timetable for one in load.timetables] == ["slots"]
    assert load.timetables[0].boardings_per_day == pytest.approx(4.2)
    assert load.timetables[0].places_per_day == pytest.approx(4.0)
    assert load.overloaded == ("slots",)
    assert offered_load(hall(changes.format(capacity=11))).overloaded == ()


def test_the_frame_says_what_the_objects_say():
    frame = offered_load(hall()).frame().set_index("pool")
    assert frame.loc["window", "offered_load"] == pytest.approx(1.0)
    assert list(frame.index) == ["window", "office"]


# ---- against what is drawn, and what is simulated -------------------------------------------------------------------


def drawn_hours(scenario: Scenario, replications: int) -> dict[str, tuple[float, float]]:
    """Return by pool the mean and the standard error of the service hours drawn, a working day."""
    layout = Layout.of(scenario)
    names = [one.name for one in compile_plan(scenario, layout).pools]
    found = []
    for replication in range(replications):
        ops = draw(scenario, 1, replication, layout).ops
        served = ops[ops["code"] == Code.SERVE]
        found.append(np.bincount(served["arg"], weights=served["amount"], minlength=len(names)) / 3.6e6)
    hours = np.array(found) / scenario.run.days
    error = hours.std(axis=0, ddof=1) / np.sqrt(replications)
    return {name: (float(hours[:, k].mean()), float(error[k])) for k, name in enumerate(names)}


@pytest.mark.slow
@for_each("name", ["township-desk", "honghuagang-2013", "honghuagang-2014", "city-hall"])
def test_the_work_that_is_drawn_is_the_work_that_is_offered(name):
    # Every first visit of the run is drawn with all that ever comes of it: no edge is cut off.
    days = {"city-hall": 10}.get(name, 20)
    whole = {"run.days": days, "run.warm_up_days": 0, "run.follow_up_days": 0}
    scenario = compose(name, overrides=whole)
    # Half of the hours are those of ten files a day, whose number varies by an eighth in twenty days.
    drawn = drawn_hours(scenario, 8 if name in ("township-desk", "city-hall") else 32)
    load = {one.pool: one.work_h_per_day for one in offered_load(scenario).pools}
    off = {
        pool: (load[pool], mean, error)
        for pool, (mean, error) in drawn.items()
        if abs(load[pool] - mean) > 5 * error + 0.02 * load[pool] + 0.02
    }
    assert off == {}
    assert sum(load.values()) == pytest.approx(sum(mean for mean, _ in drawn.values()), rel=0.04)


def test_simulated_servers_are_as_busy_as_the_load_says():
    scenario = compose("township-desk")
    found = replicate(scenario, replications=10, curves=False)
    for one in offered_load(scenario).pools:
        simulated = found.interval(f"utilisation.{one.pool}", 0.999)
        # Nothing is turned away here but for the few who lose patience.
        assert simulated.low - 0.02 <= one.utilisation <= simulated.high + 0.02


def test_a_pool_that_is_named_falls_behind_when_it_is_simulated():
    scenario = compose("textbook-mm3", overrides={"pools.windows.servers": 2, "run.days": 10})
    load = offered_load(scenario)
    assert load.overloaded == ("windows",)
    found = replicate(scenario, replications=2)
    queue = found.curves["pools_by_half_hour"]["queue_mean"].mean()
    assert queue > 100
    assert found.interval("utilisation.windows").estimate > 0.98
