"""The best of several plans, as jobs: which replications the choice needs next, and what it has come to.

Input: a :class:`Question`, which plans by which metric.  Output: a :class:`ChoiceProgress`, the choice, or the job that
brings it further.  The choice is made anew from whatever replications there are, by the same procedure as on the
command line.  It depends on the numbers alone, not on the jobs that have brought them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from foundation.errors import HallplanError
from hallplan.page.jobs import Unit
from hallplan.page.memory import remembered
from hallplan.page.plans import lever_catalogue, levers_of, plan_of
from hallplan.page.runs import PlanStudy, background, check_size, job_name, samples_by_system, units_of
from hallplan.page.state import REPLICATIONS, PlanChoice, Settings, switch_lever
from planner.select import Best
from scenarios.model import Scenario
from sim.measure.headline import objective_metrics
from sim.run.policy import BudgetAllocation, IndifferenceZone
from sim.run.sample import Sample
from sim.run.study import Pace, Study, ask, result_of
from sim.statistics.selection import FIRST_STAGE

__all__ = [
    "CONFIDENCE",
    "ChoiceProgress",
    "Question",
    "levers_to_try",
    "metrics_of",
    "progress_of",
    "question_of",
]

CONFIDENCE: Final = 0.95
_PACE: Final = Pace(FIRST_STAGE, 1.5)
"""A stage goes further than the procedure needs, by up to half of what there is, so that there are few of them."""


@dataclass(frozen=True, eq=False)
class Question:
    """Which of several plans is best.

    Attributes
    ----------
    titles, scenarios
        What the plans are called, and what they are.
    metric
        By what.
    seed
        Of the random numbers, which the plans share.
    delta
        The smallest difference that matters; None for a choice within a budget, without guarantee.
    budget
        Replications of all plans together, where there is no `delta`.
    """

    titles: tuple[str, ...]
    scenarios: tuple[Scenario, ...]
    metric: str
    seed: int
    delta: float | None
    budget: int

    @property
    def name(self) -> str:
        """The same for the same question."""
        study = _study(self)
        first = job_name(*(unit.key for unit in units_of(study, [1] * len(self.scenarios))))
        return f"{first}:{self.metric}:{self.delta if self.delta is not None else f'budget {self.budget}'}"


@dataclass(frozen=True, eq=False)
class ChoiceProgress:
    """How far a choice is.

    Attributes
    ----------
    best
        The choice; None before it is made.
    units
        What to simulate next; empty once it is made.
    job
        The name of that work.
    """

    best: Best | None
    units: tuple[Unit, ...] = ()
    job: str = ""


def metrics_of(study: PlanStudy) -> list[str]:
    """Return the metrics by which the plans can be told apart."""
    return objective_metrics([plan.scenario for plan in study.plans])


def levers_to_try(plan: PlanChoice) -> list[str]:
    """Return the levers that a plan does not have, and that were not taken away from it."""
    there = levers_of(plan.base)
    had = {*there.own, *there.inherited, *plan.off, *(choice.name for choice in plan.on)}
    return [name for name in lever_catalogue() if name not in had]


@remembered(maxsize=256)
def _with_lever(plan: PlanChoice, lever: str) -> Scenario | None:
    """Return a plan with one lever more; None if it can't have it, or stays as it is."""
    try:
        plain = plan_of(plan).scenario
        changed = plan_of(switch_lever(plan, lever, on=True, of_base=False)).scenario
    except HallplanError:
        return None
    same = {"levers": plain.levers}
    return None if changed.model_copy(update=same) == plain else changed


def question_of(
    settings: Settings,
    levers: Mapping[str, str],
    *,
    names: Sequence[str],
    metric: str,
    delta: float | None,
    budget: int,
) -> Question:
    """Return the question which of the plans, and the one that is looked at with each of some levers, is best.

    Parameters
    ----------
    settings
        The plans.
    levers
        Levers to try, each with what to call the plan with it; one that changes nothing is left out.
    names
        What to call the plans; one that is the same as an earlier one is left out.
    metric, delta, budget
        As of a :class:`Question`.

    Raises
    ------
    HallplanError
        If a plan is larger than the page takes on.
    """
    plans: dict[str, Scenario] = {}
    for name, choice in zip(names, settings.plans, strict=True):
        scenario = plan_of(choice).scenario
        if scenario not in plans.values():
            plans[name] = scenario
    for lever, title in levers.items():
        changed = _with_lever(settings.plan, lever)
        if changed is not None:
            plans[title] = changed
    for scenario in plans.values():
        check_size(scenario)
    return Question(tuple(plans), tuple(plans.values()), metric, settings.seed, delta, budget)


# ---- making the choice from what there is --------------------------------------------------------------------------


def _study(question: Question) -> Study:
    policy: IndifferenceZone | BudgetAllocation = BudgetAllocation(question.metric, question.budget)
    if question.delta is not None:
        policy = IndifferenceZone(question.metric, question.delta, CONFIDENCE, at_most=REPLICATIONS[1])
    return Study.of(*question.scenarios, policy=policy, seed=question.seed, titles=question.titles)


def progress_of(question: Question) -> ChoiceProgress:
    """Walk through the stages of a choice as far as there are results.

    A stage goes further than the procedure asks for, by up to half of what there is, so that there are few of them;
    what it does not ask for in the end counts for nothing.

    Raises
    ------
    HallplanError
        If the question makes no sense, or a plan has no value of the metric.
    """
    study, counts = _study(question), [0] * len(question.scenarios)
    samples: list[list[Sample]] = [[] for _ in counts]
    while tasks := ask(study, samples, pace=_PACE).tasks:
        counts = [count + sum(task.system == system for task in tasks) for system, count in enumerate(counts)]
        units = units_of(study, counts)
        job = job_name(*(unit.key for unit in units))
        view = background().view(job)
        if view is None or view.state != "done":
            return ChoiceProgress(None, units, job)
        samples = samples_by_system(background().results(job), counts)
    return ChoiceProgress(Best.of(result_of(study, samples)))
