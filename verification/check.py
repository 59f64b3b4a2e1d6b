"""A check and its verdict: a formula is compared with a simulation, in standard errors.

Input: the replications of a scenario.  Output: a :class:`Finding`: the value of the formula, the simulated value, their
difference, and whether it is larger than chance explains at a stated probability of error.
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
"""Probability that a check fails although simulation and formula agree."""

LONGER_WORK: Final[Mapping[str, Any]] = {"pools.*.work_factor": 1.02}
"""Every service takes two percent longer."""
MORE_DEMAND: Final[Mapping[str, Any]] = {"demand": 1.02}
"""Two percent more visitors come."""

Fault = Mapping[str, Any] | Callable[[Log], Log]
"""A planted fault that must make a check fail: changes to the scenario by dotted path, or to the log."""

Unit = Literal["min", "share", "number", "days"]


@dataclass(frozen=True)
class Check:
    """A statistic of simulated logs that is compared with a formula.

    Attributes
    ----------
    name
        Its name in reports and in the catalogue of texts.
    scenario
        File name of its scenario.
    statistic
        Numerator and denominator of each replication.
    theory
        The value of the formula, for the scenario's numbers.
    formula, source
        The formula as it is printed, and the source of its derivation.
    unit
        Unit of the value.
    fault
        A two-percent fault that the check must notice.
    at_most
        Whether the formula is a bound that the statistic must not exceed.
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
    """A law that holds for every path, to the millisecond, without chance.

    Attributes
    ----------
    identity
        The result of the law on a run, given the program that was drawn for the scenario without a fault.
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
    """The sample: replications, measured days of each, visits and cases that began on them in total, and the seed."""

    replications: int
    days: int
    entities: int
    seed: int


@dataclass(frozen=True)
class Finding:
    """The result of a check.

    Attributes
    ----------
    check
        The check.
    theory, simulated
        Both values, in the check's unit.
    standard_error
        Standard error of the simulated value; 0 for an exact law.
    deviation
        Simulated minus theory, in standard errors.
    allowed
        Deviation beyond which the check fails; 0 for an exact law.
    passed
        The verdict.
    sample
        The size of the sample.
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
    """Compare the statistic of the replications with the formula.

    The value is a ratio of sums.  Its standard error comes from the spread of ``numerator - ratio · denominator`` over
    independent replications (Cochran 1977, ch. 6), so dependence within a replication does no harm.

    Parameters
    ----------
    check
        The check.
    pairs
        Numerator and denominator of each replication.
    simulated
        How much was simulated, for the finding.
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
    """Judge a law without chance: its deviation is zero or infinite.

    Parameters
    ----------
    check
        The check.
    identity
        The result of the law on the simulated runs.
    simulated
        How much was simulated, for the finding.
    """
    deviation = 0.0 if identity.holds else float("inf")
    return Finding(check, identity.expected, identity.observed, 0.0, deviation, 0.0, identity.holds, simulated)
