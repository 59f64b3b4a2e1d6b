"""The best of several scenarios by one metric: surely enough, or within a budget of replications.

In come scenarios, a metric and the smallest difference that matters.  Out comes a :class:`Best`: which was chosen, how
the others stand to it, and a sentence that says what is guaranteed.  All scenarios are run with the same random
numbers, replication by replication, and those that fall behind are dropped.  A requirement ("95 % within 15 minutes")
is no metric to be best at: where costs are known, take the scenarios in order of cost and test which is the first to
keep it; that is the staffing planner's business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from foundation import messages
from foundation.errors import HallplanError
from planner.compare import MOST_COMPARED, distinct_names
from scenarios.model import Scenario
from sim.calendar import FloatArray
from sim.engine.kernel import run_compiled
from sim.measure import metric_of
from sim.run.replications import CancelToken, Engine, replicate
from sim.statistics import Interval, mean_interval, paired_interval
from sim.statistics.selection import FIRST_STAGE, Better, Selection, select_kn, select_ocba

if TYPE_CHECKING:
    import pandas as pd

    from planner.forecast import Drawn  # which needs the calibration, slow to import

__all__ = ["AT_MOST", "Best", "Candidate", "Source", "ToldOf", "select_best", "select_within_budget"]

ToldOf = Callable[[int, int], None]
"""Told, after each replication: of which scenario (from 0), and how many it has had."""

Source = Callable[[int, int, int], FloatArray]
"""Gives the metric of replications ``first … first + number - 1`` of a scenario: ``source(which, first, number)``."""

AT_MOST: Final = 2_000
"""Replications of one scenario at which to give up being sure, if nothing else is said."""

_STRIDE: Final = 10
"""Replications between two looks: every stretch has to be set up."""


@dataclass(frozen=True)
class Candidate:
    """How one scenario stands after a choice.

    The intervals describe: each is for itself, and was taken when the figures themselves had ended the choice.  What is
    guaranteed is :meth:`Best.message`.

    Attributes
    ----------
    which, name
        Place among the scenarios, and what it is called.
    rank
        1 is the chosen one; then those that were never dropped, then the dropped ones, each by their means.
    mean
        Of the metric over its own replications; of a ratio the mean of the replications' own ratios.
    behind
        Its mean minus that of the chosen one, over the replications that both have had, with the same random numbers;
        ``None`` of the chosen one itself.
    dropped_after
        Replications after which it was dropped; ``None`` if it never was.
    """

    which: int
    name: str
    rank: int
    mean: Interval
    behind: Interval | None
    dropped_after: int | None


@dataclass(frozen=True, eq=False)
class Best:
    """The scenario that was chosen, and how far that can be trusted.

    Attributes
    ----------
    scenarios
        All that were to choose from.
    metric, better
        By what, and which way is better.
    selection
        Which was chosen, and what each has shown.
    values
        The metric by replication, of every scenario.
    seed
        Of the random numbers, which the scenarios share.
    delta, confidence
        The smallest difference that matters, and how sure to be; not-a-number where there was only a budget.
    draws
        From how many draws of the parameters the replications had theirs, in turn; 0 where all had the scenarios' own.
    titles
        What to call the scenarios; by default by their names and levers.
    """

    scenarios: tuple[Scenario, ...]
    metric: str
    better: Better
    selection: Selection
    values: tuple[FloatArray, ...]
    seed: int
    delta: float = float("nan")
    confidence: float = float("nan")
    draws: int = 0
    titles: tuple[str, ...] = ()

    @property
    def scenario(self) -> Scenario:
        """The scenario that was chosen."""
        return self.scenarios[self.selection.best]

    @property
    def names(self) -> tuple[str, ...]:
        """What the scenarios are called, told apart."""
        return self.titles or distinct_names(self.scenarios)

    @property
    def is_guaranteed(self) -> bool:
        """Whether the choice is made with the stated confidence."""
        return self.selection.procedure == "kn"

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """How every scenario stands, in the order of their ranks."""
        found, sign = self.selection, 1.0 if self.better == "lower" else -1.0
        places = range(len(self.scenarios))
        order = sorted(places, key=lambda k: (k != found.best, k not in found.in_contention, sign * found.means[k]))
        return tuple(
            Candidate(
                which=place,
                name=self.names[place],
                rank=rank,
                mean=mean_interval(self.values[place]),
                behind=None if place == found.best else self._behind(place),
                dropped_after=None if place in found.in_contention else found.replications[place],
            )
            for rank, place in enumerate(order, 1)
        )

    def _behind(self, place: int) -> Interval:
        chosen, own = self.values[self.selection.best], self.values[place]
        both = min(chosen.size, own.size)
        return paired_interval(chosen[:both], own[:both])

    def frame(self) -> pd.DataFrame:
        """Return one row a scenario, in their order: its mean and rank, what it was given, and how it stands."""
        import pandas as pd

        rows = []
        for one in sorted(self.candidates, key=lambda one: one.which):
            behind = one.behind
            rows.append(
                {
                    "scenario": one.name,
                    "rank": one.rank,
                    "chosen": one.rank == 1,
                    "in_contention": one.dropped_after is None,
                    "replications": self.selection.replications[one.which],
                    "mean": one.mean.estimate,
                    "low": one.mean.low,
                    "high": one.mean.high,
                    "difference": 0.0 if behind is None else behind.estimate,
                    "difference_low": 0.0 if behind is None else behind.low,
                    "difference_high": 0.0 if behind is None else behind.high,
                }
            )
        return pd.DataFrame(rows)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return :meth:`frame` and the metric by scenario and replication, for :func:`sim.measure.export`."""
        import pandas as pd

        parts = {
            name: pd.DataFrame({"replication": np.arange(values.size), "value": values})
            for name, values in zip(self.names, self.values, strict=True)
        }
        return {"candidates": self.frame(), "replications": pd.concat(parts, names=["scenario"]).reset_index(level=0)}

    def message(self, language: messages.Language | None = None, *, metric: str = "") -> str:
        """Say which scenario is best, and what is guaranteed; and what a mean is over, if parameters were drawn.

        Parameters
        ----------
        language
            Of the sentence.
        metric
            What to call the metric; by its key by default.
        """
        said = messages.text(
            f"statistics.select.{self.selection.procedure}",
            language,
            name=self.names[self.selection.best],
            metric=metric or self.metric,
            n=len(self.scenarios),
            replications=sum(self.selection.replications),
            confidence=self.confidence,
            delta=_amount(self.delta, self.metric, language),
        )
        return said if not self.draws else f"{said} {messages.text('statistics.select.drawn', language, n=self.draws)}"


def _amount(value: float, metric: str, language: messages.Language | None) -> str:
    """Write an amount of a metric with its unit; of a share in points."""
    definition = metric_of(metric)
    if definition.kind == "share":
        return messages.text("statistics.select.points", language, n=100 * value)
    unit = messages.text(definition.unit_key, language)
    return messages.text("statistics.select.amount", language, value=value, unit=unit)


def select_best(
    scenarios: Sequence[Scenario | Drawn],
    metric: str,
    *,
    delta: float,
    confidence: float = 0.95,
    better: Better | None = None,
    first_stage: int = FIRST_STAGE,
    at_most: int = AT_MOST,
    seed: int | None = None,
    workers: int | None = None,
    engine: Engine = run_compiled,
    told: ToldOf | None = None,
    cancel: CancelToken | None = None,
    source: Source | None = None,
) -> Best:
    """Choose the scenario whose metric has the best mean, with confidence, by the KN procedure.

    Parameters
    ----------
    scenarios
        Those to choose from: all at their own numbers, or all with parameters drawn, the same ones for each.
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
    workers, engine, cancel
        As for :func:`sim.run.replications.replicate`.
    told
        Told after each replication.
    source
        Gives the values in the place of simulating them.

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
    direction = better or _direction(metric)
    sampler = _Sampler(scenarios, metric, seed, workers, engine, told, cancel, source)
    found = select_kn(
        sampler,
        n,
        delta=delta,
        alpha=1 - confidence,
        better=direction,
        first_stage=first_stage,
        stride=_STRIDE,
        at_most=at_most,
    )
    return sampler.best(found, direction, delta=delta, confidence=confidence)


def select_within_budget(
    scenarios: Sequence[Scenario | Drawn],
    metric: str,
    *,
    budget: int,
    better: Better | None = None,
    first_stage: int = FIRST_STAGE,
    seed: int | None = None,
    workers: int | None = None,
    engine: Engine = run_compiled,
    told: ToldOf | None = None,
    cancel: CancelToken | None = None,
    source: Source | None = None,
) -> Best:
    """Choose the scenario with the best mean so far, the budget spent where it tells most (OCBA): without guarantee.

    Parameters
    ----------
    scenarios, metric, better, first_stage, seed, workers, engine, told, cancel, source
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
    direction = better or _direction(metric)
    sampler = _Sampler(scenarios, metric, seed, workers, engine, told, cancel, source)
    found = select_ocba(
        sampler,
        n,
        budget=budget,
        better=direction,
        first_stage=first_stage,
        step=_STRIDE,
    )
    return sampler.best(found, direction)


def _count(scenarios: Sequence[Scenario | Drawn]) -> int:
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


class _Sampler:
    """Runs replications of a scenario, from one seed for all, takes their values of the metric, and keeps them."""

    def __init__(
        self,
        candidates: Sequence[Scenario | Drawn],
        metric: str,
        seed: int | None,
        workers: int | None,
        engine: Engine,
        told: ToldOf | None,
        cancel: CancelToken | None,
        source: Source | None,
    ) -> None:
        self._candidates, self._metric, self._told, self._source = candidates, metric, told, source or self._simulated
        self._scenarios = tuple(one if isinstance(one, Scenario) else one.scenario for one in candidates)
        self.seed = self._scenarios[0].run.seed if seed is None else seed
        self._how: dict[str, Any] = {"seed": self.seed, "workers": workers, "engine": engine, "cancel": cancel}
        self._values = [np.zeros(0) for _ in candidates]

    def best(self, found: Selection, better: Better, **sure: Any) -> Best:
        """Return a choice, with what it rests on."""
        draws = max(0 if isinstance(one, Scenario) else len(one.posterior) for one in self._candidates)
        return Best(self._scenarios, self._metric, better, found, self.values, self.seed, **sure, draws=draws)

    @property
    def values(self) -> tuple[FloatArray, ...]:
        """The metric by replication, of every scenario."""
        return tuple(self._values)

    def __call__(self, system: int, first: int, number: int) -> FloatArray:
        """Return replications ``first … first + number - 1`` of a scenario."""
        values = self._source(system, first, number)
        self._values[system] = np.concatenate((self._values[system], values))
        return values

    def _simulated(self, system: int, first: int, number: int) -> FloatArray:
        told, metric, one = self._told, self._metric, self._candidates[system]
        how: dict[str, Any] = {
            "replications": number,
            "first": first,
            "progress": None if told is None else (lambda done, _: told(system, first + done)),
            **self._how,
        }
        run = replicate(one, curves=False, **how) if isinstance(one, Scenario) else one.replicate(**how)
        if metric not in run.summaries:
            raise HallplanError("statistics.unknown_metric", metric=metric)
        values = run.summaries[metric].to_numpy(dtype=np.float64)
        if not np.isfinite(values).all():
            failed = first + int(np.flatnonzero(~np.isfinite(values))[0])
            name = distinct_names(self._scenarios)[system]
            raise HallplanError("statistics.select.no_value", name=name, metric=metric, replication=failed)
        return values
