"""The layout of the workbook: its sheets, their columns, its questions, and which words each of them allows.

Input: a heading, a title or a word as somebody wrote it.  Output: the column, the sheet or the value.  Headings, titles
and words of both languages are understood, whichever the workbook was written in.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, TypeAlias

from foundation import messages
from scenarios.catalogue.model import CLASSES
from scenarios.model.vocabulary import WEEKDAYS

__all__ = [
    "ANY_DAY",
    "EXAMPLE_MARKS",
    "HALF_HOURS",
    "QUESTIONS",
    "SHEETS",
    "WORDS",
    "Column",
    "Form",
    "Question",
    "Sheet",
    "column_of",
    "day_of",
    "heading",
    "plain",
    "sheet_of",
    "sheet_title",
    "word_of",
    "word_title",
    "words_of",
]

Form: TypeAlias = Literal[
    "text", "names", "number", "whole", "share", "time", "times", "days", "class", "yes-no", "signer", "half", "day"
]
"""What a cell holds."""

SIGNERS: Final = ("head", "deputy", "director")
HALVES: Final = ("morning", "afternoon", "both")
YES_NO: Final = ("yes", "no")
ANY_DAY: Final = "any-day"
"""The row of the hours that holds for every working day without a row of its own."""
WORDS: Final[dict[Form, tuple[str, ...]]] = {
    "class": CLASSES,
    "yes-no": YES_NO,
    "signer": SIGNERS,
    "half": HALVES,
    "day": (ANY_DAY, *WEEKDAYS),
}
"""The words that a form allows."""
_SHORT: Final = {"y": "yes", "n": "no", "有": "yes", "无": "no", "√": "yes", "×": "no"}
EXAMPLE_MARKS: Final = ("例：", "例:", "e.g.")
"""How the first cell of a row begins that is an example, and is not read."""
HALF_HOURS: Final = tuple(f"{hour:02}:{minute:02}" for hour in range(7, 21) for minute in (0, 30))
"""Beginnings of the half hours in which tickets are counted."""


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its key, what its cells hold, whether a table must have it, and a number's bounds."""

    key: str
    form: Form = "text"
    required: bool = False
    least: float = 0
    most: float = 1e6


@dataclass(frozen=True)
class Sheet:
    """A sheet: its key and its columns; the first one names the row."""

    key: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Question:
    """A question of the last sheet: its code there, its key, and what its answer holds."""

    code: str
    key: str
    form: Form
    least: float = 0
    most: float = 1e6


_DAYS_LIMIT: Final = 3_000
_CASES_LIMIT: Final = 1_000_000

SHEETS: Final = (
    Sheet(
        "items",
        (
            Column("department", "names"),
            Column("item", required=True),
            Column("class", "class"),
            Column("statutory", "whole", least=1, most=_DAYS_LIMIT),
            Column("promised", "whole", most=_DAYS_LIMIT),
            Column("volume", "number", most=_CASES_LIMIT),
            Column("inspection", "yes-no"),
            Column("minutes", "number", least=0.5, most=480),
        ),
    ),
    Sheet(
        "windows",
        (
            Column("group", required=True),
            Column("departments", "names"),
            Column("windows", "whole", least=1, most=500),
            Column("officers", "whole", most=500),
            Column("begins", "time"),
            Column("ends", "time"),
            Column("cost", "number", most=10_000),
        ),
    ),
    Sheet(
        "tickets",
        (Column("half_hour", "time", required=True), *(Column(day, "number", most=100_000) for day in WEEKDAYS)),
    ),
    Sheet(
        "hours",
        (
            Column("day", "day", required=True),
            Column("opens", "time"),
            Column("lunch_begins", "time"),
            Column("lunch_ends", "time"),
            Column("closes", "time"),
            Column("doors_open", "number", most=120),
            Column("tickets_stop", "number", most=240),
        ),
    ),
    Sheet("questions", (Column("code", required=True), Column("question"), Column("answer"), Column("help"))),
)

QUESTIONS: Final = (
    Question("Q01", "name", "text"),
    Question("Q02", "reviewers", "whole", 1, 200),
    Question("Q03", "review_hours", "number", 0.5, 12),
    Question("Q04", "reviewers_in_hall", "yes-no"),
    Question("Q05", "courier_times", "times"),
    Question("Q06", "courier_days", "days"),
    Question("Q07", "signer", "signer"),
    Question("Q08", "chiefs_in_hall", "yes-no"),
    Question("Q09", "signing_days", "days"),
    Question("Q10", "signing_times", "times"),
    Question("Q11", "teams", "whole", 1, 100),
    Question("Q12", "inspection_days", "days"),
    Question("Q13", "inspection_half", "half"),
    Question("Q14", "inspections", "whole", 1, 1_000),
    Question("Q15", "inspectors_in_hall", "yes-no"),
    Question("Q16", "one_time_notice", "yes-no"),
    Question("Q17", "incomplete", "share", 0, 0.9),
    Question("Q18", "appointments", "number", 0, 10_000),
    Question("Q19", "fetched", "share", 0, 1),
    Question("Q20", "joint_days", "days"),
    Question("Q21", "logs", "names"),
)


def heading(sheet: Sheet, column: Column, language: messages.Language | None = None) -> str:
    """Return a column's heading in a language, by default the one in use."""
    if sheet.key == "tickets" and column.key in WEEKDAYS:
        return messages.text(f"workbook.word.{column.key}", language)
    return messages.text(f"workbook.column.{column.key}", language)


def sheet_title(sheet: Sheet, language: messages.Language | None = None) -> str:
    """Return a sheet's title in a language, by default the one in use."""
    return messages.text(f"workbook.sheet.{sheet.key}", language)


def words_of(form: Form, language: messages.Language | None = None) -> list[str]:
    """Return the words that a form allows, in a language; none for what is no list of words."""
    return [word_title(form, word, language) for word in WORDS.get(form, ())]


def word_title(form: Form, word: str, language: messages.Language | None = None) -> str:
    """Return a word of a form in a language, by default the one in use."""
    return messages.text(f"catalogue.word.{word}" if form == "class" else f"workbook.word.{word}", language)


def plain(text: str) -> str:
    """Return a text as it is compared: without blanks, in small letters, with plain brackets."""
    return "".join(text.split()).casefold().replace("（", "(").replace("）", ")")


@cache
def _sheets() -> dict[str, Sheet]:
    names = {plain(sheet.key): sheet for sheet in SHEETS}
    return names | {plain(sheet_title(sheet, language)): sheet for sheet in SHEETS for language in messages.LANGUAGES}


def sheet_of(title: str) -> Sheet | None:
    """Return the sheet that a title means, or ``None``."""
    return _sheets().get(plain(title))


@cache
def _columns(sheet: Sheet) -> dict[str, Column]:
    names = {plain(column.key): column for column in sheet.columns}
    return names | {
        plain(heading(sheet, column, language)): column for column in sheet.columns for language in messages.LANGUAGES
    }


def column_of(sheet: Sheet, text: str) -> Column | None:
    """Return the column of a sheet that a heading means, or ``None``."""
    return _columns(sheet).get(plain(text))


@cache
def _words(form: Form) -> dict[str, str]:
    words = {plain(word): word for word in WORDS[form]}
    shown = {plain(word_title(form, word, language)): word for word in WORDS[form] for language in messages.LANGUAGES}
    return words | shown | (_SHORT if form == "yes-no" else {})


def word_of(form: Form, text: str) -> str | None:
    """Return the word that a cell means, or ``None`` if its form does not allow it."""
    return _words(form).get(plain(text))


@cache
def _day_names() -> dict[str, str]:
    names: dict[str, str] = {
        f"{prefix}{sign}": day
        for prefix in ("周", "星期", "礼拜")
        for sign, day in zip("一二三四五六日", WEEKDAYS, strict=True)
    }
    names |= {"周天": "sun", "星期天": "sun", "礼拜天": "sun"}
    english = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return names | dict(zip(english, WEEKDAYS, strict=True)) | dict(zip(WEEKDAYS, WEEKDAYS, strict=True))


def day_of(text: str) -> str | None:
    """Return the weekday that a word means, or ``None``."""
    return _day_names().get(plain(text))
