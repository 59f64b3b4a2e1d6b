"""By how much limits and times are cut, as jobs: the clocks, the promises, and what each reform contributes.

Input: a :class:`LimitQuestion`, the plan before and the plan after.  Output: the work of each part of the answer, and
what its results are: the :class:`~planner.clocks.ThreeClocks` and the :class:`~planner.compression_study.Compression`
that ``hallplan compression`` comes to, and the :class:`~planner.promises.Promises` of ``hallplan promise``.
Simulating comes first, in many units; the answer is one unit more, and another share asks for that one only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from foundation.identity import Identity
from hallplan.api_compression import reforms_between
from hallplan.api_posterior import posterior
from hallplan.page.jobs import Unit
from hallplan.page.memory import remembered
from hallplan.page.plans import Plan
from hallplan.page.runs import background, check_size, job_name
from planner.attribution import Combinations, combinations
from planner.clocks import ThreeClocks, item_limits, items_with_limits, limited_items, three_clocks
from planner.compression import promised
from planner.compression_study import REPLICATIONS, Compression, compression_of, compression_systems
from planner.promises import REPLICATIONS as PERIODS
from planner.promises import PromiseGoal, Promises, moving_posterior, promise_system, promises_of
from scenarios.compose.composing import Composed
from scenarios.compose.writing import fingerprint
from scenarios.model import Scenario
from sim.measure.case_days import CaseDays, case_days
from sim.run.observing import observe
from sim.run.record import record_of
from sim.run.study import Study

__all__ = [
    "SHARES",
    "LimitQuestion",
    "Step",
    "clocks_steps",
    "compression_steps",
    "promise_steps",
    "promised_by_sums",
]

SHARES: Final = (50, 99)
"""Smallest and largest share of cases that a limit can be asked to hold for, per cent."""
_PERIODS_A_UNIT: Final = 5
_SYSTEMS_A_UNIT: Final = 8
"""Combinations of reforms that one unit simulates: they share what is drawn."""


@dataclass(frozen=True, eq=False)
class LimitQuestion:
    """Two plans, and for which share of the cases a limit is to hold.

    Attributes
    ----------
    before, after
        The plans.
    percent
        The share, per cent.
    seed
        Of the random numbers.
    """

    before: Plan
    after: Plan
    percent: int
    seed: int

    @property
    def share(self) -> float:
        """The share."""
        return self.percent / 100

    @property
    def plans(self) -> str:
        """Names the plans and the seed, whatever the share."""
        return job_name(fingerprint(self.before.scenario), fingerprint(self.after.scenario), str(self.seed))

    @property
    def is_of_one_plan(self) -> bool:
        """Whether both plans are the same hall."""
        return fingerprint(self.before.scenario) == fingerprint(self.after.scenario)

    @property
    def has_reforms(self) -> bool:
        """Whether the plan after has reforms that the plan before does not have."""
        return bool(reforms_between(self.before.composed, self.after.composed))

    @property
    def has_limits(self) -> bool:
        """Whether an item of the plan after has a statutory and a promised limit."""
        return bool(limited_items(self.after.scenario))

    def check(self) -> None:
        """See that the page takes both plans on.

        Raises
        ------
        HallplanError
            If a plan is too large.
        """
        for plan in (self.before, self.after):
            check_size(plan.scenario)


@dataclass(frozen=True, eq=False)
class Step:
    """A job on the way to an answer; the last of them has one unit, whose result is the answer."""

    job: str
    units: tuple[Unit, ...]

    @property
    def results(self) -> list[Any]:
        """The results of its units, once it is done."""
        return background().results(self.job)


def promised_by_sums(scenario: Scenario) -> tuple[float, int]:
    """Return by how much the promises of all items are below their statutory limits, by sums, and how many they are.

    Raises
    ------
    HallplanError
        If no item has both limits.
    """
    items = items_with_limits(scenario)
    return promised(*item_limits(scenario, items)).of_sums, len(items)


# ---- the parts of the answer, step by step -------------------------------------------------------------------------


def clocks_steps(question: LimitQuestion) -> Sequence[Step]:
    """Return the work for the three compressions, as far as it is known by now."""
    scenarios = question.before.scenario, question.after.scenario
    days = _days_step(f"days:{question.plans}", [scenarios], question.seed)
    if not _is_done(days):
        return [days]
    before, after = _by_system(days, [2])
    arguments = (before, after, question.after.scenario, question.share)
    return [days, _answer(f"clocks:{question.plans}:{question.percent}", _clocks, arguments)]


def promise_steps(question: LimitQuestion) -> Sequence[Step]:
    """Return the work for the shortest promises of the plan after, as far as it is known by now."""
    after, seed = question.after.composed, question.seed
    name = job_name("promise", fingerprint(after.scenario), str(seed))
    begins = range(0, PERIODS, _PERIODS_A_UNIT)
    units = tuple(Unit(f"periods:{name}:{first}", _periods, (after, seed, first)) for first in begins)
    periods = Step(f"periods:{name}", units)
    if not _is_done(periods):
        return [periods]
    days = [cases for part in periods.results for cases in part]
    arguments = (after, days, PromiseGoal(share=question.share), seed)
    return [periods, _answer(f"promise:{name}:{question.percent}", _promises, arguments)]


def compression_steps(question: LimitQuestion) -> Sequence[Step]:
    """Return the work for what each reform contributes, as far as it is known by now."""
    before, after, seed = question.before.composed, question.after.composed, question.seed
    composing = _answer(f"reforms:{question.plans}", _combined, (before, after, seed))
    if not _is_done(composing):
        return [composing]
    (game,) = composing.results
    blocks = _blocks(Identity(game), Identity(after))
    days = _days_step(f"reform-days:{question.plans}", blocks, seed)
    if not _is_done(days):
        return [composing, days]
    observed = _by_system(days, [len(block) for block in blocks])
    arguments = (game, after, observed, question.share, seed)
    return [composing, days, _answer(f"reforms-earn:{question.plans}:{question.percent}", _compression, arguments)]


def _is_done(step: Step) -> bool:
    view = background().view(step.job)
    return view is not None and view.state == "done"


def _answer(name: str, function: Any, arguments: tuple[Any, ...]) -> Step:
    return Step(name, (Unit(name, function, arguments),))


def _days_step(name: str, blocks: Sequence[Sequence[Scenario]], seed: int) -> Step:
    """Return the work that simulates blocks of scenarios, each once for every replication."""
    units = [
        Unit(f"{name}:{place}:{replication}", _case_days, (tuple(block), seed, replication))
        for place, block in enumerate(blocks)
        for replication in range(REPLICATIONS)
    ]
    return Step(name, tuple(units))


def _by_system(days: Step, sizes: Sequence[int]) -> list[list[CaseDays]]:
    """Return the days by system and replication, from blocks of so many systems."""
    results = days.results
    return [
        [results[place * REPLICATIONS + replication][system] for replication in range(REPLICATIONS)]
        for place, size in enumerate(sizes)
        for system in range(size)
    ]


@remembered(maxsize=8)
def _blocks(game: Identity[Combinations], after: Identity[Composed]) -> list[list[Scenario]]:
    scenarios = [system.scenario for system in compression_systems(game.value, after.value)]
    return [scenarios[start : start + _SYSTEMS_A_UNIT] for start in range(0, len(scenarios), _SYSTEMS_A_UNIT)]


# ---- what the units do ---------------------------------------------------------------------------------------------


def _case_days(scenarios: Sequence[Scenario], seed: int, replication: int) -> list[CaseDays]:
    settings: dict[str, Any] = {"replications": 1, "first": replication, "seed": seed, "workers": 1}
    observed = observe(Study.of(*scenarios, engine="compiled", **settings), case_days)
    return [days for (days,) in observed]


def _periods(after: Composed, seed: int, first: int) -> list[CaseDays]:
    system = promise_system(after, moving_posterior(after, posterior()))
    settings: dict[str, Any] = {"replications": _PERIODS_A_UNIT, "first": first, "seed": seed, "workers": 1}
    return observe(Study.of(system, engine="compiled", **settings), case_days)[0]


def _clocks(before: Sequence[CaseDays], after: Sequence[CaseDays], scenario: Scenario, share: float) -> ThreeClocks:
    return three_clocks(before, after, scenario, items=items_with_limits(scenario), q=share)


def _promises(after: Composed, days: Sequence[CaseDays], goal: PromiseGoal, seed: int) -> Promises:
    system = promise_system(after, moving_posterior(after, posterior()))
    study = Study.of(system, replications=PERIODS, seed=seed)
    record = record_of(study, replications=(PERIODS,), engine="compiled")
    return promises_of(after, days, goal, draws=len(system.draws), provenance=record)


def _combined(before: Composed, after: Composed, seed: int) -> Combinations:
    return combinations(before, reforms_between(before, after), seed)


def _compression(
    game: Combinations, after: Composed, observed: Sequence[Sequence[CaseDays]], share: float, seed: int
) -> Compression:
    study = Study.of(*compression_systems(game, after), replications=REPLICATIONS, seed=seed)
    record = record_of(study, replications=(REPLICATIONS,) * len(study.systems), engine="compiled")
    return compression_of(game, after, observed, q=share, provenance=record)
