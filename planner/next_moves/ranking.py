"""Ranks of moves by what they gain, with ties that are said to be ties.

Input: gains by move and replication, with common random numbers.  Output: for every move the best and the worst rank
that are not excluded.  A move is ahead of another if a one-sided Student bound of the paired difference says so.  The
allowed error is divided among all pairs, both sides and all looks, so that all ranks hold together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foundation.arrays import BoolArray, FloatArray
from planner.frontier.race import upper_bounds

__all__ = ["Ranks", "ranks_of"]


@dataclass(frozen=True, eq=False)
class Ranks:
    """Which moves are ahead of which.

    Attributes
    ----------
    ahead
        Whether the row certainly gains more than the column, shape (moves, moves).
    """

    ahead: BoolArray

    @property
    def best(self) -> list[int]:
        """The best rank that each move may have: 1, and one more for each that is certainly ahead of it."""
        return [1 + int(number) for number in self.ahead.sum(axis=0)]

    @property
    def worst(self) -> list[int]:
        """The worst rank that each may have."""
        return [len(self.ahead) - int(number) for number in self.ahead.sum(axis=1)]

    def undecided(self, top: int) -> list[int]:
        """Return the moves that may be among the first, and are not told apart from another that may be."""
        near = np.array([rank <= top for rank in self.best], dtype=np.bool_)
        decided = self.ahead | self.ahead.T | np.eye(near.size, dtype=np.bool_)
        open_places: list[int] = np.flatnonzero(near & (~decided & near[None, :]).any(axis=1)).tolist()
        return open_places


def ranks_of(gains: Sequence[FloatArray], looks: Sequence[int], *, alpha: float = 0.05) -> Ranks:
    """Return the ranks of moves after their replications.

    Parameters
    ----------
    gains
        By move, one number a replication; moves may have different numbers of them.
    looks
        Replications at which pairs are compared.
    alpha
        Probability that any rank is wrong.
    """
    number = len(gains)
    ahead = np.zeros((number, number), dtype=np.bool_)
    level = 1 - 2 * alpha / (max(number * (number - 1), 1) * len(looks))
    for look in looks:
        places = [move for move in range(number) if gains[move].size >= look]
        if len(places) < 2:
            break
        losses = -np.array([gains[move][:look] for move in places])
        ahead[np.ix_(places, places)] |= upper_bounds(losses, level) < 0
    return Ranks(ahead)
