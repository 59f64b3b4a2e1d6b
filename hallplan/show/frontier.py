"""The front between two metrics, as tables of text and as JSON.

Input: a :class:`~planner.frontier.result.Frontier`.  Output: tables and a document.
"""

from __future__ import annotations

from typing import Any, Final

from foundation import messages
from foundation.numbers import estimate_text, number
from hallplan.show.document import envelope, interval_document, metric_document, number_or_null, scenario_document
from hallplan.show.metrics import metric_label, metric_title
from hallplan.show.text_table import Column, TextTable, notes_only
from hallplan.show.words import heading, lever_titles, pool_title
from planner.frontier.race import STANDINGS
from planner.frontier.result import Frontier, FrontierPlan
from sim.measure.registry import metric_of

__all__ = ["frontier_document", "frontier_tables", "plan_title"]

_MOST_TIES: Final = 3
"""Tied plans that a row names."""


def frontier_tables(result: Frontier) -> list[TextTable]:
    """Return the plans in the front, or perhaps in it, and what is certain about them."""
    shown = result.standing("front", "perhaps")
    x, y = (metric_label(name, result.scenario) for name in (result.x, result.y))
    headings = (
        Column(messages.text("cli.column.alternative")),
        Column(x, is_number=True),
        Column(y, is_number=True),
        Column(messages.text("cli.column.replications"), is_number=True),
        Column(messages.text("cli.column.in_front")),
    )
    title = messages.text(
        "cli.frontier.title", name=heading(result.scenario), x=_title(result, "x"), y=_title(result, "y")
    )
    table = TextTable(headings, tuple(_row(result, plan) for plan in shown), title, tuple(_counts(result)))
    return [table, notes_only(*_notes(result))]


def plan_title(result: Frontier, plan: FrontierPlan) -> str:
    """Return what a plan is called in words: the titles of its levers, and its officers by the titles of pools."""
    parts = [lever_titles("+".join(plan.levers))] if plan.levers else []
    parts += [
        messages.text("cli.frontier.officers", pool=pool_title(result.scenario, pool), n=n)
        for pool, n in plan.servers.items()
    ]
    return messages.text("frontier.comma").join(parts) or messages.text("frontier.no_lever")


def _title(result: Frontier, axis: str) -> str:
    return metric_title(getattr(result, axis), result.scenario)


def _row(result: Frontier, plan: FrontierPlan) -> tuple[str, ...]:
    cells = [
        estimate_text(interval.estimate, interval.low, interval.high, metric_of(name).kind)
        if interval.low < interval.high
        else number(interval.estimate, metric_of(name).kind)
        for interval, name in ((plan.x, result.x), (plan.y, result.y))
    ]
    certainty = messages.text("cli.frontier.surely" if plan.standing == "front" else "cli.frontier.perhaps")
    if plan.ties:
        separator = messages.text("cli.staff.separator")
        names = separator.join(plan.ties[:_MOST_TIES]) + (" …" if len(plan.ties) > _MOST_TIES else "")
        certainty = messages.text("cli.frontier.tie", certainty=certainty, names=names)
    return (plan.title, *cells, str(len(plan.values)), certainty)


def _counts(result: Frontier) -> list[str]:
    numbers = {name: len(result.standing(name)) for name in STANDINGS}
    delta = _amount(result)
    return [
        messages.text("cli.frontier.counts", **numbers, tried=len(result.plans), all=result.rules.plans, delta=delta),
        messages.text(f"cli.frontier.ended_{result.ending}", used=result.used, most=result.rules.looks[-1]),
    ]


def _amount(result: Frontier) -> str:
    metric, delta = metric_of(result.y), result.rules.delta
    if metric.kind == "share":
        return messages.text("statistics.select.points", n=100 * delta)
    return messages.text("statistics.select.amount", value=delta, unit=messages.text(metric.unit_key))


def _notes(result: Frontier) -> list[str]:
    named = {name: pool_title(result.scenario, name) for name in result.plans[0].servers}
    titles = [f"{name} = {title}" for name, title in named.items() if title != name]
    return [
        messages.text("cli.frontier.guarantee", confidence=1 - result.rules.alpha),
        messages.text("cli.frontier.own_intervals"),
        messages.text("cli.frontier.pools", names=messages.text("cli.staff.separator").join(titles)) if titles else "",
    ]


def frontier_document(result: Frontier) -> dict[str, Any]:
    """Return the document of ``hallplan frontier``."""
    return envelope(
        "frontier",
        scenario=scenario_document(result.scenario),
        x=metric_document(result.x, result.scenario),
        y=metric_document(result.y, result.scenario),
        delta=number_or_null(result.rules.delta),
        confidence=1 - result.rules.alpha,
        combinations=result.rules.plans,
        replications={"used": result.used, "budget": result.budget, "most": result.rules.looks[-1]},
        ended=result.ending,
        seed=result.seed,
        plans=[
            {
                "plan": plan.title,
                "standing": plan.standing,
                "levers": list(plan.levers),
                "servers": dict(plan.servers),
                "x": interval_document(plan.x),
                "y": interval_document(plan.y),
                "ties": list(plan.ties),
            }
            for plan in result.plans
        ],
        notes=[*_counts(result), *filter(None, _notes(result))],
    )
