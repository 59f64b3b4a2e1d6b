"""A study: what is simulated, until when, and what has come of it.

Input: a :class:`Study`, which is a value.  Output: a :class:`StudyResult`.  :func:`run` works a study off and returns
when it is done: the command line and Python call it.  :func:`ask` is a pure function of a study and the samples so far:
it returns the tasks of the next stage, and none when the policy is satisfied.  A page submits them, polls, and asks
again.  Every replication depends on its scenario, the seed and its number only: on any number of workers, in any
order, and from any store the numbers are the same to the last bit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeAlias

from foundation.errors import HallplanError
from scenarios.model import Scenario
from sim.engine.choice import Engine, EngineName
from sim.engine.reference import Hall
from sim.measure.options import MeasureOptions
from sim.run.keys import Key, series_of
from sim.run.policy import Decision, Fixed, Policy, Verdict, check_metrics
from sim.run.record import RunRecord, record_of
from sim.run.replications import CancelToken, Replications
from sim.run.sample import Sample, sample_of
from sim.run.store import Store
from sim.statistics.precision import Reached
from sim.statistics.selection import Selection

__all__ = [
    "OnProgress",
    "Pace",
    "Stage",
    "Study",
    "StudyProgress",
    "StudyResult",
    "System",
    "Task",
    "ask",
    "distinct_names",
    "result_of",
    "run",
]


@dataclass(frozen=True, eq=False)
class System:
    """One arm of a study.

    Attributes
    ----------
    scenario
        The scenario, at its own numbers.
    draws
        The scenario with other parameters, one a draw: replication ``k`` simulates draw ``k mod len(draws)``.  Empty
        for the scenario's own numbers.  Any sequence will do, also one that composes a scenario on demand.
    """

    scenario: Scenario
    draws: Sequence[Scenario] = ()

    def simulated(self, replication: int) -> Scenario:
        """Return what a replication simulates."""
        return self.draws[replication % len(self.draws)] if len(self.draws) else self.scenario


@dataclass(frozen=True, order=True)
class Task:
    """One replication of one system.

    Attributes
    ----------
    system
        Its place in the study.
    replication
        Number of the replication.
    """

    system: int
    replication: int


@dataclass(frozen=True)
class StudyProgress:
    """How far a study is.

    Attributes
    ----------
    done, expected
        Replications of every system that there are, and about how many there will be.
    """

    done: tuple[int, ...]
    expected: tuple[int, ...]

    @property
    def total_done(self) -> int:
        """Replications of all systems that there are."""
        return sum(self.done)

    @property
    def total_expected(self) -> int:
        """About how many there will be."""
        return sum(max(done, expected) for done, expected in zip(self.done, self.expected, strict=True))


OnProgress: TypeAlias = Callable[[StudyProgress], None]
"""Called after each replication."""


@dataclass(frozen=True)
class Pace:
    """How large stages are for somebody who wants to see results in between.

    Attributes
    ----------
    first
        Replications of every system in the first stage.
    growth
        How many times as many as there are a later stage may reach.
    """

    first: int
    growth: float = 2.0


@dataclass(frozen=True)
class Stage:
    """What to simulate next.

    Attributes
    ----------
    tasks
        Replications that are missing, in the order in which they are to be told; empty when the study is done.
    progress
        How far the study is before them.
    verdict
        What the policy says so far.
    """

    tasks: tuple[Task, ...]
    progress: StudyProgress
    verdict: Verdict = None


@dataclass(frozen=True, eq=False)
class Study:
    """What is simulated, and until when.

    Attributes
    ----------
    systems
        The arms; of a comparison the first is the base.
    policy
        When to stop.
    seed
        Of the random numbers, which all systems share: replication ``k`` of one is paired with ``k`` of another.
    level
        Confidence level of intervals.
    curves
        Whether curves are collected.
    options
        How to measure.
    engine
        ``"compiled"``, ``"simpy"``, or one's own (a function, or a subclass of the SimPy model), whose results are not
        stored; ``None`` for the one that is done sooner.
    workers
        Replications at a time; ``None`` for as many as pay.
    first
        Number of the first replication.
    titles
        What to call the systems; by default by the scenarios' names and levers.
    """

    systems: tuple[System, ...]
    policy: Policy
    seed: int
    level: float = 0.95
    curves: bool = False
    options: MeasureOptions = field(default_factory=MeasureOptions)
    engine: Engine | EngineName | type[Hall] | None = None
    workers: int | None = None
    first: int = 0
    titles: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        *systems: Scenario | System,
        policy: Policy | None = None,
        replications: int | None = None,
        seed: int | None = None,
        **options: Any,
    ) -> Study:
        """Return a study of scenarios; what is not stated is the first scenario's own.

        Parameters
        ----------
        *systems
            Scenarios, or systems.
        policy, replications
            When to stop, or how many replications.
        seed
            Of the random numbers.
        **options
            Other attributes.

        Raises
        ------
        HallplanError
            If there is no system.
        """
        if not systems:
            raise HallplanError("error.compare.too_few", n=0)
        arms = tuple(system if isinstance(system, System) else System(system) for system in systems)
        own = arms[0].scenario.run
        number = own.replications if replications is None else replications
        return cls(arms, policy or Fixed(number), own.seed if seed is None else seed, **options)

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios of the systems, at their own numbers."""
        return tuple(system.scenario for system in self.systems)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the systems are called (see :func:`distinct_names`)."""
        return self.titles or distinct_names(self.scenarios)

    def scenario_of(self, task: Task) -> Scenario:
        """Return what a task simulates."""
        return self.systems[task.system].simulated(task.replication)

    def key_of(self, task: Task) -> Key:
        """Return the address of a task's sample."""
        return Key(series_of(self.scenario_of(task), self.seed, self.options), task.replication)

    @cached_property
    def name(self) -> str:
        """A digest that is the same for the same study, whatever its engine, workers and titles."""
        series = [
            series_of(scenario, self.seed, self.options)
            for system in self.systems
            for scenario in (system.draws or (system.scenario,))
        ]
        content = repr((series, self.policy, self.level, self.curves, self.first))
        return hashlib.sha256(content.encode("utf-8")).hexdigest()[:20]


Samples: TypeAlias = Sequence[Sequence[Sample]]
"""Samples of every system, in the order of their replications."""


@dataclass(frozen=True, eq=False)
class StudyResult:
    """What a study has shown.

    Attributes
    ----------
    study
        The study.
    runs
        The replications of every system that the verdict is about.
    verdict
        What the policy says: of a precision, of a selection, or nothing.
    engine
        Name of the simulator.
    simulated, stored
        Replications that were simulated, and that came from the store.
    """

    study: Study
    runs: tuple[Replications, ...]
    verdict: Verdict = None
    engine: str = "compiled"
    simulated: int = 0
    stored: int = 0

    @cached_property
    def provenance(self) -> RunRecord:
        """What the result was made from, with what, and how to make it again."""
        return record_of(self.study, replications=tuple(map(len, self.runs)), engine=self.engine)

    @property
    def reached(self) -> Reached | None:
        """Whether the results are as precise as was asked, if a precision was."""
        return self.verdict if isinstance(self.verdict, Reached) else None

    @property
    def selection(self) -> Selection | None:
        """Which system was selected, if the best was asked for."""
        return self.verdict if isinstance(self.verdict, Selection) else None


def distinct_names(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """Return what scenarios are called: those named like the first get their levers, and equal names a number."""
    base, names = scenarios[0], list[str]()
    for scenario in scenarios:
        name, levers = scenario.name, [use for use in scenario.levers if use not in base.levers]
        names.append(" + ".join([name, *levers]) if name == base.name else name)
    earlier = [names[:place].count(name) for place, name in enumerate(names)]
    return tuple(name if not before else f"{name} ({before + 1})" for name, before in zip(names, earlier, strict=True))


# ---- ask and tell --------------------------------------------------------------------------------------------------


def ask(study: Study, samples: Samples = (), *, pace: Pace | None = None) -> Stage:
    """Return what to simulate next.

    Parameters
    ----------
    study
        The study.
    samples
        Those of every system so far, each from the study's first replication on without a gap; none at the beginning.
    pace
        Size of stages for somebody who wants to see results in between: no larger than the pace says, and as large as
        the policy expects to need.  By default a stage holds what the policy needs before it can decide again.

    Returns
    -------
    Stage
        Without tasks when the study is done.

    Raises
    ------
    HallplanError
        If the policy makes no sense for the study, or a metric that it needs is missing.
    """
    present = samples or ((),) * len(study.systems)
    state = study.policy.begin(study.names, study.level)
    return _stage(study, state.advance([[sample.summary for sample in row] for row in present]), present, pace)


def _stage(study: Study, decision: Decision, samples: Samples, pace: Pace | None = None) -> Stage:
    counts = tuple(map(len, samples))
    done = all(count >= needed for count, needed in zip(counts, decision.needed, strict=True))
    progress = StudyProgress(counts, counts if done else decision.expected)
    targets = counts if done else decision.needed
    if pace is not None and not done:
        ahead = zip(counts, decision.needed, decision.expected, strict=True)
        targets = tuple(_paced(pace, *numbers) for numbers in ahead)
    tasks = [
        Task(system, study.first + number)
        for number in range(max(targets))
        for system in range(len(targets))
        if counts[system] <= number < targets[system]
    ]
    return Stage(tuple(tasks), progress, decision.verdict)


def _paced(pace: Pace, count: int, needed: int, expected: int) -> int:
    if count >= needed == expected:
        return count  # out of contention, or done
    return min(max(needed, expected), max(pace.first, int(count * pace.growth), count + 1))


def result_of(study: Study, samples: Samples, **provenance: Any) -> StudyResult:
    """Return the result of samples that tasks of :func:`ask` have brought.

    Parameters
    ----------
    study
        The study.
    samples
        Samples by system, each in the order of its replications.  They may be incomplete: the verdict then holds so
        far.
    **provenance
        Details for the provenance record of the result.
    """
    state = study.policy.begin(study.names, study.level)
    decision = state.advance([[sample.summary for sample in row] for row in samples])
    return _result(study, decision, samples, **provenance)


def _result(study: Study, decision: Decision, samples: Samples, **provenance: Any) -> StudyResult:
    used = decision.used or tuple(map(len, samples))
    runs = tuple(
        Replications(system.scenario, study.seed, tuple(row[:number]), first=study.first, level=study.level)
        for system, row, number in zip(study.systems, samples, used, strict=True)
    )
    return StudyResult(study, runs, decision.verdict, **provenance)


# ---- working a study off -------------------------------------------------------------------------------------------


def run(
    study: Study,
    *,
    store: Store | None = None,
    progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
    announce: Callable[[str], None] | None = None,
    wanted: Collection[str] | None = None,
) -> StudyResult:
    """Work a study off.

    Parameters
    ----------
    study
        The study.
    store
        Where results are looked for and stored; nowhere by default.
    progress, cancel
        Called after each replication; and looked at between them.
    announce
        Called with one sentence if compiling will take some seconds.
    wanted
        Which metrics to measure; all by default.  Samples of some are not stored.

    Raises
    ------
    HallplanError
        If the policy makes no sense for the study, a worker process dies, or whatever a replication raises.
    CancellationError
        If `cancel` was set.
    """
    state = study.policy.begin(study.names, study.level)
    samples: list[list[Sample]] = [[] for _ in study.systems]
    summaries: list[list[Mapping[str, float]]] = [[] for _ in study.systems]
    decision = state.advance(summaries)
    from sim.run.source import SampleSource

    read = None if wanted is None else partial(sample_of, curves=study.curves, wanted=frozenset(wanted))
    with closing(SampleSource(study, store, cancel, announce, read=read)) as worker:
        while stage := _stage(study, decision, samples).tasks:
            with closing(worker.work_off(stage, _counts(samples, decision))) as arriving:
                for task, sample in arriving:
                    if not samples[task.system]:  # a missing metric is refused at once, not when the policy decides
                        check_metrics(sample.summary, study.policy.metrics)
                    samples[task.system].append(sample)
                    summaries[task.system].append(sample.summary)
                    if progress is not None:
                        progress(StudyProgress(tuple(map(len, samples)), decision.expected))
            decision = state.advance(summaries)
    return _result(
        study, decision, samples, engine=worker.engine_name, simulated=worker.simulated, stored=worker.stored
    )


def _counts(samples: Samples, decision: Decision) -> Callable[[], tuple[int, int]]:
    """Return what tells how many replications of every system there are, and will be."""
    return lambda: (min(map(len, samples)), max(decision.expected))
