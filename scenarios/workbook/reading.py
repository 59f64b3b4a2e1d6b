"""Reading a filled-in workbook: what it states, and every fault of every cell.

Input: a workbook in either language, whose content is not trusted.  Output: a
:class:`~scenarios.workbook.model.HallForm`, and the faults, in the order of the sheets.  A blank cell is no fault but
where nothing can be assumed: a workbook has at least one item and one group of windows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from foundation.errors import HallplanError
from scenarios.catalogue.tables import Row, read_sheets
from scenarios.model.vocabulary import WEEKDAYS
from scenarios.workbook.cells import CellReader, address, sheet_rows
from scenarios.workbook.layout import ANY_DAY, QUESTIONS, SHEETS, Sheet, day_of, plain, sheet_of, sheet_title, word_of
from scenarios.workbook.model import CellFault, DayHours, HallForm, ItemRow, Stated, WindowRow
from scenarios.workbook.opening import HALF_HOUR, last_tickets, ticket_intervals

__all__ = ["group_of_department", "read_form", "read_workbook", "takes_all"]

_ITEMS, _WINDOWS, _TICKETS, _HOURS, _QUESTIONS = SHEETS
_ALL: Final = ("全部", "all", "所有")
"""What a group of windows says that accepts for every department without a group of its own."""


def read_workbook(path: Path) -> tuple[HallForm, list[CellFault]]:
    """Read a workbook; the form means something only if there are no faults.

    Raises
    ------
    HallplanError
        If the file is no workbook, or has none of the sheets.
    """
    if path.suffix.lower() != ".xlsx":
        raise HallplanError("workbook.fault.no_xlsx", file=path.name)
    return read_form(read_sheets(path), name=path.name)


def read_form(sheets: Mapping[str, list[Row]], *, name: str) -> tuple[HallForm, list[CellFault]]:
    """Read the sheets of a workbook, by their titles; see :func:`read_workbook`."""
    rows_by_sheet: dict[str, tuple[str, list[Row]]] = {}
    faults: list[CellFault] = []
    for title, rows in sheets.items():
        sheet = sheet_of(title)
        if sheet is not None and sheet.key in rows_by_sheet:
            faults.append(CellFault(title, "", HallplanError("workbook.cell.sheet_twice")))
        elif sheet is not None:
            rows_by_sheet[sheet.key] = (title, rows)
    if not rows_by_sheet:
        titles = ", ".join(sheet_title(sheet) for sheet in SHEETS)
        raise HallplanError("workbook.fault.no_sheets", file=name, sheets=titles)

    def readers(sheet: Sheet) -> list[CellReader]:
        title, rows = rows_by_sheet.get(sheet.key, (sheet_title(sheet), []))
        return sheet_rows(sheet, title, rows, faults)

    items = [_item(reader) for reader in readers(_ITEMS)]
    windows = [_window(reader) for reader in readers(_WINDOWS)]
    hours, doors_open, tickets_stop = _hours(readers(_HOURS))
    form = HallForm(
        name=name,
        items=tuple(item for item in items if item is not None),
        windows=tuple(window for window in windows if window is not None),
        tickets={},
        hours=hours,
        doors_open=doors_open,
        tickets_stop=tickets_stop,
        answers=_answers(readers(_QUESTIONS)),
    )
    form = replace(form, tickets=_tickets(readers(_TICKETS), form))
    if not faults:
        faults += _minimum(form, {key: title for key, (title, _) in rows_by_sheet.items()})
    if not faults:
        faults += [*_repeated_items(form), *_unserved_departments(form), *_crowded_windows(form)]
    return form, faults


def _minimum(form: HallForm, titles: Mapping[str, str]) -> list[CellFault]:
    missing = [sheet for sheet, rows in ((_ITEMS, form.items), (_WINDOWS, form.windows)) if not rows]
    return [
        CellFault(titles.get(sheet.key, sheet_title(sheet)), "A2", HallplanError(f"workbook.cell.no_{sheet.key}"))
        for sheet in missing
    ]


def _fields(reader: CellReader, sheet: Sheet) -> dict[str, Any]:
    return {column.key: reader.value(column) for column in sheet.columns}


def _item(reader: CellReader) -> ItemRow | None:
    values = _fields(reader, _ITEMS)
    if values["item"] is None:
        reader.fault("item", HallplanError("workbook.cell.no_title"))
        return None
    statutory, promised, departments = values["statutory"], values["promised"], values["department"]
    if statutory and promised and promised.value > statutory.value:
        beyond = HallplanError("catalogue.cell.above_law", value=promised.value, most=statutory.value)
        reader.fault("promised", beyond)
    is_joint = values["class"] is not None and values["class"].value == "joint"
    if departments and len(departments.value) > 1 and not is_joint:
        reader.fault("department", HallplanError("workbook.cell.several_departments", value=reader.text("department")))
    if (
        values["inspection"]
        and values["inspection"].value == "yes"
        and values["class"]
        and values["class"].value == "instant"
    ):
        reader.fault("inspection", HallplanError("workbook.cell.instant_inspection"))
    return ItemRow(
        row=reader.row,
        departments=departments,
        title=values["item"],
        item_class=values["class"],
        statutory=statutory,
        promised=promised,
        volume=values["volume"],
        inspection=values["inspection"],
        minutes=values["minutes"],
    )


def _window(reader: CellReader) -> WindowRow | None:
    values = _fields(reader, _WINDOWS)
    if values["group"] is None:
        reader.fault("group", HallplanError("workbook.cell.no_group"))
        return None
    begins, ends = values["begins"], values["ends"]
    if (begins is None) != (ends is None) and not (reader.text("begins") and reader.text("ends")):
        reader.fault("begins" if begins is None else "ends", HallplanError("workbook.cell.other_end"))
    elif begins and ends and begins.value >= ends.value:
        reader.fault(
            "ends", HallplanError("workbook.cell.not_after", value=reader.text("ends"), first=reader.text("begins"))
        )
    return WindowRow(
        reader.row,
        *(values[key] for key in ("group", "departments", "windows", "officers", "begins", "ends", "cost")),
    )


_ENDS: Final = ("opens", "lunch_begins", "lunch_ends", "closes")


def _hours(readers: Sequence[CellReader]) -> tuple[dict[str, DayHours], Any, Any]:
    hours: dict[str, DayHours] = {}
    minutes: dict[str, Any] = {"doors_open": None, "tickets_stop": None}
    for reader in readers:
        values = _fields(reader, _HOURS)
        if values["day"] is None:
            if not reader.text("day"):
                reader.fault("day", HallplanError("workbook.cell.no_day"))
            continue
        day = values["day"].value
        for key in minutes:
            if values[key] is not None and day != ANY_DAY:
                reader.fault(key, HallplanError("workbook.cell.any_day_only"))
            elif values[key] is not None:
                minutes[key] = values[key]
        if not any(reader.text(key) for key in _ENDS):
            continue
        if day in hours:
            reader.fault("day", HallplanError("workbook.cell.row_twice", value=reader.text("day")))
            continue
        intervals = _intervals(reader, values)
        if intervals is not None:
            cells = f"{reader.address('opens')}:{reader.address('closes')}"
            hours[day] = DayHours(Stated(intervals, reader.sheet, cells))
    stop = last_tickets(minutes["tickets_stop"])
    for reader in readers:
        row = hours.get(word_of("day", reader.text("day")) or day_of(reader.text("day")) or "")
        if row is not None and (length := row.intervals.value[-1][1] - row.intervals.value[-1][0]) <= stop:
            reader.fault("closes", HallplanError("workbook.cell.short", n=length, stop=stop))
    return hours, minutes["doors_open"], minutes["tickets_stop"]


def _intervals(reader: CellReader, values: Mapping[str, Any]) -> tuple[tuple[int, int], ...] | None:
    """Return the opening intervals of a row, or ``None`` if a cell of it is wrong."""
    for key, other in (
        ("opens", "closes"),
        ("closes", "opens"),
        ("lunch_begins", "lunch_ends"),
        ("lunch_ends", "lunch_begins"),
    ):
        needed = key in ("opens", "closes") or reader.text(other)
        if needed and not reader.text(key):
            reader.fault(key, HallplanError("workbook.cell.other_end"))
            return None
    ends = [(key, values[key]) for key in _ENDS if reader.text(key)]
    for (first_key, first), (key, second) in pairwise(ends):
        if first is None or second is None:
            return None
        if first.value >= second.value:
            times = {"value": reader.text(key), "first": reader.text(first_key)}
            reader.fault(key, HallplanError("workbook.cell.not_after", **times))
            return None
    times_of_day = [stated.value for _, stated in ends]
    return tuple(zip(times_of_day[::2], times_of_day[1::2], strict=True))


def _tickets(readers: Sequence[CellReader], form: HallForm) -> dict[str, Stated[Mapping[int, float]]]:
    counts: dict[str, dict[int, float]] = {}
    cells: dict[str, list[str]] = {}
    title, rows = "", set[int]()
    for reader in readers:
        values = _fields(reader, _TICKETS)
        if not any(reader.text(day) for day in WEEKDAYS):
            continue
        if values["half_hour"] is None:
            if not reader.text("half_hour"):
                reader.fault("half_hour", HallplanError("workbook.cell.no_half_hour"))
            continue
        start, title = values["half_hour"].value, reader.sheet
        if start % HALF_HOUR:
            reader.fault("half_hour", HallplanError("workbook.cell.half_hour", value=reader.text("half_hour")))
        if start in rows:
            reader.fault("half_hour", HallplanError("workbook.cell.row_twice", value=reader.text("half_hour")))
        rows.add(start)
        for day in WEEKDAYS:
            if values[day] is None or not values[day].value:
                continue
            if not any(begins < start + HALF_HOUR and start < ends for begins, ends in ticket_intervals(form, day)):
                reader.fault(day, HallplanError("workbook.cell.closed", value=reader.text(day)))
            counts.setdefault(day, {})[start] = values[day].value
            cells.setdefault(day, []).append(values[day].cells)
    return {day: Stated(counts[day], title, f"{cells[day][0]}:{cells[day][-1]}") for day in WEEKDAYS if day in counts}


def _answers(readers: Sequence[CellReader]) -> dict[str, Stated[Any]]:
    questions = {plain(question.code): question for question in QUESTIONS}
    answers: dict[str, Stated[Any]] = {}
    for reader in readers:
        question = questions.get(plain(reader.text("code")))
        if question is None:
            if reader.text("answer"):
                codes = f"{QUESTIONS[0].code}-{QUESTIONS[-1].code}"
                reader.fault("code", HallplanError("workbook.cell.no_question", value=reader.text("code"), codes=codes))
            continue
        answer = reader.value(question, "answer")
        if answer is not None and question.key in answers:
            reader.fault("code", HallplanError("workbook.cell.row_twice", value=question.code))
        elif answer is not None:
            answers[question.key] = answer
    return answers


def takes_all(window: WindowRow) -> bool:
    """Tell whether a group of windows accepts for every department without a group of its own."""
    return window.departments is not None and any(plain(name) in _ALL for name in window.departments.value)


def group_of_department(form: HallForm) -> dict[str, str]:
    """Return the group of windows of each department of the items; "" stands for items without a department.

    A group accepts for the departments that its rows name, or else for the one that it is called like.  A group that
    says "all", or the only group where it names none, accepts for the rest.
    """
    named: dict[str, str] = {}
    groups = list(dict.fromkeys(window.group.value for window in form.windows))
    for window in form.windows:
        for name in window.departments.value if window.departments else ():
            named.setdefault(plain(name), window.group.value)
    for group in groups:
        named.setdefault(plain(group), group)
    rest = next(
        (window.group.value for window in form.windows if takes_all(window)), groups[0] if len(groups) == 1 else None
    )
    departments = {name for item in form.items for name in (item.departments.value if item.departments else ("",))}
    pairs = {name: named.get(plain(name), rest) for name in departments}
    return {name: group for name, group in pairs.items() if group is not None}


def _unserved_departments(form: HallForm) -> list[CellFault]:
    served, faults, seen = group_of_department(form), list[CellFault](), set[str]()
    for item in form.items:
        first = item.departments.value[0] if item.departments else ""  # a joint item is accepted by its first one
        if first in served or (first and first in seen):
            continue
        seen.add(first)
        cell = item.departments.cells if item.departments else _beside(item.title.cells)
        key = "workbook.cell.unserved" if first else "workbook.cell.no_department"
        faults.append(CellFault(item.title.sheet, cell, HallplanError(key, value=first)))
    return faults


def _beside(cell: str) -> str:
    """Return the first cell of the row of another one."""
    return address(int("".join(filter(str.isdigit, cell))), 0)


def _repeated_items(form: HallForm) -> list[CellFault]:
    rows: dict[tuple[str, str], int] = {}
    faults: list[CellFault] = []
    for item in form.items:
        department = item.departments.value[0] if item.departments else ""
        first = rows.setdefault((plain(department), plain(item.title.value)), item.row)
        if first != item.row:
            repeated = HallplanError("catalogue.cell.repeated", value=item.title.value, row=first)
            faults.append(CellFault(item.title.sheet, item.title.cells, repeated))
    return faults


def _crowded_windows(form: HallForm) -> list[CellFault]:
    """Return a fault for each shift in which a group has more officers than windows at some moment."""
    windows: dict[str, int] = {}
    for row in form.windows:
        if row.windows is not None:
            windows[row.group.value] = max(row.windows.value, windows.get(row.group.value, 0))
    faults = []
    for row in form.windows:
        limit = windows.get(row.group.value)
        if limit is None or row.officers is None:
            continue
        at = row.begins.value if row.begins else 0
        present = sum(
            other.officers.value
            for other in form.windows
            if other.group.value == row.group.value and other.officers is not None
            if other.begins is None
            or row.begins is None
            or (other.ends and other.begins.value <= at < other.ends.value)
        )
        if present > limit:
            crowded = HallplanError("workbook.cell.crowded", officers=present, windows=limit, group=row.group.value)
            faults.append(CellFault(row.officers.sheet, row.officers.cells, crowded))
    return faults
