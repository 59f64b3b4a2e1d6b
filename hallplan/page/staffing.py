"""How many officers a wait takes, as jobs: the arithmetic, and the search with its certificate.

Input: a plan and a :class:`StaffQuestion`.  Output: units of work; a :class:`StaffArithmetic` at once, and the
:class:`~planner.staffing.result.Staffing` that ``hallplan staff`` comes to with the same seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hallplan.api_staffing import staff
from hallplan.page.jobs import Unit
from hallplan.page.plans import Plan
from hallplan.page.runs import check_size, job_name
from planner.staffing.plan import StaffPlan, plan_table, planned
from planner.staffing.requirement import Requirement, requirements
from planner.staffing.result import Staffing
from planner.staffing.targets import Target, parse_target
from scenarios.compose.composing import Composed
from scenarios.compose.writing import fingerprint, to_toml
from scenarios.model import Scenario
from sim.plan import compile_plan

__all__ = ["MINUTES", "PERCENT", "StaffArithmetic", "StaffQuestion", "arithmetic_unit", "present", "staff_unit", "toml"]

PERCENT: Final = (1.0, 99.9)
"""Smallest and largest share of visitors that can be asked for, per cent."""
MINUTES: Final = (0.0, 480.0)
"""Shortest and longest wait that can be asked for."""


@dataclass(frozen=True)
class StaffQuestion:
    """Which share of visitors is to be called within how many minutes.

    Attributes
    ----------
    percent, minutes
        The share, and the minutes.
    is_hall_wide
        Whether half-hours are judged over all pools together.
    """

    percent: float = 90.0
    minutes: float = 15.0
    is_hall_wide: bool = False

    @property
    def text(self) -> str:
        """The target as ``hallplan staff --target`` reads it."""
        return f"{self.percent:.6g}% within {self.minutes:.6g} min" + (" hall-wide" if self.is_hall_wide else "")

    @property
    def target(self) -> Target:
        """The target."""
        return parse_target(self.text)


@dataclass(frozen=True, eq=False)
class StaffArithmetic:
    """What formulas say, before anything is simulated.

    Attributes
    ----------
    requirements
        Officers that every pool requires by half-hour.
    plan
        The cheapest shifts that cover them.
    present
        Officers of these pools on duty at most at present.
    """

    requirements: tuple[Requirement, ...]
    plan: StaffPlan
    present: int


def arithmetic_unit(plan: Plan, question: StaffQuestion) -> Unit:
    """Return the work that answers by formulas.

    Raises
    ------
    HallplanError
        If the plan is larger than the page takes on.
    """
    check_size(plan.scenario)
    name = job_name("staff-arithmetic", fingerprint(plan.scenario), question.text)
    return Unit(f"staff-arithmetic:{name}", _arithmetic, (plan.scenario, question))


def staff_unit(plan: Plan, question: StaffQuestion, *, seed: int) -> Unit:
    """Return the work that searches for a plan of shifts and certifies it.

    Parameters
    ----------
    plan, question
        The hall, and what is to be kept.
    seed
        Of the random numbers.

    Raises
    ------
    HallplanError
        If the plan is larger than the page takes on.
    """
    check_size(plan.scenario)
    name = job_name("staff", fingerprint(plan.scenario), question.text, str(seed))
    return Unit(f"staff:{name}", _staff, (plan.composed, question.text, seed))


def toml(plan: Plan, result: Staffing) -> bytes:
    """Return the scenario of a plan worked in the shifts of a staffing, as ``--scenario-out`` writes it."""
    return to_toml(plan_table(plan.composed.raw, plan.scenario, result.plan)).encode("utf-8")


def present(scenario: Scenario, pools: frozenset[str]) -> int:
    """Return how many officers pools have on duty at most, each pool at its fullest."""
    return sum(int(pool.servers.max(initial=0)) for pool in compile_plan(scenario).pools if pool.name in pools)


def _arithmetic(scenario: Scenario, question: StaffQuestion) -> StaffArithmetic:
    needed = requirements(scenario, [question.target])
    pools = frozenset(required.pool for required in needed)
    return StaffArithmetic(needed, planned(scenario, needed), present(scenario, pools))


def _staff(composed: Composed, target: str, seed: int) -> Staffing:
    return staff(composed, target, seed=seed, workers=1)
