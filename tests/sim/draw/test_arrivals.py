"""When visitors come: expectations by hand, coupling by construction, and chance within stated bounds.

Where chance takes part, five standard errors are allowed (probability of a false alarm 6e-7 by the normal law), or, for
a Kolmogorov-Smirnov distance, what a true hypothesis exceeds with probability 1e-6.  Seeds are fixed.
"""

from __future__ import annotations

import datetime as dt
from math import log, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from tracing import of_text

from scenarios.model import WEEKDAYS, Scenario
from sim.calendar import DAY_MS, HOUR_MS, MINUTE_MS
from sim.draw.arrivals import Demand, arrival_times, day_means, time_of_day_profile
from sim.draw.drawing import draw
from sim.draw.streams import Streams
from sim.plan import Layout

HALL = """
run = { start = START, days = DAYS }
demand = DEMAND
calendar = { country = "COUNTRY", hours = HOURS }
pools.window = {}
services.item.visits.apply.serve = { pool = "window", work = "1 min" }
services.other.visits.apply.serve = { pool = "window", work = "1 min" }
"""


def hall(
    arrivals: str,
    *,
    days: int = 5,
    start: str = "2014-03-03",
    demand: float = 1.0,
    country: str = "none",
    hours: str = '"09:00-17:00"',
) -> Layout:
    text = HALL.replace("DAYS", str(days)).replace("START", start).replace("DEMAND", f"{demand:.12f}")
    return Layout.of(of_text(text.replace("COUNTRY", country).replace("HOURS", hours) + arrivals))


def street(process: str) -> str:
    return f'arrivals.street = {{ services = "item", {process} }}\n'


def times_of(layout: Layout, source: str = "street", service: str = "item", *, seed: int = 1) -> npt.NDArray[np.int64]:
    """Return when the visitors of a source come for a service."""
    program = draw(layout.scenario, seed, 0, layout)
    wanted = program.entities["source"] == program.sources.index(source)
    wanted &= program.entities["service"] == program.services.index(service)
    return np.sort(program.entities["start"][wanted & (program.entities["start"] >= 0)])


def means(process: str, **options: object) -> list[float]:
    layout = hall(street(process), **options)  # type: ignore[arg-type]
    return [round(mean, 6) for mean in day_means(layout, layout.scenario.arrivals["street"]).tolist()]


def within(observed: float, expected: float, sd: float) -> bool:
    return bool(abs(observed - expected) <= 5 * sd)


def kolmogorov(number: int, error: float = 1e-6) -> float:
    """Return the distance that a true hypothesis exceeds with probability `error` at the most (Massart 1990)."""
    return sqrt(log(2 / error) / 2 / number)


# ---- the mean of a day -----------------------------------------------------------------------------------------------


def test_without_weights_every_working_day_is_alike() -> None:
    assert means("per_day = 60", days=7, country="CN") == [60, 60, 60, 60, 60, 0, 0, 60, 60]


def test_weekday_weights_may_be_counts() -> None:
    # 288 + 326 + 270 + 347 + 199 = 1430, mean 286.
    process = "per_day = 286, weekday = { mon = 288, tue = 326, wed = 270, thu = 347, fri = 199 }"
    assert means(process, country="CN") == [288, 326, 270, 347, 199]


def test_a_make_up_sunday_counts_as_a_monday_unless_it_has_a_weight() -> None:
    # Labour Day 2014: Mon 28 April to Wed 30 are worked, Sunday 4 May instead of Friday 2.
    weights = "mon = 288, tue = 326, wed = 270, thu = 347, fri = 199"
    options = {"days": 5, "start": "2014-04-28", "country": "CN"}
    assert means(f"per_day = 286, weekday = {{ {weights} }}", **options) == [288, 326, 270, 0, 0, 0, 288, 288]
    assert means(f"per_day = 286, weekday = {{ {weights}, sun = 143 }}", **options)[6] == 143
    assert means("per_day = 286", **options)[6] == 286


def test_a_weekend_of_one_day_leaves_six_to_share_out() -> None:
    layout = Layout.of(
        of_text("""
            run.days = 6
            calendar = { weekend = ["sun"], country = "CN", hours = "09:00-17:00" }
            pools.window = {}
            services.item.visits.apply.serve = { pool = "window", work = "1 min" }
            arrivals.street = { services = "item", per_day = 70, weekday = { sat = 2 } }
            """)
    )
    assert day_means(layout, layout.scenario.arrivals["street"]) == pytest.approx([60, 60, 60, 60, 60, 120])


def test_nobody_comes_to_a_desk_on_a_day_on_which_it_does_not_work() -> None:
    # A township desk that works on Tuesday and Thursday; Tuesday has twice the weight: 40 and 20, mean 30.
    desk = 'sites.hall = {}\nsites.township.hours = { tue = "09:00-12:00", thu = "09:00-12:00" }\n'
    sources = """
        arrivals.street = { services = "item", site = "township", per_day = 30, weekday = { tue = 2 } }
        arrivals.stated = { services = "item", site = "township", at = ["10:00"] }
        arrivals.booked = { services = "item", site = "township", slots = { times = ["11:00"] } }
        """
    layout = hall(desk + sources, days=7, country="CN")
    assert day_means(layout, layout.scenario.arrivals["street"]) == pytest.approx([0, 40, 0, 20, 0, 0, 0, 0, 40])
    for source in ("street", "stated", "booked"):
        assert set((times_of(layout, source) // DAY_MS).tolist()) == {1, 3, 8}


def test_months_and_holidays_are_factors_on_top() -> None:
    # Qingming 2014: 5 to 7 April off.  Friday 4 April: 60 · 1/2 (month) · 3/2 (before) = 45; Tuesday 8: 60 · 1/2 · 2.
    process = 'per_day = 60, month = { "4" = 0.5 }, before_holiday = 1.5, after_holiday = 2'
    assert means(process, days=6, start="2014-03-31", country="CN") == [60, 30, 30, 30, 45, 0, 0, 0, 60]


def test_days_around_spring_festival_have_a_factor_of_their_own() -> None:
    # 2014: 31 January to 6 February off, 8 February (a Saturday) worked.  Three working days on either side.
    process = "per_day = 60, around_spring_festival = 0.5"
    festival = [60, 30, 30, 30, *[0] * 7, 30, 30, 0, 30, 60]
    assert means(process, days=8, start="2014-01-27", country="CN") == festival
    # National Day 2014: 1 to 7 October off; the week is as long, and no Spring Festival.
    assert set(means(process, days=8, start="2014-09-29", country="CN")) == {0, 60}


def test_two_days_off_are_no_holiday() -> None:
    assert means("per_day = 60, before_holiday = 9", days=7, country="CN")[4] == 60


def test_the_scenario_s_demand_multiplies_it_all() -> None:
    assert means("per_day = 60", demand=1.5) == [90] * 5


@given(st.lists(st.floats(0.01, 1_000), min_size=5, max_size=5), st.floats(0.1, 1_000))
@settings(max_examples=20, deadline=None)
def test_whatever_the_weights_a_full_week_has_five_days_worth(weights: list[float], per_day: float) -> None:
    days = ("mon", "tue", "wed", "thu", "fri")
    table = ", ".join(f"{day} = {weight:.9f}" for day, weight in zip(days, weights, strict=True))
    week = means(f"per_day = {per_day:.9f}, weekday = {{ {table} }}", country="CN")
    assert sum(week) == pytest.approx(5 * per_day, rel=1e-4, abs=1e-4)
    assert week[0] * weights[4] == pytest.approx(week[4] * weights[0], rel=1e-3, abs=1e-2)


# ---- the time of day -------------------------------------------------------------------------------------------------


def profile(layout: Layout, day: int = 0, given_profile: dict[str, float] | None = None) -> list[tuple[float, float]]:
    by_weekday = dict.fromkeys(WEEKDAYS, given_profile) if given_profile else None
    edges, shares = time_of_day_profile(layout, "hall", by_weekday)[day]
    return [(edge / HOUR_MS, round(share, 9)) for edge, share in zip(edges.tolist(), shares.tolist(), strict=True)]


def test_without_a_profile_demand_is_even_over_the_opening_hours() -> None:
    layout = hall(street("per_day = 1"), hours='["09:00-12:00", "13:00-15:00"]')
    assert profile(layout) == [(9, 0), (12, 0.6), (13, 0.6), (15, 1)]


def test_a_profile_gives_rates_and_runs_until_closing() -> None:
    layout = hall(street("per_day = 1"))
    # 1 h of weight 3, 2 h of 1, 5 h of 0.6: 3 + 2 + 3 = 8.
    assert profile(layout, 0, {"09:00": 3, "10:00": 1, "12:00": 0.6}) == [(9, 0), (10, 0.375), (12, 0.625), (17, 1)]


def test_a_site_has_a_profile_for_sources_without() -> None:
    layout = hall(street("per_day = 1") + 'sites.hall.profile = { "09:00" = 1, "13:00" = 3 }\n')
    assert profile(layout) == [(9, 0), (13, 0.25), (17, 1)]


QUIET_FRIDAYS = '{ default = { "09:00" = 1 }, fri = { "09:00" = 3, "13:00" = 1 } }'


@pytest.mark.parametrize(
    "arrivals",
    [
        street(f"per_day = 1, profile = {QUIET_FRIDAYS}"),
        street("per_day = 1") + f"sites.hall.profile = {QUIET_FRIDAYS}\n",
        street(f"per_day = 1, profile = {QUIET_FRIDAYS}") + 'sites.hall.profile = { "16:00" = 1 }\n',
    ],
)
def test_a_weekday_has_a_profile_of_its_own_and_the_others_have_the_default(arrivals: str) -> None:
    by_weekday = Demand.of(hall(arrivals), "street").profile
    runs = [list(zip((edges / HOUR_MS).tolist(), shares.tolist(), strict=True)) for edges, shares in by_weekday]
    even = [(9, 0), (17, 1)]
    # On Fridays 4 h of weight 3 and 4 h of 1.
    assert runs == [even, even, even, even, [(9, 0), (13, 0.75), (17, 1)], even, even]


def test_the_profile_of_a_weekday_leaves_the_level_of_the_day_alone() -> None:
    layout = hall(street(f"per_day = 60, weekday = {{ fri = 0.5 }}, profile = {QUIET_FRIDAYS}"), days=400)
    times = times_of(layout)
    friday = times // DAY_MS % 7 == 4
    days, fridays = 400, 57
    number = 60 * 0.5 / (6.5 / 7) * fridays
    assert within(friday.sum(), number, sqrt(number))
    # Three quarters come before 13:00 on Fridays, half on other days.
    before = times % DAY_MS < 13 * HOUR_MS
    assert within(before[friday].mean(), 0.75, sqrt(0.75 * 0.25 / number))
    others = 60 / (6.5 / 7) * (days - fridays)
    assert within(before[~friday].mean(), 0.5, sqrt(0.25 / others))


def test_a_plain_profile_and_the_same_for_every_weekday_bring_the_same_visitors() -> None:
    shape = '{ "09:00" = 3, "11:00" = 0, "13:00" = 1 }'
    plain, by_weekday = (
        hall(street(f"per_day = 40, weekday = {{ fri = 0.8 }}, profile = {profile}"), days=20)
        for profile in (shape, f"{{ default = {shape}, tue = {shape} }}")
    )
    assert times_of(plain).tolist() == times_of(by_weekday).tolist()


def test_a_short_day_cuts_the_profile_off() -> None:
    layout = hall(street("per_day = 1"), hours='{ default = "09:00-17:00", fri = "09:00-12:00" }')
    given_profile = {"09:00": 1.0, "11:00": 2.0, "14:00": 9.0}
    assert profile(layout, 4, given_profile) == [(9, 0), (11, 0.5), (12, 1)]


def test_a_make_up_day_has_monday_s_profile() -> None:
    layout = hall(street("per_day = 1"), hours='{ mon = "09:00-12:00", tue = "09:00-17:00", wed = "09:00-17:00" }')
    assert profile(layout, 6) == profile(layout, 0) == [(9, 0), (12, 1)]


@given(st.dictionaries(st.integers(0, 16), st.floats(0, 10), min_size=1), st.integers(0, 6))
@settings(max_examples=20, deadline=None)
def test_a_profile_never_falls_and_ends_at_one(weights: dict[int, float], day: int) -> None:
    given_profile = {f"{hour:02d}:00": weight for hour, weight in sorted(weights.items())}
    by_weekday = dict.fromkeys(WEEKDAYS, given_profile)
    edges, shares = time_of_day_profile(hall(street("per_day = 1")), "hall", by_weekday)[day]
    assert shares[0] == 0
    assert shares[-1] == 1
    assert (np.diff(shares) >= 0).all()
    assert (np.diff(edges) > 0).all()


def test_arrivals_within_a_day_follow_the_profile() -> None:
    layout = hall(street('per_day = 80, profile = { "09:00" = 3, "11:00" = 0, "13:00" = 1 }'), days=60)
    at = times_of(layout) % DAY_MS
    edges, shares = time_of_day_profile(layout, "hall", layout.scenario.arrivals["street"].profile)[0]
    distance = stats.ks_1samp(at, lambda x: np.interp(x, edges, shares)).statistic
    assert distance <= kolmogorov(at.size)
    assert not ((at >= 11 * HOUR_MS) & (at < 13 * HOUR_MS)).any()


# ---- how many --------------------------------------------------------------------------------------------------------


def day_counts(layout: Layout, **options: int) -> npt.NDArray[np.int64]:
    return np.bincount(times_of(layout, **options) // DAY_MS, minlength=layout.stop_day)  # type: ignore[arg-type]


@pytest.mark.parametrize("dispersion", [1.0, 3.0, 10.0])
def test_daily_counts_have_the_dispersion_that_was_asked(dispersion: float) -> None:
    days, mean = 600, 40
    counts = day_counts(hall(street(f"per_day = {mean}, day_dispersion = {dispersion}"), days=days))
    # Poisson counts have excess kurtosis 1/mean; a gamma factor makes them negative binomial with size r = m/(D - 1)
    # and p = 1/D, whose excess is 6/r + p²/(r (1 - p)).  Var(S²) = σ⁴ (2 + excess)/n for large n.
    if dispersion == 1:
        excess = 1 / mean
    else:
        r, p = mean / (dispersion - 1), 1 / dispersion
        excess = 6 / r + p * p / (r * (1 - p))
    index = counts.var(ddof=1) / mean
    assert within(index, dispersion, dispersion * sqrt((2 + excess) / days))
    assert within(counts.mean(), mean, sqrt(mean * dispersion / days))


def test_the_dispersion_is_right_to_three_per_cent() -> None:
    mean, dispersion, days = 20, 6, 25_000
    layout = hall(street(f"per_day = {mean}, day_dispersion = {dispersion}"), days=days)
    demand = Demand.of(layout, "street")
    index = np.mean(
        [
            np.bincount(arrival_times(demand, Streams(seed, 0))["item"] // DAY_MS, minlength=days).var() / mean
            for seed in range(5)
        ]
    )
    # As above: r = 4, excess 6/4 + (1/36)/(4 · 5/6).  125,000 days leave a standard error of half a per cent.
    excess = 6 / 4 + (1 / 36) / (4 * 5 / 6)
    assert within(float(index), dispersion, dispersion * sqrt((2 + excess) / (5 * days)))


def test_a_busy_day_is_busy_for_every_service() -> None:
    source = "arrivals.street = { services = { item = 1, other = 1 }, per_day = 80, day_dispersion = 20 }\n"
    layout = hall(source, days=400)
    first, second = (
        np.bincount(times_of(layout, service=service) // DAY_MS, minlength=400) for service in ("item", "other")
    )
    # Shared factor of variance (D - 1)/m: correlation (m/2)·(D - 1)/m / (1 + (m/2)·(D - 1)/m) = 9.5/10.5.
    correlation = np.corrcoef(first, second)[0, 1]
    expected = 9.5 / 10.5
    assert within(np.arctanh(correlation), np.arctanh(expected), 2 / sqrt(400 - 3))  # twice Fisher's: the law is skewed


NO_DAY = ", ".join(f"{day} = 0" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))


@pytest.mark.parametrize("process", ["per_day = 0", f"per_day = 9, weekday = {{ {NO_DAY} }}"])
def test_no_demand_is_a_legal_demand(process: str) -> None:
    assert times_of(hall(street(process))).size == 0


def test_a_demand_of_zero_brings_nobody_from_sources_that_have_a_rate() -> None:
    layout = hall(street("per_day = 50") + 'arrivals.second = { services = "item", every = "5 min" }\n', demand=0.0)
    assert times_of(layout).size == times_of(layout, "second").size == 0


# ---- coupling --------------------------------------------------------------------------------------------------------

PROCESSES = {
    "Poisson": "per_day = 30",
    "overdispersed": "per_day = 30, day_dispersion = 4",
    "shaped": 'per_day = 30, profile = { "09:00" = 3, "12:00" = 0, "13:00" = 1 }, weekday = { tue = 2 }',
    "renewal": 'every = { dist = "gamma", mean = "17 min", cv = 0.7 }',
    "fixed intervals": 'every = "13 min"',
}
RANDOM = sorted(PROCESSES)
LATE = 'lateness = { dist = "norm", mean = "5 min", cv = 1.0 }'
ALL = {
    **PROCESSES,
    "stated": 'at = ["09:30", "2014-03-05 10:00"]',
    "slots": f'slots = {{ times = ["09:00", "14:00"], seats = 3, booked = 0.6, no_show = 0.2, {LATE} }}',
    "batches": "per_day = 9, batch = { values = [1, 2, 5] }",
}


@given(st.sampled_from(RANDOM), st.floats(0.1, 3), st.floats(1, 3), st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_more_demand_brings_the_same_visitors_sooner(name: str, demand: float, more: float, seed: int) -> None:
    fewer = times_of(hall(street(PROCESSES[name]), demand=demand), seed=seed)
    many = times_of(hall(street(PROCESSES[name]), demand=demand * more), seed=seed)
    assert many.size >= fewer.size
    assert (many[: fewer.size] <= fewer).all()


@given(st.sampled_from(sorted(ALL)), st.integers(1, 8), st.integers(1, 8), st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_a_longer_run_begins_like_a_shorter_one(name: str, days: int, more: int, seed: int) -> None:
    short, long = hall(street(ALL[name]), days=days), hall(street(ALL[name]), days=days + more)
    shorter, longer = times_of(short, seed=seed), times_of(long, seed=seed)
    # What happens before the shorter run's end is the same in both (who is late may come after it).
    assert (shorter[shorter < short.stop] == longer[longer < short.stop]).all()


@given(st.sampled_from(sorted(ALL)), st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_another_source_changes_nobody_s_arrival(name: str, seed: int) -> None:
    alone = hall(street(ALL[name]))
    joined = hall('arrivals.before = { services = "item", per_day = 20 }\n' + street(ALL[name]))
    assert (times_of(alone, seed=seed) == times_of(joined, seed=seed)).all()


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_a_service_s_visitors_don_t_depend_on_the_others_of_their_source(seed: int) -> None:
    # 20 a day of which a half, and 10 a day, are the same Poisson process.
    alone = hall(street("per_day = 10"))
    shared = hall("arrivals.street = { services = { item = 1, other = 1 }, per_day = 20 }\n")
    assert (times_of(alone, seed=seed) == times_of(shared, seed=seed)).all()


@given(st.sampled_from(RANDOM), st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_visitors_come_in_opening_hours_of_working_days(name: str, seed: int) -> None:
    layout = hall(street(PROCESSES[name]), days=8, country="CN", hours='["09:00-12:00", "13:00-17:00"]')
    at = times_of(layout, seed=seed)
    assert layout.calendars[0].is_open(at).all()
    assert (np.diff(at) >= 0).all()


# ---- renewal, stated times, appointments, batches --------------------------------------------------------------------


def test_exponential_intervals_run_in_opening_time() -> None:
    layout = hall(street('every = { dist = "expon", mean = "6 min" }'), days=40, hours='["09:00-12:00", "13:00-17:00"]')
    worked = layout.calendars[0].worked(times_of(layout))
    gaps = np.diff(worked) / MINUTE_MS
    assert stats.ks_1samp(gaps, stats.expon(scale=6).cdf).statistic <= kolmogorov(gaps.size)
    assert within(gaps.size, 40 * 420 / 6, sqrt(40 * 420 / 6))


@given(st.integers(1, 500))
@settings(max_examples=20, deadline=None)
def test_fixed_intervals_count_opening_time_only(minutes: int) -> None:
    layout = hall(street(f'every = "{minutes} min"'), days=6, country="CN", hours='["09:00-12:00", "13:00-17:00"]')
    worked = layout.calendars[0].worked(times_of(layout))
    # Nobody comes at the very moment of the last closing.
    assert worked.tolist() == list(range(minutes * MINUTE_MS, 6 * 7 * HOUR_MS, minutes * MINUTE_MS))


def test_stated_times_are_daily_or_once() -> None:
    layout = hall(street('at = ["16:00", "09:30", "2014-03-08 10:00", "2015-01-01 10:00"]'), days=6, country="CN")
    # Saturday 8 March is off, but who comes comes; 2015 is beyond the run.
    expected = sorted([(day, hour) for day in (0, 1, 2, 3, 4, 7) for hour in (9.5, 16)] + [(5, 10)])
    assert [(at // DAY_MS, at % DAY_MS / HOUR_MS) for at in times_of(layout).tolist()] == expected


def test_times_before_the_run_are_left_out() -> None:
    assert times_of(hall(street('at = ["2014-03-02 10:00", "2014-03-03 10:00"]'))).tolist() == [10 * HOUR_MS]


def test_appointments_have_seats_and_days() -> None:
    layout = hall(street('slots = { times = ["09:00", "10:30"], seats = 2, days = ["tue", "thu"] }'), days=5)
    assert [(at // DAY_MS, at % DAY_MS / HOUR_MS) for at in times_of(layout).tolist()] == [
        (day, hour) for day in (1, 3) for hour in (9, 9, 10.5, 10.5)
    ]


def test_appointments_are_booked_and_kept_by_their_shares() -> None:
    process = 'slots = { times = ["09:00", "10:00", "11:00"], seats = 10, booked = 0.9, no_show = 0.2 }'
    came = times_of(hall(street(process), days=100)).size
    assert within(came / 3_000, 0.72, sqrt(0.72 * 0.28 / 3_000))


@given(st.integers(-90, 120))
@settings(max_examples=20, deadline=None)
def test_whoever_is_late_is_late_by_that_much(minutes: int) -> None:
    law = f'{{ dist = "uniform", low = "{minutes} min", high = "{minutes + 1} min" }}'
    late = times_of(hall(street(f'slots = {{ times = ["01:00", "10:00"], lateness = {law} }}'))) % DAY_MS
    delay = late[late > 5 * HOUR_MS] - 10 * HOUR_MS
    assert ((delay >= minutes * MINUTE_MS) & (delay <= (minutes + 1) * MINUTE_MS)).all()
    assert (late >= 0).all()  # nobody comes on the day before
    assert late.size == 10


@given(st.integers(1, 6), st.sampled_from(["per_day = 9", 'every = "40 min"', 'at = ["09:00", "12:00"]']))
@settings(max_examples=20, deadline=None)
def test_a_batch_is_so_many_at_once(size: int, process: str) -> None:
    single, many = times_of(hall(street(process))), times_of(hall(street(f"{process}, batch = {size}")))
    assert many.tolist() == np.repeat(single, size).tolist()


def test_batches_of_random_size_make_a_compound_process() -> None:
    layout = hall(street("per_day = 20, batch = { values = [1, 4], shares = [0.75, 0.25] }"), days=300)
    counts = day_counts(layout)
    # E[B] = 1.75, E[B²] = 4.75: mean 20 · 1.75, variance 20 · 4.75.
    assert within(counts.mean(), 35, sqrt(95 / 300))
    _, sizes = np.unique(times_of(layout), return_counts=True)
    assert set(sizes.tolist()) == {1, 4}
    assert within((sizes == 4).mean(), 0.25, sqrt(0.25 * 0.75 / sizes.size))


@pytest.mark.parametrize("process", ['every = "10 min"', 'at = ["09:00"]', 'slots = { times = ["09:00"] }'])
def test_services_of_a_source_without_a_daily_number_are_drawn_one_by_one(process: str) -> None:
    source = f"arrivals.street = {{ services = {{ item = 1, other = 3 }}, {process}, batch = 5 }}\n"
    layout = hall(source, days=200)
    item, other = times_of(layout).size, times_of(layout, service="other").size
    assert within(item / (item + other), 0.25, sqrt(0.25 * 0.75 / (item + other)))


def test_a_service_of_weight_zero_brings_nobody() -> None:
    layout = hall("arrivals.street = { services = { item = 1, other = 0 }, per_day = 20 }\n")
    assert times_of(layout, service="other").size == 0
    assert times_of(layout).size > 0


def test_the_first_day_is_day_zero_whatever_its_date() -> None:
    layout = hall(street('at = ["09:00"]'), start="2016-02-29", days=2)
    assert times_of(layout).tolist() == [9 * HOUR_MS, DAY_MS + 9 * HOUR_MS]
    assert layout.scenario.run.start == dt.date(2016, 2, 29)


@pytest.mark.parametrize(
    "source",
    [{"at": []}, {"every": {"values": ["0 min", "1000 min"], "shares": [0.9999, 0.0001]}}],
)
def test_no_stated_moment_and_rare_long_gaps_need_no_large_table(source: dict[str, Any]) -> None:
    visits = {"apply": {"serve": {"pool": "w", "work": "3 min", "mark": "finished"}}}
    raw = {"format": 1, "name": "x", "run": {"days": 2, "warm_up_days": 0, "replications": 1}}
    raw |= {"pools": {"w": {"servers": 2}}, "services": {"item": {"visits": visits}}}
    scenario = Scenario.model_validate(raw | {"arrivals": {"v": {"services": "item"} | source}})
    size = draw(scenario, 1, 0).entities.size
    assert (size == 0) == (source == {"at": []})
