"""The verdict on a published cut: is a promise so much below the statutory limits kept, and thanks to which lever?

Input: cases of the scenario after, of all levers together, and of all but one of them.  Output: a :class:`Verdict`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foundation.arrays import FloatArray
from planner.attribution import Attribution, share_interval
from planner.clocks import CasePool, share_within_promise
from planner.promises import cut_limits, shares_together
from sim.statistics.intervals import Interval, proportion_interval

__all__ = ["CutQuestion", "Verdict", "verdict_of"]


@dataclass(frozen=True)
class CutQuestion:
    """Is a promise so much below the statutory limits, in whole days rounded down, kept?

    Attributes
    ----------
    cut, q
        By how much it is below, and for which share of the cases it is to be kept.
    level
        Confidence level of the intervals.
    """

    cut: float = 0.52
    q: float = 0.95
    level: float = 0.95


@dataclass(frozen=True)
class Verdict:
    """The answer.

    Attributes
    ----------
    question
        The question.
    kept_after
        Share of the replications in which the scenario after keeps it.
    with_all
        Share of all cases within it, with all levers at the demand of the scenario before.
    without
        The same without one lever, in the order of the levers.
    earned_most
        Place of the lever that saves most days, by volume.
    is_clear
        Whether it saves more than the next, beyond chance.
    """

    question: CutQuestion
    kept_after: Interval
    with_all: Interval
    without: tuple[Interval, ...]
    earned_most: int
    is_clear: bool

    @property
    def hurts_most(self) -> int:
        """Place of the lever without which the least share of cases is within the promise."""
        return int(np.argmin([share.estimate for share in self.without]))

    @property
    def holds_with_all(self) -> bool:
        """Whether the share with all levers reaches what is to be kept."""
        return self.with_all.estimate >= self.question.q


def verdict_of(
    question: CutQuestion,
    after: CasePool,
    levers: Sequence[CasePool],
    *,
    statutory: FloatArray,
    earned: Attribution,
) -> Verdict:
    """Return the verdict.

    Parameters
    ----------
    question
        The question.
    after, levers
        Cases of the scenario after; of all levers together, and then of all levers but one, in their order.
    statutory
        Statutory limits of the items of these cases.
    earned
        The attribution of the days saved.
    """
    limits, level = cut_limits(statutory, question.cut), question.level
    periods = shares_together(after, limits) >= question.q
    within = [share_within_promise(cases, limits, level) for cases in levers]
    game = earned.shapley
    order = np.argsort(-game.shares.mean(axis=1), kind="stable").tolist()
    is_clear = len(order) < 2 or share_interval(game, order[0], order[1], level=level).low > 0
    return Verdict(
        question,
        kept_after=proportion_interval(int(periods.sum()), periods.size, level=level),
        with_all=within[0],
        without=tuple(within[1:]),
        earned_most=int(order[0]),
        is_clear=bool(is_clear),
    )
