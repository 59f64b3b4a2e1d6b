"""The results that belong to this version: those in the package, and the frozen hashes that guard them.

Input: ``package``, which simulates the built-in scenarios as `run` and the page's first look do and writes
``hallplan/results``, and the days that the page plays back; or ``hashes``, which writes the hashes of draws, logs and
metrics that a test compares.  When the test of the hashes fails because results were meant to change: raise
``RESULTS_VERSION`` in ``sim/run/keys.py``, then run both.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hallplan.page.plans import plan_of
from hallplan.page.replay.preparing import replay_unit
from hallplan.page.replay.shipped import DAYS, as_bytes, file_name
from hallplan.page.state import PlanChoice, Settings
from scenarios.compose.composing import compose, scenario_names
from scenarios.model import Scenario
from sim.draw.drawing import draw
from sim.engine.choice import prepare
from sim.measure import measure
from sim.plan import Layout, compile_plan
from sim.run.folder import FolderStore
from sim.run.keys import RESULTS_VERSION, Key
from sim.run.sample import Sample
from sim.run.store import PACKAGE_RESULTS, LayeredStore, MemoryStore
from sim.run.study import Study, Task, run

__all__ = ["FROZEN", "REPLICATIONS", "frozen_hashes", "main", "package_study", "write_days", "write_package"]

ROOT = Path(__file__).resolve().parents[1]
FROZEN = ROOT / "tests" / "sim" / "run" / "frozen_hashes.json"
"""The hashes, and the version that they belong to."""
DAYS_FOLDER = ROOT / "hallplan" / "page" / "replay" / DAYS
REPLICATIONS = 20
"""Replications of every built-in scenario in the package, if its own default is not more."""

_SHORT = {"run.days": 3, "run.warm_up_days": 2, "run.follow_up_days": 5}
_DIGITS = 9
"""Digits of a metric that are hashed: sums may differ in the last bits between machines."""


def package_study(name: str) -> Study:
    """Return the study whose results the package carries for a built-in scenario."""
    scenario = compose(name)
    return Study.of(scenario, replications=max(scenario.run.replications, REPLICATIONS), curves=True, engine="compiled")


def write_package() -> int:
    """Write the package's results anew, one part a scenario; return the bytes.

    What is there already is not simulated again.
    """
    folder = ROOT / PACKAGE_RESULTS
    parts = [_samples(package_study(name), FolderStore(folder, read_only=True)) for name in scenario_names()]
    shutil.rmtree(folder, ignore_errors=True)
    store = FolderStore(folder)
    for samples in parts:
        store.put(samples)
    return store.info().size


def write_days() -> int:
    """Write the days of the built-in scenarios that the page plays back; return the bytes."""
    shutil.rmtree(DAYS_FOLDER, ignore_errors=True)
    DAYS_FOLDER.mkdir()
    for name in scenario_names():
        unit = replay_unit(plan_of(PlanChoice(name)), seed=Settings().seed)
        (DAYS_FOLDER / file_name(unit.key)).write_bytes(as_bytes(unit.function(*unit.arguments)))
    return sum(file.stat().st_size for file in DAYS_FOLDER.iterdir())


def _samples(study: Study, there: FolderStore) -> dict[Key, Sample]:
    samples = run(study, store=LayeredStore(MemoryStore(), there)).runs[0].samples
    return {study.key_of(Task(0, number)): sample for number, sample in enumerate(samples)}


def frozen_hashes() -> dict[str, str]:
    """Return the hashes of draws, logs and metrics of the built-in scenarios, shortened."""
    return {name: _hash(compose(name, overrides=_SHORT)) for name in scenario_names()}


def _hash(scenario: Scenario) -> str:
    digest, layout = hashlib.sha256(), Layout.of(scenario)
    plan = compile_plan(scenario, layout)
    for replication in range(2):
        program = draw(scenario, scenario.run.seed, replication, layout)
        log = prepare()(program, plan)
        for table in (program.ops, program.entities, log.rows):
            for column in sorted(table.dtype.names or ()):
                _add(digest, np.ascontiguousarray(table[column]))
        _add(digest, log.started)
        _add(digest, log.ended)
        _add(digest, log.in_service)
        summary = measure(scenario, program, plan, log).summary
        digest.update(";".join(f"{key}={value:.{_DIGITS}g}" for key, value in summary.items()).encode("utf-8"))
    return digest.hexdigest()


def _add(digest: Any, values: npt.NDArray[Any]) -> None:
    digest.update(values.astype("<f8" if values.dtype.kind == "f" else "<i8").tobytes())


def main(arguments: Sequence[str] | None = None) -> None:
    """Write what was asked for."""
    parser = argparse.ArgumentParser(description="Write the package's results, or the hashes that guard them.")
    parser.add_argument("what", choices=("package", "hashes"))
    if parser.parse_args(arguments).what == "package":
        print(f"{write_package() / 1e6:.1f} MB in {PACKAGE_RESULTS}")
        print(f"{write_days() / 1e6:.1f} MB in {DAYS_FOLDER.relative_to(ROOT).as_posix()}")
        return
    content = {"results_version": RESULTS_VERSION, "hashes": frozen_hashes()}
    FROZEN.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"hashes of version {RESULTS_VERSION} in {FROZEN.name}")


if __name__ == "__main__":
    main()
