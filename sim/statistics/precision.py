"""How precise a figure is to be, and how precise it is.

Input: a width, relative or absolute, and intervals.  Output: whether an interval is narrow enough, about how many
replications would do, and the message that says so.  What looks at replications as they come is
:mod:`sim.run.watch`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from foundation import messages
from foundation.errors import HallplanError
from sim.statistics.intervals import Interval

__all__ = [
    "AT_LEAST",
    "AT_MOST",
    "LOOK_AHEAD",
    "Absolute",
    "Figure",
    "Precision",
    "Reached",
    "Relative",
    "look_ahead",
    "parse_precision",
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


FINEST: Final = 1e-6
"""Smallest share that can be asked for: a precision of 0.0001% takes a hundred million times the runs of 1%."""


def parse_precision(text: str) -> tuple[str, float]:
    """Read ``"5%"``, which is ``("", 0.05)``, or for one metric ``"wait_mean_min=5%"``; the sign is needed.

    Raises
    ------
    HallplanError
        If it is neither.
    """
    key, equals, amount = text.rpartition("=")
    number, sign, rest = amount.partition("%")
    try:
        width = float(number) / 100 if sign and not rest.strip() else float("nan")
    except ValueError:
        width = float("nan")
    if not FINEST <= width < np.inf or (equals and not key.strip()):
        raise HallplanError("statistics.bad_precision", value=text)
    return key.strip(), width


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
        return sorted((figure for figure in self.figures if not figure.is_precise), key=lambda figure: -figure.needed)

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
