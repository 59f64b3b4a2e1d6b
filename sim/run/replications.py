"""Many replications of one scenario, or of several side by side.

Comes in: scenarios, how many replications, a seed.  Goes out: :class:`Replications`, the scalar metrics of
every replication and mean curves for pages and reports.  Replication ``k`` depends on the scenario, the seed
and ``k`` only: on any number of processes, and in any order, the numbers are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd

from foundation.errors import HallplanError
from scenarios.model import Scenario
from sim.calendar import DAY_MS, DateArray, FloatArray, IntArray
from sim.draw.drawing import draw, drawn_alike
from sim.engine.kernel import run_compiled
from sim.measure import BIN_LABELS, MeasureOptions, Metrics, measure
from sim.measure.cases import day_ends, open_at
from sim.measure.table import BIN_MS, BINS, by_group
from sim.plan import Layout, compile_plan
from sim.program import Log, Plan, Program
from sim.run.workers import in_order
from sim.statistics import Interval, metric_interval
from sim.statistics.intervals import t_quantile

__all__ = [
    "CancelToken",
    "CancellationError",
    "Engine",
    "Enough",
    "EnoughTogether",
    "Progress",
    "Replications",
    "Told",
    "replicate",
    "replicate_together",
    "simulate",
]

Engine = Callable[[Program, Plan], Log]
"""What turns a program and a plan into a log; with more than one process, a function of a module."""

Progress = Callable[[int, int], None]
"""Told, after each replication, how many are done and how many there will be."""

Enough = Callable[[Sequence[Mapping[str, float]]], bool]
"""Told, after each replication, the summaries of all so far; says whether they suffice."""

Told = Callable[[int, int, int], None]
"""Told, after each replication: which scenario (from 0), how many replications of it are done, and how many will be."""

EnoughTogether = Callable[[Sequence[Sequence[Mapping[str, float]]]], bool]
"""Told, once every scenario has one replication more, the summaries of each; says whether they suffice."""


class CancelToken(Protocol):
    """Anything that can be set to stop the work, such as a ``threading.Event``."""

    def is_set(self) -> bool:
        """Tell whether to stop."""


class CancellationError(HallplanError):
    """The caller has stopped the work; there is no result."""


# ---- curves --------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class _Moments:
    """Mean and spread of arrays that come one at a time (Welford 1962), always in the order of the replications."""

    n: int = 0
    mean: FloatArray = field(default_factory=lambda: np.zeros(0))
    squares: FloatArray = field(default_factory=lambda: np.zeros(0))

    def add(self, value: FloatArray) -> None:
        if self.n == 0:
            self.mean, self.squares = np.zeros_like(value), np.zeros_like(value)
        self.n += 1
        distance = value - self.mean
        self.mean = self.mean + distance / self.n
        self.squares = self.squares + distance * (value - self.mean)

    def half_width(self, level: float) -> FloatArray:
        if self.n < 2:
            return np.full_like(self.mean, np.inf)
        return t_quantile(self.n - 1, level) * np.sqrt(self.squares / (self.n - 1) / self.n)


@dataclass(frozen=True, eq=False)
class _Curves:
    """What one replication gives to the curves."""

    called: IntArray  # visitors called, by half-hour in which they joined
    waited: FloatArray  # their minutes
    pools: FloatArray  # mean queue, busy and rostered, (pools, half-hours, 3)
    touched: dict[str, IntArray]  # by service: closed cases by days touched
    open: dict[str, int]  # by service: cases not closed
    open_cases: FloatArray  # by measured day
    dates: DateArray
    pool_names: tuple[str, ...]

    @classmethod
    def of(cls, metrics: Metrics) -> _Curves:
        table, waits, cases = metrics.table, metrics.first_waits, metrics.case_table
        chosen = waits.visitor & waits.called
        bins = table.ready[waits.row[chosen]] % DAY_MS // BIN_MS
        names = table.program.services
        still_open, touched = {}, {}
        for name, members in zip(names, by_group(cases.service, len(names)), strict=True):
            measured = members[cases.counts[members]]
            if measured.size:
                over = measured[~cases.is_open[measured]]
                touched[name] = np.bincount(cases.touched_days[over])
                still_open[name] = measured.size - over.size
        return cls(
            called=np.bincount(bins, minlength=BINS),
            waited=np.bincount(bins, weights=waits.wait[chosen], minlength=BINS).astype(np.float64),
            pools=metrics.half_hours[:, :, :3],
            touched=touched,
            open=still_open,
            open_cases=open_at(cases, np.arange(cases.entity.size), day_ends(table)).astype(np.float64),
            dates=table.dates,
            pool_names=tuple(pool.name for pool in table.plan.pools),
        )


@dataclass(eq=False)
class _CurveSums:
    """Curves of the replications so far."""

    called: IntArray = field(default_factory=lambda: np.zeros(BINS, dtype=np.int64))
    waited: FloatArray = field(default_factory=lambda: np.zeros(BINS))
    pools: _Moments = field(default_factory=_Moments)
    open_cases: _Moments = field(default_factory=_Moments)
    touched: dict[str, IntArray] = field(default_factory=dict)
    open: dict[str, int] = field(default_factory=dict)
    last: _Curves | None = None

    def add(self, one: _Curves) -> None:
        self.called = self.called + one.called
        self.waited = self.waited + one.waited
        self.pools.add(one.pools)
        self.open_cases.add(one.open_cases)
        for service, counts in one.touched.items():
            before = self.touched.get(service, np.zeros(0, dtype=np.int64))
            size = max(before.size, counts.size)
            self.touched[service] = np.pad(before, (0, size - before.size)) + np.pad(counts, (0, size - counts.size))
            self.open[service] = self.open.get(service, 0) + one.open[service]
        self.last = one

    def frames(self, level: float) -> dict[str, pd.DataFrame]:
        if self.last is None:
            return {}
        return {
            "wait_by_half_hour": self._waits(),
            "pools_by_half_hour": self._pools(self.last.pool_names, level),
            "touched_days": self._touched(),
            "open_cases_by_day": self._open(self.last.dates, level),
        }

    def _waits(self) -> pd.DataFrame:
        some = np.flatnonzero(self.called)
        return pd.DataFrame(
            {
                "half_hour": [BIN_LABELS[k] for k in some],
                "called_mean": self.called[some] / self.pools.n,
                "wait_mean_min": self.waited[some] / self.called[some],
            }
        )

    def _pools(self, names: tuple[str, ...], level: float) -> pd.DataFrame:
        mean, half = self.pools.mean.reshape(-1, 3), self.pools.half_width(level).reshape(-1, 3)
        busy, rostered = mean[:, 1], mean[:, 2]
        return pd.DataFrame(
            {
                "pool": np.repeat(np.array(names, dtype=object), BINS),
                "half_hour": np.tile(np.array(BIN_LABELS, dtype=object), len(names)),
                "queue_mean": mean[:, 0],
                "queue_low": mean[:, 0] - half[:, 0],
                "queue_high": mean[:, 0] + half[:, 0],
                "busy_mean": busy,
                "rostered_mean": rostered,
                "utilisation": np.divide(busy, rostered, out=np.full(busy.size, np.nan), where=rostered > 0),
            }
        )

    def _touched(self) -> pd.DataFrame:
        records = []
        for service, counts in sorted(self.touched.items()):
            total = int(counts.sum()) + self.open[service]
            reached = np.cumsum(counts)
            records += [
                {
                    "service": service,
                    "days": day,
                    "cases_mean": number / self.pools.n,
                    "share": number / total,
                    "cumulative_share": reached[day] / total,
                }
                for day, number in enumerate(counts.tolist())
                if number
            ]
        return pd.DataFrame.from_records(
            records, columns=["service", "days", "cases_mean", "share", "cumulative_share"]
        )

    def _open(self, dates: DateArray, level: float) -> pd.DataFrame:
        mean, half = self.open_cases.mean, self.open_cases.half_width(level)
        return pd.DataFrame({"date": dates, "open_mean": mean, "open_low": mean - half, "open_high": mean + half})


# ---- running -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Replications:
    """The replications of one scenario.

    Attributes
    ----------
    scenario, seed
        What was simulated, from which seed.
    summaries
        Scalar metrics: a row a replication (index ``replication``), a column a metric; ratios with their
        companions ``:num`` and ``:den``.
    curves
        Means over the replications: ``wait_by_half_hour``, ``pools_by_half_hour``, ``touched_days`` and
        ``open_cases_by_day``; empty if they were not asked for.
    """

    scenario: Scenario
    seed: int
    summaries: pd.DataFrame
    curves: dict[str, pd.DataFrame]

    def __len__(self) -> int:
        return len(self.summaries)

    def interval(self, metric: str, level: float = 0.95) -> Interval:
        """Return a metric's estimate over the replications and its interval (:func:`sim.statistics.metric_interval`).

        Raises
        ------
        KeyError
            If there is no such metric.
        """
        return metric_interval(self.summaries, metric, level=level)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the summaries and the curves by name, for :func:`sim.measure.export`."""
        return {"summaries": self.summaries, **self.curves}


_Result = tuple[dict[str, float], _Curves | None]


@dataclass(frozen=True, eq=False)
class _Work:
    """Scenarios to replicate side by side, and how: what a process is told once."""

    scenarios: tuple[Scenario, ...]
    seed: int
    engine: Engine
    options: MeasureOptions
    wants_curves: bool
    families: tuple[tuple[int, ...], ...]

    def ready(self) -> Callable[[tuple[int, int]], list[_Result]]:
        return _Prepared(self).run


def _families(scenarios: Sequence[Scenario]) -> tuple[tuple[int, ...], ...]:
    """Return the places of scenarios, those together that have the same draws."""
    families: list[list[int]] = []
    for place, scenario in enumerate(scenarios):
        for family in families:
            if drawn_alike(scenarios[family[0]], scenario):
                family.append(place)
                break
        else:
            families.append([place])
    return tuple(map(tuple, families))


class _Prepared:
    """Work that is ready to begin."""

    def __init__(self, work: _Work) -> None:
        layouts = [Layout.of(scenario) for scenario in work.scenarios]
        plans = [compile_plan(scenario, layout) for scenario, layout in zip(work.scenarios, layouts, strict=True)]
        self.work, self.layouts, self.plans = work, layouts, plans

    def run(self, task: tuple[int, int]) -> list[_Result]:
        """Draw a replication once for a family, and simulate each of its scenarios with that."""
        family, replication = task
        work, places, results = self.work, self.work.families[family], []
        head = places[0]
        program = draw(work.scenarios[head], work.seed, replication, self.layouts[head])
        for place in places:
            log = work.engine(program, self.plans[place])
            metrics = measure(work.scenarios[place], program, self.plans[place], log, options=work.options)
            results.append((metrics.summary, _Curves.of(metrics) if work.wants_curves else None))
        return results


def replicate(
    scenario: Scenario,
    *,
    replications: int | None = None,
    seed: int | None = None,
    first: int = 0,
    workers: int | None = None,
    engine: Engine = run_compiled,
    options: MeasureOptions | None = None,
    curves: bool = True,
    level: float = 0.95,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
    enough: Enough | None = None,
) -> Replications:
    """Draw, simulate and measure a scenario many times.

    Parameters
    ----------
    scenario
        What to simulate.
    replications, seed
        How many, and from which seed; the scenario's own by default.
    first
        Number of the first replication: ``first=20`` goes on where 20 replications ended.
    workers
        How many replications to work on side by side, one by default: in threads with the compiled engine, in
        processes with another.
    engine
        The simulator.
    options
        How to measure.
    curves, level
        Whether to collect the mean curves as well, and the level of their intervals.
    progress, cancel
        Called after each replication; and looked at between them.
    enough
        Asked after each replication, in their order, whether to stop early.

    Raises
    ------
    HallplanError
        If fewer than one replication is asked for, a worker process dies, or whatever a replication itself
        raises.
    CancellationError
        If `cancel` was set.
    """
    (run,) = replicate_together(
        [scenario],
        replications=replications,
        seed=seed,
        first=first,
        workers=workers,
        engine=engine,
        options=options,
        curves=curves,
        level=level,
        progress=None if progress is None else (lambda _, done, number: progress(done, number)),
        cancel=cancel,
        enough=None if enough is None else (lambda summaries: enough(summaries[0])),
    )
    return run


def replicate_together(
    scenarios: Sequence[Scenario],
    *,
    replications: int | None = None,
    seed: int | None = None,
    first: int = 0,
    workers: int | None = None,
    engine: Engine = run_compiled,
    options: MeasureOptions | None = None,
    curves: bool = True,
    level: float = 0.95,
    progress: Told | None = None,
    cancel: CancelToken | None = None,
    enough: EnoughTogether | None = None,
) -> tuple[Replications, ...]:
    """Draw, simulate and measure several scenarios in turn: replication 0 of each, then replication 1 of each.

    All have the same seed, so that replication ``k`` of one shares its random numbers with replication ``k`` of the
    others as far as they share what is random.

    Parameters
    ----------
    scenarios
        What to simulate, one scenario or more.
    replications, seed
        How many of each, and from which seed; the first scenario's own by default.
    first, workers, engine, options, curves, level, cancel
        As for :func:`replicate`.
    progress
        Told after each replication.
    enough
        Asked after each round of replications, in their order, whether to stop early.

    Raises
    ------
    HallplanError, CancellationError
        As for :func:`replicate`.
    """
    own = scenarios[0].run
    number = own.replications if replications is None else replications
    if number < 1:
        raise HallplanError("error.replications.too_few", replications=number)
    work = _Work(
        tuple(scenarios),
        own.seed if seed is None else seed,
        engine,
        options or MeasureOptions(),
        wants_curves=curves,
        families=_families(scenarios),
    )
    results = _replications(work, range(first, first + number), min(workers or 1, number * len(scenarios)), cancel)
    summaries: list[list[dict[str, float]]] = [[] for _ in scenarios]
    sums = [_CurveSums() for _ in scenarios]
    with closing(results):
        for place, (summary, one) in results:
            summaries[place].append(summary)
            if one is not None:
                sums[place].add(one)
            if progress is not None:
                progress(place, len(summaries[place]), number)
            if enough is not None and len({len(rows) for rows in summaries}) == 1 and enough(summaries):
                break
    index = pd.RangeIndex(first, first + len(summaries[-1]), name="replication")
    return tuple(
        Replications(scenario, work.seed, pd.DataFrame.from_records(rows, index=index), some.frames(level))
        for scenario, rows, some in zip(scenarios, summaries, sums, strict=True)
    )


def _replications(
    work: _Work, which: range, workers: int, cancel: CancelToken | None
) -> Generator[tuple[int, _Result]]:
    """Yield place and result, replication by replication."""
    families = work.families

    def stop(done: int) -> None:
        if cancel is not None and cancel.is_set():
            raise CancellationError("error.replications.cancelled", done=done // len(families), replications=len(which))

    tasks = [(family, replication) for replication in which for family in range(len(families))]
    done = 0
    try:
        with closing(in_order(work, tasks, workers=workers, threads=work.engine is run_compiled, stop=stop)) as found:
            for (family, _), results in zip(tasks, found, strict=True):
                done += 1
                yield from zip(families[family], results, strict=True)
    except BrokenProcessPool:
        raise HallplanError(
            "error.replications.worker_lost", done=done // len(families), replications=len(which)
        ) from None


def simulate(scenario: Scenario, *, seed: int, replication: int, engine: Engine = run_compiled) -> Metrics:
    """Draw, simulate and measure one replication of a scenario."""
    program, plan = draw(scenario, seed, replication), compile_plan(scenario)
    return measure(scenario, program, plan, engine(program, plan))
