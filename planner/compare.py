"""Comparing scenarios: the same random numbers, paired differences, and honest intervals for several comparisons.

In come scenarios, the first of which is the base, or replications of them that exist already, and the precision that
the differences are to have, if any.  Out comes a :class:`Comparison`: for every metric each scenario's mean and its
difference from the base over pairs of replications.  Scenarios that share a source, a service and a step share their
random numbers (see ``docs/decisions``), so that most of the chance cancels in a difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from foundation.errors import HallplanError
from scenarios.model import Scenario
from sim.calendar import FloatArray
from sim.engine.reference import run_reference
from sim.measure.registry import DENOMINATOR, NUMERATOR
from sim.run.replications import CancelToken, Engine, Replications, Told, replicate_together
from sim.statistics import (
    Interval,
    PairedWatch,
    Precision,
    Reached,
    bonferroni_level,
    metric_interval,
    metric_values,
    paired_interval,
)
from sim.statistics.precision import AT_LEAST, AT_MOST

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MOST_COMPARED", "Comparison", "Difference", "compare", "distinct_names"]

MOST_COMPARED: Final = 64
"""Scenarios that one comparison may hold."""


@dataclass(frozen=True)
class Difference:
    """How one metric of a scenario differs from the base's.

    Attributes
    ----------
    metric
        Key of a summary.
    base, other
        The two means; ``None`` where a scenario has no such metric.
    change
        Mean of other minus base over the pairs of replications, with its interval; ``None`` if one of them lacks it.
    simultaneous
        The same with an interval wide enough for all comparisons with the base together to hold at the level
        (Bonferroni: each at ``1 - (1 - level) / comparisons``).
    correlation
        Of the pairs: the nearer to 1, the more the common random numbers have helped; not-a-number if one of the two
        does not vary.
    """

    metric: str
    base: Interval | None
    other: Interval | None
    change: Interval | None
    simultaneous: Interval | None
    correlation: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval for all comparisons together leaves zero out."""
        sure = self.simultaneous
        return sure is not None and (sure.low > 0 or sure.high < 0)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Scenarios that were run with the same seed and the same replications; the first is the base.

    Attributes
    ----------
    runs
        The replications of every scenario.
    level
        Confidence level of the intervals.
    reached
        Whether the differences are as precise as was asked, if it was.
    """

    runs: tuple[Replications, ...]
    level: float = 0.95
    reached: Reached | None = None

    def __post_init__(self) -> None:
        if len(self.runs) < 2:
            raise HallplanError("error.compare.too_few", n=len(self.runs))
        base = self.runs[0]
        for other in self.runs[1:]:
            if other.seed != base.seed or not other.summaries.index.equals(base.summaries.index):
                raise HallplanError("error.compare.unpaired", name=other.scenario.name, base=base.scenario.name)

    @property
    def names(self) -> tuple[str, ...]:
        """What the scenarios are called (see :func:`distinct_names`)."""
        return distinct_names([run.scenario for run in self.runs])

    @property
    def comparisons(self) -> int:
        """How many scenarios are compared with the base."""
        return len(self.runs) - 1

    @property
    def simultaneous_level(self) -> float:
        """Level of each interval that makes all comparisons with the base hold together at :attr:`level`."""
        return bonferroni_level(self.level, self.comparisons)

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """Metrics of any of the scenarios, without the companions of ratios, in the order of their summaries."""
        keys = [key for run in self.runs for key in run.summaries.columns]
        return tuple(key for key in dict.fromkeys(keys) if not key.endswith((NUMERATOR, DENOMINATOR)))

    def difference(self, metric: str, which: int = 1) -> Difference:
        """Return how scenario `which` differs from the base (scenario 0) in one metric.

        Raises
        ------
        KeyError
            If no scenario has the metric.
        IndexError
            If there is no such scenario.
        """
        if metric not in self.metrics:
            raise KeyError(metric)
        if not 0 < which < len(self.runs):
            raise IndexError(which)
        base, other = self._values(metric, 0), self._values(metric, which)
        first, second = self._interval(metric, 0), self._interval(metric, which)
        if base is None or other is None:
            return Difference(metric, first, second, change=None, simultaneous=None, correlation=float("nan"))
        return Difference(
            metric,
            first,
            second,
            change=paired_interval(base, other, level=self.level),
            simultaneous=paired_interval(base, other, level=self.simultaneous_level),
            correlation=_correlation(base, other),
        )

    def frame(self, metrics: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row a metric and scenario: its mean, and its paired difference from the base."""
        import pandas as pd

        rows = []
        for metric in self.metrics if metrics is None else metrics:
            for which, name in enumerate(self.names[1:], 1):
                one = self.difference(metric, which)
                change, sure = one.change or _UNKNOWN, one.simultaneous or _UNKNOWN
                row = (
                    (one.base or _UNKNOWN).estimate,
                    (one.other or _UNKNOWN).estimate,
                    *(change.estimate, change.low, change.high),
                    *(sure.low, sure.high),
                    *(change.n, one.correlation),
                )
                rows.append((metric, name, *row))
        return pd.DataFrame.from_records(rows, columns=["metric", "scenario", *_COLUMNS])

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the differences, and every scenario's summaries, for :func:`sim.measure.export`."""
        return {
            "differences": self.frame(),
            **{f"summaries_{place}": run.summaries for place, run in enumerate(self.runs)},
        }

    def _values(self, metric: str, which: int) -> FloatArray | None:
        summaries = self.runs[which].summaries
        return metric_values(summaries, metric) if metric in summaries else None

    def _interval(self, metric: str, which: int) -> Interval | None:
        summaries = self.runs[which].summaries
        return metric_interval(summaries, metric, level=self.level) if metric in summaries else None


_UNKNOWN: Final = Interval(float("nan"), float("nan"), float("nan"), 0.0, "difference", 0)
_COLUMNS: Final = (
    *("base", "mean", "change", "change_low", "change_high"),
    *("simultaneous_low", "simultaneous_high", "pairs", "correlation"),
)


def distinct_names(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """Return what scenarios are called; those named like the first are told apart by levers, else by numbers."""
    base, names = scenarios[0], list[str]()
    for scenario in scenarios:
        name, levers = scenario.name, [use for use in scenario.levers if use not in base.levers]
        names.append(" + ".join([name, *levers]) if name == base.name else name)
    known = [names[:place].count(name) for place, name in enumerate(names)]
    return tuple(name if not before else f"{name} ({before + 1})" for name, before in zip(names, known, strict=True))


def _correlation(a: FloatArray, b: FloatArray) -> float:
    known = np.isfinite(a) & np.isfinite(b)
    if known.sum() < 2 or not np.ptp(a[known]) or not np.ptp(b[known]):
        return float("nan")
    return float(np.corrcoef(a[known], b[known])[0, 1])


def compare(
    scenarios: Sequence[Scenario],
    *,
    replications: int | None = None,
    precision: Mapping[str, Precision] | None = None,
    seed: int | None = None,
    workers: int | None = None,
    engine: Engine = run_reference,
    level: float = 0.95,
    progress: Told | None = None,
    cancel: CancelToken | None = None,
) -> Comparison:
    """Run scenarios with the same random numbers and compare each with the first.

    Parameters
    ----------
    scenarios
        The base, then those to compare with it.
    replications, seed
        The same for all; the base's own by default.
    precision
        Run instead until every difference from the base is so precise, `replications` at the most (1,000 by default):
        by metric, see :class:`sim.statistics.PairedWatch`.
    workers, engine, cancel
        As for :func:`sim.run.replications.replicate`.
    level
        Confidence level.
    progress
        Told after each replication; with a precision, about how many there will be.

    Raises
    ------
    HallplanError
        If there are fewer than two scenarios or more than :data:`MOST_COMPARED`, a metric that is to be precise is not
        known to all of them, or whatever a replication raises.
    """
    if not 2 <= len(scenarios) <= MOST_COMPARED:
        key = "error.compare.too_few" if len(scenarios) < 2 else "error.compare.too_many"
        raise HallplanError(key, n=len(scenarios), most=MOST_COMPARED)
    usual = scenarios[0].run.replications if precision is None else AT_MOST
    most = usual if replications is None else replications
    watch: PairedWatch | None = None
    if precision is not None:
        watch = PairedWatch(precision, min(AT_LEAST, most), level, names=distinct_names(scenarios))
    runs = replicate_together(
        scenarios,
        replications=most,
        seed=seed,
        workers=workers,
        engine=engine,
        curves=False,
        level=level,
        progress=progress if progress is None or watch is None else _foreseeing(progress, watch),
        cancel=cancel,
        enough=None if watch is None else watch.enough,
    )
    return Comparison(runs, level, None if watch is None else watch.reached())


def _foreseeing(told: Told, watch: PairedWatch) -> Told:
    """Return what tells, in the place of the most replications allowed, about how many it will take."""
    return lambda place, done, most: told(place, done, min(max(watch.expected(), done), most))
