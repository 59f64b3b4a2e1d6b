"""Many replications of one scenario.

Comes in: a scenario, how many replications, a seed.  Goes out: :class:`Replications`, the scalar metrics of
every replication and mean curves for pages and reports.  Replication ``k`` depends on the scenario, the seed
and ``k`` only: on any number of processes, and in any order, the numbers are the same to the last bit.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
import pandas as pd

from scenarios.errors import HallplanError
from scenarios.model import Scenario
from sim.calendar import DAY_MS, DateArray, FloatArray, IntArray
from sim.draws import draw
from sim.kernel import run_compiled
from sim.metrics import BIN_LABELS, MeasureOptions, Metrics, measure
from sim.metrics.cases import day_ends, open_at
from sim.metrics.table import BIN_MS, BINS, by_group
from sim.plan import Layout, compile_plan
from sim.program import Log, Plan, Program
from sim.statistics import Interval, metric_interval
from sim.statistics.intervals import t_quantile

__all__ = [
    "CancelToken",
    "CancellationError",
    "Engine",
    "Enough",
    "Progress",
    "Replications",
    "replicate",
]

Engine = Callable[[Program, Plan], Log]
"""What turns a program and a plan into a log; with more than one process, a function of a module."""

Progress = Callable[[int, int], None]
"""Told, after each replication, how many are done and how many there will be."""

Enough = Callable[[Sequence[Mapping[str, float]]], bool]
"""Told, after each replication, the summaries of all so far; says whether they suffice."""

_POLL_S: Final = 0.1
"""How often a waiting main process looks at the cancel token."""


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
        """Return the summaries and the curves by name, for :func:`sim.metrics.export`."""
        return {"summaries": self.summaries, **self.curves}


@dataclass(frozen=True, eq=False)
class _Job:
    """All that a process needs to run any replication."""

    scenario: Scenario
    seed: int
    engine: Engine
    options: MeasureOptions
    wants_curves: bool
    layout: Layout
    plan: Plan

    @classmethod
    def prepare(
        cls, scenario: Scenario, seed: int, engine: Engine, options: MeasureOptions, wants_curves: bool
    ) -> _Job:
        layout = Layout.of(scenario)
        return cls(scenario, seed, engine, options, wants_curves, layout, compile_plan(scenario, layout))

    def run(self, replication: int) -> tuple[dict[str, float], _Curves | None]:
        program = draw(self.scenario, self.seed, replication, self.layout)
        log = self.engine(program, self.plan)
        metrics = measure(self.scenario, program, self.plan, log, options=self.options)
        return metrics.summary, _Curves.of(metrics) if self.wants_curves else None


_jobs: list[_Job] = []  # of a worker process: the one job it works on


def _start_worker(scenario: Scenario, seed: int, engine: Engine, options: MeasureOptions, wants_curves: bool) -> None:
    _jobs[:] = [_Job.prepare(scenario, seed, engine, options, wants_curves)]


def _run_in_worker(replication: int) -> tuple[dict[str, float], _Curves | None]:
    return _jobs[0].run(replication)


def replicate(
    scenario: Scenario,
    *,
    replications: int | None = None,
    seed: int | None = None,
    first: int = 0,
    processes: int | None = None,
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
    processes
        Worker processes (spawned); in this process by default.
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
    number = scenario.run.replications if replications is None else replications
    if number < 1:
        raise HallplanError("error.replications.too_few", replications=number)
    job = (scenario, scenario.run.seed if seed is None else seed, engine, options or MeasureOptions(), curves)
    which = range(first, first + number)
    results = _in_turn(job, which, cancel) if (processes or 1) == 1 else _in_pool(job, which, processes or 1, cancel)
    summaries, sums = [], _CurveSums()
    with closing(results):
        for summary, one in results:
            summaries.append(summary)
            if one is not None:
                sums.add(one)
            if progress is not None:
                progress(len(summaries), number)
            if enough is not None and enough(summaries):
                break
    index = pd.RangeIndex(first, first + len(summaries), name="replication")
    frame = pd.DataFrame.from_records(summaries, index=index)
    return Replications(scenario, job[1], frame, sums.frames(level))


_Results = Generator[tuple[dict[str, float], _Curves | None], None, None]
_JobSpec = tuple[Scenario, int, Engine, MeasureOptions, bool]


def _stop_if(cancel: CancelToken | None, done: int, number: int) -> None:
    if cancel is not None and cancel.is_set():
        raise CancellationError("error.replications.cancelled", done=done, replications=number)


def _in_turn(spec: _JobSpec, which: range, cancel: CancelToken | None) -> _Results:
    job = _Job.prepare(*spec)
    for done, replication in enumerate(which):
        _stop_if(cancel, done, len(which))
        yield job.run(replication)


def _in_pool(spec: _JobSpec, which: range, processes: int, cancel: CancelToken | None) -> _Results:
    pool = ProcessPoolExecutor(
        min(processes, len(which)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=spec,
    )
    # Results are taken in the order of the replications: sums don't depend on who was faster.
    waiting: deque[Future[tuple[dict[str, float], _Curves | None]]] = deque()
    ahead, done = iter(which), 0
    try:
        while True:
            while len(waiting) < 2 * processes and (replication := next(ahead, None)) is not None:
                waiting.append(pool.submit(_run_in_worker, replication))
            if not waiting:
                return
            _stop_if(cancel, done, len(which))
            if wait(list(waiting)[:1], timeout=_POLL_S).done:
                done += 1
                yield waiting.popleft().result()
    except BrokenProcessPool:
        raise HallplanError("error.replications.worker_lost", done=done, replications=len(which)) from None
    finally:
        pool.shutdown(cancel_futures=True)
