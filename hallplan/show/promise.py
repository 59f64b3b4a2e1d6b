"""The shortest promises of a hall, and how sure the present ones are, as tables of text and as JSON.

Input: a :class:`~planner.promises.Promises`.  Output: tables and a document.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from foundation import messages
from foundation.numbers import number
from hallplan.show.document import envelope, interval_document, number_or_null, scenario_document
from hallplan.show.headroom import demand_words, headroom_document, headroom_table
from hallplan.show.notes import window_note
from hallplan.show.stopped_clocks import stops_document, stops_table
from hallplan.show.text_table import TextTable, columns, notes_only
from hallplan.show.words import heading, judged_title, service_title
from planner.promise_groups import least_cases

if TYPE_CHECKING:
    from planner.promises import ItemPromise, JudgedPromise, Promises
    from sim.statistics.intervals import Interval

__all__ = ["covers_note", "promise_document", "promise_sentence", "promise_tables"]

_MOST_NAMED: Final = 6
"""Items that a sentence names."""


def _columns(*keys: str) -> Any:
    return columns(*keys, heading=lambda key: messages.text(f"cli.promise.column.{key}"))


def promise_tables(result: Promises) -> list[TextTable]:
    """Return the promises, the least sure first, and what is to be known of them."""
    seed = result.provenance.parameters["seed"] if result.provenance else 0
    window = window_note(result.composed.scenario, replications=result.replications, seed=seed)
    headroom = [] if result.headroom is None else [headroom_table(result, result.headroom)]
    notes = notes_only(*_rare(result), covers_note(result), window)
    return [_judged_table(result), *headroom, stops_table(result), notes, notes_only(promise_sentence(result))]


def covers_note(result: Promises) -> str:
    """Say what the probabilities are over."""
    key = "cli.promise.posterior" if result.draws else "cli.promise.chance_only"
    return messages.text(key, replications=result.replications, draws=result.draws)


def promise_sentence(result: Promises) -> str:
    """Say how sure a promise so much below the statutory limits is, up to which demand, and which items are weakest."""
    goal, cut, headroom = result.goal, result.cut, result.headroom
    numbers = {"share": goal.share, "probability": goal.probability, "cut": goal.cut}
    parts = [messages.text("cli.promise.sentence", together=_probability(cut.together), **numbers)]
    if result.judged:
        parts.append(messages.text("cli.promise.sentence_every", every=_probability(cut.every)))
    if headroom is not None:
        parts.append(demand_words(headroom, headroom.cut, probability=goal.probability))
    if cut.weakest:
        weak = [judged_title(result.composed.scenario, result.judged[place].names) for place in cut.weakest]
        named = messages.text("cli.promise.separator").join(weak[:_MOST_NAMED])
        parts.append(messages.text("cli.promise.sentence_weakest", items=named))
    return messages.text("cli.promise.sentence_between").join(parts) + messages.text("cli.promise.sentence_end")


def _judged_table(result: Promises) -> TextTable:
    numbers = {"share": result.goal.share, "probability": result.goal.probability}
    rows = tuple(
        (
            judged_title(result.composed.scenario, judged.names),
            number(judged.cases, "count", 0),
            number(judged.statutory, "days", 0),
            number(judged.promised, "days", 0),
            number(judged.within_promise.estimate, "share", 1),
            _probability(judged.holds),
            _days(judged.shortest),
        )
        for judged in result.judged
    )
    title = messages.text("cli.promise.title", name=heading(result.composed.scenario), **numbers)
    headings = _columns("item", "#cases", "#statutory", "#promised", "#within_promise", "#holds", "#shortest")
    return TextTable(headings, rows, title, tuple(filter(None, _verdict(result))))


def _verdict(result: Promises) -> list[str]:
    notes = [messages.text("cli.promise.reading", share=result.goal.share, probability=result.goal.probability)]
    if not result.judged:
        return notes
    weak = [judged_title(result.composed.scenario, judged.names) for judged in result.weak]
    probabilities = {"every": _probability(result.every), "together": _probability(result.together)}
    notes.append(messages.text("cli.promise.every", share=result.goal.share, **probabilities))
    if weak:
        named = messages.text("cli.promise.separator").join(weak[:_MOST_NAMED])
        notes.append(messages.text("cli.promise.weak", n=len(weak), probability=result.goal.probability, items=named))
    if result.every_shortest.estimate < result.goal.probability:
        notes.append(messages.text("cli.promise.every_shortest", every=_probability(result.every_shortest)))
    return notes


def _rare(result: Promises) -> list[str]:
    """Say what is pooled and what is not judged, and which rare items are late all the same."""
    notes = []
    least, days = least_cases(result.goal.share), result.composed.scenario.run.days
    if any(len(judged.items) > 1 for judged in result.judged):
        notes.append(messages.text("cli.promise.pooled_note", least=least, share=result.goal.share))
    if result.too_rare:
        notes.append(
            messages.text(
                "cli.promise.too_rare", n=len(result.too_rare), least=least, days=days, share=result.goal.share
            )
        )
    if result.hidden:
        named = messages.text("cli.promise.separator").join(
            messages.text("cli.promise.named", item=_item_title(result, item), share=item.within_promise.estimate)
            for item in result.hidden[:_MOST_NAMED]
        )
        notes.append(messages.text("cli.promise.hidden", n=len(result.hidden), share=result.goal.share, items=named))
    if result.without_cases:
        notes.append(messages.text("cli.promise.without_cases", n=len(result.without_cases)))
    return notes


def _item_title(result: Promises, item: ItemPromise) -> str:
    return service_title(result.composed.scenario, item.item)


def _probability(interval: Interval) -> str:
    estimate, low, high = (number(end, "share", 0) for end in (interval.estimate, interval.low, interval.high))
    return f"{estimate} ({low.removesuffix('%')}–{high})"


def _days(interval: Interval) -> str:
    ends = [number(end, "days", 0) for end in (max(interval.low, 0.0), interval.high)]
    return f"{number(interval.estimate, 'days', 0)} ({ends[0]}–{ends[1]})"


def promise_document(result: Promises) -> dict[str, Any]:
    """Return the document of ``hallplan promise``."""
    return envelope(
        "promise",
        scenario=scenario_document(result.composed.scenario),
        share=result.goal.share,
        probability=result.goal.probability,
        replications=result.replications,
        draws=result.draws,
        least_cases=least_cases(result.goal.share),
        every=interval_document(result.every),
        together=interval_document(result.together),
        every_shortest=interval_document(result.every_shortest),
        within_promise=interval_document(result.within_promise),
        cut_promised=number_or_null(result.compression(shortest=False)),
        cut_shortest=number_or_null(result.compression(shortest=True)),
        cut={
            "cut": result.goal.cut,
            "together": interval_document(result.cut.together),
            "every": interval_document(result.cut.every),
            "weakest": _names([result.judged[place] for place in result.cut.weakest]),
        },
        sentence=promise_sentence(result),
        promises=[_judged_document(judged) for judged in result.judged],
        weak=_names(result.weak),
        too_rare=[_item_document(item) for item in result.too_rare],
        late_although_rare=[item.item for item in result.hidden],
        without_cases=list(result.without_cases),
        stopped_clocks=stops_document(result),
        headroom=headroom_document(result, result.headroom),
        notes=[covers_note(result)],
        provenance=result.provenance.as_dict() if result.provenance else None,
    )


def _names(judged: Sequence[JudgedPromise]) -> list[str]:
    return [name for promise in judged for name in promise.names]


def _judged_document(judged: JudgedPromise) -> dict[str, Any]:
    return {
        "items": list(judged.names),
        "cases": judged.cases,
        "statutory": judged.statutory,
        "promised": judged.promised,
        "within_promise": interval_document(judged.within_promise),
        "holds": interval_document(judged.holds),
        "shortest": interval_document(judged.shortest),
    }


def _item_document(item: ItemPromise) -> dict[str, Any]:
    limits = {"cases": item.cases, "statutory": item.statutory, "promised": item.promised}
    return {"item": item.item, **limits, "within_promise": interval_document(item.within_promise)}
