"""Priorities and due dates: Cobham, preemption, and what no order of service changes."""

from __future__ import annotations

from typing import Final

from verification import statistics as read
from verification.check import Check
from verification.stations import (
    ExponentialServers,
    Moments,
    cobham_waits,
    cobham_waits_many_servers,
    mg1_workload,
    preemptive_sojourns,
)

__all__ = ["CHECKS"]

_RATES: Final = (1 / 20, 1 / 20, 1 / 30)
_WORKS: Final = (Moments.constant(4), Moments.exponential(6), Moments.gamma(9, 0.7))
_CLASSES: Final = ("urgent", "ordinary", "patient")
_LOADS: Final = {name: rate * work.first for name, rate, work in zip(_CLASSES, _RATES, _WORKS, strict=True)}
_COBHAM: Final = "W_k = W₀ / ((1 − σ_(k−1)) (1 − σ_k))"
_COBHAM_SOURCE: Final = "Cobham 1954; Kleinrock 1976, §3.6"
_INTERRUPTED: Final = (Moments.exponential(5), Moments.uniform(2, 16))


def _conserved() -> float:
    """Return ``Σ ρ_k W_k = ρ W₀ / (1 - ρ)``: Kleinrock 1965; 1976, §3.4."""
    load = sum(_LOADS.values())
    at_work = sum(rate * work.second / 2 for rate, work in zip(_RATES, _WORKS, strict=True))
    return load * at_work / (1 - load)


def _cobham(rank: int) -> Check:
    return Check(
        f"priorities-{_CLASSES[rank]}-wait",
        "priorities",
        read.mean_wait("window", _CLASSES[rank]),
        lambda: cobham_waits(_RATES, _WORKS)[rank],
        _COBHAM,
        _COBHAM_SOURCE,
    )


def _many_servers(rank: int) -> Check:
    return Check(
        f"priorities-mm3-{_CLASSES[rank]}-wait",
        "priorities-mm3",
        read.mean_wait("window", _CLASSES[rank]),
        lambda: cobham_waits_many_servers(3, (1 / 10, 1 / 10), 12)[rank],
        "W_k = C(c, a) / (cμ (1 − σ_(k−1)) (1 − σ_k))",
        "Cobham 1954",
    )


def _preemptive(rank: int) -> Check:
    return Check(
        f"preemption-{_CLASSES[rank]}-sojourn",
        "preemption",
        read.mean_sojourn(_CLASSES[rank]),
        lambda: preemptive_sojourns((1 / 20, 1 / 20), _INTERRUPTED)[rank],
        "T_k = E[S_k] / (1 − σ_(k−1)) + Σ_(i≤k) λ_i E[S_i²] / (2 (1 − σ_(k−1)) (1 − σ_k))",
        "White & Christie 1958; Kleinrock 1976, §3.6",
    )


CHECKS: Final = (
    *(_cobham(rank) for rank in range(3)),
    Check(
        "priorities-conserved",
        "priorities",
        read.weighted_waits("window", _LOADS),
        _conserved,
        "Σ ρ_k W_k = ρ W₀ / (1 − ρ)",
        "Kleinrock 1965; Kleinrock 1976, §3.4",
    ),
    *(_many_servers(rank) for rank in range(2)),
    *(_preemptive(rank) for rank in range(2)),
    Check(
        "due-dates-wait",
        "due-dates",
        read.mean_wait("section"),
        lambda: ExponentialServers(1, 1 / 80, 64).wait,
        "W = ρ / (μ − λ), whatever the order, if it knows nothing of the work",
        "Kleinrock 1965; Kleinrock 1976, §3.4",
    ),
    Check(
        "due-dates-work",
        "due-dates",
        read.unfinished_work("section"),
        lambda: mg1_workload(1 / 80, Moments.exponential(64)),
        "E[unfinished work] = λ E[S²] / (2 (1 − ρ)), whatever the order",
        "Kleinrock 1976, §3.4",
    ),
)
