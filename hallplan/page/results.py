"""From the samples of two plans to what the page shows: tidy frames, every number with its interval.

Comes in: the two scenarios and their samples, replication by replication.  Goes out: :class:`Comparison`, and frames
for the headline, the charts, the tables and the exports.  Titles are in the language asked for, and not escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import pandas as pd

from foundation import messages
from foundation.messages import Language
from hallplan.page.plans import Plan, pool_title, service_title
from hallplan.page.samples import Sample
from hallplan.show.words import in_language
from planner.load import Load, PoolLoad, TimetableLoad, offered_load
from planner.regime import Regime, regime_of
from planner.targets import check_target
from scenarios.compose.composing import Composed
from scenarios.model import PURPOSES, WEEKDAYS, Provenance, Scenario
from scenarios.provenance import sourced
from sim.calendar import MINUTE_MS
from sim.measure import METRICS, Metric, metric_of
from sim.run.estimates import metric_interval, metric_values
from sim.statistics import Interval, Reached, mean_interval, paired_interval

__all__ = [
    "BUSY",
    "CLOCKS",
    "Clock",
    "Comparison",
    "Estimate",
    "Overload",
    "Side",
    "headline",
    "overloads",
    "provenance_table",
    "results_table",
    "targets_table",
    "title_of",
    "turnaround_table",
    "utilisation_table",
    "waits_table",
]

BUSY: Final = 0.95
"""A pool that is at work for more of its time than this is marked: it has next to nothing to spare."""

Clock = Literal["statutory", "touched", "elapsed"]
CLOCKS: Final[dict[Clock, tuple[str, str]]] = {
    "statutory": ("statutory_median", "statutory_q95"),
    "touched": ("touched_median", "touched_q95"),
    "elapsed": ("elapsed_median_days", "elapsed_q95_days"),
}
"""The metrics of the median and the 95th percentile of a service, by the way of counting working days."""

_HEADLINE: Final = (
    "visits_per_day",
    "wait_mean_min",
    "wait_within_15_share",
    "items_finished_per_month",
    "open_cases",
    "elapsed_mean_days",
    "cost_per_day",
)
_USUAL_SERVICE: Final = "food-licence"
_FEWEST_CALLED: Final = 1.0
"""Visitors called in a half-hour, on average over the measured run, below which it is left out of the curve."""


@dataclass(frozen=True, eq=False)
class Side:
    """One plan's replications.

    Attributes
    ----------
    scenario
        What was simulated.
    samples
        What each replication shows, in order.
    """

    scenario: Scenario
    samples: Sequence[Sample]

    @cached_property
    def summaries(self) -> pd.DataFrame:
        """Scalar metrics: a row a replication, a column a metric."""
        return pd.DataFrame.from_records([sample.summary for sample in self.samples])

    @cached_property
    def load(self) -> Load:
        """The scenario's offered load."""
        return offered_load(self.scenario)

    @cached_property
    def regime(self) -> Regime:
        """Whether it keeps up with its work, and what there is to say of its intervals."""
        return regime_of(self.scenario, self.load)

    def values(self, metric: str) -> Any:
        """Return what every replication contributes to a metric, or None if the plan has no such metric."""
        return metric_values(self.summaries, metric) if metric in self.summaries else None

    def interval(self, metric: str) -> Interval | None:
        """Return a metric's estimate over the replications and its interval, or None if the plan has no such metric."""
        return metric_interval(self.summaries, metric) if metric in self.summaries else None


@dataclass(frozen=True)
class Estimate:
    """A metric of both plans.

    Attributes
    ----------
    metric
        Its key.
    a, b
        Means and intervals, None for a plan that has no such metric.
    difference
        B minus A by pairs of replications, None unless both have it.
    """

    metric: str
    a: Interval | None
    b: Interval | None
    difference: Interval | None

    @property
    def definition(self) -> Metric:
        """What the metric is."""
        return metric_of(self.metric)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two plans under the same random numbers.

    Attributes
    ----------
    a, b
        The plans.
    reached
        Whether their difference is as precise as was asked, if it was.
    """

    a: Side
    b: Side
    reached: Reached | None = None

    @classmethod
    def of(cls, a: Scenario, b: Scenario, samples: Sequence[Sample], *, reached: Reached | None = None) -> Comparison:
        """Sort the results of a job's units, plan A's and plan B's in turn."""
        return cls(Side(a, samples[0::2]), Side(b, samples[1::2]), reached)

    @property
    def replications(self) -> int:
        """Number of pairs."""
        return len(self.a.samples)

    @property
    def sides(self) -> tuple[tuple[str, Side], tuple[str, Side]]:
        """Both plans with their letters."""
        return (("A", self.a), ("B", self.b))

    def estimate(self, metric: str) -> Estimate:
        """Return a metric of both plans with intervals."""
        a, b = self.a.values(metric), self.b.values(metric)
        difference = None if a is None or b is None else paired_interval(a, b)
        return Estimate(metric, self.a.interval(metric), self.b.interval(metric), difference)

    def coverage(self, language: Language) -> dict[str, str]:
        """Say what the intervals of each plan cover, by its letter: nothing of a long run where there is none."""
        return {
            letter: side.regime.about(mean_interval([0.0] * len(side.samples))).label(language)
            for letter, side in self.sides
        }

    def coverage_of_difference(self, language: Language) -> str:
        """Say what the intervals of differences cover."""
        one = paired_interval([0.0] * self.replications, [0.0] * self.replications)
        behind = next((side.regime for _, side in self.sides if side.regime.kind == "transient"), self.a.regime)
        return behind.about(one).label(language)

    @cached_property
    def metrics(self) -> list[str]:
        """Keys of the metrics that either plan has, in the order of a summary."""
        keys = dict.fromkeys([*self.b.summaries.columns, *self.a.summaries.columns])
        order = {name: place for place, name in enumerate(METRICS)}
        return sorted((key for key in keys if ":" not in key), key=lambda key: order[metric_of(key).name])

    @cached_property
    def reference_service(self) -> str | None:
        """The service that the headline shows: the food licence, or the first with cases in both plans."""
        both = [
            name
            for name in self.b.scenario.services
            if all(f"elapsed_mean_days.{name}" in side.summaries for _, side in self.sides)
        ]
        return _USUAL_SERVICE if _USUAL_SERVICE in both else next(iter(both), None)


def title_of(metric: str, scenario: Scenario, language: Language) -> str:
    """Return a metric's title, with the title of the service, pool or purpose that it is of."""
    definition = metric_of(metric)
    of = metric.partition(".")[2]
    if definition.scope == "service":
        of = service_title(scenario, of, language)
    elif definition.scope == "pool":
        of = pool_title(scenario, of, language)
    elif definition.scope == "purpose":
        of = messages.text(f"cli.purpose.{of}", language) if of in PURPOSES else of
    elif definition.scope == "limit":
        of = metric.removeprefix("wait_within_").removesuffix("_share")
    return messages.text(definition.title_key, language, of=of)


# --- the headline -------------------------------------------------------------------------------------------------


def headline(comparison: Comparison) -> list[Estimate]:
    """Return what the cards show, for as much of it as the plans have."""
    service = comparison.reference_service
    keys = [f"{key}.{service}" if key == "elapsed_mean_days" else key for key in _HEADLINE]
    return [comparison.estimate(key) for key in keys if key in comparison.metrics]


# --- frames for charts --------------------------------------------------------------------------------------------


def waits_table(comparison: Comparison) -> pd.DataFrame:
    """Return the mean wait by half-hour: one row a plan and half-hour in which the hall is open and visited.

    Columns ``plan``, ``half_hour``, ``called`` (a run's mean), ``mean``, ``low``, ``high`` (minutes).
    """
    records = []
    for letter, side in comparison.sides:
        open_at = _open_half_hours(side.scenario)
        waits = pd.concat(
            [sample.waits.set_index("half_hour") for sample in side.samples], keys=range(len(side.samples))
        )
        for label, group in waits.groupby(level=1, sort=True):
            half_hour = str(label)
            called = float(group["called_mean"].sum()) / len(side.samples)
            if half_hour in open_at and called >= _FEWEST_CALLED * side.scenario.run.days:
                one = mean_interval(group["wait_mean_min"].to_numpy())
                records.append((letter, half_hour, called, one.estimate, one.low, one.high))
    return pd.DataFrame.from_records(records, columns=["plan", "half_hour", "called", "mean", "low", "high"])


def _open_half_hours(scenario: Scenario) -> frozenset[str]:
    """Return the half-hours of the day in which some site is open."""
    half = 30 * MINUTE_MS
    hours = [site.hours or scenario.calendar.hours for site in scenario.sites.values()]
    intervals = {span for one in hours for day in WEEKDAYS for span in one.get(day, [])}
    return frozenset(
        f"{start // 2:02d}:{start % 2 * 30:02d}"
        for start in range(48)
        if any(opens < (start + 1) * half and closes > start * half for opens, closes in intervals)
    )


def turnaround_table(comparison: Comparison, language: Language, *, clock: Clock) -> pd.DataFrame:
    """Return one row a service and plan: median and 95th percentile in working days, with limits.

    Columns ``service``, ``title``, ``plan``, ``cases``, ``median``, ``q95``, ``q95_low``, ``q95_high``, ``promised``,
    ``legal``; infinite where so many cases are still open that it can't be told, not-a-number for no limit.  Services
    with most cases in plan B come first.
    """
    median, q95 = CLOCKS[clock]
    records = []
    for letter, side in comparison.sides:
        for name, service in side.scenario.services.items():
            cases = side.values(f"cases_measured.{name}")
            if cases is not None and cases.sum() > 0:
                middle, late = (mean_interval(side.values(f"{key}.{name}")) for key in (median, q95))
                limits = [
                    float("nan") if limit is None else limit for limit in (service.promised_limit, service.legal_limit)
                ]
                title = in_language(service.title, name, language)
                records.append(
                    (name, title, letter, cases.mean(), middle.estimate, late.estimate, late.low, late.high, *limits)
                )
    columns = ["service", "title", "plan", "cases", "median", "q95", "q95_low", "q95_high", "promised", "legal"]
    frame = pd.DataFrame.from_records(records, columns=columns)
    most = frame.sort_values("plan").groupby("service")["cases"].last()
    order = most.sort_values(ascending=False, kind="stable").index
    frame["service"] = pd.Categorical(frame["service"], categories=order, ordered=True)
    return frame.sort_values(["service", "plan"], ignore_index=True)


def utilisation_table(comparison: Comparison, language: Language) -> pd.DataFrame:
    """Return one row a pool and plan: utilisation with its interval, busiest in plan B first.

    Columns ``pool``, ``title``, ``department``, ``role``, ``plan``, ``mean``, ``low``, ``high``, ``busy`` (whether the
    mean exceeds :data:`BUSY`).
    """
    records = []
    for letter, side in comparison.sides:
        for name, pool in side.scenario.pools.items():
            one = side.interval(f"utilisation.{name}")
            if one is not None and one.n:
                title = in_language(pool.title, name, language)
                records.append(
                    (
                        name,
                        title,
                        pool.department,
                        pool.role,
                        letter,
                        one.estimate,
                        one.low,
                        one.high,
                        one.estimate > BUSY,
                    )
                )
    columns = ["pool", "title", "department", "role", "plan", "mean", "low", "high", "busy"]
    frame = pd.DataFrame.from_records(records, columns=columns)
    last = frame.sort_values("plan").groupby("pool")["mean"].last()
    frame["pool"] = pd.Categorical(
        frame["pool"], categories=last.sort_values(ascending=False, kind="stable").index, ordered=True
    )
    return frame.sort_values(["pool", "plan"], ignore_index=True)


@dataclass(frozen=True)
class Overload:
    """What is asked for more than it can give: a pool's servers, or a timetable's places.

    Attributes
    ----------
    title
        What it is called.
    utilisation
        What is asked for over what there is; infinite where there is nobody.
    grows
        Whether what waits there grows every day; else every day begins afresh, and ends late or with visitors turned
        away.
    """

    title: str
    utilisation: float
    grows: bool


def overloads(plan: Plan | Side, language: Language) -> list[Overload]:
    """Return the pools and timetables that are asked for more than they can give, the worst first, by arithmetic."""
    scenario, load, behind = plan.scenario, plan.load, plan.regime.falls_behind
    titles: list[tuple[str, str, PoolLoad | TimetableLoad]]
    titles = [(one.pool, pool_title(scenario, one.pool, language), one) for one in load.pools]
    titles += [
        (one.timetable, in_language(scenario.timetables[one.timetable].title, one.timetable, language), one)
        for one in load.timetables
    ]
    found = [Overload(title, one.utilisation, name in behind) for name, title, one in titles if one.is_overloaded]
    return sorted(found, key=lambda one: -one.utilisation)


# --- tables -------------------------------------------------------------------------------------------------------

Verdict = Literal["inside", "leaning", "undecided", "outside", "unknown"]
"""How a simulated figure stands to a published one; ``leaning`` if its mean lies inside, but not its whole interval."""


def targets_table(comparison: Comparison, language: Language) -> pd.DataFrame:
    """Return one row a plan and published figure: what was published, what is simulated, and whether they agree.

    Columns ``plan``, ``metric``, ``title``, ``low``, ``high``, ``source``, ``mean``, ``mean_low``, ``mean_high``,
    ``verdict`` (a :data:`Verdict`).
    """
    records = []
    for letter, side in comparison.sides:
        for key, target in side.scenario.targets.items():
            one = side.interval(key) or mean_interval([])
            check = check_target(one, target)
            verdict: Verdict = check.verdict
            if verdict == "undecided" and check.mean_inside:
                verdict = "leaning"
            title = _title_or_key(key, side.scenario, language)
            published = (target.low, target.high, in_language(target.source, "", language))
            records.append((letter, key, title, *published, one.estimate, one.low, one.high, verdict))
    columns = ["plan", "metric", "title", "low", "high", "source", "mean", "mean_low", "mean_high", "verdict"]
    return pd.DataFrame.from_records(records, columns=columns)


def _title_or_key(key: str, scenario: Scenario, language: Language) -> str:
    """Return a metric's title; a target of a metric that does not exist is shown by its key."""
    try:
        return title_of(key, scenario, language)
    except KeyError:
        return key


def results_table(comparison: Comparison, language: Language) -> pd.DataFrame:
    """Return every scalar metric of both plans, for export."""
    records = []
    for key in comparison.metrics:
        estimate = comparison.estimate(key)
        known = comparison.b.scenario if estimate.b is not None else comparison.a.scenario
        parts = (estimate.a, estimate.b, estimate.difference)
        numbers = [number for one in parts for number in _three(one)]
        unit = messages.text(estimate.definition.unit_key, language)
        records.append((key, title_of(key, known, language), unit, *numbers, comparison.replications))
    columns = [f"{name}{end}" for name in ("a", "b", "difference") for end in ("_mean", "_low", "_high")]
    return pd.DataFrame.from_records(records, columns=["metric", "title", "unit", *columns, "replications"])


def _three(one: Interval | None) -> tuple[float, float, float]:
    return (one.estimate, one.low, one.high) if one is not None else (float("nan"),) * 3


# --- where the numbers come from ----------------------------------------------------------------------------------


def provenance_table(composed: Composed) -> pd.DataFrame:
    """Return one row an entry of a scenario's provenance: which numbers it counts for, and where they come from.

    Columns ``path``, ``value`` (the numbers, shortened), ``numbers`` (how many), ``kind``, ``range``, ``source`` (its
    line, the formula, or why).  Numbers without a source have a row of their own, the first.
    """
    found: dict[int, list[Any]] = {}
    for one in sourced(composed.scenario, composed.raw):
        found.setdefault(id(one.entry), []).append(one.value)
    records = []
    if without := found.get(id(None)):
        records.append(("", _shortened(without), len(without), "unsourced", "", ""))
    for path, entry in composed.scenario.provenance.items():
        values = found.get(id(entry), [])
        records.append((path, _shortened(values), len(values), entry.kind, _reach(entry), entry.basis.said()))
    return pd.DataFrame.from_records(records, columns=["path", "value", "numbers", "kind", "range", "source"])


def _reach(entry: Provenance) -> str:
    if entry.range is None:
        return ""
    low, high = (_plain(end) for end in entry.range)
    return f"{low} … {high}"


_MOST_SHOWN: Final = 4


def _shortened(values: Sequence[Any]) -> str:
    different = list(dict.fromkeys(_plain(value) for value in values))
    shown = ", ".join(different[:_MOST_SHOWN])
    return f"{shown}, …" if len(different) > _MOST_SHOWN else shown


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
