"""The result of a question of staffing: the plan, its certificate, and what plain formulas would have staffed.

Input: a :class:`planner.staffing.result.Staffing`.  Output: tables and a document.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from foundation import messages
from foundation.numbers import number
from hallplan.show.document import envelope, number_or_null, scenario_document
from hallplan.show.notes import calendar_notes
from hallplan.show.text_table import TextTable, columns, notes_only
from hallplan.show.words import heading, pool_title, weekday_names, yes_or_no
from planner.notices import unannounced_years
from planner.staffing.certificate import Cell, Certificate
from planner.staffing.result import Staffing
from planner.staffing.roster import MOST_DAYS, MOST_HOURS
from planner.staffing.shifts import shift_label
from sim.measure.table import BIN_LABELS

__all__ = ["staffing_document", "staffing_tables"]

_TENTHS: Final = "minutes"
"""The kind of number that is written to a tenth, as hours of people are here."""
_MOST_NAMED: Final = 6
"""Pools and half-hours that a sentence names."""
_MINIMALITY: Final = {"enumerated": "cli.staff.enumerated", "single": "cli.staff.least", "none": "cli.staff.not_least"}


def staffing_tables(result: Staffing) -> list[TextTable]:
    """Return the verdict, the shifts of every pool, and the certificate pool by pool."""
    return [
        notes_only(*_verdict(result), title=messages.text("cli.staff.title", name=heading(result.scenario))),
        _plan_table(result),
        _certificate_table(result),
    ]


def _verdict(result: Staffing) -> list[str]:
    certificate, target = result.certificate, result.target.label()
    key = "cli.staff.certified" if result.is_certified else "cli.staff.not_certified"
    lines = [
        messages.text(
            key,
            target=target,
            confidence=1 - result.effort.alpha,
            cells=len(certificate.cells),
            weeks=certificate.weeks,
            attempts=result.attempts,
            where=_named(result, ~certificate.holds, certificate),
        )
    ]
    for cell, share in result.out_of_reach:
        where = _where(result, cell)
        lines.append(messages.text("cli.staff.out_of_reach", where=where, share=number(share, "share"), target=target))
    return lines


def _where(result: Staffing, cell: Cell) -> str:
    title = pool_title(result.scenario, cell.pool)
    if cell.is_pooled:
        return messages.text("cli.staff.pooled", pool=title, n=len(cell.half_hours))
    return f"{title} {BIN_LABELS[cell.half_hours[0]]}"


def _named(result: Staffing, mask: Any, certificate: Certificate) -> str:
    places = np.flatnonzero(mask)
    worst = places[np.argsort(certificate.bounds.low[places], kind="stable")][:_MOST_NAMED]
    names = [
        f"{_where(result, certificate.cells[place])} {number(float(certificate.bounds.share[place]), 'share')}"
        for place in worst.tolist()
    ]
    return messages.text("cli.staff.separator").join(names) + (" …" if places.size > _MOST_NAMED else "")


def _plan_table(result: Staffing) -> TextTable:
    rows = []
    for pool in result.plan.pools:
        worked = messages.text("cli.staff.separator").join(f"{n} × {shift_label(hours)}" for hours, n in pool.shifts)
        days = len(pool.requirement.weekdays)
        rows.append(
            (
                pool_title(result.scenario, pool.requirement.pool),
                worked,
                str(pool.heads),
                number(pool.hours_per_day, _TENTHS),
                number(pool.hours_per_day * days, _TENTHS),
                str(pool.requirement.plain_servers),
            )
        )
    return TextTable(
        columns("pool", "shifts", "#people", "#hours_per_day", "#hours_per_week", "#erlang_c"),
        tuple(rows),
        title=messages.text("cli.staff.plan"),
        notes=tuple(_plan_notes(result)),
    )


def _plan_notes(result: Staffing) -> list[str]:
    plan, plain = result.plan, result.plain_certificate
    hours = number(plan.hours_per_week, _TENTHS)
    notes = [
        messages.text(
            "cli.staff.totals", people=plan.heads, hours=hours, days=weekday_names(plan.pools[0].requirement.weekdays)
        ),
        messages.text("cli.staff.officers", n=len(result.roster), hours=MOST_HOURS, days=MOST_DAYS),
        messages.text("cli.staff.cost", yuan=number(plan.cost_per_week, "yuan")) if plan.cost_per_week else "",
        messages.text(_MINIMALITY[result.minimality], bound=number(result.bound_per_week, _TENTHS)),
        messages.text(
            "cli.staff.plain_holds" if plain.is_certified else "cli.staff.plain_fails",
            hours=number(result.plain_hours_per_week, _TENTHS),
            where=_named(result, ~plain.holds, plain),
        ),
    ]
    return [note for note in notes if note]


def _certificate_table(result: Staffing) -> TextTable:
    certificate, plain = result.certificate, result.plain_certificate
    rows = []
    for pool in dict.fromkeys(cell.pool for cell in certificate.cells):
        places = [place for place, cell in enumerate(certificate.cells) if cell.pool == pool]
        worst = min(places, key=lambda place: float(certificate.bounds.low[place]))
        cell = certificate.cells[worst]
        rows.append(
            (
                pool_title(result.scenario, pool),
                _half_hours(cell),
                number(float(certificate.bounds.share[worst]), "share"),
                number(float(certificate.bounds.low[worst]), "share"),
                yes_or_no(bool(certificate.holds[places].all())),
                number(float(np.nanmin(plain.bounds.share[places])), "share"),
            )
        )
    return TextTable(
        columns("pool", "worst_half_hour", "#called_in_time", "#lower_bound", "holds", "#erlang_c_share"),
        tuple(rows),
        title=messages.text("cli.staff.certificate", target=result.target.label()),
        notes=tuple(_certificate_notes(result)),
    )


def _half_hours(cell: Cell) -> str:
    if not cell.is_pooled:
        return BIN_LABELS[cell.half_hours[0]]
    return messages.text("cli.staff.together", n=len(cell.half_hours))


def _certificate_notes(result: Staffing) -> list[str]:
    effort, run = result.effort, result.scenario.run
    judged = {cell.pool for cell in result.certificate.cells}
    rare = dict.fromkeys(required.pool for required in result.requirements if required.pool not in judged)
    names = messages.text("cli.staff.separator").join(pool_title(result.scenario, pool) for pool in rare)
    notes = [
        messages.text("cli.staff.judged"),
        messages.text("cli.staff.rare", names=names) if rare else "",
        messages.text("cli.staff.closed", n=number(result.closed_per_day, _TENTHS)) if result.closed_per_day else "",
        messages.text("cli.staff.effort", search=effort.search, check=effort.check, days=run.days),
        messages.text("cli.staff.point"),
        *calendar_notes(unannounced_years(result.scenario)),
    ]
    return [note for note in notes if note]


def staffing_document(result: Staffing, *, seed: int) -> dict[str, Any]:
    """Return the document of ``hallplan staff``.

    Parameters
    ----------
    result
        The result.
    seed
        Of the random numbers.
    """
    frames = {name: frame.to_dict("records") for name, frame in result.frames().items()}
    return envelope(
        "staff",
        scenario=scenario_document(result.scenario),
        target={"share": result.target.share, "within_min": result.target.within_min, "label": result.target.label()},
        certified=result.is_certified,
        message=_verdict(result)[0],
        confidence=1 - result.effort.alpha,
        level=result.certificate.level,
        attempts=result.attempts,
        seed=seed,
        replications={"search": result.effort.search, "check": result.effort.check},
        weeks=result.certificate.weeks,
        people=result.plan.heads,
        officers=len(result.roster),
        hours_per_week=result.plan.hours_per_week,
        yuan_per_week=result.plan.cost_per_week,
        lower_bound_hours_per_week=result.bound_per_week,
        minimality=result.minimality,
        joined_while_closed_per_day=result.closed_per_day,
        out_of_reach=[{"where": _where(result, cell), "share": share} for cell, share in result.out_of_reach],
        erlang_c={"hours_per_week": result.plain_hours_per_week, "certified": result.plain_certificate.is_certified},
        **{name: [_plain(row) for row in rows] for name, rows in frames.items()},
    )


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(key): number_or_null(value) if isinstance(value, float) else value for key, value in row.items()}
