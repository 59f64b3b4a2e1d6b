"""A state file to fill in: an example of every kind of row, with names of the scenario.

Input: a scenario, and a file ending.  Output: the bytes of the file, with headings in the language in use.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Final

from foundation import messages
from foundation.errors import HallplanError
from foundation.units import format_time_of_day
from foundation.workbooks import table_workbook
from planner.today.columns import COLUMNS, heading, kind_title
from planner.today.places import places_of
from scenarios.model import Scenario
from sim.calendar import MINUTE_MS
from sim.plan import Layout

__all__ = ["ENDINGS", "template_of"]

ENDINGS: Final = (".csv", ".xlsx", ".json")
_AFTER_OPENING_MS: Final = 90 * MINUTE_MS
_TICKETS_MS: Final = (25 * MINUTE_MS, 12 * MINUTE_MS, 4 * MINUTE_MS)
"""How long the tickets of the example have waited."""


def template_of(scenario: Scenario, *, ending: str) -> bytes:
    """Return a state file of a morning, an hour and a half after the scenario opens on its first working day.

    Raises
    ------
    HallplanError
        If visitors queue nowhere.
    """
    rows = _rows(scenario)
    if ending == ".json":
        keys = [[key for key in COLUMNS if row.get(key)] for row in rows]
        filled = [{key: row[key] for key in present} for row, present in zip(rows, keys, strict=True)]
        return (json.dumps(filled, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
    table: list[list[str | float]] = [
        [heading(column) for column in COLUMNS],
    ]
    table += [[row.get(column, "") for column in COLUMNS] for row in rows]
    if ending == ".xlsx":
        return table_workbook([(messages.text("today.sheet"), table)])
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows(table)
    return stream.getvalue().encode("utf-8-sig")  # the mark lets Excel and WPS see that it is UTF-8


def _rows(scenario: Scenario) -> list[dict[str, str]]:
    layout, places = Layout.of(scenario), places_of(scenario)
    if not places:
        raise HallplanError("today.error.no_queue", scenario=scenario.name)
    calendar = layout.calendars[0]
    opening = int(calendar.opens[0])
    now = opening % (24 * 60 * MINUTE_MS) + _AFTER_OPENING_MS
    date = calendar.date_of(opening)
    busiest = max(places, key=lambda place: place.per_day)
    pool, service = busiest.pool, busiest.visits.service
    rows = [{"what": "now", "time": f"{date} {format_time_of_day(now)}"}]
    rows += [{"what": "ticket", "pool": pool, "time": format_time_of_day(now - ago)} for ago in _TICKETS_MS[:-1]]
    rows.append({"what": "ticket", "pool": pool, "time": format_time_of_day(now - _TICKETS_MS[-1]), "service": service})
    rows.append({"what": "windows", "pool": pool, "number": str(scenario.pools[pool].servers)})
    rows.append({"what": "serving", "pool": pool, "time": format_time_of_day(now - 5 * MINUTE_MS)})
    rows.append({"what": "issued", "number": "20"})
    with_case = [name for name, each in scenario.services.items() if each.case is not None]
    if with_case:
        rows.append({"what": "case", "service": with_case[0], "age": "3", "number": "2"})
    return [{**row, "what": kind_title(row["what"])} for row in rows]
