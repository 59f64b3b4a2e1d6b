"""What a process of the background does for the page: one replication of one plan.

Comes in: a scenario, a seed and a replication's number.  Goes out: a small :class:`Sample`.  Replication ``k`` of two
plans uses the same random numbers, so that a sample serves every comparison that needs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from hallplan.api import engine_named
from scenarios.model import Scenario
from sim.replications import replicate

__all__ = ["ENGINE", "Sample", "simulate"]

ENGINE: Final = "compiled"
"""Which simulator the page uses: its processes live long, so that starting it pays."""


@dataclass(frozen=True, eq=False)
class Sample:
    """What one replication of a plan shows.

    Attributes
    ----------
    summary
        Scalar metrics by name.
    waits
        By half-hour of the day: visitors called (`called_mean`) and their mean wait (`wait_mean_min`).
    """

    summary: dict[str, float]
    waits: pd.DataFrame


def simulate(scenario: Scenario, seed: int, replication: int) -> Sample:
    """Run one replication, in a process of the background."""
    one = replicate(scenario, replications=1, seed=seed, first=replication, engine=engine_named(ENGINE))
    summary = {str(name): float(value) for name, value in one.summaries.iloc[0].items()}
    return Sample(summary, one.curves["wait_by_half_hour"])
