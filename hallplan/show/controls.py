"""Control variates of a run: the plain interval, the adjusted one, and whether the adjustment pays.

Input: :class:`planner.controls.Controls`.  Output: a table of text, and parts of the run's JSON.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from foundation import messages
from foundation.numbers import range_text
from hallplan.show.document import interval_document
from hallplan.show.metrics import metric_label
from hallplan.show.text_table import TextTable, columns
from hallplan.show.words import yes_or_no
from planner.regime import Regime
from sim.measure.registry import metric_of
from sim.statistics import Controlled, mean_interval
from sim.statistics.controls import WORTH

if TYPE_CHECKING:
    from planner.controls import Controls

__all__ = ["controlled_document", "controls_document", "controls_table"]


def controls_table(controls: Controls, metrics: Sequence[str], *, regime: Regime) -> TextTable:
    """Return one row a metric that has a control: plain interval, adjusted one, variance ratio, and whether it pays.

    Parameters
    ----------
    controls
        The controls of a run.
    metrics
        Which metrics; those without a control are named below the table.
    regime
        Whether the hall keeps up with its work.
    """
    scenario = controls.run.scenario
    by_metric = {key: controls.adjust(key) for key in metrics} if controls.expected.size else {}
    adjusted = {key: controlled for key, controlled in by_metric.items() if math.isfinite(controlled.variance_ratio)}
    rows = []
    for key, controlled in adjusted.items():
        kind = metric_of(key).kind
        ends = (range_text(interval.low, interval.high, kind) for interval in (controlled.plain, controlled.adjusted))
        ratio = f"{controlled.variance_ratio:.2f}"
        rows.append((metric_label(key, scenario), *ends, ratio, yes_or_no(controlled.pays)))
    return TextTable(
        columns("metric", "#interval", "#with_controls", "#variance_ratio", "pays"),
        tuple(rows),
        title=messages.text("cli.controls.title"),
        notes=tuple(_notes(controls, adjusted, metrics, regime)),
    )


def _notes(controls: Controls, adjusted: Mapping[str, Controlled], metrics: Sequence[str], regime: Regime) -> list[str]:
    if not controls.expected.size:
        return [messages.text("cli.controls.unknown")]
    comma, scenario = messages.text("cli.comma"), controls.run.scenario
    without = [metric_label(key, scenario) for key in metrics if key not in adjusted]
    poor = [
        metric_label(key, scenario)
        for key, controlled in adjusted.items()
        if controlled.consistent and not controlled.pays
    ]
    notes = [regime.about(controlled.adjusted).label() for controlled in adjusted.values()][:1]
    notes += [messages.text("cli.controls.ratio", worth=WORTH)] if adjusted else []
    notes += [messages.text("cli.controls.poor", names=comma.join(poor))] if poor else []
    if any(not controlled.consistent for controlled in adjusted.values()):
        notes.append(messages.text("cli.controls.inconsistent"))
    return notes + ([messages.text("cli.controls.without", names=comma.join(without))] if without else [])


def controls_document(controls: Controls) -> dict[str, Any]:
    """Return the controls themselves: their known means, and the means that were drawn."""
    drawn = zip(("visits", "server_hours"), controls.expected, controls.drawn.T, strict=False)
    return {
        "worth_below": WORTH,
        "controls": [
            {"control": name, "known_mean": float(mean), "drawn": interval_document(mean_interval(values))}
            for name, mean, values in drawn
        ],
    }


def controlled_document(controls: Controls, key: str) -> dict[str, Any] | None:
    """Return what the controls are worth for one metric."""
    controlled = controls.adjust(key)
    if not math.isfinite(controlled.variance_ratio):
        return None
    return {
        "adjusted": interval_document(controlled.adjusted),
        "variance_ratio": controlled.variance_ratio,
        "consistent": controlled.consistent,
        "pays": controlled.pays,
    }
