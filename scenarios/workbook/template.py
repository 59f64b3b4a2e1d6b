"""The workbook to fill in: sheets with headings, notes, lists of words, a grey example, or a whole filled-in hall.

Input: the language in use, and a hall to fill in or none.  Output: the workbook's bytes.
"""

from __future__ import annotations

import io
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from foundation import messages
from scenarios.model.vocabulary import WEEKDAYS
from scenarios.workbook.layout import (
    ANY_DAY,
    HALF_HOURS,
    QUESTIONS,
    SHEETS,
    WORDS,
    Column,
    Form,
    Sheet,
    heading,
    sheet_title,
    word_title,
    words_of,
)

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["example_rows", "workbook_bytes"]

_EXAMPLE_FILE: Final = Path(__file__).with_name("example.toml")
_EXAMPLES: Final[dict[str, dict[str, str | float]]] = {
    "items": {"class": "committed", "statutory": 20, "promised": 5, "volume": 40, "inspection": "yes", "minutes": 15},
    "windows": {"windows": 2, "officers": 2, "begins": "09:00", "ends": "17:00", "cost": 40},
    "tickets": {"mon": 12, "tue": 10, "wed": 9, "thu": 9, "fri": 7},
    "hours": {"opens": "09:00", "lunch_begins": "12:00", "lunch_ends": "13:00", "closes": "16:00"},
    "questions": {"answer": 5},
}
"""What the grey example of each sheet says; its texts stand in the catalogue."""
_EXAMPLE_TEXTS: Final = {"items": ("item",), "windows": ("departments",), "questions": ("question",)}
_LAST_ROW: Final = 1_000
"""Down to which row cells offer their lists of words."""
_WIDE: Final = {"item": 30, "department": 24, "group": 26, "departments": 30, "question": 52, "answer": 26, "help": 70}
_GREY: Final = "808080"
_TINT: Final = "DDEBF7"


def workbook_bytes(rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None) -> bytes:
    """Return the workbook in the language in use.

    Parameters
    ----------
    rows
        What to fill in, by sheet: rows of values by column, words by their keys; nothing by default.
    """
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for sheet in SHEETS:
        _write_sheet(book.create_sheet(sheet_title(sheet)), sheet, (rows or {}).get(sheet.key, ()))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@cache
def _example() -> dict[str, Any]:
    return tomllib.loads(_EXAMPLE_FILE.read_text(encoding="utf-8"))


def example_rows() -> dict[str, list[dict[str, Any]]]:
    """Return the filled-in hall of an invented county in the language in use, for :func:`workbook_bytes`."""
    example, language = _example(), messages.language()
    rows: dict[str, list[dict[str, Any]]] = {}
    for sheet in ("items", "windows", "hours"):
        rows[sheet] = [{key: _said(value, language) for key, value in row.items()} for row in example[sheet]]
    shape, week = example["tickets"]["half_hours"], example["tickets"]["weekdays"]
    rows["tickets"] = [
        {"half_hour": start, **{day: round(count * factor) for day, factor in week.items()}}
        for start, count in shape.items()
    ]
    rows["questions"] = [
        {"code": question.code, "answer": _shown(question.form, _said(example["answers"][question.key], language))}
        for question in QUESTIONS
        if question.key in example["answers"]
    ]
    return rows


def _said(value: Any, language: str) -> Any:
    return value[language] if isinstance(value, dict) else value


def _write_sheet(target: Worksheet, sheet: Sheet, rows: Sequence[Mapping[str, Any]]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    target.append([heading(sheet, column) for column in sheet.columns])
    for place, column in enumerate(sheet.columns, 1):
        cell = target.cell(1, place)
        note = Comment(_help(sheet, column), "Hallplan")
        note.width, note.height = 280, 120
        cell.comment = note
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=_TINT)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        target.column_dimensions[get_column_letter(place)].width = _WIDE.get(column.key, 14)
    target.freeze_panes = "B2"
    target.append(_cells(sheet, _example_row(sheet)))
    for cell in target[2]:
        cell.font = Font(italic=True, color=_GREY)
    for row in _prepared_rows(sheet, rows):
        target.append(_cells(sheet, row))
    for place, column in enumerate(sheet.columns, 1):
        _offer_words(target, place, column.form, 2, _LAST_ROW)
    if sheet.key == "questions":
        place = [column.key for column in sheet.columns].index("answer") + 1
        for number, question in enumerate(QUESTIONS, 3):
            _offer_words(target, place, question.form, number, number)
        for cells in target.iter_rows(min_row=2):
            for cell in cells:
                cell.alignment = Alignment(wrap_text=True, vertical="top")


def _help(sheet: Sheet, column: Column) -> str:
    is_count = sheet.key == "tickets" and column.key in WEEKDAYS
    return messages.text("workbook.help.count" if is_count else f"workbook.help.{column.key}")


def _example_row(sheet: Sheet) -> dict[str, Any]:
    first = sheet.columns[0].key
    texts = {key: messages.text(f"workbook.example.{key}") for key in (first, *_EXAMPLE_TEXTS.get(sheet.key, ()))}
    return {**_EXAMPLES[sheet.key], **texts}


def _prepared_rows(sheet: Sheet, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a sheet: those to fill in, laid over the ones that every workbook has."""
    first = sheet.columns[0].key
    if sheet.key == "questions":
        prepared = [
            {
                "code": question.code,
                "question": messages.text(f"workbook.question.{question.key}"),
                "help": messages.text(f"workbook.answer.{question.key}"),
            }
            for question in QUESTIONS
        ]
    elif sheet.key == "tickets":
        prepared = [{"half_hour": start} for start in HALF_HOURS]
    elif sheet.key == "hours":
        prepared = [{"day": day} for day in (ANY_DAY, *WEEKDAYS)]
    else:
        return [dict(row) for row in rows]
    filled = {row[first]: row for row in rows}
    return [{**row, **filled.get(row[first], {})} for row in prepared]


def _cells(sheet: Sheet, row: Mapping[str, Any]) -> list[Any]:
    return [_shown(column.form, row.get(column.key)) for column in sheet.columns]


def _shown(form: Form, value: Any) -> Any:
    """Return a value as a cell shows it: a word of a list in the language in use."""
    return word_title(form, value) if isinstance(value, str) and value in WORDS.get(form, ()) else value


def _offer_words(target: Worksheet, place: int, form: Form, first: int, last: int) -> None:
    """Let cells of a column offer the words that they allow."""
    words = words_of(form)
    if not words:
        return
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    validation = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=False)
    target.add_data_validation(validation)
    letter = get_column_letter(place)
    validation.add(f"{letter}{first}:{letter}{last}")
