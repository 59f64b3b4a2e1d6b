"""What a log tells of a workbook's demand: tickets by weekday and half hour, and the volumes of items.

Input: a log's discovery and a workbook's form.  Output: the form with the log's counts in cells that were blank.  What
a cell states stays.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from calibration.discovery.result import Discovery
from calibration.workbook.entries import estimated
from calibration.workbook.matching import NameMatcher, is_step_title, steps_of
from calibration.workbook.steps import MIN_ROWS, tasks_of
from foundation.errors import HallplanError
from scenarios.model.vocabulary import WEEKDAYS
from scenarios.workbook.demand import days_a_month, tickets_per_day, visits_per_application
from scenarios.workbook.layout import SHEETS, sheet_title
from scenarios.workbook.making import application_shares
from scenarios.workbook.model import HallForm, ItemRow, LogEntry, Stated
from scenarios.workbook.opening import HALF_HOUR, minutes_of, ticket_intervals
from scenarios.workbook.services import class_of
from scenarios.workbook.skeleton import skeleton

__all__ = ["with_tickets", "with_volumes"]

_PLACES: Final = 4
_WORTH_A_NOTE: Final = 0.01
"""Share of the tickets outside the hall's hours from which a note is made: who missed a call comes back late."""
_NORMAL: Final = 1.96
"""Quantile of the normal law for a 95% interval."""


def with_tickets(form: HallForm, discovery: Discovery, log: dict[str, str], notes: list[HallplanError]) -> HallForm:
    """Return the form with the log's tickets, if the sheet of tickets is blank.

    Parameters
    ----------
    form, discovery, log
        The workbook, what the log has shown, and what the log is.
    notes
        Where it is said which counts are used.
    """
    arrivals = discovery.arrivals
    if discovery.traces.kind != "tickets" or not len(arrivals.rates):
        return form
    stated = next(iter(form.tickets.values()), None)
    if stated is not None and stated.log is not None:
        return form
    if stated is not None:
        values = {"stated": f"{tickets_per_day(form):.0f}", "logged": f"{arrivals.per_day:.0f}"}
        notes.append(HallplanError("workbook_log.note.tickets_stated", **values))
        return form
    left = float(discovery.traces.left.mean())
    formula = estimated(log, "workbook_log.source.tickets", n=arrivals.n, days=arrivals.days, left=left)
    counts, outside = _by_half_hour(form, discovery)
    if outside >= _WORTH_A_NOTE:
        notes.append(HallplanError("workbook_log.note.outside_hours", share=f"{outside:.1%}"))
    sheet = sheet_title(next(sheet for sheet in SHEETS if sheet.key == "tickets"))
    return replace(form, tickets={day: Stated(counts[day], sheet, "", LogEntry(log, formula)) for day in counts})


def _by_half_hour(form: HallForm, discovery: Discovery) -> tuple[dict[str, dict[int, float]], float]:
    """Return the mean number of tickets by weekday and half hour, and the share that lies outside the hall's hours.

    A working day on a weekend makes up for a holiday: it tells nothing of other weekends, and is left out.  A ticket
    whose visitor had left, or was away when called, is one more of a visit that is counted when it succeeds.
    """
    served = 1 - float(discovery.traces.left.mean())
    made_up = {WEEKDAYS[number] for number in discovery.days.weekend}
    counts: dict[str, dict[int, float]] = {}
    outside = total = 0.0
    rates = discovery.arrivals.rates
    columns = (rates[name].tolist() for name in ("weekday", "half_hour", "arrivals_per_hour", "days"))
    for day, half_hour, per_hour, days in zip(*columns, strict=True):
        if day in made_up:
            continue
        start, count = minutes_of(half_hour), served * per_hour * HALF_HOUR / 60
        total += count * days
        if any(begins < start + HALF_HOUR and start < ends for begins, ends in ticket_intervals(form, day)):
            counts.setdefault(day, {})[start] = round(count, _PLACES)
        else:
            outside += count * days
    return counts, outside / total if total else 0.0


def with_volumes(form: HallForm, discovery: Discovery, log: dict[str, str]) -> HallForm:
    """Return the form with the log's applications a month for items whose volume is blank."""
    if discovery.traces.kind not in ("tickets", "ledger") or not discovery.arrivals.days:
        return form
    counts = _applications(form, discovery)
    by_row = {}
    for item in form.items:
        if item.volume is None and counts.get(item.row, (0, 0))[1] >= MIN_ROWS:
            by_row[item.row] = _volume(item, form, discovery, log, *counts[item.row])
    items = tuple(replace(item, volume=by_row.get(item.row, item.volume)) for item in form.items)
    return replace(form, items=items)


def _volume(
    item: ItemRow, form: HallForm, discovery: Discovery, log: dict[str, str], applications: float, rows: int
) -> Stated[float]:
    arrivals = discovery.arrivals
    month = days_a_month(form) / arrivals.days
    half = _NORMAL * math.sqrt(max(arrivals.dispersion, 1.0) / rows) * applications * month
    value = round(applications * month, _PLACES)
    entry = estimated(
        log,
        f"workbook_log.source.volume_{discovery.traces.kind}",
        interval=(max(value - half, 0.0), value + half),
        n=rows,
        days=arrivals.days,
        month=f"{days_a_month(form):.2f}",
        visits=f"{rows / applications:.3g}",
    )
    return Stated(value, item.title.sheet, "", LogEntry(log, entry))


def _applications(form: HallForm, discovery: Discovery) -> dict[int, tuple[float, int]]:
    """Return by row of an item: its applications in the log, and the rows of the log that they are counted from.

    A ledger has a row for each.  A ticket counts a visit: applications follow by the visits that each brings about, and
    where the log does not say who only asked, less the assumed share of enquiries.
    """
    traces, matcher = discovery.traces, NameMatcher(form)
    if traces.kind == "ledger":
        numbers = np.bincount(traces.service, minlength=len(traces.services)).tolist()
        pairs = [(matcher.item_called(name), n) for name, n in zip(traces.services, numbers, strict=True) if name]
        return {item.row: (float(n), n) for item, n in pairs if item is not None}
    instant, case = visits_per_application(application_shares(form))
    counts: dict[int, tuple[float, int]] = {}
    lost = _left_by_task(discovery)
    for service, activity, n in tasks_of(discovery):
        name = traces.activities[activity]
        item = matcher.item_called(*(text for text in (traces.services[service], name) if text))
        if item is None:
            continue
        served, is_instant = n - lost.get((service, activity), 0), class_of(item) == "instant"
        if is_step_title(name):
            paths = steps_of(item, name, is_ticket=True)
            if ("visits", "apply", "window") not in paths:
                continue
            visits = instant if is_instant else 1.0
        else:
            visits = (instant if is_instant else case) * (1 + skeleton()["levels"]["enquiries"])
        applications, rows = counts.get(item.row, (0.0, 0))
        counts[item.row] = (applications + served / visits, rows + served)
    return counts


def _left_by_task(discovery: Discovery) -> Mapping[tuple[int, int], int]:
    """Return how many tickets of each task nobody came for: who comes back has taken another one."""
    traces = discovery.traces
    rows = np.flatnonzero(traces.left)
    tasks = zip(traces.service[traces.case[rows]].tolist(), traces.activity[rows].tolist(), strict=True)
    counts: dict[tuple[int, int], int] = {}
    for task in tasks:
        counts[task] = counts.get(task, 0) + 1
    return counts
