"""The best of several scenarios by one metric: surely enough, or within a budget of replications.

In come scenarios, a metric and the smallest difference that matters.  Out comes a :class:`Best`, with a sentence that
says what is guaranteed.  All scenarios are run with the same random numbers, replication by replication, and those that
fall behind are dropped.  A requirement ("95 % within 15 minutes") is no metric to be best at: where costs are known,
take the scenarios in order of cost and test which is the first to keep it; that is the staffing planner's business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from planner.compare import MOST_COMPARED, distinct_names
from scenarios import messages
from scenarios.errors import HallplanError
from scenarios.model import Scenario
from sim.calendar import FloatArray
from sim.kernel import run_compiled
from sim.metrics import metric_of
from sim.replications import CancelToken, Engine, replicate
from sim.statistics.selection import FIRST_STAGE, Better, Sample, Selection, select_kn, select_ocba

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AT_MOST", "Best", "ToldOf", "select_best", "select_within_budget"]

ToldOf = Callable[[int, int], None]
"""Told, after each stretch of replications: which scenario (from 0), and how many it has had."""

AT_MOST: Final = 2_000
"""Replications of one scenario at which to give up being sure, if nothing else is said."""

_STRIDE: Final = 10
"""Replications between two looks: every stretch has to be set up."""


@dataclass(frozen=True, eq=False)
class Best:
    """The scenario that was chosen, and how far that can be trusted.

    Attributes
    ----------
    scenarios
        All that were to choose from.
    metric
        By what.
    selection
        Which was chosen, and what each has shown.
    delta, confidence
        The smallest difference that matters, and how sure to be; not-a-number where there was only a budget.
    """

    scenarios: tuple[Scenario, ...]
    metric: str
    selection: Selection
    delta: float = float("nan")
    confidence: float = float("nan")

    @property
    def scenario(self) -> Scenario:
        """The scenario that was chosen."""
        return self.scenarios[self.selection.best]

    @property
    def names(self) -> tuple[str, ...]:
        """What the scenarios are called, told apart."""
        return distinct_names(self.scenarios)

    def frame(self) -> pd.DataFrame:
        """Return one row a scenario: its mean, its replications, whether it was never dropped, and chosen."""
        import pandas as pd

        found, places = self.selection, range(len(self.scenarios))
        return pd.DataFrame(
            {
                "scenario": self.names,
                "mean": found.means,
                "replications": found.replications,
                "in_contention": [place in found.in_contention for place in places],
                "chosen": [place == found.best for place in places],
            }
        )

    def message(self, language: messages.Language | None = None) -> str:
        """Say in one sentence which scenario is best, and what is guaranteed."""
        return messages.text(
            f"statistics.select.{self.selection.procedure}",
            language,
            name=self.names[self.selection.best],
            metric=self.metric,
            n=len(self.scenarios),
            replications=sum(self.selection.replications),
            confidence=self.confidence,
            delta=self.delta,
        )


def select_best(
    scenarios: Sequence[Scenario],
    metric: str,
    *,
    delta: float,
    confidence: float = 0.95,
    better: Better | None = None,
    first_stage: int = FIRST_STAGE,
    at_most: int = AT_MOST,
    seed: int | None = None,
    engine: Engine = run_compiled,
    told: ToldOf | None = None,
    cancel: CancelToken | None = None,
) -> Best:
    """Choose the scenario whose metric has the best mean, with confidence, by the KN procedure.

    Parameters
    ----------
    scenarios
        Those to choose from.
    metric
        Key of a summary; of a ratio the replications' own ratios are compared.
    delta
        The smallest difference that matters, in the metric's unit: a scenario that is better by less need not be
        found.
    confidence
        How sure to be.
    better
        Which way is better; by default what the metric's definition says.
    first_stage, at_most
        Replications of each scenario from which variances are estimated, and at which to give up being sure.
    seed
        The first scenario's by default.
    engine, cancel
        As for :func:`sim.replications.replicate`.
    told
        Told after each stretch of replications.

    Raises
    ------
    HallplanError
        If there are too few or too many scenarios, `delta` or `confidence` make no sense, a scenario has no such metric
        or no value of it, or whatever a replication raises.
    CancellationError
        If `cancel` was set.
    """
    n = _count(scenarios)
    if not delta > 0 or not 1 / n < confidence < 1:
        raise HallplanError("statistics.select.bad_delta", delta=delta, confidence=confidence, n=n)
    found = select_kn(
        _sampler(scenarios, metric, seed, engine, told, cancel),
        n,
        delta=delta,
        alpha=1 - confidence,
        better=better or _direction(metric),
        first_stage=first_stage,
        stride=_STRIDE,
        at_most=at_most,
    )
    return Best(tuple(scenarios), metric, found, delta, confidence)


def select_within_budget(
    scenarios: Sequence[Scenario],
    metric: str,
    *,
    budget: int,
    better: Better | None = None,
    first_stage: int = FIRST_STAGE,
    seed: int | None = None,
    engine: Engine = run_compiled,
    told: ToldOf | None = None,
    cancel: CancelToken | None = None,
) -> Best:
    """Choose the scenario with the best mean so far, the budget spent where it tells most (OCBA): without guarantee.

    Parameters
    ----------
    scenarios, metric, better, first_stage, seed, engine, told, cancel
        As for :func:`select_best`.
    budget
        Replications of all scenarios together.

    Raises
    ------
    HallplanError
        As for :func:`select_best`; and if the budget doesn't suffice for the first stage.
    CancellationError
        If `cancel` was set.
    """
    n = _count(scenarios)
    if budget < n * first_stage:
        raise HallplanError("statistics.select.bad_budget", budget=budget, first_stage=first_stage, n=n)
    found = select_ocba(
        _sampler(scenarios, metric, seed, engine, told, cancel),
        n,
        budget=budget,
        better=better or _direction(metric),
        first_stage=first_stage,
        step=_STRIDE,
    )
    return Best(tuple(scenarios), metric, found)


def _count(scenarios: Sequence[Scenario]) -> int:
    if not 2 <= len(scenarios) <= MOST_COMPARED:
        raise HallplanError("statistics.select.too_few", n=len(scenarios), most=MOST_COMPARED)
    return len(scenarios)


def _direction(metric: str) -> Better:
    try:
        direction = metric_of(metric).better
    except KeyError:
        raise HallplanError("statistics.unknown_metric", metric=metric) from None
    if direction == "neither":
        raise HallplanError("statistics.select.no_direction", metric=metric)
    return direction


def _sampler(
    scenarios: Sequence[Scenario],
    metric: str,
    seed: int | None,
    engine: Engine,
    told: ToldOf | None,
    cancel: CancelToken | None,
) -> Sample:
    """Return what runs replications of a scenario and takes their values of the metric, from one seed for all."""
    common_seed = scenarios[0].run.seed if seed is None else seed

    def sample(system: int, first: int, number: int) -> FloatArray:
        scenario = scenarios[system]
        run = replicate(
            scenario, replications=number, seed=common_seed, first=first, engine=engine, curves=False, cancel=cancel
        )
        if metric not in run.summaries:
            raise HallplanError("statistics.unknown_metric", metric=metric)
        values = run.summaries[metric].to_numpy(dtype=np.float64)
        if not np.isfinite(values).all():
            failed = first + int(np.flatnonzero(~np.isfinite(values))[0])
            name = distinct_names(scenarios)[system]
            raise HallplanError("statistics.select.no_value", name=name, metric=metric, replication=failed)
        if told is not None:
            told(system, first + number)
        return values

    return sample
