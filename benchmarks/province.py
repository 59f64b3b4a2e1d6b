"""A province-year: does the time grow with the visits, and does the memory not?

Input: how many halls and days.  Output: tables for :mod:`benchmarks.run`.  Each hall is a replication of the 2014 hall
with random numbers of its own: drawn, simulated, measured and forgotten, so that the whole never needs more room than
the halls that are worked on at once.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Final

__all__ = ["Year", "slope", "year_in_a_process_of_its_own"]

SIZES: Final = ((1, 14), (2, 70), (10, 140), (57, 250))
"""Halls and days of the ladder: 10^4, 10^5, 10^6 and 10^7 visits at 700 a day, in round numbers."""


@dataclass(frozen=True)
class Year:
    """What it took.

    Attributes
    ----------
    halls, days, visits
        How much was simulated.
    seconds, mebibytes
        Wall time of the replications, and the most memory of the process, libraries included.
    """

    halls: int
    days: int
    visits: int
    seconds: float
    mebibytes: float


def year_in_a_process_of_its_own(halls: int, days: int) -> Year:
    """Simulate so many halls for so many working days, on all processors; in a new process, to see its memory alone."""
    command = [sys.executable, "-m", __name__, str(halls), str(days)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Year(**json.loads(done.stdout))


def slope(years: list[Year]) -> float:
    """Return the exponent of time as a power of the visits, by least squares on logarithms: 1 is linear."""
    visits, seconds = [[math.log(getattr(year, name)) for year in years] for name in ("visits", "seconds")]
    return statistics.linear_regression(visits, seconds).slope


def _simulate(halls: int, days: int) -> Year:
    import resource

    from benchmarks.frozen import frozen_hall
    from sim.run.replications import replicate

    run = {"run.warm_up_days": 0, "run.days": days, "run.follow_up_days": 0}
    scenario = frozen_hall(run)
    replicate(frozen_hall(run | {"run.days": 1}), replications=1, curves=False)  # warm
    began = time.perf_counter()
    done = replicate(scenario, replications=halls, workers=os.cpu_count() or 1, curves=False)
    seconds = time.perf_counter() - began
    visits = round(float(done.summaries["visits_per_day"].sum()) * days)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << (20 if sys.platform == "darwin" else 10))
    return Year(halls, days, visits, seconds, most)


if __name__ == "__main__":
    print(json.dumps(vars(_simulate(*(int(argument) for argument in sys.argv[1:3])))))
