"""How many replications a question of many scenarios may have by default: about half a minute of two cores.

Input: a scenario.  Output: a number of replications, from the arrivals that each has to simulate.
"""

from __future__ import annotations

from typing import Final

from scenarios.check import expected_arrivals
from scenarios.model import Scenario

__all__ = ["default_budget"]

_ARRIVALS: Final = 20_000_000
"""Arrivals of all replications together: a million of them take about 2.5 s of a core in the built-in halls."""


def default_budget(scenario: Scenario, *, most: int, least: int = 0) -> int:
    """Return the replications that a question may have.

    Parameters
    ----------
    scenario
        What one replication is like.
    most, least
        The ends between which the number lies; `least` comes first.
    """
    arrivals = max(sum(expected_arrivals(scenario).values()), 1.0)
    return max(min(int(_ARRIVALS / arrivals), most), least)
