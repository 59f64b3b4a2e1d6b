"""Up to which demand promises and a target for waits are kept, as a table of text and as JSON.

Input: a :class:`~planner.promises.Promises` with its headroom.  Output: a table and a document.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from foundation import messages
from foundation.numbers import NOTHING, number
from hallplan.show.document import interval_document
from hallplan.show.text_table import TextTable, columns
from hallplan.show.words import judged_title, pool_title

if TYPE_CHECKING:
    from planner.headroom import Headroom, TargetHeadroom
    from planner.promises import Promises
    from sim.statistics.intervals import Interval

__all__ = ["demand_words", "headroom_document", "headroom_rows", "headroom_table"]

_MOST_PROMISES: Final = 12
"""Promises of the table: the least sure."""


def headroom_rows(result: Promises, headroom: Headroom) -> list[tuple[str, TargetHeadroom]]:
    """Return every target with its title: the target for waits, all cases together, then the promises."""
    titles = [judged_title(result.composed.scenario, judged.names) for judged in result.judged]
    rows = [(headroom.target.label(), headroom.wait)]
    rows.append((messages.text("cli.headroom.together", share=result.goal.share), headroom.together))
    cut = messages.text("cli.headroom.cut", share=result.goal.share, cut=result.goal.cut)
    rows.append((cut, headroom.cut))
    return [*rows, *zip(titles, headroom.promises, strict=True)]


def headroom_table(result: Promises, headroom: Headroom) -> TextTable:
    """Return up to which demand each target is kept, and what gives out first."""
    rows = headroom_rows(result, headroom)
    cells = tuple(
        (
            title,
            _reached(headroom, target.reliable.estimate),
            _reached(headroom, target.median.estimate),
            _range(target),
        )
        for title, target in rows[: 3 + _MOST_PROMISES]
    )
    demand = number(headroom.visits_per_day, "count", 0)
    notes = [messages.text("cli.headroom.reading", visits=demand, tried=_tried(headroom)), _precision(headroom)]
    if len(rows) > len(cells):
        notes.append(messages.text("cli.headroom.more", n=len(rows) - len(cells)))
    notes += [*_bottleneck(result, headroom), *_officer(result, headroom)]
    heads = columns(
        *("target", "#reliable", "#median", "#range"),
        heading=lambda key: messages.text(f"cli.headroom.column.{key}", probability=result.goal.probability),
    )
    return TextTable(heads, cells, messages.text("cli.headroom.title"), tuple(notes))


def _precision(headroom: Headroom) -> str:
    """Say whether the search came as near to the roots as requested."""
    key = "cli.headroom.wide" if headroom.wide else "cli.headroom.near"
    return messages.text(key, n=headroom.wide, width=headroom.width, trials=len(headroom.multiples))


def _tried(headroom: Headroom) -> str:
    return messages.text("cli.promise.separator").join(f"{multiple:.2f}" for multiple in headroom.multiples)


def _multiple(headroom: Headroom, multiple: float) -> str:
    """Write a multiple, or that it lies below or above all that were tried."""
    if multiple <= 0:
        return f"< {headroom.multiples[0]:.2f}"
    return f"> {headroom.multiples[-1]:.2f}" if math.isinf(multiple) else f"{multiple:.2f}"


def demand_words(headroom: Headroom, target: TargetHeadroom, *, probability: float) -> str:
    """Say up to how many visits a day a target is kept with a probability."""
    lowest, highest, multiple = headroom.multiples[0], headroom.multiples[-1], target.reliable.estimate
    tried = lowest if multiple <= 0 else min(multiple, highest)
    key = "below" if multiple <= 0 else "above" if math.isinf(multiple) else "up_to"
    visits = number(tried * headroom.visits_per_day, "count", 0)
    return messages.text(f"cli.headroom.demand.{key}", visits=visits, probability=probability)


def _reached(headroom: Headroom, multiple: float) -> str:
    text = _multiple(headroom, multiple)
    if not 0 < multiple < math.inf:
        return text
    visits = number(multiple * headroom.visits_per_day, "count", 0)
    return messages.text("cli.headroom.reached", multiple=text, visits=visits)


def _range(target: TargetHeadroom) -> str:
    low, high = (f"{end:.2f}" if 0 < end < math.inf else "" for end in (target.median.low, target.median.high))
    return f"{low}–{high}" if low or high else NOTHING


def _bottleneck(result: Promises, headroom: Headroom) -> list[str]:
    bottleneck = headroom.bottleneck
    if bottleneck is None:
        return []
    name = pool_title(result.composed.scenario, bottleneck.name)
    capacity = bottleneck.capacity.estimate
    visits = number(capacity * headroom.visits_per_day, "count", 0)
    return [
        messages.text("cli.headroom.bottleneck", pool=name, share=bottleneck.share, multiple=capacity, visits=visits)
    ]


def _officer(result: Promises, headroom: Headroom) -> list[str]:
    officer = headroom.officer
    if officer is None:
        return []
    pool, gain = pool_title(result.composed.scenario, officer.pool), officer.gain
    key = "cli.headroom.officer" if math.isfinite(gain.estimate) else "cli.headroom.officer_beyond"
    visits = number(gain.estimate * headroom.visits_per_day, "count", 0)
    numbers = {"pool": pool, "late": officer.late, "target": headroom.target.label(), "visits": visits}
    return [messages.text(key, gain=gain.estimate, ends=_gain_range(gain), tried=headroom.multiples[-1], **numbers)]


def _gain_range(gain: Interval) -> str:
    low, high = (f"{end:+.2f}" if math.isfinite(end) else "" for end in (gain.low, gain.high))
    return f"{low}…{high}" if low or high else NOTHING


def headroom_document(result: Promises, headroom: Headroom | None) -> dict[str, Any] | None:
    """Return the part of the document about headroom; ``None`` if it was not asked for."""
    if headroom is None:
        return None
    bottleneck, officer = headroom.bottleneck, headroom.officer
    return {
        "target": {"share": headroom.target.share, "within_min": headroom.target.within_min},
        "visits_per_day": headroom.visits_per_day,
        "multiples": list(headroom.multiples),
        "width": headroom.width,
        "wide": headroom.wide,
        "wait": _target_document(headroom.wait),
        "together": _target_document(headroom.together),
        "cut": _target_document(headroom.cut),
        "promises": [
            {"items": list(judged.names), **_target_document(target)}
            for judged, target in zip(result.judged, headroom.promises, strict=True)
        ],
        "bottleneck": bottleneck
        and {
            "name": bottleneck.name,
            "share": bottleneck.share,
            "capacity": interval_document(bottleneck.capacity),
        },
        "officer": officer and {"pool": officer.pool, "late": officer.late, "gain": interval_document(officer.gain)},
    }


def _target_document(target: TargetHeadroom) -> dict[str, Any]:
    """Return the multiples of a target; null below and above all that were tried, which `state` tells apart."""

    def state(multiple: float) -> str:
        return "below" if multiple <= 0 else "above" if math.isinf(multiple) else "within"

    return {
        "reliable": interval_document(target.reliable),
        "median": interval_document(target.median),
        "state": state(target.median.estimate),
    }
