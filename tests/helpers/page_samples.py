"""Comparisons that the page's tests draw: simulated once, small, and with names that try to be something else."""

from functools import cache
from pathlib import Path

from planner.compare import Comparison
from scenarios.compose.composing import Composed, compose, composed
from scenarios.model import Scenario
from sim.run.study import Study, run

HOSTILE = Path(__file__).with_name("hostile.toml")
REPLICATIONS = 3


@cache
def hostile() -> Composed:
    return composed(HOSTILE)


def compared(a: Scenario, b: Scenario, *, replications: int = REPLICATIONS) -> Comparison:
    return Comparison.of(run(Study.of(a, b, replications=replications, seed=1, curves=True)))


@cache
def hostile_comparison() -> Comparison:
    """The hostile hall against itself with a second window and a lame office."""
    a = hostile().scenario
    b = hostile().changed(overrides={"pools.window.servers": 2, "pools.office.work_factor": 1.1}).scenario
    return compared(a, b)


@cache
def textbook_comparison() -> Comparison:
    """Three windows against four, with nothing but one instant service."""
    a, b = (compose("textbook-mm3", overrides={"run.days": 5, "pools.windows.servers": servers}) for servers in (3, 4))
    return compared(a, b)
