"""The result of a run: one row a metric, as a table of text and as JSON.

Input: replications of a scenario, and what stands beside them: its offered load, the provenance of its numbers, a
precision that was requested, a forecast, control variates.  Output: a table and a document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from foundation import messages
from foundation.numbers import number, published_range, range_text
from hallplan.show.controls import controlled_document, controls_document
from hallplan.show.document import (
    envelope,
    interval_document,
    metric_document,
    precision_document,
    scenario_document,
    window_document,
)
from hallplan.show.forecast import posterior_document, spread_cells, spread_columns, spread_document, spread_notes
from hallplan.show.metrics import metric_label
from hallplan.show.milestones import has_milestones, milestones_document
from hallplan.show.notes import (
    calendar_notes,
    coverage_note,
    inputs_note,
    near_capacity_note,
    omissions,
    overload_notes,
    window_note,
)
from hallplan.show.targets import target_document, target_notes, undecided_note, verdict_text
from hallplan.show.text_table import TextTable, columns
from hallplan.show.words import heading, yes_or_no
from planner.forecast import Forecast
from planner.outlook import Outlook
from planner.targets import TargetCheck, check_target
from sim.measure.registry import metric_of
from sim.run.replications import Replications
from sim.run.study import StudyResult

if TYPE_CHECKING:
    from planner.controls import Controls

__all__ = ["RunReport", "run_document", "run_table"]


@dataclass(frozen=True, eq=False)
class RunReport:
    """A run and everything that is shown with it.

    Attributes
    ----------
    result
        The result of its study, the scenario's own numbers first.
    outlook
        What is known of the scenario before it is run.
    forecast
        The same with parameters drawn from a posterior, if one was requested.
    controls
        The run's control variates, if they were requested.
    """

    result: StudyResult
    outlook: Outlook
    forecast: Forecast | None = None
    controls: Controls | None = None

    @property
    def run(self) -> Replications:
        """Replications of the scenario."""
        return self.result.runs[0]


def run_table(report: RunReport, metrics: Sequence[str]) -> TextTable:
    """Return one row a metric: mean, interval, target, verdict and where the target comes from."""
    run, forecast = report.run, report.forecast
    scenario, rows, checks = run.scenario, list[tuple[str, ...]](), dict[str, TargetCheck]()
    for key in metrics:
        interval, kind = run.interval(key), metric_of(key).kind
        target = scenario.targets.get(key)
        cells = ["", "", messages.text("cli.simulated")]
        if target is not None:
            checks[key] = check_target(interval, target)
            published = published_range(target.low, target.high, kind)
            cells = [published, verdict_text(checks[key]), messages.text("cli.kind.published")]
        spread = () if forecast is None else spread_cells(forecast.spread(key), kind)
        mean = number(interval.estimate, kind)
        rows.append((metric_label(key, scenario), mean, range_text(interval.low, interval.high, kind), *spread, *cells))
    headings = (*columns("metric", "#mean", "#interval"), *(() if forecast is None else spread_columns()))
    if checks:
        headings = (*headings, *columns("#target", "in_target", "provenance"))
    else:  # Where nothing is published at all, there is nothing to hold the figures against.
        rows = [row[: len(headings)] for row in rows]
    return TextTable(
        headings,
        tuple(rows),
        title=heading(scenario),
        notes=tuple(note for note in _notes(report, metrics, checks) if note),
        alarms=frozenset({yes_or_no(False)}),
    )


def _notes(report: RunReport, metrics: Sequence[str], checks: Mapping[str, TargetCheck]) -> list[str]:
    run, scenario, forecast = report.run, report.run.scenario, report.forecast
    outlook = report.outlook
    measured = (interval for key in metrics if (interval := run.interval(key)).n > 1)  # a wait of nobody has none
    covered = next(measured, None)
    return [
        window_note(scenario, replications=len(run), seed=run.seed),
        *omissions(run, metrics),
        report.result.reached.message() if report.result.reached is not None else "",
        outlook.regime.about(covered).label() if covered is not None else "",
        near_capacity_note(outlook.load, len(run)) if metrics else "",
        *(() if forecast is None else spread_notes(forecast.draws, len(run))),
        undecided_note(list(checks.values())),
        inputs_note(outlook.inputs),
        *target_notes(scenario, list(checks)),
        *overload_notes(outlook.regime),
        *calendar_notes(outlook.unannounced),
    ]


def run_document(report: RunReport, metrics: Sequence[str]) -> dict[str, Any]:
    """Return the document of ``hallplan run``."""
    run, scenario, forecast, controls = report.run, report.run.scenario, report.forecast, report.controls
    outlook, rows = report.outlook, []
    for key in metrics:
        interval = run.interval(key)
        spread = {} if forecast is None else {"with_parameters": spread_document(forecast.spread(key))}
        controlled = {} if controls is None else {"controls": controlled_document(controls, key)}
        target = target_document(interval, scenario.targets.get(key))
        rows.append(
            {
                **metric_document(key, scenario),
                **(interval_document(interval) or {}),
                **spread,
                **controlled,
                "target": target,
            }
        )
    return envelope(
        "run",
        scenario=scenario_document(scenario),
        run=window_document(scenario, report.result.engine, seed=run.seed, replications=len(run)),
        covers=coverage_note([outlook.regime]),
        inputs=dict(outlook.inputs),
        omissions=omissions(run, metrics),
        overloaded=list(outlook.load.overloaded),
        regime=outlook.regime.kind,
        precision=precision_document(report.result.reached),
        posterior=posterior_document(forecast),
        controls=None if controls is None else controls_document(controls),
        provenance=report.result.provenance.as_dict(),
        metrics=rows,
        milestones=milestones_document(run) if has_milestones(metrics) else [],
    )
