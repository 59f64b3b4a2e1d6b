"""Charts of promises: the shortest beside the present ones, and the demand up to which each is kept.

Input: a :class:`planner.promises.Promises`.  Output: charts, in the language in use.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from foundation import messages
from hallplan.show.charts import ChartDocument
from hallplan.show.charts.promises import HeadroomRow, PromiseRow, headroom_chart, promises_chart
from hallplan.show.headroom import headroom_rows
from hallplan.show.promise import covers_note
from hallplan.show.words import heading, judged_title
from planner.promises import Promises

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from foundation.messages import Language
    from planner.headroom import Headroom
    from sim.statistics.intervals import Interval

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
    charts = [(messages.text("chart.promise.heading"), promises_chart(rows, language))]
    headroom, notes = result.headroom, [covers_note(result)]
    if headroom is not None:
        drawn = _headroom_chart(result, headroom, language)
        charts.append((messages.text("chart.headroom.heading"), drawn))
        least, *_, most = headroom.multiples
        notes.append(messages.text("chart.headroom.note", least=least, most=most))
    goal = {"share": result.goal.share, "probability": result.goal.probability}
    title = messages.text("cli.promise.title", name=heading(scenario), **goal)
    return ChartDocument(tuple(charts), language, title, tuple(notes))


def _headroom_chart(result: Promises, headroom: Headroom, language: Language) -> go.Figure:
    visits = headroom.visits_per_day
    rows = [
        HeadroomRow(title, _visits(target.reliable, visits), _visits(target.median, visits))
        for title, target in headroom_rows(result, headroom)
    ]
    tried = (visits * headroom.multiples[0], visits * headroom.multiples[-1])
    return headroom_chart(rows, visits, language, tried=tried, probability=result.goal.probability)


def _visits(multiple: Interval, visits: float) -> tuple[float, float, float]:
    """Return an estimate and the ends of its interval in visits a day; an end that is not known has no bound."""
    low = 0.0 if math.isnan(multiple.low) else multiple.low
    high = math.inf if math.isnan(multiple.high) else multiple.high
    return multiple.estimate * visits, low * visits, high * visits


CHARTS: Final[Mapping[str, Callable[[Promises], ChartDocument]]] = {"promise": promise_charts}
"""What draws each chart file, by its name."""
