"""What the commands that compare share: one study of the candidates, its report as text, JSON and files.

Input: prepared scenarios, the first of which is the base, and the words of the command line.  Output: tables or JSON,
and the files that ``--out`` names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hallplan.cli import options
from hallplan.cli.files import OutputFiles
from hallplan.cli.prepared import Prepared
from hallplan.cli.studies import StudyOptions, check_metrics, metrics_to_show, warn_of_overload

__all__ = ["CompareOptions", "print_comparison"]


@dataclass(frozen=True)
class CompareOptions:
    """How candidates are compared and shown, as the command line says it.

    Attributes
    ----------
    study
        How the study is worked off.
    reps, precision
        As many replications, or as it takes.
    posterior, posterior_from
        Whether parameters are drawn, and from which posterior.
    metric
        Metrics to show; those worth a first look by default.
    json, out, format_, force
        What is printed, and which files are written.
    """

    study: StudyOptions
    reps: int | None
    precision: Sequence[str] | None
    posterior: bool
    posterior_from: Path | None
    metric: Sequence[str] | None
    json: bool
    out: Path | None
    format_: str
    force: bool


def print_comparison(
    candidates: Sequence[Prepared], choices: CompareOptions, *, titles: Sequence[str] = (), is_path: bool = False
) -> None:
    """Simulate candidates with the same random numbers, and print the differences from the first.

    Parameters
    ----------
    candidates
        Scenarios as commands need them.
    choices
        How.
    titles
        What to call the candidates; by default by their names and levers.
    is_path
        Whether each candidate is compared with the one before it too.

    Raises
    ------
    HallplanError
        One sentence about what is wrong.
    """
    from hallplan.show.comparison import ComparisonReport, compare_document, compare_tables
    from planner.compare import Comparison, check_number

    models = [candidate.scenario for candidate in candidates]
    outlooks = [candidate.outlook for candidate in candidates]
    metric, reps = choices.metric, choices.reps
    check_metrics(metric, models)
    requested = options.precision_of(choices.precision or (), reps=reps, scenarios=models)
    for model in models:
        check_metrics(list(requested), [model])
    draws = options.posterior_of(choices.posterior, choices.posterior_from, with_precision=bool(requested))
    names = ("differences", *(f"summaries_{place}" for place in range(len(candidates))))
    frames = names if draws is None else (*names, *(f"posterior_{name}" for name in names))
    composed = [candidate.composed for candidate in candidates]
    files = OutputFiles(choices.out, choices.format_, choices.force, frames=frames, composed=composed)
    warn_of_overload(models, outlooks)
    check_number(len(models))
    if draws is None:
        policy = options.policy_of(requested, reps)
        result = choices.study.work_off(*models, policy=policy, replications=reps or None, titles=titles)
        comparison, forecasts = Comparison.of(result), None
    else:
        from planner.forecast import ComparedForecasts, forecast_systems

        systems = forecast_systems(composed, draws)
        result = choices.study.work_off(*systems, replications=reps or None, titles=[*titles, *titles])
        forecasts = ComparedForecasts.of(result)
        comparison = forecasts.own
    report = ComparisonReport(result, comparison, outlooks, forecasts, is_path)
    all_means = {key: mean for run in reversed(comparison.runs) for key, mean in run.means.items()}
    means = {key: all_means[key] for key in comparison.metrics}
    document = partial(compare_document, report, metrics_to_show(means, models, metric, every=True))
    tables = partial(compare_tables, report, metrics_to_show(means, models, metric))
    files.write_outputs(forecasts or comparison, document, tables, json=choices.json)
