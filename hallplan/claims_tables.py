"""A hall's claims as tables of text and as a document: what ``hallplan claims`` prints.

In comes a :class:`~calibration.facts.claims.ClaimsReport`; out come :class:`~hallplan.tables.TextTable`, in the user's
language, and the dictionary that ``--json`` prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from calibration.facts.figures import figure, span_text
from foundation import messages
from hallplan.documents import envelope
from hallplan.tables import NOTHING, Column, TextTable

if TYPE_CHECKING:
    from calibration.facts.claims import ClaimsReport
    from calibration.facts.identities import Identity

__all__ = ["claims_document", "claims_tables"]

_COLUMNS: Final = ("follows", "#value", "#interval", "identified", "formula")


def claims_tables(report: ClaimsReport) -> list[TextTable]:
    """Return what follows, what doesn't agree, what the percentages speak of, and what can't be known."""
    headings = tuple(
        Column(messages.text(f"calibration.column.{name.lstrip('#')}"), name.startswith("#")) for name in _COLUMNS
    )
    origin = report.file.source
    source = () if origin is None else (messages.text("calibration.report.source", text=origin.text),)
    return [
        TextTable(headings, tuple(map(_row, report.identities)), title=report.title(), notes=source),
        *_section("checks", report.checks_said()),
        *_section("percentages", report.percentages_said()),
        *_section("unknown", report.unknowns_said()),
    ]


def _row(one: Identity) -> tuple[str, ...]:
    value, span = figure(one.value, one.formula.unit), span_text(one.span, one.formula.unit)
    return (
        one.title(),
        value,
        NOTHING if span == value else span,
        messages.text(f"calibration.identified.{one.identified}"),
        one.formula.text,
    )


def _section(name: str, sentences: Sequence[str]) -> list[TextTable]:
    if not sentences:
        return []
    return [TextTable((), (), title=messages.text(f"calibration.section.{name}"), notes=tuple(sentences))]


def claims_document(report: ClaimsReport) -> dict[str, Any]:
    """Return everything that was found, as JSON's own types."""
    return envelope("claims", **report.document())
