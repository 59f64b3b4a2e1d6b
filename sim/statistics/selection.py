"""Choosing the best of several systems, with a guarantee or within a budget.

Input: the values of every system by replication, and how small a difference no longer matters.  Output: which
replications are needed next, and at the end a :class:`Selection`.  With a guarantee: :class:`KnState`, fully
sequential, fit for common random numbers.  Within a budget, without one: :class:`OcbaState`.
:func:`rinott_constant` is the measuring stick: the procedure for independent systems whose guarantee is proved without
conditions.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from foundation.arrays import FloatArray, IntArray

__all__ = [
    "FIRST_STAGE",
    "Better",
    "KnState",
    "OcbaState",
    "Selection",
    "SelectionState",
    "kn_eta",
    "ocba_allocation",
    "ocba_fractions",
    "rinott_constant",
    "rinott_sizes",
]

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


class SelectionState(ABC):
    """A procedure of selection, as far as the values of the systems bring it.

    It is a fold: :meth:`advance` is given all values so far, and the procedure goes on as far as they reach.  The
    result depends on the values alone, not on how many came at a time.

    Attributes
    ----------
    needed
        Replications of every system without which the procedure can't go on.
    selection
        The result; ``None`` until the procedure has ended.
    """

    def __init__(self, systems: int, better: Better, first_stage: int) -> None:
        self._sign = 1.0 if better == "higher" else -1.0
        self._values: list[FloatArray] = [np.zeros(0) for _ in range(systems)]
        self.needed = [first_stage] * systems
        self.selection: Selection | None = None

    def advance(self, values: Sequence[npt.ArrayLike]) -> None:
        """Go on with all values so far, one array a system; values beyond the needed ones are not looked at."""
        signed = [self._sign * np.asarray(sample, dtype=np.float64) for sample in values]
        while self.selection is None and all(
            sample.size >= needed for sample, needed in zip(signed, self.needed, strict=True)
        ):
            self._values = [sample[:needed] for sample, needed in zip(signed, self.needed, strict=True)]
            self._step()

    @abstractmethod
    def _step(self) -> None:
        """Decide with the needed values: set the selection, or what is needed next."""

    @property
    def _sizes(self) -> IntArray:
        return np.array(self.needed, dtype=np.int64)

    @property
    def _means(self) -> FloatArray:
        return np.array([sample.mean() for sample in self._values])

    def _select(
        self, best: int, in_contention: tuple[int, ...], procedure: Literal["kn", "kn-stopped", "ocba"]
    ) -> None:
        means = tuple((self._sign * self._means).tolist())
        self.selection = Selection(best, means, tuple(self.needed), in_contention, procedure)


def kn_eta(systems: int, alpha: float, first_stage: int) -> float:
    """Return the constant η of the KN procedure, for c = 1 and systems that may depend on one another.

    η solves ``½ (1 + 2η) ** (-(n0 - 1) / 2) = alpha / (k - 1)`` (Kim & Nelson 2001, section 3): Bonferroni over the
    k - 1 competitors.  The form with ``1 - (1 - alpha) ** (1 / (k - 1))`` is for independent systems only, and not
    for common random numbers.
    """
    return 0.5 * (float((2 * alpha / (systems - 1)) ** (-2 / (first_stage - 1))) - 1)


class KnState(SelectionState):
    """Selection of the best, one replication after another, dropping the systems that fall behind (KN).

    Kim & Nelson (2001), "A fully sequential procedure for indifference-zone selection in simulation", ACM TOMACS 11.
    For normal replications, dependent across systems as common random numbers make them, the best is selected with
    probability ``1 - alpha`` at least, if it is better than every other by `delta`.  That a system within `delta` of
    the best is selected with this probability whatever the means (probability of good selection) is proved in special
    cases only, and shown in experiments.

    Parameters
    ----------
    systems
        How many there are; all still in contention have the same replications.
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

    def __init__(
        self,
        systems: int,
        *,
        delta: float,
        alpha: float = 0.05,
        better: Better = "lower",
        first_stage: int = FIRST_STAGE,
        stride: int = 1,
        at_most: int | None = None,
    ) -> None:
        if systems < 2 or delta <= 0 or not 0 < alpha < 1 - 1 / systems or first_stage < 2 or stride < 1:
            raise ValueError(
                "KN needs two systems, delta > 0, 0 < alpha < 1 - 1/k, a first stage of 2 and a stride of 1"
            )
        super().__init__(systems, better, first_stage)
        self._delta, self._stride, self._at_most = delta, stride, at_most
        self._first_stage = self._replications = first_stage
        self._squared_h = 2 * kn_eta(systems, alpha, first_stage) * (first_stage - 1)
        self._left = np.arange(systems)
        self._reach = np.zeros((0, 0))

    @property
    def limit(self) -> int | None:
        """Replications of one system at which the procedure ends; ``None`` before the first stage."""
        return None if not self._reach.size else self._limit[0]

    @property
    def _limit(self) -> tuple[int, int]:
        """The last replication, and the one after which the guarantee holds."""
        last = int(np.floor(self._reach).max()) + 1
        return last if self._at_most is None else min(last, max(self._at_most, self._first_stage)), last

    def _step(self) -> None:
        if not self._reach.size:
            first = np.array(self._values)
            variances = np.var(first[:, None, :] - first[None, :, :], axis=2, ddof=1)
            self._reach = self._squared_h * variances / self._delta**2
        (limit, last), left, r = self._limit, self._left, self._replications
        allowed = np.maximum(0.0, self._delta / (2 * r) * (self._reach[np.ix_(left, left)] - r))
        means = self._means[left]
        self._left = left = left[(means[:, None] >= means[None, :] - allowed).all(axis=1)]
        if left.size == 1 or r >= limit:
            best = int(left[np.argmax(self._means[left])])
            guaranteed = left.size == 1 or r >= last
            self._select(best, tuple(left.tolist()), "kn" if guaranteed else "kn-stopped")
            return
        self._replications = r + min(self._stride, limit - r)
        for system in left.tolist():
            self.needed[system] = self._replications


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
    rounded = np.floor(wanted).astype(np.int64)
    short = budget - int(rounded.sum())
    if short > 0:
        rounded[np.argsort(rounded - wanted, kind="stable")[:short]] += 1
    more: IntArray = np.maximum(rounded - done, 0)
    return more


class OcbaState(SelectionState):
    """Selection of the best within a budget of replications (OCBA); there is no guarantee.

    Parameters
    ----------
    systems, better, first_stage
        As for :class:`KnState`.
    budget
        Replications of all systems together.
    step
        Replications between two looks at how to divide the rest.

    Raises
    ------
    ValueError
        If the budget doesn't suffice for the first stage, or `step` is not 1 or more.
    """

    def __init__(
        self,
        systems: int,
        *,
        budget: int,
        better: Better = "lower",
        first_stage: int = FIRST_STAGE,
        step: int = 10,
    ) -> None:
        if systems < 2 or first_stage < 2 or step < 1 or budget < systems * first_stage:
            raise ValueError(
                "OCBA needs two systems, a first stage of 2, a step of 1, and a budget for the first stage"
            )
        super().__init__(systems, better, first_stage)
        self._budget, self._stride = budget, step

    def _step(self) -> None:
        spent = int(self._sizes.sum())
        if spent >= self._budget:
            self._select(int(np.argmax(self._means)), tuple(range(len(self.needed))), "ocba")
            return
        variances = np.array([sample.var(ddof=1) for sample in self._values])
        fractions = ocba_fractions(self._means, variances, better="higher")
        more = ocba_allocation(fractions, self._sizes, min(spent + self._stride, self._budget))
        self.needed = [size + extra for size, extra in zip(self.needed, more.tolist(), strict=True)]


# ---- the measuring stick -------------------------------------------------------------------------------------------


def rinott_constant(systems: int, *, alpha: float = 0.05, first_stage: int = FIRST_STAGE) -> float:
    """Return Rinott's h: with ``N_i = ⌈(h S_i / δ)²⌉`` replications the best mean is within δ of the best system's.

    h solves ``E[ E[Φ(h / √(ν (1/X + 1/Y))) | Y] ** (k - 1) ] = 1 - alpha`` for independent chi-squares X and Y with
    ν = n0 - 1 degrees of freedom (Rinott 1978).  The expectations are integrals over the distributions' quantiles,
    by Gauss-Legendre quadrature.  For independent systems the probability of good selection is proved.

    Parameters
    ----------
    systems
        Number of systems, k.
    alpha
        Probability of a wrong selection that is accepted.
    first_stage
        Replications of each system in the first stage, n0.

    Returns
    -------
    float
        h.
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
    """Return Rinott's total numbers of replications, from the first stage's variances.

    Parameters
    ----------
    variances
        Variance of each system in the first stage, shape (systems,).
    delta
        The smallest difference that matters.
    h
        Rinott's constant (:func:`rinott_constant`).
    first_stage
        Replications of the first stage; no system gets fewer.

    Returns
    -------
    int array, shape (systems,)
    """
    needed = np.ceil(h**2 * np.asarray(variances, dtype=np.float64) / delta**2)
    return np.maximum(needed, first_stage).astype(np.int64)
