"""By how much limits and times are cut, and which lever earns how much, as tables of text and as JSON.

Input: a :class:`~planner.compression_study.Compression`.  Output: tables and a document.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from foundation import messages
from foundation.numbers import NOTHING, estimate_text, number, range_text
from hallplan.show.document import envelope, interval_document, number_or_null, scenario_document
from hallplan.show.notes import window_note
from hallplan.show.text_table import TextTable, columns, notes_only
from hallplan.show.words import lever_titles, service_title
from planner.attribution import MOST_EXACT
from planner.clocks import CLOCKS
from planner.compression_study import WEIGHTINGS

if TYPE_CHECKING:
    from planner.attribution import Attribution, LeverPair, LeverPart
    from planner.clocks import ItemClocks, ThreeClocks
    from planner.compression_study import Compression, DemandAfter, Earned
    from planner.supported_days import SupportedDays
    from scenarios.model import Scenario
    from sim.statistics.intervals import Interval

__all__ = [
    "compression_document",
    "compression_tables",
    "contribution_table",
    "covers_note",
    "demand_notes",
    "interval_text",
    "items_table",
    "lever_sentence",
    "name_after",
    "orders_notes",
    "verdict_sentence",
]

_ITEM_COLUMNS: Final = ("item", "#cases", "#statutory", "#promised", "#supported", "#within_promise")
_MOST_ITEMS: Final = 10
_MOST_PAIRS: Final = 5
_MOST_WEAK: Final = 5
"""Weak items that the sentence names."""


def _columns(*keys: str) -> Any:
    return columns(*keys, heading=lambda key: messages.text(f"cli.compression.column.{key}"))


def compression_tables(result: Compression) -> list[TextTable]:
    """Return the three clocks, the weakest items, and the attribution by both weightings."""
    earned = [_attribution(result, weighting) for weighting in WEIGHTINGS]
    seed = result.provenance.parameters["seed"] if result.provenance else 0
    notes = [
        messages.text("cli.compression.convention"),
        covers_note(result),
        *demand_notes(result),
        *orders_notes(result),
        window_note(result.before.scenario, replications=result.replications, seed=seed),
    ]
    supported = _supported(result)
    verdict = notes_only(verdict_sentence(result))
    return [_clocks(result), _weakest(result), *earned, *supported, *_interactions(result), notes_only(*notes), verdict]


def covers_note(result: Compression) -> str:
    """Say what the attribution and its intervals are about."""
    key = "cli.compression.model_posterior" if result.draws else "cli.compression.model"
    return messages.text(key, replications=result.replications, draws=result.draws)


def demand_notes(result: Compression) -> list[str]:
    """Say what demand the scenarios before and after expect, and at which the attribution holds."""
    before, after = result.demands
    names = {"before": result.before.scenario.name, "after": name_after(result)}
    notes = [messages.text("cli.compression.demands", **names, visits_before=before, visits_after=after)]
    if (other := result.at_demand_after) is not None:
        days = {
            "days": other.by_sums.levers.base.estimate,
            "days_by_volume": other.by_volume.levers.base.estimate,
        }
        notes.append(messages.text("cli.compression.both_demands", **names, visits=other.visits_per_day, **days))
    return notes


def orders_notes(result: Compression) -> list[str]:
    """Say that orders are sampled, if they are."""
    orders, levers = result.combinations.orders, len(result.combinations.names)
    if orders is None:
        return []
    pairs = result.by_volume.levers.pairs
    unknown = sum(math.isnan(pair.interaction.estimate) for pair in pairs)
    numbers = {"levers": levers, "orders": len(orders), "pairs": len(pairs), "unknown": unknown}
    return [messages.text("cli.compression.orders", **numbers, most=MOST_EXACT)]


def _clocks(result: Compression) -> TextTable:
    clocks = result.clocks
    rows = []
    for clock in CLOCKS:
        cells = [interval_text(getattr(getattr(clocks, clock), weighting), "share") for weighting in WEIGHTINGS]
        rows.append((messages.text(f"cli.compression.clock.{clock}", q=clocks.q), *cells))
    left_out = len(clocks.without_cases)
    notes = [
        messages.text("cli.compression.weightings", n=len(clocks.items)),
        messages.text("cli.compression.without_cases", n=left_out) if left_out else "",
        messages.text("cli.compression.within_promise", share=clocks.within_promise.estimate),
    ]
    names = {"before": result.before.scenario.name, "after": name_after(result)}
    title = messages.text("cli.compression.title", **names)
    return TextTable(_columns("clock", "#by_sums", "#by_volume"), tuple(rows), title, tuple(filter(None, notes)))


def name_after(result: Compression) -> str:
    """Return what the scenario after is called."""
    name, base = result.after.scenario.name, result.before.scenario.name
    return name if name != base else messages.text("cli.compression.with_levers", scenario=base)


def _weakest(result: Compression) -> TextTable:
    clocks, weak = result.clocks, result.clocks.weak
    numbers = {"n": len(weak), "all": len(clocks.items), "q": clocks.q}
    if not weak:
        return notes_only(messages.text("cli.compression.all_keep", **numbers))
    rows = [_item_row(result.after.scenario, item) for item in weak[:_MOST_ITEMS]]
    notes = [messages.text("cli.compression.few_cases")]
    if len(weak) > _MOST_ITEMS:
        notes.append(messages.text("cli.compression.more_items", n=len(weak) - _MOST_ITEMS))
    title = messages.text("cli.compression.weak", **numbers)
    return TextTable(_columns(*_ITEM_COLUMNS), tuple(rows), title, tuple(notes))


def items_table(clocks: ThreeClocks, scenario: Scenario) -> TextTable:
    """Return all items of a scenario, those that do not keep their promise first, the weakest of them on top."""
    weak = clocks.weak
    rows = [_item_row(scenario, item) for item in (*weak, *(item for item in clocks.items if item not in weak))]
    numbers = {"n": len(weak), "all": len(clocks.items), "q": clocks.q}
    title = messages.text(f"cli.compression.{'weak' if weak else 'all_keep'}", **numbers)
    return TextTable(_columns(*_ITEM_COLUMNS), tuple(rows), title)


def _item_row(scenario: Scenario, item: ItemClocks) -> tuple[str, ...]:
    limits = (item.statutory, item.promised, item.supported)
    within_promise = estimate_text(
        item.within_promise.estimate, max(item.within_promise.low, 0.0), min(item.within_promise.high, 1.0), "share"
    )
    cases = number(item.cases, "count", 0)
    return (
        service_title(scenario, item.item),
        cases,
        *(number(days, "days", 0) for days in limits),
        within_promise,
    )


def _attribution(result: Compression, weighting: str) -> TextTable:
    earned: Earned = getattr(result, weighting)
    levers = earned.levers
    rows = [_part_row(part) for part in levers.parts]
    total = interval_text(levers.total, "days"), interval_text(levers.relative, "share")
    rows.append((messages.text("cli.compression.all_levers"), *total, NOTHING, NOTHING))
    if result.after.scenario.name != result.before.scenario.name:
        rest = messages.text("cli.compression.rest", after=result.after.scenario.name)
        rows.append((rest, interval_text(earned.rest, "days"), NOTHING, NOTHING, NOTHING))
    keys = ["lever", "#shapley", "#relative", "#first_in", "#last_in"]
    if result.at_demand_after is not None:
        other: Earned = getattr(result.at_demand_after, weighting)
        shares = [*(part.share for part in other.levers.parts), other.levers.total, other.rest]
        keys.insert(2, "#shapley_after")
        rows = [(*row[:2], interval_text(share, "days"), *row[2:]) for row, share in zip(rows, shares, strict=False)]
    title = messages.text(f"cli.compression.earned_{weighting}", days=levers.base.estimate)
    return TextTable(_columns(*keys), tuple(rows), title)


def contribution_table(levers: Attribution) -> TextTable:
    """Return what each lever saves in days, and as a share of the days before."""
    parts = [(lever_titles(part.lever), part.share, part.relative) for part in levers.parts]
    parts.append((messages.text("cli.compression.all_levers"), levers.total, levers.relative))
    rows = [(title, interval_text(days, "days"), interval_text(share, "share")) for title, days, share in parts]
    return TextTable(_columns("lever", "#saved", "#relative"), tuple(rows))


def _supported(result: Compression) -> list[TextTable]:
    """Return the attribution of the supported limits, every item counted once."""
    supported = result.supported_by_sums
    if supported is None:
        return []
    rows = [_part_row(part) for part in supported.parts]
    total = interval_text(supported.total, "days"), interval_text(supported.relative, "share")
    rows.append((messages.text("cli.compression.all_levers"), *total, NOTHING, NOTHING))
    title = messages.text("cli.compression.earned_supported", q=result.clocks.q, days=supported.base.estimate)
    notes = [messages.text("cli.compression.supported_note", n=supported.items)]
    if supported.without_limit:
        notes.append(messages.text("cli.compression.without_limit", n=supported.without_limit, q=result.clocks.q))
    headings = _columns("lever", "#shapley", "#relative", "#first_in", "#last_in")
    return [TextTable(headings, tuple(rows), title, tuple(notes))]


def verdict_sentence(result: Compression) -> str:
    """Say whether a promise so much below the statutory limits is kept, and thanks to which lever."""
    verdict = result.verdict
    numbers = {"cut": verdict.question.cut, "q": verdict.question.q, "after": name_after(result)}
    promise = messages.text("cli.compression.verdict.kept", probability=_probability(verdict.kept_after), **numbers)
    parts = [promise, *_lever_parts(result)]
    if result.clocks.weak:
        weak = [service_title(result.after.scenario, item.item) for item in result.clocks.weak[:_MOST_WEAK]]
        items = messages.text("cli.promise.separator").join(weak)
        parts.append(messages.text("cli.promise.sentence_weakest", items=items))
    return messages.text("cli.promise.sentence_between").join(parts) + messages.text("cli.promise.sentence_end")


def lever_sentence(result: Compression) -> str:
    """Say of a promise so much below the statutory limits which lever earned most, and which is missed most."""
    parts = messages.text("cli.promise.sentence_between").join(_lever_parts(result))
    about = messages.text("cli.compression.verdict.about", cut=result.verdict.question.cut, q=result.clocks.q)
    return about + parts + messages.text("cli.promise.sentence_end")


def _lever_parts(result: Compression) -> list[str]:
    verdict, names = result.verdict, result.combinations.names
    part = result.by_volume.levers.parts[verdict.earned_most]
    most = {
        "lever": lever_titles(part.lever),
        "days": part.share.estimate,
        "base": result.by_volume.levers.base.estimate,
    }
    worst = verdict.without[verdict.hurts_most].estimate
    key = "holds" if not verdict.holds_with_all else "fails" if worst < verdict.question.q else "weakens"
    left_out = {"lever": lever_titles(names[verdict.hurts_most]), "share": worst, "with_all": verdict.with_all.estimate}
    return [
        messages.text(f"cli.compression.verdict.{'most' if verdict.is_clear else 'most_unclear'}", **most),
        messages.text(f"cli.compression.verdict.{key}", **left_out, q=verdict.question.q),
    ]


def _probability(interval: Interval) -> str:
    estimate, low, high = (number(end, "share", 0) for end in (interval.estimate, interval.low, interval.high))
    return f"{estimate} ({low.removesuffix('%')}–{high})"


def _part_row(part: LeverPart) -> tuple[str, ...]:
    return (
        lever_titles(part.lever),
        interval_text(part.share, "days"),
        interval_text(part.relative, "share"),
        interval_text(part.first_in, "days"),
        interval_text(part.last_in, "days"),
    )


def _interactions(result: Compression) -> list[TextTable]:
    pairs = [pair for pair in result.by_volume.levers.pairs if pair.interaction.excludes_zero]
    if not pairs:
        return []

    def strength(pair: LeverPair) -> float:
        return -abs(pair.interaction.estimate)

    shown = sorted(pairs, key=strength)[:_MOST_PAIRS]
    rows = tuple((*map(lever_titles, pair.levers), interval_text(pair.interaction, "days")) for pair in shown)
    notes = (messages.text("cli.compression.interaction_note"),)
    title = messages.text("cli.compression.interactions")
    return [TextTable(_columns("lever", "other", "#interaction"), rows, title, notes)]


def interval_text(interval: Interval, kind: str) -> str:
    """Write an estimate with the ends of its interval, which are one number where nothing varies."""
    if interval.low == interval.high:
        return number(interval.estimate, kind)
    return f"{number(interval.estimate, kind)} ({range_text(interval.low, interval.high, kind)})"


def compression_document(result: Compression) -> dict[str, Any]:
    """Return the document of ``hallplan compression``."""
    clocks = result.clocks
    return envelope(
        "compression",
        before=scenario_document(result.before.scenario),
        after=scenario_document(result.after.scenario),
        levers=list(result.combinations.names),
        orders=None if result.combinations.orders is None else len(result.combinations.orders),
        simulated=len(result.combinations.distinct),
        replications=result.replications,
        draws=result.draws,
        demand=dict(zip(("before", "after"), result.demands, strict=True)),
        q=clocks.q,
        clocks={
            clock: {
                weighting: interval_document(getattr(getattr(clocks, clock), weighting)) for weighting in WEIGHTINGS
            }
            for clock in CLOCKS
        },
        within_promise=interval_document(clocks.within_promise),
        items=[_item_document(item) for item in clocks.items],
        weak=[item.item for item in clocks.weak],
        without_cases=list(clocks.without_cases),
        supported={
            "by_sums": _supported_document(result.supported_by_sums),
            "by_volume": _supported_document(result.supported_by_volume),
        },
        verdict=_verdict_document(result),
        sentence=verdict_sentence(result),
        attribution={weighting: _earned_document(getattr(result, weighting)) for weighting in WEIGHTINGS},
        attribution_at_demand_after=_demand_after_document(result.at_demand_after),
        notes=[
            messages.text("cli.compression.convention"),
            covers_note(result),
            *demand_notes(result),
            *orders_notes(result),
        ],
        provenance=result.provenance.as_dict() if result.provenance else None,
    )


def _supported_document(supported: SupportedDays | None) -> dict[str, Any] | None:
    if supported is None:
        return None
    return {
        "base": interval_document(supported.base),
        "total": interval_document(supported.total),
        "relative": interval_document(supported.relative),
        "items": supported.items,
        "without_limit": supported.without_limit,
        "parts": [_part_document(part) for part in supported.parts],
    }


def _part_document(part: LeverPart) -> dict[str, Any]:
    measures = ("share", "relative", "first_in", "last_in")
    return {"lever": part.lever, **{name: interval_document(getattr(part, name)) for name in measures}}


def _verdict_document(result: Compression) -> dict[str, Any]:
    verdict, names = result.verdict, result.combinations.names
    return {
        "cut": verdict.question.cut,
        "kept_after": interval_document(verdict.kept_after),
        "with_all": interval_document(verdict.with_all),
        "without": [
            {"lever": lever, "share": interval_document(share)}
            for lever, share in zip(names, verdict.without, strict=True)
        ],
        "earned_most": names[verdict.earned_most],
        "is_clear": verdict.is_clear,
    }


def _item_document(item: ItemClocks) -> dict[str, Any]:
    days = {name: number_or_null(getattr(item, name)) for name in ("statutory", "promised", "supported")}
    means = {"mean_days_before": number_or_null(item.before), "mean_days_after": number_or_null(item.after)}
    return {
        "item": item.item,
        "cases": item.cases,
        **days,
        "within_promise": interval_document(item.within_promise),
        **means,
    }


def _demand_after_document(other: DemandAfter | None) -> dict[str, Any] | None:
    if other is None:
        return None
    earned = {weighting: _earned_document(getattr(other, weighting)) for weighting in WEIGHTINGS}
    return {"visits_per_day": other.visits_per_day, **earned}


def _earned_document(earned: Earned) -> dict[str, Any]:
    levers = earned.levers
    return {
        "base": interval_document(levers.base),
        "total": interval_document(levers.total),
        "relative": interval_document(levers.relative),
        "rest": interval_document(earned.rest),
        "parts": [_part_document(part) for part in levers.parts],
        "interactions": [
            {"levers": list(pair.levers), "interaction": interval_document(pair.interaction)} for pair in levers.pairs
        ],
    }
