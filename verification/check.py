"""What a check is, and how it is judged: a formula against a simulation, in standard errors.

Input: the replications of a scenario.  Output: a :class:`Finding`: what the formula says, what was simulated, how far
apart they are, and whether that is further than chance explains at a stated probability of error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
from scipy import special

from sim.program import Log, Program
from verification.runs import Run
from verification.statistics import Statistic

__all__ = [
    "ERROR_PROBABILITY",
    "LONGER_WORK",
    "MORE_DEMAND",
    "Check",
    "ExactCheck",
    "Fault",
    "Finding",
    "Identity",
    "Simulated",
    "Unit",
    "allowed_deviation",
    "judge",
    "judge_exact",
]

ERROR_PROBABILITY: Final = 5e-5
"""Probability that one check goes red although simulation and formula agree."""

LONGER_WORK: Final[Mapping[str, Any]] = {"pools.*.work_factor": 1.02}
"""Every service takes two percent longer."""
MORE_DEMAND: Final[Mapping[str, Any]] = {"demand": 1.02}
"""Two percent more come."""

Fault = Mapping[str, Any] | Callable[[Log], Log]
"""What is planted to see that a check goes red: changes to the scenario by dotted path, or to the log."""

Unit = Literal["min", "share", "number", "days"]


@dataclass(frozen=True)
class Check:
    """A statistic of simulated logs, held against a formula.

    Attributes
    ----------
    name
        By which reports and the catalogue know it.
    scenario
        File name of its scenario.
    statistic
        What is read from each replication: a numerator and a denominator.
    theory
        What the formula says, for the scenario's numbers.
    formula, source
        The formula as it is printed, and where it is derived.
    unit
        Of the value.
    fault
        A two-percent fault that the check must see.
    at_most
        The formula is a bound that the statistic must not exceed.
    """

    name: str
    scenario: str
    statistic: Statistic
    theory: Callable[[], float]
    formula: str
    source: str
    unit: Unit = "min"
    fault: Fault = field(default_factory=lambda: LONGER_WORK)
    at_most: bool = False


@dataclass(frozen=True)
class Identity:
    """An exact law: the expected value, the observed value, and whether every single case obeys it."""

    expected: float
    observed: float
    holds: bool


@dataclass(frozen=True)
class ExactCheck:
    """A law that holds path by path, to the millisecond: there is no chance in it.

    Attributes
    ----------
    identity
        What the law says about a run, given the program as it was drawn for the scenario without a fault.
    name, scenario, formula, source, unit, fault
        As for :class:`Check`.
    """

    name: str
    scenario: str
    identity: Callable[[Run, Program], Identity]
    formula: str
    source: str
    unit: Unit = "min"
    fault: Fault = field(default_factory=lambda: LONGER_WORK)


@dataclass(frozen=True)
class Simulated:
    """How much was simulated: replications, measured days in each, who set out on them in all, and from which seed."""

    replications: int
    days: int
    entities: int
    seed: int


@dataclass(frozen=True)
class Finding:
    """How a check came out.

    Attributes
    ----------
    check
        The check.
    theory, simulated
        Both values, in the check's unit.
    standard_error
        Of the simulated value; 0 for an exact law.
    deviation
        Simulated minus theory, in standard errors.
    allowed
        Deviation beyond which the check is red; 0 for an exact law.
    passed
        The verdict.
    sample
        How much was simulated.
    """

    check: Check | ExactCheck
    theory: float
    simulated: float
    standard_error: float
    deviation: float
    allowed: float
    passed: bool
    sample: Simulated


def allowed_deviation(replications: int, *, one_sided: bool = False) -> float:
    """Return the deviation, in standard errors, that chance exceeds with :data:`ERROR_PROBABILITY`.

    A quantile of Student's t with one degree of freedom less than there are replications.
    """
    tail = ERROR_PROBABILITY if one_sided else ERROR_PROBABILITY / 2
    return -float(special.stdtrit(replications - 1, tail))


def judge(check: Check, pairs: Sequence[tuple[float, float]], simulated: Simulated) -> Finding:
    """Hold what was read from the replications against the formula.

    The value is the ratio of sums; its standard error comes from the spread of ``numerator - ratio · denominator`` over
    the independent replications (Cochran 1977, ch. 6), so that dependence within a replication does no
    harm.
    """
    top, bottom = np.array(pairs, dtype=np.float64).T
    ratio = float(top.sum() / bottom.sum())
    number = len(pairs)
    spread = float(np.sqrt(number / (number - 1) * np.sum(np.square(top - ratio * bottom))))
    error = spread / float(bottom.sum())
    theory = check.theory()
    deviation = (ratio - theory) / error
    allowed = allowed_deviation(number, one_sided=check.at_most)
    passed = deviation <= allowed if check.at_most else abs(deviation) <= allowed
    return Finding(check, theory, ratio, error, deviation, allowed, bool(passed), simulated)


def judge_exact(check: ExactCheck, identity: Identity, simulated: Simulated) -> Finding:
    """Report a law that admits no deviation: none, or an infinite one."""
    deviation = 0.0 if identity.holds else float("inf")
    return Finding(check, identity.expected, identity.observed, 0.0, deviation, 0.0, identity.holds, simulated)
