"""What a process of the background does for the page: one replication of one plan.

Comes in: a scenario, a seed and a replication's number.  Goes out: a small :class:`Sample`.  Replication ``k`` of two
plans uses the same random numbers, so that a sample serves every comparison that needs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd

from foundation.arrays import FloatArray
from hallplan.api import engine_named
from scenarios.model import Scenario
from sim.run.replications import replicate

__all__ = ["ENGINE", "Sample", "simulate"]

ENGINE: Final = "compiled"
"""Which simulator the page uses: its processes live long, so that starting it pays."""


@dataclass(frozen=True, eq=False)
class Sample:
    """What one replication of a plan shows.

    Attributes
    ----------
    names, values
        Scalar metrics: their names, and their values, shape (metrics,).
    waits
        By half-hour of the day: visitors called (`called_mean`) and their mean wait (`wait_mean_min`).
    """

    names: tuple[str, ...]
    values: FloatArray
    waits: pd.DataFrame

    @property
    def summary(self) -> dict[str, float]:
        """Scalar metrics by name."""
        return dict(zip(self.names, self.values.tolist(), strict=True))

    def __reduce__(self) -> tuple[Any, ...]:
        # A server keeps thousands of samples, and the names are most of what one weighs: they are kept once for all.
        return _received, ("\n".join(self.names), self.values, self.waits)


@lru_cache(maxsize=64)
def _names(joined: str) -> tuple[str, ...]:
    return tuple(joined.split("\n"))


def _received(joined: str, values: FloatArray, waits: pd.DataFrame) -> Sample:
    return Sample(_names(joined), values, waits)


def simulate(scenario: Scenario, seed: int, replication: int) -> Sample:
    """Run one replication, in a process of the background."""
    one = replicate(scenario, replications=1, seed=seed, first=replication, engine=engine_named(ENGINE))
    names = tuple(map(str, one.summaries.columns))
    return Sample(names, one.summaries.iloc[0].to_numpy(dtype=np.float64), one.curves["wait_by_half_hour"])
