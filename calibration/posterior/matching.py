"""History matching: the points that the article rules out, and the figures that rule each other out.

Input: the value of each target at each point, and its standard deviation.  Output: implausibilities (Craig, Goldstein,
Seheult and Smith 1997): the distance of a point from a target's interval, in standard deviations.  A point with more
than three is discarded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from calibration.posterior.targets import Observed
from foundation.arrays import BoolArray, FloatArray

__all__ = ["LIMIT", "Conflict", "Match", "implausibility", "match"]

LIMIT: Final = 3.0
"""A point is discarded beyond this many standard deviations (Pukelsheim's three-sigma rule, 1994)."""

_RARER: Final = 0.2
"""Two figures conflict if fewer points fit both than this part of the number expected under independence."""


@dataclass(frozen=True)
class Conflict:
    """Two figures that few points fit together.

    Attributes
    ----------
    first, second
        Names of the targets.
    expected, simulated
        Share of the points that fit both: expected under independence, and in the simulation.
    """

    first: str
    second: str
    expected: float
    simulated: float


@dataclass(frozen=True, eq=False)
class Match:
    """The points that the targets retain.

    Attributes
    ----------
    implausibility
        By point and target.
    retained
        Points within the limit of every target.
    shares
        Share of the points within the limit of each target, by name.
    conflicts
        Pairs of targets that rule each other out.
    """

    implausibility: FloatArray
    retained: BoolArray
    shares: dict[str, float]
    conflicts: tuple[Conflict, ...]


def implausibility(means: FloatArray, sd: FloatArray, targets: Sequence[Observed]) -> FloatArray:
    """Return the distance of each mean from its interval, in standard deviations: shape (points, targets).

    Parameters
    ----------
    means
        Values on the targets' scales, shape (points, targets).
    sd
        Standard deviation of each target, shape (targets,).
    targets
        Published intervals.
    """
    low, high = (np.array(ends) for ends in zip(*(observed.ends for observed in targets), strict=True))
    outside = np.maximum(np.maximum(low - means, means - high), 0.0)
    return np.asarray(outside / sd, dtype=np.float64)


def match(means: FloatArray, sd: FloatArray, targets: Sequence[Observed], *, limit: float = LIMIT) -> Match:
    """Match points against targets.

    Parameters
    ----------
    means
        Value of each target at each point, on the targets' scales, shape (points, targets).
    sd
        Standard deviation of each target, shape (targets,).
    targets
        Published intervals.
    limit
        Number of standard deviations beyond which a point is discarded.
    """
    distances = implausibility(means, sd, targets)
    suits = distances <= limit
    shares = suits.mean(axis=0)
    conflicts = []
    for i in range(len(targets)):
        for j in range(i + 1, len(targets)):
            expected, both = float(shares[i] * shares[j]), float(np.mean(suits[:, i] & suits[:, j]))
            # Fewer than a handful expected says nothing.
            if expected * len(means) >= 10 and both < _RARER * expected:
                conflicts.append(Conflict(targets[i].key, targets[j].key, expected, both))
    names = (observed.key for observed in targets)
    return Match(
        distances, np.asarray(suits.all(axis=1)), dict(zip(names, shares.tolist(), strict=True)), tuple(conflicts)
    )
