"""Staff of the district halls follow the stated rules: windows the morning hump, offices the hours that they give."""

import math
from itertools import pairwise

import pytest
from cases import for_each

from foundation.units import parse_time_of_day
from planner.load import Load, PoolLoad, offered_load
from scenarios.compose.composing import compose, composed
from scenarios.model import DAY_MS, Scenario
from scenarios.model.laws import mean_of

BEFORE, AFTER = "honghuagang-2013", "honghuagang-2014"
FRONT = ("window-", "reception-", "service-desk", "cashier", "certificate-desk", "desk-sub-centre-")
MOST_IN_THE_HUMP = 0.85
MOST_BOOKED = 0.85
MOST_OF_THE_TIME_GIVEN = 0.5
MOST_HOURS_OF_ONE = 4
HOUR_MS = 3_600_000
TEAM_MS = 3.5 * HOUR_MS


@pytest.fixture(scope="module")
def halls() -> dict[str, tuple[Scenario, Load]]:
    return {name: (scenario, offered_load(scenario)) for name in (BEFORE, AFTER) if (scenario := compose(name))}


def share_an_hour_of_the_hump(scenario: Scenario) -> float:
    """Return the share of an ordinary day's visitors that comes in an hour of the busiest part of the day."""
    by_weekday = scenario.sites["hall"].profile
    assert by_weekday is not None
    profile = by_weekday["tue"]
    edges = [parse_time_of_day(time) for time in profile] + [parse_time_of_day("17:00")]
    whole_day = sum(rate * (end - start) for rate, (start, end) in zip(profile.values(), pairwise(edges), strict=True))
    return max(profile.values()) * HOUR_MS / whole_day


def pools(load: Load, *beginnings: str) -> list[PoolLoad]:
    return [pool for pool in load.pools if pool.pool.startswith(beginnings)]


@for_each("name", [BEFORE, AFTER])
def test_windows_and_desks_are_the_fewest_that_an_ordinary_morning_hump_loads_to_85_percent(halls, name) -> None:
    scenario, load = halls[name]
    hump = share_an_hour_of_the_hump(scenario)
    for pool in pools(load, *FRONT):
        least = max(1, math.ceil(pool.work_h_per_day * hump / MOST_IN_THE_HUMP))
        assert scenario.pools[pool.pool].servers == least, pool.pool


@for_each("name", [BEFORE, AFTER])
def test_27_departments_have_windows_within_those_of_comparable_halls(halls, name) -> None:
    scenario, _ = halls[name]
    windows = [pool for pool in scenario.pools.values() if pool.role == "window"]
    assert len({pool.department for pool in windows}) == 27
    assert sum(pool.servers for pool in windows) == {BEFORE: 28, AFTER: 35}[name]
    assert 22 <= sum(pool.servers for pool in windows) <= 57


def test_busy_windows_come_near_their_limits_in_the_hump_of_a_monday_and_small_ones_idle(halls) -> None:
    scenario, load = halls[AFTER]
    hump = share_an_hour_of_the_hump(scenario)
    weekday = scenario.arrivals["instant"].weekday
    monday = weekday["mon"] * len(weekday) / sum(weekday.values())
    utilisation = {
        pool.pool: pool.work_h_per_day * hump * monday / scenario.pools[pool.pool].servers
        for pool in pools(load, "window-")
    }
    for busy in ("aic", "labour", "housing", "local-tax", "police"):
        assert 0.8 <= utilisation[f"window-{busy}"] < 1, busy
    for small in ("water", "planning", "work-safety", "fire"):
        assert utilisation[f"window-{small}"] < 0.15, small


def test_sections_give_the_least_whole_hours_of_which_2013_takes_half_and_a_second_officer_after_four(halls) -> None:
    scenario, load = halls[BEFORE]
    for pool in pools(load, "section-", "office-"):
        needed = pool.work_h_per_day / MOST_OF_THE_TIME_GIVEN
        officers = 1 if math.ceil(needed) <= MOST_HOURS_OF_ONE else 2
        hours = max(1, math.ceil(needed / officers))
        section = scenario.pools[pool.pool]
        assert section.servers == officers, pool.pool
        assert section.hours is not None
        assert section.hours["mon"] == [(DAY_MS - (7 + hours) * HOUR_MS, DAY_MS - 7 * HOUR_MS)], pool.pool


def test_signers_give_half_an_hour_at_a_time_or_an_hour_where_2013_takes_more_than_half_of_that(halls) -> None:
    _, load = halls[BEFORE]
    for pool in pools(load, "head-", "chief-", "director-"):
        times = 2 if pool.pool.startswith("head-") else 1
        rostered = 0.5 * times if pool.work_h_per_day <= 0.5 * times * MOST_OF_THE_TIME_GIVEN else 1.0 * times
        assert pool.open_h_per_day == pytest.approx(rostered), pool.pool
        assert pool.work_h_per_day <= rostered * MOST_OF_THE_TIME_GIVEN, pool.pool


def test_half_days_take_what_teams_can_do_and_are_the_fewest_that_demand_fills_to_85_percent(
    halls,
) -> None:
    scenario, load = halls[BEFORE]
    for slots in load.timetables:
        kind = slots.timetable.removeprefix("slots-")
        route, timetable = scenario.routes[f"inspection-{kind}"], scenario.timetables[slots.timetable]
        work = sum(mean_of(route[step].work) for step in ("check", "report"))
        assert timetable.capacity == int(scenario.pools[f"inspectors-{kind}"].servers * TEAM_MS / work), kind
        days = len(timetable.days)
        assert slots.utilisation <= MOST_BOOKED, kind
        assert days == 1 or slots.utilisation * days / (days - 1) > MOST_BOOKED, kind
        hours = scenario.pools[f"inspectors-{kind}"].hours
        assert hours is not None
        assert {day for day, intervals in hours.items() if intervals} == set(timetable.days), kind


@for_each("name", [BEFORE, AFTER])
def test_everybody_and_every_timetable_keeps_up(halls, name) -> None:
    assert halls[name][1].overloaded == ()


def test_2014_keeps_up_without_any_one_of_its_reforms() -> None:
    now = compose(AFTER)
    for left_out in now.levers:
        changed = composed(BEFORE, levers=[name for name in now.levers if name != left_out])
        demand = {f"arrivals.{name}.per_day": source.per_day for name, source in now.arrivals.items() if source.per_day}
        staff = {f"pools.{name}.servers": pool.servers for name, pool in now.pools.items() if name.startswith(FRONT)}
        assert offered_load(changed.changed(overrides={**demand, **staff}).scenario).overloaded == (), left_out


def hours_a_day(scenario: Scenario, pool: str) -> float:
    hours = scenario.pools[pool].hours
    assert hours is not None
    return sum(end - start for start, end in hours["mon"]) / HOUR_MS


def test_more_review_time_takes_no_hour_away_from_any_section() -> None:
    before, after = (composed(BEFORE, levers=names).scenario for names in ([], ["more-review-time"]))
    for name in before.pools:
        if name.startswith("section-"):
            assert hours_a_day(after, name) == 4 >= hours_a_day(before, name), name


def test_delegated_sign_off_frees_those_who_signed_and_nobody_else() -> None:
    before, after = (composed(BEFORE, levers=names).scenario for names in ([], ["delegate-sign-off"]))
    freed = {name for name, pool in after.pools.items() if pool.servers < before.pools[name].servers}
    assert freed == {name for name in before.pools if name.startswith(("chief-", "director-"))}
    assert offered_load(after).overloaded == ()
