"""``hallplan run``: simulate a scenario and print its metrics.

Input: the command's arguments and options.  Output: a table or JSON, and the files that ``--out`` and ``--event-log``
name.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from hallplan.cli import options
from hallplan.cli.event_log import EventLogFile, FileOption, KindOption
from hallplan.cli.files import OutputFiles
from hallplan.cli.simulating import check_metrics, composed_of, metrics_to_show, simulator, warn_of_overload

if TYPE_CHECKING:
    from calibration.posterior.artefact import Posterior
    from hallplan.show.text_table import TextTable
    from planner.forecast import Forecast
    from scenarios.compose.composing import Composed
    from sim.run.replications import Replications
    from sim.statistics.precision import Precision, Reached

__all__ = ["run_command"]

_RUN_FRAMES: Final = ("summaries", "wait_by_half_hour", "pools_by_half_hour", "touched_days", "open_cases_by_day")


def run_command(
    scenario: options.ScenarioName,
    reps: options.Reps = None,
    precision: options.Precisions = None,
    days: options.Days = None,
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
    event_log_kind: KindOption = "activities",
    engine: options.EngineName = None,
    workers: options.Workers = None,
    lang: options.Lang = None,
) -> None:
    """Simulate a scenario and print its metrics."""
    composed = composed_of(scenario, lever, set_, days)
    from hallplan.api import worthwhile_workers
    from hallplan.cli.progress import Bar, interruptible
    from hallplan.show.controls import controls_table
    from hallplan.show.run import RunReport, run_document, run_table
    from planner.controls import controls_of
    from planner.load import offered_load
    from scenarios.provenance import count_kinds
    from sim.statistics.precision import AT_MOST

    model = composed.scenario
    check_metrics(metric, [model])
    asked = options.precision_of(precision or (), reps=reps, scenarios=[model])
    check_metrics(list(asked), [model])
    drawn_from = options.posterior_of(posterior, posterior_from, asked=bool(asked))
    frames = _RUN_FRAMES if drawn_from is None else (*_RUN_FRAMES, "posterior_summaries")
    files = OutputFiles(out, format_, force, frames=frames, composed=[composed])
    log_file = EventLogFile.asked(event_log, event_log_kind, force=force)
    load, inputs = offered_load(model), count_kinds(model, composed.raw)
    warn_of_overload([model], [load])
    number = reps or (AT_MOST if asked else model.run.replications)
    chosen, name = simulator(engine, [model], number)
    with Bar(number) as bar:
        work = partial(
            _replicate,
            composed,
            asked,
            number,
            drawn_from,
            seed=seed,
            workers=workers or worthwhile_workers([model], number),
            engine=chosen,
            curves=out is not None,
            progress=bar.tell,
        )
        found, reached, forecast = interruptible(work)
        adjusted = interruptible(partial(controls_of, found, progress=bar.tell)) if controls else None
    means = {str(key): value for key, value in found.summaries.mean().items()}
    shown = metrics_to_show(means, [model], metric, every=True)
    report = RunReport(found, inputs, load, reached, forecast, adjusted)
    document = partial(run_document, report, shown, engine=name)

    def tables() -> list[TextTable]:
        first = metrics_to_show(means, [model], metric)
        beside = [] if adjusted is None else [controls_table(adjusted, first, load=load)]
        return [run_table(report, first), *beside]

    files.write_outputs(forecast or found, document, tables, json=json)
    if log_file is not None:
        log_file.write(model, found.seed, quiet=json)


def _replicate(
    composed: Composed, asked: Mapping[str, Precision], number: int, posterior: Posterior | None, **how: Any
) -> tuple[Replications, Reached | None, Forecast | None]:
    """Run so many replications, or at most so many where a precision is asked for; with a posterior, twice."""
    model = composed.scenario
    if posterior is not None:
        from planner.forecast import forecast

        found = forecast(composed, posterior, replications=number, **how)
        return found.own, None, found
    from sim.run.replications import replicate
    from sim.statistics.precision import AT_LEAST
    from sim.statistics.sequential import replicate_to

    if not asked:
        return replicate(model, replications=number, **how), None, None
    least = min(AT_LEAST, number)
    return *replicate_to(model, precision=asked, at_least=least, at_most=number, **how), None
