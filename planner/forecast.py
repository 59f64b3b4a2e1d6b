"""Forecasts that carry what nobody measured: each replication with a draw of the posterior, beside those without.

Input: composed scenarios and a posterior.  Output: two sets of replications with the same random numbers: at the
scenario's own numbers, whose intervals are of chance alone, and with parameters that change from one replication to
the next, draw ``k mod draws`` for replication ``k``, whose spread holds both.  A precision makes no sense of the
second: more replications show the spread better, and never make it smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np

from foundation.arrays import FloatArray
from planner.compare import Comparison, check_number
from scenarios.compose.composing import Composed
from scenarios.model import Scenario
from sim.run.record import RunRecord
from sim.run.replications import Replications
from sim.run.study import StudyResult, System

if TYPE_CHECKING:
    import pandas as pd

    from calibration.posterior.artefact import Posterior

__all__ = [
    "ComparedForecasts",
    "DrawnScenarios",
    "Forecast",
    "Spread",
    "drawn_system",
    "forecast_systems",
]


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
        """Return the spread of runs with drawn parameters, compared with runs at the scenario's own.

        Parameters
        ----------
        drawn
            Values of runs with drawn parameters, shape (replications,).
        own
            Values of runs at the scenario's own parameters, shape (replications,).
        level
            Share of the runs that lies within the ends.
        """
        measured, alone = drawn[np.isfinite(drawn)], own[np.isfinite(own)]
        if not measured.size:
            nothing = float("nan")
            return cls(nothing, nothing, nothing, level, 0, nothing)
        low, high = np.quantile(measured, [(1 - level) / 2, (1 + level) / 2])
        share = float("nan")
        if measured.size > 1 and alone.size > 1 and np.ptp(measured) > 0:
            share = float(np.clip(1 - alone.var(ddof=1) / measured.var(ddof=1), 0.0, 1.0))
        return cls(float(measured.mean()), float(low), float(high), level, int(measured.size), share)


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
    provenance
        What the results were made from, and with what.
    """

    own: Replications
    drawn: Replications
    draws: int
    level: float = 0.95
    provenance: RunRecord | None = None

    @classmethod
    def of(cls, result: StudyResult) -> Forecast:
        """Return the forecast of a study of :func:`forecast_systems` of one scenario."""
        own, drawn = result.runs
        study = result.study
        return cls(own, drawn, len(study.systems[1].draws), study.level, result.provenance)

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

    @classmethod
    def of(cls, result: StudyResult) -> ComparedForecasts:
        """Return the forecasts of a study of :func:`forecast_systems` of several scenarios."""
        study, number = result.study, len(result.runs) // 2
        own, drawn = (
            Comparison(runs, study.level, titles=study.titles[:number], provenance=result.provenance)
            for runs in (result.runs[:number], result.runs[number:])
        )
        return cls(own, drawn, len(study.systems[-1].draws), study.level)

    @property
    def provenance(self) -> RunRecord | None:
        """What the results were made from, and with what."""
        return self.own.provenance

    def spread(self, metric: str, which: int = 1) -> Spread | None:
        """Return how the difference from the base spreads; ``None`` where one of the two has no such metric."""
        if any(metric not in run.columns for run in (self.drawn.runs[0], self.drawn.runs[which])):
            return None
        with np.errstate(invalid="ignore"):  # infinite in both: there is no difference
            changes = [
                _values(sampled.runs[which], metric) - _values(sampled.runs[0], metric)
                for sampled in (self.drawn, self.own)
            ]
        return Spread.of(changes[0], changes[1], self.level)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the frames of the comparison, and ``posterior_…`` of that with drawn parameters."""
        drawn = {f"posterior_{name}": frame for name, frame in self.drawn.frames().items()}
        return {**self.own.frames(), **drawn}


def _values(run: Replications, metric: str) -> FloatArray:
    """Return what each run shows: a ratio's own value, as its denominator changes with the parameters too."""
    return run.columns[metric]


class DrawnScenarios(Sequence[Scenario]):
    """A scenario with every draw of a posterior, each composed when it is asked for.

    Parameters
    ----------
    composed
        The scenario; what its user has set by hand stays.
    posterior
        Where the parameters come from.

    Raises
    ------
    HallplanError
        If the scenario shares nothing with those that were calibrated.
    """

    def __init__(self, composed: Composed, posterior: Posterior) -> None:
        posterior.overrides(composed, 0)  # so that a scenario with nothing to move is refused before anything starts
        self._composed, self._posterior = composed, posterior
        self._scenarios = dict[int, Scenario]()

    def __len__(self) -> int:
        return len(self._posterior)

    @overload
    def __getitem__(self, draw: int) -> Scenario: ...

    @overload
    def __getitem__(self, draw: slice) -> list[Scenario]: ...

    def __getitem__(self, draw: int | slice) -> Scenario | list[Scenario]:
        if isinstance(draw, slice):
            return [self[number] for number in range(*draw.indices(len(self)))]
        if not -len(self) <= draw < len(self):
            raise IndexError(draw)
        number = draw % len(self)
        if number not in self._scenarios:
            self._scenarios[number] = self._posterior.applied(self._composed, number).scenario
        return self._scenarios[number]


def drawn_system(composed: Composed, posterior: Posterior) -> System:
    """Return what a study simulates so that replication ``k`` has the parameters of draw ``k mod draws``.

    Raises
    ------
    HallplanError
        If the scenario shares nothing with those that were calibrated.
    """
    return System(composed.scenario, DrawnScenarios(composed, posterior))


def forecast_systems(scenarios: Sequence[Composed], posterior: Posterior) -> tuple[System, ...]:
    """Return the systems of a study that forecasts scenarios: all at their own numbers, then all with drawn parameters.

    Parameters
    ----------
    scenarios, posterior
        The scenarios, and where their parameters come from.

    Raises
    ------
    HallplanError
        As for :func:`drawn_system`, or if there are more scenarios than can be compared.
    """
    if len(scenarios) != 1:
        check_number(len(scenarios))
    own = [System(composed.scenario) for composed in scenarios]
    return (*own, *(drawn_system(composed, posterior) for composed in scenarios))
