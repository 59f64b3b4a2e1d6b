"""Write a simulation's log down the way a person would: who, which step, ready, start, end, and how it ended.

In come scenario files (or a few lines of one); out come tables of strings, so that a test can hold a log worked out by
hand beside the one that an engine returns.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scenarios.compose.composing import compose, compose_text
from scenarios.model import Scenario
from sim.calendar import DAY_MS
from sim.draw.drawing import draw
from sim.engine.kernel import run_compiled
from sim.engine.reference import run_reference
from sim.plan import compile_plan
from sim.program import Code, Kind, Log, Outcome, Plan, Program

FILES = Path(__file__).parents[1] / "sim" / "halls"
ENGINES = {"reference": run_reference, "compiled": run_compiled}

_DOORS = {Code.ARRIVE: "come in", Code.LEAVE: "go out", Code.RETURN: "trip fails"}


def of_file(name: str, overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Compose one of the tests' scenario files."""
    return compose(FILES / f"{name}.toml", overrides=overrides or {})


def of_text(text: str, overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Compose a scenario from its text; the two keys that every file begins with may be left out."""
    return compose_text(f'format = 1\nname = "test"\n{text}', name="test", overrides=overrides or {}).scenario


def arrives(name: str, service: str, time: str, *more: str) -> str:
    """Return the line of a source that brings one visitor; online, so that no door is in the way.

    `more` is what else the source says, the commas left out, which follow here.
    """
    return "arrivals.{} = {{ {} }}".format(
        name, ", ".join([f'services = "{service}"', f'at = ["{time}"]', 'channel = "online"', *more])
    )


@dataclass(frozen=True, eq=False)
class Trace:
    """One replication: what was drawn, in which hall, and what happened."""

    scenario: Scenario
    program: Program
    plan: Plan
    log: Log

    def clock(self, ms: int) -> str:
        """Write a moment as date and time of day, as fine as need be."""
        moment = dt.datetime.combine(self.scenario.run.start, dt.time()) + dt.timedelta(milliseconds=ms)
        fine = "" if ms % 60_000 == 0 else f":{moment:%S}.{ms % 1_000:03d}"
        return f"{moment:%m-%d %H:%M}{fine}"

    def who(self, entity: int) -> str:
        """Name the visitor behind an entity: its source, numbered where that brings several."""
        entities = self.program.entities
        root = int(entities["root"][entity])
        source = entities["source"][root]
        siblings = np.flatnonzero((entities["source"] == source) & (entities["root"] == np.arange(entities.size)))
        name = self.program.sources[source]
        return name if siblings.size == 1 else f"{name}-{np.flatnonzero(siblings == root)[0] + 1}"

    def step(self, row: np.void) -> str:
        """Name what a row is about; "" for the time that passes between a visitor's trips."""
        op = self.program.ops[row["op"]]
        if op["code"] in _DOORS:
            return _DOORS[Code(op["code"])]
        if op["code"] == Code.MARK:
            return f"({self.program.marks[op['arg']]})"
        return self.program.steps[op["step"]].name.partition("/")[2] if op["step"] >= 0 else ""

    def told(self, *only: str) -> list[tuple[str, ...]]:
        """Return the log as strings, all of it or the steps whose names begin with one of `only`."""
        table = []
        for row in self.log.rows:
            name = self.step(row)
            if not name or (only and not name.startswith(only)):
                continue
            ready, start, end = (int(row[column]) for column in ("ready", "start", "end"))
            if name == "come in":  # a visitor's trip begins at a drawn moment: to the minute is enough
                ready, start = (moment // 60_000 * 60_000 for moment in (ready, start))
            outcome = Outcome(row["outcome"]).name.lower().replace("_", " ")
            table.append((self.who(row["entity"]), name, *map(self.clock, (ready, start, end)), outcome))
        return table

    def stretches(self, step: str) -> list[str]:
        """Return the stretches at a step in the order of their ends: ``["anna 09:00-09:10 done"]``."""
        return [f"{name} {start[6:]}-{end[6:]} {outcome}" for name, _, _, start, end, outcome in self.told(step)]

    def times(self, step: str) -> dict[str, str]:
        """Return when each visitor's last stretch at a step began and ended: ``{"anna": "09:00-09:10"}``."""
        return {row[0]: f"{row[3][6:]}-{row[4][6:]}" for row in self.told() if row[1] == step}

    def dates(self, step: str) -> dict[str, str]:
        """Return when each visitor's last stretch at a step ended, with its date."""
        return {row[0]: row[4] for row in self.told() if row[1] == step}

    def outcomes(self, step: str) -> dict[str, str]:
        """Return how each visitor's last stretch at a step ended."""
        return {row[0]: row[5] for row in self.told() if row[1] == step}

    def waits_min(self, step: str) -> dict[str, float]:
        """Return how many minutes each visitor last waited at a step."""
        return {
            self.who(row["entity"]): (row["start"] - row["ready"]) / 60_000
            for row in self.log.rows
            if self.step(row) == step
        }

    def number(self, kind: Kind) -> int:
        """Return how many entities of a kind set out."""
        return int(((self.program.entities["kind"] == kind) & (self.log.started >= 0)).sum())


def simulate(scenario: Scenario, engine: str = "reference", *, seed: int = 1, replication: int = 0) -> Trace:
    """Draw and run one replication."""
    program, plan = draw(scenario, seed, replication), compile_plan(scenario)
    return Trace(scenario, program, plan, ENGINES[engine](program, plan))


def table(text: str) -> list[tuple[str, ...]]:
    """Read a table typed by hand: columns two spaces apart, the first line and comments (#) left out."""
    lines = [line.split("#")[0].strip() for line in text.strip().splitlines()[1:]]
    return [tuple(re.split(r"\s{2,}", line)) for line in lines if line]


def day(ms: int) -> int:
    """Return the calendar day of a moment, the run's first being 0."""
    return int(ms) // DAY_MS
