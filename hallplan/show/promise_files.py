"""Charts of promises: the shortest beside the present ones, and the demand up to which each is kept.

Input: a :class:`planner.promises.Promises`.  Output: charts, in the language in use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from foundation import messages
from hallplan.show.charts import ChartDocument
from hallplan.show.charts.promises import HeadroomRow, PromiseRow, headroom_chart, promises_chart
from hallplan.show.headroom import headroom_rows
from hallplan.show.promise import covers_note
from hallplan.show.words import heading, judged_title
from planner.promises import Promises

__all__ = ["CHARTS", "promise_charts"]


def promise_charts(result: Promises) -> ChartDocument:
    """Return the chart of the promises, and that of their headroom if it was asked for."""
    language, scenario = messages.language(), result.composed.scenario
    rows = [
        PromiseRow(
            judged_title(scenario, judged.names),
            judged.statutory,
            judged.promised,
            (judged.shortest.estimate, max(judged.shortest.low, 0.0), judged.shortest.high),
        )
        for judged in result.judged
    ]
    charts = [(messages.text("chart.promise.heading", **_goal(result)), promises_chart(rows, language))]
    headroom = result.headroom
    if headroom is not None:
        visits, highest = headroom.visits_per_day, headroom.multiples[-1]
        demands = [
            HeadroomRow(title, *(visits * min(figure.estimate, highest) for figure in (target.reliable, target.median)))
            for title, target in headroom_rows(result, headroom)
        ]
        heading_ = messages.text("chart.headroom.heading", most=highest)
        charts.append((heading_, headroom_chart(demands, visits, language)))
    title = messages.text("cli.promise.title", name=heading(scenario), **_goal(result))
    return ChartDocument(tuple(charts), language, title, (covers_note(result),))


def _goal(result: Promises) -> dict[str, float]:
    return {"share": result.goal.share, "probability": result.goal.probability}


CHARTS: Final[Mapping[str, Callable[[Promises], ChartDocument]]] = {"promise": promise_charts}
"""What draws each chart file, by its name."""
