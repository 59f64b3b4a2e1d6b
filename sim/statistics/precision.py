"""When are there enough replications?  When every asked figure is precise, and stays so for a few more.

Come in: the precision asked of each metric, and the summaries so far, one replication after another, of one scenario
or of several that are compared.  Go out: yes or no, and at last :class:`Reached`.  The rule looks at replications in
their order, so that the answer does not depend on how they were run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np

from foundation import messages
from foundation.arrays import FloatArray
from foundation.errors import HallplanError
from sim.measure.registry import DENOMINATOR, NUMERATOR
from sim.statistics.estimates import is_share, metric_interval, metric_values
from sim.statistics.intervals import Interval, paired_interval
from sim.statistics.several import bonferroni_level

__all__ = [
    "AT_LEAST",
    "AT_MOST",
    "LOOK_AHEAD",
    "Absolute",
    "Figure",
    "PairedWatch",
    "Precision",
    "Reached",
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


# ---- what has come of it -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """A figure that was to be precise, and how precise it is.

    Attributes
    ----------
    metric
        Key of the metric.
    interval
        Its interval, or that of its difference from the first scenario.
    wanted
        The half-width that was asked for, in the metric's own unit.
    against
        What the first scenario has of the metric, for a difference.
    scenario
        Name of the scenario that differs; empty for a figure of one scenario alone.
    """

    metric: str
    interval: Interval
    wanted: float
    against: Interval | None = None
    scenario: str = ""

    @property
    def is_precise(self) -> bool:
        """Whether the interval is as narrow as asked."""
        return self.interval.half_width <= self.wanted

    @property
    def needed(self) -> float:
        """About how many replications would do: half-widths shrink with the root of their number."""
        number = float(self.interval.n + self.interval.missing)
        if self.is_precise:
            return number
        if not self.wanted > 0 or not np.isfinite(self.interval.half_width):
            return float("inf")
        return number * (self.interval.half_width / self.wanted) ** 2

    @property
    def relative(self) -> float:
        """The relative precision that the half-width amounts to: of the metric, or of what it is held against."""
        against = self.interval if self.against is None else self.against
        share = self.interval.half_width / abs(against.estimate) if against.estimate else float("nan")
        return share / (1 - share) if share < 1 else float("inf")

    def name(self, language: messages.Language | None = None) -> str:
        """Return what the figure is called: the metric, and whose difference it is."""
        if not self.scenario:
            return self.metric
        return messages.text("statistics.difference_of", language, metric=self.metric, scenario=self.scenario)


@dataclass(frozen=True)
class Reached:
    """Whether replications are as precise as was asked.

    Attributes
    ----------
    replications
        How many there are, of every scenario.
    figures
        What was asked, and what there is.
    sufficed_at
        Number of replications at which the precision was reached, the further ones confirming it; ``None`` if it was
        not.
    confirmed
        Whether it was confirmed.
    """

    replications: int
    figures: tuple[Figure, ...]
    sufficed_at: int | None
    confirmed: bool

    def missed(self) -> list[Figure]:
        """Return the figures that are less precise than asked, the one that misses by most first."""
        return sorted((one for one in self.figures if not one.is_precise), key=lambda one: -one.needed)

    def message(self, language: messages.Language | None = None) -> str:
        """Say in one sentence whether the precision was reached, and if not, what is missing most."""
        if self.sufficed_at is not None:
            key = "statistics.reached" if self.confirmed else "statistics.not_confirmed"
            return messages.text(key, language, sufficed=self.sufficed_at, replications=self.replications)
        missed = self.missed()
        if not missed:
            return messages.text("statistics.too_early", language, replications=self.replications)
        worst = missed[0]
        if not np.isfinite(worst.needed):
            return messages.text(
                "statistics.not_known", language, metric=worst.name(language), replications=self.replications
            )
        return messages.text(
            "statistics.not_reached",
            language,
            metric=worst.name(language),
            replications=self.replications,
            half_width=worst.interval.half_width,
            wanted=worst.wanted,
            needed=int(float(f"{worst.needed:.2g}")),
        )


# ---- the rule ------------------------------------------------------------------------------------------------------


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
        needed = [one.needed for one in (self.figures() if self._seen > 1 else ()) if np.isfinite(one.needed)]
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
            if not all(one.is_precise for one in self.figures()):
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
    """

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
        found = {key: metric_interval(columns, key, level=self.level) for key in self.precision}
        return [Figure(key, one, self.precision[key].wanted(one)) for key, one in found.items()]


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
        level, found = bonferroni_level(self.level, len(others)), []
        for key, precision in self.precision.items():
            first, against = metric_values(base, key), metric_interval(base, key, level=self.level)
            wanted = precision.wanted(against)
            for name, other in zip(self.names[1:], others, strict=True):
                one = paired_interval(first, metric_values(other, key), level=level)
                found.append(Figure(key, one, wanted, against, name))
        return found


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
