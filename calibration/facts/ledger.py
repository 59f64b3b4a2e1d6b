"""A ledger: all known figures of a hall, from any source, under the names that formulas use.

Input: the article's facts, or somebody's claims file.  Output: one :class:`Ledger`, so that the same identities and
the same checks serve both.  The names are those of ``calibration/facts/article.toml``; ``docs/reference/claims.md``
lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from calibration.facts.amounts import Amount, Widths
from calibration.facts.evidence import Evidence, Measure, assumptions, evidence
from calibration.facts.spans import Span
from scenarios.model.vocabulary import SERVICE_KINDS, ProvenanceKind

__all__ = [
    "CASE_CLASSES",
    "CLASSES",
    "CONVENTIONS",
    "Figure",
    "ItemLimits",
    "Ledger",
    "Percentage",
    "article_ledger",
    "known_assumptions",
    "known_days",
    "known_fact",
    "unit_key",
]

CLASSES: Final = tuple(kind for kind in SERVICE_KINDS if kind != "consult")
"""Kinds of items that a hall counts apart: 即办件, 承诺件, 联办件, 上报件."""

CASE_CLASSES: Final = CLASSES[1:]
"""Those that stay in the hall as cases."""

CONVENTIONS: Final = frozenset({"days_per_month", "days_per_week", "measured_days"})
"""Assumptions that only fix how something is counted."""

_OF_THE_SCENARIO: Final = ("measured_days",)
"""Assumptions that only the built-in scenarios of Honghuagang need."""

_FROM_ELSEWHERE: Final = ("windows_per_department",)


@dataclass(frozen=True)
class Figure:
    """One figure of a ledger.

    Attributes
    ----------
    value, span
        The figure, and the interval in which it may lie.
    kind
        Published, assumed, or derived from others.
    unit
        Key of its unit in the message catalogue under ``calibration.unit``.
    places
        Its place in the source, or the places of its inputs.
    assumes
        Names of the assumptions that it needs; an assumption's own name.
    """

    value: float
    span: Span
    kind: ProvenanceKind
    unit: str = ""
    places: tuple[str, ...] = ()
    assumes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Percentage:
    """A published percentage, and the measure it refers to.

    Attributes
    ----------
    key, amount, place
        Its name, the figure, and its place in the source.
    of
        The measure it refers to.
    words
        The words it was published with; "" if only our reading is stored.
    item
        The item it refers to; "" for a whole hall.
    period
        The period it refers to; "" if none is named.
    declared
        The measure that the file itself names, if it does.
    """

    key: str
    amount: Amount
    place: str
    of: Measure
    words: str = ""
    item: str = ""
    period: str = ""
    declared: Measure | None = None


@dataclass(frozen=True)
class ItemLimits:
    """Limits and times of one item, all in the same days (working or calendar), as far as they were published.

    Attributes
    ----------
    statutory, promised
        Limits.
    before, now
        Days that it took before, and takes now.
    volume
        Items of this kind, in any one period.
    unit
        ``working days``, ``calendar days`` or ``days``.
    """

    statutory: float | None = None
    promised: float | None = None
    before: float | None = None
    now: float | None = None
    volume: float | None = None
    unit: str = "working days"


@dataclass(frozen=True)
class Ledger:
    """All figures known about a hall.

    Attributes
    ----------
    name
        The hall or the file.
    known
        Figures by name.
    percentages
        Published percentages.
    limits
        Limits and times by item.
    limits_complete
        Whether `limits` are all items of the hall.
    widths
        How far words reach.
    """

    name: str
    figures: Mapping[str, Figure]
    percentages: tuple[Percentage, ...] = ()
    limits: Mapping[str, ItemLimits] = field(default_factory=dict)
    limits_complete: bool = False
    widths: Widths = field(default_factory=Widths)

    def __contains__(self, name: str) -> bool:
        return name in self.figures

    @property
    def classes(self) -> tuple[str, ...]:
        """Kinds of items that are counted apart."""
        return tuple(kind for kind in CLASSES if f"{kind}_accepted" in self.figures)

    def span(self, name: str) -> Span:
        """Return the interval of a figure."""
        return self.figures[name].span

    def replaced(self, **values: float) -> Ledger:
        """Return the ledger with some figures taken as exact, such as ``period_days=122``."""
        changed = {
            name: replace(self.figures[name], value=value, span=Span.of(value)) for name, value in values.items()
        }
        return replace(self, figures={**self.figures, **changed})


def known_fact(amount: Amount, *, place: str, widths: Widths, unit: str = "") -> Figure:
    """Return a published amount as a figure of a ledger."""
    return Figure(amount.value, amount.span(widths), "published", unit or unit_key(amount), (place,))


def known_assumptions() -> dict[str, Figure]:
    """Return the assumptions for any hall, and figures of other halls, as figures of a ledger."""
    figures = {name: _assumed(name) for name in assumptions() if name not in _OF_THE_SCENARIO}
    for name in _FROM_ELSEWHERE:
        fact = evidence("elsewhere")[name]
        figures[name] = Figure(fact.value, fact.span(), "assumed", unit_key(fact.amount), assumes=(name,))
    return figures


def _assumed(name: str) -> Figure:
    assumption = assumptions()[name]
    return Figure(assumption.value, assumption.span(), "assumed", assumption.unit, assumes=(name,))


def known_days(span: Span, *, name: str, place: str) -> Figure:
    """Return the length of a period: published if it is exact, else an assumption of this name."""
    if span.is_exact:
        return Figure(span.low, span, "published", "working_days", (place,))
    return Figure((span.low + span.high) / 2, span, "assumed", "working_days", assumes=(name,))


def unit_key(amount: Amount) -> str:
    """Return the key of an amount's unit."""
    name = {"%": "share"}.get(amount.unit, amount.unit).replace(" ", "_")
    return "_a_".join(part for part in (name or ("count" if amount.per else ""), amount.per) if part)


def article_ledger(*, widths: Widths = Widths(), source: Evidence | None = None) -> Ledger:  # noqa: B008 - frozen
    """Return the figures of the article on Honghuagang, with the assumptions that its identities need.

    Parameters
    ----------
    widths
        How far words such as "and some" reach.
    source
        The evidence; ``article.toml`` by default.
    """
    article = source or evidence("article")
    figures = {key: known_fact(fact.amount, place=fact.place, widths=widths) for key, fact in article.facts.items()}
    figures |= known_assumptions()
    figures |= {name: _assumed(name) for name in _OF_THE_SCENARIO}
    for name, key, fact in (("period_days", "count", "accepted"), ("evaluation_days", "half-year", "evaluations")):
        span = article.periods[key].span()
        if span is not None:
            figures[name] = known_days(span, name=name, place=article[fact].place)
    percentages = tuple(
        Percentage(key, fact.amount, fact.place, fact.of, period=fact.period)
        for key, fact in article.facts.items()
        if fact.of is not None
    )
    return Ledger(article.name, figures, percentages, widths=widths)
