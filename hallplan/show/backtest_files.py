"""Files of a back-test for people: what came against what was forecast.

Input: a :class:`planner.backtest.result.Backtest`.  Output: its charts, in the language in use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from foundation import messages
from hallplan.show.backtest import backtest_tables, figure_title
from hallplan.show.charts import ChartDocument, held_chart
from planner.backtest.result import Backtest

__all__ = ["CHARTS", "backtest_charts"]


def backtest_charts(result: Backtest) -> ChartDocument:
    """Return the chart of all figures."""
    language, verdict = messages.language(), backtest_tables(result)[0]
    titles = [figure_title(figure.name) for figure in result.figures]
    drawn = held_chart(result.frames()["figures"], titles, language, coverage=result.figures[0].forecast.coverage)
    heading = messages.text("chart.backtest.heading")
    return ChartDocument(((heading, drawn),), language, verdict.title, verdict.notes)


CHARTS: Final[Mapping[str, Callable[[Backtest], ChartDocument]]] = {"backtest": backtest_charts}
"""What draws the charts of each file, by its name without an ending."""
