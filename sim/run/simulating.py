"""Drawing, simulating and measuring: the only place where the three come together.

Input: scenarios, a seed and the number of a replication.  Output: :class:`~sim.measure.frames.Metrics` of one
replication, or the samples of several scenarios that share a draw.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scenarios.model import Scenario
from sim.draw.drawing import draw, drawn_digest
from sim.engine.choice import Engine, prepare
from sim.measure.frames import Metrics, measure
from sim.measure.table import MeasureOptions
from sim.plan import Layout, compile_plan
from sim.program import Log, Plan, Program
from sim.run.sample import Sample, sample_of

__all__ = ["Piece", "SimulationWork", "drawn", "families_of", "simulate", "simulate_sample", "simulated_logs"]


def simulate(
    scenario: Scenario,
    *,
    seed: int,
    replication: int,
    engine: Engine | None = None,
    options: MeasureOptions | None = None,
) -> Metrics:
    """Draw, simulate and measure one replication of a scenario; everything that it shows.

    Parameters
    ----------
    scenario, seed, replication
        What to simulate.
    engine
        The simulator; the compiled one by default.
    options
        How to measure.
    """
    ((program, plan, log),) = simulated_logs(scenario, seed=seed, replications=(replication,), engine=engine)
    return measure(scenario, program, plan, log, options=options)


def drawn(scenario: Scenario, *, seed: int, replication: int) -> Program:
    """Return what one replication draws, before anything is simulated; for the parameters see :func:`simulate`."""
    return draw(scenario, seed, replication, Layout.of(scenario))


def simulated_logs(
    scenario: Scenario, *, seed: int, replications: Iterable[int], engine: Engine | None = None
) -> Iterator[tuple[Program, Plan, Log]]:
    """Yield what was drawn, the hall's plan and what happened, replication by replication; nothing is measured.

    For whoever reads logs himself; for the parameters see :func:`simulate`.
    """
    layout, simulator = Layout.of(scenario), engine or prepare()
    plan = compile_plan(scenario, layout)
    for replication in replications:
        program = draw(scenario, seed, replication, layout)
        yield program, plan, simulator(program, plan)


def simulate_sample(
    scenario: Scenario, seed: int, replication: int, options: MeasureOptions | None = None, *, curves: bool = True
) -> Sample:
    """Return the sample of one replication, simulated by the compiled engine; for a process that is sent a task."""
    metrics = simulate(scenario, seed=seed, replication=replication, options=options)
    return sample_of(metrics, curves=curves)


@dataclass(frozen=True, eq=False)
class Piece:
    """A replication of systems that share their draw.

    Attributes
    ----------
    systems
        Their places in the study.
    replication
        Its number.
    scenario
        What is simulated, if it is another one in every replication.
    """

    systems: tuple[int, ...]
    replication: int
    scenario: Scenario | None = None


@dataclass(frozen=True, eq=False)
class SimulationWork:
    """Scenarios to replicate side by side: what a worker process is sent once.

    Attributes
    ----------
    scenarios
        By system.
    seed, engine, options
        As for :func:`simulate`.
    read
        What is read of the metrics of each replication; a function that another process can import.
    """

    scenarios: tuple[Scenario, ...]
    seed: int
    engine: Engine
    options: MeasureOptions
    read: Callable[[Metrics], Any]

    def ready(self) -> Callable[[Piece], list[Any]]:
        """Prepare what all replications share; return what simulates one piece."""
        return _Prepared(self).run


class _Prepared:
    """Work that is ready to begin; layouts and plans are made when a system is first simulated."""

    def __init__(self, work: SimulationWork) -> None:
        self._work = work
        self._halls = dict[int, tuple[Layout, Plan]]()
        self._lock = threading.Lock()

    def _hall(self, system: int) -> tuple[Layout, Plan]:
        with self._lock:
            if system not in self._halls:
                scenario = self._work.scenarios[system]
                layout = Layout.of(scenario)
                self._halls[system] = layout, compile_plan(scenario, layout)
            return self._halls[system]

    def run(self, piece: Piece) -> list[Any]:
        """Draw once, and simulate every system of the piece with that."""
        work = self._work
        if piece.scenario is not None:
            metrics = simulate(
                piece.scenario,
                seed=work.seed,
                replication=piece.replication,
                engine=work.engine,
                options=work.options,
            )
            return [work.read(metrics)]
        head = piece.systems[0]
        program = draw(work.scenarios[head], work.seed, piece.replication, self._hall(head)[0])
        samples = []
        for system in piece.systems:
            plan = self._hall(system)[1]
            log = work.engine(program, plan)
            metrics = measure(work.scenarios[system], program, plan, log, options=work.options)
            samples.append(work.read(metrics))
        return samples


def families_of(scenarios: Sequence[Scenario]) -> dict[int, int]:
    """Return for every scenario's place that of the first scenario with the same draws."""
    if len(scenarios) == 1:  # as at every point of a sweep: there is nothing to compare
        return {0: 0}
    heads = dict[str, int]()
    return {place: heads.setdefault(drawn_digest(scenario), place) for place, scenario in enumerate(scenarios)}
