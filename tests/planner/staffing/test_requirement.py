"""How many servers each half-hour needs: against Erlang's formula by hand, over lunch, and on good and bad days."""

import math
import tomllib

import numpy as np
import pytest
from cases import for_each

from foundation.errors import HallplanError
from planner.load import offered_load, pool_flows
from planner.staffing.demand import modified_load, pool_demands
from planner.staffing.requirement import called_share, gamma_days, requirements
from planner.staffing.targets import WaitTarget, parse_target
from scenarios.compose.composing import compose
from scenarios.model import Scenario

TARGET = WaitTarget(0.9, 15)
HALL = """
format = 1
name = "hall"
run = { start = 2014-03-03, days = 5 }
calendar = { weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
pools.window = { servers = 2 }
services.item.visits.apply.serve = { pool = "window", work = "10 min", mark = "finished" }
arrivals.people = { services = "item", per_day = 84 }
"""


def hall(**changes) -> Scenario:
    raw = tomllib.loads(HALL)
    for path, value in changes.items():
        *tables, key = path.split("__")
        inner = raw
        for table in tables:
            inner = inner[table]
        inner[key] = value
    return Scenario.model_validate(raw)


def test_the_textbooks_requirement_is_erlangs():
    # 12 an hour, 12 min: a = 2.4.  C(3, 2.4) = 0.6472: 1 - 0.6472 exp(-0.6 x 15 / 12) = 0.694 < 0.9.
    # B(4, 2.4) = 0.1499 by the recursion, C(4, 2.4) = 4 B / (4 - 2.4 (1 - B)) = 0.2870: 1 - 0.2870 exp(-2) = 0.961.
    (required,) = requirements(compose("textbook-mm3"), [TARGET])
    assert required.servers.tolist() == [4] * 48
    assert required.plain_servers == 4
    assert not required.is_pooled.any()


def test_nobody_is_needed_while_the_hall_is_closed():
    (required,) = requirements(hall(), [TARGET])
    lunch = slice(24, 26)
    assert required.servers[:18].sum() == required.servers[lunch].sum() == required.servers[34:].sum() == 0
    assert (required.servers[required.is_open] >= 1).all()
    assert int(required.is_open.sum()) == 14


def test_those_who_come_at_lunch_are_needed_for_at_one():
    # 84 a day: half come from 9 to 12, half from 12 to 13, and all of these join at 13:00.
    profile = {"mon": {"09:00": 1, "12:00": 3, "13:00": 0}}
    scenario = hall(arrivals__people__profile={**profile, "default": profile["mon"]})
    demand = pool_demands(scenario)[0]
    assert demand.servings[24:26].sum() == 0
    assert demand.servings[26] == pytest.approx(42)
    assert demand.servings.sum() == pytest.approx(84)


def test_a_half_hour_with_fewer_than_five_visitors_is_pooled():
    # 84 over 14 half-hours are 6 each; 56 are 4 each.
    assert not requirements(hall(), [TARGET])[0].is_pooled.any()
    pooled = requirements(hall(arrivals__people__per_day=56), [TARGET])[0].is_pooled
    assert int(pooled.sum()) == 14


def test_a_constant_rate_makes_the_offered_load_in_the_end():
    # From empty m(t) = a (1 - exp(-t/s)): 2 arrivals a cell of 5 min, 10 min of work: a = 4.
    loads = modified_load(np.full(100, 2.0), 600_000)
    assert loads[0] == pytest.approx(4 * (1 - math.exp(-0.5)))
    assert loads[-1] == pytest.approx(4)


def test_the_load_lasts_when_nobody_comes_any_more():
    arrivals = np.r_[np.full(50, 2.0), np.zeros(2)]
    assert modified_load(arrivals, 600_000)[-1] == pytest.approx(4 * math.exp(-1))


def test_days_that_differ_ask_for_more():
    alike, uneven = (hall(arrivals__people__day_dispersion=d, arrivals__people__per_day=168) for d in (1.0, 20.0))
    first, second = (requirements(scenario, [TARGET])[0].servers for scenario in (alike, uneven))
    assert (second >= first).all()
    assert second.sum() > first.sum()


def test_the_days_have_the_mean_one_and_the_variance():
    days = gamma_days(0.25, 2_000)
    assert days.mean() == pytest.approx(1)
    assert days.var() == pytest.approx(0.25, rel=0.01)
    assert gamma_days(0.0).tolist() == [1.0]


def test_a_busy_day_counts_for_more_visitors():
    # Days of half and of one and a half the load: on the second one server is overloaded (1.2 erlang), nobody counts as
    # called in time; on the first C(1, 0.4) = 0.4: 1 - 0.4 exp(-0.6 x 15/10) = 0.8374, for a quarter of the visitors.
    share = called_share(np.array([1]), np.array([0.8]), days=np.array([0.5, 1.5]), within_min=15, work_min=10)
    assert share[0] == pytest.approx(0.25 * (1 - 0.4 * math.exp(-0.9)))


@for_each("name", ["textbook-mm3", "township-desk", "honghuagang-2014"])
def test_flows_add_up_to_the_offered_load(name):
    scenario = compose(name)
    flows = pool_flows(scenario)
    for load in offered_load(scenario).pools:
        own = [flow for flow in flows if flow.pool == load.pool]
        assert sum(flow.servings for flow in own) == pytest.approx(load.servings_per_day)
        assert sum(flow.work_h for flow in own) == pytest.approx(load.work_h_per_day)
        assert all(flow.later >= -1e-9 for flow in own)


def test_a_source_brings_later_visits_by_the_profile_of_the_site():
    # Everybody comes back to pay: a direct serving at the window, a later one at the cashier.
    scenario = hall(
        pools__cash={"servers": 1},
        services__item__visits={
            "apply": {"serve": {"pool": "window", "work": "10 min"}, "again": {"visit": "pay", "after": "1 h"}},
            "pay": {"pay": {"pool": "cash", "work": "2 min", "mark": "finished"}},
        },
    )
    flows = {flow.pool: flow for flow in pool_flows(scenario)}
    assert (flows["window"].direct, flows["window"].later) == (pytest.approx(84), pytest.approx(0))
    assert (flows["cash"].direct, flows["cash"].later) == (pytest.approx(0), pytest.approx(84))


@for_each(
    "text, share, minutes",
    [("90% within 15 min", 0.9, 15.0), ("95 % in 0.5 h", 0.95, 30.0), ("99.5%@5min", 0.995, 5.0)],
)
def test_a_target_is_read(text, share, minutes):
    assert parse_target(text) == WaitTarget(pytest.approx(share), minutes)


@for_each("text", ["90%", "within 15 min", "0.9 within 15 min", "100% within 5 min", "0% within 5 min"])
def test_a_target_that_makes_no_sense_is_one_sentence(text):
    with pytest.raises(HallplanError, match="The target") as failure:
        parse_target(text)
    assert text in str(failure.value)


# ---- officers who serve several items ------------------------------------------------------------------------------

TWO_ITEMS = """
format = 1
name = "two-items"
run = { start = 2014-03-03, days = 5 }
calendar = { weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
pools.window = { servers = 2 }
pools.desk = { servers = 2 }
services.item.visits.apply.serve = { pool = "window", work = "5 min", mark = "finished" }
services.other.visits.apply.serve = { pool = "desk", work = "5 min", mark = "finished" }
arrivals.people = { services = "item", per_day = 84 }
arrivals.others = { services = "other", per_day = 84 }
"""


def at_their_most(text: str) -> dict[str, int]:
    """Return the most servers that each pool of a hall requires."""
    needed = requirements(Scenario.model_validate(tomllib.loads(text)), [TARGET])
    return {required.pool: int(required.servers.max()) for required in needed}


def test_officers_who_serve_two_items_count_once():
    # Each item is 1 erlang: two servers call 1 - 1/3 e^-3 = 98% in time, one cannot keep up.  Both at the same windows
    # are 2 erlang: three servers call 1 - 4/9 e^-3 = 98%, one officer fewer than apart.
    assert at_their_most(TWO_ITEMS) == {"window": 2, "desk": 2}
    assert at_their_most(TWO_ITEMS.replace('pool = "desk"', 'pool = "window"')) == {"window": 3}


def test_officers_of_merged_pools_count_once():
    merged = TWO_ITEMS.replace("pools.desk = { servers = 2 }", 'pools.desk = { servers = 2, merge_into = "window" }')
    assert at_their_most(merged) == {"window": 3}
