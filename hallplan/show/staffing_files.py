"""Files of a staffing for people: its charts.

Input: a :class:`planner.staffing.result.Staffing`.  Output: the bytes of the files, in the language in use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from foundation import messages
from hallplan.show.charts import chart_document, staffing_chart
from hallplan.show.words import heading, pool_title, weekday_names
from planner.staffing.result import Staffing

__all__ = ["FILES", "staffing_charts"]

_MOST_DRAWN: Final = 6
"""Pools whose servers are drawn: those with the most work."""


def staffing_charts(result: Staffing) -> bytes:
    """Return the charts of the busiest pools as an HTML document."""
    language = messages.language()
    work: dict[str, float] = {}
    for required in result.requirements:
        work[required.pool] = work.get(required.pool, 0.0) + required.work_h * len(required.weekdays)
    busiest = sorted(work, key=lambda pool: -work[pool])[:_MOST_DRAWN]
    frame = result.half_hours()
    charts = [
        (
            messages.text(
                "chart.staffing.heading",
                pool=pool_title(result.scenario, required.pool),
                days=weekday_names(required.weekdays),
            ),
            staffing_chart(frame[(frame["pool"] == pool) & (frame["weekdays"] == required.weekday_keys)], language),
        )
        for pool in busiest
        for required in result.requirements
        if required.pool == pool
    ]
    title = messages.text("cli.staff.title", name=heading(result.scenario))
    notes = [messages.text("chart.staffing.note", n=len(busiest), pools=len(work), target=result.target.label())]
    return chart_document(charts, language, title=title, notes=notes)


FILES: Final[Mapping[str, Callable[[Staffing], bytes]]] = {"staffing.html": staffing_charts}
"""What makes each file, by its name."""
