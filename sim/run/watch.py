"""When are there enough replications?  When every requested figure is precise, and stays so for a few more.

Input: the precision requested of each metric, and the summaries so far, one replication after another, of one scenario
or of several that are compared.  Output: yes or no, and at last :class:`~sim.statistics.precision.Reached`.  The rule
looks at replications in their order, so that the answer does not depend on how they were run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from foundation.arrays import FloatArray
from foundation.errors import HallplanError
from sim.measure.registry import DENOMINATOR, NUMERATOR
from sim.run.estimates import metric_interval, metric_values
from sim.statistics.intervals import Interval, paired_interval
from sim.statistics.precision import AT_LEAST, Figure, Precision, Reached, look_ahead
from sim.statistics.several import bonferroni_level

__all__ = ["PairedWatch", "Watch"]


@dataclass(eq=False)
class _Rule(ABC):
    """The stopping rule that :class:`Watch` and :class:`PairedWatch` share; its words stand with the former."""

    precision: Mapping[str, Precision]
    at_least: int = AT_LEAST
    level: float = 0.95
    sufficed_at: int | None = None
    _seen: int = 0

    def __post_init__(self) -> None:
        if not self.precision:
            raise HallplanError("statistics.no_metric")

    @abstractmethod
    def figures(self) -> list[Figure]:
        """Return what is asked, and what there is so far."""

    @property
    def is_confirmed(self) -> bool:
        """Whether the precision was reached and confirmed."""
        return self.sufficed_at is not None and self._seen >= self.sufficed_at + look_ahead(self.sufficed_at)

    def expected(self) -> int:
        """Return about how many replications it will take; what can't be known however many there are doesn't count."""
        needed = [figure.needed for figure in (self.figures() if self._seen > 1 else ()) if np.isfinite(figure.needed)]
        usual = max(self.at_least, int(np.ceil(max(needed, default=0.0))))
        sufficed = usual if self.sufficed_at is None else self.sufficed_at
        return sufficed + look_ahead(sufficed)

    @property
    def seen(self) -> int:
        """How many replications have been looked at."""
        return self._seen

    def reached(self) -> Reached:
        """Return what has come of it so far."""
        return Reached(self._seen, tuple(self.figures()), self.sufficed_at, self.is_confirmed)

    def _look(self) -> bool:
        """Take note of one replication more, and tell whether that suffices."""
        self._seen += 1
        if self._seen >= self.at_least:
            if not all(figure.is_precise for figure in self.figures()):
                self.sufficed_at = None
            elif self.sufficed_at is None:
                self.sufficed_at = self._seen
        return self.is_confirmed


@dataclass(eq=False)
class _Columns:
    """What the asked metrics of one scenario have been, and the companions of ratios."""

    lists: dict[str, list[float]] = field(default_factory=dict)

    def take(self, summary: Mapping[str, float], metrics: Iterable[str]) -> None:
        for key in metrics:
            if key not in summary:
                raise HallplanError("statistics.unknown_metric", metric=key)
            for name in (key, key + NUMERATOR, key + DENOMINATOR):
                if name in summary:
                    self.lists.setdefault(name, []).append(summary[name])

    def arrays(self) -> dict[str, FloatArray]:
        return {key: np.array(values, dtype=np.float64) for key, values in self.lists.items()}


@dataclass(eq=False)
class Watch(_Rule):
    """Looks at the replications of one scenario as they come, and says when they suffice.

    It stops at the first n, `at_least` or more, at which all figures are precise, once they have also been so at
    each of the following :func:`look_ahead` replications; an n that isn't confirmed is forgotten.

    Attributes
    ----------
    precision
        What is asked, by metric.
    at_least
        Replications before which nothing is decided.
    level
        Confidence level of the intervals.
    sufficed_at
        The n that is being confirmed, or has been; ``None`` while the precision isn't reached.
    interval
        How a metric gets its interval; it takes what :func:`~sim.run.estimates.metric_interval` does.
    """

    interval: Callable[..., Interval] = metric_interval
    _columns: _Columns = field(default_factory=_Columns)

    def enough(self, summaries: Sequence[Mapping[str, float]]) -> bool:
        """Look at the summaries that have come since the last look, one by one, and tell whether they suffice.

        Raises
        ------
        HallplanError
            If there is no such metric.
        """
        for summary in summaries[self._seen :]:
            self._columns.take(summary, self.precision)
            if self._look():
                return True
        return False

    def figures(self) -> list[Figure]:
        """Return every metric with its interval over what has been seen."""
        columns = self._columns.arrays()
        intervals = {key: self.interval(columns, key, level=self.level) for key in self.precision}
        return [Figure(key, interval, self.precision[key].wanted(interval)) for key, interval in intervals.items()]


@dataclass(eq=False)
class PairedWatch(_Rule):
    """Looks at replications of several scenarios with the same random numbers, and says when their differences suffice.

    A difference from the first scenario is precise to 5 % if its half-width is what 5 % would be of the first
    scenario's own estimate: a difference near zero has no relative error to speak of.  Of a share the precision is
    absolute.  With several scenarios each interval is as wide as all differences together need to hold at the level
    (Bonferroni).  For the rule see :class:`Watch`.

    Attributes
    ----------
    names
        What the scenarios are called; differences are taken from the first.
    """

    names: tuple[str, ...] = ()
    _columns: list[_Columns] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.names) < 2:
            raise HallplanError("error.compare.too_few", n=len(self.names))
        self._columns = [_Columns() for _ in self.names]

    def enough(self, summaries: Sequence[Sequence[Mapping[str, float]]]) -> bool:
        """Look at the summaries of each scenario that have come since the last look, and tell whether they suffice.

        Raises
        ------
        HallplanError
            If a scenario has no such metric.
        """
        for row in list(zip(*summaries, strict=True))[self._seen :]:
            for columns, summary in zip(self._columns, row, strict=True):
                columns.take(summary, self.precision)
            if self._look():
                return True
        return False

    def figures(self) -> list[Figure]:
        """Return every metric's difference from the first scenario, for every other one."""
        base, *others = (columns.arrays() for columns in self._columns)
        level, figures = bonferroni_level(self.level, len(others)), list[Figure]()
        for key, precision in self.precision.items():
            first, against = metric_values(base, key), metric_interval(base, key, level=self.level)
            wanted = precision.wanted(against)
            for name, other in zip(self.names[1:], others, strict=True):
                difference = paired_interval(first, metric_values(other, key), level=level)
                figures.append(Figure(key, difference, wanted, against, name))
        return figures
