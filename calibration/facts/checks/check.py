"""What a check of published figures is, and how its sentence spells numbers.

Input: a key of the catalogue of texts, a verdict, and the figures that the check is about.  Output: a :class:`Check`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from calibration.facts.ledger import Ledger, Percentage
from calibration.facts.spans import Span
from foundation.errors import HallplanError
from foundation.messages import Language

__all__ = [
    "ROUNDING",
    "UNLIKELY",
    "VERDICTS",
    "Check",
    "Verdict",
    "chance_text",
    "check",
    "cut",
    "joined",
    "kind_title",
    "percent_text",
    "range_text",
    "share_text",
    "stated_span",
]

Verdict = Literal["agrees", "tension", "contradiction", "open", "not-comparable"]
VERDICTS: Final[tuple[Verdict, ...]] = ("contradiction", "tension", "not-comparable", "open", "agrees")
"""From bad to good: the figures cannot all be right; they can, if something is unusual or an assumption is wrong; they
refer to different measures; they do not decide; they agree."""

UNLIKELY: Final = 0.05
"""A probability below this makes figures a tension."""


@dataclass(frozen=True)
class Check:
    """A comparison of figures.

    Attributes
    ----------
    key
        Which check it is.
    verdict
        Its result.
    said
        The sentence.
    figures
        Names of the figures that it compares.
    """

    key: str
    verdict: Verdict
    said: HallplanError
    figures: tuple[str, ...]

    def sentence(self, language: Language | None = None) -> str:
        """Return the sentence in a language."""
        return self.said.sentence(language)


def check(key: str, verdict: Verdict, figures: tuple[str, ...], **values: Any) -> Check:
    """Return a check; its sentence is the text ``calibration.check.KEY.VERDICT`` with these values."""
    said = HallplanError(f"calibration.check.{key}.{verdict}", **values)
    return Check(key, verdict, said, figures)


def kind_title(kind: str) -> HallplanError:
    """Return the name of a kind of items, or of all items for ""."""
    return HallplanError(f"calibration.kind.{kind}" if kind else "calibration.kind.all")


ROUNDING: Final = 1e-9
"""Rounding error of a share in floating point."""


def stated_span(percentage: Percentage, ledger: Ledger) -> Span:
    """Return the interval that the wording of a percentage allows."""
    return percentage.amount.span(ledger.widths)


def percent_text(percentage: Percentage) -> str:
    """Return a percentage as it was published."""
    return percentage.amount.text


def share_text(share: float, places: int = 1) -> str:
    """Return a share in per cent."""
    return f"{100 * share:.{places}f}%"


def range_text(span: Span, places: int = 0) -> str:
    """Return an interval; a single number if both ends are the same."""
    low, high = f"{span.low:,.{places}f}", f"{span.high:,.{places}f}"
    return low if low == high else f"{low}–{high}"


def chance_text(probability: float) -> str:
    """Return a probability with a sensible number of digits."""
    return f"{probability:.1g}" if probability < 0.001 else f"{probability:.3f}"


def joined(parts: list[HallplanError]) -> HallplanError | str:
    """Join phrases one after the other, in the language in use."""
    if not parts:
        return "–"
    first, *rest = parts
    return first if not rest else HallplanError("calibration.list", first=first, rest=joined(rest))


def cut(old: float | None, new: float | None) -> float | None:
    """Return the share by which a time was cut; ``None`` if either is unknown."""
    return None if not old or new is None else 1 - new / old
