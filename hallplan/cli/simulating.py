"""What the commands that simulate share: reading scenarios, choosing the engine and the metrics, writing files.

In come the words of the command line; out come composed scenarios, an engine, the metrics to show, and files: checked
before the work begins, written whole when it is done.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hallplan.cli import options
from hallplan.cli.faults import UsageError, say

if TYPE_CHECKING:
    from planner.load import Load
    from scenarios.compose.composing import Composed
    from scenarios.model import Scenario
    from sim.engine.choice import Engine

__all__ = ["check_metrics", "composed_of", "metrics_to_show", "simulator", "warn_of_overload"]


def composed_of(
    reference: str, levers: Sequence[str] | None, sets: Sequence[str] | None, days: int | None = None
) -> Composed:
    """Read a scenario, apply its levers, then its single values."""
    uses, overrides = options.uses_of(levers or ()), options.overrides_of(sets or ())
    from scenarios.compose.composing import composed

    if days is not None:
        overrides["run.days"] = days
    return composed(reference, levers=uses, overrides=overrides)


def warn_of_overload(models: Sequence[Scenario], loads: Sequence[Load]) -> None:
    """Name what can't keep up before the work begins, to whoever sits in front of it; the results say it again."""
    if not sys.stderr.isatty():
        return
    from hallplan.show.notes import overload_notes
    from planner.regime import regime_of

    for model, load in zip(models, loads, strict=True):
        for note in overload_notes(regime_of(model, load)):
            say(f"{model.name}: {note}")


def simulator(name: str | None, models: Sequence[Scenario], replications: int) -> tuple[Engine, str]:
    """Return the simulator that was asked for, or the sooner one, and its name."""
    from hallplan.api import ENGINES, engine_named, worthwhile_engine

    chosen = options.one_of("--engine", ENGINES)(name) if name else worthwhile_engine(models, replications)
    engine = engine_named(chosen, say=say)
    return engine, "simpy" if engine is engine_named("simpy") else chosen


def metrics_to_show(
    means: Mapping[str, float], models: Sequence[Scenario], patterns: Sequence[str] | None, *, every: bool = False
) -> list[str]:
    """Return the metrics to show: those asked for, or all of them, or those worth a first look."""
    from hallplan.show.metrics import headline_metrics, matching_metrics

    if patterns:
        return matching_metrics(means, patterns)
    return matching_metrics(means, ["*"]) if every else headline_metrics(means, models)


def check_metrics(patterns: Sequence[str] | None, models: Sequence[Scenario]) -> None:
    """Refuse a metric that no run can show before the run begins."""
    if not patterns:
        return
    from hallplan.show.metrics import matching_metrics, possible_metrics
    from scenarios.paths import suggestion

    known = list(dict.fromkeys(key for model in models for key in possible_metrics(model)))
    for pattern in patterns:
        if not matching_metrics(known, [pattern]):
            raise UsageError("cli.usage.no_metric", name=pattern, near=suggestion(pattern, known))
