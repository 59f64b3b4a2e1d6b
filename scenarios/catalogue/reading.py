"""Reading a catalogue: from the cells of a table to items, or to one sentence about the first cell that is wrong.

Input: a table of the user's own, or the built-in tables of this folder.  Output: a
:class:`~scenarios.catalogue.model.Catalogue`.  A fault names the file, the row, the column, the value and what is
allowed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from foundation.errors import HallplanError
from scenarios.catalogue.columns import ALTERNATIVES, COLUMNS, REQUIRED, WORDS, column_of, heading, word_of
from scenarios.catalogue.columns import word_title as title_of_word
from scenarios.catalogue.model import Catalogue, CatalogueItem, Citation, Section, ServiceView, Spread
from scenarios.catalogue.tables import Row, read_rows
from scenarios.model import Text
from scenarios.paths import suggestion

__all__ = ["built_in_catalogue", "citations", "read_catalogue", "records", "sections", "service_views"]

FOLDER: Final = Path(__file__).resolve().parent
MOST_DAYS: Final = 3_000
"""Working days of the longest limit that is believed: twelve years."""
MOST_CASES: Final = 1e12


def read_catalogue(path: Path) -> Catalogue:
    """Read a table of items (CSV or XLSX).

    Parameters
    ----------
    path
        The file; ``docs/reference/catalogue.md`` lists its columns.

    Raises
    ------
    HallplanError
        If the file is no table, or a cell is wrong: the first such cell, and how many more there are.
    """
    return Catalogue(path.name, _items(read_rows(path), path.name))


@cache
def built_in_catalogue() -> Catalogue:
    """Return the 232 items of a district in Guizhou in 2014, assumed where no law is cited."""
    return Catalogue("", _items(read_rows(FOLDER / "items.csv"), "items.csv"))


@cache
def citations() -> Mapping[str, Citation]:
    """Return the articles that were read for the built-in table, by the way in which it cites them."""
    return {
        row["law"]: Citation(
            law=row["law"],
            title=row["title_en"],
            article=row["article"],
            amount=int(row["amount"]),
            unit=row["unit"],
            limit_of=Text(en=row["limit_of_en"], zh=row["limit_of_zh"]),
            edition=row["edition"],
            in_force_2014=row["in_force_2014"] == "yes",
        )
        for row in records("laws.csv")
    }


@cache
def sections() -> tuple[Section, ...]:
    """Return the 46 sections of before, each with the one of the 20 that it becomes."""
    return tuple(
        Section(
            before=row["section"],
            title_before=Text(en=row["title_en"], zh=row["title_zh"]),
            after=row["section_after"],
            title_after=Text(en=row["title_after_en"], zh=row["title_after_zh"]),
        )
        for row in records("sections.csv")
    )


@cache
def service_views() -> tuple[ServiceView, ...]:
    """Return the services of the built-in halls, each with the items of which it is a view."""
    rows: Iterator[dict[str, Any]] = records("services.csv")
    return tuple(
        ServiceView(
            row["service"],
            row["view"],
            tuple(row["kinds"].split()),
            tuple(unit.strip() for unit in row["units"].split(";") if unit),
        )
        for row in rows
    )


def records(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of one of the built-in tables, by column."""
    (_, names), *rows = read_rows(FOLDER / name)
    for _, cells in rows:
        yield dict(zip(names, [*cells, *[""] * (len(names) - len(cells))], strict=True))


def _items(rows: Sequence[Row], name: str) -> tuple[CatalogueItem, ...]:
    (_, headings), *body = rows
    columns = _columns(headings, name)
    if not body:
        raise HallplanError("catalogue.fault.no_items", file=name)
    faults: list[HallplanError] = []
    items: list[CatalogueItem] = []
    first_rows: dict[tuple[str, str], int] = {}
    for number, cells in body:
        row = _CellReader(name, number, headings, columns, cells)
        item = row.item()
        row.check_repeats(first_rows)
        faults += row.faults
        items.append(item)
    if faults:
        more = len(faults) - 1
        raise HallplanError("catalogue.fault.more", first=faults[0], more=more) if more else faults[0]
    return tuple(items)


def _columns(headings: Sequence[str], name: str) -> dict[str, int]:
    """Return the place of each column."""
    columns: dict[str, int] = {}
    for place, text in enumerate(headings):
        column = column_of(text) if text else None
        if column is None:
            near = suggestion(text, [*COLUMNS, *(heading(key) for key in COLUMNS)])
            raise HallplanError("catalogue.fault.unknown_column", file=name, number=place + 1, column=text, near=near)
        if column in columns:
            raise HallplanError("catalogue.fault.column_twice", file=name, column=text)
        columns[column] = place
    for alternatives in (*((column,) for column in REQUIRED), *ALTERNATIVES):
        if not any(column in columns for column in alternatives):
            missing = " / ".join(f"{column} ({heading(column)})" for column in alternatives)
            raise HallplanError("catalogue.fault.missing_column", file=name, column=missing)
    return columns


@dataclass
class _CellReader:
    """Reads the cells of one row and collects what is wrong with them."""

    file: str
    number: int
    headings: Sequence[str]
    columns: Mapping[str, int]
    cells: Sequence[str]
    faults: list[HallplanError] = field(default_factory=list)

    def item(self) -> CatalogueItem:
        """Return the row's item; it means something only if no cell is wrong."""
        if len(self.cells) > len(self.headings):
            self._add(self.cells[len(self.headings)], HallplanError("catalogue.cell.no_heading"))
        values: dict[str, Any] = {column: self._word(column) for column in ("class", "place", "basis")}
        statutory = self._spread("statutory", MOST_DAYS, positive=True)
        promised = self._spread("promised", MOST_DAYS)
        if promised.mode > statutory.mode:
            self._fault("promised_mode", "above_law", value=promised.mode, most=statutory.mode)
        item = CatalogueItem(
            department=self._text("department"),
            title=self._text("title"),
            item_class=values["class"],
            kind=self._kind(),
            place=values["place"],
            section_before=self._cell("section_before"),
            section_after=self._cell("section_after"),
            statutory=statutory,
            promised=promised,
            basis=values["basis"],
            law=self._cell("law"),
            needs=self._needs(),
            volume=self._spread("volume", MOST_CASES),
        )
        if item.basis == "own-law" and not item.law:
            self._fault("law", "no_law", basis=title_of_word("own-law"))
        if item.section_before and not item.section_after and "section_after" in self.columns:
            self._fault("section_after", "no_section", other=self._heading("section_before"))
        if item.section_after and not item.section_before and "section_before" in self.columns:
            self._fault("section_before", "no_section", other=self._heading("section_after"))
        return item

    def check_repeats(self, first_rows: dict[tuple[str, str], int]) -> None:
        """Add a fault if an earlier row has the same department and title, in either language."""
        for language in ("zh", "en"):
            department, title = (self._cell(f"{column}_{language}") for column in ("department", "title"))
            if not title:
                continue
            first = first_rows.setdefault((department, title), self.number)
            if first != self.number:
                self._fault(f"title_{language}", "repeated", value=title, row=first)
                return

    def _cell(self, column: str) -> str:
        place = self.columns.get(column)
        return self.cells[place] if place is not None and place < len(self.cells) else ""

    def _heading(self, column: str) -> str:
        place = self.columns.get(column)
        return self.headings[place] if place is not None else column

    def _fault(self, column: str, key: str, **values: Any) -> None:
        self._add(self._heading(column), HallplanError(f"catalogue.cell.{key}", **values))

    def _add(self, column: str, what: HallplanError) -> None:
        self.faults.append(
            HallplanError("catalogue.fault.cell", file=self.file, row=self.number, column=column, what=what)
        )

    def _text(self, name: str) -> Text:
        english, chinese = self._cell(f"{name}_en"), self._cell(f"{name}_zh")
        if not (english or chinese):
            self._fault(next(key for key in (f"{name}_zh", f"{name}_en") if key in self.columns), "empty")
        return Text(en=english or chinese, zh=chinese or english)

    def _word(self, column: str) -> str:
        text = self._cell(column)
        if not text and column not in REQUIRED:
            return "assumed"
        if not text:
            self._fault(column, "empty")
            return ""
        word = word_of(column, text)
        if word is None:
            self._fault(column, "no_word", value=text, near=self._near(column, text))
        return word or ""

    def _near(self, column: str, text: str) -> HallplanError:
        return suggestion(text, [*WORDS[column], *(title_of_word(word) for word in WORDS[column])])

    def _needs(self) -> tuple[Any, ...]:
        needs = []
        for part in filter(str.strip, re.split("[，,、；;/]", self._cell("needs"))):
            word = word_of("needs", part)
            if word is None:
                self._fault("needs", "no_word", value=part.strip(), near=self._near("needs", part.strip()))
            else:
                needs.append(word)
        return tuple(dict.fromkeys(needs))

    def _kind(self) -> str:
        kind = self._cell("kind")
        names = [view.service for view in service_views() if not view.units or view.service in view.kinds]
        if kind and kind not in names:
            self._fault("kind", "no_word", value=kind, near=suggestion(kind, names))
        return kind

    def _spread(self, name: str, most: float, *, positive: bool = False) -> Spread:
        mode = self._number(f"{name}_mode", most, positive=positive)
        low, high = (
            mode if not self._cell(f"{name}_{end}") else self._number(f"{name}_{end}", most, positive=positive)
            for end in ("low", "high")
        )
        for end, is_wrong in (("low", low > mode), ("high", high < mode)):
            if is_wrong:
                self._fault(f"{name}_{end}", "not_in_order", value=low if end == "low" else high, mode=mode)
        return Spread(low, mode, high)

    def _number(self, column: str, most: float, *, positive: bool) -> float:
        text = self._cell(column)
        if not text:
            self._fault(column, "empty")
            return math.nan
        try:
            value = float(text.replace(",", "").replace("，", ""))
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self._fault(column, "no_number", value=text)
            return math.nan
        if not 0 <= value <= most or (positive and value == 0):
            self._fault(column, "positive" if positive else "not_negative", value=text, most=most)
            return math.nan
        return value
