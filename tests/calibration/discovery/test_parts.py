"""Parts of a discovered scenario by hand: names, shifts, turnarounds, laws, warm-up."""

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from cases import for_each
from small_logs import LOGS, discovery_of

from calibration.discovery.discover import discover
from calibration.discovery.laws.survival import Lifetimes
from calibration.discovery.result import Settings
from calibration.discovery.scenario.names import NameRegistry, checked_name
from calibration.discovery.scenario.provenance import _derived, _pool
from calibration.discovery.scenario.routes import _absent, _lasting
from calibration.discovery.scenario.table import _both, _even, _fill_days, _shifts, scenario_table
from calibration.discovery.timing.hours import Hours
from foundation.errors import HallplanError
from sim.calendar import DAY_MS, HOUR_MS, MINUTE_MS


def test_parts_are_named_after_their_labels_each_name_once():
    names = NameRegistry("step", ("end",))
    labels = ["End", "Check papers!", "check  papers", "受理", "受理 A", "x" * 60, "", "Büro", "-"]
    assert [names.give(label, k) for k, label in enumerate(labels)] == [
        "end-2", "check-papers", "check-papers-2", "step-4", "step-5", "x" * 48, "step-7", "b-ro", "step-9",
    ]  # fmt: skip


@for_each("label, name", [("abc受理", "abc"), ("ab受理", "step-1"), ("a b c 受 理", "a-b-c")])
def test_a_label_of_which_three_fifths_are_latin_names_its_part(label, name):
    assert NameRegistry("step").give(label, 0) == name


def test_the_name_of_a_scenario_is_checked():
    assert checked_name("a" * 48) == "a" * 48
    for name in ("a" * 49, "-a", "A", "a b", ""):
        with pytest.raises(HallplanError) as raised:
            checked_name(name)
        assert (raised.value.key, raised.value.values) == ("discovery.fault.name", {"value": name})


def lives(times: list[float], shares: list[float]) -> Lifetimes:
    band = np.zeros(len(times))
    return Lifetimes(np.array(times), np.array(shares), band, band, 10, 0, 0, 1.0)


def test_a_turnaround_is_a_law_of_working_days():
    assert _lasting(lives([], [])) == "1 working days"
    assert _lasting(lives([3], [1])) == "3 working days"
    assert _lasting(lives([1, 4], [0.25, 0.75])) == {
        "values": ["1 working days", "4 working days"],
        "shares": [0.25, 0.75],
    }


def test_beyond_the_longest_turnaround_the_last_rate_goes_on():
    """Half end after 2 days, a quarter after 4: of those that last 4 days, half end in a day."""
    law = _lasting(lives([2, 4], [0.5, 0.25]))
    days = [int(value.split()[0]) for value in law["values"]]
    assert days == [2, 4, *range(5, 25)]
    # From the middle of the times on (4 days, as the median is 3): 0.25 of 0.5 end in one day.
    rest = np.array(law["shares"][2:])
    assert rest.sum() == pytest.approx(0.25, abs=1e-8)
    assert rest[1:8] / rest[:7] == pytest.approx(np.full(7, 0.5), rel=1e-4)


def test_a_rate_near_zero_is_two_in_a_hundred_and_lasts_for_three_means():
    law = _lasting(lives([10, 500], [0.01, 0.005]))
    days = [int(value.split()[0]) for value in law["values"]]
    assert days[:4] == [10, 500, 508, 516]
    assert len(days) == 22
    rest = np.array(law["shares"][2:])
    assert rest[1] / rest[0] == pytest.approx(0.98**8, rel=1e-4)


@for_each("beyond, n", [(1e-6, 2), (3e-6, 22)])
def test_a_share_beyond_of_one_in_a_million_is_none(beyond, n):
    assert len(_lasting(lives([2, 4], [0.5, 0.5 - beyond]))["values"]) == n


def a_pool(days: tuple, roster: dict[int, int], servers: int = 2) -> SimpleNamespace:
    numbers = np.zeros(48, dtype=np.int64)
    for granule, n in roster.items():
        numbers[granule] = n
    return SimpleNamespace(hours=Hours(days, 1, 1, 0), roster=numbers, servers=servers, by_queue=False)


def test_a_roster_is_written_as_shifts_with_the_same_number():
    morning = ((9 * HOUR_MS, 10 * HOUR_MS + 15 * MINUTE_MS),)
    late = ((17 * HOUR_MS + 10 * MINUTE_MS, 18 * HOUR_MS),)
    pool = a_pool((morning, morning, late, (), (), (), ()), {18: 3, 19: 3, 20: 1, 34: 4, 35: 4})
    assert _shifts(pool) == [
        {"days": ["mon", "tue"], "hours": "09:00-10:00", "servers": 3},
        {"days": ["mon", "tue"], "hours": "10:00-10:15", "servers": 1},
        {"days": ["wed"], "hours": "17:10-18:00", "servers": 4},
    ]
    assert _shifts(a_pool((morning,) * 7, {18: 3}, servers=5)) == [
        {"hours": "09:00-09:30", "servers": 3},
        {"hours": "09:30-10:15", "servers": 5},  # nothing is known of it
    ]
    assert "days" in _shifts(a_pool((morning,) * 6 + ((),), {18: 3}))[0]


@for_each("seen, most", [(1, 2), (2, 4), (5, 10)])
def test_an_assumed_number_of_servers_is_at_most_twice_those_seen(seen, most):
    entry = _pool(SimpleNamespace(by_queue=False, servers=seen), "log")
    assert (entry["kind"], entry["range"]) == ("assumed", [seen, most])


def test_an_interval_without_an_end_is_not_in_the_provenance():
    assert _derived("log", "discovery.provenance.hours", interval=(1.23456, 2.0), hours="9")["range"] == [1.235, 2.0]
    assert "range" not in _derived("log", "discovery.provenance.hours", interval=(1.0, float("inf")), hours="9")
    assert "why" not in _derived("log", "discovery.provenance.hours", hours="9")


def test_texts_that_differ_by_language_are_given_in_both():
    english = {"a": "one", "b": ["x", "same"], "c": 3, "d": {"e": "two"}}
    chinese = {"a": "一", "b": ["y", "same"], "c": 3, "d": {"e": "二"}}
    both = {"a": {"en": "one", "zh": "一"}, "b": [{"en": "x", "zh": "y"}, "same"], "c": 3}
    assert _both(english, chinese) == both | {"d": {"e": {"en": "two", "zh": "二"}}}


def test_even_arrivals_begin_and_end_with_the_doors():
    days = ((), ((9 * HOUR_MS, 12 * HOUR_MS), (13 * HOUR_MS, DAY_MS)), (), (), (), (), ())
    assert _even(Hours(days, 1, 1, 0)) == {"09:00": 1.0, "12:00": 0.0, "13:00": 1.0}


@for_each("hours, fill", [(24.5, 0), (25.3, 2), (24 * 7, 6), (24 * 14.01, 12)])
def test_a_warm_up_lasts_as_many_working_days_as_nearly_all_cases(hours, fill):
    """Of seven calendar days five are working days."""
    office = discovery_of("office")
    discovery = replace(office, turnaround={-1: lives([1, hours, 10_000], [0.5, 0.49, 0.01])})
    assert _fill_days(discovery) == fill


def test_a_warm_up_is_as_long_as_the_longest_case_where_many_are_open():
    ledger = discovery_of("ledger")
    assert _fill_days(replace(ledger, turnaround={-1: lives([3, 8], [0.5, 0.3])})) == 9
    assert _fill_days(replace(ledger, turnaround={-1: lives([], [])})) == 0
    assert _fill_days(replace(ledger, turnaround={})) == 0
    long = replace(ledger, turnaround={-1: lives([400], [1.0])})
    run = scenario_table(long)["run"]
    assert (run["warm_up_days"], run["follow_up_days"]) == (250, 250)


@for_each("mean, call", [(999.0, "1 min"), (1_000.0, "5 s")])
def test_a_call_of_less_than_a_second_is_assumed_to_last_a_minute(mean, call):
    (absence, *_) = discovery_of("counter").absences.values()
    assert _absent(replace(absence, call=replace(absence.call, mean=mean, law="5 s")))["call"] == call
    assert _absent(replace(absence, call=None))["call"] == "1 min"
    away = _absent(replace(absence, returned=0.5))
    assert (away["then"], "away" in away) == ("leave", False)


def test_a_run_of_ten_years_is_the_longest():
    ledger = discovery_of("ledger")
    many = replace(ledger.days, worked=np.ones(3_000, dtype=np.bool_))
    assert scenario_table(replace(ledger, days=many))["run"]["days"] == 2_500
    none = replace(ledger.days, worked=np.zeros(10, dtype=np.bool_))
    assert scenario_table(replace(ledger, days=none))["run"]["days"] == 1


@for_each("weekend, country, entry", [((5, 6), "CN", None), ((6,), "CN", ["sun"]), ((5, 6), "none", ["sat", "sun"]),
                                      ((), "none", None)])  # fmt: skip
def test_a_weekend_is_written_unless_the_country_has_it(weekend, country, entry):
    ledger = discovery_of("ledger")
    off = (dt.date(2014, 3, 5),)
    days = replace(ledger.days, weekend=weekend, country=country, off=off, work=off)
    calendar = scenario_table(replace(ledger, days=days))["calendar"]
    assert calendar.get("weekend") == entry
    assert (calendar["country"], calendar["off"], calendar["work"]) == (country, list(off), list(off))


def test_every_stage_is_reported_once():
    for name, stages in (("centre", [1, 2, 3, 4, 5, 6, 7]), ("ledger", [1, 2, 3, 7])):
        seen: list[tuple[int, int]] = []
        discover(LOGS[name](), settings=Settings(), progress=lambda stage, of, seen=seen: seen.append((stage, of)))
        assert seen == [(stage, 7) for stage in stages]


def test_the_tables_of_a_discovery_are_its_findings_routes_and_rates():
    assert list(discovery_of("counter").frames()) == ["findings", "routes", "arrival_rates"]
    assert list(discovery_of("ledger").frames()) == ["findings", "routes"]
    assert discovery_of("ledger").last_day == dt.date(2014, 5, 23)
