"""``hallplan compare``: simulate scenarios with the same random numbers and print the differences from the first.

Input: the command's arguments and options.  Output: tables or JSON, and the files that ``--out`` names.
"""

from __future__ import annotations

from functools import partial

from hallplan.cli import options
from hallplan.cli.faults import UsageError
from hallplan.cli.files import OutputFiles
from hallplan.cli.studies import StudyOptions, check_metrics, metrics_to_show, prepared_of, warn_of_overload
from hallplan.cli.wait_limits import WaitLimits

__all__ = ["compare_command"]


def compare_command(
    scenarios: options.ScenarioNames,
    reps: options.Reps = None,
    precision: options.Precisions = None,
    days: options.Days = None,
    wait_limit: WaitLimits = None,
    seed: options.Seed = None,
    lever: options.LeverTexts = None,
    set_: options.SetTexts = None,
    posterior: options.PosteriorFlag = False,
    posterior_from: options.PosteriorFolder = None,
    metric: options.Metrics = None,
    json: options.Json = False,
    out: options.Out = None,
    format_: options.Formats = "parquet,csv",
    force: options.Force = False,
    engine: options.EngineName = None,
    workers: options.Workers = None,
    no_cache: options.NoCache = False,
    lang: options.Lang = None,
) -> None:
    """Simulate scenarios with the same random numbers and print the differences from the first."""
    if len(scenarios) == 1 and not lever:
        raise UsageError("cli.usage.compare_two")
    prepare = partial(prepared_of, sets=set_, days=days, wait_limits=wait_limit, store=not no_cache)
    if len(scenarios) == 1:  # the scenario against itself with the levers
        candidates = [prepare(scenarios[0], None), prepare(scenarios[0], lever)]
    else:
        candidates = [prepare(name, lever) for name in scenarios]
    from hallplan.show.comparison import ComparisonReport, compare_document, compare_tables
    from planner.compare import Comparison, check_number

    models = [candidate.scenario for candidate in candidates]
    outlooks = [candidate.outlook for candidate in candidates]
    check_metrics(metric, models)
    requested = options.precision_of(precision or (), reps=reps, scenarios=models)
    for model in models:
        check_metrics(list(requested), [model])
    draws = options.posterior_of(posterior, posterior_from, with_precision=bool(requested))
    names = ("differences", *(f"summaries_{place}" for place in range(len(candidates))))
    frames = names if draws is None else (*names, *(f"posterior_{name}" for name in names))
    files = OutputFiles(out, format_, force, frames=frames, composed=[candidate.composed for candidate in candidates])
    warn_of_overload(models, outlooks)
    check_number(len(models))
    study_options = StudyOptions(seed, engine, workers, not no_cache)
    if draws is None:
        policy = options.policy_of(requested, reps)
        result = study_options.work_off(*models, policy=policy, replications=reps or None)
        comparison, forecasts = Comparison.of(result), None
    else:
        from planner.forecast import ComparedForecasts, forecast_systems

        result = study_options.work_off(
            *forecast_systems([candidate.composed for candidate in candidates], draws), replications=reps or None
        )
        forecasts = ComparedForecasts.of(result)
        comparison = forecasts.own
    report = ComparisonReport(result, comparison, outlooks, forecasts)
    all_means = {key: mean for run in reversed(comparison.runs) for key, mean in run.means.items()}
    means = {key: all_means[key] for key in comparison.metrics}
    document = partial(compare_document, report, metrics_to_show(means, models, metric, every=True))
    tables = partial(compare_tables, report, metrics_to_show(means, models, metric))
    files.write_outputs(forecasts or comparison, document, tables, json=json)
