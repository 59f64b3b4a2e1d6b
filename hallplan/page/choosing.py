"""The best of several plans, as jobs: which replications the choice needs next, and what it has come to.

Comes in: a :class:`Question`, which plans by which metric.  Goes out: a :class:`Standing`: the choice, or the job that
brings it further.  The choice is made anew from whatever replications there are, by the same procedure as on the
command line; it depends on the numbers alone, not on the jobs that have brought them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np

from foundation.errors import HallplanError
from hallplan.jobs import Unit
from hallplan.page.plans import lever_catalogue, levers_of, plan_b
from hallplan.page.runs import Study, background, check_size, job_name, unit_of
from hallplan.page.samples import Sample
from hallplan.page.state import REPLICATIONS, Settings, switch_lever
from hallplan.result_tables import possible_metrics
from planner.select import Best, select_best, select_within_budget
from scenarios.model import Scenario
from sim.calendar import FloatArray
from sim.statistics.selection import FIRST_STAGE

__all__ = [
    "CONFIDENCE",
    "METRICS",
    "Question",
    "Standing",
    "levers_to_try",
    "metrics_of",
    "question_of",
    "standing",
]

CONFIDENCE: Final = 0.95
METRICS: Final = (
    "wait_mean_min",
    "wait_q90_min",
    "wait_within_15_share",
    "hours_in_hall_mean",
    "items_finished_per_month",
    "open_cases",
    "case_elapsed_mean_days",
    "cost_per_day",
)
"""Metrics to choose by, for as many of them as the plans have."""


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
        first = job_name(_units(self, [1] * len(self.scenarios)))
        return f"{first}:{self.metric}:{self.delta if self.delta is not None else f'budget {self.budget}'}"


@dataclass(frozen=True, eq=False)
class Standing:
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


def metrics_of(study: Study) -> list[str]:
    """Return the metrics by which both plans can be told apart."""
    cases = all(any(one.case for one in plan.scenario.services.values()) for plan in (study.a, study.b))
    both = set(possible_metrics(study.a.scenario)) & set(possible_metrics(study.b.scenario))
    return [key for key in METRICS if key in both and (cases or not key.startswith(("open_cases", "case_")))]


def levers_to_try(settings: Settings) -> list[str]:
    """Return the levers that plan B does not have, and that were not taken away from it."""
    there = levers_of(settings.b)
    had = {*there.own, *there.inherited, *settings.off, *(choice.name for choice in settings.on)}
    return [name for name in lever_catalogue() if name not in had]


@lru_cache(maxsize=256)
def _with_lever(settings: Settings, lever: str) -> Scenario | None:
    """Return plan B with one lever more; None if it can't have it, or stays as it is."""
    try:
        plain = plan_b(settings).scenario
        changed = plan_b(switch_lever(settings, lever, on=True, of_base=False)).scenario
    except HallplanError:
        return None
    same = {"levers": plain.levers}
    return None if changed.model_copy(update=same) == plain else changed


def question_of(
    study: Study, levers: Mapping[str, str], *, names: tuple[str, str], metric: str, delta: float | None, budget: int
) -> Question:
    """Return the question which of plan A, plan B, and plan B with each of some levers is best.

    Parameters
    ----------
    study
        The two plans.
    levers
        Levers to try, each with what to call plan B with it; one that changes nothing is left out.
    names
        What to call plan A and plan B.
    metric, delta, budget
        As of a :class:`Question`.

    Raises
    ------
    HallplanError
        If a plan is larger than the page takes on.
    """
    plans = dict(zip(names, (study.a.scenario, study.b.scenario), strict=True))
    if study.has_no_difference:
        del plans[names[0]]
    for lever, title in levers.items():
        changed = _with_lever(study.settings, lever)
        if changed is not None:
            plans[title] = changed
    for scenario in plans.values():
        check_size(scenario)
    return Question(tuple(plans), tuple(plans.values()), metric, study.settings.seed, delta, budget)


# ---- making the choice from what there is --------------------------------------------------------------------------


class _ShortError(Exception):
    """The choice goes on, and there are no more replications."""


class _Kept:
    """Replications that there are; those that are missing are noted, and the round is ended."""

    def __init__(self, values: Sequence[FloatArray]) -> None:
        self._values, self._last = values, -1
        self.missing: dict[int, int] = {}

    def __call__(self, system: int, first: int, number: int) -> FloatArray:
        # Within a round the plans are asked for in their order: a step back is the next round.
        if self.missing and system <= self._last:
            raise _ShortError
        self._last = system
        there = self._values[system]
        if first + number > there.size:
            # The others of this round are asked for as well; nothing is made of the zeros.
            self.missing[system] = first + number
            return np.zeros(number)
        return there[first : first + number]


def _attempt(question: Question, values: Sequence[FloatArray]) -> tuple[Best | None, dict[int, int]]:
    """Return the choice, or how many replications which plans must have for it to go on."""
    kept = _Kept(values)
    try:
        if question.delta is None:
            best = select_within_budget(
                question.scenarios, question.metric, budget=question.budget, seed=question.seed, source=kept
            )
        else:
            best = select_best(
                question.scenarios,
                question.metric,
                delta=question.delta,
                confidence=CONFIDENCE,
                at_most=REPLICATIONS[1],
                seed=question.seed,
                source=kept,
            )
    except _ShortError:
        return None, kept.missing
    return (None, kept.missing) if kept.missing else (best, {})


def _units(question: Question, counts: Sequence[int]) -> tuple[Unit, ...]:
    return tuple(
        unit_of(scenario, question.seed, replication)
        for scenario, count in zip(question.scenarios, counts, strict=True)
        for replication in range(count)
    )


def _values(question: Question, counts: Sequence[int], samples: Sequence[Sample]) -> list[FloatArray]:
    """Return the metric by replication, of every plan.

    Raises
    ------
    HallplanError
        If a replication has no finite value of it.
    """
    column = np.array([sample.summary.get(question.metric, np.nan) for sample in samples])
    values = np.split(column, np.cumsum(counts)[:-1])
    for title, one in zip(question.titles, values, strict=True):
        if not np.isfinite(one).all():
            failed = int(np.flatnonzero(~np.isfinite(one))[0])
            raise HallplanError("statistics.select.no_value", name=title, metric=question.metric, replication=failed)
    return values


def standing(question: Question) -> Standing:
    """Walk through the stages of a choice as far as there are results.

    A stage goes further than the procedure asks for, by up to half of what there is, so that there are few of them;
    what it does not ask for in the end counts for nothing.

    Raises
    ------
    HallplanError
        If the question makes no sense, or a plan has no value of the metric.
    """
    counts = [FIRST_STAGE] * len(question.scenarios)
    while True:
        units = _units(question, counts)
        job = job_name(units)
        view = background().view(job)
        if view is None or view.state != "done":
            return Standing(None, units, job)
        best, missing = _attempt(question, _values(question, counts, background().results(job)))
        if best is not None:
            return Standing(_titled(best, question))
        for system, wanted in missing.items():
            counts[system] = max(wanted, min(counts[system] * 3 // 2, _most(question)))


def _most(question: Question) -> int:
    return REPLICATIONS[1] if question.delta is not None else 0


def _titled(best: Best, question: Question) -> Best:
    return replace(best, titles=question.titles)
