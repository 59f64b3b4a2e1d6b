"""Comparisons that the page's tests draw: simulated once, small, and with names that try to be something else."""

from functools import cache
from pathlib import Path

from hallplan.page.results import Comparison
from hallplan.page.samples import simulate
from scenarios.compose.composing import Composed, compose, composed

HOSTILE = Path(__file__).with_name("hostile.toml")
REPLICATIONS = 3


@cache
def hostile() -> Composed:
    return composed(HOSTILE)


@cache
def hostile_comparison() -> Comparison:
    """The hostile hall against itself with a second window and a lame office."""
    a = hostile().scenario
    b = hostile().changed(overrides={"pools.window.servers": 2, "pools.office.work_factor": 1.1}).scenario
    return Comparison.of(a, b, [simulate(one, 1, k) for k in range(REPLICATIONS) for one in (a, b)])


@cache
def textbook_comparison() -> Comparison:
    """Three windows against four, with nothing but one instant service."""
    a, b = (compose("textbook-mm3", overrides={"run.days": 5, "pools.windows.servers": servers}) for servers in (3, 4))
    return Comparison.of(a, b, [simulate(one, 1, k) for k in range(REPLICATIONS) for one in (a, b)])
