"""The validation as a table of text and as a document: what ``hallplan validate`` prints.

In come findings of :mod:`verification`; out come a :class:`~hallplan.tables.TextTable`, in the user's language,
and the dictionary that ``--json`` prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from foundation import messages
from hallplan.documents import envelope
from hallplan.tables import Column, TextTable
from verification import ERROR_PROBABILITY
from verification.page import deviation_text
from verification.suite import title_of

if TYPE_CHECKING:
    from verification import Finding

__all__ = ["validation_document", "validation_table"]

_COLUMNS: Final = ("check", "#theory", "#simulated", "#deviation", "verdict", "source")


def validation_table(found: Sequence[Finding], *, engine: str) -> TextTable:
    """Return one row a check, and in how many simulation and theory agree."""
    headings = tuple(
        Column(messages.text(f"verification.column.{name.lstrip('#')}"), name.startswith("#")) for name in _COLUMNS
    )
    summary = messages.text(
        "verification.summary",
        passed=sum(one.passed for one in found),
        total=len(found),
        engine=engine,
        error=ERROR_PROBABILITY,
    )
    alarm = messages.text("verification.verdict.differs")
    return TextTable(headings, tuple(map(_row, found)), notes=(summary,), alarms=frozenset((alarm,)))


def _row(one: Finding) -> tuple[str, ...]:
    verdict = messages.text("verification.verdict.agrees" if one.passed else "verification.verdict.differs")
    values = f"{one.theory:.5g}", f"{one.simulated:.5g}", deviation_text(one)
    return title_of(one.check), *values, verdict, one.check.source


def validation_document(found: Sequence[Finding], *, engine: str) -> dict[str, Any]:
    """Return every finding, as JSON's own types."""
    return envelope(
        "validate",
        engine=engine,
        error_probability=ERROR_PROBABILITY,
        passed=all(one.passed for one in found),
        checks=[_entry(one) for one in found],
    )


def _entry(one: Finding) -> dict[str, Any]:
    return {
        "check": one.check.name,
        "title": title_of(one.check),
        "scenario": one.check.scenario,
        "unit": one.check.unit,
        "formula": one.check.formula,
        "source": one.check.source,
        "theory": one.theory,
        "simulated": one.simulated,
        "standard_error": one.standard_error,
        "deviation": one.deviation if one.standard_error else None,
        "allowed": one.allowed if one.standard_error else None,
        "passed": one.passed,
        "replications": one.sample.replications,
        "days": one.sample.days,
        "entities": one.sample.entities,
        "seed": one.sample.seed,
    }
