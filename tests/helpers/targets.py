"""Hold the Honghuagang scenarios against what was published: ``python tests/helpers/targets.py`` prints the table.

In comes nothing but the scenarios; out goes, for each of their targets, the published interval, the simulated mean
with its 95% interval, and whether it lies inside, as the Markdown table that docs/reference/scenarios.md holds.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from scenarios.compose.composing import compose
from scenarios.model import Scenario
from sim.engine.kernel import run_compiled
from sim.run.replications import Replications, replicate

__all__ = ["HELD", "Held", "held_against", "rows", "simulated"]

HELD = ("honghuagang-2013", "honghuagang-2014")
HEADER = """\
| scenario | metric | published | simulated (95% interval) | |
|---|---|---|---|---|"""


@dataclass(frozen=True)
class Held:
    """One target and what the simulation says: the mean over replications and its 95% interval."""

    scenario: str
    metric: str
    low: float
    high: float
    mean: float
    mean_low: float
    mean_high: float

    @property
    def met(self) -> bool:
        """Whether the mean lies in the published interval."""
        return self.low <= self.mean <= self.high

    def row(self) -> str:
        """Return the row of the table."""
        digits = 4 if self.high <= 1 else (0 if self.high >= 1000 else 2)
        low, high, mean, a, b = (
            f"{value:,.{digits}f}" for value in (self.low, self.high, self.mean, self.mean_low, self.mean_high)
        )
        met = "met" if self.met else "**missed**"
        return f"| {self.scenario} | `{self.metric}` | {low} to {high} | {mean} ({a} to {b}) | {met} |"


def simulated(name: str) -> Replications:
    """Return the scenario's own number of replications, from its own seed."""
    return replicate(compose(name), engine=run_compiled, curves=False)


def held_against(scenario: Scenario, runs: Replications) -> Iterator[Held]:
    """Yield every target of a scenario with what its replications say."""
    for metric, target in scenario.targets.items():
        found = runs.interval(metric)
        yield Held(scenario.name, metric, target.low, target.high, found.estimate, found.low, found.high)


def rows() -> Iterator[str]:
    """Yield the table's lines."""
    yield from HEADER.splitlines()
    for name in HELD:
        runs = simulated(name)
        yield from (held.row() for held in held_against(runs.scenario, runs))


if __name__ == "__main__":
    sys.stdout.write("\n".join(rows()) + "\n")
