"""Sources of the numbers of a made scenario: entries of its provenance, in both languages.

Input: a cell that states a value, or the key of a formula's text.  Output: an entry as a scenario file holds it.
"""

from __future__ import annotations

from typing import Any

from foundation import messages
from scenarios.workbook.model import LogEntry, Stated

__all__ = ["assumed", "both", "cell_of", "derived", "given_by"]


def both(key: str, **values: Any) -> dict[str, str]:
    """Return a text of the catalogue in both languages; a value that is a table of languages is shown in each."""
    return {
        language: messages.text(
            key,
            language,
            **{name: value[language] if isinstance(value, dict) else value for name, value in values.items()},
        )
        for language in messages.LANGUAGES
    }


def cell_of(stated: Stated[Any]) -> dict[str, str]:
    """Return the place of a stated value in both languages: sheet and cells, or what of a log it was counted from."""
    if stated.log is not None:
        return dict(stated.log.entry["formula"])
    return both("workbook.source.place", sheet=stated.sheet, cells=stated.cells)


def given_by(stated: Stated[Any], file: str) -> dict[str, Any]:
    """Return the entry of a value that a cell states, or an event log in its place."""
    if stated.log is not None:
        return dict(stated.log.entry)
    return {"kind": "given", "source": both("workbook.source.cell", file=file, sheet=stated.sheet, cells=stated.cells)}


def derived(key: str, *, log: LogEntry | None = None, **values: Any) -> dict[str, Any]:
    """Return the entry of a value that follows from others, by the key of its formula.

    Parameters
    ----------
    key
        Key of the formula's text.
    log
        The event log from which it follows, if it does.
    **values
        What the placeholders of the text stand for.
    """
    source = {} if log is None else {"source": dict(log.source)}
    return {"kind": "derived", **source, "formula": both(key, **values)}


def assumed(low: float | str, high: float | str, key: str, **values: Any) -> dict[str, Any]:
    """Return the entry of a value that is assumed, by its range and the key of the reason."""
    return {"kind": "assumed", "range": [low, high], "why": both(key, **values)}
