"""How fast are studies: in a warm process, and with everything in the store?

Input: nothing.  Output: seconds by what was done, each the best of several runs.  ``python -m benchmarks.studies``
prints them; :mod:`benchmarks.run` has the rows of the page.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from scenarios.compose.composing import compose
from sim.engine.choice import prepare
from sim.run.folder import FolderStore
from sim.run.study import Study, run

__all__ = ["main", "seconds_of_studies"]

_ROUNDS = 5


def _best(work: Callable[[], object], rounds: int = _ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def seconds_of_studies() -> dict[str, float]:
    """Return the seconds of a loop of small runs, and of comparisons from the store."""
    prepare()
    desk = compose("township-desk")
    base, other = (compose(name, overrides={"run.days": 60}) for name in ("honghuagang-2013", "honghuagang-2014"))
    results = {"township desk, 10 replications, no store": _best(lambda: run(Study.of(desk, replications=10)))}
    with tempfile.TemporaryDirectory() as folder:
        store = FolderStore(Path(folder))
        paired = Study.of(base, other, replications=30)
        results["paired comparison, 30 x 60 days, simulated"] = _best(lambda: run(paired, store=store), 1)
        results["the same from the store"] = _best(lambda: run(paired, store=store))
        changed = other.model_copy(update={"demand": 1.01})
        one_new = Study.of(base, changed, replications=30)
        results["the same, the second hall changed"] = _best(lambda: run(one_new, store=store), 1)
    return results


def main() -> None:
    """Print the seconds."""
    for name, seconds in seconds_of_studies().items():
        print(f"{name}: {1000 * seconds:,.0f} ms")


if __name__ == "__main__":
    main()
