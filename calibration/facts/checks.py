"""Do published figures agree with one another?  What they contradict, what they leave open, what can't be compared.

In comes a ledger with all that follows from it; out come :class:`Check`, each one sentence with the numbers that it is
about.  A check never says who is right, and one that rests on an assumption never says "contradiction".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Final, Literal

from calibration.facts.ledger import CASE_CLASSES, ItemLimits, Ledger, Percentage
from calibration.facts.limits import LimitCuts, limit_cuts
from calibration.facts.percentages import OF_TIME
from calibration.facts.spans import Span
from foundation.errors import HallplanError
from foundation.messages import Language

__all__ = ["VERDICTS", "Check", "Verdict", "checks"]

Verdict = Literal["agrees", "tension", "contradiction", "open", "not-comparable"]
VERDICTS: Final[tuple[Verdict, ...]] = ("contradiction", "tension", "not-comparable", "open", "agrees")
"""From bad to good: they can't all be right; they can, if something is unusual or an assumption is wrong; they speak of
different things; the figures don't tell; they agree."""

UNLIKELY: Final = 0.05
"""A chance below this is worth telling."""


@dataclass(frozen=True)
class Check:
    """Figures held against one another.

    Attributes
    ----------
    key
        Which check it is.
    verdict
        How it came out.
    said
        The sentence.
    figures
        Names of the figures that it is about.
    """

    key: str
    verdict: Verdict
    said: HallplanError
    figures: tuple[str, ...]

    def sentence(self, language: Language | None = None) -> str:
        """Return the sentence in a language."""
        return self.said.sentence(language)


def _check(key: str, verdict: Verdict, figures: tuple[str, ...], **values: Any) -> Check:
    said = HallplanError(f"calibration.check.{key}.{verdict}", **values)
    return Check(key, verdict, said, figures)


def _kind(kind: str) -> HallplanError:
    return HallplanError(f"calibration.kind.{kind}" if kind else "calibration.kind.all")


def checks(ledger: Ledger) -> tuple[Check, ...]:
    """Hold the figures of a ledger against one another.

    Parameters
    ----------
    ledger
        With all that follows from it (:func:`calibration.facts.identities.with_identities`).

    Returns
    -------
    tuple of Check
        The worst first, as :data:`VERDICTS` ranks them; each check only where its figures are known.
    """
    found = [check for rule in _RULES for check in rule(ledger)]
    return tuple(sorted(found, key=lambda check: VERDICTS.index(check.verdict)))


# ---- counts ---------------------------------------------------------------------------------------------------------


def _sums_of_kinds(ledger: Ledger) -> Iterator[Check]:
    for what in ("accepted", "finished"):
        names = [f"{kind}_{what}" for kind in ledger.classes if f"{kind}_{what}" in ledger]
        if what not in ledger or not names or len(names) < len(ledger.classes):
            continue
        total, parts = ledger.known[what].value, sum(ledger.known[name].value for name in names)
        verdict: Verdict = "agrees" if parts == total else "contradiction" if parts > total else "tension"
        label = HallplanError(f"calibration.what.{what}")
        yield _check(
            "sum_of_kinds", verdict, (what, *names), what=label, total=total, parts=parts, rest=abs(total - parts)
        )


def _more_finished_than_accepted(ledger: Ledger) -> Iterator[Check]:
    for kind in ("", *ledger.classes):
        prefix = f"{kind}_" if kind else ""
        names = (f"{prefix}accepted", f"{prefix}finished")
        if all(name in ledger for name in names):
            accepted, finished = (ledger.known[name].value for name in names)
            if finished > accepted and f"{prefix}open" not in ledger:
                yield _check("more_finished", "tension", names, kind=_kind(kind), accepted=accepted, finished=finished)


def _open_count(ledger: Ledger) -> Iterator[Check]:
    for kind in ("", *ledger.classes):
        prefix = f"{kind}_" if kind else ""
        names = (f"{prefix}open", f"{prefix}accepted", f"{prefix}finished")
        if any(name not in ledger for name in names) or ledger.known[names[0]].kind == "derived":
            continue
        still, accepted, finished = (ledger.known[name].value for name in names)
        carried = still - (accepted - finished)
        verdict: Verdict = "agrees" if carried == 0 else "tension" if carried > 0 else "contradiction"
        yield _check(
            "open_count",
            verdict,
            names,
            kind=_kind(kind),
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
            stated, summed = ledger.known[total].value, ledger.known[parts].value
            verdict: Verdict = "agrees" if stated == summed else "contradiction"
            yield _check("evaluations", verdict, (total, *names), total=stated, parts=summed)


# ---- rates ----------------------------------------------------------------------------------------------------------


def _monthly_rate(ledger: Ledger) -> Iterator[Check]:
    names = ("items_now", "items_per_month_by_count", "implied_period_days", "period_days")
    if any(name not in ledger for name in names):
        return
    stated, counted, implied, period = (ledger.span(name) for name in names)
    fits = period.contains(implied) or stated.contains(counted)
    verdict: Verdict = "agrees" if fits else "tension" if stated.meets(counted) else "contradiction"
    yield _check(
        "monthly_rate",
        verdict,
        names,
        stated=_range(stated),
        counted=_range(counted),
        implied=_range(implied),
        period=_range(period),
    )


def _promise(ledger: Ledger) -> Iterator[Check]:
    for kind in CASE_CLASSES:
        names = tuple(f"{kind}_{what}" for what in ("open", "promise", "days_in_system", "chance_of_open"))
        if any(name not in ledger for name in names):
            continue
        still, promise, days, chance = (ledger.span(name) for name in names)
        verdict: Verdict = "tension" if chance.high < UNLIKELY else "agrees"
        uneven = ledger.known.get(f"{kind}_chance_of_open_uneven")
        yield _check(
            "promise",
            verdict,
            names,
            kind=_kind(kind),
            open=still.low,
            promise=promise.low,
            days=_range(days, 1),
            chance=_chance(chance.high),
            uneven=_chance(uneven.span.high) if uneven else "–",
        )


def _measured_days(ledger: Ledger) -> Iterator[Check]:
    for kind in CASE_CLASSES:
        names = (f"{kind}_measured_days", f"{kind}_days_in_system")
        if all(name in ledger for name in names):
            measured, derived = (ledger.span(name) for name in names)
            verdict: Verdict = "agrees" if measured.meets(derived) else "tension"
            yield _check(
                "measured_days",
                verdict,
                names,
                kind=_kind(kind),
                measured=_range(measured, 2),
                derived=_range(derived, 1),
            )


def _visits_for_each_item(ledger: Ledger) -> Iterator[Check]:
    for when in ("before", "now"):
        name = f"visits_per_item_{when}"
        if name in ledger and ledger.span(name).high < 1:
            yield _check("few_visits", "tension", (name,), visits=_range(ledger.span(name), 2))


def _growth(ledger: Ledger) -> Iterator[Check]:
    names = ("visits_growth", "items_growth")
    if any(name not in ledger for name in names):
        return
    visits, items = (ledger.span(name) for name in names)
    verdict: Verdict = "agrees" if visits.meets(items) else "open"
    yield _check("growth", verdict, names, visits=_range(visits, 2), items=_range(items, 2))


# ---- windows and staff ----------------------------------------------------------------------------------------------


def _windows(ledger: Ledger) -> Iterator[Check]:
    if "windows" in ledger and "offered_load" in ledger:
        load, windows = ledger.known["offered_load"], ledger.span("windows")
        fits, never = load.span.high < windows.low, load.span.low >= windows.high
        bad: Verdict = "tension" if load.assumes else "contradiction"
        verdict: Verdict = "agrees" if fits else bad if never else "open"
        yield _check(
            "windows", verdict, ("windows", "offered_load"), windows=_range(windows), load=_range(load.span, 1)
        )
    if "windows" in ledger and "departments" in ledger and ledger.span("windows").high < ledger.span("departments").low:
        values = {name: _range(ledger.span(name)) for name in ("windows", "departments")}
        yield _check("fewer_windows", "tension", ("windows", "departments"), **values)
    if "windows" in ledger and "staff" in ledger and ledger.span("staff").high < ledger.span("windows").low:
        values = {name: _range(ledger.span(name)) for name in ("windows", "staff")}
        yield _check("fewer_staff", "tension", ("windows", "staff"), **values)


# ---- percentages ----------------------------------------------------------------------------------------------------


def _computed_shares(ledger: Ledger) -> Iterator[Check]:
    """Hold percentages of completion and satisfaction against the counts."""
    for of, names in (
        ("completion", ["finished_share", *(f"{kind}_finished_share" for kind in ledger.classes)]),
        ("satisfaction", ["satisfied_share"]),
    ):
        counted = {name: ledger.known[name].value for name in names if name in ledger}
        stated = [one for one in ledger.percentages if one.of == of and not one.item]
        if not counted or not stated:
            continue
        matches = {
            one.key: [n for n, share in counted.items() if _stated(one, ledger).contains(share, slack=_DUST)]
            for one in stated
        }
        for one in stated:
            if matches[one.key]:
                name = matches[one.key][0]
                yield _check("share", "agrees", (one.key, name), stated=_percent(one), counted=_share(counted[name], 2))
            elif not any(matches.values()):
                yield _check(
                    "share",
                    "contradiction",
                    (one.key, names[0]),
                    stated=_percent(one),
                    counted=_share(next(iter(counted.values())), 2),
                )


def _same_measure_twice(ledger: Ledger) -> Iterator[Check]:
    for one, other in combinations(ledger.percentages, 2):
        if one.of != other.of or one.item != other.item or "before" in (one.period, other.period):
            continue
        if _stated(one, ledger).meets(_stated(other, ledger)):
            continue
        apart = one.period != other.period
        yield _check(
            "same_measure",
            "not-comparable" if apart else "contradiction",
            (one.key, other.key),
            of=HallplanError(f"calibration.of.{one.of}"),
            one=_percent(one),
            other=_percent(other),
            one_place=one.place,
            other_place=other.place,
        )


def _different_measures(ledger: Ledger) -> Iterator[Check]:
    """Percentages of time that speak of different things: each pair, and the hall's against one item's."""
    of_time = [one for one in ledger.percentages if one.of in OF_TIME]
    for one, other in combinations(of_time, 2):
        if one.of != other.of and one.item == other.item:
            yield _check(
                "different_measures",
                "not-comparable",
                (one.key, other.key),
                one=_percent(one),
                one_of=HallplanError(f"calibration.of.{one.of}"),
                other=_percent(other),
                other_of=HallplanError(f"calibration.of.{other.of}"),
            )
    of_limits = [one for one in of_time if one.of in ("limit", "promise", "limit-unnamed") and not one.item]
    for one, (item, (name, share)) in product(of_limits, _cuts_of_one_item(ledger).items()):
        yield _check(
            "one_item",
            "not-comparable",
            (one.key, item),
            one=_percent(one),
            of=HallplanError(f"calibration.of.{one.of}"),
            item=name,
            share=_share(share),
        )


def _cuts_of_one_item(ledger: Ledger) -> dict[str, tuple[str | HallplanError, float]]:
    found: dict[str, tuple[str | HallplanError, float]] = {
        name: (name, cut) for name, one in ledger.limits.items() if (cut := _cut(one.before, one.now)) is not None
    }
    if "licence_cut" in ledger:
        title = HallplanError("calibration.identity.licence_cut.title")
        found["licence_cut"] = (title, ledger.known["licence_cut"].value)
    return found


def _words(ledger: Ledger) -> Iterator[Check]:
    for one in ledger.percentages:
        if one.declared is not None and one.words and one.declared != one.of:
            yield _check(
                "words",
                "tension" if one.of == "unclear" else "contradiction",
                (one.key,),
                stated=_percent(one),
                words=one.words,
                of=HallplanError(f"calibration.of.{one.of}"),
                declared=HallplanError(f"calibration.of.{one.declared}"),
            )


# ---- limits ---------------------------------------------------------------------------------------------------------


def _items(ledger: Ledger) -> Iterator[Check]:
    for name, one in ledger.limits.items():
        if one.statutory is not None and one.promised is not None and one.promised > one.statutory:
            yield _check(
                "above_statutory",
                "contradiction",
                (name,),
                item=name,
                promised=one.promised,
                statutory=one.statutory,
            )
        if one.now is not None and one.promised is not None and one.now > one.promised:
            yield _check("above_promise", "tension", (name,), item=name, now=one.now, promised=one.promised)


def _percentages_of_items(ledger: Ledger) -> Iterator[Check]:
    for one in ledger.percentages:
        limits = ledger.limits.get(one.item) if one.item else None
        computed = None if limits is None else _computed(one, limits)
        if computed is None:
            continue
        agrees = _stated(one, ledger).contains(computed, slack=_DUST)
        yield _check(
            "item_share",
            "agrees" if agrees else "contradiction",
            (one.key, one.item),
            item=one.item,
            stated=_percent(one),
            computed=_share(computed),
            of=HallplanError(f"calibration.of.{one.of}"),
        )


def _computed(one: Percentage, limits: ItemLimits) -> float | None:
    match one.of:
        case "limit":
            return _cut(limits.statutory, limits.promised)
        case "actual":
            return _cut(limits.before, limits.now)
        case "actual-limit":
            return _cut(limits.statutory, limits.now)
        case "actual-promise":
            return _cut(limits.promised, limits.now)
        case _:
            return None


def _cut(old: float | None, new: float | None) -> float | None:
    return None if not old or new is None else 1 - new / old


def _percentage_of_the_catalogue(ledger: Ledger) -> Iterator[Check]:
    listed = {name: one for name, one in ledger.limits.items() if one.statutory and one.promised is not None}
    stated = [one for one in ledger.percentages if one.of == "limit" and not one.item]
    if len(listed) < 2 or not stated:
        return
    cuts = _cuts(list(listed.values()))
    shares = {name: getattr(cuts, name) for name in _CONVENTIONS if not math.isnan(getattr(cuts, name))}
    for one in stated:
        meant = [name for name, share in shares.items() if _may_mean(one, name, share, ledger)]
        verdict: Verdict = "agrees" if meant else "contradiction" if ledger.limits_complete else "open"
        yield _check(
            "catalogue",
            verdict,
            (one.key, *listed),
            stated=_percent(one),
            items=len(listed),
            meant=_listed([HallplanError(f"calibration.convention.{name}") for name in meant]),
            item_mean=_share(cuts.item_mean),
            of_sums=_share(cuts.of_sums),
            by_volume=_share(cuts.by_volume) if not math.isnan(cuts.by_volume) else "–",
            largest=_share(cuts.largest),
        )


def _may_mean(one: Percentage, convention: str, share: float, ledger: Ledger) -> bool:
    """Tell whether a percentage may be this one; "up to" means the largest cut and nothing else."""
    if one.amount.wording == "at-most":
        reach = one.amount.place / 2
        return convention == "largest" and abs(share - one.amount.value) <= reach + _DUST
    return _stated(one, ledger).contains(share, slack=_DUST)


_CONVENTIONS: Final = ("item_mean", "of_sums", "by_volume", "largest")


def _cuts(items: list[ItemLimits]) -> LimitCuts:
    volumes = [one.volume for one in items]
    known = all(volume is not None for volume in volumes) and any(volumes)
    return limit_cuts(
        [one.statutory or math.nan for one in items],
        [math.nan if one.promised is None else one.promised for one in items],
        volumes=[volume or 0.0 for volume in volumes] if known else None,
    )


# ---- words and numbers ----------------------------------------------------------------------------------------------

_DUST: Final = 1e-9
"""What floating point adds to a share."""


def _stated(one: Percentage, ledger: Ledger) -> Span:
    return one.amount.span(ledger.widths)


def _percent(one: Percentage) -> str:
    return one.amount.text


def _share(share: float, places: int = 1) -> str:
    return f"{100 * share:.{places}f}%"


def _range(span: Span, places: int = 0) -> str:
    low, high = f"{span.low:,.{places}f}", f"{span.high:,.{places}f}"
    return low if low == high else f"{low}–{high}"


def _chance(probability: float) -> str:
    return f"{probability:.1g}" if probability < 0.001 else f"{probability:.3f}"


def _listed(parts: list[HallplanError]) -> HallplanError | str:
    """Join phrases one after the other, in whatever language they are asked for."""
    if not parts:
        return "–"
    first, *rest = parts
    return first if not rest else HallplanError("calibration.list", first=first, rest=_listed(rest))


_RULES: Final[tuple[Callable[[Ledger], Iterator[Check]], ...]] = (
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
    _computed_shares,
    _same_measure_twice,
    _different_measures,
    _words,
    _items,
    _percentages_of_items,
    _percentage_of_the_catalogue,
)
