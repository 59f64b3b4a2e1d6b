"""Several stations: tandems, Jackson networks, feedback, forks, and what leaves a station."""

from __future__ import annotations

from typing import Final

import numpy as np

from verification import statistics as read
from verification.check import MORE_DEMAND, Check
from verification.networks import (
    all_of,
    fork_join_sojourn,
    gap_longer_than,
    network_sojourn,
    station_rates,
)
from verification.runs import Run
from verification.stations import ExponentialServers

__all__ = ["CHECKS"]

_OUTSIDE: Final = (1 / 10, 0.0, 0.0)
_ROUTING: Final = ((0.0, 0.8, 0.0), (0.2, 0.0, 0.6), (0.0, 0.1, 0.0))
_DESK: Final = ExponentialServers(1, 1 / 10, 5)
_WINDOW: Final = ExponentialServers(1, 1 / 10, 7)
_JACKSON: Final = "Jackson 1957; Kleinrock 1975, §4.8"


def _stations() -> list[ExponentialServers]:
    rates = station_rates(_OUTSIDE, _ROUTING)
    return [
        ExponentialServers(servers, float(rate), work)
        for servers, rate, work in zip((1, 2, 1), rates, (5, 14, 9), strict=True)
    ]


def _departures(run: Run) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return run.at("window").end


CHECKS: Final = (
    Check(
        "tandem-wait",
        "tandem",
        read.mean_wait("window"),
        lambda: _WINDOW.wait,
        "W₂ = ρ₂ / (μ₂ − λ)",
        f"Burke 1956; {_JACKSON}",
    ),
    Check(
        "tandem-empty",
        "tandem",
        read.share_with_nobody(("desk", "window")),
        lambda: (1 - _DESK.utilisation) * (1 - _WINDOW.utilisation),
        "P(N₁ = 0, N₂ = 0) = (1 − ρ₁) (1 − ρ₂)",
        _JACKSON,
        "share",
    ),
    Check(
        "jackson-sojourn",
        "jackson",
        read.mean_sojourn(),
        lambda: network_sojourn(_OUTSIDE, _stations()),
        "T = Σ L_j / Σ γ_j,  L_j of M/M/c with λ = γ + λR",
        _JACKSON,
    ),
    Check(
        "jackson-window-number",
        "jackson",
        read.number_inside("window"),
        lambda: _stations()[1].number,
        "L of M/M/2 with λ = γ + λR",
        _JACKSON,
        "number",
    ),
    Check(
        "jackson-cashier-wait",
        "jackson",
        read.mean_wait("cashier"),
        lambda: _stations()[2].wait,
        "W of M/M/1 with λ = γ + λR",
        _JACKSON,
    ),
    Check(
        "feedback-sojourn",
        "feedback",
        read.mean_sojourn(),
        lambda: 1 / (0.75 / 6 - 1 / 10),
        "T = 1 / ((1 − p) μ − λ)",
        "Takács 1963; Jackson 1957",
    ),
    Check(
        "fork-join-sojourn",
        "fork-join",
        read.branch_time,
        lambda: fork_join_sojourn(1 / 10, 7),
        "T = (12 − ρ) / 8 · 1 / (μ − λ)",
        "Flatto & Hahn 1984; Nelson & Tantawi 1988",
    ),
    Check(
        "joint-review-time",
        "joint-review",
        read.branch_time,
        lambda: all_of(4, 50),
        "T = E[S] (1 + 1/2 + 1/3 + 1/4)",
        "Rényi 1953",
    ),
    Check(
        "departures-gap",
        "mm3",
        read.without_events(_departures, 5),
        lambda: gap_longer_than(1 / 5, 5),
        "P(nobody leaves for t) = exp(−λ t)",
        "Burke 1956",
        "share",
        fault=MORE_DEMAND,
    ),
)
