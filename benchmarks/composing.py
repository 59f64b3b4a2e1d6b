"""How long does composing take: a whole file in a fresh process, and one value changed in a warm one?

Input: nothing.  Output: milliseconds by kind of work; :mod:`benchmarks.run` prints them as a table.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from typing import Final

from scenarios.compose.composing import composed
from scenarios.compose.levers import LeverUse

__all__ = ["HALL", "composing_tasks", "seconds_in_a_fresh_process"]

HALL: Final = "honghuagang-2014"
"""The largest built-in scenario: two levels of files, ten levers, 113 services."""

_FRESH: Final = f"""
import time
began = time.process_time()
from scenarios.compose.composing import composed
imported = time.process_time()
composed({HALL!r})
print(imported - began, time.process_time() - imported)
"""


def composing_tasks() -> dict[str, Callable[[], None]]:
    """Return what :func:`benchmarks.run.best_of` measures: one value changed, each time to another value."""
    numbers: Iterator[int] = count(1)
    base = composed(HALL)
    pool = next(iter(base.scenario.pools))

    def changed() -> None:
        base.changed(overrides={f"pools.{pool}.servers": next(numbers)})

    def from_the_name() -> None:
        composed(HALL, overrides={f"pools.{pool}.servers": next(numbers)})

    def lever() -> None:
        composed(HALL, levers=[LeverUse("add-staff", {"pool": pool, "servers": next(numbers)})])

    return {"one value changed": changed, "by name, one value changed": from_the_name, "by name, one lever": lever}


def seconds_in_a_fresh_process() -> tuple[float, float]:
    """Return processor seconds of a fresh process: importing, and composing for the first time."""
    result = subprocess.run([sys.executable, "-c", _FRESH], capture_output=True, text=True, check=True)
    importing, composing = map(float, result.stdout.split())
    return importing, composing
