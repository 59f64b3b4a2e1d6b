"""The speeds that users wait for, against their targets.

Input: nothing.  Output: a table: what was done, how long it took, and the target.  Every figure is the best of several
runs of wall time.  The halls compared are the frozen ones.  Where a stored result would hide the work, none is read.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.composing import composing_tasks
from benchmarks.frozen import FROZEN_BEFORE, FROZEN_HALL

__all__ = ["TARGETS", "measured_targets"]

TARGETS: Final[dict[str, float]] = {
    "hallplan.run, township-desk, 10 replications, in a loop": 0.070,
    "hallplan compare, 30 x 60 days and no other, all stored": 1.0,
    "hallplan compare, 30 x 60 days and no other, one lever changed, the first hall stored": 2.5,
    "composing honghuagang-2014 with one value changed": 0.040,
}
"""Work, and the seconds that it may take on a quiet machine."""

_CHANGED: Final = """
format = 1
extends = "{hall}"
name = "honghuagang-2014-changed"
levers = [{{ use = "add-staff", pool = "service-desk", servers = {servers} }}]
"""
_NO_OTHER_DAYS: Final = ("--set", "run.warm_up_days=0", "--set", "run.follow_up_days=0")
_CHANGES: Final = 3
"""Levers that are compared, each another one, so that no round finds the second hall in the store."""


def measured_targets(environment: Mapping[str, str] | None = None) -> dict[str, float]:
    """Return the seconds of each piece of work in :data:`TARGETS`; commands run in `environment`."""
    with tempfile.TemporaryDirectory() as folder:
        cache = dict(environment or os.environ) | {"HALLPLAN_CACHE_DIR": folder}
        seconds = (_loop(), *_comparisons(Path(folder), cache), _composing())
    return dict(zip(TARGETS, seconds, strict=True))


def _best(task: Callable[[int], Any], rounds: int) -> float:
    """Return the best wall time in seconds; the task gets the number of the round."""
    times = []
    for number in range(rounds):
        began = time.perf_counter()
        task(number)
        times.append(time.perf_counter() - began)
    return min(times)


def _loop() -> float:
    import hallplan

    hallplan.run("township-desk", replications=10, seed=10_000, engine="compiled")  # loads the compiled engine
    return _best(lambda number: hallplan.run("township-desk", replications=10, seed=number, cache=False), 3)


def _comparisons(folder: Path, environment: Mapping[str, str]) -> tuple[float, float]:
    """Return the seconds of a comparison that is stored, and of one whose second hall has another lever each time."""

    def compare(second: str) -> None:
        program = str(Path(sys.executable).with_name("hallplan"))
        words = ("compare", str(FROZEN_BEFORE), second, "--days", "60", "--reps", "30", *_NO_OTHER_DAYS)
        subprocess.run([program, *words], check=True, capture_output=True, env=dict(environment))

    def changed(number: int) -> None:
        file = folder / f"changed-{number}.toml"
        file.write_text(_CHANGED.format(hall=FROZEN_HALL.name, servers=number + 1), encoding="utf-8")
        compare(str(file))

    shutil.copy(FROZEN_HALL, folder)  # a file extends only what lies beside it
    compare(str(FROZEN_HALL))  # fills the store
    return _best(lambda _: compare(str(FROZEN_HALL)), 5), _best(changed, _CHANGES)


def _composing() -> float:
    change = composing_tasks()["by name, one value changed"]
    change()  # reads the library's files
    return _best(lambda _: change(), 10)
