"""Queueing theory of one station: waits, losses and numbers present, each formula with its source.

Input: rates and moments of service.  Output: means and probabilities of the stationary queue.  Rates are per unit of
time, and times are in the same unit, which the caller chooses.  The simulator is compared with these functions.  So
they share no code with it; Erlang's formulas are those of :mod:`planner.erlang`, which knows no simulator either.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy import integrate, optimize, stats

from foundation.arrays import FloatArray
from planner.erlang import called_within, erlang_c

__all__ = [
    "DeterministicServers",
    "ExponentialServers",
    "Impatience",
    "Moments",
    "batch_wait",
    "birth_death",
    "bulk_wait",
    "cobham_waits",
    "cobham_waits_many_servers",
    "gi_m_1_root",
    "impatient",
    "kingman_bound",
    "limited_room",
    "machine_repair",
    "mg1_busy_period",
    "mg1_number",
    "mg1_square_wait",
    "mg1_wait",
    "mg1_workload",
    "preemptive_sojourns",
    "vacation_wait",
]


# ---- exponential service -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ExponentialServers:
    """M/M/c: Poisson arrivals, exponential service, one queue (Kleinrock 1975, §3.2 and §3.5).

    Attributes
    ----------
    servers, arrival_rate, mean_work
        Servers, arrivals per unit of time, and mean service time.
    """

    servers: int
    arrival_rate: float
    mean_work: float

    @property
    def load(self) -> float:
        """Offered load ``a = λ/μ``."""
        return self.arrival_rate * self.mean_work

    @property
    def utilisation(self) -> float:
        """``ρ = a/c``."""
        return self.load / self.servers

    @property
    def _spare_rate(self) -> float:
        return self.servers / self.mean_work - self.arrival_rate

    @property
    def waits(self) -> float:
        """Probability of having to wait, ``C(c, a)``."""
        return float(erlang_c(self.servers, self.load))

    @property
    def wait(self) -> float:
        """Mean wait, ``C(c, a) / (cμ - λ)``."""
        return self.waits / self._spare_rate

    @property
    def number(self) -> float:
        """Mean number present, ``λW + a``."""
        return self.arrival_rate * self.wait + self.load

    def waits_longer_than(self, time: float) -> float:
        """Return ``P(W > t) = C(c, a) exp(-(cμ - λ) t)``."""
        return 1 - float(called_within(self.servers, self.load, within=time, mean_work=self.mean_work))


def birth_death(births: Sequence[float], deaths: Sequence[float]) -> FloatArray:
    """Return the stationary distribution of a birth-and-death process: Kleinrock 1975, §3.1.

    Parameters
    ----------
    births, deaths
        Rates from state k to k + 1, and from k + 1 to k, k = 0, 1, …
    """
    weights = np.cumprod([1.0, *(up / down for up, down in zip(births, deaths, strict=True))])
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def limited_room(servers: int, room: int, *, arrival_rate: float, mean_work: float) -> tuple[float, float]:
    """Return the share lost and the mean wait of the others in M/M/c with `room` waiting places.

    Birth and death (Kleinrock 1975, §3.6).  A visitor who finds all places taken is lost.  Poisson arrivals see time
    averages (Wolff 1982), and Little's law turns the mean queue into a wait.
    """
    states = servers + room
    p = birth_death([arrival_rate] * states, [min(k, servers) / mean_work for k in range(1, states + 1)])
    queue = float(np.maximum(np.arange(states + 1) - servers, 0) @ p)
    return float(p[-1]), queue / (arrival_rate * (1 - float(p[-1])))


def machine_repair(machines: int, repairers: int, *, mean_run: float, mean_repair: float) -> FloatArray:
    """Return the distribution of the number of machines that are down: Palm 1947; Kleinrock 1975, §3.8 and §3.10."""
    up = [(machines - k) / mean_run for k in range(machines)]
    return birth_death(up, [min(k, repairers) / mean_repair for k in range(1, machines + 1)])


@dataclass(frozen=True)
class Impatience:
    """Means with impatient customers: share who wait, share who leave, and the mean time in the queue over all."""

    waits: float
    leaves: float
    wait: float


def impatient(
    servers: int,
    *,
    arrival_rate: float,
    mean_work: float,
    survival: Callable[[float], float],
    longest: float,
) -> Impatience:
    """Return shares and mean wait of M/M/c with patience of any law (M/M/c+G).

    With ``H(x) = ∫₀ˣ survival``, ``J = ∫ exp(λH(x) - cμx) dx``, ``K = ∫ H(x) exp(λH(x) - cμx) dx`` and
    ``ε = Σ_{j<c} a^j/j! / (a^(c-1)/(c-1)!)``: P(wait) = λJ/(ε + λJ), P(leave) = (1 + (λ - cμ)J)/(ε + λJ),
    mean wait = λK/(ε + λJ).  Baccelli and Hebuterne 1981; in this form Zeltyn and Mandelbaum 2005 (mean wait from
    the density of the offered wait there).  With exponential patience this is Erlang-A (Palm 1957).

    Parameters
    ----------
    servers, arrival_rate, mean_work
        c, λ and 1/μ.
    survival
        ``P(patience > x)``.
    longest
        Upper end of the integrals; beyond it ``exp(λH - cμx)`` is negligible.
    """
    service = servers / mean_work
    grid = np.linspace(0.0, longest, 200_001)
    left = np.array([survival(x) for x in grid])
    h = integrate.cumulative_simpson(left, x=grid, initial=0.0)
    weight = np.exp(arrival_rate * h - service * grid)
    j = float(integrate.simpson(weight, x=grid))
    k = float(integrate.simpson(h * weight, x=grid))
    load = arrival_rate * mean_work
    below = [load**n / math.factorial(n) for n in range(servers)]
    epsilon = sum(below) / below[-1]
    total = epsilon + arrival_rate * j
    return Impatience(
        waits=arrival_rate * j / total,
        leaves=(1 + (arrival_rate - service) * j) / total,
        wait=arrival_rate * k / total,
    )


# ---- general service, one server -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moments:
    """First three moments of a time about zero, each worked out from the law's own parameters."""

    first: float
    second: float
    third: float = math.nan

    @classmethod
    def exponential(cls, mean: float) -> Moments:
        """``n! mean^n``."""
        return cls(mean, 2 * mean**2, 6 * mean**3)

    @classmethod
    def constant(cls, value: float) -> Moments:
        """``value^n``."""
        return cls(value, value**2, value**3)

    @classmethod
    def lognormal(cls, mean: float, cv: float) -> Moments:
        """``mean^n (1 + cv²)^(n(n-1)/2)`` (Johnson, Kotz and Balakrishnan 1994, ch. 14)."""
        return cls(*(mean**n * (1 + cv**2) ** (n * (n - 1) / 2) for n in (1, 2, 3)))

    @classmethod
    def gamma(cls, mean: float, cv: float) -> Moments:
        """``mean^n Π_{i<n} (1 + i cv²)``."""
        return cls(mean, mean**2 * (1 + cv**2), mean**3 * (1 + cv**2) * (1 + 2 * cv**2))

    @classmethod
    def weibull(cls, shape: float, scale: float) -> Moments:
        """``scale^n Γ(1 + n / shape)``."""
        return cls(*(scale**n * math.gamma(1 + n / shape) for n in (1, 2, 3)))

    @classmethod
    def pert(cls, low: float, mode: float, high: float) -> Moments:
        """Moments of ``low + (high - low) B``, B beta of shape 4 with its peak at the mode (Malcolm et al. 1959)."""
        width = high - low
        a, b = 1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width
        first = a / (a + b)
        second = first * (a + 1) / (a + b + 1)
        third = second * (a + 2) / (a + b + 2)
        return cls(
            low + width * first,
            low**2 + 2 * low * width * first + width**2 * second,
            low**3 + 3 * low**2 * width * first + 3 * low * width**2 * second + width**3 * third,
        )

    @classmethod
    def uniform(cls, low: float, high: float) -> Moments:
        """``(high^(n+1) - low^(n+1)) / ((n+1)(high - low))``."""
        return cls(*((high ** (n + 1) - low ** (n + 1)) / ((n + 1) * (high - low)) for n in (1, 2, 3)))

    @classmethod
    def mixed(cls, parts: Sequence[tuple[float, Moments]]) -> Moments:
        """Mix laws by their shares."""
        return cls(*(sum(share * getattr(part, n) for share, part in parts) for n in ("first", "second", "third")))


def mg1_wait(arrival_rate: float, work: Moments) -> float:
    """Return the mean wait in M/G/1, ``λ E[S²] / (2 (1 - ρ))``.

    Pollaczek 1930, Khinchine 1932; Kleinrock 1975, §5.7.
    """
    return arrival_rate * work.second / (2 * (1 - arrival_rate * work.first))


def mg1_square_wait(arrival_rate: float, work: Moments) -> float:
    """Return ``E[W²] = 2 E[W]² + λ E[S³] / (3 (1 - ρ))`` in M/G/1: Takács 1962; Kleinrock 1975, §5.7."""
    spare = 1 - arrival_rate * work.first
    return 2 * mg1_wait(arrival_rate, work) ** 2 + arrival_rate * work.third / (3 * spare)


def mg1_number(arrival_rate: float, work: Moments) -> float:
    """Return the mean number present in M/G/1, ``ρ + λ E[W]``: Kleinrock 1975, §5.5."""
    return arrival_rate * (work.first + mg1_wait(arrival_rate, work))


def mg1_workload(arrival_rate: float, work: Moments) -> float:
    """Return the mean unfinished work in M/G/1, under every discipline that neither idles nor adds work.

    It equals the mean wait in order of arrival: Kleinrock 1976, §3.4.
    """
    return mg1_wait(arrival_rate, work)


def mg1_busy_period(arrival_rate: float, work: Moments) -> float:
    """Return the mean length of a busy period in M/G/1, ``E[S] / (1 - ρ)``: Kleinrock 1975, §5.8."""
    return work.first / (1 - arrival_rate * work.first)


def batch_wait(batch_rate: float, batch: Moments, work: Moments) -> float:
    """Return the mean wait in M^X/G/1, over all who come, in batches of random size: Burke 1975.

    ``λ E[X] E[S²] / (2 (1 - ρ)) + (E[X²] - E[X]) E[S] / (2 E[X] (1 - ρ))``, ``ρ = λ E[X] E[S]``: the work that the
    batch finds, and the work of earlier members of the batch.
    """
    spare = 1 - batch_rate * batch.first * work.first
    others = (batch.second - batch.first) / (2 * batch.first)
    return (batch_rate * batch.first * work.second / 2 + others * work.first) / spare


def vacation_wait(arrival_rate: float, work: Moments, away: Moments) -> float:
    """Return the mean wait in M/G/1 with a server who leaves whenever nobody is present (multiple vacations).

    The wait without vacations plus the residual vacation, ``E[V²] / (2 E[V])``: Fuhrmann and Cooper 1985.
    """
    return mg1_wait(arrival_rate, work) + away.second / (2 * away.first)


def cobham_waits(arrival_rates: Sequence[float], works: Sequence[Moments]) -> list[float]:
    """Return the mean wait of each priority class, the most urgent first, where service isn't interrupted (M/G/1).

    ``W_k = W₀ / ((1 - σ_{k-1}) (1 - σ_k))``, ``W₀ = Σ λ_i E[S_i²] / 2``, ``σ_k = Σ_{i≤k} ρ_i``: Cobham 1954; Kleinrock
    1976, §3.6.
    """
    at_work = sum(rate * work.second / 2 for rate, work in zip(arrival_rates, works, strict=True))
    up_to = np.cumsum([0.0, *(rate * work.first for rate, work in zip(arrival_rates, works, strict=True))])
    return [at_work / ((1 - before) * (1 - through)) for before, through in pairwise(up_to)]


def cobham_waits_many_servers(servers: int, arrival_rates: Sequence[float], mean_work: float) -> list[float]:
    """Return the same for M/M/c with one law of service: Cobham 1954; ``W₀ = C(c, a) / (cμ)``."""
    load = sum(arrival_rates) * mean_work
    at_work = float(erlang_c(servers, load)) * mean_work / servers
    up_to = np.cumsum([0.0, *arrival_rates]) * mean_work / servers
    return [at_work / ((1 - before) * (1 - through)) for before, through in pairwise(up_to)]


def preemptive_sojourns(arrival_rates: Sequence[float], works: Sequence[Moments]) -> list[float]:
    """Return the mean time in the system of each class where the more urgent interrupts, and work resumes (M/G/1).

    ``T_k = E[S_k] / (1 - σ_{k-1}) + Σ_{i≤k} λ_i E[S_i²] / (2 (1 - σ_{k-1}) (1 - σ_k))``: White and Christie 1958;
    Kleinrock 1976, §3.6.
    """
    sojourns, residual, before = [], 0.0, 0.0
    for rate, work in zip(arrival_rates, works, strict=True):
        through = before + rate * work.first
        residual += rate * work.second / 2
        sojourns.append(work.first / (1 - before) + residual / ((1 - before) * (1 - through)))
        before = through
    return sojourns


# ---- general arrivals ----------------------------------------------------------------------------------------------


def gi_m_1_root(transform: Callable[[float], float], mean_work: float) -> float:
    """Return the root σ in (0, 1) of ``σ = A*(μ - μσ)``: Kleinrock 1975, §6.4.

    In GI/M/1 an arrival finds k there with probability ``(1 - σ) σ^k``, has to wait with probability σ, and waits
    ``σ / (μ (1 - σ))`` in the mean.

    Parameters
    ----------
    transform
        Laplace-Stieltjes transform ``A*(s)`` of the time between arrivals.
    mean_work
        ``1/μ``.
    """
    return float(optimize.brentq(lambda x: transform((1 - x) / mean_work) - x, 0.0, 1 - 1e-6, xtol=1e-14))


def kingman_bound(mean_between: float, sd_between: float, mean_work: float, sd_work: float) -> float:
    """Return a bound that no mean wait in GI/GI/1 exceeds: Kingman 1962; Kleinrock 1976, §2.2.

    ``λ (σ_a² + σ_s²) / (2 (1 - ρ))``.
    """
    return (sd_between**2 + sd_work**2) / (2 * (mean_between - mean_work))


# ---- constant service, and service in bulk -------------------------------------------------------------------------


def _cleared_every(capacity: int, load: float) -> FloatArray:
    """Return the distribution of a number that at every tick loses up to `capacity` and gains Poisson(`load`).

    The balance equations, cut off where nothing is left, are solved as they stand.
    """
    size = capacity + 60 + int(40 / (1 - load / capacity))
    gains = stats.poisson.pmf(np.arange(size), load)
    moves = np.zeros((size, size))
    for k in range(size):
        left = max(k - capacity, 0)
        moves[k, left:] = gains[: size - left]
    equations = np.vstack([moves.T - np.eye(size), np.ones(size)])
    probabilities = np.linalg.lstsq(equations, np.r_[np.zeros(size), 1.0], rcond=None)[0]
    return np.asarray(np.maximum(probabilities, 0.0), dtype=np.float64)


@dataclass(frozen=True)
class DeterministicServers:
    """M/D/c: Poisson arrivals, every service takes the same time (Crommelin 1932; Franx 2001).

    Attributes
    ----------
    servers, arrival_rate, work
        Servers, arrivals per unit of time, and the time that a service takes.
    """

    servers: int
    arrival_rate: float
    work: float

    @cached_property
    def numbers(self) -> FloatArray:
        """Distribution of the number present: who is in service now is gone a service time later (Crommelin 1932)."""
        return _cleared_every(self.servers, self.arrival_rate * self.work)

    @property
    def wait(self) -> float:
        """Mean wait: Little's law applied to the mean queue."""
        p = self.numbers
        return float(np.maximum(np.arange(p.size) - self.servers, 0) @ p) / self.arrival_rate

    def waits_longer_than(self, time: float) -> float:
        """Return ``P(W > t)`` by Franx 2001.

        With ``(k-1) D <= t < kD`` and ``Q_i`` the probability of at most i in the queue,
        ``P(W <= t) = e^{-λ(kD-t)} Σ_{j<kc} Q_{kc-1-j} (λ(kD-t))^j / j!``.
        """
        p = self.numbers
        queue_at_most = np.cumsum(p)[self.servers :]
        k = math.floor(time / self.work) + 1
        last = k * self.servers - 1
        left = self.arrival_rate * (k * self.work - time)
        steps = np.arange(last + 1)
        reached = queue_at_most[np.minimum(last - steps, queue_at_most.size - 1)]
        return 1 - float(reached @ stats.poisson.pmf(steps, left))


def bulk_wait(capacity: int, *, arrival_rate: float, every: float) -> float:
    """Return the mean wait for departures every so often that take `capacity` each: Bailey 1954.

    N is the number just before a departure, and ``(N - capacity)⁺`` stay after it.  They stay for the whole interval.
    Those who join stay for half of it on average.  Little's law turns this into a wait.
    """
    before = _cleared_every(capacity, arrival_rate * every)
    left = float(np.maximum(np.arange(before.size) - capacity, 0) @ before)
    return (left + arrival_rate * every / 2) / arrival_rate
