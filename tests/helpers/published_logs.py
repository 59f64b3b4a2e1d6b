"""Synthetic logs with the habits of published ones: of loan applications, and of building permits.

Each is a CSV file of single events, deterministic by its seed, with the headings of published logs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

MONDAY = pd.Timestamp("2012-01-02")
OPENS_MIN, OPEN_MIN = 8 * 60, 10 * 60
"""The office opens at 8:00, from Monday to Friday, and closes ten hours later."""
DAY_MIN = 24 * 60


def open_minutes(clock: float) -> float:
    """Return the opening time that has passed since Monday 0:00, of minutes since then."""
    day, minute = divmod(clock, DAY_MIN)
    week, weekday = divmod(day, 7)
    today = min(max(minute - OPENS_MIN, 0), OPEN_MIN) if weekday < 5 else 0
    return (week * 5 + min(weekday, 5)) * OPEN_MIN + today


def at_open(passed: float) -> float:
    """Return when so much opening time has passed, in minutes since Monday 0:00."""
    day, minute = divmod(passed, OPEN_MIN)
    week, weekday = divmod(day, 5)
    return (week * 7 + weekday) * DAY_MIN + OPENS_MIN + minute


@dataclass
class _Writer:
    """Events of one log."""

    rng: np.random.Generator
    rows: list[tuple[str, str, str, str, float]] = field(default_factory=list)

    def event(self, case: str, activity: str, transition: str, user: str, clock: float) -> None:
        self.rows.append((case, activity, transition, user, clock))

    def lognormal(self, median: float, mean: float) -> float:
        return float(self.rng.lognormal(np.log(median), np.sqrt(2 * np.log(mean / median))))

    def write(self, path: Path, *, unit: str) -> Path:
        frame = pd.DataFrame(self.rows, columns=["case:concept:name", "concept:name", "transition", "user", "clock"])
        stamps = (MONDAY + pd.to_timedelta(frame.pop("clock"), unit="min")).dt.round(unit)
        form = "%Y-%m-%d %H:%M:%S.%f" if unit == "ms" else "%Y-%m-%d %H:%M"
        frame["time:timestamp"] = stamps.dt.strftime(form)
        frame = frame.rename(columns={"transition": "lifecycle:transition", "user": "org:resource"})
        frame.iloc[np.argsort(stamps.to_numpy(), kind="stable")].to_csv(path, index=False)
        return path


def loan_log(path: Path, *, days: int = 120, per_day: int = 6, seed: int = 1) -> Path:
    """Write a log of loan applications, with stamps of schedule, start and complete.

    Decisions take no time.  Calls and checks have medians of two to three minutes and means of fifteen.  They are
    scheduled at once and begin hours or days later, whoever is idle: what is awaited is the applicant, or a date.
    People have several files in hand; incomplete files are chased for days.  Applications that go on take one to five
    weeks.

    Parameters
    ----------
    path
        Where to.
    days
        Calendar days in which applications come.
    per_day
        Applications a day.
    seed
        Of everything random.
    """
    log = _Writer(np.random.default_rng(seed))
    number = 100_000
    for day in range(days):
        for clock in np.sort(log.rng.uniform(8 * 60, 22 * 60, log.rng.poisson(per_day))):
            number += 3
            _application(log, str(number), day * DAY_MIN + float(clock), staff=12)
    log.rows = [row for row in log.rows if row[4] < days * DAY_MIN]  # the export ends with the last day
    return log.write(path, unit="ms")


def _application(log: _Writer, case: str, came: float, *, staff: int) -> None:
    rng = log.rng
    instant = came

    def mark(activity: str, user: str) -> None:
        nonlocal instant
        instant += float(rng.uniform(0.01, 0.5))
        log.event(case, activity, "COMPLETE", user, instant)

    def work(activity: str, wait_h: float, mean_h: float, before_end: Callable[[str], None] | None = None) -> None:
        """Begin so many hours of opening time later, and end after minutes, or on the next morning."""
        nonlocal instant
        begin = at_open(open_minutes(instant) + 60 * log.lognormal(wait_h, mean_h))
        user = f"{11000 + int(rng.integers(staff))}"
        log.event(case, activity, "START", user, begin)
        length = log.lognormal(2.5, 15.0)
        instant = begin + length
        if rng.random() < 0.03:  # laid aside until tomorrow
            instant = at_open(open_minutes(begin) + OPEN_MIN) + float(rng.uniform(0, 60))
        if before_end is not None:
            before_end(user)
        log.event(case, activity, "COMPLETE", user, instant)

    def schedule(activity: str, user: str) -> None:
        log.event(case, activity, "SCHEDULE", user, instant)

    log.event(case, "A_SUBMITTED", "COMPLETE", "112", instant)
    mark("A_PARTLYSUBMITTED", "112")
    if rng.random() < 0.35:
        mark("A_DECLINED", "112")
        return
    mark("A_PREACCEPTED", "112")
    schedule("W_Complete application", "112")
    while rng.random() < 0.5:
        work("W_Complete application", 3.0, 8.0)

    def offer(user: str) -> None:
        for activity in ("A_ACCEPTED", "O_SELECTED", "A_FINALIZED", "O_CREATED", "O_SENT"):
            mark(activity, user)
        schedule("W_Call after offer", user)

    work("W_Complete application", 2.0, 6.0, offer)
    work("W_Call after offer", 0.02, 0.05)
    while rng.random() < 0.6:
        work("W_Call after offer", 12.0, 25.0)
        if rng.random() < 0.12:
            given_up = float(rng.random())
            if given_up < 0.6:  # a check was scheduled; it is closed without a start, or nobody closes it
                schedule("W_Validate application", "112")
                instant = at_open(open_minutes(instant) + 60 * log.lognormal(30.0, 40.0))
            if given_up < 0.3:
                log.event(case, "W_Validate application", "COMPLETE", f"{11000 + int(rng.integers(staff))}", instant)
            mark("A_CANCELLED", "112")
            return
    instant = at_open(open_minutes(instant) + 60 * log.lognormal(15.0, 25.0))  # the applicant sends the papers back
    user = f"{11000 + int(rng.integers(staff))}"
    mark("O_SENT_BACK", user)
    schedule("W_Validate application", user)
    work("W_Validate application", 9.0, 16.0)
    while rng.random() < 0.45:
        schedule("W_Call incomplete files", user)
        work("W_Call incomplete files", 1.0, 4.0)
        while rng.random() < 0.6:
            work("W_Call incomplete files", 8.0, 14.0)
        work("W_Validate application", 9.0, 16.0)
    if rng.random() < 0.25:
        mark("A_DECLINED", user)
    else:
        for activity in ("O_ACCEPTED", "A_APPROVED", "A_REGISTERED", "A_ACTIVATED"):
            mark(activity, user)


SILENT_MONTH = (pd.Timestamp("2013-02-01"), pd.Timestamp("2013-03-01"))
"""The export of permits has nothing of this month."""


def permit_log(path: Path, *, cases: int = 300, seed: int = 1) -> Path:
    """Write a log of building permits over three years, with one stamp an event.

    Half of the stamps are bare dates.  Of the 400 activities fifteen are common.  One case in eight is abandoned.
    February of the second year is missing in the export, and hardly anything happens in two weeks of August.

    Parameters
    ----------
    path
        Where to.
    cases
        Number of applications.
    seed
        Of everything random.
    """
    log = _Writer(np.random.default_rng(seed))
    rng = log.rng
    clocked = {f"01_HOOFD_{k:03d}": bool(k // 10 % 2) for k in range(10, 160, 10)}
    for number in range(cases):
        case, user = f"{2_000_000 + 37 * number}", f"{560_000 + int(rng.integers(9))}"
        passed = float(rng.uniform(0, 3 * 52 * 5)) * OPEN_MIN
        last = int(rng.integers(2, 6)) if rng.random() < 0.125 else 15
        for position, (activity, has_clock) in enumerate(clocked.items()):
            if position >= last:
                break
            _permit_event(log, case, activity, user, passed, has_clock=has_clock)
            for _ in range(int(rng.poisson(0.5))):
                rare = int(rng.integers(385))
                passed += OPEN_MIN * float(rng.exponential(0.5))
                _permit_event(log, case, f"{rare // 50:02d}_X_{rare:03d}", user, passed, has_clock=bool(rare % 2))
            passed += OPEN_MIN * float(rng.exponential(4.0))
    log.rows = [row for row in log.rows if row[4] < 3 * 52 * 7 * DAY_MIN]  # the export ends after three years
    return log.write(path, unit="min")


def _permit_event(log: _Writer, case: str, activity: str, user: str, passed: float, *, has_clock: bool) -> None:
    clock = at_open(passed)
    moment = MONDAY + pd.Timedelta(minutes=clock)
    if SILENT_MONTH[0] <= moment < SILENT_MONTH[1] or (
        moment.month == 8 and moment.day <= 14 and log.rng.random() < 0.95
    ):
        return
    log.event(case, activity, "complete", user, clock if has_clock else clock // DAY_MIN * DAY_MIN)
