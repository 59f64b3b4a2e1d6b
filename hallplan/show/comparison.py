"""The result of a comparison: scenarios side by side with the base, as tables of text and as JSON.

Input: a :class:`planner.compare.Comparison`, and what stands beside it: offered loads, the provenance of the numbers, a
forecast.  Output: tables and a document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from foundation import messages
from foundation.numbers import NOTHING, estimate_text
from hallplan.show.document import (
    envelope,
    interval_document,
    metric_document,
    number_or_null,
    precision_document,
    scenario_document,
    window_document,
)
from hallplan.show.forecast import posterior_document, spread_cells, spread_columns, spread_document, spread_notes
from hallplan.show.metrics import metric_label
from hallplan.show.notes import (
    calendar_notes,
    coverage_note,
    demand_note,
    inputs_note,
    omissions,
    overload_notes,
    window_note,
)
from hallplan.show.targets import target_cells, target_document, target_notes, undecided_note
from hallplan.show.text_table import Column, TextTable, columns, notes_only
from hallplan.show.words import yes_or_no
from planner.compare import Comparison, Difference
from planner.forecast import ComparedForecasts
from planner.outlook import Outlook
from planner.regime import regime_of_differences
from planner.targets import check_target
from sim.measure.registry import metric_of
from sim.run.replications import Replications
from sim.run.study import StudyResult

__all__ = ["ComparisonReport", "compare_document", "compare_tables"]


_EXPLORATORY: Final = "°"
"""Marks a metric that was not named in advance."""


@dataclass(frozen=True, eq=False)
class ComparisonReport:
    """A comparison and everything that is shown with it.

    Attributes
    ----------
    result
        The result of the study.
    comparison
        The scenarios, the base first.
    outlooks
        What is known of each scenario before it is run.
    forecasts
        The same with parameters drawn from a posterior, if one was requested.
    is_path
        Whether the scenarios are the settings of a path, so that each is compared with the one before it too.
    """

    result: StudyResult
    comparison: Comparison
    outlooks: Sequence[Outlook]
    forecasts: ComparedForecasts | None = None
    is_path: bool = False


# ---- tables of text ------------------------------------------------------------------------------------------------


def compare_tables(report: ComparisonReport, metrics: Sequence[str]) -> list[TextTable]:
    """Return a table for every scenario that is compared with the base, then notes that hold for all of them.

    Of a path there are two: what each step does, and the last setting against the start.
    """
    last = len(report.comparison.runs) - 1
    shown = [last] if report.is_path else range(1, last + 1)
    tables = [_path_table(report.comparison, metrics)] if report.is_path else []
    tables += [_against_base(report, metrics, which) for which in shown]
    notes = dict.fromkeys([*_general_notes(report, metrics), *_notes_of_scenarios(report, metrics)])
    return [*tables, notes_only(*notes)]


def _windows(comparison: Comparison) -> list[str]:
    """Return what was simulated, in as many sentences as there are different windows."""
    return list(
        dict.fromkeys(window_note(run.scenario, replications=len(run), seed=run.seed) for run in comparison.runs)
    )


def _general_notes(report: ComparisonReport, metrics: Sequence[str]) -> list[str]:
    comparison, windows = report.comparison, _windows(report.comparison)
    notes = windows if len(windows) == 1 else []
    notes.append(comparison.reached.message() if comparison.reached is not None else "")
    changes = (change for key in metrics if (change := comparison.difference(key).change) and change.n > 1)
    covers = next(changes, None)
    regimes = [outlook.regime for outlook in report.outlooks]
    notes.append(regime_of_differences(regimes).about(covers).label() if covers else "")
    if report.forecasts is not None:
        notes += spread_notes(report.forecasts.draws, len(comparison.runs[0]))
    notes += _families(comparison, metrics)
    if len({(run.scenario.run.days, run.scenario.run.warm_up_days) for run in comparison.runs}) > 1:
        notes.append(messages.text("cli.note.windows_differ"))
    return [*notes, demand_note([run.scenario for run in comparison.runs], comparison.names)]


def _families(comparison: Comparison, metrics: Sequence[str]) -> list[str]:
    """Say for how many looks the intervals allow: at primary metrics, and at exploratory ones."""
    primary, explored = len(comparison.primary), comparison.exploratory
    notes = []
    if set(metrics) & set(comparison.primary):
        n, level = primary * comparison.comparisons, comparison.simultaneous_level
        notes.append(messages.text("cli.note.primary", n=n, level=level, together=comparison.level))
    if set(metrics) - set(comparison.primary):
        rate = 1 - comparison.level
        values = {"n": explored.tested, "clear": explored.clear, "level": explored.level}
        notes.append(messages.text("cli.note.exploratory", rate=rate, mark=_EXPLORATORY, **values))
    return notes


def _notes_of_scenarios(report: ComparisonReport, metrics: Sequence[str]) -> list[str]:
    """Return the notes about single scenarios, then what an undecided verdict means."""
    comparison, notes, checks = report.comparison, dict[tuple[str, str], str](), []
    has_one_window = len(_windows(comparison)) == 1
    for run, name, outlook in zip(comparison.runs, comparison.names, report.outlooks, strict=True):
        scenario = run.scenario
        with_target = [key for key in metrics if key in scenario.targets and key in run.columns]
        checks += [check_target(run.interval(key), scenario.targets[key]) for key in with_target]
        of_scenario = [] if has_one_window else [window_note(scenario, replications=len(run), seed=run.seed)]
        of_scenario += omissions(run, metrics)
        of_scenario += [inputs_note(outlook.inputs), *target_notes(scenario, with_target)]
        of_scenario += overload_notes(outlook.regime)
        of_scenario += calendar_notes(outlook.unannounced)
        for note in filter(None, of_scenario):  # what a lever does not change is said once, of the scenario without it
            notes.setdefault((scenario.name, note), f"{name}: {note}")
    return [*notes.values(), undecided_note(checks)]


def _path_table(comparison: Comparison, metrics: Sequence[str]) -> TextTable:
    """Return what each step of a path changes, from the setting before it."""
    steps = comparison.steps
    rows = []
    for key in metrics:
        home = next(run.scenario for run in comparison.runs if key in run.columns)
        changes = [step.difference(key).change if key in step.metrics else None for step in steps]
        kind = metric_of(key).kind
        cells = [
            NOTHING if change is None else estimate_text(change.estimate, change.low, change.high, kind, sign=True)
            for change in changes
        ]
        rows.append((metric_label(key, home), *cells))
    headings = (*columns("metric"), *(Column(name, is_number=True) for name in comparison.names[1:]))
    notes = (messages.text("cli.compare.path_note", level=comparison.level),)
    return TextTable(headings, tuple(rows), title=messages.text("cli.compare.path"), notes=notes)


def _against_base(report: ComparisonReport, metrics: Sequence[str], which: int) -> TextTable:
    comparison, forecasts = report.comparison, report.forecasts
    base, other = comparison.runs[0].scenario, comparison.runs[which].scenario
    sides = [(comparison.names[0], base), (comparison.names[which], other)]
    has_targets = any(key in scenario.targets for _, scenario in sides for key in metrics)
    headings, rows = [*columns("metric")], []
    for name, _ in sides:
        headings += [Column(name, is_number=True), *(columns("#target", "provenance") if has_targets else ())]
    headings += [*columns("#change", "is_clear"), *(() if forecasts is None else spread_columns())]
    for key in metrics:
        kind, difference = metric_of(key).kind, comparison.difference(key, which)
        label = metric_label(key, other if key in comparison.runs[which].columns else base)
        cells = [label if difference.is_primary else f"{label} {_EXPLORATORY}"]
        for mean, (_, scenario) in zip((difference.base, difference.other), sides, strict=True):
            cells.append(NOTHING if mean is None else estimate_text(mean.estimate, mean.low, mean.high, kind))
            cells += target_cells(mean, scenario.targets.get(key), kind) if has_targets else ()
        spread = () if forecasts is None else spread_cells(forecasts.spread(key, which), kind)
        rows.append((*cells, *_change_cells(difference, kind), *spread))
    title = messages.text("cli.compare.title", other=comparison.names[which], base=comparison.names[0])
    return TextTable(tuple(headings), tuple(rows), title=title)


def _change_cells(difference: Difference, kind: str) -> tuple[str, str]:
    """Return the difference, and whether it is clear."""
    change, simultaneous = difference.change, difference.simultaneous
    if change is None or simultaneous is None:
        return NOTHING, NOTHING
    text = estimate_text(change.estimate, simultaneous.low, simultaneous.high, kind, sign=True)
    return text, yes_or_no(difference.is_clear)


# ---- JSON ----------------------------------------------------------------------------------------------------------


def compare_document(report: ComparisonReport, metrics: Sequence[str]) -> dict[str, Any]:
    """Return the document of ``hallplan compare``."""
    comparison = report.comparison
    return envelope(
        "compare",
        base=comparison.names[0],
        level=comparison.level,
        comparisons=comparison.comparisons,
        simultaneous_level=comparison.simultaneous_level,
        primary={"metrics": list(comparison.primary), "level": comparison.simultaneous_level},
        exploratory={"false_discovery_rate": 1 - comparison.level, **asdict(comparison.exploratory)},
        precision=precision_document(comparison.reached),
        covers=coverage_note([outlook.regime for outlook in report.outlooks]),
        posterior=posterior_document(report.forecasts),
        provenance=report.result.provenance.as_dict(),
        scenarios=_scenarios(report, metrics),
        metrics=[_metric(report, key) for key in metrics],
    )


def _scenarios(report: ComparisonReport, metrics: Sequence[str]) -> list[dict[str, Any]]:
    comparison = report.comparison
    return [
        {
            **scenario_document(run.scenario),
            "label": name,
            "run": window_document(run.scenario, report.result.engine, seed=run.seed, replications=len(run)),
            "inputs": dict(outlook.inputs),
            "omissions": omissions(run, metrics),
            "overloaded": list(outlook.load.overloaded),
            "regime": outlook.regime.kind,
        }
        for run, name, outlook in zip(comparison.runs, comparison.names, report.outlooks, strict=True)
    ]


def _metric(report: ComparisonReport, key: str) -> dict[str, Any]:
    comparison, forecasts = report.comparison, report.forecasts
    home = next(run.scenario for run in comparison.runs if key in run.columns)
    differences = []
    for which, name in enumerate(comparison.names[1:], 1):
        spread = {} if forecasts is None else {"with_parameters": spread_document(forecasts.spread(key, which))}
        differences.append({**_difference(comparison.difference(key, which), name), **spread})
    steps = [
        {"scenario": step.names[1], "change": interval_document(step.difference(key).change)}
        for step in (comparison.steps if report.is_path else ())
        if key in step.metrics
    ]
    return {
        **metric_document(key, home),
        "family": "primary" if key in comparison.primary else "exploratory",
        "scenarios": [_side(run, key) for run in comparison.runs],
        "differences": differences,
        **({"steps": steps} if report.is_path else {}),
    }


def _side(run: Replications, key: str) -> dict[str, Any] | None:
    if key not in run.columns:
        return None
    interval = run.interval(key)
    return {**(interval_document(interval) or {}), "target": target_document(interval, run.scenario.targets.get(key))}


def _difference(difference: Difference, name: str) -> dict[str, Any]:
    return {
        "scenario": name,
        "change": interval_document(difference.change),
        "simultaneous": interval_document(difference.simultaneous),
        "is_clear": difference.is_clear,
        "correlation": number_or_null(difference.correlation),
    }
