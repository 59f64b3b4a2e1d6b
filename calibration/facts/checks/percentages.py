"""Checks of published percentages, and of the limits and times of single items.

Input: a ledger with all derived figures.  Output: checks; a check is left out if one of its figures is unknown.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations, product
from typing import Final

from calibration.facts.checks.check import (
    ROUNDING,
    Check,
    Verdict,
    check,
    cut,
    joined,
    percent_text,
    share_text,
    stated_span,
)
from calibration.facts.ledger import ItemLimits, Ledger, Percentage
from calibration.facts.percentages import OF_TIME
from foundation.errors import HallplanError
from sim.measure.limits import LimitCuts, limit_cuts

__all__ = ["RULES"]


def _computed_shares(ledger: Ledger) -> Iterator[Check]:
    """Compare percentages of completion and satisfaction with the counts."""
    for of, names in (
        ("completion", ["finished_share", *(f"{kind}_finished_share" for kind in ledger.classes)]),
        ("satisfaction", ["satisfied_share"]),
    ):
        counted = {name: ledger.figures[name].value for name in names if name in ledger}
        stated = [percentage for percentage in ledger.percentages if percentage.of == of and not percentage.item]
        if not counted or not stated:
            continue
        matches = {
            percentage.key: [
                n for n, share in counted.items() if stated_span(percentage, ledger).contains(share, slack=ROUNDING)
            ]
            for percentage in stated
        }
        for percentage in stated:
            if matches[percentage.key]:
                name = matches[percentage.key][0]
                yield check(
                    "share",
                    "agrees",
                    (percentage.key, name),
                    stated=percent_text(percentage),
                    counted=share_text(counted[name], 2),
                )
            elif not any(matches.values()):
                yield check(
                    "share",
                    "contradiction",
                    (percentage.key, names[0]),
                    stated=percent_text(percentage),
                    counted=share_text(next(iter(counted.values())), 2),
                )


def _same_measure_twice(ledger: Ledger) -> Iterator[Check]:
    for percentage, other in combinations(ledger.percentages, 2):
        if percentage.of != other.of or percentage.item != other.item or "before" in (percentage.period, other.period):
            continue
        if stated_span(percentage, ledger).meets(stated_span(other, ledger)):
            continue
        apart = percentage.period != other.period
        yield check(
            "same_measure",
            "not-comparable" if apart else "contradiction",
            (percentage.key, other.key),
            of=HallplanError(f"calibration.of.{percentage.of}"),
            one=percent_text(percentage),
            other=percent_text(other),
            one_place=percentage.place,
            other_place=other.place,
        )


def _different_measures(ledger: Ledger) -> Iterator[Check]:
    """Compare percentages of time that refer to different measures: each pair, and the hall's with one item's."""
    of_time = [percentage for percentage in ledger.percentages if percentage.of in OF_TIME]
    for percentage, other in combinations(of_time, 2):
        if percentage.of != other.of and percentage.item == other.item:
            yield check(
                "different_measures",
                "not-comparable",
                (percentage.key, other.key),
                one=percent_text(percentage),
                one_of=HallplanError(f"calibration.of.{percentage.of}"),
                other=percent_text(other),
                other_of=HallplanError(f"calibration.of.{other.of}"),
            )
    of_limits = [
        percentage
        for percentage in of_time
        if percentage.of in ("limit", "promise", "limit-unnamed") and not percentage.item
    ]
    for percentage, (item, (name, share)) in product(of_limits, _cuts_of_one_item(ledger).items()):
        yield check(
            "one_item",
            "not-comparable",
            (percentage.key, item),
            one=percent_text(percentage),
            of=HallplanError(f"calibration.of.{percentage.of}"),
            item=name,
            share=share_text(share),
        )


def _cuts_of_one_item(ledger: Ledger) -> dict[str, tuple[str | HallplanError, float]]:
    cuts: dict[str, tuple[str | HallplanError, float]] = {
        name: (name, share)
        for name, limits in ledger.limits.items()
        if (share := cut(limits.before, limits.now)) is not None
    }
    if "licence_cut" in ledger:
        title = HallplanError("calibration.identity.licence_cut.title")
        cuts["licence_cut"] = (title, ledger.figures["licence_cut"].value)
    return cuts


def _words(ledger: Ledger) -> Iterator[Check]:
    for percentage in ledger.percentages:
        if percentage.declared is not None and percentage.declared != percentage.of:
            yield check(
                "words",
                "contradiction",
                (percentage.key,),
                stated=percent_text(percentage),
                words=percentage.words,
                of=HallplanError(f"calibration.of.{percentage.of}"),
                declared=HallplanError(f"calibration.of.{percentage.declared}"),
            )


# ---- limits --------------------------------------------------------------------------------------------------------


def _items(ledger: Ledger) -> Iterator[Check]:
    for name, limits in ledger.limits.items():
        if limits.statutory is not None and limits.promised is not None and limits.promised > limits.statutory:
            yield check(
                "above_statutory",
                "contradiction",
                (name,),
                item=name,
                promised=limits.promised,
                statutory=limits.statutory,
            )
        if limits.now is not None and limits.promised is not None and limits.now > limits.promised:
            yield check("above_promise", "tension", (name,), item=name, now=limits.now, promised=limits.promised)


def _percentages_of_items(ledger: Ledger) -> Iterator[Check]:
    for percentage in ledger.percentages:
        limits = ledger.limits.get(percentage.item) if percentage.item else None
        computed = None if limits is None else _computed(percentage, limits)
        if computed is None:
            continue
        agrees = stated_span(percentage, ledger).contains(computed, slack=ROUNDING)
        yield check(
            "item_share",
            "agrees" if agrees else "contradiction",
            (percentage.key, percentage.item),
            item=percentage.item,
            stated=percent_text(percentage),
            computed=share_text(computed),
            of=HallplanError(f"calibration.of.{percentage.of}"),
        )


def _computed(percentage: Percentage, limits: ItemLimits) -> float | None:
    match percentage.of:
        case "limit":
            return cut(limits.statutory, limits.promised)
        case "actual":
            return cut(limits.before, limits.now)
        case "actual-limit":
            return cut(limits.statutory, limits.now)
        case "actual-promise":
            return cut(limits.promised, limits.now)
        case _:
            return None


def _percentage_of_the_catalogue(ledger: Ledger) -> Iterator[Check]:
    listed = {
        name: percentage
        for name, percentage in ledger.limits.items()
        if percentage.statutory and percentage.promised is not None
    }
    stated = [percentage for percentage in ledger.percentages if percentage.of == "limit" and not percentage.item]
    if len(listed) < 2 or not stated:
        return
    cuts = _cuts(list(listed.values()))
    shares = {name: getattr(cuts, name) for name in _CONVENTIONS if not math.isnan(getattr(cuts, name))}
    for percentage in stated:
        meant = [name for name, share in shares.items() if _may_mean(percentage, name, share, ledger)]
        verdict: Verdict = "agrees" if meant else "contradiction" if ledger.limits_complete else "open"
        yield check(
            "catalogue",
            verdict,
            (percentage.key, *listed),
            stated=percent_text(percentage),
            items=len(listed),
            meant=joined([HallplanError(f"calibration.convention.{name}") for name in meant]),
            item_mean=share_text(cuts.item_mean),
            of_sums=share_text(cuts.of_sums),
            by_volume=share_text(cuts.by_volume) if not math.isnan(cuts.by_volume) else "–",
            largest=share_text(cuts.largest),
        )


def _may_mean(percentage: Percentage, convention: str, share: float, ledger: Ledger) -> bool:
    """Tell whether a percentage may be this one; "up to" means the largest cut and nothing else."""
    if percentage.amount.wording == "at-most":
        reach = percentage.amount.place / 2
        return convention == "largest" and abs(share - percentage.amount.value) <= reach + ROUNDING
    return stated_span(percentage, ledger).contains(share, slack=ROUNDING)


_CONVENTIONS: Final = ("item_mean", "of_sums", "by_volume", "largest")


def _cuts(items: list[ItemLimits]) -> LimitCuts:
    volumes = [limits.volume for limits in items]
    weighted = all(volume is not None for volume in volumes) and any(volumes)
    return limit_cuts(
        [limits.statutory or math.nan for limits in items],
        [math.nan if limits.promised is None else limits.promised for limits in items],
        volumes=[volume or 0.0 for volume in volumes] if weighted else None,
    )


RULES = (
    _computed_shares,
    _same_measure_twice,
    _different_measures,
    _words,
    _items,
    _percentages_of_items,
    _percentage_of_the_catalogue,
)
