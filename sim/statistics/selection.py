"""Choosing the best of several systems, with a guarantee or within a budget.

Comes in: a function that gives replications of any system, and how small a difference no longer matters.  Goes out: a
:class:`Selection`.  With a guarantee: :func:`select_kn`, fully sequential, fit for common random numbers.  Within a
budget, without one: :func:`select_ocba`.  :func:`rinott_constant` is the measuring stick: the procedure for
independent systems whose guarantee is proved without conditions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from sim.calendar import FloatArray, IntArray

__all__ = [
    "FIRST_STAGE",
    "Better",
    "Sample",
    "Selection",
    "kn_eta",
    "ocba_allocation",
    "ocba_fractions",
    "rinott_constant",
    "rinott_sizes",
    "select_kn",
    "select_ocba",
]

Sample = Callable[[int, int, int], npt.ArrayLike]
"""Gives replications ``first … first + number - 1`` of a system: ``sample(system, first, number)``."""

Better = Literal["higher", "lower"]

FIRST_STAGE: Final = 20
"""Replications of every system from which variances are estimated."""

_NODES: Final = 200
"""Points of the quadrature behind Rinott's constant; twice as many change it by less than 1e-6."""


@dataclass(frozen=True)
class Selection:
    """Which system was selected, and what each has shown.

    Attributes
    ----------
    best
        The system selected.
    means, replications
        Of every system, over the replications that it was given.
    in_contention
        Systems that were never screened out; with a budget, all.
    procedure
        ``kn``; ``kn-stopped``, when the replications that were allowed did not suffice; or ``ocba``.  Only the first
        guarantees anything.
    """

    best: int
    means: tuple[float, ...]
    replications: tuple[int, ...]
    in_contention: tuple[int, ...]
    procedure: Literal["kn", "kn-stopped", "ocba"]


class _Seen:
    """Replications of every system so far; better is always higher in here."""

    def __init__(self, sample: Sample, systems: int, better: Better) -> None:
        self._sample, self._sign = sample, 1.0 if better == "higher" else -1.0
        self._values: list[FloatArray] = [np.zeros(0) for _ in range(systems)]

    def take(self, system: int, number: int) -> None:
        seen = self._values[system]
        new = np.asarray(self._sample(system, seen.size, number), dtype=np.float64).ravel()
        if new.size != number:
            raise ValueError(f"asked for {number} replications of system {system}, got {new.size}")
        self._values[system] = np.concatenate((seen, self._sign * new))

    @property
    def values(self) -> list[FloatArray]:
        return self._values

    @property
    def sizes(self) -> IntArray:
        return np.array([one.size for one in self._values], dtype=np.int64)

    @property
    def means(self) -> FloatArray:
        return np.array([one.mean() for one in self._values])

    def selection(
        self, best: int, in_contention: tuple[int, ...], procedure: Literal["kn", "kn-stopped", "ocba"]
    ) -> Selection:
        means = tuple((self._sign * self.means).tolist())
        return Selection(best, means, tuple(self.sizes.tolist()), in_contention, procedure)


def kn_eta(systems: int, alpha: float, first_stage: int) -> float:
    """Return the constant η of the KN procedure, for c = 1 and systems that may depend on one another.

    η solves ``½ (1 + 2η) ** (-(n0 - 1) / 2) = alpha / (k - 1)`` (Kim & Nelson 2001, section 3): Bonferroni over the
    k - 1 competitors.  The form with ``1 - (1 - alpha) ** (1 / (k - 1))`` is for independent systems only, and not
    for common random numbers.
    """
    return 0.5 * (float((2 * alpha / (systems - 1)) ** (-2 / (first_stage - 1))) - 1)


def select_kn(
    sample: Sample,
    systems: int,
    *,
    delta: float,
    alpha: float = 0.05,
    better: Better = "lower",
    first_stage: int = FIRST_STAGE,
    stride: int = 1,
    at_most: int | None = None,
) -> Selection:
    """Select the best of several systems, one replication after another, dropping those that fall behind (KN).

    Kim & Nelson (2001), "A fully sequential procedure for indifference-zone selection in simulation", ACM TOMACS 11.
    For normal replications, dependent across systems as common random numbers make them, the best is selected with
    probability ``1 - alpha`` at least, if it is better than every other by `delta`.  That a system within `delta` of
    the best is selected with this probability whatever the means (probability of good selection) is proved in special
    cases only, and shown in experiments.

    Parameters
    ----------
    sample
        Gives replications; the same numbers of replication are taken of all systems still in contention.
    systems
        How many there are.
    delta
        The smallest difference in the mean that matters.
    alpha
        Allowed probability of a wrong selection.
    better
        Whether a ``lower`` or a ``higher`` mean is better.
    first_stage
        Replications of each from which variances are estimated.
    stride
        Replications between two screenings.  More screen later, not worse: the guarantee is for every time at which
        one could have been screened out.
    at_most
        Replications of one system at which to give up the guarantee and take the best so far.

    Raises
    ------
    ValueError
        If there are fewer than two systems, or `delta`, `alpha`, `first_stage` or `stride` make no sense.
    """
    if systems < 2 or delta <= 0 or not 0 < alpha < 1 - 1 / systems or first_stage < 2 or stride < 1:
        raise ValueError("KN needs two systems, delta > 0, 0 < alpha < 1 - 1/k, a first stage of 2 and a stride of 1")
    seen = _Seen(sample, systems, better)
    for system in range(systems):
        seen.take(system, first_stage)
    first = np.array(seen.values)
    variances = np.var(first[:, None, :] - first[None, :, :], axis=2, ddof=1)
    squared_h = 2 * kn_eta(systems, alpha, first_stage) * (first_stage - 1)
    reach = squared_h * variances / delta**2
    last = int(np.floor(reach).max()) + 1
    limit = last if at_most is None else min(last, max(at_most, first_stage))
    left, r = np.arange(systems), first_stage
    while True:
        allowed = np.maximum(0.0, delta / (2 * r) * (reach[np.ix_(left, left)] - r))
        means = seen.means[left]
        left = left[(means[:, None] >= means[None, :] - allowed).all(axis=1)]
        if left.size == 1 or r >= limit:
            break
        step = min(stride, limit - r)
        for system in left.tolist():
            seen.take(system, step)
        r += step
    best = int(left[np.argmax(seen.means[left])])
    sure = left.size == 1 or r >= last
    return seen.selection(best, tuple(left.tolist()), "kn" if sure else "kn-stopped")


# ---- within a budget -----------------------------------------------------------------------------------------------


def ocba_fractions(means: npt.ArrayLike, variances: npt.ArrayLike, *, better: Better = "lower") -> FloatArray:
    """Return which fraction of a budget each system should have (OCBA).

    With gaps δ to the best system b, ``N_i / N_j = (σ_i / δ_i)² / (σ_j / δ_j)²`` and ``N_b = σ_b √(Σ (N_i / σ_i)²)``
    (Chen, Lin, Yücesan & Chick 2000, "Simulation budget allocation for further enhancing the efficiency of ordinal
    optimization"): it maximises a bound on the probability of selecting the best, for independent systems.  Systems
    that tie with the best share, with it, all there is.

    Parameters
    ----------
    means, variances
        Of every system, shape (systems,).
    better
        Whether a ``lower`` or a ``higher`` mean is better.

    Returns
    -------
    array
        Fractions that sum to 1; equal ones if no system varies.
    """
    mean = np.asarray(means, dtype=np.float64) * (1.0 if better == "higher" else -1.0)
    variance = np.asarray(variances, dtype=np.float64)
    best = int(np.argmax(mean))
    others = np.arange(mean.size) != best
    gap = mean[best] - mean
    if (gap[others] == 0).any():
        gap = np.where(gap == 0, 1.0, np.inf)
    weight = np.zeros(mean.size)
    weight[others] = variance[others] / gap[others] ** 2
    weight[best] = np.sqrt(variance[best] * (variance[others] / gap[others] ** 4).sum())
    total = float(weight.sum())
    return weight / total if total > 0 else np.full(mean.size, 1 / mean.size)


def ocba_allocation(fractions: FloatArray, done: IntArray, budget: int) -> IntArray:
    """Return how many more replications each system gets, so that all have had `budget` in the wanted fractions.

    A system that has had more than its part keeps what it has, and the others share the rest.
    """
    done = np.asarray(done, dtype=np.int64)
    open_ = np.ones(done.size, dtype=np.bool_)
    wanted = done.astype(np.float64)
    while open_.any():
        rest, part = budget - done[~open_].sum(), fractions[open_].sum()
        wanted[open_] = rest * (fractions[open_] / part if part > 0 else 1 / open_.sum())
        over = open_ & (wanted < done)
        if not over.any():
            break
        wanted[over], open_ = done[over], open_ & ~over
    whole = np.floor(wanted).astype(np.int64)
    short = budget - int(whole.sum())
    if short > 0:
        whole[np.argsort(whole - wanted, kind="stable")[:short]] += 1
    more: IntArray = np.maximum(whole - done, 0)
    return more


def select_ocba(
    sample: Sample,
    systems: int,
    *,
    budget: int,
    better: Better = "lower",
    first_stage: int = FIRST_STAGE,
    step: int = 10,
) -> Selection:
    """Select the best of several systems within a budget of replications (OCBA); there is no guarantee.

    Parameters
    ----------
    sample, systems, better, first_stage
        As for :func:`select_kn`.
    budget
        Replications of all systems together.
    step
        Replications between two looks at how to divide the rest.

    Raises
    ------
    ValueError
        If the budget doesn't suffice for the first stage, or `step` is not 1 or more.
    """
    if systems < 2 or first_stage < 2 or step < 1 or budget < systems * first_stage:
        raise ValueError("OCBA needs two systems, a first stage of 2, a step of 1, and a budget for the first stage")
    seen = _Seen(sample, systems, better)
    for system in range(systems):
        seen.take(system, first_stage)
    while (spent := int(seen.sizes.sum())) < budget:
        variances = np.array([one.var(ddof=1) for one in seen.values])
        fractions = ocba_fractions(seen.means, variances, better="higher")
        more = ocba_allocation(fractions, seen.sizes, min(spent + step, budget))
        for system in np.flatnonzero(more).tolist():
            seen.take(system, int(more[system]))
    return seen.selection(int(np.argmax(seen.means)), tuple(range(systems)), "ocba")


# ---- the measuring stick -------------------------------------------------------------------------------------------


def rinott_constant(systems: int, *, alpha: float = 0.05, first_stage: int = FIRST_STAGE) -> float:
    """Return Rinott's h: with ``N_i = ⌈(h S_i / δ)²⌉`` replications the best mean is within δ of the best system's.

    h solves ``E[ E[Φ(h / √(ν (1/X + 1/Y))) | Y] ** (k - 1) ] = 1 - alpha`` for independent chi-squares X and Y with
    ν = n0 - 1 degrees of freedom (Rinott 1978).  The expectations are integrals over the distributions' quantiles,
    by Gauss-Legendre quadrature.  For independent systems the probability of good selection is proved.
    """
    from scipy import special

    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    degrees = first_stage - 1
    chi_square = 2 * special.gammaincinv(degrees / 2, (nodes + 1) / 2)
    weights = weights / 2
    spread = np.sqrt(degrees * (1 / chi_square[:, None] + 1 / chi_square[None, :]))

    def probability(h: float) -> float:
        return float(weights @ (special.ndtr(h / spread) @ weights) ** (systems - 1))

    low, high = 0.0, 1.0
    while probability(high) < 1 - alpha:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if probability(middle) < 1 - alpha else (low, middle)
    return high


def rinott_sizes(variances: npt.ArrayLike, *, delta: float, h: float, first_stage: int = FIRST_STAGE) -> IntArray:
    """Return Rinott's total numbers of replications, from the first stage's variances."""
    needed = np.ceil(h**2 * np.asarray(variances, dtype=np.float64) / delta**2)
    return np.maximum(needed, first_stage).astype(np.int64)
