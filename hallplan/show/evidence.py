"""A composed scenario, number by number, and where each number comes from.

Input: a composed scenario and its numbers with their sources.  Output: tables of text, a document, and a tidy frame for
the page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from foundation import messages
from hallplan.show.document import envelope, plain, scenario_document
from hallplan.show.text_table import TextTable, columns
from hallplan.show.words import in_language
from scenarios.paths import dotted
from scenarios.provenance import sourced

if TYPE_CHECKING:
    import pandas as pd

    from scenarios.compose.composing import Composed
    from scenarios.model import Provenance, Scenario
    from scenarios.provenance import Sourced

__all__ = ["overview_table", "provenance_frame", "range_of", "shortened", "show_document", "sources_table"]

_MOST_NAMED: Final = 12
"""Names of one kind of thing that an overview lists."""
_MOST_VALUES: Final = 4
"""Different numbers of one entry of the provenance that the page lists."""


def overview_table(scenario: Scenario) -> TextTable:
    """Return what a scenario consists of: how many of each thing, and what has been applied to it."""
    things: dict[str, Mapping[str, Any]] = {
        "sites": scenario.sites,
        "pools": scenario.pools,
        "timetables": scenario.timetables,
        "services": scenario.services,
        "people": scenario.people,
        "arrivals": scenario.arrivals,
        "targets": scenario.targets,
    }
    rows = [(messages.text(f"cli.things.{kind}"), str(len(names)), _listed(names)) for kind, names in things.items()]
    rows.append((messages.text("cli.things.levers"), str(len(scenario.levers)), ", ".join(scenario.levers)))
    return TextTable(
        columns("things", "#count", "names"),
        tuple(rows),
        title=f"{in_language(scenario.title, scenario.name)} [{scenario.name}]",
        notes=tuple(note for note in (in_language(scenario.description, ""),) if note),
    )


def _listed(things: Mapping[str, Any]) -> str:
    names = list(things)
    return ", ".join([*names[:_MOST_NAMED], "…"] if len(names) > _MOST_NAMED else names)


def sources_table(numbers: Sequence[Sourced], origin: Mapping[tuple[str, ...], str]) -> TextTable:
    """Return one row a number: where it stands, what it is, where it comes from, and which file says so."""
    rows = []
    for number in numbers:
        entry = number.entry
        reach = _range_of(number)
        rows.append(
            (
                dotted(number.path),
                _value(number.value),
                messages.text(f"cli.kind.{number.kind}"),
                "" if reach is None else "–".join(map(str, reach)),
                "" if entry is None else entry.basis.said(),
                origin.get(number.path, ""),
            )
        )
    return TextTable(columns("path", "#value", "provenance", "range", "source", "file"), tuple(rows))


def _range_of(number: Sourced) -> tuple[float | str, float | str] | None:
    """Return the range of a number; a date has none, though its entry may give one for the numbers beside it."""
    return None if number.entry is None or isinstance(number.value, dt.date) else number.entry.range


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def show_document(composed: Composed, numbers: Sequence[Sourced], part: Any) -> dict[str, Any]:
    """Return the document of ``hallplan show``: a table of the composed scenario, and every number in it."""
    return envelope(
        "show",
        scenario=scenario_document(composed.scenario),
        content=plain(part),
        numbers=[
            {
                "path": dotted(number.path),
                "value": plain(number.value),
                "provenance": number.kind,
                "source": "" if number.entry is None else number.entry.basis.said(),
                "range": None if (reach := _range_of(number)) is None else list(reach),
                "file": composed.origin.get(number.path, ""),
            }
            for number in numbers
        ],
    )


def provenance_frame(composed: Composed) -> pd.DataFrame:
    """Return one row an entry of a scenario's provenance: which numbers it counts for, and where they come from.

    Columns ``path``, ``value`` (the numbers, shortened), ``numbers`` (how many), ``kind``, ``range``, ``source`` (its
    line, the formula, or why).  Numbers without a source have a row of their own, the first.
    """
    import pandas as pd

    values_of: dict[int, list[Any]] = {}
    for number in sourced(composed.scenario, composed.raw):
        values_of.setdefault(id(number.entry), []).append(number.value)
    records = []
    if without := values_of.get(id(None)):
        records.append(("", shortened(without), len(without), "unsourced", "", ""))
    for path, entry in composed.scenario.provenance.items():
        values = values_of.get(id(entry), [])
        records.append((path, shortened(values), len(values), entry.kind, range_of(entry), entry.basis.said()))
    return pd.DataFrame.from_records(records, columns=["path", "value", "numbers", "kind", "range", "source"])


def range_of(entry: Provenance) -> str:
    """Return the range of an entry as text; "" if it has none."""
    if entry.range is None:
        return ""
    low, high = (_short(end) for end in entry.range)
    return f"{low} … {high}"


def shortened(values: Sequence[Any]) -> str:
    """Return the distinct values of numbers as text, the first of them."""
    distinct = list(dict.fromkeys(_short(value) for value in values))
    listed = ", ".join(distinct[:_MOST_VALUES])
    return f"{listed}, …" if len(distinct) > _MOST_VALUES else listed


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else _value(value)
