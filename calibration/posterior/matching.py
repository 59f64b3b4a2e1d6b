"""History matching: which points the article rules out, and which of its figures rule each other out.

Input: what each point shows of each target, and how far off it may be.  Output: implausibilities (Craig, Goldstein,
Seheult and Smith 1997): how many standard deviations a point is from a target's interval.  More than three, and the
point is discarded.
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
"""Beyond so many standard deviations a point is discarded (Pukelsheim's three-sigma rule, 1994)."""

_RARER: Final = 0.2
"""Two figures are in conflict if so few of the points that suit both would be expected to, were they independent."""


@dataclass(frozen=True)
class Conflict:
    """Two figures that few points suit together.

    Attributes
    ----------
    first, second
        Names of the targets.
    expected, simulated
        Share of the points that would suit both if they were independent, and that does.
    """

    first: str
    second: str
    expected: float
    simulated: float


@dataclass(frozen=True, eq=False)
class Match:
    """What is left of the points.

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
    """Return how many standard deviations each mean is outside of its interval: shape (points, targets)."""
    low, high = (np.array(ends) for ends in zip(*(observed.ends for observed in targets), strict=True))
    outside = np.maximum(np.maximum(low - means, means - high), 0.0)
    return np.asarray(outside / sd, dtype=np.float64)


def match(means: FloatArray, sd: FloatArray, targets: Sequence[Observed], *, limit: float = LIMIT) -> Match:
    """Match points against targets.

    Parameters
    ----------
    means
        What each point shows, on the targets' scales, shape (points, targets).
    sd
        How far off it may be, shape (targets,).
    targets
        Published intervals.
    limit
        Beyond how many standard deviations a point is discarded.
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
