"""Accounting identities: what published figures imply by arithmetic, without a simulation.

Input: a ledger of published figures (the article's, or anybody's).  Output: the figures that follow from them, each
with its formula, the places of its inputs, and its interval.  The interval covers what the wording leaves open.  For a
count of open cases it also covers chance (the exact 95% interval of a Poisson mean).  An identity with an unknown input
is left out.  An identity that needs an assumption names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from calibration.facts.formulas import evaluate, names_in, poisson_span
from calibration.facts.ledger import CASE_CLASSES, CLASSES, CONVENTIONS, Figure, Ledger
from calibration.facts.spans import Span
from foundation import messages

if TYPE_CHECKING:
    import pandas as pd

    from foundation.messages import Language

__all__ = [
    "FORMULAS",
    "Formula",
    "Identified",
    "Identity",
    "by_period",
    "frame",
    "identities",
    "published_roots",
    "with_identities",
]

Identified = Literal["yes", "given-period", "no"]
"""Whether published figures settle it: yes; yes for a given counting period; no, it needs an assumption about the
hall."""


@dataclass(frozen=True)
class Formula:
    """How one figure follows from others.

    Attributes
    ----------
    key
        Its name; ``{kind}`` stands for a kind of items.
    text
        The formula.
    unit
        Key of its unit.
    poisson
        Its inputs that are counts and vary by chance.
    targets
        Scenarios and metrics that are compared with it.
    unless
        A published figure that replaces it.
    """

    key: str
    text: str
    unit: str = ""
    poisson: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    unless: str = ""

    def of_kind(self, kind: str) -> Formula:
        """Return the formula for one kind of items; only that for committed items has targets."""
        return replace(
            self,
            key=self.key.format(kind=kind),
            text=self.text.format(kind=kind),
            poisson=tuple(name.format(kind=kind) for name in self.poisson),
            targets=self.targets if kind == "committed" else (),
        )


@dataclass(frozen=True)
class Identity:
    """A figure that follows from published ones.

    Attributes
    ----------
    formula
        How it follows.
    value, span
        The figure at the published numbers, and the interval in which it lies.
    places
        Places of its inputs.
    assumes
        Names of the assumptions that it needs.
    """

    formula: Formula
    value: float
    span: Span
    places: tuple[str, ...]
    assumes: tuple[str, ...]

    @property
    def key(self) -> str:
        """Its name."""
        return self.formula.key

    @property
    def identified(self) -> Identified:
        """Whether published figures settle it."""
        needed = set(self.assumes) - CONVENTIONS
        return "yes" if not needed else "given-period" if needed <= {"period_days"} else "no"

    @property
    def method(self) -> Literal["exact", "interval", "poisson"]:
        """How its interval is computed."""
        return "poisson" if self.formula.poisson else "exact" if self.span.is_exact else "interval"

    def title(self, language: Language | None = None) -> str:
        """Return what it is called."""
        return _of_kind("title", self.key, language)

    def note(self, language: Language | None = None) -> str:
        """Return the remark for the reader."""
        return _of_kind("note", self.key, language)


_KIND: Final = re.compile(rf"({'|'.join(CLASSES)})_")


def _of_kind(part: str, key: str, language: Language | None) -> str:
    match = _KIND.match(key)
    if match is None:
        return messages.text(f"calibration.identity.{key}.{part}", language)
    kind = messages.text(f"calibration.kind.{match[1]}", language)
    return messages.text(f"calibration.identity.kind_{key[match.end() :]}.{part}", language, kind=kind)


FORMULAS: Final[Sequence[Formula]] = (
    # Visits and items.
    Formula("visits_growth", "visits_now / visits_before", "times"),
    Formula("items_growth", "items_now / items_before", "times"),
    Formula(
        "visits_per_item_before",
        "visits_before * days_per_month / items_before",
        "visits_per_item",
        targets=("honghuagang-2013: visits_per_item",),
    ),
    Formula(
        "visits_per_item_now",
        "visits_now * days_per_month / items_now",
        "visits_per_item",
        targets=("honghuagang-2014: visits_per_item",),
    ),
    # The counts.
    Formula("open", "accepted - finished", "count"),
    Formula("expected_open", "open", "count", ("open",), ("honghuagang-2014: open_cases",)),
    Formula("finished_share", "finished / accepted", "share"),
    Formula("{kind}_share", "{kind}_accepted / accepted", "share"),
    Formula("{kind}_open", "{kind}_accepted - {kind}_finished", "count"),
    Formula("{kind}_finished_share", "{kind}_finished / {kind}_accepted", "share"),
    # The counting period.
    Formula("implied_period_months", "accepted / items_now", "months"),
    Formula("implied_period_days", "accepted * days_per_month / items_now", "working_days"),
    Formula("items_per_month_by_count", "finished * days_per_month / period_days", "count_a_month"),
    Formula("visits_per_item_by_count", "visits_now * period_days / finished", "visits_per_item"),
    Formula("{kind}_per_day", "{kind}_accepted / period_days", "count_a_day"),
    # Time in the system, by Little's law (Little 1961): mean number = arrivals a day x mean days.
    Formula("{kind}_days_in_system", "{kind}_open * period_days / {kind}_accepted", "working_days", ("{kind}_open",)),
    Formula("days_in_system", "open * period_days / accepted", "working_days", ("open",)),
    # If every case took as long as was promised, those accepted in the last so many days would be open.
    Formula("{kind}_open_if_promised", "{kind}_promise * {kind}_accepted / period_days", "count"),
    Formula(
        "{kind}_chance_of_open",
        "tail({kind}_open, {kind}_promise * {kind}_accepted / period_days)",
        "probability",
    ),
    Formula(
        "{kind}_chance_of_open_uneven",
        "tail_of_uneven_days({kind}_open, {kind}_promise * {kind}_accepted / period_days, dispersion)",
        "probability",
    ),
    Formula(
        "{kind}_period_in_promise", "{kind}_promise * {kind}_accepted / {kind}_open", "working_days", ("{kind}_open",)
    ),
    # A share of finished items depends on how long one counts; restated for the scenario's measured days.
    Formula(
        "finished_share_restated",
        "1 - open * period_days / (accepted * measured_days)",
        "share",
        ("open",),
        ("honghuagang-2014: finished_share",),
    ),
    Formula(
        "{kind}_finished_share_restated",
        "1 - {kind}_open * period_days / ({kind}_accepted * measured_days)",
        "share",
        ("{kind}_open",),
        ("honghuagang-2014: committed_finished_share",),
    ),
    # Windows.
    Formula("offered_load", "visits_now * service_min / open_min", "erlang"),
    Formula("least_windows", "least_windows(offered_load)", "windows"),
    Formula(
        "load_of_one_window_each", "visits_now * service_min / (open_min * departments)", "share", unless="windows"
    ),
    Formula("likely_windows", "departments * windows_per_department", "windows", unless="windows"),
    Formula("utilisation", "visits_now * service_min / (open_min * windows)", "share"),
    Formula("visits_per_window", "visits_now / windows", "count_a_day"),
    Formula("staff_per_window", "staff / windows", ""),
    # Evaluations.
    Formula("evaluations_per_item", "evaluations * period_days / (accepted * evaluation_days)", "share"),
    Formula("satisfied_sum", "very_satisfied + satisfied", "count"),
    Formula("evaluations_sum", "satisfied_in_all + not_satisfied", "count"),
    Formula("satisfied_share", "satisfied_in_all / evaluations", "share"),
    # The catalogue and the sections.
    Formula("share_in_hall", "items_in_hall / approval_items", "share"),
    Formula("sections_merged", "sections_before / sections_now", ""),
    # The one licence.
    Formula(
        "licence_days_before",
        "licence_days_now + licence_days_saved",
        "days",
        targets=("honghuagang-2013: touched_median.food-licence",),
    ),
    Formula("licence_cut", "licence_days_saved / (licence_days_now + licence_days_saved)", "share"),
    # The rest.
    Formula("appointments_share", "appointments / (visits_now * days_per_week)", "share"),
    Formula("fees_growth", "fees_now / fees_before", "times"),
)
"""Every identity; each stands after those that it needs."""


_EVERY_KIND: Final = frozenset({"{kind}_share", "{kind}_open", "{kind}_finished_share", "{kind}_per_day"})
"""Identities that are also useful for instant items; the others are about cases."""


def _expanded() -> Iterator[Formula]:
    for formula in FORMULAS:
        if "{kind}" not in formula.key:
            yield formula
        else:
            yield from map(formula.of_kind, CLASSES if formula.key in _EVERY_KIND else CASE_CLASSES)


def with_identities(ledger: Ledger) -> tuple[Ledger, tuple[Identity, ...]]:
    """Return the ledger with every figure that follows from it, and these figures.

    A published figure is not derived again: :mod:`calibration.facts.checks` compares the two.
    """
    figures, solved = dict(ledger.figures), list[Identity]()
    for formula in _expanded():
        names = names_in(formula.text)
        if {formula.key, formula.unless} & figures.keys() or any(name not in figures for name in names):
            continue
        try:
            identity = _solved(formula, {name: figures[name] for name in names})
        except ZeroDivisionError:  # nothing was accepted, nobody came: there is no such figure
            continue
        if identity.span.low < 0:  # more finished than accepted, or counts too rough: nothing can be derived from these
            continue
        solved.append(identity)
        figures[formula.key] = Figure(
            identity.value, identity.span, "derived", formula.unit, identity.places, identity.assumes
        )
    return replace(ledger, figures=figures), tuple(solved)


def _solved(formula: Formula, inputs: Mapping[str, Figure]) -> Identity:
    spans = {
        name: _with_chance(figure.span) if name in formula.poisson else figure.span for name, figure in inputs.items()
    }
    return Identity(
        formula,
        value=evaluate(formula.text, {name: figure.value for name, figure in inputs.items()}),
        span=evaluate(formula.text, spans),
        places=tuple(sorted({place for figure in inputs.values() for place in figure.places})),
        assumes=tuple(dict.fromkeys(name for figure in inputs.values() for name in figure.assumes)),
    )


def _with_chance(count: Span) -> Span:
    """Return the interval of the mean behind a count, exact or rough."""
    return Span(poisson_span(count.low).low, poisson_span(count.high).high)


def identities(ledger: Ledger) -> tuple[Identity, ...]:
    """Return every figure that follows from a ledger, in the order of :data:`FORMULAS`."""
    return with_identities(ledger)[1]


def published_roots(ledger: Ledger, names: Iterable[str]) -> frozenset[str]:
    """Return the published figures that figures of a ledger were made from; of a published figure, itself.

    Parameters
    ----------
    ledger
        With its identities (:func:`with_identities`).
    names
        Published or derived figures.

    Raises
    ------
    KeyError
        If the ledger has no such figure.
    """
    formulas, roots = {formula.key: formula for formula in _expanded()}, set[str]()
    pending = list(names)
    while pending:
        name = pending.pop()
        match ledger.figures[name].kind:
            case "derived":
                pending += names_in(formulas[name].text)
            case "published":
                roots.add(name)
    return frozenset(roots)


def frame(solved: Sequence[Identity], language: Language | None = None) -> pd.DataFrame:
    """Return one row a figure.

    Columns ``figure`` (its key), ``title``, ``value``, ``low``, ``high``, ``unit``, ``formula``, ``places``,
    ``assumes``, ``identified`` and ``method``.
    """
    import pandas as pd

    columns = (
        "figure",
        "title",
        "value",
        "low",
        "high",
        "unit",
        "formula",
        "places",
        "assumes",
        "identified",
        "method",
    )
    rows = [
        (
            *(identity.key, identity.title(language)),
            *(identity.value, identity.span.low, identity.span.high),
            *(identity.formula.unit, identity.formula.text),
            *(", ".join(identity.places), ", ".join(identity.assumes)),
            *(identity.identified, identity.method),
        )
        for identity in solved
    ]
    return pd.DataFrame.from_records(rows, columns=list(columns))


def by_period(ledger: Ledger, periods: Sequence[int]) -> dict[int, tuple[Identity, ...]]:
    """Return the figures that depend on the counting period, for each of several lengths in working days."""
    return {
        days: tuple(
            identity
            for identity in identities(ledger.replaced(period_days=days))
            if "period_days" in names_in(identity.formula.text)
        )
        for days in periods
    }
