"""By how much limits and times are cut, as jobs: what the staff can promise, and which reform earned it.

Input: plans and the share of cases that a limit is to be kept for.  Output: units of work, whose results are those of
``hallplan promise`` and ``hallplan compression`` with the same seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from foundation.errors import HallplanError
from hallplan.api_compression import compression
from hallplan.api_promise import promise
from hallplan.page.jobs import Unit
from hallplan.page.plans import Plan
from hallplan.page.runs import check_size, job_name
from planner.clocks import items_with_limits
from planner.compression import promised
from planner.compression_study import Compression
from planner.promises import PromiseGoal, Promises
from scenarios.compose.composing import Composed
from scenarios.compose.writing import fingerprint
from scenarios.model import Scenario

__all__ = [
    "PERCENT",
    "USUAL_PERCENT",
    "Limits",
    "compression_unit",
    "limits_of",
    "promise_unit",
    "promised_cut",
]

PERCENT: Final = (50.0, 99.9)
"""Smallest and largest share of cases that can be asked for, per cent."""
USUAL_PERCENT: Final = 95.0


@dataclass(frozen=True)
class Limits:
    """The limits of an item, working days: by law, and as promised."""

    item: str
    statutory: float
    promised: float

    @property
    def cut(self) -> float:
        """By which share the promise is shorter."""
        return 1 - self.promised / self.statutory


def limits_of(scenario: Scenario) -> tuple[Limits, ...]:
    """Return the limits of all items that have both; none in a hall without such items."""
    try:
        names = items_with_limits(scenario)
    except HallplanError:
        return ()
    limits = [(name, scenario.services[name]) for name in names]
    return tuple(Limits(name, float(item.legal_limit or 0), float(item.promised_limit or 0)) for name, item in limits)


def promised_cut(limits: Sequence[Limits]) -> float:
    """Return by which share promises are shorter than limits by law, sum against sum: what halls publish."""
    return promised([item.statutory for item in limits], [item.promised for item in limits]).of_sums


def promise_unit(plan: Plan, percent: float, *, seed: int) -> Unit:
    """Return the work that finds the shortest promise of every item that a plan keeps.

    Parameters
    ----------
    plan
        The hall.
    percent
        Share of the cases that is to be decided within a promise, per cent.
    seed
        Of the random numbers.

    Raises
    ------
    HallplanError
        If the plan is larger than the page takes on.
    """
    check_size(plan.scenario)
    name = job_name("promise", fingerprint(plan.scenario), f"{percent:g}", str(seed))
    return Unit(f"promise:{name}", _promise, (plan.composed, percent, seed))


def compression_unit(before: Plan, after: Plan, percent: float, *, seed: int) -> Unit:
    """Return the work that states three compressions between two plans, and what each lever contributes.

    Parameters
    ----------
    before, after
        The plans; the one after has the levers of the one before, and more.
    percent, seed
        As for :func:`promise_unit`.

    Raises
    ------
    HallplanError
        If a plan is larger than the page takes on.
    """
    for plan in (before, after):
        check_size(plan.scenario)
    digests = (fingerprint(before.scenario), fingerprint(after.scenario))
    name = job_name("compression", *digests, f"{percent:g}", str(seed))
    return Unit(f"compression:{name}", _compression, (before.composed, after.composed, percent, seed))


def _promise(composed: Composed, percent: float, seed: int) -> Promises:
    return promise(composed, PromiseGoal(share=percent / 100), seed=seed, workers=1)


def _compression(before: Composed, after: Composed, percent: float, seed: int) -> Compression:
    return compression(before, after, q=percent / 100, seed=seed, workers=1)
