"""Comparisons as jobs: from settings to the units of work, and from their results to a comparison.

Comes in: :class:`~hallplan.page.state.Settings`.  Goes out: a :class:`Run`, whose name is the same for the same work;
the queue and the book of runs that all visitors of a server share; and a finished run's
:class:`~hallplan.page.results.Comparison`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b

from hallplan import __version__
from hallplan.jobs import Jobs, Unit
from hallplan.page.plans import Plan, plan_a, plan_b
from hallplan.page.results import Comparison
from hallplan.page.samples import ENGINE, simulate
from hallplan.page.state import Settings
from scenarios.check import expected_arrivals
from scenarios.errors import HallplanError
from scenarios.model import Scenario
from scenarios.writing import fingerprint

__all__ = ["MOST_ARRIVALS", "Book", "Run", "background", "book", "comparison_of", "job_name", "prepare", "units_of"]

MOST_ARRIVALS = 400_000
"""Arrivals in one replication that the page takes on; the command line takes on more."""


def units_of(a: Scenario, b: Scenario, *, replications: int, seed: int) -> list[Unit]:
    """Return the units of a comparison: plan A's and plan B's replications in turn.

    Raises
    ------
    HallplanError
        If a plan is larger than the page takes on.
    """
    for scenario in (a, b):
        arrivals = round(sum(expected_arrivals(scenario).values()))
        if arrivals > MOST_ARRIVALS:
            raise HallplanError("page.run.too_large", name=scenario.name, arrivals=arrivals, most=MOST_ARRIVALS)
    names = [(scenario, fingerprint(scenario)) for scenario in (a, b)]
    return [
        Unit(f"{name}:{seed}:{replication}:{ENGINE}:{__version__}", simulate, (scenario, seed, replication))
        for replication in range(replications)
        for scenario, name in names
    ]


def job_name(units: Sequence[Unit]) -> str:
    """Return the name of a job: the same for the same work, on any server of this version."""
    return blake2b("\n".join(unit.key for unit in units).encode(), digest_size=10).hexdigest()


@cache
def background() -> Jobs:
    """Return the queue that all visitors of this server share."""
    return Jobs(workers=2, most_active=32)


@dataclass(frozen=True, eq=False)
class Run:
    """A comparison that can be submitted: the settings, the plans they mean, the units and the job's name."""

    settings: Settings
    a: Plan
    b: Plan
    units: tuple[Unit, ...]
    name: str

    @property
    def has_no_difference(self) -> bool:
        """Whether both plans are the same scenario."""
        return self.units[0].key == self.units[1].key


@lru_cache(maxsize=64)
def prepare(settings: Settings) -> Run:
    """Compose both plans and lay out the work.

    Raises
    ------
    HallplanError
        If a plan can't be composed, or is larger than the page takes on.
    """
    a, b = plan_a(settings), plan_b(settings)
    units = units_of(a.scenario, b.scenario, replications=settings.replications, seed=settings.seed)
    return Run(settings, a, b, tuple(units), job_name(units))


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
    """Return the results of a run that is done.

    Raises
    ------
    HallplanError
        If they are not remembered any more.
    """
    return Comparison.of(run.a.scenario, run.b.scenario, background().results(run.name))
