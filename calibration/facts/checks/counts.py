"""Checks of counts, rates, windows and staff.

Input: a ledger with all derived figures.  Output: checks; a check is left out if one of its figures is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

from calibration.facts.checks.check import UNLIKELY, Check, Verdict, chance_text, check, kind_title, range_text
from calibration.facts.ledger import CASE_CLASSES, Ledger
from foundation.errors import HallplanError

__all__ = ["RULES"]

# ---- counts ---------------------------------------------------------------------------------------------------------


def _sums_of_kinds(ledger: Ledger) -> Iterator[Check]:
    for what in ("accepted", "finished"):
        names = [f"{kind}_{what}" for kind in ledger.classes if f"{kind}_{what}" in ledger]
        if what not in ledger or not names or len(names) < len(ledger.classes):
            continue
        total, parts = ledger.figures[what].value, sum(ledger.figures[name].value for name in names)
        verdict: Verdict = "agrees" if parts == total else "contradiction" if parts > total else "tension"
        label = HallplanError(f"calibration.what.{what}")
        yield check(
            "sum_of_kinds", verdict, (what, *names), what=label, total=total, parts=parts, rest=abs(total - parts)
        )


def _more_finished_than_accepted(ledger: Ledger) -> Iterator[Check]:
    for kind in ("", *ledger.classes):
        prefix = f"{kind}_" if kind else ""
        names = (f"{prefix}accepted", f"{prefix}finished")
        if all(name in ledger for name in names):
            accepted, finished = (ledger.figures[name].value for name in names)
            if finished > accepted and f"{prefix}open" not in ledger:
                yield check(
                    "more_finished", "tension", names, kind=kind_title(kind), accepted=accepted, finished=finished
                )


def _open_count(ledger: Ledger) -> Iterator[Check]:
    for kind in ("", *ledger.classes):
        prefix = f"{kind}_" if kind else ""
        names = (f"{prefix}open", f"{prefix}accepted", f"{prefix}finished")
        if any(name not in ledger for name in names) or ledger.figures[names[0]].kind == "derived":
            continue
        still, accepted, finished = (ledger.figures[name].value for name in names)
        carried = still - (accepted - finished)
        verdict: Verdict = "agrees" if carried == 0 else "tension" if carried > 0 else "contradiction"
        yield check(
            "open_count",
            verdict,
            names,
            kind=kind_title(kind),
            open=still,
            difference=accepted - finished,
            carried=abs(carried),
        )


def _evaluations(ledger: Ledger) -> Iterator[Check]:
    for total, parts, names in (
        ("satisfied_in_all", "satisfied_sum", ("very_satisfied", "satisfied")),
        ("evaluations", "evaluations_sum", ("satisfied_in_all", "not_satisfied")),
    ):
        if total in ledger and parts in ledger:
            stated, summed = ledger.figures[total].value, ledger.figures[parts].value
            verdict: Verdict = "agrees" if stated == summed else "contradiction"
            yield check("evaluations", verdict, (total, *names), total=stated, parts=summed)


# ---- rates ---------------------------------------------------------------------------------------------------------


def _monthly_rate(ledger: Ledger) -> Iterator[Check]:
    names = ("items_now", "items_per_month_by_count", "implied_period_days", "period_days")
    if any(name not in ledger for name in names):
        return
    stated, counted, implied, period = (ledger.span(name) for name in names)
    fits = period.contains(implied) or stated.contains(counted)
    verdict: Verdict = "agrees" if fits else "tension" if stated.meets(counted) else "contradiction"
    yield check(
        "monthly_rate",
        verdict,
        names,
        stated=range_text(stated),
        counted=range_text(counted),
        implied=range_text(implied),
        period=range_text(period),
    )


def _promise(ledger: Ledger) -> Iterator[Check]:
    for kind in CASE_CLASSES:
        names = tuple(f"{kind}_{what}" for what in ("open", "promise", "days_in_system", "chance_of_open"))
        if any(name not in ledger for name in names):
            continue
        still, promise, days, chance = (ledger.span(name) for name in names)
        verdict: Verdict = "tension" if chance.high < UNLIKELY else "agrees"
        uneven = ledger.figures.get(f"{kind}_chance_of_open_uneven")
        yield check(
            "promise",
            verdict,
            names,
            kind=kind_title(kind),
            open=still.low,
            promise=promise.low,
            days=range_text(days, 1),
            chance=chance_text(chance.high),
            uneven=chance_text(uneven.span.high) if uneven else "–",
        )


def _measured_days(ledger: Ledger) -> Iterator[Check]:
    for kind in CASE_CLASSES:
        names = (f"{kind}_measured_days", f"{kind}_days_in_system")
        if all(name in ledger for name in names):
            measured, derived = (ledger.span(name) for name in names)
            verdict: Verdict = "agrees" if measured.meets(derived) else "tension"
            yield check(
                "measured_days",
                verdict,
                names,
                kind=kind_title(kind),
                measured=range_text(measured, 2),
                derived=range_text(derived, 1),
            )


def _visits_for_each_item(ledger: Ledger) -> Iterator[Check]:
    for when in ("before", "now"):
        name = f"visits_per_item_{when}"
        if name in ledger and ledger.span(name).high < 1:
            yield check("few_visits", "tension", (name,), visits=range_text(ledger.span(name), 2))


def _growth(ledger: Ledger) -> Iterator[Check]:
    names = ("visits_growth", "items_growth")
    if any(name not in ledger for name in names):
        return
    visits, items = (ledger.span(name) for name in names)
    verdict: Verdict = "agrees" if visits.meets(items) else "open"
    yield check("growth", verdict, names, visits=range_text(visits, 2), items=range_text(items, 2))


# ---- windows and staff ---------------------------------------------------------------------------------------------


def _windows(ledger: Ledger) -> Iterator[Check]:
    if "windows" in ledger and "offered_load" in ledger:
        load, windows = ledger.figures["offered_load"], ledger.span("windows")
        fits, never = load.span.high < windows.low, load.span.low >= windows.high
        bad: Verdict = "tension" if load.assumes else "contradiction"
        verdict: Verdict = "agrees" if fits else bad if never else "open"
        yield check(
            "windows", verdict, ("windows", "offered_load"), windows=range_text(windows), load=range_text(load.span, 1)
        )
    if "windows" in ledger and "departments" in ledger and ledger.span("windows").high < ledger.span("departments").low:
        values = {name: range_text(ledger.span(name)) for name in ("windows", "departments")}
        yield check("fewer_windows", "tension", ("windows", "departments"), **values)
    if "windows" in ledger and "staff" in ledger and ledger.span("staff").high < ledger.span("windows").low:
        values = {name: range_text(ledger.span(name)) for name in ("windows", "staff")}
        yield check("fewer_staff", "tension", ("windows", "staff"), **values)


RULES = (
    _sums_of_kinds,
    _more_finished_than_accepted,
    _open_count,
    _evaluations,
    _monthly_rate,
    _promise,
    _measured_days,
    _visits_for_each_item,
    _growth,
    _windows,
)
