"""Cells of a sheet as values: numbers, times, days and words, or what is wrong with them and what to do.

Input: the rows of a sheet.  Output: for each row a reader of its cells, which collects faults instead of raising them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from foundation.errors import HallplanError, ScenarioError
from scenarios.catalogue.tables import Row
from scenarios.model.vocabulary import WEEKDAYS
from scenarios.paths import suggestion
from scenarios.workbook.layout import (
    EXAMPLE_MARKS,
    Column,
    Form,
    Question,
    Sheet,
    column_of,
    day_of,
    heading,
    word_of,
    words_of,
)
from scenarios.workbook.model import CellFault, Stated
from scenarios.workbook.opening import minutes_of

__all__ = ["CellReader", "address", "sheet_rows"]

_SEPARATORS: Final = re.compile(r"[;；、]")
_LIST_SEPARATORS: Final = re.compile(r"[;；、,，/\s]+|和|及|and\b")
_SPAN: Final = re.compile(r"(?:至|到|-|–|—|to)")
_EVERY_DAY: Final = ("每天", "每日", "everyday", "daily", "每个工作日", "everyworkingday")


def address(row: int, place: int) -> str:
    """Return a cell's address by its row and its place in the row, which begins with 0: ``C7``."""
    letters, number = "", place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


@dataclass
class CellReader:
    """Reads the cells of one row and collects what is wrong with them.

    Attributes
    ----------
    sheet, row
        The sheet's title in the file, and the row's number.
    places
        Where each column stands.
    cells
        The row's texts.
    faults
        Where faults are collected.
    """

    sheet: str
    row: int
    places: Mapping[str, int]
    cells: Sequence[str]
    faults: list[CellFault] = field(default_factory=list)

    def address(self, key: str) -> str:
        """Return the address of a column's cell in this row."""
        return address(self.row, self.places.get(key, 0))

    def text(self, key: str) -> str:
        """Return what stands in a column's cell; "" if it is blank or the table has no such column."""
        place = self.places.get(key)
        return self.cells[place] if place is not None and place < len(self.cells) else ""

    def fault(self, key: str, what: HallplanError) -> None:
        """Note that a column's cell is wrong."""
        self.faults.append(CellFault(self.sheet, self.address(key), what))

    def stated(self, key: str, value: Any) -> Stated[Any]:
        """Return a value with the address of the column's cell."""
        return Stated(value, self.sheet, self.address(key))

    def value(self, field: Column | Question, key: str | None = None) -> Any:
        """Return what a cell states by its column or question, or ``None``: it is blank, or wrong.

        Parameters
        ----------
        field
            What the cell must hold.
        key
            The column in which it stands; the field's own by default.
        """
        key = key or field.key
        text = self.text(key)
        if not text:
            return None
        try:
            return self.stated(key, _READERS[field.form](text, field))
        except ScenarioError:
            self.fault(key, HallplanError("workbook.cell.time", value=text))
        except HallplanError as error:
            self.fault(key, error)
        return None


def _number(text: str, field: Column | Question) -> float:
    try:
        value = float(text.replace(",", "").replace("，", ""))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise HallplanError("workbook.cell.number", value=text)
    if not field.least <= value <= field.most:
        raise HallplanError("workbook.cell.bounds", value=text, least=field.least, most=field.most)
    return value


def _whole(text: str, field: Column | Question) -> int:
    value = _number(text, field)
    if value != int(value):
        raise HallplanError("workbook.cell.whole", value=text)
    return int(value)


def _share(text: str, field: Column | Question) -> float:
    bare = text.replace("％", "%").removesuffix("%").strip()
    try:
        value = float(bare) / (1 if bare == text else 100)
    except ValueError:
        value = math.nan
    if not field.least <= value <= field.most:
        raise HallplanError("workbook.cell.share", value=text, least=100 * field.least, most=100 * field.most)
    return value


def _time(text: str, _field: Column | Question) -> int:
    return minutes_of(text.replace("：", ":"))


def _names(text: str, _field: Column | Question) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in _SEPARATORS.split(text) if name.strip()))
    if not names:
        raise HallplanError("workbook.cell.names", value=text)
    return names


def _times(text: str, field: Column | Question) -> tuple[int, ...]:
    times = {_time(part, field) for part in _LIST_SEPARATORS.split(text) if part}
    if not times:
        raise HallplanError("workbook.cell.time", value=text)
    return tuple(sorted(times))


def _days(text: str, _field: Column | Question) -> tuple[str, ...]:
    if "".join(text.split()).casefold() in _EVERY_DAY:
        return WEEKDAYS[:5]
    days: set[str] = set()
    for part in _LIST_SEPARATORS.split(_SPAN.sub("-", text.casefold()).replace(" - ", "-")):
        first, dash, last = part.partition("-")
        start, end = day_of(first), day_of(last if dash else first)
        if not part:
            continue
        if start is None or end is None or WEEKDAYS.index(start) > WEEKDAYS.index(end):
            raise HallplanError("workbook.cell.days", value=text)
        days.update(WEEKDAYS[WEEKDAYS.index(start) : WEEKDAYS.index(end) + 1])
    if not days:
        raise HallplanError("workbook.cell.days", value=text)
    return tuple(day for day in WEEKDAYS if day in days)


def _word(form: Form) -> Callable[[str, Column | Question], str]:
    def read(text: str, _field: Column | Question) -> str:
        word = word_of(form, text) or (day_of(text) if form == "day" else None)
        if word is None:
            raise HallplanError("workbook.cell.word", value=text, words=" / ".join(words_of(form)))
        return word

    return read


_READERS: Final[dict[Form, Callable[[str, Any], Any]]] = {
    "text": lambda text, _field: text,
    "names": _names,
    "number": _number,
    "whole": _whole,
    "share": _share,
    "time": _time,
    "times": _times,
    "days": _days,
    **{form: _word(form) for form in ("class", "yes-no", "signer", "half", "day")},
}


def sheet_rows(sheet: Sheet, title: str, rows: Sequence[Row], faults: list[CellFault]) -> list[CellReader]:
    """Return a reader for each row of a sheet that is no example; faults of its headings are collected.

    Parameters
    ----------
    sheet, title
        The sheet, and its title in the file.
    rows
        Its rows, the headings first.
    faults
        Where faults are collected.
    """
    if not rows:
        return []
    (number, headings), *body = rows
    places: dict[str, int] = {}
    for place, text in enumerate(headings):
        column = column_of(sheet, text) if text else None
        if column is None and (text or any(len(cells) > place and cells[place] for _, cells in body)):
            near = suggestion(text, [heading(sheet, each) for each in sheet.columns])
            faults.append(_at(title, number, place, HallplanError("workbook.cell.heading", value=text, near=near)))
        elif column is not None and column.key in places:
            faults.append(_at(title, number, place, HallplanError("workbook.cell.heading_twice", value=text)))
        elif column is not None:
            places[column.key] = place
    for column in sheet.columns:
        if column.required and column.key not in places:
            missing = HallplanError("workbook.cell.no_column", column=heading(sheet, column))
            faults.append(CellFault(title, f"A{number}", missing))
            return []
    readers = [CellReader(title, row, places, cells, faults) for row, cells in body]
    return [reader for reader in readers if not _is_example(reader)]


def _is_example(reader: CellReader) -> bool:
    first = next((cell for cell in reader.cells if cell), "")
    return first.casefold().startswith(EXAMPLE_MARKS)


def _at(title: str, row: int, place: int, what: HallplanError) -> CellFault:
    return CellFault(title, address(row, place), what)
