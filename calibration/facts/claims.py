"""Published figures of any hall: what follows from them, what they contradict, and what they leave open.

Input: a claims file (:mod:`calibration.facts.claims_file`; ``docs/reference/claims.md``).  Output: a
:class:`ClaimsReport`: the figures that follow, as a frame; what each percentage speaks of; and the rest as sentences
in Chinese or English.  Nothing is simulated.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from calibration.facts.checks import Check, checks
from calibration.facts.claims_file import ClaimsFile, read_claims
from calibration.facts.claims_ledger import ledger_of
from calibration.facts.figures import figure, span_text
from calibration.facts.identities import Identity, frame, with_identities
from calibration.facts.ledger import Ledger, Percentage
from calibration.facts.unknowns import Measurement, Unknown, by_measurement, unknowns
from foundation import messages
from foundation.errors import HallplanError, ScenarioError
from foundation.messages import Language
from scenarios.compose.reading import LARGEST_BYTES, file_names
from scenarios.paths import suggestion

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["EXAMPLES", "ClaimsReport", "claims", "claims_of", "example_names"]

EXAMPLES: Final = Path(__file__).resolve().parent / "examples"


@dataclass(frozen=True, eq=False)
class ClaimsReport:
    """The result of examining a hall's published figures.

    Attributes
    ----------
    file
        What was published.
    ledger
        The figures, and those that follow.
    identities
        The figures that follow from the published ones.
    checks
        Comparisons of figures, the worst verdict first.
    unknowns
        Questions that the figures leave open.
    """

    file: ClaimsFile
    ledger: Ledger
    identities: tuple[Identity, ...]
    checks: tuple[Check, ...]
    unknowns: tuple[Unknown, ...]

    @property
    def percentages(self) -> tuple[Percentage, ...]:
        """The percentages, each with the measure that it refers to."""
        return self.ledger.percentages

    @property
    def best_measurement(self) -> Measurement | None:
        """The measurement that would answer most of the open questions."""
        return next(iter(by_measurement(self.unknowns)), None)

    def title(self, language: Language | None = None) -> str:
        """Return the name of the hall, and a remark if it is invented."""
        spoken = language or messages.language()
        name = self.file.title.said(spoken) or self.file.name
        return messages.text("calibration.report.invented", spoken, name=name) if self.file.invented else name

    def frame(self, language: Language | None = None) -> pd.DataFrame:
        """Return what follows, one row a figure; for the columns see :func:`calibration.facts.identities.frame`."""
        return frame(self.identities, language)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the figures, checks, percentages and open questions, by name (:mod:`sim.measure.export`)."""
        import pandas as pd

        of, open_questions = self._percentage_rows(None), [(u.key, u.measurement, u.what()) for u in self.unknowns]
        held = [(check.key, check.verdict, check.sentence(), ", ".join(check.figures)) for check in self.checks]
        return {
            "figures": self.frame(),
            "checks": pd.DataFrame.from_records(held, columns=["check", "verdict", "sentence", "figures"]),
            "percentages": pd.DataFrame.from_records(of, columns=["percentage", "value", "of", "item", "sentence"]),
            "unknown": pd.DataFrame.from_records(open_questions, columns=["question", "measurement", "sentence"]),
        }

    def _percentage_rows(self, language: Language | None) -> list[tuple[str, float, str, str, str]]:
        return [
            (percentage.key, percentage.amount.value, percentage.of, percentage.item, _speaks_of(percentage, language))
            for percentage in self.percentages
        ]

    def figures_said(self, language: Language | None = None) -> list[str]:
        """Return one sentence for each figure that follows."""
        return [_follows(identity, language) for identity in self.identities]

    def percentages_said(self, language: Language | None = None) -> list[str]:
        """Return one sentence for each percentage: what it refers to, and what it does not say."""
        return [_speaks_of(percentage, language) for percentage in self.percentages]

    def checks_said(self, language: Language | None = None) -> list[str]:
        """Return one sentence for each check, beginning with its verdict."""
        return [
            messages.text(
                "calibration.says.check",
                language,
                verdict=messages.text(f"calibration.verdict.{check.verdict}", language),
                sentence=check.sentence(language),
            )
            for check in self.checks
        ]

    def unknowns_said(self, language: Language | None = None) -> list[str]:
        """Return one sentence for each measurement: what it would settle; the one that settles most comes first."""
        between = "" if (language or messages.language()) == "zh" else " "
        return [
            messages.text(
                "calibration.says.unknown",
                language,
                what=between.join(unknown.what(language) for unknown in group),
                measurement=messages.text(f"calibration.measurement.{measurement}", language),
                n=len(group),
                all=len(self.unknowns),
            )
            for measurement, group in by_measurement(self.unknowns).items()
        ]

    def sentences(self, language: Language | None = None) -> list[str]:
        """Return everything as sentences: what follows, what percentages speak of, checks, and what is unknown."""
        return [
            *self.figures_said(language),
            *self.percentages_said(language),
            *self.checks_said(language),
            *self.unknowns_said(language),
        ]

    def document(self, language: Language | None = None) -> dict[str, Any]:
        """Return everything as plain dictionaries and lists, for JSON."""
        return {
            "name": self.file.name,
            "title": self.title(language),
            "invented": self.file.invented,
            "figures": [
                {
                    "figure": identity.key,
                    "title": identity.title(language),
                    "value": identity.value,
                    "low": identity.span.low,
                    "high": identity.span.high,
                    "unit": identity.formula.unit,
                    "formula": identity.formula.text,
                    "places": list(identity.places),
                    "assumes": list(identity.assumes),
                    "identified": identity.identified,
                    "method": identity.method,
                }
                for identity in self.identities
            ],
            "percentages": [
                {"percentage": key, "value": value, "of": of, "item": item or None, "sentence": sentence}
                for key, value, of, item, sentence in self._percentage_rows(language)
            ],
            "checks": [
                {
                    "check": check.key,
                    "verdict": check.verdict,
                    "figures": list(check.figures),
                    "sentence": check.sentence(language),
                }
                for check in self.checks
            ],
            "unknown": [
                {
                    "question": unknown.key,
                    "measurement": unknown.measurement,
                    "sentence": unknown.what(language),
                    "settled_by": unknown.settled_by(language),
                }
                for unknown in self.unknowns
            ],
            "best_measurement": self.best_measurement,
        }


def _follows(identity: Identity, language: Language | None) -> str:
    value = figure(identity.value, identity.formula.unit, language)
    span = span_text(identity.span, identity.formula.unit, language)
    return messages.text(
        f"calibration.says.{'exact' if span == value else 'between'}",
        language,
        title=identity.title(language),
        value=value,
        span=span,
        note=identity.note(language),
    )


def _speaks_of(percentage: Percentage, language: Language | None) -> str:
    said = HallplanError(
        "calibration.says.percentage",
        key=percentage.item or percentage.key,
        stated=percentage.amount.text,
        meaning=HallplanError(f"calibration.meaning.{percentage.of}"),
    )
    return said.sentence(language)


def example_names() -> list[str]:
    """Return the names of the example files."""
    return file_names(EXAMPLES)


def claims(reference: str | Path) -> ClaimsReport:
    """Examine the figures of a claims file.

    Parameters
    ----------
    reference
        Path of a file, or the name of one of the examples.

    Raises
    ------
    ScenarioError
        One sentence about the first fault: the file, the key, and what to do.

    Examples
    --------
    >>> report = claims("honghuagang")
    >>> report.frame().set_index("figure").loc["visits_per_item_now", "value"].item()
    2.1
    """
    named = EXAMPLES / f"{reference}.toml" if str(reference) in example_names() else Path(reference)
    try:
        with named.open("rb") as stream:
            data = stream.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        near = suggestion(named.stem, example_names())
        raise ScenarioError("error.claims.no_file", name=reference, near=near) from None
    except IsADirectoryError:
        raise ScenarioError("error.claims.is_a_folder").at(file=str(reference)) from None
    except (OSError, ValueError) as error:  # not to be read; a name with a NUL
        reason = getattr(error, "strerror", None) or "?"
        raise ScenarioError("error.cannot_read", reason=reason).at(file=str(reference)) from None
    return claims_of(data, name=str(reference))


def claims_of(data: bytes | str, *, name: str) -> ClaimsReport:
    """Examine the figures of a claims file from its contents.

    Parameters
    ----------
    data
        The contents, TOML.
    name
        The name of the file in messages.

    Raises
    ------
    ScenarioError
        One sentence about the first fault: the file, the key, and what to do.
    """
    file = read_claims(data, name=name)
    ledger, solved = with_identities(ledger_of(file))
    return ClaimsReport(file, ledger, solved, checks(ledger), unknowns(ledger))
