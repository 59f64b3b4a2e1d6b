"""What may be said of a difference between two plans: better, worse, or neither, and never to mislead.

Input: a comparison and a metric.  Output: a :data:`Judgement`; and whether in a plan more visitors come in vain.  The
rules: a difference counts if its interval is clear and it is as large as the smallest that matters.  Nothing is better
while clearly more visitors come in vain: those who are gone no longer wait.
"""

from __future__ import annotations

from typing import Final, Literal

from planner.compare import Comparison, Difference, unequal_demand
from sim.measure.headline import smallest_difference
from sim.measure.registry import metric_of

__all__ = ["UNSERVED", "Judgement", "judged", "more_in_vain"]

Judgement = Literal["unclear", "immaterial", "neither", "worse", "better"]
"""``unclear``: the interval holds zero; ``immaterial``: smaller than what matters; ``neither``: a description, or not
to be called better as things stand."""

UNSERVED: Final = "unserved_share"
"""The metric of visits that come to nothing."""
_OF_ALL_VISITORS: Final = ("visitor_hours_per_day", "visitor_cost_per_day")


def judged(comparison: Comparison, shown: Difference, which: int = 1) -> Judgement:
    """Return what may be said of a difference from the base.

    The hours of all visitors together are neither better nor worse where another number of visitors comes.

    Parameters
    ----------
    comparison
        The plans.
    shown
        A difference of plan `which`.
    which
        Number of the plan; the base is 0.
    """
    if not shown.is_clear or shown.change is None or shown.base is None:
        return "unclear"
    if abs(shown.change.estimate) < smallest_difference(shown.metric, shown.base.estimate):
        return "immaterial"
    better = metric_of(shown.metric).better
    if better == "neither" or (shown.metric in _OF_ALL_VISITORS and _demand_differs(comparison, which)):
        return "neither"
    if (shown.change.estimate > 0) != (better == "higher"):
        return "worse"
    return "neither" if shown.metric == UNSERVED or more_in_vain(comparison, which) else "better"


def more_in_vain(comparison: Comparison, which: int = 1) -> bool:
    """Tell whether in a plan a clearly larger share of the visits comes to nothing than in the base."""
    if UNSERVED not in comparison.metrics:
        return False
    difference = comparison.difference(UNSERVED, which)
    return difference.is_clear and difference.change is not None and difference.change.estimate > 0


def _demand_differs(comparison: Comparison, which: int) -> bool:
    pair = [comparison.runs[place].scenario for place in (0, which)]
    return unequal_demand(pair, ("", "")) is not None
