"""Results as plain documents: what ``--json`` prints, and ``result.json`` holds.

In come results; out come dictionaries of JSON's own types, in which a number that isn't there is null.  Their form is
stable: ``docs/reference/cli-output.schema.json`` states it, ``format`` numbers it, and keys are added but never change
meaning.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from foundation import messages

if TYPE_CHECKING:
    from foundation.errors import ScenarioError
    from planner.compare import Comparison, Difference
    from planner.controls import Controls
    from planner.forecast import ComparedForecasts, Forecast, Spread
    from planner.load import Load
    from planner.regime import Regime
    from planner.select import Best
    from planner.warm_up import Beginning
    from scenarios.compose.composing import Composed
    from scenarios.compose.levers import Lever
    from scenarios.model import Scenario, Target
    from scenarios.provenance import Kind, Sourced
    from sim.run.replications import Replications
    from sim.statistics import Interval, Reached

__all__ = [
    "FORMAT",
    "check_document",
    "compare_document",
    "envelope",
    "levers_document",
    "run_document",
    "scenarios_document",
    "select_document",
    "show_document",
    "warm_up_document",
]

FORMAT: Final = 1


def envelope(command: str, **content: Any) -> dict[str, Any]:
    """Return a document of a command: the format, the version, and the content."""
    from importlib.metadata import version

    return {"format": FORMAT, "command": command, "hallplan": version("hallplan"), **content}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _interval(one: Interval | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "mean": _number(one.estimate),
        "low": _number(one.low),
        "high": _number(one.high),
        "level": one.level,
        "replications": one.n,
        "missing": one.missing,
    }


def _target(one: Interval, target: Target | None) -> dict[str, Any] | None:
    from hallplan.tables import in_language
    from planner.targets import check_target

    if target is None:
        return None
    check = check_target(one, target)
    return {
        "low": target.low,
        "high": target.high,
        "provenance": "published",
        "source": in_language(target.source, ""),
        "mean_inside": check.mean_inside,
        "verdict": check.verdict,
    }


def _scenario(scenario: Scenario) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "title": {"en": scenario.title.en, "zh": scenario.title.zh},
        "levers": list(scenario.levers),
    }


def _window(scenario: Scenario, engine: str, *, seed: int, replications: int) -> dict[str, Any]:
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


def _metric(key: str, scenario: Scenario) -> dict[str, Any]:
    from hallplan.result_tables import metric_label
    from sim.measure.registry import metric_of

    metric = metric_of(key)
    return {"metric": key, "title": metric_label(key, scenario), "unit": metric.kind, "better": metric.better}


def run_document(
    run: Replications,
    metrics: Sequence[str],
    *,
    engine: str,
    inputs: Mapping[Kind, int],
    load: Load,
    reached: Reached | None = None,
    forecast: Forecast | None = None,
    controls: Controls | None = None,
) -> dict[str, Any]:
    """Return the document of ``hallplan run``.

    `reached` where a precision was asked for, `forecast` with draws, `controls` with control variates.
    """
    from planner.regime import regime_of

    scenario, regime = run.scenario, regime_of(run.scenario, load)
    rows = []
    for key in metrics:
        one = run.interval(key)
        target = _target(one, scenario.targets.get(key))
        spread = {} if forecast is None else {"with_parameters": _spread(forecast.spread(key))}
        beside = {} if controls is None else {"controls": _controlled(controls, key)}
        rows.append({**_metric(key, scenario), **(_interval(one) or {}), **spread, **beside, "target": target})
    return envelope(
        "run",
        scenario=_scenario(scenario),
        run=_window(run.scenario, engine, seed=run.seed, replications=len(run)),
        covers=_covers([regime]),
        inputs=dict(inputs),
        overloaded=list(load.overloaded),
        regime=regime.kind,
        precision=_precision(reached),
        posterior=None if forecast is None else {"draws": forecast.draws, "level": forecast.level},
        controls=None if controls is None else _controls(controls),
        metrics=rows,
    )


def _controls(controls: Controls) -> dict[str, Any]:
    from sim.statistics import mean_interval
    from sim.statistics.controls import WORTH

    return {
        "worth_below": WORTH,
        "controls": [
            {"control": name, "known_mean": float(known), "drawn": _interval(mean_interval(drawn))}
            for name, known, drawn in zip(("visits", "server_hours"), controls.known, controls.drawn.T, strict=False)
        ],
    }


def _controlled(controls: Controls, key: str) -> dict[str, Any] | None:
    one = controls.adjust(key)
    if not math.isfinite(one.variance_ratio):
        return None
    return {
        "adjusted": _interval(one.adjusted),
        "variance_ratio": one.variance_ratio,
        "consistent": one.consistent,
        "pays": one.pays,
    }


def _spread(one: Spread | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "mean": _number(one.mean),
        "low": _number(one.low),
        "high": _number(one.high),
        "level": one.level,
        "replications": one.n,
        "parameter_share": _number(one.parameters),
    }


def _covers(regimes: Sequence[Regime]) -> str:
    transient = any(regime.kind == "transient" for regime in regimes)
    return messages.text("cli.json.covers_transient" if transient else "cli.json.covers")


def _precision(reached: Reached | None) -> dict[str, Any] | None:
    if reached is None:
        return None
    return {
        "reached": reached.confirmed,
        "sufficed_at": reached.sufficed_at,
        "message": reached.message(),
        "asked": [
            {
                "metric": one.metric,
                **({"scenario": one.scenario} if one.scenario else {}),
                "half_width": _number(one.interval.half_width),
                "wanted": _number(one.wanted),
                "reached": one.is_precise,
            }
            for one in reached.figures
        ],
    }


def compare_document(
    comparison: Comparison,
    metrics: Sequence[str],
    *,
    engine: str,
    inputs: Sequence[Mapping[Kind, int]],
    loads: Sequence[Load],
    forecasts: ComparedForecasts | None = None,
) -> dict[str, Any]:
    """Return the document of ``hallplan compare``; `forecasts` with a posterior."""
    from planner.regime import regime_of

    regimes = [regime_of(run.scenario, load) for run, load in zip(comparison.runs, loads, strict=True)]
    scenarios = [
        {
            **_scenario(run.scenario),
            "label": name,
            "run": _window(run.scenario, engine, seed=run.seed, replications=len(run)),
            "inputs": dict(counts),
            "overloaded": list(load.overloaded),
            "regime": regime.kind,
        }
        for run, name, counts, load, regime in zip(
            comparison.runs, comparison.names, inputs, loads, regimes, strict=True
        )
    ]
    rows = []
    for key in metrics:
        home = next(run.scenario for run in comparison.runs if key in run.summaries)
        against = [comparison.difference(key, which) for which in range(1, len(comparison.runs))]
        rows.append(
            {
                **_metric(key, home),
                "scenarios": [_side(run, key) for run in comparison.runs],
                "differences": [
                    {
                        **_difference(one, name),
                        **({} if forecasts is None else {"with_parameters": _spread(forecasts.spread(key, which))}),
                    }
                    for which, (one, name) in enumerate(zip(against, comparison.names[1:], strict=True), 1)
                ],
            }
        )
    return envelope(
        "compare",
        base=comparison.names[0],
        level=comparison.level,
        comparisons=comparison.comparisons,
        simultaneous_level=comparison.simultaneous_level,
        precision=_precision(comparison.reached),
        covers=_covers(regimes),
        posterior=None if forecasts is None else {"draws": forecasts.draws, "level": forecasts.level},
        scenarios=scenarios,
        metrics=rows,
    )


def _side(run: Replications, key: str) -> dict[str, Any] | None:
    if key not in run.summaries:
        return None
    one = run.interval(key)
    return {**(_interval(one) or {}), "target": _target(one, run.scenario.targets.get(key))}


def _difference(one: Difference, name: str) -> dict[str, Any]:
    return {
        "scenario": name,
        "change": _interval(one.change),
        "simultaneous": _interval(one.simultaneous),
        "is_clear": one.is_clear,
        "correlation": _number(one.correlation),
    }


def select_document(
    best: Best, *, engine: str, inputs: Sequence[Mapping[Kind, int]], loads: Sequence[Load]
) -> dict[str, Any]:
    """Return the document of ``hallplan select``."""
    from planner.regime import regime_of

    regimes = [regime_of(scenario, load) for scenario, load in zip(best.scenarios, loads, strict=True)]
    spent = best.selection.replications
    rows = []
    for one in best.candidates:
        scenario = best.scenarios[one.which]
        rows.append(
            {
                **_scenario(scenario),
                "label": one.name,
                "rank": one.rank,
                "chosen": one.rank == 1,
                "dropped_after": one.dropped_after,
                "mean": _interval(one.mean),
                "difference": _interval(one.behind),
                "run": _window(scenario, engine, seed=best.seed, replications=spent[one.which]),
                "inputs": dict(inputs[one.which]),
                "overloaded": list(loads[one.which].overloaded),
                "regime": regimes[one.which].kind,
            }
        )
    return envelope(
        "select",
        metric={**_metric(best.metric, best.scenario), "better": best.better},
        chosen=best.candidates[0].name,
        procedure=best.selection.procedure,
        guaranteed=best.is_guaranteed,
        delta=_number(best.delta),
        confidence=_number(best.confidence),
        replications=sum(spent),
        posterior={"draws": best.draws} if best.draws else None,
        message=best.message(),
        covers=_covers(regimes),
        scenarios=rows,
    )


def warm_up_document(found: Beginning, *, engine: str) -> dict[str, Any]:
    """Return the document of ``hallplan warm-up``."""
    truncation, run = found.truncation, found.run
    return envelope(
        "warm-up",
        scenario=_scenario(found.scenario),
        run=_window(found.scenario, engine, seed=run.seed, replications=len(run)),
        covers=_covers([found.regime]),
        regime=found.regime.kind,
        falls_behind=list(found.regime.falls_behind),
        days=found.days,
        own_days=found.own_days,
        message=found.message(),
        advice=found.advice(),
        mser={
            "days_left_out": truncation.cut,
            "accepted": truncation.accepted,
            "squared_errors": [_number(value) for value in truncation.statistic.tolist()],
        },
        curve=[
            {
                "day": int(row["day"]),
                "date": str(row["date"])[:10],
                "open_mean": _number(row["open_mean"]),
                "open_low": _number(row["open_low"]),
                "open_high": _number(row["open_high"]),
                "smoothed": _number(row["smoothed"]),
                "left_out": bool(row["left_out"]),
            }
            for row in found.curve().to_dict("records")
        ],
    )


def check_document(
    composed: Composed, warnings: Sequence[ScenarioError], *, load: Load, inputs: Mapping[Kind, int]
) -> dict[str, Any]:
    """Return the document of ``hallplan check``."""
    return envelope(
        "check",
        scenario=_scenario(composed.scenario),
        inputs=dict(inputs),
        warnings=[{"file": one.file, "path": one.path, "key": one.key, "sentence": one.sentence()} for one in warnings],
        overloaded=list(load.overloaded),
        pools=[
            {
                "pool": one.pool,
                "servings_per_day": one.servings_per_day,
                "work_h_per_day": one.work_h_per_day,
                "rostered_h_per_day": one.rostered_h_per_day,
                "offered_load": _number(one.offered_load),
                "servers": one.servers,
                "utilisation": _number(one.utilisation),
                "overloaded": one.is_overloaded,
            }
            for one in load.pools
        ],
        timetables=[
            {
                "timetable": one.timetable,
                "boardings_per_day": one.boardings_per_day,
                "places_per_day": one.places_per_day,
                "utilisation": _number(one.utilisation),
                "overloaded": one.is_overloaded,
            }
            for one in load.timetables
        ],
    )


def show_document(composed: Composed, found: Sequence[Sourced], part: Any) -> dict[str, Any]:
    """Return the document of ``hallplan show``: a table of the composed scenario, and every number in it."""
    from scenarios.paths import dotted

    return envelope(
        "show",
        scenario=_scenario(composed.scenario),
        content=plain(part),
        numbers=[
            {
                "path": dotted(one.path),
                "value": plain(one.value),
                "provenance": one.kind,
                "source": "" if one.entry is None else one.entry.basis.said(),
                "range": None if one.entry is None or one.entry.range is None else list(one.entry.range),
                "file": composed.origin.get(one.path, ""),
            }
            for one in found
        ],
    )


def plain(value: Any) -> Any:
    """Return a value of a TOML file as JSON has it: dates as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def scenarios_document(known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the document of ``hallplan scenarios``."""
    return envelope(
        "scenarios",
        scenarios=[
            {"name": name, "title": _both(raw.get("title", "")), "description": _both(raw.get("description", ""))}
            for name, raw in known.items()
        ],
    )


def _both(text: Any) -> dict[str, str]:
    return {"en": text, "zh": text} if isinstance(text, str) else {key: str(text.get(key, "")) for key in ("en", "zh")}


def levers_document(known: Sequence[Lever]) -> dict[str, Any]:
    """Return the document of ``hallplan levers``."""
    from hallplan.tables import in_language

    return envelope(
        "levers",
        levers=[
            {
                "name": one.name,
                "title": one.spec.title.model_dump(),
                "why": one.spec.why.model_dump(),
                "source": in_language(one.spec.source, ""),
                "later": one.spec.later,
                "cost": one.spec.cost.model_dump(),
                "parameters": {
                    name: {"default": parameter.default, "title": parameter.title.model_dump()}
                    for name, parameter in one.spec.parameters.items()
                },
            }
            for one in known
        ],
    )
