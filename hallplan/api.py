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
from typing import TYPE_CHECKING, Any, Final, TypeAlias, get_args

from foundation.errors import HallplanError, ScenarioError
from planner.compare import Comparison, Told
from planner.compare import compare as _compare
from planner.load import Load, offered_load
from planner.notices import calendar_warnings
from planner.regime import Regime, regime_of
from planner.select import Best, select_best
from planner.warm_up import Beginning, beginning_of, from_the_beginning
from scenarios.check import expected_arrivals, warnings
from scenarios.compose.composing import compose, scenario_names
from scenarios.compose.levers import Lever, LeverUse
from scenarios.compose.levers import levers as _levers
from scenarios.model import Scenario
from sim.engine.choice import Engine, EngineName, prepare
from sim.engine.reference import run_reference
from sim.measure import Metrics
from sim.measure.export import FORMATS, Format, export
from sim.measure.registry import DENOMINATOR, NUMERATOR
from sim.run.replications import CancelToken, Progress, Replications, replicate
from sim.run.simulating import simulate
from sim.run.workers import cores
from sim.statistics.precision import AT_LEAST, AT_MOST, Precision, Reached
from sim.statistics.selection import FIRST_STAGE
from sim.statistics.sequential import asked_precision, replicate_to

if TYPE_CHECKING:
    import pandas as pd

    from foundation.messages import Language

__all__ = [
    "ENGINES",
    "Findings",
    "Result",
    "ScenarioLike",
    "best",
    "check",
    "compare",
    "engine_named",
    "levers",
    "load",
    "run",
    "scenarios",
    "warm_up",
    "worthwhile_engine",
    "worthwhile_workers",
]

ScenarioLike: TypeAlias = Scenario | str | Path
"""A scenario, the name of a built-in one, or the path of a file."""

ENGINES: Final = get_args(EngineName)
"""Names of the simulators; they return the same log, to the last bit."""

_COMPILED_FROM: Final = 50_000
"""Visits in all replications from which on the compiled engine is the sooner one, its start included."""
_PROCESSES_FROM: Final = 400_000
"""Visits from which on more than one process is worth starting."""


def engine_named(name: str, *, say: Callable[[str], None] | None = None) -> Engine:
    """Return a simulator by its name; where a machine can compile nothing, the reference for both.

    Parameters
    ----------
    name
        One of :data:`ENGINES`.
    say
        Told if it will take some seconds to compile.

    Raises
    ------
    HallplanError
        If there is none of that name.
    """
    if name not in ENGINES:
        raise HallplanError("engines.unknown", engine=name, known=", ".join(ENGINES))
    if name == "simpy":
        return run_reference
    return prepare(say) if say is not None else prepare()


def _visits(models: Sequence[Scenario], replications: int | None) -> float:
    """Return about how many visits will be simulated."""
    return sum(
        sum(expected_arrivals(model).values()) * (replications or models[0].run.replications) for model in models
    )


def worthwhile_engine(models: Sequence[Scenario], replications: int | None = None) -> str:
    """Return the engine that is done sooner; both give the same numbers."""
    return "compiled" if _visits(models, replications) >= _COMPILED_FROM else "simpy"


def worthwhile_workers(models: Sequence[Scenario], replications: int | None = None) -> int:
    """Return how many replications to work on side by side pays; the numbers are the same for any number of them."""
    if _visits(models, replications) < _PROCESSES_FROM:
        return 1
    return min(cores(), replications or models[0].run.replications)


@dataclass(frozen=True, eq=False)
class Result:
    """What a run of a scenario has shown.

    Attributes
    ----------
    replications
        Scalar metrics of every replication, and mean curves.
    engine
        The simulator, for looking into single replications.
    level
        Confidence level of the intervals.
    reached
        Whether a metric is as precise as was asked, if it was.
    """

    replications: Replications
    engine: Engine = run_reference
    level: float = 0.95
    reached: Reached | None = None

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
        for key in self.replications.summaries.columns:
            if key.endswith((NUMERATOR, DENOMINATOR)):
                continue
            one, target = self.replications.interval(key, self.level), self.scenario.targets.get(key)
            rows.append(
                {
                    "metric": key,
                    "mean": one.estimate,
                    "low": one.low,
                    "high": one.high,
                    "replications": one.n,
                    "target_low": target.low if target else float("nan"),
                    "target_high": target.high if target else float("nan"),
                    "in_target": target.low <= one.estimate <= target.high if target else None,
                }
            )
        return pd.DataFrame(rows).set_index("metric")

    def table(self, language: Language | None = None) -> pd.DataFrame:
        """Return the metrics worth a first look, with titles and units in a language, for reading and for reports."""
        import pandas as pd

        from hallplan.result_tables import headline_metrics, metric_label

        keys = headline_metrics({str(key): value for key, value in self.summary["mean"].items()}, [self.scenario])
        rows = self.summary.loc[keys, ["mean", "low", "high", "target_low", "target_high"]].reset_index()
        titles = pd.Series([metric_label(key, self.scenario, language) for key in keys], name="title")
        return pd.concat([titles, rows], axis=1)

    def replication(self, number: int = 0) -> Metrics:
        """Return everything that one replication shows, simulated again from the same random numbers."""
        return simulate(self.scenario, seed=self.replications.seed, replication=number, engine=self.engine)

    @cached_property
    def _first(self) -> Metrics:
        return self.replication(int(self.replications.summaries.index[0]))

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
        """Write :meth:`frames` as files and return their paths; see :func:`sim.measure.export`."""
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
    uses = [LeverUse.parse(use) if isinstance(use, str) else use for use in levers]
    return compose(reference, levers=uses, overrides=overrides)


def _scenario(given: ScenarioLike) -> Scenario:
    return given if isinstance(given, Scenario) else load(given)


def run(
    scenario: ScenarioLike,
    *,
    replications: int | None = None,
    precision: str | Sequence[str] | Mapping[str, Precision] | None = None,
    seed: int | None = None,
    engine: str | None = None,
    workers: int | None = None,
    level: float = 0.95,
    progress: Progress | None = None,
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
        Run instead until it is reached, `replications` at the most (1,000 by default): ``"5%"`` of the mean wait and
        the mean turnaround, ``"wait_mean_min=2%"``, several of these, or metrics with their
        :class:`~sim.statistics.Relative` and :class:`~sim.statistics.Absolute` precisions.  ``.reached`` says what has
        come of it.
    engine
        Name of the simulator, one of :data:`ENGINES`; the sooner one by default.
    workers
        How many replications to work on side by side, one by default.  The numbers are the same for any number.
    level
        Confidence level of the intervals.
    progress, cancel
        Called after each replication; and looked at between them.

    Raises
    ------
    HallplanError
        One sentence about what is wrong.
    """
    model = _scenario(scenario)
    most = replications if replications is not None or precision is None else AT_MOST
    simulator = engine_named(engine or worthwhile_engine([model], most))
    how: dict[str, Any] = {"seed": seed, "workers": workers, "engine": simulator, "level": level}
    how |= {"progress": progress, "cancel": cancel}
    if precision is None or most is None:
        return Result(replicate(model, replications=replications, **how), simulator, level)
    asked = _asked(precision, [model])
    found, reached = replicate_to(model, precision=asked, at_least=min(AT_LEAST, most), at_most=most, **how)
    return Result(found, simulator, level, reached)


def _asked(
    precision: str | Sequence[str] | Mapping[str, Precision], models: Sequence[Scenario]
) -> Mapping[str, Precision]:
    if isinstance(precision, Mapping):
        return precision
    return asked_precision([precision] if isinstance(precision, str) else precision, *models)


def compare(
    base: ScenarioLike,
    *others: ScenarioLike,
    replications: int | None = None,
    precision: str | Sequence[str] | Mapping[str, Precision] | None = None,
    seed: int | None = None,
    engine: str | None = None,
    workers: int | None = None,
    level: float = 0.95,
    progress: Told | None = None,
    cancel: CancelToken | None = None,
) -> Comparison:
    """Simulate scenarios with the same random numbers and compare each with the first.

    For the parameters see :func:`run`; replications and seed are the base's by default.  A precision is that of the
    differences: ``"5%"`` of the first scenario's own value, of a share five points; ``.reached`` says what has come of
    it.

    Raises
    ------
    HallplanError
        One sentence about what is wrong.
    """
    models = [_scenario(one) for one in (base, *others)]
    most = replications if replications is not None or precision is None else AT_MOST
    return _compare(
        models,
        replications=replications,
        precision=None if precision is None else _asked(precision, models),
        seed=seed,
        engine=engine_named(engine or worthwhile_engine(models, most)),
        workers=workers,
        level=level,
        progress=progress,
        cancel=cancel,
    )


def best(
    *candidates: ScenarioLike,
    metric: str,
    delta: float,
    confidence: float = 0.95,
    seed: int | None = None,
    engine: str | None = None,
) -> Best:
    """Choose the scenario with the best mean of a metric, with confidence; see :func:`planner.select.select_best`.

    Parameters
    ----------
    *candidates
        Scenarios to choose from.
    metric
        By what, such as ``"wait_mean_min"``.
    delta
        The smallest difference that matters, in the metric's unit.
    confidence
        How sure to be that no other is better by `delta` or more.
    seed, engine
        As for :func:`run`.

    Raises
    ------
    HallplanError
        One sentence about what is wrong.
    """
    models = [_scenario(one) for one in candidates]
    simulator = engine_named(engine or worthwhile_engine(models, FIRST_STAGE)) if models else run_reference
    return select_best(models, metric, delta=delta, confidence=confidence, seed=seed, engine=simulator)


def warm_up(
    scenario: ScenarioLike,
    *,
    days: int | None = None,
    replications: int | None = None,
    seed: int | None = None,
    engine: str | None = None,
) -> Beginning:
    """Say how many working days a scenario's open cases take to settle; see :func:`planner.warm_up.beginning_of`.

    Parameters
    ----------
    scenario
        As for :func:`run`.
    days
        Working days to look at; by default as many as the scenario has, 60 at the least.
    replications, seed, engine
        As for :func:`run`.

    Raises
    ------
    HallplanError
        One sentence about what is wrong.
    """
    model = _scenario(scenario)
    simulator = engine_named(engine or worthwhile_engine([from_the_beginning(model, days)], replications))
    return beginning_of(model, days=days, replications=replications, seed=seed, engine=simulator)


def check(scenario: ScenarioLike) -> Findings:
    """Say what is odd about a scenario, and whether its pools can do the work that is asked of them.

    Raises
    ------
    ScenarioError
        If it is no valid scenario at all.
    """
    read = _scenario(scenario)
    return Findings((*warnings(read), *calendar_warnings(read)), offered_load(read))


def levers() -> list[Lever]:
    """Return the built-in levers, by name."""
    return _levers()


def scenarios() -> list[str]:
    """Return the names of the built-in scenarios."""
    return scenario_names()
