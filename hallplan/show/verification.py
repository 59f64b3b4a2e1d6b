"""The simulator against theory, as a table of text and as JSON: what ``hallplan verify`` prints.

Input: findings of :mod:`verification`.  Output: a table and a document.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from foundation import messages
from hallplan.show.document import envelope
from hallplan.show.text_table import TextTable, columns
from verification import ERROR_PROBABILITY
from verification.page import deviation_text
from verification.suite import title_of

if TYPE_CHECKING:
    from verification import Finding

__all__ = ["verification_document", "verification_table"]

_COLUMNS: Final = ("check", "#theory", "#simulated", "#deviation", "verdict", "source")


def verification_table(findings: Sequence[Finding], *, engine: str) -> TextTable:
    """Return one row a check, and in how many simulation and theory agree."""
    summary = messages.text(
        "verification.summary",
        passed=sum(finding.passed for finding in findings),
        total=len(findings),
        engine=engine,
        error=ERROR_PROBABILITY,
    )
    headings = columns(*_COLUMNS, heading=lambda key: messages.text(f"verification.column.{key}"))
    alarm = messages.text("verification.verdict.differs")
    return TextTable(headings, tuple(map(_row, findings)), notes=(summary,), alarms=frozenset((alarm,)))


def _row(finding: Finding) -> tuple[str, ...]:
    verdict = messages.text("verification.verdict.agrees" if finding.passed else "verification.verdict.differs")
    values = f"{finding.theory:.5g}", f"{finding.simulated:.5g}", deviation_text(finding)
    return title_of(finding.check), *values, verdict, finding.check.source


def verification_document(findings: Sequence[Finding], *, engine: str) -> dict[str, Any]:
    """Return every finding, as JSON's own types."""
    return envelope(
        "verify",
        engine=engine,
        error_probability=ERROR_PROBABILITY,
        passed=all(finding.passed for finding in findings),
        checks=[_entry(finding) for finding in findings],
    )


def _entry(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check.name,
        "title": title_of(finding.check),
        "scenario": finding.check.scenario,
        "unit": finding.check.unit,
        "formula": finding.check.formula,
        "source": finding.check.source,
        "theory": finding.theory,
        "simulated": finding.simulated,
        "standard_error": finding.standard_error,
        "deviation": finding.deviation if finding.standard_error else None,
        "allowed": finding.allowed if finding.standard_error else None,
        "passed": finding.passed,
        "replications": finding.sample.replications,
        "days": finding.sample.days,
        "entities": finding.sample.entities,
        "seed": finding.sample.seed,
    }
