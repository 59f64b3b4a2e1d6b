"""One window, any law: Pollaczek and Khinchine, constant service, batches, vacations, and arrivals of any law."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from verification import statistics as read
from verification.check import MORE_DEMAND, Check
from verification.stations import (
    DeterministicServers,
    ExponentialServers,
    Moments,
    batch_wait,
    gi_m_1_root,
    kingman_bound,
    mg1_busy_period,
    mg1_number,
    mg1_square_wait,
    mg1_wait,
    vacation_wait,
)

__all__ = ["CHECKS"]

_RATE: Final = 1 / 10
_PK: Final = "W = λ E[S²] / (2 (1 − ρ))"
_PK_SOURCE: Final = "Pollaczek 1930, Khinchine 1932; Kleinrock 1975, §5.7"
_CROMMELIN: Final = "Crommelin 1932"
_FRANX: Final = "Franx 2001"
_ROOT: Final = "W = σ / (μ (1 − σ)),  σ = A*(μ − μσ)"
_ROOT_SOURCE: Final = "Kleinrock 1975, §6.4"
_MD1: Final = DeterministicServers(1, _RATE, 8)
_MD3: Final = DeterministicServers(3, 1 / 5, 12)
_GAMMA: Final = Moments.gamma(7, 0.5)
_LOGNORMAL: Final = Moments.lognormal(7, 1.0)
_UNIFORM: Final = Moments.uniform(1, 13)


def _wait(mean_work: float, transform: Callable[[float], float]) -> float:
    root = gi_m_1_root(transform, mean_work)
    return root * mean_work / (1 - root)


def _hyperexponential(s: float) -> float:
    """Transform of a mixture: three quarters with mean 4, one quarter with mean 28."""
    return 0.75 / (1 + 4 * s) + 0.25 / (1 + 28 * s)


def _thinned(s: float) -> float:
    """Transform of the time between appointments kept: one every 8 minutes, of which one in five isn't."""
    return 0.8 * math.exp(-8 * s) / (1 - 0.2 * math.exp(-8 * s))


def _general(name: str, work: Callable[[], Moments]) -> Check:
    """Return the Pollaczek-Khinchine check for a law of service."""
    scenario = f"mg1-{name}"
    return Check(
        f"{scenario}-wait", scenario, read.mean_wait("window"), lambda: mg1_wait(_RATE, work()), _PK, _PK_SOURCE
    )


_MIXTURE: Final = Moments.mixed([(0.5, Moments.exponential(4)), (0.5, Moments.exponential(10))])
_VALUES: Final = Moments.mixed([(0.4, Moments.constant(3)), (0.35, Moments.constant(6)), (0.25, Moments.constant(15))])

CHECKS: Final = (
    _general("gamma", lambda: _GAMMA),
    _general("lognormal", lambda: _LOGNORMAL),
    _general("weibull", lambda: Moments.weibull(2.0, 8)),
    _general("uniform", lambda: _UNIFORM),
    _general("pert", lambda: Moments.pert(2, 6, 16)),
    _general("mixture", lambda: _MIXTURE),
    _general("values", lambda: _VALUES),
    Check(
        "mg1-gamma-square-wait",
        "mg1-gamma",
        read.square_wait("window"),
        lambda: mg1_square_wait(_RATE, _GAMMA),
        "E[W²] = 2 W² + λ E[S³] / (3 (1 − ρ))",
        "Takács 1962; Kleinrock 1975, §5.7",
    ),
    Check(
        "mg1-lognormal-busy-period",
        "mg1-lognormal",
        read.busy_period("window"),
        lambda: mg1_busy_period(_RATE, _LOGNORMAL),
        "E[B] = E[S] / (1 − ρ)",
        "Kleinrock 1975, §5.8",
    ),
    Check(
        "mg1-uniform-found",
        "mg1-uniform",
        read.found_number("window"),
        lambda: mg1_number(_RATE, _UNIFORM),
        "E[N found on arrival] = L = ρ + λ W",
        "Wolff 1982 (PASTA); Kleinrock 1975, §5.5",
        "number",
    ),
    Check(
        "elderly-wait",
        "elderly",
        read.mean_wait("window"),
        lambda: mg1_wait(
            _RATE, Moments.mixed([(0.8, Moments.exponential(6.5)), (0.2, Moments.exponential(1.5 * 6.5))])
        ),
        _PK,
        _PK_SOURCE,
    ),
    Check(
        "absent-wait",
        "absent",
        read.mean_wait("window"),
        lambda: mg1_wait(_RATE, Moments.mixed([(0.7, Moments.constant(9)), (0.3, Moments.constant(2))])),
        _PK,
        _PK_SOURCE,
        fault=MORE_DEMAND,
    ),
    Check(
        "md1-wait",
        "md1",
        read.mean_wait("window"),
        lambda: _MD1.wait,
        "W = ρ D / (2 (1 − ρ)), from the balance of N over D",
        f"Erlang 1909; {_CROMMELIN}",
    ),
    Check(
        "md1-wait-tail",
        "md1",
        read.waits_longer_than("window", 20),
        lambda: _MD1.waits_longer_than(20),
        "P(W ≤ t) = e^(−λ(kD−t)) Σ_(j<k) Q_(k−1−j) (λ(kD−t))^j / j!",
        _FRANX,
        "share",
    ),
    Check(
        "md3-wait",
        "md3",
        read.mean_wait("window"),
        lambda: _MD3.wait,
        "W = E[(N − c)⁺] / λ,  N ← (N − c)⁺ + Poisson(λD)",
        _CROMMELIN,
    ),
    Check(
        "md3-wait-tail",
        "md3",
        read.waits_longer_than("window", 8),
        lambda: _MD3.waits_longer_than(8),
        "P(W ≤ t) = e^(−λ(kD−t)) Σ_(j<kc) Q_(kc−1−j) (λ(kD−t))^j / j!",
        _FRANX,
        "share",
    ),
    Check(
        "vacations-exponential-wait",
        "vacations-exponential",
        read.mean_wait("window", "item"),
        lambda: vacation_wait(_RATE, Moments.exponential(7), Moments.exponential(10)),
        "W = λ E[S²] / (2 (1 − ρ)) + E[V²] / (2 E[V])",
        "Fuhrmann & Cooper 1985",
    ),
    Check(
        "vacations-constant-wait",
        "vacations-constant",
        read.mean_wait("window", "item"),
        lambda: vacation_wait(_RATE, Moments.exponential(7), Moments.constant(15)),
        "W = λ E[S²] / (2 (1 − ρ)) + E[V²] / (2 E[V])",
        "Fuhrmann & Cooper 1985",
    ),
    Check(
        "batch-three-wait",
        "batch-three",
        read.mean_wait("window"),
        lambda: batch_wait(1 / 20, Moments.constant(3), Moments.exponential(4)),
        "W = (λ E[X] E[S²] / 2 + (E[X²] − E[X]) E[S] / (2 E[X])) / (1 − ρ)",
        "Burke 1975",
    ),
    Check(
        "batch-random-wait",
        "batch-random",
        read.mean_wait("window"),
        lambda: batch_wait(
            1 / 20, Moments.mixed([(0.6, Moments.constant(1)), (0.4, Moments.constant(5))]), Moments.constant(5)
        ),
        "W = (λ E[X] E[S²] / 2 + (E[X²] − E[X]) E[S] / (2 E[X])) / (1 − ρ)",
        "Burke 1975",
    ),
    Check(
        "overnight-wait",
        "overnight",
        read.working_time_wait("section"),
        lambda: ExponentialServers(1, _RATE, 7).wait,
        "W = ρ / (μ − λ), on the clock that stops when the section closes",
        "Kleinrock 1975, §3.2",
    ),
    Check(
        "erlang-arrivals-wait",
        "erlang-arrivals",
        read.mean_wait("window"),
        lambda: _wait(8, lambda s: (1 + 5 * s) ** -2),
        _ROOT,
        _ROOT_SOURCE,
    ),
    Check(
        "hyper-arrivals-wait",
        "hyper-arrivals",
        read.mean_wait("window"),
        lambda: _wait(6, _hyperexponential),
        _ROOT,
        _ROOT_SOURCE,
    ),
    Check(
        "hyper-arrivals-waits",
        "hyper-arrivals",
        read.waits_longer_than("window", 0),
        lambda: gi_m_1_root(_hyperexponential, 6),
        "P(W > 0) = σ",
        _ROOT_SOURCE,
        "share",
    ),
    Check(
        "constant-arrivals-wait",
        "constant-arrivals",
        read.mean_wait("window"),
        lambda: _wait(8, lambda s: math.exp(-10 * s)),
        _ROOT,
        _ROOT_SOURCE,
    ),
    Check(
        "constant-arrivals-found",
        "constant-arrivals",
        read.found_at_least("window", 2),
        lambda: gi_m_1_root(lambda s: math.exp(-10 * s), 8) ** 2,
        "P(N found ≥ 2) = σ²",
        _ROOT_SOURCE,
        "share",
    ),
    Check(
        "uniform-arrivals-wait",
        "uniform-arrivals",
        read.mean_wait("window"),
        lambda: _wait(8, lambda s: (math.exp(-2 * s) - math.exp(-18 * s)) / (16 * s)),
        _ROOT,
        _ROOT_SOURCE,
    ),
    Check(
        "appointments-wait", "appointments", read.mean_wait("window"), lambda: _wait(8, _thinned), _ROOT, _ROOT_SOURCE
    ),
    Check(
        "heavy-traffic-bound",
        "heavy-traffic",
        read.mean_wait("window"),
        lambda: kingman_bound(10, 16 / math.sqrt(12), 9.4, 0.9 * 9.4),
        "W ≤ λ (σₐ² + σₛ²) / (2 (1 − ρ))",
        "Kingman 1962; Kleinrock 1976, §2.2",
        at_most=True,
    ),
)
