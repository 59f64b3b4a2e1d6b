"""The hall's side on the integer clock, worked out by hand: rosters, closings, pauses, doors, timetables, merging."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from cases import for_each
from hypothesis import given, settings
from hypothesis import strategies as st
from tracing import of_text

from foundation.errors import ScenarioError
from scenarios.model import Scenario
from sim.calendar import DAY_MS
from sim.plan import KEEP, SEND_HOME, SERVE_ALL, Layout, compile_plan
from sim.program import PoolPlan, SitePlan

MINIMAL = """
[services.item.visits.apply.serve]
pool = "window"
work = "1 min"
[arrivals.street]
services = "item"
at = ["10:00"]
"""
NIGHT = """
[run]
days = 5
[pools.window]
roster = [{ hours = "20:00-24:00", servers = 1 }, { hours = "00:00-04:00", servers = 1 }]
"""
WEEK = 'run = { start = 2014-03-03, days = 5 }\ncalendar = { weekend = ["sat", "sun"], hours = HOURS }\n'
LUNCH = '["09:00-12:00", "13:00-17:00"]'


def scenario(text: str) -> Scenario:
    return of_text(text + MINIMAL)


def pool_of(text: str, name: str = "window") -> PoolPlan:
    return next(pool for pool in compile_plan(scenario(text)).pools if pool.name == name)


def site_of(text: str) -> SitePlan:
    return compile_plan(scenario(text)).sites[0]


def clock(ms: int) -> str:
    """Write a moment as day and time of day: ``"0 09:00"``."""
    minutes = ms % DAY_MS // 60_000
    return f"{ms // DAY_MS} {minutes // 60:02d}:{minutes % 60:02d}"


def edges(pool: PoolPlan, days: int = 1) -> list[tuple[str, int]]:
    """Return the roster of the first days: when, and how many from then on."""
    return [
        (clock(time), servers)
        for time, servers in zip(pool.times.tolist(), pool.servers.tolist(), strict=True)
        if time < days * DAY_MS
    ]


def on_duty(pool: PoolPlan, day: int, hour: float) -> int:
    """Return how many are on duty at a moment."""
    at = np.searchsorted(pool.times, day * DAY_MS + hour * 3_600_000, side="right") - 1
    return int(pool.servers[at])


# ---- rosters ---------------------------------------------------------------------------------------------------------


def test_a_pool_keeps_the_hall_s_hours() -> None:
    pool = pool_of(WEEK.replace("HOURS", LUNCH) + "pools.window = { servers = 2 }")
    assert edges(pool, 2) == [
        ("0 00:00", 0),
        ("0 09:00", 2),
        ("0 12:00", 0),
        ("0 13:00", 2),
        ("0 17:00", 0),
        ("1 09:00", 2),
        ("1 12:00", 0),
        ("1 13:00", 2),
        ("1 17:00", 0),
    ]


def test_nobody_is_on_duty_at_the_weekend() -> None:
    pool = pool_of(WEEK.replace("HOURS", LUNCH) + "pools.window = {}")
    assert [on_duty(pool, day, 10) for day in range(8)] == [1, 1, 1, 1, 1, 0, 0, 1]


def test_shifts_add_up_and_an_edge_at_which_nothing_changes_is_none() -> None:
    pool = pool_of(
        WEEK.replace("HOURS", '"09:00-17:00"')
        + """
        [pools.window]
        roster = [
            { hours = "09:00-13:00", servers = 2 },
            { hours = "13:00-17:00", servers = 1 },
            { hours = "13:00-15:00", servers = 1 },
            { hours = "10:00-11:00", servers = 3, days = ["tue"] },
        ]
        """
    )
    assert edges(pool) == [("0 00:00", 0), ("0 09:00", 2), ("0 15:00", 1), ("0 17:00", 0)]  # 13:00: one goes, one comes
    assert edges(pool, 2)[4:] == [("1 09:00", 2), ("1 10:00", 5), ("1 11:00", 2), ("1 15:00", 1), ("1 17:00", 0)]


def test_a_shift_round_the_clock_has_no_edges() -> None:
    assert edges(pool_of("run.days = 3\npools.window = { servers = 4 }"), 3) == [("0 00:00", 4)]


def test_shifts_that_meet_at_midnight_run_on() -> None:
    assert edges(pool_of(NIGHT), 2) == [
        ("0 00:00", 1),
        ("0 04:00", 0),
        ("0 20:00", 1),
        ("1 04:00", 0),
        ("1 20:00", 1),
    ]


CHINA = """
run = { start = 2014-04-28, days = 6 }
[calendar]
country = "CN"
[calendar.hours]
mon = ["09:00-12:00", "13:00-17:00"]
tue = "09:00-17:00"
wed = "09:00-17:00"
thu = "09:00-17:00"
fri = "09:00-12:00"
"""
SUNDAY = 6  # 4 May 2014, a make-up working Sunday after the holiday of 1 to 3 May


def test_a_make_up_sunday_is_worked_like_a_monday() -> None:
    pool = pool_of(CHINA + "[pools.window]\n")
    assert [on_duty(pool, day, 16) for day in range(8)] == [1, 1, 1, 0, 0, 0, 1, 1]
    assert on_duty(pool, SUNDAY, 12.5) == 0  # Monday's break
    site = site_of(CHINA + "[pools.window]\n")
    assert [clock(time) for time in site.opens[:5].tolist()] == ["0 09:00", "1 09:00", "2 09:00", "6 09:00", "7 09:00"]


def test_a_roster_that_speaks_of_sunday_is_taken_at_its_word() -> None:
    roster = '[pools.window]\nroster = [{ hours = "09:00-17:00", servers = 2 DAYS }]\n'
    weekdays = roster.replace("DAYS", ', days = ["mon", "tue", "wed", "thu", "fri"]')
    assert on_duty(pool_of(CHINA + weekdays), SUNDAY, 12.5) == 2  # like Monday, whose shift has no break
    every_day = roster.replace("DAYS", "")
    assert on_duty(pool_of(CHINA + every_day), SUNDAY, 12.5) == 2
    no_mondays = roster.replace("DAYS", ', days = ["tue"]')
    assert on_duty(pool_of(CHINA + no_mondays), SUNDAY, 10) == 0
    off_on_sundays = """
        [pools.window]
        roster = [
            { hours = "09:00-17:00", servers = 2, days = ["mon"] },
            { hours = "09:00-17:00", servers = 0, days = ["sun"] },
        ]
        """
    assert on_duty(pool_of(CHINA + off_on_sundays), SUNDAY, 10) == 0


def test_a_day_without_hours_is_a_make_up_day_only_where_it_belongs_to_the_weekend() -> None:
    # A hall that is open on seven days has no weekend: a pool that works on weekdays is off on Saturday.
    pool = pool_of('run.days = 7\npools.window.hours = { mon = "09:00-17:00", tue = "09:00-17:00" }\n')
    assert [on_duty(pool, day, 10) for day in range(7)] == [1, 1, 0, 0, 0, 0, 0]
    # Friday and Saturday off, Saturday 8 March worked instead: as on a Monday.
    text = """
        run.days = 6
        calendar = { weekend = ["fri", "sat"], work = [2014-03-08], hours = "09:00-17:00" }
        pools.window.hours = { mon = "10:00-12:00", sun = "09:00-10:00" }
        """
    assert [on_duty(pool_of(text), day, 11) for day in range(7)] == [1, 0, 0, 0, 0, 1, 0]


def test_a_pool_without_hours_of_its_own_works_whenever_its_site_does() -> None:
    # An ordinary weekday without hours is not worked: Wednesday's doors, and windows, open on Thursday.
    text = """
        run.days = 4
        calendar.weekend = ["sat", "sun"]
        calendar.hours = { mon = "09:00-12:00", tue = "09:00-17:00", thu = "09:00-12:00" }
        pools.window = {}
        """
    pool, site = pool_of(text), site_of(text)
    assert [on_duty(pool, day, 10) for day in range(4)] == [1, 1, 0, 1]
    assert clock(int(site.opens[2])) == "3 09:00"
    assert on_duty(pool, 3, 13) == 0


intervals = st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda pair: pair[0] < pair[1])
shifts = st.lists(st.tuples(intervals, st.integers(0, 4), st.sets(st.integers(0, 6), min_size=1)), max_size=5)
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def hall_with(pools: dict[str, Any]) -> Scenario:
    return Scenario.model_validate(
        {
            "format": 1,
            "name": "hall",
            "run": {"days": 7},
            "pools": pools,
            "services": {"item": {"visits": {"apply": {"serve": {"pool": next(iter(pools)), "work": "1 min"}}}}},
            "arrivals": {"street": {"services": "item", "at": ["10:00"]}},
        }
    )


def roster(given_shifts: list[tuple[tuple[int, int], int, set[int]]]) -> list[dict[str, Any]]:
    return [
        {"hours": f"{start:02d}:00-{end:02d}:00", "servers": servers, "days": [NAMES[day] for day in sorted(days)]}
        for (start, end), servers, days in given_shifts
    ]


@settings(max_examples=20, deadline=None)
@given(shifts, st.integers(0, 6), st.integers(0, 23))
def test_at_any_hour_as_many_are_on_duty_as_shifts_run(
    given_shifts: list[tuple[tuple[int, int], int, set[int]]], day: int, hour: int
) -> None:
    pool = compile_plan(hall_with({"window": {"roster": roster(given_shifts)}})).pools[0]
    running = sum(n for (start, end), n, days in given_shifts if day in days and start <= hour < end)
    assert on_duty(pool, day, hour) == on_duty(pool, day, hour + 0.99) == running
    assert (np.diff(pool.times) > 0).all()
    assert (np.diff(pool.servers) != 0).all()


@settings(max_examples=20, deadline=None)
@given(shifts, shifts, st.integers(0, 6), st.integers(0, 23))
def test_merged_pools_bring_their_servers_together(first: Any, second: Any, day: int, hour: int) -> None:
    apart = compile_plan(hall_with({"a": {"roster": roster(first)}, "b": {"roster": roster(second)}})).pools
    merged = compile_plan(
        hall_with({"a": {"roster": roster(first)}, "b": {"roster": roster(second), "merge_into": "a"}})
    )
    (pool,) = merged.pools
    assert on_duty(pool, day, hour) == sum(on_duty(one, day, hour) for one in apart)


# ---- merging ---------------------------------------------------------------------------------------------------------


def test_pools_merge_along_a_chain_and_keep_the_last_one_s_rules() -> None:
    layout = Layout.of(
        scenario(
            WEEK.replace("HOURS", LUNCH)
            + """
            pools.a = { servers = 1, merge_into = "b", preemptive = true }
            pools.b = { servers = 2, merge_into = "window" }
            pools.window = { servers = 3, room = 7 }
            pools.alone = { servers = 9 }
            """
        )
    )
    assert layout.pools == {"a": "window", "b": "window", "window": "window", "alone": "alone"}
    assert layout.pool_index == {"a": 0, "b": 0, "window": 0, "alone": 1}
    pools = compile_plan(layout.scenario, layout).pools
    assert [(pool.name, on_duty(pool, 0, 10), pool.room, pool.preemptive) for pool in pools] == [
        ("window", 6, 7, False),
        ("alone", 9, -1, False),
    ]


@pytest.mark.parametrize("into", ["b", "nowhere"])
def test_a_merge_that_leads_nowhere_is_refused(into: str) -> None:
    pools = {"window": {}, "a": {"merge_into": into}, "b": {"merge_into": "a"}}
    with pytest.raises(ScenarioError, match="a"):
        compile_plan(hall_with(pools))


# ---- closing ---------------------------------------------------------------------------------------------------------


def closings(pool: PoolPlan, days: int = 7) -> list[str]:
    marked = pool.times[pool.day_close & (pool.times > 0) & (pool.times < days * DAY_MS)]
    return [clock(time) for time in marked.tolist()]


def test_the_day_s_last_closing_is_told_from_the_lunch_break() -> None:
    pool = pool_of(WEEK.replace("HOURS", LUNCH) + "pools.window = {}", "window")
    assert closings(pool) == [f"{day} 17:00" for day in range(5)]


def test_a_closing_at_midnight_is_the_day_s_last_unless_the_shift_runs_on() -> None:
    assert closings(pool_of('run.days = 5\npools.window.hours = "12:00-24:00"\n'), 3) == ["1 00:00", "2 00:00"]
    assert closings(pool_of("run.days = 5\npools.window = {}\n")) == []
    assert closings(pool_of(NIGHT)) == []  # 04:00 is followed by 20:00 on the same day


def test_what_closing_does_comes_from_the_pool_else_from_the_site_else_from_who_waits() -> None:
    plan = compile_plan(
        scenario(
            WEEK.replace("HOURS", LUNCH)
            + """
            sites.hall.at_close = "send-home"
            pools = { window = {}, office = {}, late = { at_close = "serve" }, other = { at_close = "keep" } }
            """
        )
    )
    assert [(pool.name, pool.at_close) for pool in plan.pools] == [
        ("window", SEND_HOME),  # visitors queue there: as the site says
        ("office", KEEP),  # nobody is kept from going home
        ("late", SERVE_ALL),
        ("other", KEEP),
    ]


def test_visitors_are_found_behind_named_routes_forks_and_merges() -> None:
    layout = Layout.of(
        of_text("""
            pools = { a = { merge_into = "window" }, window = {}, branch = {}, office = {}, deep = {} }
            [routes]
            outer = { inner = { route = "inner" } }
            inner = { serve = { pool = "deep", work = "1 min" } }
            [services.item.visits.apply]
            merged = { pool = "a", work = "1 min" }
            named = { route = "outer" }
            parts = { fork = { one = { step = { pool = "branch", work = "1 min" } } }, order = "sequential" }
            file = { start_case = true }
            [services.item.case]
            review = { pool = "office", work = "1 min" }
            [arrivals.street]
            services = "item"
            at = ["10:00"]
            """)
    )
    assert layout.visitor_pools == {"window", "branch", "deep"}


# ---- pauses ----------------------------------------------------------------------------------------------------------


def pauses_of(text: str) -> list[tuple[str, str]]:
    calendar = pool_of(text).pauses
    assert calendar is not None
    first_days = calendar.opens < 2 * DAY_MS
    ends = zip(calendar.opens[first_days].tolist(), calendar.closes[first_days].tolist(), strict=True)
    return [(clock(start), clock(end)) for start, end in ends]


def test_a_pool_that_finishes_has_no_pauses() -> None:
    assert pool_of(WEEK.replace("HOURS", LUNCH) + "pools.window = {}").pauses is None


def test_a_pool_that_pauses_works_while_anybody_is_on_duty() -> None:
    text = WEEK.replace("HOURS", LUNCH) + 'pools.window = { at_break = "pause", at_close = "keep" }'
    assert pauses_of(text) == [
        ("0 09:00", "0 12:00"),
        ("0 13:00", "0 17:00"),
        ("1 09:00", "1 12:00"),
        ("1 13:00", "1 17:00"),
    ]


def test_fewer_servers_are_no_pause() -> None:
    text = (
        WEEK.replace("HOURS", LUNCH)
        + """
        [pools.window]
        at_break = "pause"
        at_close = "keep"
        roster = [{ hours = "09:00-17:00", servers = 1 }, { hours = "09:00-11:00", servers = 1 }]
        """
    )
    assert pauses_of(text) == [("0 09:00", "0 17:00"), ("1 09:00", "1 17:00")]


def test_a_pool_that_pauses_at_lunch_but_sends_home_at_closing_finishes_in_the_evening() -> None:
    text = WEEK.replace("HOURS", LUNCH) + 'pools.window = { at_break = "pause", at_close = "send-home" }'
    lunch = [opening for opening in pauses_of(text) if opening[0].endswith("13:00")]
    assert lunch == [("0 13:00", "1 12:00"), ("1 13:00", "2 12:00")]


# ---- doors -----------------------------------------------------------------------------------------------------------


def doors(text: str, days: int = 3) -> list[tuple[str, str]]:
    site = site_of(text)
    n = int((site.opens < days * DAY_MS).sum())
    return [(clock(a), clock(b)) for a, b in zip(site.opens[:n].tolist(), site.closes[:n].tolist(), strict=True)]


def test_the_doors_open_once_a_day_and_stay_open_at_lunch() -> None:
    text = (
        WEEK.replace("HOURS", LUNCH)
        + 'pools.window = {}\nsites.hall = { doors_open = "15 min", tickets_stop = "20 min" }'
    )
    assert doors(text) == [(f"{day} 08:45", f"{day} 16:40") for day in range(3)]


def test_a_site_keeps_its_own_hours() -> None:
    text = (
        WEEK.replace("HOURS", LUNCH)
        + 'pools.window = {}\nsites.hall.hours = { default = "10:00-16:00", fri = "10:00-11:00" }'
    )
    assert doors(text, 5)[3:] == [("3 10:00", "3 16:00"), ("4 10:00", "4 11:00")]


def test_doors_open_for_a_moment_at_least() -> None:
    text = WEEK.replace("HOURS", '"09:00-09:10"') + 'pools.window = {}\nsites.hall.tickets_stop = "1 h"'
    site = site_of(text)
    assert (site.closes > site.opens).all()


def test_doors_never_open_before_the_first_day() -> None:
    text = 'run.days = 2\ncalendar.hours = "00:00-10:00"\npools.window = {}\nsites.hall.doors_open = "1 h"\n'
    assert doors(text, 2)[0] == ("0 00:00", "0 10:00")


@for_each(
    ("text", "expected"),
    [
        ("", False),
        ('calendar.hours = "always"', False),
        ("sites.hall.room = 5", True),
        ('calendar.hours = "09:00-17:00"', True),
        ('calendar.weekend = ["sun"]', True),
        ('calendar.hours = { default = "always", sun = "00:00-12:00" }', True),
    ],
)
def test_a_hall_has_doors_where_a_visitor_could_find_them_shut(text: str, expected: bool) -> None:
    layout = Layout.of(scenario(text + "\npools.window = {}\n"))
    assert layout.has_doors("hall") is expected


# ---- timetables ------------------------------------------------------------------------------------------------------


def departures(table: str, days: int = 14, extra: str = "") -> list[str]:
    text = WEEK.replace("HOURS", LUNCH).replace("days = 5", "days = 15") + "pools.window = {}\n" + extra
    plan = compile_plan(scenario(text + f"timetables.courier = {table}\n"))
    return [clock(time) for time in plan.timetables[0].departures.tolist() if time < days * DAY_MS]


def test_times_of_day_on_working_days() -> None:
    assert departures('{ times = ["15:00", "10:00"] }', 1) == ["0 10:00", "0 15:00"]
    assert len(departures('{ times = ["15:00", "10:00"] }', 7)) == 10  # nothing at the weekend


def test_only_on_some_weekdays() -> None:
    assert departures('{ times = ["10:00"], days = ["tue", "thu", "sat"] }', 7) == ["1 10:00", "3 10:00"]


def test_every_so_often_within_a_part_of_the_day() -> None:
    table = '{ every = "90 min", between = "09:00-12:00", days = ["mon"] }'
    assert departures(table, 7) == ["0 09:00", "0 10:30"]  # the end is not part of it


def test_every_second_week_counts_from_the_week_of_the_first_day() -> None:
    assert departures('{ times = ["10:00"], days = ["wed"], every_weeks = 2 }', 21) == ["2 10:00", "16 10:00"]


def test_weeks_begin_on_monday_whatever_the_first_day_is() -> None:
    # First day Thursday 6 March: its week ends on Sunday, and Monday 10 belongs to the second one.
    text = """
        run = { start = 2014-03-06, days = 10 }
        calendar.hours = "09:00-17:00"
        pools.window = {}
        timetables.board = { times = ["10:00"], days = ["mon", "fri"], every_weeks = 2 }
        """
    times = compile_plan(scenario(text)).timetables[0].departures
    assert [clock(time) for time in times[:3].tolist()] == ["1 10:00", "11 10:00", "15 10:00"]


def test_a_timetable_says_how_many_it_takes() -> None:
    text = "pools.window = {}\ntimetables = { a = { times = ['10:00'], capacity = 3 }, b = { times = ['10:00'] } }\n"
    assert [table.capacity for table in compile_plan(scenario(text)).timetables] == [3, -1]


# ---- the run ---------------------------------------------------------------------------------------------------------


def layout_of(run: str) -> Layout:
    return Layout.of(
        scenario(f'run = {{ start = 2014-03-06, {run} }}\ncalendar.weekend = ["sat", "sun"]\npools.window = {{}}\n')
    )


def test_the_run_is_counted_in_working_days() -> None:
    # Thursday 6 March: two days of warm-up (Thu, Fri), three measured (Mon to Wed), one followed up (Thu).
    layout = layout_of("warm_up_days = 2, days = 3, follow_up_days = 1")
    assert (layout.first_measured, layout.first_followed, layout.stop_day) == (4, 7, 8)
    assert layout.stop == 8 * DAY_MS


def test_without_follow_up_the_run_ends_with_the_last_measured_day() -> None:
    layout = layout_of("days = 3")
    assert (layout.first_measured, layout.first_followed, layout.stop_day) == (0, 5, 5)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 30), st.integers(1, 60), st.integers(0, 30), st.dates(dt.date(2005, 1, 1), dt.date(2024, 1, 1)))
def test_every_part_of_the_run_has_its_working_days(warm_up: int, days: int, follow_up: int, start: dt.date) -> None:
    layout = Layout.of(
        Scenario.model_validate(
            {
                "format": 1,
                "name": "hall",
                "run": {"start": start, "warm_up_days": warm_up, "days": days, "follow_up_days": follow_up},
                "calendar": {"country": "CN", "hours": ["09:00-17:00"]},
                "pools": {"window": {}},
                "services": {"item": {"visits": {"apply": {"serve": {"pool": "window", "work": "1 min"}}}}},
                "arrivals": {"street": {"services": "item", "at": ["10:00"]}},
            }
        )
    )
    parts = np.split(layout.workdays[: layout.stop_day], [layout.first_measured, layout.first_followed])
    assert [int(part.sum()) for part in parts] == [warm_up, days, follow_up]
    assert layout.workdays[layout.stop_day - 1]
    assert layout.workdays.size - layout.stop_day >= 365  # dates beyond the run, for whatever is due later


def test_a_calendar_without_enough_working_days_is_refused() -> None:
    with pytest.raises(ScenarioError, match="working days"):
        Layout.of(scenario('calendar.weekend = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\npools.window = {}\n'))
    with pytest.raises(ScenarioError, match="working days"):
        Layout.of(scenario("run.start = 9999-06-01\npools.window = {}\n"))
