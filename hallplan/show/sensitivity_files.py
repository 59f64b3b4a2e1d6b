"""Files of a sweep's sensitivity for people: a chart for each metric.

Input: a :class:`planner.sweep.results.SweepResult`.  Output: charts, in the language in use.
"""

from __future__ import annotations

from collections.abc import Sequence

from foundation import messages
from hallplan.show.charts import ChartDocument, sensitivity_chart
from hallplan.show.metrics import metric_label
from hallplan.show.sensitivity import combination_label
from planner.sweep.results import SweepResult
from sim.measure.registry import metric_of

__all__ = ["sensitivity_charts"]


def sensitivity_charts(result: SweepResult, metrics: Sequence[str]) -> ChartDocument:
    """Return a chart for each metric, and for each combination of a grid or list with the sample.

    Parameters
    ----------
    result
        A sweep with a design for sensitivity.
    metrics
        The metrics.
    """
    language, frame = messages.language(), result.sensitivity(metrics)
    others = list(frame.columns[: list(frame.columns).index("metric")])
    charts, method = [], "saltelli" if "total" in frame.columns else "morris"
    for _, rows in frame.groupby(["metric", *others], sort=False, dropna=False):
        first = rows.iloc[0]
        label = combination_label(metric_label(first["metric"]), {key: first[key] for key in others})
        is_share = method == "saltelli" or metric_of(first["metric"]).kind == "share"
        charts.append((label, sensitivity_chart(rows, language, is_share=is_share)))
    note = messages.text(f"cli.sensitivity.{method}_note", n=int(frame["blocks"].max()))
    return ChartDocument(tuple(charts), language, messages.text(f"cli.sensitivity.{method}"), (note,))
