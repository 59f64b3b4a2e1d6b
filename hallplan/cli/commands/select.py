"""``hallplan select``: choose the best of several scenarios by one metric.

Input: scenarios, or one scenario and levers to try; the metric.  Output: tables or JSON, and the files that ``--out``
names.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from hallplan.cli import options
from hallplan.cli.faults import UsageError
from hallplan.cli.files import OutputFiles
from hallplan.cli.studies import StudyOptions, check_metric, prepared_of, warn_of_overload
from hallplan.cli.wait_limits import WaitLimits

if TYPE_CHECKING:
    from calibration.posterior.artefact import Posterior
    from hallplan.cli.prepared import Prepared
    from scenarios.compose.composing import Composed
    from scenarios.model import Scenario
    from sim.run.study import System
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
    wait_limit: WaitLimits = None,
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
    unequal_demand: options.UnequalDemand = False,
    no_cache: options.NoCache = False,
    lang: options.Lang = None,
) -> None:
    """Choose the best of several scenarios by one metric."""
    exclusive = dict(zip(_GUARANTEED_ONLY, (delta, confidence, reps), strict=True))
    if budget is not None and any(value is not None for value in exclusive.values()):
        option = next(name for name, value in exclusive.items() if value is not None)
        raise UsageError("cli.usage.budget_alone", option=option)
    candidates = _candidates(scenarios, lever, set_, days, wait_limit, store=not no_cache)
    from hallplan.show.selection import SelectionReport, select_document, select_tables
    from planner.select import Best, check_candidates
    from sim.run.policy import SELECTION_LIMIT, BudgetAllocation, IndifferenceZone

    composed = [candidate.composed for candidate in candidates]
    models, outlooks = [entry.scenario for entry in candidates], [entry.outlook for entry in candidates]
    check_metric(metric, *models)
    direction: Better | None = None if better is None else "lower" if better == "lower" else "higher"
    policy: IndifferenceZone | BudgetAllocation
    if budget is not None:
        policy = BudgetAllocation(metric, budget, direction)
    elif delta is not None:
        smallest, probability = options.delta_of(delta, metric), options.confidence_of(confidence)
        policy = IndifferenceZone(metric, smallest, probability, direction, at_most=reps or SELECTION_LIMIT)
    else:
        raise UsageError("cli.usage.no_delta")
    draws = options.posterior_of(posterior, posterior_from, with_precision=False)
    files = OutputFiles(out, format_, force, frames=("candidates", "replications"), composed=composed)
    warn_of_overload(models, outlooks)
    check_candidates(models, unequal_demand=unequal_demand)
    systems = _systems(composed, draws)
    result = StudyOptions(seed, engine, workers, not no_cache).work_off(*systems, policy=policy)
    report = SelectionReport(Best.of(result), outlooks)
    document = partial(select_document, report, result)
    files.write_outputs(report.best, document, partial(select_tables, report), json=json)


def _systems(composed: Sequence[Composed], posterior: Posterior | None) -> Sequence[Scenario | System]:
    """Return what to simulate: the scenarios at their own numbers, or with a posterior's."""
    if posterior is None:
        return [candidate.scenario for candidate in composed]
    from planner.forecast import drawn_system

    return [drawn_system(candidate, posterior) for candidate in composed]


def _candidates(
    scenarios: Sequence[str],
    levers: Sequence[str] | None,
    sets: Sequence[str] | None,
    days: int | None,
    wait_limits: Sequence[int] | None,
    *,
    store: bool,
) -> list[Prepared]:
    """Return what there is to choose from: the scenarios; of a single one, itself and itself with each lever."""
    prepare = partial(prepared_of, sets=sets, days=days, wait_limits=wait_limits, store=store)
    if len(scenarios) > 1:
        return [prepare(name, levers) for name in scenarios]
    if not levers:
        raise UsageError("cli.usage.select_two")
    return [prepare(scenarios[0], lever) for lever in (None, *([text] for text in levers))]
