"""Files of the rest of a day for people: how long the queues will be.

Input: a :class:`planner.today.result.RestOfDay`.  Output: their charts, in the language in use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from foundation import messages
from hallplan.show.charts import ChartDocument, queue_chart
from hallplan.show.today import today_tables
from hallplan.show.words import pool_title
from planner.today.result import RestOfDay

__all__ = ["CHARTS", "queue_charts"]

_MOST_DRAWN: Final = 6
"""Pools whose queues are drawn: those with most waiting."""


def queue_charts(result: RestOfDay) -> ChartDocument:
    """Return the charts of the queues with most waiting as an HTML document."""
    language = messages.language()
    frame = result.frames()["queues"]
    busiest = sorted(result.pools, key=lambda pool: -pool.waiting_min.estimate)[:_MOST_DRAWN]
    charts = tuple(
        (
            messages.text("chart.today.heading", pool=pool_title(result.scenario, pool.pool)),
            queue_chart(frame[frame["pool"] == pool.pool], language),
        )
        for pool in busiest
    )
    verdict = today_tables(result)[0]
    notes = (*verdict.notes, messages.text("chart.today.note", coverage=result.decided.coverage))
    return ChartDocument(charts, language, verdict.title, notes)


CHARTS: Final[Mapping[str, Callable[[RestOfDay], ChartDocument]]] = {"queues": queue_charts}
"""What draws the charts of each file, by its name without an ending."""
