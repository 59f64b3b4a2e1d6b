"""Routes, servers and passages: who does what, after what, and how long things lie about."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from cases import for_each
from discovery_halls import discovered, handmade, log_of

from calibration.discovery.control_flow.routing import _seen_through, discover_routing
from calibration.discovery.discover import discover
from calibration.discovery.log.reading import read_traces
from calibration.discovery.resources.groups import resource_groups
from calibration.discovery.result import Settings
from calibration.discovery.scenario.table import compose_scenario, scenario_table
from calibration.discovery.timing.hours import discover_hours, discover_working_days, work_calendar
from calibration.discovery.timing.start_times import estimate_starts
from foundation.errors import HallplanError

DAY = pd.Timestamp("2014-03-03")


def case(number, *steps, service=None, day=0):
    """Rows of a case: ``(activity, resource, start, end)`` in minutes after nine."""
    origin = DAY + pd.Timedelta(days=day, hours=9)
    rows = []
    for activity, resource, start, end in steps:
        row = {"case": number, "activity": activity, "resource": resource}
        row |= {"start": origin + pd.Timedelta(minutes=start)}
        row |= {"end": None if end is None else origin + pd.Timedelta(minutes=end)}
        rows.append(row | ({"attr_service": service} if service else {}))
    return rows


def shares(log):
    routing = discover_routing(read_traces(log))
    return {(row["from"], row["to"]): row["share"] for row in routing.transitions.to_dict("records")}, routing


def test_loops_are_shares_of_passages():
    rows = []
    for k in range(40):
        again = [("check", "a", 10, 20)] * (k % 4 == 0)
        rows += case(k, ("check", "a", 0, 5), *again, ("sign", "b", 30, 35), day=k)
    discovery, routing = shares(handmade(rows))
    assert discovery["check", "check"] == pytest.approx(10 / 50)
    assert discovery["check", "sign"] == pytest.approx(40 / 50)
    assert discovery["sign", ""] == 1
    assert routing.rework[0] == pytest.approx(10 / 40)
    row = routing.transitions.set_index(["from", "to"]).loc[("check", "check")]
    assert row["low"] < 0.2 < row["high"]


def test_open_cases_end_nothing():
    rows = []
    for k in range(60):
        rows += case(k, ("check", "a", 0, 5), ("sign", "b", 30, 35), day=k)
    for k in range(60, 70):
        rows += case(k, ("check", "a", 20, 30), day=59)  # the log ends five minutes later
    discovery, routing = shares(handmade(rows))
    assert ("check", "") not in discovery
    assert discovery["check", "sign"] == 1
    assert routing.open[60:].all()
    assert not routing.open[:50].any()


def test_cases_from_before_the_log_begin_nothing():
    rows = []
    for k in range(10):
        rows += case(k, ("sign", "b", 1, 3), day=0)
    for k in range(10, 400):
        rows += case(k, ("check", "a", 0, 5), ("sign", "b", 30, 35), day=1 + k // 4)
    discovery, routing = shares(handmade(rows))
    assert ("", "sign") not in discovery
    assert routing.begun_before[:10].all()
    assert routing.begun_before.sum() == 10


@for_each("days_between, seen", [(6, 4), (8, 10)])
def test_rows_near_the_end_of_the_log_count_only_where_few_others_remain(days_between, seen):
    # "check" ends on days 0 to 9, "sign" follows after so many days if the log goes on: four in ten, or two, are early
    # enough.  Three in ten are needed.
    rows = []
    for k in range(10):
        rows += case(k, ("check", "a", 0, 5), day=k)
        if k + days_between < 10:
            rows += case(k, ("sign", "b", 10, 15), day=k + days_between)
    traces = read_traces(handmade(rows))
    checks = traces.activity == traces.activities.index("check")
    assert np.flatnonzero(_seen_through(traces)[checks]).tolist() == list(range(seen))


@for_each("early, begun_before", [(19, 19), (20, 0)])
def test_an_activity_that_begins_one_case_in_twenty_begins_cases_also_in_the_logs_first_days(early, begun_before):
    rows = []
    for k in range(early):
        rows += case(k, ("sign", "b", 1, 3), day=0)
    for k in range(early, 400):
        rows += case(k, ("check", "a", 0, 5), ("sign", "b", 30, 35), day=1 + k // 4)
    assert discover_routing(read_traces(handmade(rows))).begun_before.sum() == begun_before


def test_a_service_of_which_no_case_shows_its_beginning_has_no_steps():
    rows = []
    for k in range(10):
        rows += case(k, ("sign", "b", 1, 3), service="old")
    for k in range(10, 400):
        rows += case(k, ("check", "a", 0, 5), ("sign", "b", 30, 35), service="new", day=1 + k // 4)
    services = scenario_table(discover(handmade(rows)))["services"]
    assert services["old"]["visits"]["apply"]["begin"] == {"next": "finished"}
    assert services["new"]["visits"]["apply"]["begin"] == {"next": "check"}


def test_rare_passages_are_left_out_and_counted():
    rows = []
    for k in range(1_000):
        rows += case(k, ("check", "a", 0, 5), *([("lost", "z", 6, 7)] if k < 3 else []), ("sign", "b", 30, 35), day=k)
    _, routing = shares(handmade(rows))
    kept = routing.transitions.set_index(["from", "to"])["kept"]
    assert not kept.loc[("check", "lost")]
    assert not kept.loc[("lost", "sign")]  # nobody comes to it any more
    assert routing.coverage == pytest.approx(1 - 6 / routing.transitions["n"].sum())


def test_a_gate_that_is_passed_twice_leads_somewhere_else_the_second_time():
    rows = []
    for k in range(150):
        rows += case(
            k, ("gate", "a", 0, 1), ("window", "b", 5, 10), ("gate", "a", 200, 201), ("collect", "c", 205, 207)
        )
        rows[-4:] = [
            row | {"start": row["start"] + pd.Timedelta(days=k), "end": row["end"] + pd.Timedelta(days=k)}
            for row in rows[-4:]
        ]
    discovery = discover(handmade(rows))
    names = discovery.routing.states.names
    assert sorted(names) == ["collect", "gate", "gate (2)", "window"]
    passages = discovery.routing.transitions.set_index(["from", "to"])["share"]
    first = passages.loc[""].index[0]
    assert passages.loc[first, "window"] == 1
    assert passages.loc[({"gate", "gate (2)"} - {first}).pop(), "collect"] == 1
    scenario = compose_scenario(discovery)
    titles = [step.title.en for step in next(iter(scenario.services.values())).visits["apply"].values() if step.pool]
    assert sorted(titles) == ["collect", "gate", "gate", "window"]  # in a log of it, both are the gate again
    assert any(one.key == "memory" for one in discovery.findings)


def test_a_loop_by_chance_needs_no_memory():
    discovery = discovered("two-desks", "activities")
    assert discovery.routing.states.split == {}
    assert discovery.routing.states.names == discovery.traces.activities


def test_work_side_by_side_is_reported():
    rows = []
    for k in range(50):
        rows += case(k, ("fire", "a", 0, 50), ("water", "b", 10, 40), ("sign", "c", 60, 70), day=k)
    assert shares(handmade(rows))[1].overlapping == pytest.approx(0.5)


def test_servers_who_share_tasks_are_a_pool():
    rows = []
    for k in range(200):
        clerk, chief = f"clerk {k % 3}", f"chief {k % 2}"
        rows += case(k, ("receive", clerk, 0, 5), ("check", clerk, 10, 20), ("sign", chief, 30, 35), day=k)
    log = read_traces(handmade(rows))
    groups = [{log.activities[a] for _, a in group} for group in resource_groups(log)]
    assert sorted(map(sorted, groups)) == [["check", "receive"], ["sign"]]


def test_a_departments_windows_are_a_pool_of_their_own():
    rows = []
    for k in range(300):
        kind = ("tax", "land")[k % 2]
        rows += case(k, ("window", f"{kind} {k % 3}", 0, 5), service=kind, day=k)
    log = read_traces(handmade(rows))
    assert len(resource_groups(log)) == 2


def test_where_nobody_is_named_an_activity_is_a_pool():
    rows = []
    for k in range(50):
        rows += case(k, ("check", "", 0, 5), ("sign", "", 30, 35), day=k)
    assert len(resource_groups(read_traces(handmade(rows)))) == 2


def test_servers_are_read_off_the_queue():
    discovery = discovered("two-desks", "activities")
    assert {discovery.traces.activities[pool.activities[0]]: pool.servers for pool in discovery.pools} == {
        "Desk": 1,
        "Window": 3,
    }
    assert all(pool.by_queue and pool.low == pool.high == pool.servers for pool in discovery.pools)
    assert not any(pool.pauses or pool.multitasks for pool in discovery.pools)


def test_work_that_lies_overnight_pauses():
    discovery = discovered("office", "activities")
    section = next(pool for pool in discovery.pools if pool.n > discovery.traces.n_cases)
    assert section.pauses
    assert section.servers == 2
    review = next(one for one in discovery.durations if discovery.traces.activities[one.activity] == "Review")
    assert review.fitted.low / 60_000 <= 90 <= review.fitted.high / 60_000


def test_a_resource_with_many_files_in_hand_is_found_out():
    rows = []
    for k in range(120):
        rows += case(k, ("system", "robot", k % 10, k % 10 + 30), day=k // 10)
    discovery = discover(handmade(rows))
    assert discovery.pools[0].multitasks
    assert any(one.key == "at_once" for one in discovery.findings)


def test_a_courier_is_a_timetable():
    discovery = discovered("office", "activities")
    passage = next(one for one in discovery.delays if discovery.traces.activities[one.target] == "Review")
    assert passage.release is not None
    assert [t // 3_600_000 for t in passage.release.times] == [10, 16]
    assert passage.together > 0.3


def test_days_outside_are_days_on_the_clock_of_working_days():
    discovery = discovered("office", "activities")
    passage = next(one for one in discovery.delays if discovery.traces.activities[one.target] == "Seal")
    assert passage.unit == "working days"
    assert passage.low <= 3.5 <= passage.high
    assert passage.law["values"] == ["2 working days", "5 working days"]
    assert passage.law["shares"][0] == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("shows_ready", [True, False])
def test_elapsed_time_is_divided_without_rest(shows_ready):
    discovery = discovered("office", "activities", shows_ready=shows_ready)
    split = discovery.decomposition
    parts = split.working + split.waiting + split.transfer + split.batching + split.closed
    assert parts + split.unknown == pytest.approx(split.elapsed, rel=1e-6)
    assert split.unknown < 0.01 * split.elapsed
    assert 1 < split.batching < 3  # hours: half of the time between two rounds, nights left out
    assert split.closed > 0.5 * split.elapsed


def test_where_the_log_does_not_say_since_when_work_waited_it_was_no_longer_than_all_were_busy():
    shown, silent = (discovered("two-desks", "activities", shows_ready=shows) for shows in (True, False))
    assert silent.estimated_ready > 0
    assert any(one.key == "no_ready" for one in silent.findings)
    # The first wait of a case can't be seen; that for the window after the desk can, nearly whole.
    later = shown.traces.start[~shown.traces.is_first] - shown.traces.ready[~shown.traces.is_first]
    hours = later.sum() / 3_600_000 / shown.decomposition.n
    assert silent.decomposition.waiting + silent.decomposition.closed == pytest.approx(hours, rel=0.3)


def test_missing_starts_are_bounded_by_case_and_resource():
    rows = [
        {"case": 1, "activity": "a", "resource": "x", "end": "2014-03-03 09:10"},
        {"case": 2, "activity": "a", "resource": "x", "end": "2014-03-03 09:25"},
        {"case": 1, "activity": "b", "resource": "x", "end": "2014-03-03 09:40"},
        {"case": 2, "activity": "b", "resource": "y", "end": "2014-03-03 09:45"},
        {"case": 1, "activity": "c", "resource": "z", "end": "2014-03-04 09:05"},
    ]
    traces = read_traces(handmade(rows, "events"))
    ends = traces.end[traces.end >= 0]
    days = discover_working_days(ends, first_day=traces.first_day, n_days=2)
    hall = discover_hours(np.arange(9 * 3_600_000, 17 * 3_600_000, 60_000), days, first_day=traces.first_day)
    start, missing, near = estimate_starts(traces, work_calendar(hall, days, first_day=traces.first_day))
    assert missing.all()
    nine = 9 * 60
    minutes = {
        (int(c), traces.activities[a]): s / 60_000 for c, a, s in zip(traces.case, traces.activity, start, strict=True)
    }
    assert minutes[0, "b"] == nine + 25  # x was busy with case 2 until then
    assert minutes[1, "b"] == nine + 25  # case 2 had just left x
    assert minutes[0, "c"] == 24 * 60 + nine  # nobody works overnight
    assert near.sum() == 1


def test_dates_alone_claim_no_minutes():
    discovery = discovered("plain-ledger", "ledger")
    assert discovery.traces.date_only
    assert (discovery.pools, discovery.durations, discovery.decomposition) == ((), (), None)
    assert {"no_minutes", "no_staff"} <= {one.key for one in discovery.findings}
    assert not any(one.unit in ("minutes", "hours") for one in discovery.findings)


def test_events_with_dates_alone_are_read_as_a_ledger():
    rows = []
    for k in range(60):
        day = dt.date(2014, 3, 3) + dt.timedelta(days=k)
        rows += [{"case": k, "activity": "in", "end": day}, {"case": k, "activity": "out", "end": day}]
    discovery = discover(handmade(rows, "events"))
    assert discovery.traces.kind == "ledger"
    assert discovery.traces.n_rows == 60


@pytest.mark.parametrize("column", ["wrong", "attr_wrong"])
def test_an_unknown_column_is_named(column):
    with pytest.raises(HallplanError, match="service"):
        discover(log_of("two-desks", "activities"), settings=Settings(service=column))


def test_an_empty_log_is_a_sentence():
    log = log_of("two-desks", "activities")
    with pytest.raises(HallplanError, match="no rows"):
        discover(type(log)(log.events.iloc[:0], "activities"))


# ---- what is not found is said ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("tickets", {"no_rules", "no_returns_tickets", "no_seasons"}),
        ("activities", {"no_rules", "no_returns", "no_seasons", "no_branches"}),
        ("ledger", {"no_rules", "no_returns", "no_seasons", "no_staff", "no_minutes"}),
    ],
)
def test_what_is_not_looked_for_is_said(kind, said):
    discovery = discovered("township-desk", kind)
    assert said <= {one.key for one in discovery.findings if one.assumed}


def test_branches_are_said_to_be_put_in_a_row_where_they_show():
    rows = [row for k in range(40) for row in case(k, ("a", "x", 0, 9), ("b", "y", 5, 12), day=k % 5)]
    assumed = {one.key for one in discover(handmade(rows)).findings if one.assumed}
    assert "order" in assumed
    assert "no_branches" not in assumed


def test_cases_idle_for_longer_than_the_limit_close_by_their_last_activity():
    rows = []
    for k in range(300):
        stuck = k < 60 and k % 2 == 0
        rows += case(k, ("check", "a", 0, 5), ("sign", "b", 30, None if stuck else 35), day=2 * k)
    log = handmade(rows)
    discovery = discover(log)
    assert discovery.routing.abandoned == 30
    assert not discovery.routing.open.any()
    assert np.isfinite(discovery.turnaround[-1].quantile(0.95))
    (finding,) = [finding for finding in discovery.findings if finding.key == "abandoned_cases"]
    assert finding.estimate == 30
    patient = discover(log, settings=Settings(idle_days=580))
    # Case 2k came on day 4k of 598: five of the thirty came more than 580 days before the last one.
    assert (patient.routing.abandoned, int(patient.routing.open.sum())) == (5, 25)


def test_work_without_a_recorded_end_is_out_of_hand_once_its_case_goes_on():
    """A file a day is checked; every third end is not recorded, and the file is signed two hours later."""
    rows = []
    for k in range(90):
        begin = pd.Timestamp("2014-03-03 09:00") + pd.Timedelta(days=k)
        end = begin + pd.Timedelta(minutes=30)
        signed = begin + pd.Timedelta(hours=2)
        check = {"case": k, "activity": "Check", "start": begin, "end": None if k % 3 == 0 else end}
        sign = {
            "case": k,
            "activity": "Sign",
            "resource": "b",
            "start": signed,
            "end": signed + pd.Timedelta(minutes=5),
        }
        rows += [check, sign]
    found = discover(handmade([{name: value for name, value in row.items() if value is not None} for row in rows]))
    assert [pool.servers for pool in found.pools] == [1, 1]


def test_successors_too_slow_for_the_logs_end_do_not_make_quick_ones_more_frequent():
    rows = []
    for case in range(600):  # ten a day for 60 days: every second one goes on after minutes, the others after 20 days
        begin = pd.Timestamp("2014-03-03 09:00") + pd.Timedelta(days=case // 10, minutes=case % 10)
        quick = case % 2 == 0
        later = begin + (pd.Timedelta(minutes=5) if quick else pd.Timedelta(days=20))
        for activity, start in (("a", begin), ("quick" if quick else "slow", later)):
            rows.append({"case": case, "activity": activity, "start": start, "end": start + pd.Timedelta(minutes=1)})
    frame = pd.DataFrame(rows)
    log = handmade(frame[frame["end"] < pd.Timestamp("2014-05-02")].to_dict("records"))  # the log ends on the 60th day
    transitions = discover_routing(read_traces(log)).transitions.set_index(["from", "to"])
    # Of all rows 300 of 500 are quick: the 20 last days show the quick successors only.
    assert transitions.loc[("a", "quick"), "share"] == pytest.approx(0.5, abs=0.01)


def test_delays_of_days_that_end_in_opening_hours_run_while_the_hall_is_open():
    rng, rows = np.random.default_rng(4), []
    for case in range(400):  # who comes again does so a week later at any time of the morning: 168 hours, give or take
        day = pd.Timestamp("2014-03-03") + pd.offsets.BDay(case // 5)
        moments = [day + pd.Timedelta(days=week, minutes=int(rng.integers(540, 710))) for week in (0, 7)]
        for activity, start in zip(("apply", "supplement"), moments, strict=True):
            row = {"case": case, "activity": activity, "ready": start, "start": start}
            rows.append(row | {"end": start + pd.Timedelta(minutes=5), "resource": "a"})
    (delay,) = discover(handmade(rows)).delays
    assert delay.unit == "working min"  # on the clock some would come before the hall opens, and wait
