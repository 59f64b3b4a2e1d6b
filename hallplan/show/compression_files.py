"""Charts of a compression: a waterfall of the days saved, lever by lever, by both weightings.

Input: a :class:`planner.compression_study.Compression`.  Output: charts, in the language in use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from foundation import messages
from hallplan.show.charts import ChartDocument
from hallplan.show.charts.compression import waterfall_chart
from hallplan.show.compression import covers_note, name_after, orders_notes
from planner.compression_study import WEIGHTINGS, Compression

__all__ = ["CHARTS", "compression_charts"]


def compression_charts(result: Compression) -> ChartDocument:
    """Return a waterfall for each weighting."""
    language = messages.language()
    charts = [
        (
            messages.text(f"chart.waterfall.{weighting}"),
            waterfall_chart(getattr(result, weighting).levers, language),
        )
        for weighting in WEIGHTINGS
    ]
    names = {"before": result.before.scenario.name, "after": name_after(result)}
    notes = (messages.text("chart.waterfall.note"), covers_note(result), *orders_notes(result))
    return ChartDocument(tuple(charts), language, messages.text("cli.compression.title", **names), notes)


CHARTS: Final[Mapping[str, Callable[[Compression], ChartDocument]]] = {"compression": compression_charts}
"""What draws each chart file, by its name."""
