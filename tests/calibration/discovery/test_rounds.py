"""Rounds in ledgers of dates: found with their weekday and weeks, carried into the scenario, and not invented."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from discovery_halls import discovered, log_of

from calibration.discovery.accuracy.draws import draw_discovery
from calibration.discovery.accuracy.holdout import forecast_scenarios, hold_out
from calibration.discovery.discover import discover
from calibration.discovery.scenario.table import compose_scenario, scenario_table
from calibration.eventlog.simulated import SimulatedLog
from sim.calendar import DAY_MS
from sim.plan import compile_plan

FIRST = pd.Timestamp("2014-03-03")


def ledger(finish, n_days: int = 200, per_day: int = 4) -> SimulatedLog:
    """Return a ledger with some cases a working day; `finish` says from a date and a generator when one is done."""
    rng, rows = np.random.default_rng(2), []
    for day in pd.date_range(FIRST, periods=n_days, freq="B"):
        for _ in range(per_day):
            rows.append({"case": len(rows), "start": day, "end": finish(day, rng)})
    frame = pd.DataFrame(rows)
    last = FIRST + pd.offsets.BDay(n_days - 1)
    frame["end"] = frame["end"].where(frame["end"] <= last).astype("datetime64[ns]")
    frame["start"] = frame["start"].astype("datetime64[ns]")
    outcome = np.where(frame["end"].isna(), "open", "done")
    fixed = {"activity": "case", "resource": "", "ready": pd.NaT, "date_only": True, "stop": False}
    frame = frame.assign(**fixed, outcome=outcome, row=np.arange(len(frame)))
    return SimulatedLog(frame.astype({"ready": "datetime64[ns]"}), "ledger")


def by_round(day, rng, *, every: int, weekday: int, week: int, days: tuple[int, ...]):
    """Return the date of a case that waits for the next round after its day, and some working days more."""
    date = day + pd.Timedelta(days=1)
    while date.weekday() != weekday or (date - FIRST).days // 7 % every != week:
        date += pd.Timedelta(days=1)
    return date + pd.offsets.BDay(int(rng.choice(days)))


def test_a_monthly_round_is_found_with_weekday_and_week():
    discovery = discover(ledger(lambda day, rng: by_round(day, rng, every=4, weekday=2, week=3, days=(2, 4, 8))))
    rounds = discovery.rounds
    assert rounds is not None
    assert (rounds.release.weeks.every, rounds.release.weeks.phase) == (4, 3)
    assert rounds.release.weekdays == ("wed",)
    assert set(rounds.turnaround[-1].times) == {2, 4, 8}
    assert rounds.turnaround[-1].shares == pytest.approx([1 / 3] * 3, abs=0.06)
    keys = {finding.key for finding in discovery.findings}
    assert "rounds" in keys
    assert "ends_together" not in keys


def test_the_scenario_of_a_ledger_with_rounds_finishes_after_the_rounds_of_the_log():
    log = ledger(lambda day, rng: by_round(day, rng, every=4, weekday=2, week=3, days=(2,)))
    discovery = discover(log)
    scenario = compose_scenario(discovery)
    case = scenario.services["service-1"].case
    assert list(case) == ["accepted", "round", "turnaround", "finished"]
    departures = compile_plan(scenario).timetables[0].departures
    simulated = {scenario.run.start + dt.timedelta(days=int(t) // DAY_MS) for t in departures}
    finished = {(end - pd.Timedelta(days=2)).date() for end in log.events["end"].dropna()}
    first_day = scenario.run.start
    assert {day for day in finished if day >= first_day} <= simulated
    provenance = scenario_table(discovery)["provenance"]
    assert provenance["timetables"]["kind"] == "derived"


def test_a_weekly_meeting_is_a_round_of_every_week():
    discovery = discover(ledger(lambda day, rng: by_round(day, rng, every=1, weekday=4, week=0, days=(0,))))
    assert discovery.rounds.release.weeks.every == 1
    assert discovery.rounds.release.weekdays == ("fri",)


def test_cases_that_end_together_without_a_rhythm_are_said_to():
    gaps = np.random.default_rng(5).choice([4, 7, 9, 13], 60)  # working days between the meetings of a board
    meetings = FIRST + np.cumsum(gaps) * pd.offsets.BDay(1)

    def next_meeting(day, rng):
        return next(meeting for meeting in meetings if meeting > day)

    discovery = discover(ledger(next_meeting))
    assert discovery.rounds is None
    assert "ends_together" in {finding.key for finding in discovery.findings}
    apart = {finding.key for finding in discovered("plain-ledger", "ledger").findings}
    assert "ends_together" not in apart


def test_independent_turnarounds_have_no_rounds():
    spread = discover(ledger(lambda day, rng: day + pd.offsets.BDay(int(rng.integers(1, 30)))))
    assert spread.rounds is None
    constant = discover(ledger(lambda day, rng: day + pd.offsets.BDay(5)))
    assert constant.rounds is None
    assert discovered("plain-ledger", "ledger").rounds is None


def test_a_drawn_discovery_draws_the_days_after_the_round():
    discovery = discover(ledger(lambda day, rng: by_round(day, rng, every=4, weekday=2, week=3, days=(2, 4, 8))))
    drawn = draw_discovery(discovery, np.random.default_rng(1), demand=0.0)
    assert drawn.rounds.turnaround[-1].shares.sum() == pytest.approx(1.0)
    assert not np.allclose(drawn.rounds.turnaround[-1].shares, discovery.rounds.turnaround[-1].shares)


def test_the_township_desks_rounds_are_found_in_its_ledger():
    earlier, begin, end = hold_out(log_of("township-desk", "ledger"))
    discovery = discover(earlier)
    assert discovery.rounds.release.weeks.every == 4
    assert discovery.rounds.release.weekdays == ("wed",)
    (scenario,) = forecast_scenarios(discovery, discover(log_of("township-desk", "ledger")), begin, end, 1)
    weeks = {(scenario.run.start - dt.date(2014, 3, 3)).days // 7 % 4}
    assert weeks == {0}  # the hall's own run began on 2014-03-03, and its rounds in that week


def test_the_first_day_of_a_ledger_of_dates_is_worked():
    discovery = discover(ledger(lambda day, rng: day + pd.offsets.BDay(5), per_day=12))
    assert discovery.first_day == FIRST.date()
    assert discovery.days.worked[0]
    assert discovery.days.off == ()


def test_a_round_before_a_delay_of_days_is_found_in_activities():
    discovery = discovered("township-desk", "activities")
    (hidden,) = {delay.release for delay in discovery.delays} - {None}
    assert (hidden.weeks.every, hidden.weekdays) == (
        4,
        ("wed",),
    )  # then the district decides
    names = discovery.routing.states.names
    by_round = {(names[delay.source], names[delay.target]) for delay in discovery.delays if delay.release is not None}
    assert by_round == {("The agent puts the papers in order", "Collect the papers")}
    table = scenario_table(discovery)
    (timetable,) = table["timetables"].values()
    assert timetable["every_weeks"] == 4
    case = table["services"]["homestead-for-a-house"]["case"]
    (until,) = [step for step in case.values() if "until" in step]
    assert "delay" in case[until["next"]]
    assert f"services.homestead-for-a-house.case.{until['next']}.delay" in table["provenance"]
    assert "release_after" in {finding.key for finding in discovery.findings}


def test_days_away_that_follow_no_rhythm_have_no_round():
    office = discovered("office", "activities")
    assert all(delay.law is None or delay.release is None for delay in office.delays)
