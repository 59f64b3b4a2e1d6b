"""Comparisons as jobs: from settings to the units of work, and from their results to a comparison.

Comes in: :class:`~hallplan.page.state.Settings`.  Go out: a :class:`Study`, and its stages as :class:`Run`, each a job
whose name is the same for the same work: a first look, then as many more as the precision takes; the queue and the book
of runs that all visitors of a server share; and a finished stage's :class:`~hallplan.page.results.Comparison`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b

from foundation.errors import HallplanError
from hallplan import __version__
from hallplan.page.jobs import Jobs, Unit
from hallplan.page.plans import Plan, plan_a, plan_b
from hallplan.page.results import Comparison
from hallplan.page.samples import ENGINE, simulate
from hallplan.page.state import FIRST_LOOK, REPLICATIONS, Settings
from scenarios.check import expected_arrivals
from scenarios.compose.writing import fingerprint
from scenarios.model import Scenario
from sim.run.policy import asked_precision
from sim.run.watch import PairedWatch
from sim.statistics import Precision
from sim.statistics.precision import AT_LEAST, LOOK_AHEAD

__all__ = [
    "MOST_ARRIVALS",
    "Book",
    "Run",
    "Standing",
    "Study",
    "background",
    "book",
    "check_size",
    "comparison_of",
    "job_name",
    "prepare",
    "stage",
    "standing",
    "unit_name",
    "unit_of",
    "units_of",
]

MOST_ARRIVALS = 400_000
"""Arrivals in one replication that the page takes on; the command line takes on more."""


def unit_name(scenario: Scenario, seed: int, replication: int) -> str:
    """Return what tells one replication of a scenario from all others, on any server of this version."""
    return f"{fingerprint(scenario)}:{seed}:{replication}:{ENGINE}:{__version__}"


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


def units_of(a: Scenario, b: Scenario, *, replications: int, seed: int) -> list[Unit]:
    """Return the units of a comparison: plan A's and plan B's replications in turn.

    Raises
    ------
    HallplanError
        If a plan is larger than the page takes on.
    """
    for scenario in (a, b):
        check_size(scenario)
    return [unit_of(one, seed, replication) for replication in range(replications) for one in (a, b)]


def unit_of(scenario: Scenario, seed: int, replication: int) -> Unit:
    """Return the unit of one replication, which serves whatever needs it."""
    return Unit(unit_name(scenario, seed, replication), simulate, (scenario, seed, replication))


def job_name(units: Sequence[Unit]) -> str:
    """Return the name of a job: the same for the same work, on any server of this version."""
    return blake2b("\n".join(unit.key for unit in units).encode(), digest_size=10).hexdigest()


@cache
def background() -> Jobs:
    """Return the queue that all visitors of this server share."""
    return Jobs(workers=2, most_active=32, most_kept=256, most_results=4_000)


@dataclass(frozen=True, eq=False)
class Study:
    """Two plans that are to be compared, and how far to go: the settings, the plans they mean, and what is asked.

    Attributes
    ----------
    settings
        What was chosen.
    a, b
        The plans.
    asked
        Precision of the difference by metric; empty for a stated number of replications.
    most
        The most replications of each plan.
    name
        The same for the same plans and seed, however far one goes.
    """

    settings: Settings
    a: Plan
    b: Plan
    asked: Mapping[str, Precision]
    most: int
    name: str

    @property
    def has_no_difference(self) -> bool:
        """Whether both plans are the same scenario."""
        return self.a.scenario == self.b.scenario


@dataclass(frozen=True, eq=False)
class Run:
    """A stage of a study that can be submitted: so many replications of both plans, their units and the job's name."""

    study: Study
    replications: int
    units: tuple[Unit, ...]
    name: str


@lru_cache(maxsize=64)
def prepare(settings: Settings) -> Study:
    """Compose both plans and lay out what is asked.

    Raises
    ------
    HallplanError
        If a plan can't be composed, or is larger than the page takes on.
    """
    a, b = plan_a(settings), plan_b(settings)
    one = units_of(a.scenario, b.scenario, replications=1, seed=settings.seed)
    asked: Mapping[str, Precision] = {}
    if settings.replications is None:
        asked = asked_precision([f"{settings.precision:%}"], a.scenario, b.scenario)
    most = REPLICATIONS[1] if settings.replications is None else settings.replications
    return Study(settings, a, b, asked, most, job_name(one))


@lru_cache(maxsize=512)
def stage(study: Study, replications: int) -> Run:
    """Return the stage of a study that has so many replications."""
    seed = study.settings.seed
    units = units_of(study.a.scenario, study.b.scenario, replications=replications, seed=seed)
    return Run(study, replications, tuple(units), job_name(units))


@dataclass(frozen=True, eq=False)
class Standing:
    """How far a study is.

    Attributes
    ----------
    done
        The furthest stage whose results are there; None before the first.
    following
        The stage to simulate next; None if all is there that was asked for, or can be had.
    """

    done: Run | None
    following: Run | None


def standing(study: Study) -> Standing:
    """Walk through the stages of a study as far as there are results."""
    done: Run | None = None
    following: Run | None = stage(study, min(FIRST_LOOK, study.most))
    while following is not None:
        view = background().view(following.name)
        if view is None or view.state != "done":
            break
        try:
            size = _size_after(following)
        except HallplanError:  # the results have made room for others meanwhile
            break
        done, following = following, None if size is None else stage(study, size)
    return Standing(done, following)


@lru_cache(maxsize=512)
def _size_after(run: Run) -> int | None:
    """Return how many replications the stage after one has; None if that one suffices, or more would not help.

    Stages are never more than twice as large as those before, so that there is always something new to see, and others
    in the queue get their turn in between.
    """
    study, number = run.study, run.replications
    if number >= study.most:
        return None
    wanted = study.most
    if study.asked:
        watch = _watch(run)
        reached = watch.reached()
        hopeless = number >= AT_LEAST and any(one.needed == float("inf") for one in reached.figures)
        if reached.confirmed or hopeless:
            return None
        wanted = max(watch.expected(), number + LOOK_AHEAD)
    return min(wanted, 2 * number, study.most)


def _watch(run: Run) -> PairedWatch:
    """Return the stopping rule after it has seen a stage's results."""
    samples = background().results(run.name)
    watch = PairedWatch(run.study.asked, names=("A", "B"))
    watch.enough([[sample.summary for sample in samples[place::2]] for place in (0, 1)])
    return watch


class Book:
    """What was submitted under which name, so that whoever comes back finds it; the oldest make room."""

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


@cache
def book() -> Book:
    """Return the book that all visitors of this server share."""
    return Book()


@lru_cache(maxsize=16)
def comparison_of(run: Run) -> Comparison:
    """Return the results of a stage that is done; where the precision was reached before its end, up to there.

    Raises
    ------
    HallplanError
        If they are not remembered any more.
    """
    samples = background().results(run.name)
    reached = _watch(run).reached() if run.study.asked else None
    shown = samples if reached is None else samples[: 2 * reached.replications]
    return Comparison.of(run.study.a.scenario, run.study.b.scenario, shown, reached=reached)
