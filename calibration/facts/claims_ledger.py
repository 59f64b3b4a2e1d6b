"""From a claims file to the ledger that the identities and checks read.

Input: a :class:`~calibration.facts.claims_file.ClaimsFile`.  Output: a :class:`~calibration.facts.ledger.Ledger`: each
published figure by name, in the ledger's unit, with the reader's assumptions instead of the usual ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, TypeAlias

from calibration.facts.amounts import Amount, Widths
from calibration.facts.claims_file import MINUTES_IN, ClaimsFile
from calibration.facts.ledger import CLASSES, Figure, Ledger, Percentage, known_assumptions, known_days, known_fact
from calibration.facts.percentages import measure_of

__all__ = ["ledger_of"]

_DAYS_IN: Final = {"day": 1.0, "week": 5.0, "month": 21.0, "year": 252.0}
"""Working days in a unit of time, by the conventions of ``calibration/facts/assumptions.toml``."""


def ledger_of(file: ClaimsFile, *, widths: Widths = Widths()) -> Ledger:  # noqa: B008 - frozen
    """Return a file's figures as a ledger, with the assumptions that its identities need.

    Parameters
    ----------
    file
        What was published.
    widths
        How far words such as "and some" reach.
    """
    published = (*_rates(file), *_counts(file), *_evaluations(file), *_hall(file))
    figures = known_assumptions() | dict(_assumed(file, widths))
    for name, place, amount, factor, unit in published:
        figures[name] = _scaled(known_fact(amount, place=place, widths=widths, unit=unit), factor)
    for name, place, days in (
        ("period_days", "count", file.count.days()),
        ("evaluation_days", "evaluations", file.evaluations.days() if file.evaluations else None),
    ):
        if days is not None:
            figures[name] = known_days(days, name=name, place=place)
    return Ledger(
        file.name,
        figures,
        tuple(_percentages(file)),
        {name: item.limits() for name, item in file.limits.items()},
        file.limits_complete,
        widths,
    )


_Entry: TypeAlias = tuple[str, str, Amount, float, str]
"""Name in the ledger, place in the file, amount, factor to the ledger's unit, and this unit ("": the amount's own)."""


def _scaled(figure: Figure, factor: float) -> Figure:
    if factor == 1.0:
        return figure
    return replace(figure, value=figure.value * factor, span=figure.span * factor)


def _rates(file: ClaimsFile) -> Iterator[_Entry]:
    for table, rates, unit in (("visits", file.visits, "day"), ("items", file.items, "month")):
        for when, amount in (("before", rates.before), ("now", rates.now)):
            if amount is not None:
                factor = _DAYS_IN[unit] / _DAYS_IN[amount.per]
                yield f"{table}_{when}", f"{table}.{when}", amount, factor, f"count_a_{unit}"


def _counts(file: ClaimsFile) -> Iterator[_Entry]:
    for kind, table in (("", file.count), *((kind, getattr(file.count, kind)) for kind in CLASSES)):
        prefix, place = (f"{kind}_", f"count.{kind}") if kind else ("", "count")
        for key, name in (
            ("accepted",) * 2,
            ("finished",) * 2,
            ("open",) * 2,
            ("promise",) * 2,
            ("days", "measured_days"),
        ):
            amount = getattr(table, key, None) if table is not None else None
            if isinstance(amount, Amount):
                yield f"{prefix}{name}", f"{place}.{key}", amount, 1.0, ""


def _evaluations(file: ClaimsFile) -> Iterator[_Entry]:
    if file.evaluations is None:
        return
    for key in ("total", "very_satisfied", "satisfied", "satisfied_in_all", "not_satisfied"):
        amount = getattr(file.evaluations, key)
        if amount is not None:
            yield "evaluations" if key == "total" else key, f"evaluations.{key}", amount, 1.0, ""


def _hall(file: ClaimsFile) -> Iterator[_Entry]:
    for name in ("windows", "departments", "staff"):
        amount = getattr(file.hall, name)
        if amount is not None:
            yield name, f"hall.{name}", amount, 1.0, ""
    for key, name in (("service_time", "service_min"), ("open_time", "open_min")):
        amount = getattr(file.hall, key)
        if amount is not None:
            yield name, f"hall.{key}", amount, MINUTES_IN[amount.unit], "min"


def _assumed(file: ClaimsFile, widths: Widths) -> Iterator[tuple[str, Figure]]:
    for key, name, unit in (
        ("service_time", "service_min", "min"),
        ("open_time", "open_min", "min"),
        ("dispersion", "dispersion", ""),
    ):
        amount = getattr(file.assume, key)
        if amount is not None:
            figure = Figure(amount.value, amount.span(widths), "assumed", unit, assumes=(name,))
            yield name, _scaled(figure, MINUTES_IN.get(amount.unit, 1.0))


def _percentages(file: ClaimsFile) -> Iterator[Percentage]:
    for name, claim in file.percentages.items():
        by_words = measure_of(claim.words) if claim.words else None
        of = by_words if by_words not in (None, "unclear") else claim.of or "unclear"
        yield Percentage(
            name,
            claim.value,
            f"percentages.{name}",
            of,
            words=claim.words,
            item=claim.item or "",
            period=claim.period,
            declared=claim.of,
        )
