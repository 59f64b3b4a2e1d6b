"""The numbers of a report: the headline of every plan, with its differences from the base.

Input: a comparison, and what its plans are called.  Output: a tidy frame, which both renderers of the chart, the tables
and the sheets read; and cells of text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import pandas as pd

from foundation import messages
from foundation.numbers import NOTHING, estimate_text, number, signed
from hallplan.show.comparison_frames import interval_ends
from hallplan.show.metrics import metric_label, metric_title
from planner.compare import Comparison
from planner.judgement import UNSERVED, judged
from sim.measure.registry import metric_of

__all__ = [
    "CHARTED",
    "cell",
    "change_cell",
    "charted",
    "headline_frame",
    "headline_metrics_of",
    "interval_cell",
    "unit_of",
]

CHARTED: Final = (UNSERVED, "ticket_wait_mean_min", "case_elapsed_mean_days", "cost_per_day")
"""Metrics of the chart, one panel each: who is not served stands first."""


def headline_metrics_of(comparison: Comparison) -> list[str]:
    """Return the metrics named in advance that any plan measures; staff that costs nothing has no cost."""
    return [key for key in comparison.primary if _is_measured(comparison, key)]


def _is_measured(comparison: Comparison, key: str) -> bool:
    means = [run.interval(key).estimate for run in comparison.runs if key in run.columns]
    return any(map(math.isfinite, means)) and not (key == "cost_per_day" and not any(means))


def headline_frame(comparison: Comparison, titles: Sequence[str]) -> pd.DataFrame:
    """Return one row a metric and plan, in the language in use.

    Columns ``metric``, ``title`` (with the unit), ``name`` (without), ``kind``, ``plan`` (its number, the base 0),
    ``plan_title``, ``mean``, ``low``, ``high`` (95%), ``change``, ``change_low``, ``change_high`` (wide enough for all
    of them to hold together) and ``judgement``; not-a-number and "" where a plan does not have the metric, and for the
    base's change.

    Parameters
    ----------
    comparison
        The plans.
    titles
        What they are called.
    """
    records = []
    for key in headline_metrics_of(comparison):
        home = next(run.scenario for run in comparison.runs if key in run.columns)
        named = (key, metric_label(key, home), metric_title(key, home), metric_of(key).kind)
        for which, title in enumerate(titles):
            run = comparison.runs[which]
            mean = run.interval(key) if key in run.columns else None
            if which == 0:
                records.append((*named, which, title, *interval_ends(mean), *interval_ends(None), ""))
                continue
            difference = comparison.difference(key, which)
            change, simultaneous = difference.change, difference.simultaneous
            if change is None or simultaneous is None:  # one of the two does not have the metric
                records.append((*named, which, title, *interval_ends(mean), *interval_ends(None), ""))
                continue
            ends = (change.estimate, simultaneous.low, simultaneous.high)
            records.append((*named, which, title, *interval_ends(mean), *ends, judged(comparison, difference, which)))
    columns = ["metric", "title", "name", "kind", "plan", "plan_title", "mean", "low", "high"]
    return pd.DataFrame.from_records(records, columns=[*columns, "change", "change_low", "change_high", "judgement"])


def charted(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the metrics that the chart shows, in its order."""
    rows = frame[frame["metric"].isin(CHARTED)]
    order = rows["metric"].map(CHARTED.index)
    return (
        rows.assign(order=order).sort_values(["order", "plan"], kind="stable", ignore_index=True).drop(columns="order")
    )


def cell(row: pd.Series) -> str:
    """Return a row's mean with its interval."""
    return interval_cell(row["mean"], row["low"], row["high"], row["kind"])


def interval_cell(mean: float, low: float, high: float, kind: str) -> str:
    """Return a mean with its interval, if it varies."""
    return number(mean, kind) if low == high else estimate_text(mean, low, high, kind)


def change_cell(row: pd.Series) -> str:
    """Return a difference from the base with its interval; a dash for the base itself."""
    if math.isnan(row["change"]):
        return NOTHING
    if row["change_low"] == row["change_high"]:
        return signed(number(row["change"], row["kind"]))
    return estimate_text(row["change"], row["change_low"], row["change_high"], row["kind"], sign=True)


def unit_of(key: str) -> str:
    """Return the unit behind a number in a sentence; a share carries its own sign."""
    metric = metric_of(key)
    return "" if metric.kind == "share" else messages.text("report.unit", unit=messages.text(metric.unit_key))
