"""The chart of a frontier.

Input: a :class:`planner.frontier.result.Frontier`.  Output: the chart with its heading, in the language in use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from foundation import messages
from hallplan.show.charts import ChartDocument, frontier_chart
from hallplan.show.frontier import plan_title
from hallplan.show.metrics import metric_label, metric_title
from hallplan.show.words import heading
from planner.frontier.result import Frontier
from sim.measure.registry import metric_of

__all__ = ["CHARTS", "frontier_charts"]


def frontier_charts(result: Frontier) -> ChartDocument:
    """Return the chart."""
    language = messages.language()
    x, y = (metric_title(name, result.scenario) for name in (result.x, result.y))
    labels = {axis: metric_label(name, result.scenario) for axis, name in (("x", result.x), ("y", result.y))}
    higher = metric_of(result.y).better == "higher"
    plans = result.frames()["plans"].assign(plan=[plan_title(result, plan) for plan in result.plans])
    figure = frontier_chart(plans, language, higher_y=higher, **labels)
    title = messages.text("cli.frontier.title", name=heading(result.scenario), x=x, y=y)
    notes = (messages.text("chart.frontier.note", n=len(result.plans), all=result.rules.plans),)
    return ChartDocument(((messages.text("chart.frontier.heading", x=x, y=y), figure),), language, title, notes)


CHARTS: Final[Mapping[str, Callable[[Frontier], ChartDocument]]] = {"frontier": frontier_charts}
"""What draws the charts of each file, by its name without an ending."""
