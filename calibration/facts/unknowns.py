"""Questions that published figures leave open, and the one measurement that would answer each.

Input: a ledger.  Output: the open questions, each with the measurement that answers it.  Most halls have the data
already: the log of their ticket machine, or the register of their cases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from calibration.facts.ledger import CASE_CLASSES, Ledger
from foundation import messages
from foundation.messages import Language

__all__ = ["MEASUREMENTS", "Measurement", "Unknown", "by_measurement", "unknowns"]

Measurement = Literal["ticket-log", "case-register", "limits-list", "count-date", "desk-tally", "roster", "publisher"]
MEASUREMENTS: Final[tuple[Measurement, ...]] = (
    "ticket-log",
    "case-register",
    "limits-list",
    "count-date",
    "desk-tally",
    "roster",
    "publisher",
)
"""A week of the ticket machine's log; one month of the register of cases; the catalogue with both limits of every item;
the day of the count; a week's tally at the service desk; the roster; a question to whoever published the figures."""


@dataclass(frozen=True)
class Unknown:
    """A question that the figures leave open.

    Attributes
    ----------
    key
        Its name.
    measurement
        The measurement that would answer it.
    """

    key: str
    measurement: Measurement

    def what(self, language: Language | None = None) -> str:
        """Return a sentence: the open question, and the reason."""
        return messages.text(f"calibration.unknown.{self.key}", language)

    def settled_by(self, language: Language | None = None) -> str:
        """Return a sentence: what to measure."""
        return messages.text(f"calibration.measurement.{self.measurement}", language)


def _has_cases(ledger: Ledger) -> bool:
    return any(f"{kind}_accepted" in ledger for kind in CASE_CLASSES)


def _is_published(ledger: Ledger, name: str) -> bool:
    return name in ledger and not ledger.figures[name].assumes


def _speaks_of(ledger: Ledger, *measures: str) -> bool:
    return any(percentage.of in measures for percentage in ledger.percentages)


def _measured(ledger: Ledger) -> bool:
    return any(f"{kind}_measured_days" in ledger for kind in CASE_CLASSES)


_RULES: Final[tuple[tuple[str, Measurement, Callable[[Ledger], bool]], ...]] = (
    ("period", "count-date", lambda ledger: "accepted" in ledger and not _is_published(ledger, "period_days")),
    ("elapsed", "case-register", lambda ledger: _has_cases(ledger) and not _measured(ledger)),
    (
        "open_cases",
        "case-register",
        lambda ledger: any(f"{kind}_open" in ledger and ledger.span(f"{kind}_open").high > 0 for kind in CASE_CLASSES),
    ),
    ("stages", "case-register", _has_cases),
    ("supplements", "case-register", _has_cases),
    (
        "service_time",
        "ticket-log",
        lambda ledger: "visits_now" in ledger and not _is_published(ledger, "service_min"),
    ),
    ("day_profile", "ticket-log", lambda ledger: "visits_now" in ledger),
    ("patience", "ticket-log", lambda ledger: "visits_now" in ledger),
    ("purposes", "desk-tally", lambda ledger: "visits_per_item_now" in ledger),
    ("windows", "roster", lambda ledger: "visits_now" in ledger and "windows" not in ledger),
    ("officers", "roster", _has_cases),
    (
        "limits",
        "limits-list",
        lambda ledger: _speaks_of(ledger, "limit", "promise", "limit-unnamed") and not ledger.limits_complete,
    ),
    ("before", "case-register", lambda ledger: _speaks_of(ledger, "limit", "promise", "limit-unnamed")),
    ("words", "publisher", lambda ledger: _speaks_of(ledger, "unclear", "limit-unnamed")),
)


def unknowns(ledger: Ledger) -> tuple[Unknown, ...]:
    """Return the questions that a ledger, with all derived figures, leaves open."""
    return tuple(Unknown(key, measurement) for key, measurement, applies in _RULES if applies(ledger))


def by_measurement(unknowns: Sequence[Unknown]) -> dict[Measurement, tuple[Unknown, ...]]:
    """Group open questions by their measurement; the measurement that answers most of them comes first."""
    groups = {
        measurement: tuple(unknown for unknown in unknowns if unknown.measurement == measurement)
        for measurement in MEASUREMENTS
    }
    ranked = sorted(groups.items(), key=lambda pair: -len(pair[1]))
    return {measurement: group for measurement, group in ranked if group}
