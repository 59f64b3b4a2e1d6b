"""Logs of a hall with a workbook: tickets and a ledger written by hand, and a county's log that is simulated.

Input: what visitors came for.  Output: rows, files that :func:`calibration.eventlog.read_log` reads, and forms.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from calibration.eventlog.simulated import LogKind, simulated_log
from calibration.eventlog.write import write_log
from foundation import messages
from scenarios.workbook.making import make_hall
from scenarios.workbook.model import HallForm
from scenarios.workbook.reading import read_workbook
from scenarios.workbook.template import example_rows, workbook_bytes

MONDAY = dt.date(2025, 3, 3)
DAYS = 40
TIMES = ("09:05", "09:20", "10:05", "10:15", "10:20", "10:25")
MINUTES = (4, 8)
"""Every second service takes four minutes, the others eight: six in the mean."""
TICKET_HEADINGS = ("Ticket", "Window", "Ticket time", "Start time", "End time", "Status", "Service")


def ticket_rows(service: str, *, times: Sequence[str] = TIMES, left_every: int = 0) -> list[tuple[Any, ...]]:
    """Return tickets of forty working days, the same on every day; of every so many the visitor had left."""
    rows: list[tuple[Any, ...]] = []
    for day in [date.date() for date in pd.bdate_range(MONDAY, periods=DAYS)]:
        for time in times:
            start = dt.datetime.combine(day, dt.time.fromisoformat(time))
            left = bool(left_every) and len(rows) % left_every == 0
            end = start if left else start + dt.timedelta(minutes=MINUTES[len(rows) % 2])
            rows.append((len(rows), "1", start, start, end, "left" if left else "done", service))
    return rows


def write_tickets(folder: Path, rows: Sequence[tuple[Any, ...]], name: str = "tickets.csv") -> Path:
    pd.DataFrame(rows, columns=TICKET_HEADINGS).to_csv(folder / name, index=False)
    return folder / name


def write_ledger(folder: Path, service: str, *, days: int = 3) -> Path:
    """Write a ledger with an application on each of forty working days, each decided so many working days later."""
    dates = [date.date() for date in pd.bdate_range(MONDAY, periods=DAYS + days)]
    rows = [(number, dates[number], dates[number + days], service) for number in range(DAYS)]
    headings = ("Case ID", "Accepted", "Finished", "Service")
    pd.DataFrame(rows, columns=headings).to_csv(folder / "ledger.csv", index=False)
    return folder / "ledger.csv"


def county(folder: Path) -> HallForm:
    """Return the filled-in example."""
    path = folder / "hall.xlsx"
    with messages.using("en"):
        path.write_bytes(workbook_bytes(example_rows()))
    form, faults = read_workbook(path)
    assert faults == []
    return form


def without_counts(form: HallForm) -> HallForm:
    """Return a form of which minutes, volumes and tickets are blank."""
    items = tuple(replace(item, minutes=None, volume=None) for item in form.items)
    return replace(form, items=items, tickets={})


def write_county_log(folder: Path, form: HallForm, kind: LogKind, *, seed: int = 5) -> Path:
    """Write what the software of a form's hall would have written in 60 working days."""
    scenario = make_hall(form, name="county").composed.with_values({"run.days": 60}).scenario
    with messages.using("en"):
        log = simulated_log(scenario, kind, seed=seed)
    return write_log(log.events, log.kind, folder / f"{kind}.csv")
