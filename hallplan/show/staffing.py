"""The result of a question of staffing: the plan, its certificate, and what plain formulas would have staffed.

Input: a :class:`planner.staffing.result.Staffing`.  Output: tables and a document.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from foundation import messages
from foundation.numbers import number
from hallplan.show.document import envelope, interval_document, number_or_null, scenario_document
from hallplan.show.notes import calendar_notes
from hallplan.show.text_table import TextTable, columns, notes_only
from hallplan.show.words import heading, pool_title, weekday_names, yes_or_no
from planner.notices import unannounced_years
from planner.staffing.certificate import RARE, Cell, Certificate
from planner.staffing.result import Staffing
from planner.staffing.roster import MOST_DAYS, MOST_HOURS
from planner.staffing.shifts import shift_label
from planner.staffing.targets import Target, WaitTarget
from sim.measure.day_counts import HALL
from sim.measure.table import BIN_LABELS

__all__ = ["staffing_document", "staffing_tables"]

_TENTHS: Final = "minutes"
"""The kind of number that is written to a tenth, as hours of people are here."""
_NONE: Final = "–"
_MOST_NAMED: Final = 6
"""Pools and half-hours that a sentence names."""
_MINIMALITY: Final = {"enumerated": "cli.staff.enumerated", "single": "cli.staff.least", "none": "cli.staff.not_least"}


def staffing_tables(result: Staffing) -> list[TextTable]:
    """Return the verdict, the shifts of every pool, and the certificate pool by pool."""
    return [
        notes_only(*_verdict(result), title=messages.text("cli.staff.title", name=heading(result.scenario))),
        _plan_table(result),
        *(_certificate_table(result, place) for place in range(len(result.targets))),
        notes_only(*_certificate_notes(result)),
    ]


def _verdict(result: Staffing) -> list[str]:
    certificate = result.certificate
    key = "cli.staff.certified" if result.is_certified else "cli.staff.not_certified"
    is_of_hall = all(cell.members for cell in certificate.cells)
    lines = [
        messages.text(
            key,
            target=result.label,
            confidence=1 - result.effort.alpha,
            part=messages.text("cli.staff.hall_half_hour" if is_of_hall else "cli.staff.pool_half_hour"),
            cells=len(certificate.cells),
            weeks=certificate.weeks,
            attempts=result.attempts,
            where=_named(result, ~certificate.holds, certificate),
        )
    ]
    if result.needed is not None and not result.is_certified:
        lines.append(messages.text("cli.staff.too_few", heads=result.heads, needed=result.needed, least=result.least))
    for cell, value in result.out_of_reach:
        target = result.targets[cell.target]
        words = {"where": _where(result, cell), "target": target.label(), "value": number(value, target.number_kind)}
        lines.append(messages.text("cli.staff.out_of_reach", **words))
    return [*lines, *_nearest(result)]


def _nearest(result: Staffing) -> list[str]:
    """Say what the plan keeps in the place of the targets that it misses."""
    missed = {result.certificate.cells[place].target for place in np.flatnonzero(~result.certificate.holds)}
    lines = []
    for nearest in (nearest for place, nearest in enumerate(result.nearest) if place in missed):
        attained = messages.text("cli.staff.or").join(target.label() for target in nearest.attained)
        key = "cli.staff.nearest" if attained else "cli.staff.nothing_near"
        words = {"target": nearest.target.label(), "kept": attained, "confidence": 1 - result.effort.alpha}
        lines.append(messages.text(key, **words))
    return lines


def _where(result: Staffing, cell: Cell) -> str:
    title = pool_title(result.scenario, cell.pool) if cell.pool != HALL else messages.text("cli.staff.hall")
    if result.targets[cell.target].scope in ("pool", "hall"):
        return title
    if cell.is_pooled:
        return messages.text("cli.staff.pooled", pool=title, n=len(cell.half_hours))
    return f"{title} {BIN_LABELS[cell.half_hours[0]]}"


def _named(result: Staffing, mask: Any, certificate: Certificate) -> str:
    places = np.flatnonzero(mask)
    worst = places[np.argsort(certificate.slack[places], kind="stable")][:_MOST_NAMED]
    names = [f"{_where(result, certificate.cells[place])} {_value(certificate, place)}" for place in worst.tolist()]
    return messages.text("cli.staff.separator").join(names) + (" …" if places.size > _MOST_NAMED else "")


def _value(certificate: Certificate, place: int) -> str:
    """Write the share or mean of a cell."""
    kind = certificate.targets[certificate.cells[place].target].number_kind
    return number(float(certificate.bounds.share[place]), kind)


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
                _NONE if pool.requirement.is_behind else str(pool.requirement.plain_servers),
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
        _behind(result),
        messages.text(_MINIMALITY[result.minimality], bound=number(result.bound_per_week, _TENTHS)),
        messages.text(
            "cli.staff.plain_holds" if plain.is_certified else "cli.staff.plain_fails",
            hours=number(result.plain_hours_per_week, _TENTHS),
            where=_named(result, ~plain.holds, plain),
        ),
    ]
    return [note for note in notes if note]


def _behind(result: Staffing) -> str:
    """Say how many officers there are behind the windows, and where there are others than now; nothing without any."""
    planned, present = dict[str, int](), dict[str, int]()
    for shifts in result.plan.pools:
        required = shifts.requirement
        if required.is_behind:
            planned[required.pool] = max(planned.get(required.pool, 0), shifts.heads)
            present[required.pool] = required.plain_servers
    if not planned:
        return ""
    changed = [
        f"{pool_title(result.scenario, pool)} {present[pool]} → {people}"
        for pool, people in planned.items()
        if people != present[pool]
    ]
    numbers = {"pools": len(planned), "people": sum(planned.values()), "present": sum(present.values())}
    names = messages.text("cli.staff.separator").join(changed)
    return messages.text("cli.staff.behind" if names else "cli.staff.behind_same", **numbers, names=names)


def _certificate_table(result: Staffing, target: int) -> TextTable:
    certificate, plain, goal = result.certificate, result.plain_certificate, result.targets[target]
    rows = []
    for pool in dict.fromkeys(cell.pool for cell in certificate.cells if cell.target == target):
        places = [k for k, cell in enumerate(certificate.cells) if (cell.target, cell.pool) == (target, pool)]
        worst = min(places, key=lambda place: float(certificate.slack[place]))
        worst_of_plain = min(places, key=lambda place: float(plain.slack[place]))
        rows.append(
            (
                pool_title(result.scenario, pool) if pool != HALL else messages.text("cli.staff.hall"),
                _half_hours(certificate.cells[worst], goal),
                _value(certificate, worst),
                number(float(certificate.bound[worst]), goal.number_kind),
                yes_or_no(bool(certificate.holds[places].all())),
                _value(plain, worst_of_plain),
            )
        )
    value = "#called_in_time" if isinstance(goal, WaitTarget) else "#simulated"
    bound = "#upper_bound" if goal.is_cap else "#lower_bound"
    return TextTable(
        columns("pool", "worst_half_hour", value, bound, "holds", "#erlang_c_share"),
        tuple(rows),
        title=messages.text("cli.staff.certificate", target=goal.label()),
    )


def _half_hours(cell: Cell, target: Target) -> str:
    if target.scope in ("pool", "hall"):
        return messages.text("cli.staff.all_day")
    if not cell.is_pooled:
        return BIN_LABELS[cell.half_hours[0]]
    return messages.text("cli.staff.together", n=len(cell.half_hours))


def _certificate_notes(result: Staffing) -> list[str]:
    effort, run = result.effort, result.scenario.run
    judged = {pool for cell in result.certificate.cells for pool, _ in cell.parts}
    unjudged = [required for required in result.requirements if required.pool not in judged and not required.is_behind]
    rare = dict.fromkeys(required.pool for required in unjudged if required.servings.sum() < RARE)
    names = messages.text("cli.staff.separator").join(pool_title(result.scenario, pool) for pool in rare)
    notes = [
        messages.text("cli.staff.judged"),
        messages.text("cli.staff.rare", names=names) if rare else "",
        messages.text("cli.staff.closed", n=number(result.closed_per_day, _TENTHS)) if result.closed_per_day else "",
        messages.text("cli.staff.effort", search=effort.search, check=effort.check, days=run.days),
        *_over_posterior(result),
        *calendar_notes(unannounced_years(result.scenario)),
    ]
    return [note for note in notes if note]


def _over_posterior(result: Staffing) -> list[str]:
    """Say how the plan does where the parameters are uncertain, and where it is short most often."""
    check = result.over_posterior
    if check is None:
        return [messages.text("cli.staff.point")]
    probability = check.probability
    words = {"reached": int(check.reaches.sum()), "draws": check.draws, "kept": check.surely_kept}
    words |= {"missed": check.surely_missed}
    interval = {"estimate": probability.estimate, "low": probability.low, "high": probability.high}
    lines = [messages.text("cli.staff.over_posterior", level=check.level, **words, **interval)]
    weakest = messages.text("cli.staff.separator").join(
        messages.text("cli.staff.weak", where=_where(result, cell), n=misses)
        for cell, misses in check.weakest(_MOST_NAMED)
    )
    return [*lines, messages.text("cli.staff.weakest", names=weakest)] if weakest else lines


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
        targets=[_target_document(target) for target in result.targets],
        certified=result.is_certified,
        message=_verdict(result)[0],
        confidence=1 - result.effort.alpha,
        level=result.certificate.level,
        attempts=result.attempts,
        seed=seed,
        replications={"search": result.effort.search, "check": result.effort.check},
        weeks=result.certificate.weeks,
        people=result.plan.heads,
        most_people=result.heads,
        needed_people=result.needed,
        least_people=result.least,
        officers=len(result.roster),
        hours_per_week=result.plan.hours_per_week,
        yuan_per_week=result.plan.cost_per_week,
        lower_bound_hours_per_week=result.bound_per_week,
        minimality=result.minimality,
        over_posterior=_posterior_document(result),
        joined_while_closed_per_day=result.closed_per_day,
        out_of_reach=[
            {"target": result.targets[cell.target].kind, "where": _where(result, cell), "value": value}
            for cell, value in result.out_of_reach
        ],
        nearest=[
            {
                "target": nearest.target.label(),
                "limit": number_or_null(nearest.limit),
                "within_min": nearest.minutes,
                "kept": [target.label() for target in nearest.attained],
            }
            for nearest in result.nearest
        ],
        erlang_c={"hours_per_week": result.plain_hours_per_week, "certified": result.plain_certificate.is_certified},
        **{name: [_plain(row) for row in rows] for name, rows in frames.items()},
    )


def _posterior_document(result: Staffing) -> dict[str, Any] | None:
    check = result.over_posterior
    if check is None:
        return None
    return {
        "draws": check.draws,
        "probability": interval_document(check.probability),
        "surely_kept": check.surely_kept,
        "surely_missed": check.surely_missed,
        "weakest": [{"where": _where(result, cell), "draws": n} for cell, n in check.weakest(_MOST_NAMED)],
    }


def _target_document(target: Target) -> dict[str, Any]:
    within = {"within_min": target.within_min} if isinstance(target, WaitTarget) else {}
    return {"kind": target.kind, "limit": target.limit, **within, "label": target.label()}


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(key): number_or_null(value) if isinstance(value, float) else value for key, value in row.items()}
