"""Comparisons as jobs: from settings to the units of work, and from their results to a comparison.

Input: :class:`~hallplan.page.state.Settings`.  Output: a :class:`PlanStudy`, and its stages as :class:`Run`, each a job
whose name is the same for the same work; the queue and the registry of jobs that all visitors of a server share; and a
finished stage's :class:`~planner.compare.Comparison`.  Which replications a stage has is decided by
:func:`sim.run.study.ask`.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Any, Final

from foundation.errors import HallplanError
from hallplan.page.jobs import Jobs, Unit, View
from hallplan.page.memory import forget_all, remembered
from hallplan.page.plans import Plan, plan_of
from hallplan.page.state import FIRST_LOOK, REPLICATIONS, PlanChoice, Settings, rename_plan
from hallplan.show.comparison_frames import LETTERS
from planner.compare import Comparison
from scenarios.check import expected_arrivals
from scenarios.compose.writing import fingerprint
from scenarios.model import Scenario
from sim.run.keys import Key
from sim.run.policy import Fixed, Policy, ToPrecision, asked_precision
from sim.run.sample import Sample
from sim.run.simulating import simulate_sample
from sim.run.store import default_store
from sim.run.study import Pace, Study, Task, ask, result_of

__all__ = [
    "MOST_ARRIVALS",
    "JobRegistry",
    "PlanStudy",
    "Run",
    "StudyProgress",
    "background",
    "check_size",
    "comparison_of",
    "forget_results",
    "job_name",
    "prepare",
    "progress_of",
    "registry",
    "samples_by_system",
    "stage",
    "submit",
    "unit_of",
    "units_of",
]

_log = logging.getLogger(__name__)

MOST_ARRIVALS: Final = 400_000
"""Arrivals in one replication that the page takes on; the command line takes on more."""
_PACE: Final = Pace(FIRST_LOOK)
"""Stages are never more than twice as large as those before: there is always something new to see, and others in the
queue get their turn in between."""


def check_size(scenario: Scenario) -> None:
    """Refuse a plan that is larger than the page takes on.

    Raises
    ------
    HallplanError
        If it is.
    """
    arrivals = round(sum(expected_arrivals(scenario).values()))
    if arrivals > MOST_ARRIVALS:
        raise HallplanError("page.run.too_large", name=scenario.name, arrivals=arrivals, most=MOST_ARRIVALS)


# --- units of work and their results --------------------------------------------------------------------------------


def unit_of(study: Study, task: Task) -> Unit:
    """Return the unit of one replication, which serves whatever needs it; its key is the sample's address."""
    key, scenario = study.key_of(task), study.scenario_of(task)
    return Unit(f"{key.series}:{key.replication}", simulate_sample, (scenario, study.seed, task.replication))


def units_of(study: Study, counts: Sequence[int]) -> tuple[Unit, ...]:
    """Return the units of the first replications, system by system, `counts` of each."""
    return tuple(
        unit_of(study, Task(system, study.first + number))
        for system, count in enumerate(counts)
        for number in range(count)
    )


def job_name(*parts: str) -> str:
    """Return the name of a job: the same for the same work, on any server of this version."""
    return blake2b("\n".join(parts).encode(), digest_size=10).hexdigest()


@cache
def background() -> Jobs:
    """Return the queue that all visitors of this server share; what it has simulated goes into the store of results."""
    return Jobs(workers=2, most_active=32, most_kept=256, most_results=4_000, on_done=_store)


def _keys_of(units: Iterable[Unit]) -> dict[Key, Unit]:
    """Return the units that simulate, by the addresses of their samples."""
    simulating = [unit for unit in units if unit.function is simulate_sample]
    parts = [unit.key.rpartition(":") for unit in simulating]
    return {Key(series, int(number)): unit for (series, _, number), unit in zip(parts, simulating, strict=True)}


def submit(job: str, units: Sequence[Unit], *, owner: str) -> View:
    """Queue a job; what was simulated before, by whomever, is read from the store of results.

    Raises
    ------
    HallplanError
        If the queue is full.
    """
    missing = _keys_of(background().missing(units))
    stored = default_store().get(missing, curves=True) if missing else {}
    background().offer({missing[key].key: sample for key, sample in stored.items()})
    return background().submit(job, units, owner=owner)


def _store(units: Sequence[Unit], results: Sequence[Any]) -> None:
    """Store the samples of a job that are not in the store yet; if that can't be, they last as long as the server."""
    samples = {unit.key: result for unit, result in zip(units, results, strict=True)}
    keys, store = _keys_of(units), default_store()
    try:
        stored = store.get(keys, curves=True)
        store.put({key: samples[unit.key] for key, unit in keys.items() if key not in stored})
    except OSError as error:
        _log.warning("results can't be stored: %s", error)


def samples_by_system(samples: Iterable[Sample], counts: Iterable[int]) -> list[list[Sample]]:
    """Sort the samples of a job, which come system by system, `counts` of each."""
    rest = iter(samples)
    return [[next(rest) for _ in range(count)] for count in counts]


# --- studies of plans and their stages ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class PlanStudy:
    """Plans that are to be compared: what they are, and the study of all of them.

    Attributes
    ----------
    plans
        The plans, in the order of their letters.
    study
        Their study, with the stopping rule.
    precision
        The precision asked for, if one was.
    most
        The most replications of each plan.
    name
        The same for the same plans and seed, however far one goes.
    """

    plans: tuple[Plan, ...]
    study: Study
    precision: float
    most: int
    name: str

    @property
    def by_letter(self) -> dict[str, Plan]:
        """The plans by their letters."""
        return dict(zip(LETTERS, self.plans, strict=False))

    @property
    def has_no_difference(self) -> bool:
        """Whether all plans are the same scenario."""
        return all(plan.scenario == self.plans[0].scenario for plan in self.plans[1:])


@dataclass(frozen=True, eq=False)
class Run:
    """A stage of a study that can be submitted: replications of all plans, their units and the job's name."""

    study: PlanStudy
    replications: int
    units: tuple[Unit, ...]
    name: str


def prepare(settings: Settings) -> PlanStudy:
    """Compose the plans and lay out their study; the same study whichever of the plans is looked at.

    Raises
    ------
    HallplanError
        If a plan can't be composed, or is larger than the page takes on.
    """
    choices = tuple(rename_plan(choice, "") for choice in settings.plans)
    return _prepare(choices, settings.precision, settings.replications, settings.seed)


@remembered(maxsize=64)
def _prepare(choices: tuple[PlanChoice, ...], precision: float, replications: int | None, seed: int) -> PlanStudy:
    plans = tuple(map(plan_of, choices))
    for plan in plans:
        check_size(plan.scenario)
    scenarios = [plan.scenario for plan in plans]
    most = REPLICATIONS[1] if replications is None else replications
    policy: Policy = Fixed(most)
    if replications is None:
        targets = asked_precision([f"{precision:%}"], *scenarios)
        if targets:
            policy = ToPrecision(targets, at_most=most, gives_up=True)
    study = Study.of(*scenarios, policy=policy, seed=seed, titles=tuple(LETTERS[: len(plans)]), curves=True)
    name = job_name(*map(fingerprint, scenarios), str(seed))
    return PlanStudy(plans, study, precision, most, name)


@remembered(maxsize=512)
def stage(study: PlanStudy, replications: int) -> Run:
    """Return the stage of a study that has so many replications."""
    units = units_of(study.study, [replications] * len(study.plans))
    return Run(study, replications, units, job_name(study.name, *(unit.key for unit in units)))


@dataclass(frozen=True, eq=False)
class StudyProgress:
    """How far a study is.

    Attributes
    ----------
    done
        The furthest stage whose results are there; None before the first.
    next_stage
        The stage to simulate next; None if all is there that was asked for, or can be had.
    """

    done: Run | None
    next_stage: Run | None


def progress_of(study: PlanStudy) -> StudyProgress:
    """Walk through the stages of a study as far as there are results."""
    done: Run | None = None
    next_stage: Run | None = stage(study, _size_after(study, None) or 0)
    while next_stage is not None:
        view = background().view(next_stage.name)
        if view is None or view.state != "done":
            break
        try:
            size = _size_after(study, next_stage)
        except HallplanError:  # the results have made room for others meanwhile
            break
        done, next_stage = next_stage, None if size is None else stage(study, size)
    return StudyProgress(done, next_stage)


@remembered(maxsize=512)
def _size_after(study: PlanStudy, run: Run | None) -> int | None:
    """Return how many replications the stage after one has; None if the study is done with it."""
    tasks = ask(study.study, () if run is None else _samples(run), pace=_PACE).tasks
    return max(task.replication for task in tasks) + 1 if tasks else None


def _samples(run: Run) -> list[list[Sample]]:
    return samples_by_system(background().results(run.name), [run.replications] * len(run.study.plans))


class JobRegistry:
    """What was submitted under which name, so that a visitor who comes back finds it; the oldest make room."""

    def __init__(self, *, most: int = 128) -> None:
        self._most = most
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, run: Run) -> None:
        """Note a run."""
        with self._lock:
            self._runs[run.name] = run
            self._runs.move_to_end(run.name)
            while len(self._runs) > self._most:
                self._runs.popitem(last=False)

    def get(self, name: str) -> Run | None:
        """Return the run of a name, if it is still noted."""
        with self._lock:
            return self._runs.get(name)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._runs.clear()


@cache
def registry() -> JobRegistry:
    """Return the registry that all visitors of this server share."""
    return JobRegistry()


@remembered(maxsize=16)
def comparison_of(run: Run) -> Comparison:
    """Return the results of a stage that is done; where the precision was reached before its end, up to there.

    Raises
    ------
    HallplanError
        If they are not remembered any more.
    """
    return Comparison.of(result_of(run.study.study, _samples(run)))


def forget_results() -> None:
    """Forget the jobs that have ended and their results in memory; what runs goes on."""
    background().forget()
    registry().clear()
    forget_all()
