"""The evidence page: ``python -m benchmarks.pages.evidence`` writes ``docs/reference/evidence.md``.

Input: the evidence files, the identities, the checks and the posterior.  Output: one page of Markdown that says of
every figure what it is, where it stands, what its wording allows, whether it settles anything, and where it is used,
and of every uncertain parameter what the article has taught of it.  Nothing on the page is typed by hand, so nothing
on it can disagree with the program; a test holds the committed page to this module.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from benchmarks.pages.posterior import posterior_sections
from calibration.facts.amounts import Widths
from calibration.facts.checks import checks
from calibration.facts.evidence import FILES, Evidence, Fact, assumptions, evidence
from calibration.facts.figures import figure, number, span_text
from calibration.facts.formulas import names_in
from calibration.facts.identities import Identity, by_period, with_identities
from calibration.facts.ledger import Ledger, article_ledger
from calibration.facts.unknowns import by_measurement, unknowns
from foundation import messages
from foundation.messages import Language

__all__ = ["PAGE", "evidence_page", "interval_text", "main"]

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "reference" / "evidence.md"
_WIDTHS: Final = (0.25, 0.5, 1.0)
_VARIED: Final = (
    "visits_per_item_before",
    "visits_per_item_now",
    "implied_period_days",
    "visits_growth",
    "items_growth",
)

_INTRODUCTION: Final = """\
# Evidence: where the numbers come from

This page is written by `python -m benchmarks.pages.evidence` from `article.toml`, `law.toml`, `elsewhere.toml` and
`assumptions.toml` in `calibration/facts`, from the identities and checks of these files, and from the posterior
([calibration](../explanation/calibration.md) explains it).  The article on Honghuagang's government service
centre (Zunyi, Guizhou, published {published}) is cited by paragraph (¶) and never quoted.

There are three kinds of numbers:

- *Published*: a source printed the number.  Its interval is what the wording allows: "700-odd" is 700 up to 750, a
  percentage is everything that rounds to it, and a count is exact.
- *Derived*: the number follows from published numbers by the formula shown.  Nothing is simulated.
- *Assumed*: nobody published the number.  It has a range and a reason.

The built-in scenarios have several hundred assumed inputs.  Their ranges stand in the scenarios' own `[provenance]`
(`hallplan show honghuagang-2014`); `calibration.posterior.parameters` turns them into priors.
"""

_SECTIONS: Final = {
    "article": "## Published about Honghuagang\n",
    "law": "## What the law says\n\nAdministrative Licensing Law (行政许可法).\n",
    "elsewhere": (
        "## Published by other halls\n\nThese figures serve for priors and for checks from outside.  They are never "
        "targets of Honghuagang.\nNobody has audited the halls' own figures.\n"
    ),
}


def evidence_page(language: Language = "en") -> str:
    """Return the whole page as Markdown."""
    with messages.using(language):
        published = article_ledger()
        ledger, solved = with_identities(published)
        parts = [
            _INTRODUCTION.format(published=evidence().source.published.isoformat()),
            *(_SECTIONS[name] + "\n" + _facts(evidence(name), solved) for name in FILES),
            "## Assumed\n\n" + _assumed(solved),
            "## What follows\n\n" + _derived(solved),
            "## What depends on the counting period\n\n" + _periods(published),
            "## How far words reach\n\n" + _widths(),
            "## Do the figures agree?\n\n" + _checked(ledger),
            "## Questions that the figures leave open\n\n" + _unknown(ledger),
            *posterior_sections(),
        ]
        return "\n".join(parts)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _facts(source: Evidence, solved: Sequence[Identity]) -> str:
    columns = ("figure", "what", "value", "interval", "wording", "where", "period", "role", "used in")
    return _table(
        columns,
        (
            (
                f"`{key}`",
                _with_note(fact),
                fact.amount.text,
                interval_text(fact),
                fact.amount.wording,
                fact.place,
                source.periods[fact.period].title.en,
                fact.role.en,
                _uses(key, fact, solved),
            )
            for key, fact in source.facts.items()
        ),
    )


def _with_note(fact: Fact) -> str:
    return f"{fact.title.en}. {fact.note.en}" if fact.note.en else fact.title.en


def interval_text(fact: Fact) -> str:
    """Write the interval that a figure's wording allows; a dash for an exact one."""
    span, amount = fact.span(), fact.amount
    if span.is_exact:
        return "–"
    if amount.unit != "%":
        return span_text(span)
    places = max(0, round(-math.log10(amount.place)) - 1)  # one more than were stated: where rounding begins
    return f"{100 * span.low:.{places}f}% to {100 * span.high:.{places}f}%"


def _uses(key: str, fact: Fact, solved: Sequence[Identity]) -> str:
    derived = [f"`{identity.key}`" for identity in solved if key in names_in(identity.formula.text)]
    targets, inputs = (
        (f"{what} {name}" for name in used) for what, used in (("target", fact.targets), ("input", fact.inputs))
    )
    return ", ".join([*derived, *targets, *inputs]) or "–"


def _assumed(solved: Sequence[Identity]) -> str:
    article = evidence()
    rows = [
        (
            f"`{name}`",
            assumption.title.en,
            number(assumption.value, assumption.unit),
            span_text(assumption.span(), "") if not assumption.span().is_exact else "fixed",
            assumption.why.en,
            _used_by(name, solved),
        )
        for name, assumption in assumptions().items()
    ]
    count = article.periods["count"]
    span = count.span()
    if span is not None:
        name, lengths = "period_days", ", ".join(map(str, count.lengths()))
        what = f"Working days of the count (by the calendar: {lengths})"
        rows.append((f"`{name}`", what, "–", span_text(span), count.why.en, _used_by(name, solved)))
    return _table(("figure", "what", "value", "range", "why", "used in"), rows)


def _used_by(name: str, solved: Sequence[Identity]) -> str:
    return ", ".join(f"`{identity.key}`" for identity in solved if name in names_in(identity.formula.text)) or "–"


def _derived(solved: Sequence[Identity]) -> str:
    text = (
        "Each figure follows from published ones by the formula shown.  *Identified* says whether published figures\n"
        "determine it: yes; yes for a given counting period; or no, because it needs an assumption about the hall.\n"
        "The interval covers what the wording leaves open.  With the method *poisson* it also covers the chance in\n"
        "one count of open items (exact 95% interval, Garwood 1936).\n\n"
    )
    rows = (
        (
            f"`{identity.key}`",
            f"{identity.title()}. {identity.note()}",
            figure(identity.value, identity.formula.unit),
            "–" if identity.span.is_exact else span_text(identity.span, identity.formula.unit),
            f"`{identity.formula.text}`",
            ", ".join(identity.places) or "–",
            messages.text(f"calibration.identified.{identity.identified}"),
            identity.method,
            ", ".join(f"target {target}" for target in identity.formula.targets) or "–",
        )
        for identity in solved
    )
    columns = ("figure", "what", "value", "interval", "formula", "from", "identified", "method", "used in")
    return text + _table(columns, rows)


def _periods(ledger: Ledger) -> str:
    count = evidence().periods["count"]
    shortest = [] if count.least_working_days is None else [count.least_working_days]
    lengths = sorted({*shortest, *count.lengths()})
    solved = by_period(ledger, lengths)
    labels = {days: end.isoformat() for days, end in zip(count.lengths(), count.ends, strict=True)}
    columns = ["figure", *(f"{days} working days ({labels.get(days, 'the fewest')})" for days in lengths)]
    rows = [
        [f"`{identity.key}`", *(_with_span(solved[days][place]) for days in lengths)]
        for place, identity in enumerate(solved[lengths[0]])
    ]
    return _table(columns, rows)


def _with_span(identity: Identity) -> str:
    value = number(identity.value, identity.formula.unit)
    low, high = (number(end, identity.formula.unit) for end in (identity.span.low, identity.span.high))
    return value if low == high else f"{value} ({low} to {high})"


def _widths() -> str:
    text = (
        'The reach of "and some" (余) is a setting: a part of the last stated place.  The setting in use is a half,\n'
        "so 700-odd reaches up to 750.\n\n"
    )
    columns = ["figure", *(f"{width:g} of a place" for width in _WIDTHS)]
    solved = [
        {identity.key: identity for identity in with_identities(article_ledger(widths=Widths(and_some=width)))[1]}
        for width in _WIDTHS
    ]
    rows = [[f"`{key}`", *(_with_span(identities[key]) for identities in solved)] for key in _VARIED]
    return text + _table(columns, rows)


def _checked(ledger: Ledger) -> str:
    rows = [(messages.text(f"calibration.verdict.{check.verdict}"), check.sentence()) for check in checks(ledger)]
    return _table(("verdict", "what"), rows)


def _unknown(ledger: Ledger) -> str:
    lines = []
    for measurement, group in by_measurement(unknowns(ledger)).items():
        lines.append(f"Answered by {messages.text(f'calibration.measurement.{measurement}')}:\n")
        lines += [f"- {unknown.what()}" for unknown in group]
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    """Write the page, and say where."""
    PAGE.write_text(evidence_page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
