"""What every plan changes against plan A: the headline's paired differences, corrected together, and what to say of it.

Input: a :class:`planner.compare.Comparison` of two to six plans.  Output: a tidy frame for the forest chart, and the
same as a table of text.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from foundation import messages
from foundation.messages import Language
from foundation.numbers import number
from hallplan.show.comparison_frames import LETTERS
from hallplan.show.report.figures import change_cell
from hallplan.show.report.verdict import numbers_of
from hallplan.show.text_table import TextTable, columns
from planner.compare import Comparison
from planner.regime import Regime
from sim.measure.headline import smallest_difference

__all__ = ["forest_frame", "forest_table"]


def forest_frame(comparison: Comparison, language: Language, *, regimes: Sequence[Regime]) -> pd.DataFrame:
    """Return one row a headline metric and plan other than A that both measure.

    Columns ``metric``, ``title`` (with the unit), ``kind``, ``plan`` (its letter), ``base``, ``mean``, ``change``,
    ``change_low``, ``change_high`` (an interval wide enough for all rows to hold together), ``least`` (the smallest
    difference that matters) and ``judgement`` (a :data:`planner.judgement.Judgement`).

    Parameters
    ----------
    comparison
        The plans, plan A first.
    language
        Of the titles.
    regimes
        Of each plan: nothing is better in a hall that falls behind.
    """
    with messages.using(language):
        rows = numbers_of(comparison, LETTERS[: len(comparison.runs)], regimes)
    base = rows[rows["plan"] == 0].set_index("metric")["mean"]
    rows = rows[rows["change"].notna()].assign(plan=lambda frame: frame["plan_title"])
    rows = rows.assign(base=rows["metric"].map(base))
    least = [smallest_difference(row["metric"], row["base"]) for row in rows.to_dict("records")]
    names = ["metric", "title", "kind", "plan", "base", "mean", "change", "change_low", "change_high"]
    return rows.assign(least=least)[[*names, "least", "judgement"]].reset_index(drop=True)


def forest_table(frame: pd.DataFrame, language: Language) -> TextTable:
    """Return the rows of :func:`forest_frame` in words.

    Parameters
    ----------
    frame
        The frame.
    language
        Of the words.
    """

    def heading(key: str) -> str:
        return messages.text(f"chart.forest.{key}", language)

    rows = tuple(
        (
            row["title"],
            row["plan"],
            number(row["base"], row["kind"]),
            number(row["mean"], row["kind"]),
            change_cell(row),
            number(row["least"], row["kind"]),
            heading(row["judgement"]),
        )
        for _, row in frame.iterrows()
    )
    keys = ("metric", "plan", "#base", "#mean", "#change", "#least", "words")
    return TextTable(columns(*keys, heading=heading), rows)
