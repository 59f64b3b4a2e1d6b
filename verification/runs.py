"""One replication of a check's scenario: the rows of the log that a statistic needs, as arrays.

Input: a scenario of ``verification/scenarios``, changes to it, an engine, a seed.  Output: a :class:`Run`
for every replication.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from foundation.arrays import BoolArray, IntArray
from scenarios.compose.composing import compose
from scenarios.model import Scenario
from sim.engine.choice import Engine
from sim.measure.conservation import Columns
from sim.measure.table import Window
from sim.program import Code, Kind, Log, Outcome, Plan, Program
from sim.run.simulating import simulated_logs

__all__ = ["FOLDER", "Run", "Stretches", "runs", "scenario_of", "served"]

FOLDER: Final = files("verification") / "scenarios"
"""Folder of the checks' scenarios, one TOML file each."""


@dataclass(frozen=True, eq=False)
class Stretches:
    """Rows of a log: moments in ms, entity, operation and outcome."""

    ready: IntArray
    start: IntArray
    end: IntArray
    entity: IntArray
    op: IntArray
    outcome: IntArray

    def where(self, mask: BoolArray) -> Stretches:
        """Return some of the rows."""
        return Stretches(
            self.ready[mask], self.start[mask], self.end[mask], self.entity[mask], self.op[mask], self.outcome[mask]
        )

    @property
    def size(self) -> int:
        """Number of rows."""
        return int(self.ready.size)


@dataclass(frozen=True, eq=False)
class Run:
    """One replication.

    Attributes
    ----------
    scenario, program, plan, log
        The scenario, its draws and plan, and the simulated log.
    """

    scenario: Scenario
    program: Program
    plan: Plan
    log: Log

    @cached_property
    def window(self) -> Window:
        """The measured part."""
        return Window.of(self.scenario, self.plan)

    @property
    def length(self) -> int:
        """Length of the measured part in ms."""
        return self.window.end - self.window.begin

    @cached_property
    def _rows(self) -> Stretches:
        columns = Columns.of(self.program, self.log)
        return Stretches(columns.ready, columns.start, columns.end, columns.entity, columns.op, columns.outcome)

    @cached_property
    def _codes(self) -> npt.NDArray[np.int8]:
        codes: npt.NDArray[np.int8] = np.ascontiguousarray(self.program.ops["code"])[self._rows.op]
        return codes

    def rows(self, code: Code) -> Stretches:
        """Return the rows of one kind of operation, of the whole run."""
        return self._rows.where(self._codes == code)

    @cached_property
    def _served(self) -> Stretches:
        return self.rows(Code.SERVE)

    @cached_property
    def _pool_of_row(self) -> IntArray:
        pools: IntArray = self.program.ops["arg"][self._served.op]
        return pools

    def at(self, pool: str, service: str | None = None) -> Stretches:
        """Return every stay at a pool (of one service's visitors or cases), of the whole run."""
        number = [entry.name for entry in self.plan.pools].index(pool)
        mask = self._pool_of_row == number
        if service is not None:
            of_entity = self.program.entities["service"] == self.program.services.index(service)
            mask = mask & of_entity[self._served.entity]
        return self._served.where(mask)

    def begun(self, stretches: Stretches) -> Stretches:
        """Return the rows that became ready in the measured part; every row of the run must have ended."""
        self._all_ended()
        return stretches.where(self.window.contains(stretches.ready))

    def visits(self, service: str | None = None) -> IntArray:
        """Return the visits (entities) that began in the measured part."""
        self._all_ended()
        entities = self.program.entities
        mask = self.window.contains(self.log.started) & np.isin(entities["kind"], (Kind.VISIT, Kind.ONLINE))
        if service is not None:
            mask &= entities["service"] == self.program.services.index(service)
        return np.flatnonzero(mask)

    def _all_ended(self) -> None:
        late = self.window.contains(self.log.started) & (self.log.ended < 0)
        if late.any():
            raise ValueError(f"{self.scenario.name}: {int(late.sum())} are not done; follow them up for longer")


def served(stretches: Stretches) -> Stretches:
    """Return the rows that ended with service."""
    return stretches.where(stretches.outcome == Outcome.DONE)


def scenario_of(name: str, changes: Mapping[str, Any] | None = None) -> Scenario:
    """Compose a scenario of the checks, with changes by dotted path."""
    with as_file(FOLDER / f"{name}.toml") as path:
        return compose(Path(path), overrides=changes)


def runs(
    scenario: Scenario, *, engine: Engine, replications: int | None = None, seed: int | None = None
) -> Iterator[Run]:
    """Simulate a scenario and yield its replications.

    Parameters
    ----------
    scenario
        What to simulate.
    engine
        What simulates it.
    replications, seed
        The scenario's own by default.

    Yields
    ------
    Run
        One replication.
    """
    numbers = range(replications or scenario.run.replications)
    used = scenario.run.seed if seed is None else seed
    for program, plan, log in simulated_logs(scenario, seed=used, replications=numbers, engine=engine):
        yield Run(scenario, program, plan, log)
