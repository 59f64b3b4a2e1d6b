"""Bare dates among time stamps are dates: they make no hours, no timetable and no work at night."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cases import for_each

from calibration.discovery.discover import discover
from calibration.discovery.log.reading import read_traces
from calibration.eventlog import read_log
from calibration.eventlog.bare_dates import bare_dates
from sim.calendar import DAY_MS, HOUR_MS

ORIGIN = pd.Timestamp("2015-06-01")


def permits(folder: Path, clock: str | None) -> Path:
    """Four permits a weekday: filed, checked on the same day, issued days later with the clock time of a date."""
    rng = np.random.default_rng(7)
    lines, number = ["case,activity,user,timestamp"], 0
    for day in (k for k in range(140) if k % 7 < 5):
        for _ in range(4):
            number += 1
            filed = ORIGIN + pd.Timedelta(days=day, minutes=int(rng.integers(8 * 60, 15 * 60 + 30)))
            checked = filed + pd.Timedelta(minutes=int(rng.integers(10, 90)))
            later = day + int(rng.integers(1, 5))
            later += 2 if later % 7 > 4 else 0
            issued = ORIGIN + pd.Timedelta(days=later, minutes=int(rng.integers(8 * 60, 16 * 60)))
            stamps = [f"{moment:%Y-%m-%d %H:%M}" for moment in (filed, checked, issued)]
            if clock is not None:
                stamps[2] = f"{issued:%Y-%m-%d} {clock}"
            rows = zip(("File", "Check", "Issue"), stamps, strict=True)
            lines += [f"P{number},{activity},u{number % 3},{stamp}" for activity, stamp in rows]
    path = folder / "permits.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.slow
@for_each("clock", ["00:00", "02:00", "23:00"])
def test_bare_dates_leave_hours_and_turnaround_as_real_times_do(tmp_path: Path, clock: str) -> None:
    control = discover(read_log(permits(tmp_path, None)))
    log = read_log(permits(tmp_path, clock))
    (note,) = [note for note in log.notes if note.key == "eventlog.note.bare_dates"]
    assert note.values["column"] == "timestamp"
    assert round(note.values["share"], 2) == 0.33
    found = discover(log)
    for hall in (control.hall, found.hall):
        ((opens, closes),) = hall.by_weekday[0]
        assert opens == 8 * HOUR_MS
        assert 16 * HOUR_MS <= closes <= 17 * HOUR_MS
    assert not [delay for delay in found.delays if delay.release is not None]
    for share in (0.5, 0.95):
        low, high = control.turnaround[-1].quantile_interval(share)
        assert low - 4 <= found.turnaround[-1].quantile(share) <= high + 4  # hours: a time of day is not known
    assert "bare_dates" in {finding.key for finding in found.findings}


def test_a_drawn_time_lies_between_the_times_of_the_same_day(tmp_path: Path) -> None:
    log = read_log(permits(tmp_path, None))
    events = log.events.copy()
    checked = (events["activity"] == "Check").to_numpy()
    events.loc[checked, "end"] = events.loc[checked, "end"].dt.normalize()
    shuffled = type(log)(events, log.kind, log.mapping, log.notes, log.rejected, log.rows_read)
    traces = read_traces(shuffled)
    names = np.array(traces.activities)[traces.activity]
    assert traces.bare_dates == {"end": int(checked.sum())}
    assert (names.reshape(-1, 3) == ["File", "Check", "Issue"]).all()
    clock = traces.end[names == "Check"] % DAY_MS
    assert clock.min() >= 8 * HOUR_MS
    assert np.unique(clock).size > 100


def test_a_hall_that_works_at_night_has_no_bare_dates() -> None:
    moments = np.arange(0, 60 * DAY_MS, HOUR_MS // 4).astype("datetime64[ms]").astype("datetime64[ns]")
    assert not bare_dates(moments).any()


def test_a_timetable_at_a_full_hour_of_the_day_is_no_bare_date() -> None:
    day = np.arange(100) * DAY_MS
    moments = np.concatenate([day + 9 * HOUR_MS, day + 10 * HOUR_MS + day // 999]).astype("datetime64[ms]")
    assert not bare_dates(moments.astype("datetime64[ns]")).any()
