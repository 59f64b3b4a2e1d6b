"""Tables of text: what the command line prints, in the user's language, and how numbers are put into words.

In come lists of scenarios, levers and sources; out come :class:`TextTable`, with headings, cells and notes already put
into words.  How a table is drawn is none of this module's business.  Tables of results are in
:mod:`hallplan.result_tables`; this module imports nothing that takes long.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from foundation import messages
from scenarios.paths import dotted

if TYPE_CHECKING:
    from scenarios.compose.levers import Lever
    from scenarios.model import Scenario, Text
    from scenarios.provenance import Sourced

__all__ = [
    "NOTHING",
    "Column",
    "TextTable",
    "columns",
    "decimals",
    "in_language",
    "levers_table",
    "number",
    "overview_table",
    "scenarios_table",
    "sources_table",
]

NOTHING: Final = "–"
"""What stands in a cell for which there is no number."""


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading, and whether it holds numbers."""

    title: str
    is_number: bool = False


@dataclass(frozen=True)
class TextTable:
    """A table of text.

    Attributes
    ----------
    columns, rows
        Headings and cells.
    title
        What stands above it.
    notes
        What stands below it, one sentence each.
    alarms
        Cells that deserve a warning colour.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    notes: tuple[str, ...] = ()
    alarms: frozenset[str] = frozenset()


def columns(*keys: str) -> tuple[Column, ...]:
    """Return columns by the keys of their headings; a ``#`` before a key says that the column holds numbers."""
    return tuple(Column(messages.text(f"cli.column.{key.lstrip('#')}"), key.startswith("#")) for key in keys)


# ---- words and numbers ---------------------------------------------------------------------------------------------


def in_language(text: Text, fallback: str, language: messages.Language | None = None) -> str:
    """Return a scenario's text in a language, or `fallback` where it has none."""
    return text.said(language) or fallback


def decimals(value: float, kind: str) -> int:
    """Return how many decimals a number of a kind is worth writing."""
    if kind == "share":
        return 1 if 0.01 <= abs(value) <= 0.99 or value in (0, 1) else 2
    if kind == "yuan" or abs(value) >= 1_000:
        return 0
    return 1 if kind == "minutes" or (kind == "count" and abs(value) >= 100) else 2


def number(value: float, kind: str, places: int | None = None) -> str:
    """Write a number as its kind asks for: shares in per cent, minutes to a tenth, large counts without decimals.

    Parameters
    ----------
    value
        The number; not-a-number becomes a dash.
    kind
        ``count``, ``share``, ``minutes``, ``hours``, ``days`` or ``yuan``.
    places
        Decimals; as many as the number is worth by default.
    """
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    places = decimals(value, kind) if places is None else places
    text = f"{100 * value:,.{places}f}%" if kind == "share" else f"{value:,.{places}f}"
    return text.replace("-", "−") if float(text.strip("%").replace(",", "")) else text.lstrip("-")


# ---- lists ---------------------------------------------------------------------------------------------------------


def scenarios_table(known: Mapping[str, Mapping[str, Any]]) -> TextTable:
    """Return one row a built-in scenario, from what their files say: name, title, description."""
    language = messages.language()
    rows = tuple(
        (name, _in(raw.get("title", ""), language), _in(raw.get("description", ""), language))
        for name, raw in known.items()
    )
    return TextTable(columns("name", "title", "description"), rows, notes=(messages.text("cli.note.scenarios"),))


def _in(text: Any, language: str) -> str:
    return str(text.get(language, "")) if isinstance(text, Mapping) else str(text)


def levers_table(known: Sequence[Lever]) -> TextTable:
    """Return one row a lever: name, title, parameters, source, whether it is from a later year, cost."""
    rows = tuple(
        (
            one.name,
            in_language(one.spec.title, one.name),
            ", ".join(
                key if parameter.default is None else f"{key}={parameter.default}"
                for key, parameter in one.spec.parameters.items()
            ),
            in_language(one.spec.source, ""),
            messages.text("cli.verdict.yes") if one.spec.later else "",
            _cost(one),
        )
        for one in known
    )
    headings = columns("name", "title", "parameters", "source", "later", "cost")
    return TextTable(headings, rows, notes=(messages.text("cli.note.levers"),))


def _cost(one: Lever) -> str:
    cost, parts = one.spec.cost, []
    if cost.one_off_yuan:
        parts.append(messages.text("cli.cost.one_off", yuan=number(cost.one_off_yuan, "yuan")))
    if cost.per_year_yuan:
        parts.append(messages.text("cli.cost.per_year", yuan=number(cost.per_year_yuan, "yuan")))
    note = in_language(cost.note, "")
    return messages.text("cli.semicolon").join([*parts, *([note] if note else [])])


def sources_table(found: Sequence[Sourced], origin: Mapping[tuple[str, ...], str]) -> TextTable:
    """Return one row a number: where it stands, what it is, where it comes from, and which file says so."""
    rows = []
    for one in found:
        entry = one.entry
        said = "" if entry is None else entry.basis.said()
        reach = "" if entry is None or entry.range is None else "–".join(str(end) for end in entry.range)
        rows.append(
            (
                dotted(one.path),
                _value(one.value),
                messages.text(f"cli.kind.{one.kind}"),
                reach,
                said,
                origin.get(one.path, ""),
            )
        )
    return TextTable(columns("path", "#value", "provenance", "range", "source", "file"), tuple(rows))


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


# ---- one scenario --------------------------------------------------------------------------------------------------


def overview_table(scenario: Scenario) -> TextTable:
    """Return what a scenario consists of: how many of each thing, and what has been applied to it."""
    counts: dict[str, Mapping[str, Any]] = {
        "sites": scenario.sites,
        "pools": scenario.pools,
        "timetables": scenario.timetables,
        "services": scenario.services,
        "people": scenario.people,
        "arrivals": scenario.arrivals,
        "targets": scenario.targets,
    }
    rows = [(messages.text(f"cli.things.{name}"), str(len(things)), _named(things)) for name, things in counts.items()]
    rows.append((messages.text("cli.things.levers"), str(len(scenario.levers)), ", ".join(scenario.levers)))
    return TextTable(
        columns("things", "#count", "names"),
        tuple(rows),
        title=f"{in_language(scenario.title, scenario.name)} [{scenario.name}]",
        notes=tuple(note for note in (in_language(scenario.description, ""),) if note),
    )


_MOST_NAMED: Final = 12


def _named(things: Mapping[str, Any]) -> str:
    names = list(things)
    return ", ".join([*names[:_MOST_NAMED], "…"] if len(names) > _MOST_NAMED else names)
