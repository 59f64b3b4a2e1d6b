"""What a question of staffing asks of a simulator: the type of the function, and which replications are fresh.

:mod:`planner.staffing.simulating` makes one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from planner.staffing.certificate import Observed
from planner.staffing.targets import Counted
from scenarios.model import Scenario
from sim.run.study import System

__all__ = ["FRESH", "Simulate"]

Simulate: TypeAlias = Callable[[Sequence[Scenario | System], Sequence[Counted], int, int], list[list[Observed]]]
"""Scenarios or systems, what to count, number of the first replication, how many: returns counts by scenario and
replication."""

FRESH: Final = 1_000_000
"""Number of the first replication of certificates: no search, and no run by hand, comes so far."""
