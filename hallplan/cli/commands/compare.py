"""``hallplan compare``: simulate scenarios with the same random numbers and print the differences from the first.

Input: the command's arguments and options.  Output: tables or JSON, and the files that ``--out`` names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from hallplan.cli import options
from hallplan.cli.faults import UsageError
from hallplan.cli.files import OutputFiles
from hallplan.cli.simulating import check_metrics, composed_of, metrics_to_show, simulator, warn_of_overload

if TYPE_CHECKING:
    from calibration.posterior.artefact import Posterior
    from planner.compare import Comparison
    from planner.forecast import ComparedForecasts
    from scenarios.compose.composing import Composed
    from sim.statistics.precision import Precision

__all__ = ["compare_command"]


def compare_command(
    scenarios: options.ScenarioNames,
    reps: options.Reps = None,
    precision: options.Precisions = None,
    days: options.Days = None,
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
    lang: options.Lang = None,
) -> None:
    """Simulate scenarios with the same random numbers and print the differences from the first."""
    if len(scenarios) == 1 and not lever:
        raise UsageError("cli.usage.compare_two")
    if len(scenarios) == 1:  # the scenario against itself with the levers
        read = [composed_of(scenarios[0], None, set_, days), composed_of(scenarios[0], lever, set_, days)]
    else:
        read = [composed_of(name, lever, set_, days) for name in scenarios]
    from hallplan.api import worthwhile_workers
    from hallplan.cli.progress import Bar, interruptible
    from hallplan.show.comparison import ComparisonReport, compare_document, compare_tables
    from planner.load import offered_load
    from scenarios.provenance import count_kinds
    from sim.statistics.precision import AT_MOST

    models = [one.scenario for one in read]
    check_metrics(metric, models)
    asked = options.precision_of(precision or (), reps=reps, scenarios=models)
    for model in models:
        check_metrics(list(asked), [model])
    drawn_from = options.posterior_of(posterior, posterior_from, asked=bool(asked))
    names = ("differences", *(f"summaries_{place}" for place in range(len(read))))
    frames = names if drawn_from is None else (*names, *(f"posterior_{name}" for name in names))
    files = OutputFiles(out, format_, force, frames=frames, composed=read)
    loads = [offered_load(model) for model in models]
    warn_of_overload(models, loads)
    inputs = [count_kinds(one.scenario, one.raw) for one in read]
    number = reps or (AT_MOST if asked else models[0].run.replications)
    chosen, engine_name = simulator(engine, models, number)
    with Bar(number * len(models)) as bar:
        work = partial(
            _compare,
            read,
            drawn_from,
            replications=number,
            precision=asked or None,
            seed=seed,
            workers=workers or worthwhile_workers(models, number),
            engine=chosen,
            progress=lambda place, done, most: bar.tell((done - 1) * len(models) + place + 1, most * len(models)),
        )
        comparison, forecasts = interruptible(work)
    means = {str(key): value for run in reversed(comparison.runs) for key, value in run.summaries.mean().items()}
    known = {key: means[key] for key in comparison.metrics}
    report = ComparisonReport(comparison, inputs, loads, forecasts)
    shown = metrics_to_show(known, models, metric, every=True)
    document = partial(compare_document, report, shown, engine=engine_name)
    tables = partial(compare_tables, report, metrics_to_show(known, models, metric))
    files.write_outputs(forecasts or comparison, document, tables, json=json)


def _compare(
    read: Sequence[Composed],
    posterior: Posterior | None,
    *,
    precision: Mapping[str, Precision] | None,
    progress: Callable[[int, int, int], None],
    **how: Any,
) -> tuple[Comparison, ComparedForecasts | None]:
    """Compare scenarios; with a posterior, twice."""
    if posterior is None:
        from planner.compare import compare

        return compare([one.scenario for one in read], precision=precision, progress=progress, **how), None
    from planner.forecast import compare_forecasts

    # The bar counts a scenario's replications: half of the work of a scenario is one of them.
    told = partial(_tell_in_turn, progress, len(read), how["replications"])
    found = compare_forecasts(read, posterior, progress=told, **how)
    return found.own, found


def _tell_in_turn(told: Callable[[int, int, int], None], scenarios: int, number: int, done: int, total: int) -> None:
    """Tell how far a comparison is that runs one scenario after another."""
    at = done * scenarios * number // total
    told((max(at, 1) - 1) % scenarios, (max(at, 1) - 1) // scenarios + 1, number)
