"""Tidy frames of plans, A and those compared with it: for the page's charts, tables and exports.

Input: a :class:`planner.compare.Comparison` of two to six scenarios, plan A first.  Output: frames with a column
``plan``.  Titles are in the language that is asked for, and not escaped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

import pandas as pd

from foundation import messages
from foundation.messages import Language
from hallplan.show.metrics import metric_title
from hallplan.show.words import in_language
from planner.compare import Comparison
from planner.targets import check_target
from scenarios.model import WEEKDAYS, Scenario
from sim.calendar import MINUTE_MS
from sim.measure.registry import METRICS, metric_of
from sim.run.replications import Replications
from sim.statistics import Interval, mean_interval

__all__ = [
    "BUSY",
    "CLOCKS",
    "LETTERS",
    "Clock",
    "Verdict",
    "interval_ends",
    "metrics_frame",
    "plans_of",
    "replications_frame",
    "targets_frame",
    "turnaround_frame",
    "utilisation_frame",
    "waits_frame",
]

LETTERS: Final = "ABCDEF"
"""What plans are called where there is no room for a name; a seventh has no letter."""

BUSY: Final = 0.95
"""A pool that is at work for more of its time than this is marked: it has next to nothing to spare."""

Clock = Literal["statutory", "touched", "elapsed"]
CLOCKS: Final[dict[Clock, tuple[str, str]]] = {
    "statutory": ("statutory_median", "statutory_q95"),
    "touched": ("touched_median", "touched_q95"),
    "elapsed": ("elapsed_median_days", "elapsed_q95_days"),
}
"""The metrics of the median and the 95th percentile of a service, by the way of counting working days."""

_FEWEST_CALLED: Final = 1.0
"""Visitors called in a half-hour of a day, on average, below which the half-hour is left out of the curve."""
_NOTHING: Final = float("nan")


def plans_of(comparison: Comparison) -> Iterator[tuple[str, Replications]]:
    """Yield the plans with their letters."""
    yield from zip(LETTERS, comparison.runs, strict=False)


def waits_frame(comparison: Comparison) -> pd.DataFrame:
    """Return the mean wait by half-hour: one row a plan and half-hour in which the hall is open and visited.

    Columns ``plan``, ``half_hour``, ``called`` (a run's mean), ``mean``, ``low``, ``high`` (minutes).
    """
    parts = []
    for letter, run in plans_of(comparison):
        waits = run.curves["wait_by_half_hour"].rename(
            columns={"called_mean": "called", "wait_mean_min": "mean", "wait_low": "low", "wait_high": "high"}
        )
        is_shown = waits["half_hour"].isin(_open_half_hours(run.scenario)) & (
            waits["called"] >= _FEWEST_CALLED * run.scenario.run.days
        )
        parts.append(waits[is_shown].assign(plan=letter))
    frame = pd.concat(parts, ignore_index=True)
    return frame[["plan", "half_hour", "called", "mean", "low", "high"]]


def _open_half_hours(scenario: Scenario) -> frozenset[str]:
    """Return the half-hours of the day in which some site is open."""
    half = 30 * MINUTE_MS
    hours = [site.hours or scenario.calendar.hours for site in scenario.sites.values()]
    intervals = {interval for week in hours for day in WEEKDAYS for interval in week.get(day, [])}
    return frozenset(
        f"{start // 2:02d}:{start % 2 * 30:02d}"
        for start in range(48)
        if any(opens < (start + 1) * half and closes > start * half for opens, closes in intervals)
    )


def turnaround_frame(comparison: Comparison, language: Language, *, clock: Clock) -> pd.DataFrame:
    """Return one row a service and plan: median and 95th percentile in working days, with limits.

    Columns ``service``, ``title``, ``plan``, ``cases``, ``median``, ``q95``, ``q95_low``, ``q95_high``, ``promised``,
    ``legal``; infinite where so many cases are still open that it can't be told, not-a-number for no limit.  Services
    with most cases in any plan come first.
    """
    median, late = CLOCKS[clock]
    records = []
    for letter, run in plans_of(comparison):
        for name, service in run.scenario.services.items():
            cases = run.means.get(f"cases_measured.{name}", 0.0)
            if cases > 0:
                middle, q95 = (run.interval(f"{metric}.{name}") for metric in (median, late))
                limits = [_NOTHING if days is None else days for days in (service.promised_limit, service.legal_limit)]
                title = in_language(service.title, name, language)
                records.append((name, title, letter, cases, middle.estimate, q95.estimate, q95.low, q95.high, *limits))
    columns = ["service", "title", "plan", "cases", "median", "q95", "q95_low", "q95_high", "promised", "legal"]
    return _largest_first(pd.DataFrame.from_records(records, columns=columns), "service", "cases")


def utilisation_frame(comparison: Comparison, language: Language) -> pd.DataFrame:
    """Return one row a pool and plan: utilisation with its interval, busiest in any plan first.

    Columns ``pool``, ``title``, ``department``, ``role``, ``plan``, ``mean``, ``low``, ``high``, ``busy`` (whether the
    mean exceeds :data:`BUSY`).
    """
    records = []
    for letter, run in plans_of(comparison):
        for name, pool in run.scenario.pools.items():
            metric = f"utilisation.{name}"
            if metric in run.columns and (use := run.interval(metric)).n:
                title, is_busy = in_language(pool.title, name, language), use.estimate > BUSY
                ends = (use.estimate, use.low, use.high)
                records.append((name, title, pool.department, pool.role, letter, *ends, is_busy))
    columns = ["pool", "title", "department", "role", "plan", "mean", "low", "high", "busy"]
    return _largest_first(pd.DataFrame.from_records(records, columns=columns), "pool", "mean")


def _largest_first(frame: pd.DataFrame, group: str, value: str) -> pd.DataFrame:
    """Sort rows by group, the one with the largest value in any plan first, then by plan."""
    largest = frame.groupby(group, sort=False)[value].max()
    order = largest.sort_values(ascending=False, kind="stable").index
    frame[group] = pd.Categorical(frame[group], categories=order, ordered=True)
    return frame.sort_values([group, "plan"], ignore_index=True)


Verdict = Literal["inside", "leaning", "undecided", "outside", "unknown"]
"""How a simulated figure stands to a published one; ``leaning`` if its mean lies inside, but not its whole interval."""


def targets_frame(comparison: Comparison, language: Language) -> pd.DataFrame:
    """Return one row a plan and published figure: what was published, what is simulated, and whether they agree.

    Columns ``plan``, ``metric``, ``title``, ``low``, ``high``, ``source``, ``mean``, ``mean_low``, ``mean_high``,
    ``verdict`` (a :data:`Verdict`).
    """
    records = []
    for letter, run in plans_of(comparison):
        for key, target in run.scenario.targets.items():
            interval = run.interval(key) if key in run.columns else mean_interval([])
            check = check_target(interval, target)
            verdict: Verdict = check.verdict
            if verdict == "undecided" and check.mean_inside:
                verdict = "leaning"
            title = _title_or_key(key, run.scenario, language)
            published = (target.low, target.high, in_language(target.source, "", language))
            records.append((letter, key, title, *published, *interval_ends(interval), verdict))
    columns = ["plan", "metric", "title", "low", "high", "source", "mean", "mean_low", "mean_high", "verdict"]
    return pd.DataFrame.from_records(records, columns=columns)


def _title_or_key(key: str, scenario: Scenario, language: Language) -> str:
    """Return a metric's title; a target of a metric that does not exist is shown by its key."""
    try:
        return metric_title(key, scenario, language)
    except KeyError:
        return key


def metrics_frame(comparison: Comparison, language: Language) -> pd.DataFrame:
    """Return every scalar metric of each plan and its difference from plan A, for export.

    Columns ``metric``, ``title``, ``unit``, ``plan``, then ``base``, ``plan`` and ``difference`` each with ``_mean``,
    ``_low`` and ``_high``, and ``replications``.
    """
    order = {name: place for place, name in enumerate(METRICS)}
    runs = dict(plans_of(comparison))
    keys = sorted(comparison.metrics, key=lambda key: order[metric_of(key).name])
    records = []
    for key in keys:
        home = next(run.scenario for run in reversed(runs.values()) if key in run.columns)
        about = (key, metric_title(key, home, language), messages.text(metric_of(key).unit_key, language))
        for which, letter in enumerate(list(runs)[1:], 1):
            difference = comparison.difference(key, which)
            sides = (difference.base, difference.other, difference.change)
            numbers = [end for side in sides for end in interval_ends(side)]
            records.append((*about, letter, *numbers, comparison.replications))
    columns = [f"{name}{end}" for name in ("base", "plan", "difference") for end in ("_mean", "_low", "_high")]
    return pd.DataFrame.from_records(records, columns=["metric", "title", "unit", "plan", *columns, "replications"])


def interval_ends(interval: Interval | None) -> tuple[float, float, float]:
    """Return an estimate and the ends of its interval; not-a-numbers without one."""
    return (interval.estimate, interval.low, interval.high) if interval is not None else (_NOTHING,) * 3


def replications_frame(comparison: Comparison) -> pd.DataFrame:
    """Return every replication's metrics of all plans, for whoever computes intervals of their own."""
    parts = {letter: run.summaries for letter, run in plans_of(comparison)}
    return pd.concat(parts, names=["plan", "replication"]).reset_index()
