"""Back-tests by hand: a hall where ten come a day at fixed times, held against logs that keep to it, or do not."""

import datetime as dt
import math

import pandas as pd
import pytest

import hallplan
from foundation.errors import HallplanError
from hallplan.cli import main
from planner.backtest.figures import Period, figures_of, in_period, period_of
from planner.workdays import workday_before, workdays_between
from scenarios.compose.composing import compose_text

HALL = """
format = 1
name = "hall"
run = { start = 2026-03-02, days = 5, replications = 1 }
calendar = { country = "CN", hours = ["09:00-12:00", "13:00-17:00"] }
pools.window = { servers = 1, role = "window" }
services.item.visits.apply.serve = { pool = "window", work = "10 min", mark = "finished" }
arrivals.early = { services = "item", at = ["09:30", "09:30"] }
"""
DAYS = ("2026-06-01", "2026-06-02", "2026-06-03", "2026-06-04", "2026-06-05")
HEADING = "Ticket,Ticket time,Start time,End time,Status\n"


@pytest.fixture
def forecast(tmp_path, monkeypatch):
    monkeypatch.setenv("HALLPLAN_LANG", "en")
    (tmp_path / "hall.toml").write_text(HALL, encoding="utf-8")
    assert main(["run", str(tmp_path / "hall.toml"), "--out", str(tmp_path / "forecast")]) == 0
    return tmp_path / "forecast"


def log(tmp_path, *, work=10):
    """Write two tickets of every day at half past nine, one after the other."""
    rows = []
    for number, day in enumerate(DAYS):
        for place in range(2):
            start = dt.datetime.fromisoformat(f"{day} 09:30") + dt.timedelta(minutes=place * work)
            end = start + dt.timedelta(minutes=work)
            rows.append(f"{2 * number + place},{day} 09:30,{start:%Y-%m-%d %H:%M},{end:%Y-%m-%d %H:%M},done")
    (tmp_path / "tickets.csv").write_text(HEADING + "\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path / "tickets.csv"


def test_a_log_that_keeps_to_the_forecast_lies_inside(forecast, tmp_path):
    result = hallplan.backtest(forecast, log(tmp_path), workers=1)
    assert (result.period.first.isoformat(), result.period.days, result.demand) == ("2026-06-01", 5, 1.0)
    values = {figure.name: figure.observed for figure in result.figures}
    # Two a day: one waits for none, the other for ten minutes.
    assert values == pytest.approx(
        {
            "rows_per_day": 2,
            "left_share": 0,
            "wait_mean_min": 5,
            "wait_q90_min": 10,
            "within_15_share": 1,
            "work_mean_min": 10,
        }
    )
    assert all(figure.inside and figure.inside_with_demand for figure in result.figures)


def test_longer_services_lie_outside_whatever_the_demand(forecast, tmp_path):
    result = hallplan.backtest(forecast, log(tmp_path, work=12), workers=1)
    outside = {figure.name for figure in result.figures if not figure.inside_with_demand}
    assert outside == {"wait_mean_min", "wait_q90_min", "work_mean_min"}


def test_a_changed_file_of_the_forecast_is_noticed(forecast, tmp_path):
    file = forecast / "scenario.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("10 min", "11 min"), encoding="utf-8")
    with pytest.raises(HallplanError):
        hallplan.backtest(forecast, log(tmp_path), workers=1)


@pytest.mark.parametrize("name", ["none", ""])
def test_what_is_no_forecast_is_one_sentence(tmp_path, name):
    with pytest.raises(HallplanError):
        hallplan.backtest(tmp_path / name, log(tmp_path), workers=1)


def test_a_log_of_days_off_is_one_sentence(forecast, tmp_path):
    file = log(tmp_path)
    text = "".join(line for line in file.read_text(encoding="utf-8").splitlines(True)[:3])
    file.write_text(text.replace("2026-06-01", "2026-06-06"), encoding="utf-8")  # a Saturday
    with pytest.raises(HallplanError) as fault:
        hallplan.backtest(forecast, file, workers=1)
    assert fault.value.key == "backtest.error.no_working_day"


def rows(*cells):
    frame = pd.DataFrame(cells, columns=["ready", "start", "end", "outcome"])
    moments = {name: pd.to_datetime(frame[name]) for name in ("ready", "start", "end")}
    return frame.assign(**moments, stop=False)


def test_figures_of_a_ledger_count_the_days_of_ended_cases():
    events = rows(
        (None, "2026-06-01", "2026-06-04", "done"),
        (None, "2026-06-02", "2026-06-03", "done"),
        (None, "2026-06-02", None, "open"),
    )
    assert [date.isoformat() for date in period_of(events)] == ["2026-06-01", "2026-06-02"]
    values = figures_of(events, "ledger", Period(dt.date(2026, 6, 1), dt.date(2026, 6, 2), 2))
    assert values == pytest.approx(
        {"rows_per_day": 1.5, "done_share": 2 / 3, "elapsed_mean_days": 2, "elapsed_q90_days": 2.8}
    )


def test_rows_outside_the_period_do_not_count_and_a_missing_moment_gives_no_figure():
    events = rows(("2026-06-01 09:00", None, None, "left"), ("2026-06-03 09:00", None, None, "left"))
    period = Period(dt.date(2026, 6, 1), dt.date(2026, 6, 2), 2)
    inside = in_period(events, period)
    assert len(inside) == 1
    assert math.isnan(figures_of(inside, "tickets", period)["wait_mean_min"])


def test_working_days_are_counted_by_the_scenarios_calendar():
    scenario = compose_text(HALL, name="hall.toml").scenario
    monday = dt.date(2026, 3, 2)
    assert workday_before(scenario, monday, 0) == monday
    assert workday_before(scenario, monday, 2) == dt.date(2026, 2, 27)  # Saturday the 28th was worked
    assert workdays_between(scenario, dt.date(2026, 2, 27), monday) == 3
