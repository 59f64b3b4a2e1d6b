"""Windows of a log, figures, forecasts and distances by hand, and hold-out at its edges."""

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from cases import for_each
from discovery_halls import handmade
from scipy import stats

from calibration.discovery.accuracy.accuracy import (
    Accuracy,
    _by_hour,
    _figures,
    _forecasts,
    _periods,
    _requested,
    _simulated_kind,
    _variance,
)
from calibration.discovery.accuracy.distances import WindowSample, distances, earth_movers_distance, window_sample
from calibration.discovery.accuracy.holdout import hold_out
from calibration.discovery.log.reading import read_traces
from calibration.discovery.log.traces import Traces
from foundation.errors import HallplanError

MONDAY = pd.Timestamp("2014-03-03")
TUESDAY, WEDNESDAY, THURSDAY = (dt.date(2014, 3, day) for day in (4, 5, 6))


def row(case: int, activity: str, *hours: float | None, **more: object) -> dict[str, object]:
    """Return a row with ready, start and end in hours since Monday 0:00."""
    stamps = zip(("ready", "start", "end"), hours, strict=True)
    return {"case": case, "activity": activity, **more} | {
        name: MONDAY + pd.Timedelta(hours=hour) for name, hour in stamps if hour is not None
    }


def small() -> Traces:
    """Return five cases: from Monday on, two on Tuesday, one open since then, and one from Wednesday on."""
    rows = [
        row(0, "a", 9.0, 9.5, 10.0), row(0, "b", 10.0, 33.5, 34.0),
        row(1, "a", 34.0, 34.25, 35.0), row(2, "a", 36.0, 36.0, 37.0), row(2, "a", 37.0, 38.0, 38.5),
        row(3, "b", None, 40.0, None), row(4, "a", 60.0, 61.0, 80.0),
    ]  # fmt: skip
    return read_traces(handmade(rows))


def test_a_window_holds_what_came_in_it_and_what_was_done_in_it():
    sample = window_sample(small(), TUESDAY, THURSDAY)
    assert sample.arrivals.tolist() == [10, 12, 16, 36]
    assert sample.cycles.tolist() == [1, 2.5]
    assert sample.cases == 4
    assert sample.stamps.tolist() == [9.5, 10, 10.25, 11, 12, 13, 14, 14.5, 16, 37]
    assert sample.weekday.tolist() == [1] * 9 + [2]
    assert sample.relative.tolist() == [0, 0, 0.25, 1, 1, 1, 2, 2.5]
    assert sample.pairs == {
        ("", "a"): 3 / 7, ("", "b"): 1 / 7, ("a", "a"): 1 / 7, ("a", ""): 2 / 7,
    }  # fmt: skip
    assert sample.waits.tolist() == [15, 0, 60, 60]
    in_progress = sample.in_progress.tolist()
    assert (len(in_progress), in_progress[:18], in_progress[35:38]) == (
        48, [1] * 10 + [1, 0, 1, 1, 1, 0, 1, 1], [1, 2, 2],
    )  # fmt: skip
    assert sample.remaining.tolist() == [2.5]
    assert not sample.date_only


def test_half_of_the_cases_count_twice():
    halves = [window_sample(small(), TUESDAY, THURSDAY, half=(5, part)) for part in (0, 1)]
    assert sum(half.cases for half in halves) == 2 * 4
    assert sorted(np.concatenate([half.arrivals for half in halves]).tolist()) == [10, 12, 16, 36]


def test_the_figures_of_a_window_are_rates_and_means():
    figures = _figures(window_sample(small(), TUESDAY, THURSDAY))
    assert figures["arrivals_per_day"] == 2
    assert (figures["cycle_mean_h"], figures["cycle_p90_h"]) == (1.75, pytest.approx(2.35))
    assert (figures["wait_mean_min"], figures["wait_p90_min"]) == (33.75, pytest.approx(60))
    assert figures["in_progress"] == pytest.approx(window_sample(small(), TUESDAY, THURSDAY).in_progress.mean())
    empty = _figures(window_sample(small(), THURSDAY, THURSDAY))
    assert (empty["arrivals_per_day"], math.isnan(empty["cycle_mean_h"]), math.isnan(empty["in_progress"])) == (
        0, True, True,
    )  # fmt: skip
    assert "wait_mean_min" not in empty


def sample(**parts) -> WindowSample:
    nothing = {name: np.zeros(0) for name in ("arrivals", "cycles", "relative", "stamps", "in_progress", "remaining")}
    fixed = {"weekday": np.zeros(0, dtype=np.int64), "pairs": {}, "waits": np.zeros(0), "cases": 0, "date_only": False}
    return WindowSample(**{**nothing, **fixed, **parts})


def test_distances_are_areas_between_distributions_and_differences_of_shares():
    hours = np.array
    a = sample(
        arrivals=hours([0.0, 2.0]),
        cycles=hours([1.0]),
        relative=hours([0.0]),
        stamps=hours([9.0, 34.0, 35.0]),
        weekday=np.array([0, 1, 1]),
        pairs={("", "a"): 0.5, ("a", ""): 0.5},
        in_progress=np.array([1.0, 2.0]),
    )
    b = sample(
        arrivals=hours([1.0, 5.0]),
        cycles=hours([4.0]),
        relative=hours([2.0, 2.0]),
        stamps=hours([10.0, 39.0]),
        weekday=np.array([0, 1]),
        pairs={("", "a"): 0.4, ("", "b"): 0.2, ("a", ""): 0.4},
        in_progress=np.array([3.0, 0.0]),
    )
    expected = {
        "n_gram": 0.2, "arrivals": 2.0, "absolute": earth_movers_distance(a.stamps, b.stamps), "relative": 2.0,
        "circadian": (1 * 1 + 2 * 4.5) / 3, "cycle": 3.0, "in_progress": 2.0, "remaining": 0.0,
    }  # fmt: skip
    assert distances(a, b).to_dict() == pytest.approx(expected)


def test_what_is_in_one_sample_only_has_no_distance():
    assert earth_movers_distance(np.zeros(0), np.zeros(0)) == 0
    assert math.isnan(earth_movers_distance(np.ones(1), np.zeros(0)))
    assert math.isnan(earth_movers_distance(np.zeros(0), np.ones(1)))
    assert earth_movers_distance(np.array([1.0, 3.0]), np.array([2.0])) == 1
    apart = distances(sample(), sample(stamps=np.array([9.0]), weekday=np.array([0])))
    assert math.isnan(apart["circadian"])
    dated = sample(date_only=True, stamps=np.array([9.0]), weekday=np.array([0]))
    timed = sample(stamps=np.array([9.0]), weekday=np.array([0]))
    assert math.isnan(distances(dated, timed)["circadian"])
    assert math.isnan(distances(timed, dated)["circadian"])
    assert distances(timed, timed)["circadian"] == 0
    assert distances(sample(), sample())["in_progress"] == 0


def test_a_forecast_is_the_prediction_interval_of_one_more_period():
    real = sample(cases=6, in_progress=np.full(48, 2.0), cycles=np.array([2.0, 4.0]))
    made = [sample(cases=n, in_progress=np.full(48, float(n)), cycles=np.array([n / 2, n / 2])) for n in (4, 6, 8)]
    means = {"cycle_mean_h": [1.0, 3.0, 5.0, 3.0], "in_progress": [2.0] * 4}
    periods = pd.DataFrame({"arrivals_per_day": [2.0] * 4, **means})
    table = _forecasts(real, made, periods, 0.5)
    t = stats.t.ppf(0.975, 2)
    assert table.index.name == "figure"
    assert list(table.index) == ["arrivals_per_day", "cycle_mean_h", "cycle_p90_h", "in_progress"]
    assert table.loc["arrivals_per_day", "high"] == pytest.approx(3 + t * math.sqrt(1 + 1 / 3))
    assert table.loc["arrivals_per_day", "low"] == 0
    # The periods differ by more than the simulations: 2 / (1 - 0.5), instead of 1.
    assert table.loc["cycle_mean_h", "high"] == pytest.approx(3 + t * math.sqrt(4 * (1 + 1 / 3)))
    assert table.loc["cycle_mean_h", "earlier"] == 3
    assert math.isnan(table.loc["cycle_p90_h", "earlier"])
    assert table["simulated"].tolist() == [3, 3, 3, 6]
    assert table["inside"].all()
    late = _forecasts(sample(cases=99, in_progress=np.full(48, 99.0)), made, periods, 0.5)
    assert not late["inside"].any()
    assert "cycle_mean_h" not in late.index


@for_each("n, is_known", [(2, False), (3, True)])
def test_periods_tell_their_variance_from_three_on(n, is_known):
    periods = pd.DataFrame({"arrivals_per_day": np.arange(n), "in_progress": np.arange(n) * 2.0})
    variance = _variance(periods, 0.25)
    assert list(variance.index) == (["in_progress"] if is_known else [])
    if is_known:
        assert variance["in_progress"] == pytest.approx((8 / 3) / 0.75)


def test_periods_begin_a_quarter_of_their_length_apart():
    rows = [row(k, "a", 24.0 * k + 9, 24.0 * k + 9, 24.0 * k + 10) for k in range(30)]
    traces = read_traces(handmade(rows))
    begin = dt.date(2014, 3, 3) + dt.timedelta(days=20)
    periods = _periods(traces, begin, begin + dt.timedelta(days=8), full_after=begin - dt.timedelta(days=12))
    assert len(periods) == 7  # from 8 to 20 days before, every second day
    assert periods["in_progress"].notna().tolist() == [True] * 3 + [False] * 4
    assert periods["arrivals_per_day"].tolist() == [1] * 7


def test_arrivals_are_counted_by_weekday_and_hour():
    real = sample(arrivals=np.array([9.5, 24 * 7 + 9.9, 33.0]), in_progress=np.zeros(24 * 8))
    made = [sample(arrivals=np.array([9.0] * n + [10.0])) for n in (2, 4)]
    table = _by_hour(real, made, dt.date(2014, 3, 3))
    assert table.to_numpy().tolist() == [
        ["mon", 9, 1.0, 1.5, pytest.approx(math.sqrt(2) / 2)],  # two Mondays
        ["mon", 10, 0.0, 0.5, 0.0],
        ["tue", 9, 1.0, 0.0, 0.0],
    ]
    assert _by_hour(real, made[:1], dt.date(2014, 3, 3))["simulated_sd"].tolist() == [0, 0, 0]


def test_an_accuracy_has_a_table_by_hour_if_there_are_hours():
    day, empty, table = dt.date(2014, 3, 3), pd.DataFrame(), pd.DataFrame({"hour": [9]})
    names = ["accuracy_distances", "accuracy_forecasts", "accuracy_by_hour"]
    assert list(Accuracy(day, day, 1, 1, empty, empty, table).frames()) == names
    assert list(Accuracy(day, day, 1, 1, empty, empty, empty).frames()) == names[:2]


def test_events_with_starts_are_compared_with_activities():
    ended, begun = row(0, "a", None, None, 10.0), row(0, "a", None, 9.0, 10.0)
    for kind, rows, simulated in (
        ("events", [ended], "events"), ("events", [begun], "activities"), ("tickets", [begun], "tickets"),
    ):  # fmt: skip
        assert _simulated_kind(read_traces(handmade([dict(each) for each in rows], kind))) == simulated


def test_requests_with_an_answer_are_shown():
    rows = [row(0, "a", 9.0, 9.5, 10.0), row(1, "b", None, 9.0, 9.1), row(2, "c", 9.0, None, None)]
    rows.append(row(3, "d", 9.0, None, 9.5))
    assert _requested(read_traces(handmade(rows))) == {"a", "d"}


# ---- hold-out --------------------------------------------------------------------------------------------------------


def log_of_days(n: int):
    return handmade([row(k, "a", 24.0 * k + 9, 24.0 * k + 9, 24.0 * k + 10) for k in range(n)])


@for_each("share, is_allowed", [(0.1, True), (0.9, True), (0.0999, False), (0.9001, False)])
def test_a_tenth_to_nine_tenths_can_be_held_out(share, is_allowed):
    if is_allowed:
        hold_out(log_of_days(20), share)
        return
    with pytest.raises(HallplanError) as raised:
        hold_out(log_of_days(20), share)
    assert (raised.value.key, raised.value.values) == ("discovery.fault.split", {"value": share})


def test_a_log_can_be_cut_from_ten_days_on():
    log, begin, end = hold_out(log_of_days(10))
    assert (begin, end, len(log.events)) == (dt.date(2014, 3, 10), dt.date(2014, 3, 13), 7)
    with pytest.raises(HallplanError) as raised:
        hold_out(log_of_days(9))
    assert raised.value.values == {"days": 9}


def test_work_over_the_cut_is_open_but_for_visitors_who_left():
    rows = [row(k, "a", 24.0 * k + 9, 24.0 * k + 9, 24.0 * k + 10) for k in range(10)]
    rows += [row(10, "a", 167.0, 167.5, 170.0), row(11, "a", 167.0, 169.0, 170.0), row(12, "a", 167.0, None, 169.0)]
    rows = [each | {"outcome": "left" if each["case"] == 12 else "done"} for each in rows]
    log, _, _ = hold_out(handmade(rows))
    events = log.events.set_index("case")
    assert events["outcome"].astype(str).loc[[0, 10, 11, 12]].tolist() == ["done", "open", "open", "left"]
    assert events["start"].isna().loc[[10, 11]].tolist() == [False, True]
    assert log.kind == "activities"
    without = handmade(rows)
    cut, _, _ = hold_out(type(without)(without.events.drop(columns="outcome"), without.kind))
    assert "outcome" not in cut.events
