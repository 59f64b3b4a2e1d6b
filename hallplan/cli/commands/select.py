"""``hallplan select``: choose the best of several scenarios by one metric.

Input: scenarios, or one scenario and levers to try; the metric.  Output: tables or JSON, and the files that ``--out``
names.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from hallplan.cli import options
from hallplan.cli.faults import UsageError
from hallplan.cli.files import OutputFiles
from hallplan.cli.simulating import composed_of, simulator, warn_of_overload

if TYPE_CHECKING:
    from calibration.posterior.artefact import Posterior
    from planner.forecast import Drawn
    from scenarios.compose.composing import Composed
    from scenarios.model import Scenario
    from sim.statistics.selection import Better

__all__ = ["select_command"]

_GUARANTEED_ONLY: Final = ("--delta", "--confidence", "--reps")


def select_command(
    scenarios: options.SelectNames,
    metric: options.SelectMetric,
    delta: options.Delta = None,
    better: options.BetterWord = None,
    confidence: options.Confidence = None,
    budget: options.Budget = None,
    reps: options.AtMost = None,
    days: options.Days = None,
    seed: options.Seed = None,
    lever: options.SelectLevers = None,
    set_: options.SetTexts = None,
    posterior: options.PosteriorFlag = False,
    posterior_from: options.PosteriorFolder = None,
    json: options.Json = False,
    out: options.Out = None,
    format_: options.Formats = "parquet,csv",
    force: options.Force = False,
    engine: options.EngineName = None,
    workers: options.Workers = None,
    lang: options.Lang = None,
) -> None:
    """Choose the best of several scenarios by one metric."""
    asked = dict(zip(_GUARANTEED_ONLY, (delta, confidence, reps), strict=True))
    if budget is not None and any(value is not None for value in asked.values()):
        option = next(name for name, value in asked.items() if value is not None)
        raise UsageError("cli.usage.budget_alone", option=option)
    read = _candidates(scenarios, lever, set_, days)
    from hallplan.api import worthwhile_workers
    from hallplan.cli.progress import Bar, interruptible
    from hallplan.show.selection import SelectionReport, select_document, select_tables
    from planner.load import offered_load
    from planner.select import AT_MOST, select_best, select_within_budget
    from scenarios.provenance import count_kinds
    from sim.statistics.selection import FIRST_STAGE

    models = [one.scenario for one in read]
    _check_metric(metric, models)
    if budget is None and delta is None:
        raise UsageError("cli.usage.no_delta")
    smallest = math.nan if delta is None else options.delta_of(delta, metric)
    sure = options.confidence_of(confidence)
    drawn_from = options.posterior_of(posterior, posterior_from, asked=False)
    files = OutputFiles(out, format_, force, frames=("candidates", "replications"), composed=read)
    loads, inputs = [offered_load(one) for one in models], [count_kinds(one.scenario, one.raw) for one in read]
    warn_of_overload(models, loads)
    chosen, name = simulator(engine, models, FIRST_STAGE)
    direction: Better | None = None if better is None else "lower" if better == "lower" else "higher"
    how: dict[str, Any] = {"better": direction, "seed": seed, "engine": chosen}
    how["workers"] = workers or worthwhile_workers(models, FIRST_STAGE)
    with Bar(budget) as bar:
        done = [0] * len(models)

        def told(which: int, number: int) -> None:
            done[which] = number
            bar.tell(sum(done))

        if budget is None:
            work = partial(select_best, delta=smallest, confidence=sure, at_most=reps or AT_MOST)
        else:
            work = partial(select_within_budget, budget=budget)
        found = interruptible(partial(work, _drawn(read, drawn_from), metric, told=told, **how))
    report = SelectionReport(found, loads, inputs)
    document = partial(select_document, report, engine=name)
    files.write_outputs(found, document, partial(select_tables, report), json=json)


def _drawn(read: Sequence[Composed], posterior: Posterior | None) -> Sequence[Scenario | Drawn]:
    """Return what to simulate: the scenarios at their own numbers, or with a posterior's."""
    if posterior is None:
        return [one.scenario for one in read]
    from planner.forecast import Drawn

    return [Drawn(one, posterior) for one in read]


def _candidates(
    scenarios: Sequence[str], levers: Sequence[str] | None, sets: Sequence[str] | None, days: int | None
) -> list[Composed]:
    """Return what there is to choose from: the scenarios; of a single one, itself and itself with each lever."""
    if len(scenarios) > 1:
        return [composed_of(name, levers, sets, days) for name in scenarios]
    if not levers:
        raise UsageError("cli.usage.select_two")
    return [composed_of(scenarios[0], lever, sets, days) for lever in (None, *([one] for one in levers))]


def _check_metric(metric: str, models: Sequence[Scenario]) -> None:
    """Refuse a metric that not every scenario has before anything is simulated."""
    from hallplan.show.metrics import possible_metrics
    from scenarios.paths import suggestion

    for model in models:
        known = possible_metrics(model)
        if metric not in known:
            raise UsageError("cli.usage.no_metric", name=metric, near=suggestion(metric, known))
