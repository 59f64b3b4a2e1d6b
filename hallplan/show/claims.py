"""A hall's claims, as tables of text and as JSON: what ``hallplan claims`` prints.

Input: a :class:`~calibration.facts.claims.ClaimsReport`.  Output: tables and a document.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from calibration.facts.figures import figure, span_text
from foundation import messages
from foundation.numbers import NOTHING
from hallplan.show.document import envelope
from hallplan.show.text_table import TextTable, columns, notes_only

if TYPE_CHECKING:
    from calibration.facts.claims import ClaimsReport
    from calibration.facts.identities import Identity

__all__ = ["claims_document", "claims_tables"]

_COLUMNS: Final = ("follows", "#value", "#interval", "identified", "formula")


def claims_tables(report: ClaimsReport) -> list[TextTable]:
    """Return what follows, what doesn't agree, what the percentages speak of, and what can't be known."""
    headings = columns(*_COLUMNS, heading=lambda key: messages.text(f"calibration.column.{key}"))
    origin = report.file.source
    source = () if origin is None else (messages.text("calibration.report.source", text=origin.text.said()),)
    return [
        TextTable(headings, tuple(map(_row, report.identities)), title=report.title(), notes=source),
        *_section("checks", report.checks_said()),
        *_section("percentages", report.percentages_said()),
        *_section("unknown", report.unknowns_said()),
    ]


def _row(identity: Identity) -> tuple[str, ...]:
    value, span = figure(identity.value, identity.formula.unit), span_text(identity.span, identity.formula.unit)
    return (
        identity.title(),
        value,
        NOTHING if span == value else span,
        messages.text(f"calibration.identified.{identity.identified}"),
        identity.formula.text,
    )


def _section(name: str, sentences: Sequence[str]) -> list[TextTable]:
    if not sentences:
        return []
    return [notes_only(*sentences, title=messages.text(f"calibration.section.{name}"))]


def claims_document(report: ClaimsReport) -> dict[str, Any]:
    """Return everything that was found, as JSON's own types."""
    return envelope("claims", **report.document())
