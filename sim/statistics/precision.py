"""When are there enough replications?  When every asked metric is precise, and stays so for a few more.

Come in: the precision asked of each metric, and the summaries so far, one replication after another.  Goes out: yes or
no.  The rule looks at replications in their order, so that the answer does not depend on how they were run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np

from scenarios.errors import HallplanError
from sim.calendar import FloatArray
from sim.metrics.registry import DENOMINATOR, NUMERATOR
from sim.statistics.estimates import is_share, metric_interval
from sim.statistics.intervals import Interval

__all__ = [
    "AT_LEAST",
    "AT_MOST",
    "LOOK_AHEAD",
    "Absolute",
    "Precision",
    "Relative",
    "Watch",
    "look_ahead",
    "parse_precision",
    "precision_of",
    "replications_needed",
]

AT_LEAST: Final = 20
"""Replications before which no interval is trusted to tell its own width."""

AT_MOST: Final = 1_000
"""Replications at which to give up, if nothing else is said."""

LOOK_AHEAD: Final = 5
"""Further replications that have to confirm that the precision is reached (Hoad, Robinson & Davies 2010)."""


@dataclass(frozen=True)
class Relative:
    """The estimate's relative error is to be at most `width`, such as 0.05.

    The half-width over the *estimate* must then be at most ``g / (1 + g)``: if it is, the error over the *true value*
    is at most g whenever the interval covers (Law 2015, Simulation Modeling and Analysis, section 9.4.1).
    """

    width: float

    def __post_init__(self) -> None:
        _check_width(self.width)

    def allows(self, interval: Interval) -> bool:
        """Tell whether an interval is as narrow as asked."""
        return interval.half_width <= self.wanted(interval)

    def wanted(self, interval: Interval) -> float:
        """Return the half-width that is asked for, in the metric's own unit."""
        return abs(interval.estimate) * self.width / (1 + self.width)


@dataclass(frozen=True)
class Absolute:
    """The half-width is to be at most `width`, in the metric's own unit (0.01 is one percentage point of a share).

    Right for shares: a rare share has a large relative error long after it is known well enough.
    """

    width: float

    def __post_init__(self) -> None:
        _check_width(self.width)

    def allows(self, interval: Interval) -> bool:
        """Tell whether an interval is as narrow as asked."""
        return interval.half_width <= self.width

    def wanted(self, interval: Interval) -> float:
        """Return the half-width that is asked for, in the metric's own unit."""
        return self.width


Precision: TypeAlias = Relative | Absolute
"""How precisely a metric is to be known."""


def _check_width(width: float) -> None:
    if not 0 < width < np.inf:
        raise HallplanError("statistics.bad_precision", value=width)


def parse_precision(text: str) -> tuple[str, float]:
    """Read ``"5%"``, which is ``("", 0.05)``, or for one metric ``"wait_mean_min=5%"``; the sign is needed.

    Raises
    ------
    HallplanError
        If it is neither.
    """
    key, _, amount = text.rpartition("=")
    number, sign, rest = amount.partition("%")
    try:
        width = float(number) / 100 if sign and not rest.strip() else float("nan")
    except ValueError:
        width = float("nan")
    if not 0 < width < np.inf:
        raise HallplanError("statistics.bad_precision", value=text)
    return key.strip(), width


def precision_of(key: str, width: float) -> Precision:
    """Return the precision that "5 %" means: of a share five percentage points, of anything else 5 % of its value."""
    return Absolute(width) if is_share(key) else Relative(width)


def look_ahead(n: int) -> int:
    """Return how many further replications have to confirm a stop at n: 5, and 5 % of n beyond a hundred."""
    return max(LOOK_AHEAD, LOOK_AHEAD * n // 100)


@dataclass(eq=False)
class Watch:
    """Looks at replications as they come, and says when they suffice.

    It stops at the first n, `at_least` or more, at which all metrics are precise, once they have also been so at
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
    """

    precision: Mapping[str, Precision]
    at_least: int = AT_LEAST
    level: float = 0.95
    sufficed_at: int | None = None
    _columns: dict[str, list[float]] = field(default_factory=dict)
    _seen: int = 0

    def __post_init__(self) -> None:
        if not self.precision:
            raise HallplanError("statistics.no_metric")

    def enough(self, summaries: Sequence[Mapping[str, float]]) -> bool:
        """Look at the summaries that have come since the last look, one by one, and tell whether they suffice.

        Raises
        ------
        HallplanError
            If there is no such metric.
        """
        for summary in summaries[self._seen :]:
            self._take(summary)
            if self.is_confirmed:
                return True
        return False

    @property
    def is_confirmed(self) -> bool:
        """Whether the precision was reached and confirmed."""
        return self.sufficed_at is not None and self._seen >= self.sufficed_at + look_ahead(self.sufficed_at)

    def intervals(self) -> dict[str, Interval]:
        """Return the interval of every metric over what has been seen."""
        columns: dict[str, FloatArray] = {key: np.array(values) for key, values in self._columns.items()}
        return {key: metric_interval(columns, key, level=self.level) for key in self.precision}

    def expected(self) -> int:
        """Return about how many replications it will take: half-widths shrink with the root of their number."""
        needed = float(self.at_least)
        for key, interval in self.intervals().items() if self._seen > 1 else ():
            wanted = self.precision[key].wanted(interval)
            if interval.half_width > 0 and wanted > 0 and np.isfinite(interval.half_width):
                needed = max(needed, interval.n * (interval.half_width / wanted) ** 2)
        sufficed = self.sufficed_at if self.sufficed_at is not None else int(np.ceil(needed))
        return sufficed + look_ahead(sufficed)

    def _take(self, summary: Mapping[str, float]) -> None:
        for key in self.precision:
            if key not in summary:
                raise HallplanError("statistics.unknown_metric", metric=key)
            for name in (key, key + NUMERATOR, key + DENOMINATOR):
                if name in summary:
                    self._columns.setdefault(name, []).append(summary[name])
        self._seen += 1
        if self._seen < self.at_least:
            return
        if not all(self.precision[key].allows(interval) for key, interval in self.intervals().items()):
            self.sufficed_at = None
        elif self.sufficed_at is None:
            self.sufficed_at = self._seen


def replications_needed(
    values: Sequence[float], precision: Precision, *, at_least: int = AT_LEAST, level: float = 0.95
) -> int | None:
    """Return the first number of replications at which a mean is precise, and confirmed; ``None`` if there is none.

    Parameters
    ----------
    values
        One number a replication, in their order.
    precision, at_least, level
        As for :class:`Watch`.
    """
    watch = Watch({"value": precision}, at_least=at_least, level=level)
    return watch.sufficed_at if watch.enough([{"value": value} for value in values]) else None
