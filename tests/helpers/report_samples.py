"""Results typed by hand, for tests of what is printed of them: no engine and no chance is involved.

In come numbers of six replications of a small hall (``report_hall.toml``); out come reports of :mod:`hallplan.show`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from hallplan.show.comparison import ComparisonReport
from hallplan.show.run import RunReport
from hallplan.show.selection import SelectionReport
from hallplan.show.text_table import TextTable
from planner.compare import Comparison
from planner.controls import Controls
from planner.forecast import ComparedForecasts, Forecast
from planner.outlook import Outlook, outlook_of
from planner.select import Best
from planner.warm_up import Beginning, from_the_beginning
from scenarios.compose.composing import Composed, composed
from scenarios.model import Scenario
from sim.measure.registry import metric_of
from sim.run.replications import Replications
from sim.run.sample import Curves, Sample
from sim.run.study import Study, StudyResult, System
from sim.statistics.precision import Figure, Reached
from sim.statistics.selection import Selection

HALL = Path(__file__).with_name("report_hall.toml")
SEED = 11
NAN, INF = float("nan"), float("inf")
COUNTED = 10.0
"""What every ratio is of, in every replication."""

NUMBERS: Mapping[str, tuple[float, ...]] = {
    "visits_per_day": (100, 104, 96, 102, 98, 100),
    "unserved_share": (0.10, 0.12, 0.08, 0.11, 0.09, 0.10),
    "left_share": (0.06, 0.07, 0.05, 0.06, 0.06, 0.06),
    "turned_away_share": (0.03, 0.03, 0.02, 0.04, 0.02, 0.04),
    "still_there_share": (0.01, 0.02, 0.01, 0.01, 0.01, 0.0),
    "ticket_wait_mean_min": (5, 6, 4, 5.5, 4.5, 5),
    "wait_q95_min": (20, 24, 16, INF, 18, 20),
    "ticket_wait_within_15_share": (0.8, 0.7, 0.9, 0.75, 0.85, 0.8),
    "wait_uncalled_share": (0.02, 0.03, 0.01, 0.02, 0.02, 0.02),
    "wait_all_mean_min": (6, 7, 5, 6.5, 5.5, 6),
    "cost_per_day": (1000, 1010, 990, 1005, 995, 1000),
    "open_cases": (30, 33, 27, 31, 29, 30),
    "utilisation.window": (0.80, 0.84, 0.76, 0.82, 0.78, 0.80),
    "utilisation.archive": (0.30, 0.34, 0.32, 0.36, 0.38, 0.34),
    "channel_visits_per_day.appointment": (12, 11, 13, 12, 12, 12),
    "purpose_visits_per_day.enquire": (88, 92, 84, 90, 86, 88),
    "elapsed_mean_days.berth": (NAN,) * 6,
    "elapsed_median_days.berth": (1.5, 1.7, 1.3, 1.6, 1.4, 1.5),
    "elapsed_q95_days.berth": (4, 5, 3, 4, 4, 4),
    "statutory_median.berth": (2, 2, 2, 3, 2, 2),
    "statutory_q95.berth": (5, 6, 4, 5, 5, 5),
    "touched_median.berth": (3, 3, 3, 3, 3, 3),
    "touched_q95.berth": (6, 7, 5, 6, INF, 6),
    "cases_measured.berth": (110, 120, 100, 115, 105, 110),
    "cases_measured.advice": (0,) * 6,
}
SHOWN = [
    *(
        "visits_per_day",
        "unserved_share",
        "ticket_wait_mean_min",
        "wait_q95_min",
        "ticket_wait_within_15_share",
        "cost_per_day",
    ),
    *("utilisation.window", "utilisation.archive", "channel_visits_per_day.appointment"),
    *("purpose_visits_per_day.enquire", "elapsed_mean_days.berth", "statutory_q95.berth"),
]
VISITS_AND_HOURS = ((1000, 110), (1040, 114), (960, 107), (1022, 111), (979, 109), (1001, 110))
"""What was drawn for each replication: visits, and hours of work that they brought."""


def lines_of(table: TextTable) -> str:
    """Return a table as text that changes when anything of it does."""
    headings = " | ".join(f"{column.title}{' #' if column.is_number else ''}" for column in table.columns)
    lines = [f"== {table.title}", *([f"-- {headings}"] if headings else []), *map(" | ".join, table.rows)]
    lines += [f"* {note}" for note in table.notes]
    return "\n".join([*lines, *([f"! {', '.join(sorted(table.alarms))}"] if table.alarms else [])])


def text_of(tables: TextTable | Sequence[TextTable]) -> str:
    """Return tables as text."""
    return "\n\n".join(map(lines_of, [tables] if isinstance(tables, TextTable) else tables))


def document_text(document: Mapping[str, Any]) -> str:
    """Return a document as text: a line a key, and a line an entry of a list, without the program's version."""
    lines = []
    for key, value in rounded(document).items():
        if key not in ("hallplan", "provenance"):
            entries = value if isinstance(value, list) and value and isinstance(value[0], dict) else [value]
            lines += [f"{key}: {json.dumps(entry, ensure_ascii=False)}" for entry in entries]
    return "\n".join(lines)


def rounded(value: Any) -> Any:
    """Return a value with its numbers to nine digits, which are the same on every machine."""
    if isinstance(value, Mapping):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(inner) for inner in value]
    if isinstance(value, np.ndarray | np.generic):
        return rounded(value.tolist())
    return float(f"{value:.9g}") if isinstance(value, float) else value


@cache
def hall(**overrides: Any) -> Composed:
    """Return the hall; keys of `overrides` have ``__`` in the place of dots."""
    changes = {key.replace("__", "."): value for key, value in overrides.items()}
    return composed(HALL).changed(overrides=changes) if changes else composed(HALL)


def outlook(hall: Composed) -> Outlook:
    return outlook_of(hall.scenario, hall.raw)


def replications(
    scenario: Scenario, numbers: Mapping[str, Sequence[float]], *, curves: Sequence[Curves] = ()
) -> Replications:
    """Return replications with these numbers; those of a ratio get what they are ratios of."""
    columns: dict[str, Sequence[float]] = {}
    for key, values in numbers.items():
        columns[key] = values
        if metric_of(key).is_ratio:
            columns |= {f"{key}:num": [value * COUNTED for value in values], f"{key}:den": [COUNTED] * len(values)}
    rows = np.array(list(columns.values()), dtype=np.float64).T
    samples = [Sample(tuple(columns), row) for row in rows]
    if curves:
        samples = [replace(sample, curves=curve) for sample, curve in zip(samples, curves, strict=True)]
    return Replications(scenario, SEED, tuple(samples))


def first(number: int, numbers: Mapping[str, Sequence[float]] = NUMBERS) -> dict[str, Sequence[float]]:
    return {key: values[:number] for key, values in numbers.items()}


def scaled(factor: float, *without: str) -> dict[str, Sequence[float]]:
    """Return the numbers times a factor that grows a little, so that differences vary; no share exceeds 1."""
    return {
        key: [
            min(factor * value * (1 + place / 100), 1.0 if key.endswith("_share") else INF)
            for place, value in enumerate(values)
        ]
        for key, values in NUMBERS.items()
        if key not in without
    }


def result_of(*runs: Replications, verdict: Any = None, draws: int = 0) -> StudyResult:
    systems = [System(run.scenario, (run.scenario,) * draws) for run in runs]
    return StudyResult(Study.of(*systems, seed=SEED), runs, verdict)


def run_report(kind: str) -> RunReport:
    """Return the report of a run: ``plain``, ``single`` (one replication), ``full`` (all that can be asked for)."""
    place = hall()
    run = replications(place.scenario, first(1) if kind == "single" else NUMBERS)
    if kind != "full":
        return RunReport(result_of(run), outlook(place))
    behind = hall(pools__window__servers=1, pools__archive__servers=0, arrivals__captains__per_day=40)
    run = replications(behind.scenario, NUMBERS)
    drawn = replications(behind.scenario, scaled(1.2))
    reached = Reached(
        6, (Figure("ticket_wait_mean_min", run.interval("ticket_wait_mean_min"), 0.2),), None, confirmed=False
    )
    controls = Controls(run, np.array(VISITS_AND_HOURS, dtype=np.float64), np.array([1002.0, 110.0]))
    return RunReport(result_of(run, verdict=reached), outlook(behind), Forecast(run, drawn, 16), controls)


def comparison_report(kind: str) -> ComparisonReport:
    """Return the report of a comparison: ``plain`` with one other hall, ``full`` with two, a forecast, a precision."""
    base, quicker = hall(), hall(pools__window__servers=3, targets__visits_per_day__low=95)
    runs = [replications(base.scenario, NUMBERS), replications(quicker.scenario, scaled(0.8))]
    if kind == "plain":
        result = result_of(*runs)
        return ComparisonReport(result, Comparison.of(result), [outlook(place) for place in (base, quicker)])
    behind = hall(pools__archive__servers=0, arrivals__askers__per_day=120, run__days=20)
    missing = ("unserved_share", "open_cases", "cost_per_day")
    runs.append(replications(behind.scenario, scaled(1.3, *missing)))
    requested = Figure("ticket_wait_mean_min", runs[1].interval("ticket_wait_mean_min"), 5.0, scenario="harbour (2)")
    result = result_of(*runs, verdict=Reached(6, (requested,), 5, confirmed=True))
    factors = ((1.1, ()), (2.6, ()), (1.4, missing))
    drawn = [
        replications(run.scenario, scaled(factor, *without))
        for run, (factor, without) in zip(runs, factors, strict=True)
    ]
    own = Comparison.of(result)
    forecasts = ComparedForecasts(own, Comparison(tuple(drawn)), 16)
    return ComparisonReport(result, own, [outlook(place) for place in (base, quicker, behind)], forecasts)


def selection_report(kind: str) -> tuple[SelectionReport, StudyResult]:
    """Return the report of a selection: ``guaranteed``, ``stopped`` or ``budget``, and the result behind it."""
    places = [hall(), hall(pools__window__servers=3), hall(pools__archive__servers=0)]
    if kind == "stopped":
        places[2] = hall(pools__archive__servers=0, run__days=20)
    values = ((5, 6, 4, 5.5, 4.5, 5), (4.2, 5, 3.5, 4.4, 3.7, 4.1), (9, 10, 8, 9.5))
    procedure: Any = {"guaranteed": "kn", "stopped": "kn-stopped", "budget": "ocba"}[kind]
    contenders = (0, 1, 2) if kind == "budget" else (0, 1)
    samples = tuple(np.array(row, dtype=np.float64) for row in values)
    means = tuple(float(row.mean()) for row in samples)
    metric = "visits_per_day" if kind == "budget" else "ticket_wait_mean_min"
    best = Best(
        tuple(place.scenario for place in places),
        metric,
        "higher" if kind == "budget" else "lower",
        Selection(2 if kind == "budget" else 1, means, tuple(row.size for row in samples), contenders, procedure),
        samples,
        SEED,
        delta=NAN if kind == "budget" else 0.5,
        confidence=NAN if kind == "budget" else 0.95,
        draws=16 if kind == "budget" else 0,
        unserved=(0.1, 0.05, NAN),
    )
    runs = [replications(place.scenario, {metric: row}) for place, row in zip(places, samples, strict=True)]
    return SelectionReport(best, [outlook(place) for place in places]), result_of(*runs)


def curves(open_cases: Sequence[float], called: Mapping[int, tuple[float, float]] | None = None) -> Curves:
    """Return the curves of a replication: open cases by day; by half-hour of the day the called and their minutes."""
    counts, minutes = np.zeros(48), np.zeros(48)
    for half_hour, (number, waited) in (called or {}).items():
        counts[half_hour], minutes[half_hour] = number, waited
    days = np.arange(len(open_cases)) + float(np.datetime64("2031-03-03", "D").astype(np.int64))
    return Curves(counts, minutes, {}, {}, {}, np.array(open_cases, dtype=np.float64), days)


def beginning(kind: str) -> tuple[Beginning, StudyResult]:
    """Return the beginning of a run: ``settled``, ``short`` (and of one replication) or ``behind``."""
    place = hall(pools__archive__servers=0) if kind == "behind" else hall()
    scenario = from_the_beginning(place.scenario, 130)
    if kind == "settled":
        rows = [[min(day, 20) + (day % 3) / 2 + extra for day in range(130)] for extra in (0, 1, 2)]
    elif kind == "short":
        rows = [[0.0] * 12]
    else:
        rows = [[2.0 * day + extra for day in range(52)] for extra in (0, 4)]
    numbers = {"open_cases": [float(np.mean(row)) for row in rows]}
    run = replications(scenario, numbers, curves=[curves(row) for row in rows])
    return Beginning(scenario, 2, run), result_of(run)
