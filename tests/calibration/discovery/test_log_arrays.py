"""Logs as arrays at the edges of their rules: services, activities, units of time, order, ledgers."""

import numpy as np
import pandas as pd
import pytest
from cases import for_each
from discovery_halls import handmade

from calibration.discovery.log.clock_times import with_clock_times
from calibration.discovery.log.reading import (
    _activities,
    _resolution,
    _resources,
    _services,
    read_traces,
    service_column,
)
from calibration.discovery.log.stop_names import stop_rule
from calibration.discovery.log.traces import MERGED, UNKNOWN
from foundation.errors import HallplanError
from sim.calendar import DAY_MS, HOUR_MS, MINUTE_MS

NINE = pd.Timestamp("2014-03-03 09:00")


def frame(n: int, **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"case": np.arange(n), **{f"attr_{name}": values for name, values in columns.items()}})


@for_each(
    "columns, name",
    [
        ({"kind": ["a", "b"] * 5}, ""),
        ({"Type": ["a", "b"] * 5}, "attr_Type"),
        ({"type": ["a", "b"] * 5, "item": ["a", "b"] * 5, "业务": ["a", "b"] * 5}, "attr_业务"),
        ({"product": ["a"] * 10}, ""),
        ({"service": list("abcdeabcde")}, "attr_service"),  # five kinds in ten cases are no numbers of cases
        ({"service": list("abcdefabcd")}, ""),
        ({"service": np.arange(10) / 2}, ""),
        ({"service number": list("abcdefghij"), "item": ["a", "b"] * 5}, "attr_item"),
    ],
)
def test_the_column_of_services_reads_like_one_and_has_few_kinds(columns, name):
    assert service_column(frame(10, **columns)) == name


def test_a_requested_column_is_taken_with_or_without_its_prefix():
    events = frame(4, kind=list("abab"), note=list("abcd"))
    assert [service_column(events, name) for name in ("kind", "attr_kind", "")] == ["attr_kind", "attr_kind", ""]
    with pytest.raises(HallplanError) as raised:
        service_column(events, "sort")
    assert raised.value.values == {"column": "sort", "known": "kind, note"}
    with pytest.raises(HallplanError) as raised:
        service_column(events[["case"]], "sort")
    assert raised.value.values == {"column": "sort", "known": "–"}


def test_rows_without_an_activity_are_an_activity_of_their_own():
    codes, names = _activities(pd.Series(["check", None, "sign", None]))
    assert names == ["check", "nan", "sign"]
    assert codes.tolist() == [0, 1, 2, 1]


def test_services_with_fewer_than_ten_cases_go_together():
    column = pd.Series(["rare"] * 9 + ["new"] * 10 + ["old"] * 11 + [None] * 2)
    codes, names = _services(column, np.arange(32))
    assert names == ("old", "new", "")
    assert codes.tolist() == [2] * 9 + [1] * 10 + [0] * 11 + [2] * 2
    assert _services(column[:9], np.arange(9))[1] == ("rare",)  # one stays, however rare
    assert _services(None, np.arange(3))[1] == ("",)
    codes, names = _services(column[9:30], np.arange(21))
    assert (names, set(codes.tolist())) == (("old", "new"), {0, 1})


@for_each("n, names", [(119, 119), (120, 120), (121, 120)])
def test_at_most_120_services_have_a_name(n, names):
    codes, kinds = _services(pd.Series([f"s{k}" for k in range(n) for _ in range(10)]), np.arange(10 * n))
    assert len(kinds) == names
    assert (kinds[-1] == "") == (n >= 120)
    assert codes.max() == names - 1


@for_each(
    "frequent, rows, others, own",
    [(20, 30, 81, 20), (20, 29, 81, 10), (20, 30, 80, 100), (100, 30, 1, 99)],
)
def test_more_than_a_hundred_activities_go_together_but_for_those_with_thirty_rows(frequent, rows, others, own):
    labels = [f"a{k}" for k in range(frequent) for _ in range(rows)] + [f"b{k}" for k in range(others)]
    codes, names = _activities(pd.Series(labels))
    assert len([name for name in names if name != MERGED]) == own
    assert (MERGED in names) == (frequent + others > 100)
    shown = [names[code] for code in codes]
    assert all(name in (label, MERGED) for name, label in zip(shown, labels, strict=True))


@for_each(
    "unit, resolution",
    [
        (DAY_MS, DAY_MS), (HOUR_MS, HOUR_MS), (30 * MINUTE_MS, MINUTE_MS), (MINUTE_MS, MINUTE_MS), (5_000, 1_000),
        (1_000, 1_000), (500, 1), (1, 1),
    ],
)  # fmt: skip
def test_the_unit_of_the_stamps_is_the_coarsest_of_which_all_are_multiples(unit, resolution):
    assert _resolution(np.array([UNKNOWN, 0, 3 * unit, 7 * unit])) == resolution


def test_resources_without_a_name_are_unknown():
    codes, n = _resources(pd.Series(["x", "", "y", "x", ""]))
    assert (codes.tolist(), n) == ([0, UNKNOWN, 1, 0, UNKNOWN], 2)
    codes, n = _resources(pd.Series(["x", "y"]))
    assert (codes.tolist(), n) == ([0, 1], 2)


def test_rows_are_sorted_by_case_and_time_and_cases_by_when_they_came():
    def row(case: str, activity: str, start: float, end: float | None, ready: float | None = None) -> dict[str, object]:
        moments = {"ready": ready, "start": start, "end": end}
        stamps = {name: NINE + pd.Timedelta(minutes=at) for name, at in moments.items() if at is not None}
        return {"case": case, "activity": activity, **stamps}

    rows = [
        row("late", "a", 10, 20),
        row("early", "b", 30, 50),
        row("early", "c", 30, 40),
        row("early", "a", 8, None, ready=5),
        row("same", "a", 10, 20),
    ]
    traces = read_traces(handmade(rows))
    assert [traces.activities[k] for k in traces.activity] == ["a", "c", "b", "a", "a"]
    assert traces.case.tolist() == [0, 0, 0, 1, 2]
    assert ((traces.known_from - 9 * HOUR_MS) / MINUTE_MS).tolist() == [5, 30, 30, 10, 10]
    assert traces.first_row.tolist() == [0, 3, 4, 5]
    assert (traces.first_day, traces.last, traces.n_days) == (NINE.date(), 9 * HOUR_MS + 50 * MINUTE_MS, 1)
    assert traces.unfinished.tolist() == [True, False, False]
    assert ((traces.busy_until - 9 * HOUR_MS) / MINUTE_MS).tolist() == [30, 40, 50, 20, 20]
    assert ((traces.previous_end - 9 * HOUR_MS) / MINUTE_MS)[[1, 2]].tolist() == [8 - 3, 40]
    assert ((traces.last_moment - 9 * HOUR_MS) / MINUTE_MS).tolist() == [50, 20, 20]


def test_work_without_an_end_in_a_case_that_has_not_gone_on_lasts_until_the_logs_end():
    rows = [{"case": 1, "activity": "a", "start": NINE}, {"case": 2, "activity": "a", "start": NINE, "end": NINE}]
    rows[1]["end"] = NINE + pd.Timedelta(hours=3)
    traces = read_traces(handmade(rows))
    assert traces.busy_until.tolist() == [12 * HOUR_MS, 12 * HOUR_MS]


def test_dates_of_several_rows_become_one_row_a_case():
    days = [pd.Timestamp("2014-03-03") + pd.Timedelta(days=k) for k in range(9)]
    rows = [
        {"case": "x", "activity": "in", "start": days[0], "end": days[1]},
        {"case": "y", "activity": "in", "ready": days[2], "start": days[3], "end": days[4]},
        {"case": "x", "activity": "out", "start": days[2], "end": days[5]},
        {"case": "y", "activity": "out", "start": days[8]},
        {"case": "z", "activity": "in", "start": days[4], "end": None, "outcome": "left"},
        {"case": "w", "activity": "in", "start": days[4], "end": days[5], "outcome": "left"},
        {"case": "w", "activity": "out", "start": days[6], "end": days[6]},
    ]
    traces = read_traces(handmade([{k: v for k, v in row.items() if v is not None} for row in rows]))
    assert (traces.kind, traces.date_only, traces.activities) == ("ledger", True, ("case",))
    assert (traces.start // DAY_MS).tolist() == [0, 2, 4, 4]
    assert (traces.end // DAY_MS).tolist() == [5, -1, -1, 6]
    assert traces.ready.tolist() == [UNKNOWN] * 4
    assert traces.resources == 0
    assert not traces.left.any()


def test_the_first_day_is_that_of_the_first_stamp_of_any_kind():
    rows = [{"case": k, "activity": "a", "start": NINE, "end": NINE + pd.Timedelta(minutes=k)} for k in (1, 2)]
    rows[1]["ready"] = NINE - pd.Timedelta(days=2)
    traces = read_traces(handmade(rows))
    assert (traces.first_day, traces.n_days) == (NINE.date() - pd.Timedelta(days=2), 3)


def test_a_row_without_a_stamp_is_left_out_and_a_log_without_any_is_refused():
    rows = [{"case": 1, "activity": "a"}, {"case": 2, "activity": "a", "end": NINE}]
    assert read_traces(handmade(rows)).n_rows == 1
    with pytest.raises(HallplanError) as raised:
        read_traces(handmade([{"case": 1, "activity": "a"}]))
    assert raised.value.key in ("discovery.fault.no_stamps", "discovery.fault.empty")


@for_each("column", ["days used", "实际用时", "办理用时(工作日)", "Statutory-days", "counted days taken", "工作日数"])
def test_the_largest_entry_of_a_column_of_days_used_is_that_of_the_case(column):
    rows = [{"case": k // 2, "activity": "a", "start": NINE, "end": NINE, f"attr_{column}": k} for k in range(4)]
    rows[0][f"attr_{column}"] = "none"
    traces = read_traces(handmade([row | {"end": NINE + pd.Timedelta(minutes=7)} for row in rows]))
    assert traces.days_used.tolist() == [1, 3]
    assert traces.days_used_column == column


@for_each("column", ["days", "used", "用时限", "working days left"])
def test_other_columns_hold_no_days_used(column):
    row = {"case": 1, "activity": "a", "start": NINE, "end": NINE + pd.Timedelta(minutes=7), f"attr_{column}": 3}
    assert read_traces(handmade([row])).days_used is None


def test_a_column_without_a_number_holds_no_days_used():
    row = {"case": 1, "activity": "a", "start": NINE, "end": NINE + pd.Timedelta(minutes=7), "attr_用时": "two"}
    traces = read_traces(handmade([row]))
    assert (traces.days_used, traces.days_used_column) == (None, "")


def test_bare_dates_get_times_between_those_of_their_case():
    def row(case: int, clock: str | None, day: str = "2014-03-03") -> dict[str, object]:
        return {"case": case, "activity": "a", "end": pd.Timestamp(f"{day} {clock or '00:00'}")}

    rows = [row(0, "09:00"), row(0, None), row(0, None), row(0, "11:00"), row(1, None), row(1, "10:00"), row(1, None)]
    rows += [row(2, None, "2014-03-04"), *(row(3 + k, f"{9 + k // 6:02d}:{k % 6}3") for k in range(50))]
    rows += [row(100 + k, None, "2014-03-05") for k in range(20)]
    timed, counts = with_clock_times(handmade(rows, "events").events)
    hours = ((timed["end"] - timed["end"].dt.normalize()) / pd.Timedelta(hours=1)).tolist()
    assert counts == {"end": 25}
    assert 9 <= hours[1] <= hours[2] <= 11
    assert hours[4] <= 10 <= hours[6]
    assert timed["end"].dt.normalize().tolist() == [pd.Timestamp(row["end"]).normalize() for row in rows]
    real = {(pd.Timestamp(row["end"]) - pd.Timestamp(row["end"]).normalize()) for row in rows}
    assert set(timed["end"] - timed["end"].dt.normalize()) <= real - {pd.Timedelta(0)}


@for_each(
    "name, reason, article, after",
    [
        ("一次性告知", "applicant", 32, True), ("notice to supplement", "applicant", 32, True),
        ("补正", "applicant", 32, False), ("中止", "on-record", 0, True), ("On hold", "on-record", 0, True),
        ("现场勘验", "on-site-check", 34, False), ("Hearing", "hearing", 45, False), ("招标", "auction", 45, False),
        ("检疫", "quarantine", 45, False), ("test", "testing", 45, False), ("检验", "inspection", 45, False),
        ("鉴定", "appraisal", 45, False), ("专家评审", "expert-review", 45, False), ("公示", "", 0, False),
    ],
)  # fmt: skip
def test_names_tell_why_and_when_the_clock_stands_still(name, reason, article, after):
    rule = stop_rule(name)
    assert (rule.reason, rule.article, rule.after) == (reason, article, after)


def test_plain_names_say_nothing_of_the_clock():
    assert [name for name in ("受理", "Review", "latest", "sign", "protest") if stop_rule(name) is not None] == []
