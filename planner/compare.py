"""Comparing scenarios: the same random numbers, paired differences, and honest intervals for several comparisons.

Input: the result of a study of scenarios, the first of which is the base, or their replications.  Output: a
:class:`Comparison`: for every metric each scenario's mean and its difference from the base over pairs of replications.
Scenarios that share a source, a service and a step share their random numbers (see ``docs/decisions``), so that most
of the chance cancels in a difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from foundation.arrays import FloatArray
from foundation.errors import HallplanError
from scenarios.check import expected_arrivals
from scenarios.model import Scenario
from sim.measure.headline import PRIMARY
from sim.measure.registry import DENOMINATOR, NUMERATOR
from sim.run.estimates import metric_interval, metric_values
from sim.run.record import RunRecord
from sim.run.replications import Replications
from sim.run.study import StudyResult, distinct_names
from sim.statistics.intervals import Interval, paired_interval
from sim.statistics.precision import Reached
from sim.statistics.several import bonferroni_level, false_coverage_level, paired_p_values

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MOST_COMPARED", "Comparison", "Difference", "check_number", "distinct_names", "unequal_demand"]

_SAME_DEMAND: Final = 0.01
"""By how much, relatively, the arrivals of scenarios may differ that are held against each other."""
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
        The same with an interval that allows for all that is compared.  Of a primary metric it is wide enough for all
        primary metrics and all scenarios together to hold at the level (Bonferroni).  Of an exploratory one it is at
        the level of :func:`~sim.statistics.several.false_coverage_level`.
    is_primary
        Whether the metric is one of :data:`~sim.measure.headline.PRIMARY`, named in advance; else exploratory.
    correlation
        Of the pairs: the nearer to 1, the more the common random numbers have helped; not-a-number if one of the two
        does not vary.
    """

    metric: str
    base: Interval | None
    other: Interval | None
    change: Interval | None
    simultaneous: Interval | None
    is_primary: bool
    correlation: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval that allows for all that is compared leaves zero out.

        Primary metrics are then all of them right at the level; of the exploratory ones that are clear, a share of
        ``1 - level`` at the most is expected to be false.
        """
        return self.simultaneous is not None and self.simultaneous.excludes_zero


@dataclass(frozen=True)
class Exploratory:
    """All differences of metrics that were not named in advance, taken together.

    Attributes
    ----------
    tested
        How many there are.
    clear
        How many of them are clear; of these a share of one minus the level at the most is expected to be false.
    level
        Level of each one's interval, so that those that leave zero out are the clear ones.
    """

    tested: int
    clear: int
    level: float


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
        Whether the differences are as precise as was asked, if a precision was.
    titles
        What to call the scenarios; by default by their names and levers.
    provenance
        What the results were made from, and with what.
    """

    runs: tuple[Replications, ...]
    level: float = 0.95
    reached: Reached | None = None
    titles: tuple[str, ...] = ()
    provenance: RunRecord | None = None

    @classmethod
    def of(cls, result: StudyResult) -> Comparison:
        """Return the comparison of a study's systems with the first."""
        study = result.study
        return cls(result.runs, study.level, result.reached, study.titles, result.provenance)

    def __post_init__(self) -> None:
        if len(self.runs) < 2:
            raise HallplanError("error.compare.too_few", n=len(self.runs))
        base = self.runs[0]
        for other in self.runs[1:]:
            if (other.seed, other.first, len(other)) != (base.seed, base.first, len(base)):
                raise HallplanError("error.compare.unpaired", name=other.scenario.name, base=base.scenario.name)

    @property
    def names(self) -> tuple[str, ...]:
        """What the scenarios are called (see :func:`distinct_names`)."""
        return self.titles or distinct_names([run.scenario for run in self.runs])

    @property
    def replications(self) -> int:
        """Number of pairs of replications."""
        return len(self.runs[0])

    @property
    def comparisons(self) -> int:
        """How many scenarios are compared with the base."""
        return len(self.runs) - 1

    @cached_property
    def primary(self) -> tuple[str, ...]:
        """The metrics named in advance that any of the scenarios has."""
        return tuple(key for key in PRIMARY if key in self.metrics)

    @property
    def simultaneous_level(self) -> float:
        """Level of each interval that makes all primary differences from the base hold together at :attr:`level`."""
        return bonferroni_level(self.level, self.comparisons * max(len(self.primary), 1))

    @cached_property
    def exploratory(self) -> Exploratory:
        """What is known of all the other metrics together."""
        pairs = [
            (base, other)
            for metric in self.metrics
            if metric not in self.primary and (base := self._values(metric, 0)) is not None
            for which in range(1, len(self.runs))
            if (other := self._values(metric, which)) is not None
        ]
        p_values = paired_p_values(*np.array(pairs).swapaxes(0, 1)) if pairs else np.empty(0)
        tested = int(np.count_nonzero(~np.isnan(p_values)))
        level, clear = false_coverage_level(p_values, self.level)
        return Exploratory(tested, clear, level)

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """Metrics of any of the scenarios, without the companions of ratios, in the order of their summaries."""
        keys = [key for run in self.runs for key in run.columns]
        return tuple(key for key in dict.fromkeys(keys) if not key.endswith((NUMERATOR, DENOMINATOR)))

    @property
    def steps(self) -> tuple[Comparison, ...]:
        """Each scenario compared with the one before it, where the scenarios are the settings of a path."""
        names = self.names
        return tuple(
            Comparison(self.runs[place : place + 2], self.level, titles=names[place : place + 2])
            for place in range(self.comparisons)
        )

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
        is_primary = metric in self.primary
        if base is None or other is None:
            return Difference(metric, first, second, None, None, is_primary, correlation=float("nan"))
        level = self.simultaneous_level if is_primary else self.exploratory.level
        return Difference(
            metric,
            first,
            second,
            change=paired_interval(base, other, level=self.level),
            simultaneous=paired_interval(base, other, level=level),
            is_primary=is_primary,
            correlation=_correlation(base, other),
        )

    def frame(self, metrics: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row a metric and scenario: its mean, and its paired difference from the base."""
        import pandas as pd

        rows = []
        for metric in self.metrics if metrics is None else metrics:
            for which, name in enumerate(self.names[1:], 1):
                difference = self.difference(metric, which)
                change, simultaneous = difference.change or _UNKNOWN, difference.simultaneous or _UNKNOWN
                row = (
                    (difference.base or _UNKNOWN).estimate,
                    (difference.other or _UNKNOWN).estimate,
                    *(change.estimate, change.low, change.high),
                    *(simultaneous.low, simultaneous.high),
                    *(change.n, difference.correlation),
                )
                rows.append((metric, name, *row))
        return pd.DataFrame.from_records(rows, columns=["metric", "scenario", *_COLUMNS])

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the differences, and every scenario's summaries, for :func:`sim.measure.export.export`."""
        return {
            "differences": self.frame(),
            **{f"summaries_{place}": run.summaries for place, run in enumerate(self.runs)},
        }

    def _values(self, metric: str, which: int) -> FloatArray | None:
        columns = self.runs[which].columns
        return metric_values(columns, metric) if metric in columns else None

    def _interval(self, metric: str, which: int) -> Interval | None:
        columns = self.runs[which].columns
        return metric_interval(columns, metric, level=self.level) if metric in columns else None


_UNKNOWN: Final = Interval(float("nan"), float("nan"), float("nan"), 0.0, "difference", 0)
_COLUMNS: Final = (
    *("base", "mean", "change", "change_low", "change_high"),
    *("simultaneous_low", "simultaneous_high", "pairs", "correlation"),
)


def _correlation(a: FloatArray, b: FloatArray) -> float:
    measured = np.isfinite(a) & np.isfinite(b)
    if measured.sum() < 2 or not np.ptp(a[measured]) or not np.ptp(b[measured]):
        return float("nan")
    return float(np.corrcoef(a[measured], b[measured])[0, 1])


def check_number(number: int) -> None:
    """Refuse too few scenarios to compare, or too many.

    Raises
    ------
    HallplanError
        If there are fewer than two, or more than :data:`MOST_COMPARED`.
    """
    if not 2 <= number <= MOST_COMPARED:
        key = "error.compare.too_few" if number < 2 else "error.compare.too_many"
        raise HallplanError(key, n=number, most=MOST_COMPARED)


def unequal_demand(scenarios: Sequence[Scenario], names: Sequence[str]) -> dict[str, Any] | None:
    """Return the names and arrivals a day of the scenarios that differ most; nothing if none differs by over 1 %.

    Who only asks online is no arrival: nobody comes to the hall, and nothing is applied for.

    Parameters
    ----------
    scenarios
        What is compared.
    names
        What to call them.
    """
    per_day = [arrivals_per_day(scenario) for scenario in scenarios]
    least, most = min(per_day), max(per_day)
    if most <= (1 + _SAME_DEMAND) * least:
        return None
    few, many = (names[per_day.index(extreme)] for extreme in (least, most))
    return {"few": few, "least": least, "many": many, "most": most}


def arrivals_per_day(scenario: Scenario) -> float:
    """Return about how many visits a working day a scenario expects, return visits and online enquiries aside."""
    only_ask = {
        name for name, source in scenario.arrivals.items() if (source.channel, source.purpose) == ("online", "enquire")
    }
    numbers = expected_arrivals(scenario).items()
    return sum(number for name, number in numbers if name not in only_ask) / scenario.run.all_days
