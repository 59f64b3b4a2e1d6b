"""Hallplan for programs: read a scenario, run it, compare it, and take the results as frames.

In come names or paths of scenarios, or scenarios themselves; out come :class:`Result`,
:class:`~planner.compare.Comparison` and :class:`Findings`, which turn into pandas frames.  Users import these names
from :mod:`hallplan`; the guide is ``docs/reference/python.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast, get_args

from foundation.errors import HallplanError, ScenarioError
from planner.compare import Comparison, check_number
from planner.load import Load, offered_load
from planner.notices import calendar_warnings
from planner.regime import Regime, regime_of
from planner.select import Best, check_candidates
from planner.warm_up import Beginning, from_the_beginning
from scenarios.check import expected_arrivals, warnings
from scenarios.compose.composing import compose, scenario_names
from scenarios.compose.levers import Lever, LeverUse
from scenarios.compose.levers import levers as _levers
from scenarios.model import Scenario
from sim.engine.choice import Engine, EngineName, sooner_engine
from sim.measure.export import FORMATS, Format, export
from sim.measure.registry import DENOMINATOR, NUMERATOR
from sim.run.policy import IndifferenceZone, ToPrecision, asked_precision, to_precision
from sim.run.record import RunRecord
from sim.run.replications import CancelToken, Replications
from sim.run.store import default_store
from sim.run.study import OnProgress, Study, StudyResult, System
from sim.run.study import run as run_study
from sim.statistics.precision import AT_MOST, Precision, Reached

if TYPE_CHECKING:
    import pandas as pd

    from foundation.messages import Language
    from sim.measure import Metrics

__all__ = [
    "ENGINES",
    "Findings",
    "Result",
    "ScenarioLike",
    "best",
    "check",
    "compare",
    "levers",
    "load",
    "run",
    "scenarios",
    "warm_up",
]

ScenarioLike: TypeAlias = Scenario | str | Path
"""A scenario, the name of a built-in one, or the path of a file."""

PrecisionLike: TypeAlias = str | Sequence[str] | Mapping[str, Precision]
"""A precision in words, or by metric."""

EngineLike: TypeAlias = str | Engine
"""The name of a simulator, or a simulator of one's own."""

ENGINES: Final = get_args(EngineName)
"""Names of the simulators; they return the same log, to the last bit."""


@dataclass(frozen=True, eq=False)
class Result:
    """What a run of a scenario has shown.

    Attributes
    ----------
    study
        The result of the study: replications, engine, and whether a precision is reached.
    """

    study: StudyResult

    @property
    def replications(self) -> Replications:
        """Scalar metrics of every replication, and curves over them."""
        return self.study.runs[0]

    @property
    def level(self) -> float:
        """Confidence level of the intervals."""
        return self.study.study.level

    @property
    def reached(self) -> Reached | None:
        """Whether the metrics are as precise as was asked, if a precision was."""
        return self.study.reached

    @property
    def provenance(self) -> RunRecord:
        """What the result was made from, with what, and how to make it again."""
        return self.study.provenance

    @property
    def scenario(self) -> Scenario:
        """What was simulated."""
        return self.replications.scenario

    @cached_property
    def regime(self) -> Regime:
        """Whether the hall keeps up with its work; where it does not, no figure has a long-run value."""
        return regime_of(self.scenario)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row a metric (index ``metric``): mean, interval and target.

        Columns ``mean``, ``low``, ``high``, ``replications`` (those with something to measure), and where something is
        published ``target_low``, ``target_high`` and ``in_target`` (whether the mean lies in it).
        """
        import pandas as pd

        rows = []
        for key in self.replications.columns:
            if key.endswith((NUMERATOR, DENOMINATOR)):
                continue
            interval, target = self.replications.interval(key, self.level), self.scenario.targets.get(key)
            rows.append(
                {
                    "metric": key,
                    "mean": interval.estimate,
                    "low": interval.low,
                    "high": interval.high,
                    "replications": interval.n,
                    "target_low": target.low if target else float("nan"),
                    "target_high": target.high if target else float("nan"),
                    "in_target": target.low <= interval.estimate <= target.high if target else None,
                }
            )
        return pd.DataFrame(rows).set_index("metric")

    def table(self, language: Language | None = None) -> pd.DataFrame:
        """Return the metrics worth a first look, with titles and units in a language, for reading and for reports."""
        import pandas as pd

        from hallplan.show.metrics import metric_label
        from sim.measure.headline import headline_metrics

        keys = headline_metrics({str(key): value for key, value in self.summary["mean"].items()}, [self.scenario])
        rows = self.summary.loc[keys, ["mean", "low", "high", "target_low", "target_high"]].reset_index()
        titles = pd.Series([metric_label(key, self.scenario, language) for key in keys], name="title")
        return pd.concat([titles, rows], axis=1)

    def replication(self, number: int = 0) -> Metrics:
        """Return everything that one replication shows, simulated again from the same random numbers."""
        from sim.run.simulating import simulate

        engine = sooner_engine(sum(expected_arrivals(self.scenario).values()), self.study.study.engine)
        return simulate(self.scenario, seed=self.replications.seed, replication=number, engine=engine)

    @cached_property
    def _first(self) -> Metrics:
        return self.replication(self.replications.first)

    @property
    def visits(self) -> pd.DataFrame:
        """One row a visit of the first replication."""
        return self._first.visits

    @property
    def waits(self) -> pd.DataFrame:
        """One row a wait of the first replication."""
        return self._first.waits

    @property
    def cases(self) -> pd.DataFrame:
        """One row a case of the first replication."""
        return self._first.cases

    @property
    def days(self) -> pd.DataFrame:
        """One row a measured day of the first replication."""
        return self._first.days

    @property
    def staff(self) -> pd.DataFrame:
        """One row a pool of the first replication: hours, utilisation, cost."""
        return self._first.staff

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the summaries of all replications and the mean curves, by name."""
        return self.replications.frames()

    def export(self, directory: str | PathLike[str], *, formats: Sequence[Format] = FORMATS) -> list[Path]:
        """Write :meth:`frames` as files and return their paths; see :func:`sim.measure.export.export`."""
        return export(self, directory, formats=formats)


@dataclass(frozen=True)
class Findings:
    """What can be said of a scenario before it is run.

    Attributes
    ----------
    warnings
        What is allowed but probably not meant.
    load
        Offered load of every pool against its servers.
    """

    warnings: tuple[ScenarioError, ...]
    load: Load

    @property
    def overloaded(self) -> tuple[str, ...]:
        """Names of pools and timetables that can't keep up."""
        return self.load.overloaded

    def table(self) -> pd.DataFrame:
        """Return the offered load as a frame, one row a pool."""
        return self.load.frame()


def load(
    reference: str | Path,
    *,
    levers: Sequence[str | LeverUse] = (),
    overrides: Mapping[str, Any] | None = None,
) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    reference
        Name of a built-in scenario, or path of a file.
    levers
        Levers to apply, such as ``"one-time-notice"`` or ``"add-staff:pool=window-labour,servers=2"``.
    overrides
        Values by dotted path, such as ``{"pools.window-labour.servers": 3}``.

    Raises
    ------
    ScenarioError
        One sentence about the first fault.
    """
    return compose(reference, levers=levers, overrides=overrides)


def _scenario(scenario: ScenarioLike) -> Scenario:
    return scenario if isinstance(scenario, Scenario) else load(scenario)


def engine_like(engine: EngineLike | None) -> Engine | EngineName | None:
    """Return an engine as a study takes it.

    Raises
    ------
    HallplanError
        If there is none of that name.
    """
    if isinstance(engine, str) and engine not in ENGINES:
        raise HallplanError("engines.unknown", engine=engine, known=", ".join(ENGINES))
    return cast("Engine | EngineName | None", engine)


def work_off(
    *systems: Scenario | System,
    engine: EngineLike | None,
    cache: bool,
    progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
    announce: Callable[[str], None] | None = None,
    **settings: Any,
) -> StudyResult:
    """Work a study of some systems off, as every face does.

    Parameters
    ----------
    *systems
        Scenarios, or systems with drawn parameters.
    engine, cache
        As for :func:`run`.
    progress, cancel, announce
        As for :func:`sim.run.study.run`.
    **settings
        As for :meth:`sim.run.study.Study.of`.

    Raises
    ------
    HallplanError
        One sentence about what is wrong.
    """
    study = Study.of(*systems, engine=engine_like(engine), **settings)
    store = default_store() if cache else None
    return run_study(study, store=store, progress=progress, cancel=cancel, announce=announce)


def run(
    scenario: ScenarioLike,
    *,
    replications: int | None = None,
    precision: PrecisionLike | None = None,
    seed: int | None = None,
    engine: EngineLike | None = None,
    workers: int | None = None,
    level: float = 0.95,
    cache: bool = True,
    progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
) -> Result:
    """Simulate a scenario many times.

    Parameters
    ----------
    scenario
        The scenario, the name of a built-in one, or the path of a file.
    replications, seed
        How many, and from which seed; the scenario's own by default.
    precision
        Run until this precision is reached, with `replications` as the maximum (1,000 by default): ``"5%"`` of the
        mean wait and the mean turnaround, ``"wait_mean_min=2%"``, several of these, or metrics with their
        :class:`~sim.statistics.Relative` and :class:`~sim.statistics.Absolute` precisions.  ``.reached`` says whether
        it was reached.
    engine
        Name of the engine, one of :data:`ENGINES`, or an engine of your own; by default the one that ends sooner.
    workers
        Number of replications that run at the same time; by default as many as save time.  The numbers do not depend
        on it.
    level
        Confidence level of the intervals.
    cache
        Whether earlier replications are read from the store of results, and new ones are stored.
    progress, cancel
        Called after each replication with a :class:`~sim.run.study.StudyProgress`; and checked between replications.

    Raises
    ------
    HallplanError
        One sentence about what is wrong.
    """
    model = _scenario(scenario)
    result = work_off(
        model,
        policy=_policy(precision, [model], replications),
        replications=replications,
        seed=seed,
        level=level,
        curves=True,
        engine=engine,
        workers=workers,
        cache=cache,
        progress=progress,
        cancel=cancel,
    )
    return Result(result)


def _policy(
    precision: PrecisionLike | None, models: Sequence[Scenario], replications: int | None
) -> ToPrecision | None:
    """Return the policy of a precision; none for a fixed number of replications."""
    if precision is None:
        return None
    most = AT_MOST if replications is None else replications
    if not isinstance(precision, Mapping):
        precision = asked_precision([precision] if isinstance(precision, str) else precision, *models)
    return to_precision(precision, most)


def compare(
    base: ScenarioLike,
    *others: ScenarioLike,
    replications: int | None = None,
    precision: PrecisionLike | None = None,
    seed: int | None = None,
    engine: EngineLike | None = None,
    workers: int | None = None,
    level: float = 0.95,
    cache: bool = True,
    progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
) -> Comparison:
    """Simulate scenarios with the same random numbers and compare each with the first.

    For the parameters see :func:`run`; replications and seed are the base's by default.  A precision is that of the
    differences: ``"5%"`` of the first scenario's own value, for a share five points; ``.reached`` says whether it was
    reached.

    Raises
    ------
    HallplanError
        One sentence about what is wrong.
    """
    models = [_scenario(scenario) for scenario in (base, *others)]
    check_number(len(models))
    result = work_off(
        *models,
        policy=_policy(precision, models, replications),
        replications=replications,
        seed=seed,
        level=level,
        engine=engine,
        workers=workers,
        cache=cache,
        progress=progress,
        cancel=cancel,
    )
    return Comparison.of(result)


def best(
    *candidates: ScenarioLike,
    metric: str,
    delta: float,
    confidence: float = 0.95,
    unequal_demand: bool = False,
    seed: int | None = None,
    engine: EngineLike | None = None,
    cache: bool = True,
) -> Best:
    """Choose the scenario with the best mean of a metric, with confidence (:class:`sim.run.policy.IndifferenceZone`).

    Parameters
    ----------
    *candidates
        Scenarios to choose from.
    metric
        Name of the metric, such as ``"wait_mean_min"``.
    delta
        The smallest difference that matters, in the metric's unit.
    confidence
        Probability that no other scenario is better by `delta` or more.
    unequal_demand
        Whether to rank scenarios to which different numbers of people come.
    seed, engine, cache
        As for :func:`run`.

    Raises
    ------
    HallplanError
        One sentence about what is wrong.
    """
    models, policy = [_scenario(scenario) for scenario in candidates], IndifferenceZone(metric, delta, confidence)
    check_candidates(models, unequal_demand=unequal_demand)
    return Best.of(work_off(*models, policy=policy, seed=seed, engine=engine, cache=cache))


def warm_up(
    scenario: ScenarioLike,
    *,
    days: int | None = None,
    replications: int | None = None,
    seed: int | None = None,
    engine: EngineLike | None = None,
    cache: bool = True,
) -> Beginning:
    """Estimate how many working days a scenario's open cases take to settle; see :mod:`planner.warm_up`.

    Parameters
    ----------
    scenario
        As for :func:`run`.
    days
        Working days to simulate; by default those of the scenario, at least 60.
    replications, seed, engine, cache
        As for :func:`run`.

    Raises
    ------
    HallplanError
        One sentence about what is wrong.
    """
    model = _scenario(scenario)
    extended = from_the_beginning(model, days)
    result = work_off(extended, replications=replications, seed=seed, engine=engine, curves=True, cache=cache)
    return Beginning.of(result, own_days=model.run.warm_up_days)


def check(scenario: ScenarioLike) -> Findings:
    """Check a scenario for oddities, and compare the offered load of its pools with their capacity.

    Raises
    ------
    ScenarioError
        If it is no valid scenario.
    """
    model = _scenario(scenario)
    return Findings((*warnings(model), *calendar_warnings(model)), offered_load(model))


def levers() -> list[Lever]:
    """Return the built-in levers, by name."""
    return _levers()


def scenarios() -> list[str]:
    """Return the names of the built-in scenarios."""
    return scenario_names()
