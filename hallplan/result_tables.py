"""Results as tables of text: a run, a comparison, an offered load.

In come results of :mod:`sim.run.replications` and :mod:`planner`; out come :class:`~hallplan.tables.TextTable`, and the
choice of the metrics that are worth showing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from foundation import messages
from hallplan.tables import NOTHING, Column, TextTable, columns, decimals, in_language, number
from planner.compare import Comparison, Difference
from planner.controls import Controls
from planner.forecast import ComparedForecasts, Forecast, Spread
from planner.load import Load, PoolLoad, TimetableLoad
from planner.notices import calendar_warnings
from planner.regime import Regime, regime_of
from planner.targets import TargetCheck, check_target
from scenarios.model import PURPOSES, Scenario, Target
from scenarios.paths import key_matches
from scenarios.provenance import Kind
from sim.measure.registry import DENOMINATOR, METRICS, NUMERATOR, metric_of, metric_title
from sim.measure.table import MeasureOptions
from sim.run.replications import Replications
from sim.statistics import Controlled, Interval, Reached
from sim.statistics.controls import WORTH

__all__ = [
    "HEADLINE",
    "calendar_notes",
    "chosen_metrics",
    "compare_tables",
    "controls_table",
    "heading",
    "headline_metrics",
    "inputs_note",
    "interval_text",
    "load_tables",
    "metric_label",
    "overload_notes",
    "plus_minus",
    "possible_metrics",
    "run_table",
    "spread_cells",
    "spread_columns",
    "spread_notes",
    "window_note",
]

HEADLINE: Final = (
    "visits_per_day",
    "items_finished_per_month",
    "visits_per_item",
    "instant_share",
    "wait_mean_min",
    "wait_q90_min",
    "wait_within_15_share",
    "hours_in_hall_mean",
    "trips_per_item",
    "left_share",
    "turned_away_share",
    "open_cases",
    "finished_share",
    "committed_finished_share",
    "case_elapsed_mean_days",
    "case_within_promised_share",
    "overtime_min_per_day",
    "staff_hours_per_day",
    "cost_per_day",
)
"""Metrics that are shown unless others are asked for; those with a target are added."""

_OF_SERVICES_WITH_A_TARGET: Final = ("elapsed_mean_days", "statutory_q95", "within_promised_share")
_BUSIEST: Final = 3
_FEW: Final = 40
"""Below so many runs the ends of the middle 95% are hardly known."""


def metric_label(key: str, scenario: Scenario, language: messages.Language | None = None) -> str:
    """Return the title of a metric with its unit, services and pools by their titles in `scenario`."""
    metric, (_, _, of) = metric_of(key), key.partition(".")
    title = metric_title(key, language)
    if metric.scope in ("service", "pool", "purpose"):
        title = messages.text(metric.title_key, language, of=_title_of(metric.scope, of, scenario, language))
    unit = messages.text(metric.unit_key, language)
    return title if metric.kind == "share" else messages.text("cli.metric_with_unit", language, title=title, unit=unit)


def _title_of(scope: str, name: str, scenario: Scenario, language: messages.Language | None) -> str:
    if scope == "purpose":
        return messages.text(f"cli.purpose.{name}", language) if name in PURPOSES else name
    things: Mapping[str, Any] = scenario.services if scope == "service" else scenario.pools
    return in_language(things[name].title, name, language) if name in things else name


# ---- which metrics -------------------------------------------------------------------------------------------------


def headline_metrics(summaries: Mapping[str, Any], scenarios: Sequence[Scenario]) -> list[str]:
    """Return the metrics to show when nobody has chosen: the headline, those with a target, the busiest pools.

    Parameters
    ----------
    summaries
        Metric to mean; only what is in it can be shown.
    scenarios
        Whose targets count.
    """
    targets = list(dict.fromkeys(key for scenario in scenarios for key in scenario.targets))
    services = dict.fromkeys(key.partition(".")[2] for key in targets if _scope(key) == "service")
    beside = [f"{name}.{service}" for service in services for name in _OF_SERVICES_WITH_A_TARGET]
    pools = [key for key in summaries if key.startswith("utilisation.") and not key.endswith((NUMERATOR, DENOMINATOR))]
    busiest = sorted((key for key in pools if summaries[key] > 0), key=lambda key: -summaries[key])[:_BUSIEST]
    wanted = [*HEADLINE, *targets, *beside, *busiest]
    return [key for key in dict.fromkeys(wanted) if key in summaries and not math.isnan(summaries[key])]


def _scope(key: str) -> str:
    try:
        return metric_of(key).scope
    except KeyError:
        return ""


def possible_metrics(scenario: Scenario) -> list[str]:
    """Return the metrics that a run of the scenario has, by the registry and without running it."""
    merged = [name for name, pool in scenario.pools.items() if pool.merge_into is None]
    of: dict[str, Sequence[object]] = {
        "service": [name for name, service in scenario.services.items() if service.case is not None],
        "pool": merged,
        "purpose": PURPOSES,
    }
    keys: list[str] = []
    for name, metric in METRICS.items():
        if metric.scope == "limit":
            keys += [name.replace("within", f"within_{minutes}") for minutes in MeasureOptions().within_min]
        else:
            keys += [f"{name}.{one}" for one in of[metric.scope]] if metric.scope else [name]
    return keys


def chosen_metrics(keys: Iterable[str], patterns: Sequence[str]) -> list[str]:
    """Return the metrics that any of the patterns means, in the order of `keys`; companions of ratios are left out."""
    plain = [key for key in keys if not key.endswith((NUMERATOR, DENOMINATOR))]
    return [key for key in plain if any(key_matches(key, pattern) for pattern in patterns)]


# ---- a run ---------------------------------------------------------------------------------------------------------


def run_table(
    run: Replications,
    metrics: Sequence[str],
    *,
    inputs: Mapping[Kind, int],
    load: Load,
    reached: Reached | None = None,
    forecast: Forecast | None = None,
) -> TextTable:
    """Return one row a metric: mean, interval, target, verdict and where the target comes from.

    Parameters
    ----------
    run
        Replications of a scenario.
    metrics
        Which metrics.
    inputs
        How many of the scenario's numbers have each kind of source.
    load
        Its offered load.
    reached
        Whether the replications are as precise as was asked, if it was.
    forecast
        The same with parameters drawn from a posterior, if it was asked for.
    """
    scenario, rows = run.scenario, list[tuple[str, ...]]()
    checks: list[tuple[str, TargetCheck]] = []
    for key in metrics:
        one, kind = run.interval(key), metric_of(key).kind
        target = scenario.targets.get(key)
        cells = ["", "", messages.text("cli.simulated")]
        if target is not None:
            check = check_target(one, target)
            checks.append((key, check))
            cells = [_target(target, kind), _verdict(check), messages.text("cli.kind.published")]
        # Where nothing is published at all, there is nothing to hold the figures against.
        spread = () if forecast is None else spread_cells(forecast.spread(key), kind)
        rows.append(
            (metric_label(key, scenario), number(one.estimate, kind), interval_text(one, kind), *spread, *cells)
        )
    beside = () if forecast is None else spread_columns()
    if not checks:
        rows = [row[: 3 + len(beside)] for row in rows]
    regime = regime_of(scenario, load)
    notes = [
        window_note(run.scenario, replications=len(run), seed=run.seed),
        reached.message() if reached is not None else "",
        regime.about(run.interval(metrics[0])).label() if metrics else "",
        *(() if forecast is None else spread_notes(forecast.draws, len(run))),
        *_undecided_note(checks),
        inputs_note(inputs),
        *_target_notes(scenario, [key for key, _ in checks]),
        *overload_notes(regime),
        *calendar_notes(scenario),
    ]
    return TextTable(
        (
            *columns("metric", "#mean", "#interval"),
            *beside,
            *(columns("#target", "in_target", "provenance") if checks else ()),
        ),
        tuple(rows),
        title=heading(scenario),
        notes=tuple(note for note in notes if note),
        alarms=frozenset({messages.text("cli.verdict.no")}),
    )


def spread_columns() -> tuple[Column, ...]:
    """Return the columns of what is uncertain about parameters: the interval, and their share of the variance."""
    return tuple(
        Column(messages.text(f"posterior.column_run.{name}"), is_number=True) for name in ("with_parameters", "share")
    )


def spread_cells(one: Spread | None, kind: str) -> tuple[str, str]:
    """Return the cells of :func:`spread_columns`."""
    if one is None or not math.isfinite(one.low):
        return NOTHING, NOTHING
    return _range(one.low, one.high, kind), number(one.parameters, "share", 0)


def spread_notes(draws: int, replications: int) -> list[str]:
    """Say what the two intervals are."""
    few = [messages.text("posterior.note.few")] if replications < _FEW else []
    return [messages.text("posterior.note.both", draws=draws), *few]


def heading(scenario: Scenario) -> str:
    """Return a scenario's title and name."""
    title = in_language(scenario.title, "")
    return f"{title} [{scenario.name}]" if title else scenario.name


def window_note(scenario: Scenario, *, replications: int, seed: int) -> str:
    """Say what was simulated: replications, days, seed."""
    window = scenario.run
    return messages.text(
        "cli.note.window",
        replications=replications,
        seed=seed,
        days=window.days,
        warm_up=window.warm_up_days,
        follow_up=window.follow_up_days,
        start=window.start.isoformat(),
    )


def _range(low: float, high: float, kind: str) -> str:
    places = max(decimals(end, kind) for end in (low, high)) if kind == "share" else decimals(high, kind)
    first, second = number(low, kind, places), number(high, kind, places)
    return f"{first.removesuffix('%')}–{second}" if first.endswith("%") else f"{first}–{second}"


def _target(target: Target, kind: str) -> str:
    """Return a target's ends as they were published: with no more decimals than they have."""
    scale = 100 if kind == "share" else 1
    ends = [round(scale * end, 6) for end in (target.low, target.high)]
    places = next((k for k in range(4) if all(round(end, k) == end for end in ends)), 4)
    first, second = (number(end, kind, places) for end in (target.low, target.high))
    return f"{first.removesuffix('%')}–{second}"


def interval_text(one: Interval, kind: str) -> str:
    """Write an interval by its ends."""
    return _range(one.low, one.high, kind) if math.isfinite(one.low) else NOTHING


def _verdict(check: TargetCheck) -> str:
    if check.verdict == "unknown":
        return NOTHING
    word = messages.text("cli.verdict.yes" if check.mean_inside else "cli.verdict.no")
    return f"{word} ±" if check.verdict == "undecided" else word


def _undecided_note(checks: Sequence[tuple[str, TargetCheck]]) -> list[str]:
    undecided = any(check.verdict == "undecided" for _, check in checks)
    return [messages.text("cli.note.undecided")] if undecided else []


def inputs_note(inputs: Mapping[Kind, int]) -> str:
    """Say how many of a scenario's numbers are published, derived, assumed, or without a source."""
    parts = [messages.text(f"cli.count.{kind}", n=n) for kind, n in inputs.items() if n]
    return messages.text("cli.note.inputs", parts=messages.text("cli.comma").join(parts)) if parts else ""


def _target_notes(scenario: Scenario, keys: Sequence[str]) -> list[str]:
    return [
        messages.text(
            "cli.note.target",
            metric=metric_label(key, scenario),
            source=in_language(scenario.targets[key].source, ""),
        )
        for key in keys
    ]


def overload_notes(regime: Regime) -> list[str]:
    """Name what is asked for more than it can give, and say what becomes of it."""
    found = (("cli.note.overloaded", regime.falls_behind), ("cli.note.overruns", regime.overruns))
    comma = messages.text("cli.comma")
    return [messages.text(key, names=comma.join(names)) for key, names in found if names]


def calendar_notes(scenario: Scenario) -> list[str]:
    """Name the years of which no public holidays are known yet."""
    return [one.sentence() for one in calendar_warnings(scenario)]


# ---- control variates ----------------------------------------------------------------------------------------------


def controls_table(controls: Controls, metrics: Sequence[str], *, load: Load) -> TextTable:
    """Return one row a metric that has a control: plain interval, adjusted one, variance ratio, and whether it pays.

    Parameters
    ----------
    controls
        The controls of a run.
    metrics
        Which metrics; those that nothing is known to explain are named below the table.
    load
        The scenario's offered load.
    """
    scenario = controls.run.scenario
    found = {key: controls.adjust(key) for key in metrics} if controls.known.size else {}
    adjusted = {key: one for key, one in found.items() if math.isfinite(one.variance_ratio)}
    yes, no = messages.text("cli.verdict.yes"), messages.text("cli.verdict.no")
    rows = []
    for key, one in adjusted.items():
        kind = metric_of(key).kind
        ends = (interval_text(one.plain, kind), interval_text(one.adjusted, kind))
        rows.append((metric_label(key, scenario), *ends, f"{one.variance_ratio:.2f}", yes if one.pays else no))
    return TextTable(
        columns("metric", "#interval", "#with_controls", "#variance_ratio", "pays"),
        tuple(rows),
        title=messages.text("cli.controls.title"),
        notes=tuple(_controls_notes(controls, adjusted, metrics, regime_of(scenario, load))),
    )


def _controls_notes(
    controls: Controls, adjusted: Mapping[str, Controlled], metrics: Sequence[str], regime: Regime
) -> list[str]:
    if not controls.known.size:
        return [messages.text("cli.controls.unknown")]
    comma, scenario = messages.text("cli.comma"), controls.run.scenario
    without = [metric_label(key, scenario) for key in metrics if key not in adjusted]
    poor = [metric_label(key, scenario) for key, one in adjusted.items() if one.consistent and not one.pays]
    notes = [regime.about(one.adjusted).label() for one in adjusted.values()][:1]
    notes += [messages.text("cli.controls.ratio", worth=WORTH)] if adjusted else []
    notes += [messages.text("cli.controls.poor", names=comma.join(poor))] if poor else []
    if any(not one.consistent for one in adjusted.values()):
        notes.append(messages.text("cli.controls.inconsistent"))
    return notes + ([messages.text("cli.controls.without", names=comma.join(without))] if without else [])


# ---- a comparison --------------------------------------------------------------------------------------------------


def compare_tables(
    comparison: Comparison,
    metrics: Sequence[str],
    *,
    inputs: Sequence[Mapping[Kind, int]],
    loads: Sequence[Load],
    forecasts: ComparedForecasts | None = None,
) -> list[TextTable]:
    """Return a table for every scenario that is compared with the base, then one with what holds for all of them."""
    tables = [_against_base(comparison, metrics, which, forecasts) for which in range(1, len(comparison.runs))]
    covers = comparison.difference(metrics[0]).change if metrics else None
    windows = list(
        dict.fromkeys(window_note(run.scenario, replications=len(run), seed=run.seed) for run in comparison.runs)
    )
    notes = windows if len(windows) == 1 else []
    notes.append(comparison.reached.message() if comparison.reached is not None else "")
    regimes = [regime_of(run.scenario, load) for run, load in zip(comparison.runs, loads, strict=True)]
    behind = next((regime for regime in regimes if regime.kind == "transient"), regimes[0])
    notes.append(behind.about(covers).label() if covers else "")
    notes += [] if forecasts is None else spread_notes(forecasts.draws, len(comparison.runs[0]))
    if comparison.comparisons > 1:
        notes.append(
            messages.text("cli.note.bonferroni", n=comparison.comparisons, level=comparison.simultaneous_level)
        )
    if len({(run.scenario.run.days, run.scenario.run.warm_up_days) for run in comparison.runs}) > 1:
        notes.append(messages.text("cli.note.windows_differ"))
    undecided = []
    for run, counts, regime in zip(comparison.runs, inputs, regimes, strict=True):
        shown = [key for key in metrics if key in run.scenario.targets and key in run.summaries]
        undecided += [(key, check_target(run.interval(key), run.scenario.targets[key])) for key in shown]
        about = [window_note(run.scenario, replications=len(run), seed=run.seed)] if len(windows) > 1 else []
        about += [inputs_note(counts), *_target_notes(run.scenario, shown), *overload_notes(regime)]
        about += calendar_notes(run.scenario)
        notes += [f"{run.scenario.name}: {note}" for note in about if note]
    notes = list(dict.fromkeys(notes))
    return [*tables, TextTable((), (), notes=tuple(note for note in [*notes, *_undecided_note(undecided)] if note))]


def _against_base(
    comparison: Comparison, metrics: Sequence[str], which: int, forecasts: ComparedForecasts | None
) -> TextTable:
    base, other = comparison.runs[0].scenario, comparison.runs[which].scenario
    sides = [(comparison.names[0], base), (comparison.names[which], other)]
    shown = [key in side.targets for _, side in sides for key in metrics]
    headings, rows = [Column(messages.text("cli.column.metric"))], []
    for name, _ in sides:
        headings += [Column(name, is_number=True), *(columns("#target", "provenance") if any(shown) else ())]
    headings += [*columns("#change", "is_clear"), *(() if forecasts is None else spread_columns())]
    for key in metrics:
        kind, one = metric_of(key).kind, comparison.difference(key, which)
        cells = [metric_label(key, other if key in comparison.runs[which].summaries else base)]
        for mean, (_, side) in zip((one.base, one.other), sides, strict=True):
            cells.append(NOTHING if mean is None else plus_minus(mean.estimate, mean, kind))
            cells += _against(mean, side.targets.get(key), kind) if any(shown) else ()
        spread = () if forecasts is None else spread_cells(forecasts.spread(key, which), kind)
        rows.append((*cells, *_change(one, kind), *spread))
    title = messages.text("cli.compare.title", other=comparison.names[which], base=comparison.names[0])
    return TextTable(tuple(headings), tuple(rows), title=title)


def _change(one: Difference, kind: str) -> tuple[str, str]:
    """Return difference and whether it is clear."""
    if one.change is None or one.simultaneous is None:
        return NOTHING, NOTHING
    text = plus_minus(one.change.estimate, one.simultaneous, kind)
    sign = "+" if one.change.estimate > 0 and any(digit in text.partition("±")[0] for digit in "123456789") else ""
    return f"{sign}{text}", messages.text("cli.verdict.yes" if one.is_clear else "cli.verdict.no")


def plus_minus(mean: float, one: Interval, kind: str) -> str:
    """Write a mean with half the width of an interval."""
    if not math.isfinite(one.low):
        return number(mean, kind)
    places = max(decimals(mean, kind), decimals(one.half_width, kind) if kind == "share" else 0)
    return f"{number(mean, kind, places)} ± {number(one.half_width, kind, places)}"


def _against(one: Interval | None, target: Target | None, kind: str) -> tuple[str, str]:
    """Return target with verdict, and provenance."""
    if target is None or one is None:
        return "", messages.text("cli.simulated") if one is not None else ""
    return (
        f"{_target(target, kind)} {_verdict(check_target(one, target))}",
        messages.text("cli.kind.published"),
    )


# ---- load ----------------------------------------------------------------------------------------------------------


def load_tables(load: Load, scenario: Scenario, *, most: int | None = 15) -> list[TextTable]:
    """Return the offered load of the busiest pools, and of timetables with limited places.

    Parameters
    ----------
    load, scenario
        The load, and whose it is.
    most
        How many pools at the most; overloaded ones are always shown.
    """
    asked = sorted((one for one in load.pools if one.work_h_per_day > 0), key=lambda one: -one.utilisation)
    number_shown = len(asked) if most is None else max(most, sum(one.is_overloaded for one in asked))
    rows = tuple(_pool_row(one, scenario) for one in asked[:number_shown])
    left_out = len(asked) - len(rows)
    notes = [messages.text("cli.note.load", days=load.days)]
    if left_out:
        notes.append(messages.text("cli.note.more_pools", n=left_out))
    too_much = frozenset({messages.text("cli.overloaded")})
    tables = [
        TextTable(
            columns("pool", "name", "#servings", "#offered_load", "#servers", "#utilisation", "keeps_up"),
            rows,
            title=messages.text("cli.check.load"),
            notes=tuple(notes) if rows else (),
            alarms=too_much,
        )
    ]
    wanted = [one for one in load.timetables if one.boardings_per_day > 0]
    if wanted:
        tables.append(
            TextTable(
                columns("timetable", "name", "#boardings", "#places", "#utilisation", "keeps_up"),
                tuple(_timetable_row(one, scenario) for one in sorted(wanted, key=lambda one: -one.utilisation)),
                title=messages.text("cli.check.timetables"),
                alarms=too_much,
            )
        )
    return tables


def _keeps_up(one: PoolLoad | TimetableLoad) -> str:
    return messages.text("cli.overloaded" if one.is_overloaded else "cli.keeps_up")


def _pool_row(one: PoolLoad, scenario: Scenario) -> tuple[str, ...]:
    return (
        in_language(scenario.pools[one.pool].title, one.pool),
        one.pool,
        number(one.servings_per_day, "count"),
        number(one.offered_load, "hours"),
        number(one.servers, "hours"),
        number(one.utilisation, "share"),
        _keeps_up(one),
    )


def _timetable_row(one: TimetableLoad, scenario: Scenario) -> tuple[str, ...]:
    return (
        in_language(scenario.timetables[one.timetable].title, one.timetable),
        one.timetable,
        number(one.boardings_per_day, "hours"),
        number(one.places_per_day, "hours"),
        number(one.utilisation, "share"),
        _keeps_up(one),
    )
