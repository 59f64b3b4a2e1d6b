"""Files of inspection teams for people: in how many weeks the promise holds, by places.

Input: a :class:`planner.inspections.result.Inspections`.  Output: their charts, in the language in use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from foundation import messages
from hallplan.show.charts import ChartDocument, places_chart
from hallplan.show.inspections import inspections_tables, team_entries, team_title
from planner.inspections.result import Inspections

__all__ = ["CHARTS", "places_charts"]


def places_charts(result: Inspections) -> ChartDocument:
    """Return a chart for each team, and for the list that all share."""
    language, frame = messages.language(), result.frames()["places"]
    charts = []
    for entry in team_entries(result):
        rows = frame[(frame["team"] == entry.team.pool) & (frame["joint"] == (entry is result.joint))]
        weeks = result.question.weeks
        question = messages.text("chart.inspections.heading", team=team_title(result, entry), weeks=weeks)
        charts.append((question, places_chart(rows, weeks, language)))
    verdict = inspections_tables(result)[0]
    return ChartDocument(tuple(charts), language, verdict.title, verdict.notes)


CHARTS: Final[Mapping[str, Callable[[Inspections], ChartDocument]]] = {"inspections": places_charts}
"""What draws the charts of each file, by its name without an ending."""
