"""Results as plain documents: what ``--json`` prints, and ``result.json`` holds.

Input: what every result consists of: scenarios, windows, intervals, metrics.  Output: dictionaries of JSON's own types,
in which a number that does not exist is null.  Their form is stable: ``docs/reference/cli-output.schema.json`` states
it, ``format`` numbers it, and keys are added but never change meaning.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from scenarios.model import Scenario
    from sim.statistics import Interval, Reached

__all__ = [
    "FORMAT",
    "envelope",
    "interval_document",
    "metric_document",
    "number_or_null",
    "plain",
    "precision_document",
    "scenario_document",
    "window_document",
]

FORMAT: Final = 1


def envelope(command: str, **content: Any) -> dict[str, Any]:
    """Return a document of a command: the format, the version, and the content."""
    from importlib.metadata import version

    return {"format": FORMAT, "command": command, "hallplan": version("hallplan"), **content}


def number_or_null(value: float) -> float | None:
    """Return a number as JSON has it: null where it is not finite."""
    return float(value) if math.isfinite(value) else None


def interval_document(interval: Interval | None) -> dict[str, Any] | None:
    """Return a mean, its interval, and from how many replications it comes."""
    if interval is None:
        return None
    return {
        "mean": number_or_null(interval.estimate),
        "low": number_or_null(interval.low),
        "high": number_or_null(interval.high),
        "level": interval.level,
        "replications": interval.n,
        "missing": interval.missing,
    }


def scenario_document(scenario: Scenario) -> dict[str, Any]:
    """Return what a scenario is called, and the levers applied to it."""
    return {
        "name": scenario.name,
        "title": {"en": scenario.title.en, "zh": scenario.title.zh},
        "levers": list(scenario.levers),
    }


def window_document(scenario: Scenario, engine: str, *, seed: int, replications: int) -> dict[str, Any]:
    """Return what was simulated: engine, seed, replications, days."""
    window = scenario.run
    return {
        "engine": engine,
        "seed": seed,
        "replications": replications,
        "start": window.start.isoformat(),
        "warm_up_days": window.warm_up_days,
        "days": window.days,
        "follow_up_days": window.follow_up_days,
    }


def metric_document(key: str, scenario: Scenario) -> dict[str, Any]:
    """Return what a metric is called, its unit, and which way is better."""
    from hallplan.show.metrics import metric_label
    from sim.measure.registry import metric_of

    metric = metric_of(key)
    return {"metric": key, "title": metric_label(key, scenario), "unit": metric.kind, "better": metric.better}


def precision_document(reached: Reached | None) -> dict[str, Any] | None:
    """Return whether a requested precision was reached, metric by metric."""
    if reached is None:
        return None
    return {
        "reached": reached.confirmed,
        "sufficed_at": reached.sufficed_at,
        "message": reached.message(),
        "asked": [
            {
                "metric": figure.metric,
                **({"scenario": figure.scenario} if figure.scenario else {}),
                "half_width": number_or_null(figure.interval.half_width),
                "wanted": number_or_null(figure.wanted),
                "reached": figure.is_precise,
            }
            for figure in reached.figures
        ],
    }


def plain(value: Any) -> Any:
    """Return a value of a TOML file as JSON has it: dates as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value if isinstance(value, (bool, int, float, str)) else str(value)
