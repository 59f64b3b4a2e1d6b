"""``hallplan run``: simulate a scenario and print its metrics.

Input: the command's arguments and options.  Output: a table or JSON, and the files that ``--out`` and ``--event-log``
name.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from hallplan.cli import options
from hallplan.cli.event_log import DEFAULT_KIND, EventLogFile, FileOption, KindOption
from hallplan.cli.files import OutputFiles
from hallplan.cli.studies import StudyOptions, check_metrics, metrics_to_show, prepared_of, warn_of_overload
from hallplan.cli.wait_limits import WaitLimits

if TYPE_CHECKING:
    from hallplan.show.text_table import TextTable
    from planner.controls import Controls
    from sim.run.replications import Replications

__all__ = ["run_command"]

_FRAMES: Final = ("summaries", "wait_by_half_hour", "pools_by_half_hour", "touched_days", "open_cases_by_day")


def run_command(
    scenario: options.ScenarioName,
    reps: options.Reps = None,
    precision: options.Precisions = None,
    days: options.Days = None,
    wait_limit: WaitLimits = None,
    seed: options.Seed = None,
    lever: options.LeverTexts = None,
    set_: options.SetTexts = None,
    posterior: options.PosteriorFlag = False,
    posterior_from: options.PosteriorFolder = None,
    controls: options.ControlsFlag = False,
    metric: options.Metrics = None,
    json: options.Json = False,
    out: options.Out = None,
    format_: options.Formats = "parquet,csv",
    force: options.Force = False,
    event_log: FileOption = None,
    event_log_kind: KindOption = DEFAULT_KIND,
    engine: options.EngineName = None,
    workers: options.Workers = None,
    no_cache: options.NoCache = False,
    lang: options.Lang = None,
) -> None:
    """Simulate a scenario and print its metrics."""
    prepared = prepared_of(scenario, lever, set_, days, wait_limit, store=not no_cache)
    from hallplan.show.controls import controls_table
    from hallplan.show.milestones import has_milestones, milestones_table
    from hallplan.show.run import RunReport, run_document, run_table

    model, outlook = prepared.scenario, prepared.outlook
    check_metrics(metric, [model])
    requested = options.precision_of(precision or (), reps=reps, scenarios=[model])
    check_metrics(list(requested), [model])
    draws = options.posterior_of(posterior, posterior_from, with_precision=bool(requested))
    frames = _FRAMES if draws is None else (*_FRAMES, "posterior_summaries")
    files = OutputFiles(out, format_, force, frames=frames, composed=[prepared.composed])
    log_file = EventLogFile.requested(event_log, event_log_kind, force=force)
    warn_of_overload([model], [outlook])
    study_options = StudyOptions(seed, engine, workers, not no_cache)
    policy, curves = options.policy_of(requested, reps), out is not None
    if draws is None:
        result, forecast = study_options.work_off(model, policy=policy, replications=reps or None, curves=curves), None
    else:
        from planner.forecast import Forecast, forecast_systems

        systems = forecast_systems([prepared.composed], draws)
        result = study_options.work_off(*systems, replications=reps or None, curves=curves)
        forecast = Forecast.of(result)
    run = result.runs[0]
    adjusted = _controls(run) if controls else None
    report = RunReport(result, outlook, forecast, adjusted)
    document = partial(run_document, report, metrics_to_show(run.means, [model], metric, every=True))

    def tables() -> list[TextTable]:
        shown = metrics_to_show(run.means, [model], metric)
        milestones = milestones_table(run) if has_milestones(shown if metric else None) else None
        return [
            run_table(report, shown),
            *([] if milestones is None else [milestones]),
            *([] if adjusted is None else [controls_table(adjusted, shown, regime=outlook.regime)]),
        ]

    files.write_outputs(forecast or run, document, tables, json=json)
    if log_file is not None:
        log_file.write(model, run.seed, quiet=json)


def _controls(run: Replications) -> Controls:
    from hallplan.cli.progress import Bar, interruptible
    from planner.controls import controls_of

    with Bar(len(run)) as bar:
        return interruptible(partial(controls_of, run, progress=bar.tell))
