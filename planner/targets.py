"""Simulated figures held against published ones.

Input: intervals over replications and the targets that a scenario states.  Output: a verdict for each: does the mean
lie in the published interval, and do the replications suffice to say so?
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scenarios.model import Target
from sim.statistics import Interval

__all__ = ["TargetCheck", "Verdict", "check_target"]

Verdict = Literal["inside", "outside", "undecided", "unknown"]
"""Where the whole interval lies: ``undecided`` if it reaches over an end of the target, ``unknown`` without figures."""


@dataclass(frozen=True)
class TargetCheck:
    """One simulated figure against one published interval.

    Attributes
    ----------
    target
        What was published.
    mean_inside
        Whether the mean over the replications lies in it, ends included.
    verdict
        The same of the mean's whole interval, so that chance is allowed for.
    """

    target: Target
    mean_inside: bool
    verdict: Verdict


def check_target(simulated: Interval, target: Target) -> TargetCheck:
    """Hold a simulated mean and its interval against a published interval."""
    inside = target.low <= simulated.estimate <= target.high
    if simulated.n == 0:
        verdict: Verdict = "unknown"
    elif target.low <= simulated.low and simulated.high <= target.high:
        verdict = "inside"
    elif simulated.high < target.low or simulated.low > target.high:
        verdict = "outside"
    else:
        verdict = "undecided"
    return TargetCheck(target, inside, verdict)
