"""Forecasts that carry what nobody measured: each replication with a draw of the posterior, beside those without.

In come composed scenarios and a posterior; out come two sets of replications with the same random numbers: at the
scenario's own numbers, whose intervals are of chance alone, and with parameters that change from one replication to
the next, draw ``k mod draws`` for replication ``k``, whose spread holds both.  A precision makes no sense of the
second: more replications show the spread better, and never make it smaller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from calibration.posterior.artefact import Posterior
from foundation.errors import HallplanError
from planner.compare import MOST_COMPARED, Comparison
from scenarios.compose.composing import Composed
from scenarios.model import Scenario
from sim.calendar import FloatArray
from sim.engine.kernel import run_compiled
from sim.run.replications import CancellationError, CancelToken, Engine, Progress, Replications, replicate, simulate
from sim.run.workers import in_order

__all__ = ["ComparedForecasts", "Drawn", "Forecast", "Spread", "compare_forecasts", "forecast", "replicate_draws"]


@dataclass(frozen=True)
class Spread:
    """How a metric of single runs spreads over draws of the parameters.

    Attributes
    ----------
    mean
        Over the runs.
    low, high
        Between which the middle share of the runs lies.
    level
        That share.
    n
        Runs that have the metric.
    parameters
        Share of the variance that comes from the parameters: what is more than at the scenario's own numbers.
    """

    mean: float
    low: float
    high: float
    level: float
    n: int
    parameters: float

    @classmethod
    def of(cls, drawn: FloatArray, own: FloatArray, level: float) -> Spread:
        """Return the spread of runs with drawn parameters, beside runs at the scenario's own."""
        some, alone = drawn[np.isfinite(drawn)], own[np.isfinite(own)]
        if not some.size:
            nothing = float("nan")
            return cls(nothing, nothing, nothing, level, 0, nothing)
        low, high = np.quantile(some, [(1 - level) / 2, (1 + level) / 2])
        share = float("nan")
        if some.size > 1 and alone.size > 1 and np.ptp(some) > 0:
            share = float(np.clip(1 - alone.var(ddof=1) / some.var(ddof=1), 0.0, 1.0))
        return cls(float(some.mean()), float(low), float(high), level, int(some.size), share)


@dataclass(frozen=True, eq=False)
class Forecast:
    """One scenario, with and without what is uncertain about its parameters.

    Attributes
    ----------
    own
        Replications at the scenario's own numbers.
    drawn
        The same replications with parameters from the posterior.
    draws
        How many draws the posterior has.
    level
        Share of the runs that a spread covers.
    """

    own: Replications
    drawn: Replications
    draws: int
    level: float = 0.95

    def spread(self, metric: str) -> Spread:
        """Return how a metric spreads.

        Raises
        ------
        KeyError
            If there is no such metric.
        """
        return Spread.of(_values(self.drawn, metric), _values(self.own, metric), self.level)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the frames of the replications, and ``posterior_summaries`` of those with drawn parameters."""
        return {**self.own.frames(), "posterior_summaries": self.drawn.summaries}


@dataclass(frozen=True, eq=False)
class ComparedForecasts:
    """Several scenarios with the same random numbers and the same draws of the parameters.

    Attributes
    ----------
    own, drawn
        The comparison at the scenarios' own numbers, and with parameters from the posterior.
    draws, level
        As for :class:`Forecast`.
    """

    own: Comparison
    drawn: Comparison
    draws: int
    level: float = 0.95

    def spread(self, metric: str, which: int = 1) -> Spread | None:
        """Return how the difference from the base spreads; ``None`` where one of the two has no such metric."""
        if any(metric not in run.summaries for run in (self.drawn.runs[0], self.drawn.runs[which])):
            return None
        changes = [_values(one.runs[which], metric) - _values(one.runs[0], metric) for one in (self.drawn, self.own)]
        return Spread.of(changes[0], changes[1], self.level)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the frames of the comparison, and ``posterior_…`` of that with drawn parameters."""
        drawn = {f"posterior_{name}": frame for name, frame in self.drawn.frames().items()}
        return {**self.own.frames(), **drawn}


def _values(run: Replications, metric: str) -> FloatArray:
    """Return what each run shows: a ratio's own value, as its denominator changes with the parameters too."""
    return run.summaries[metric].to_numpy(dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _Job:
    """All that a process needs to run any replication."""

    composed: Composed
    posterior: Posterior
    seed: int
    engine: Engine

    def ready(self) -> Callable[[int], dict[str, float]]:
        return self.run

    def run(self, replication: int) -> dict[str, float]:
        scenario = self.posterior.applied(self.composed, replication).scenario
        return simulate(scenario, seed=self.seed, replication=replication, engine=self.engine).summary


def replicate_draws(
    composed: Composed,
    posterior: Posterior,
    *,
    replications: int | None = None,
    seed: int | None = None,
    first: int = 0,
    workers: int | None = None,
    engine: Engine = run_compiled,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> Replications:
    """Simulate a scenario with other parameters in every replication.

    Parameters
    ----------
    composed
        The scenario; what its user has set by hand stays.
    posterior
        Where the parameters come from.
    replications, seed, first, workers, engine, progress, cancel
        As for :func:`sim.run.replications.replicate`; the numbers are the same on any number of workers.

    Raises
    ------
    HallplanError
        If the scenario shares nothing with those that were calibrated, or whatever a replication raises.
    CancellationError
        If `cancel` was set.
    """
    run = composed.scenario.run
    number = run.replications if replications is None else replications
    if number < 1:
        raise HallplanError("error.replications.too_few", replications=number)
    posterior.overrides(composed, 0)  # so that a scenario with nothing to move is told before any process starts
    job = _Job(composed, posterior, run.seed if seed is None else seed, engine)
    summaries = list[Mapping[str, float]]()
    try:
        for summary in in_order(job, range(first, first + number), workers=min(workers or 1, number)):
            summaries.append(summary)
            if progress is not None:
                progress(len(summaries), number)
            if cancel is not None and cancel.is_set():
                raise CancellationError("error.replications.cancelled", done=len(summaries), replications=number)
    except BrokenProcessPool:
        raise HallplanError("posterior.error.worker_died") from None
    frame = pd.DataFrame.from_records(summaries, index=pd.RangeIndex(first, first + number, name="replication"))
    return Replications(composed.scenario, job.seed, frame, {})


@dataclass(frozen=True)
class Drawn:
    """A scenario whose parameters are drawn anew for every replication; what can be chosen from, like a scenario.

    Attributes
    ----------
    composed, posterior
        As for :func:`replicate_draws`.
    """

    composed: Composed
    posterior: Posterior

    @property
    def scenario(self) -> Scenario:
        """The scenario, at its own numbers."""
        return self.composed.scenario

    def replicate(self, **how: Any) -> Replications:
        """Run some replications: :func:`replicate_draws`."""
        return replicate_draws(self.composed, self.posterior, **how)


def forecast(
    composed: Composed,
    posterior: Posterior,
    *,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    engine: Engine = run_compiled,
    curves: bool = False,
    level: float = 0.95,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> Forecast:
    """Forecast a scenario, with and without what is uncertain about its parameters.

    Parameters
    ----------
    composed, posterior
        The scenario, and where its parameters come from.
    replications, seed, workers, engine, curves, cancel
        As for :func:`sim.run.replications.replicate`, for either set of replications.
    level
        Of the intervals, and share of the runs that a spread covers.
    progress
        Told how many replications of both sets are done, and will be.

    Raises
    ------
    HallplanError
        As for :func:`replicate_draws`.
    """
    number = composed.scenario.run.replications if replications is None else replications
    drawn = replicate_draws(
        composed,
        posterior,
        replications=number,
        seed=seed,
        workers=workers,
        engine=engine,
        progress=None if progress is None else lambda done, _: progress(done, 2 * number),
        cancel=cancel,
    )
    own = replicate(
        composed.scenario,
        replications=number,
        seed=seed,
        workers=workers,
        engine=engine,
        curves=curves,
        level=level,
        progress=None if progress is None else lambda done, _: progress(number + done, 2 * number),
        cancel=cancel,
    )
    return Forecast(own, drawn, len(posterior), level)


_FEWEST: Final = 2


def compare_forecasts(
    scenarios: Sequence[Composed],
    posterior: Posterior,
    *,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    engine: Engine = run_compiled,
    level: float = 0.95,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> ComparedForecasts:
    """Compare scenarios with the first, with the same random numbers and the same draws; see :func:`forecast`.

    Raises
    ------
    HallplanError
        If there are fewer than two scenarios or too many, or as for :func:`replicate_draws`.
    """
    if not _FEWEST <= len(scenarios) <= MOST_COMPARED:
        key = "error.compare.too_few" if len(scenarios) < _FEWEST else "error.compare.too_many"
        raise HallplanError(key, n=len(scenarios), most=MOST_COMPARED)
    base = scenarios[0].scenario.run
    number, common = base.replications if replications is None else replications, base.seed if seed is None else seed
    found = []
    for place, one in enumerate(scenarios):
        found.append(
            forecast(
                one,
                posterior,
                replications=number,
                seed=common,
                workers=workers,
                engine=engine,
                level=level,
                progress=None if progress is None else _of_place(progress, place, len(scenarios)),
                cancel=cancel,
            )
        )
    own, drawn = (Comparison(tuple(runs), level) for runs in zip(*((one.own, one.drawn) for one in found), strict=True))
    return ComparedForecasts(own, drawn, len(posterior), level)


def _of_place(progress: Progress, place: int, places: int) -> Progress:
    return lambda done, number: progress(place * number + done, places * number)
