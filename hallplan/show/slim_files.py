"""Charts of a slim hall: the wait of each department now and then.

Input: a :class:`planner.slim.Slim`.  Output: charts, in the language in use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from foundation import messages
from hallplan.show.charts import ChartDocument
from hallplan.show.charts.slim import WaitRow, slim_chart
from hallplan.show.slim import department_title
from hallplan.show.words import heading
from planner.slim import Slim

__all__ = ["CHARTS", "slim_charts"]


def slim_charts(result: Slim) -> ChartDocument:
    """Return the chart of the departments' waits."""
    language = messages.language()
    rows = [
        WaitRow(
            *(department_title(result, department), department.now, department.limit),
            *(department.then, department.high),
        )
        for department in result.departments
    ]
    title = messages.text("cli.slim.title", name=heading(result.composed.scenario))
    numbers = {"now": result.windows_now, "then": result.windows}
    charts = ((messages.text("chart.slim.heading", **numbers), slim_chart(rows, language)),)
    return ChartDocument(charts, language, title, (messages.text("chart.slim.note"),))


CHARTS: Final[Mapping[str, Callable[[Slim], ChartDocument]]] = {"slim": slim_charts}
"""What makes each chart, by the name of its file."""
