"""Queueing theory of several stations: product forms, feedback, forks and departure processes.

Input: rates, routing and servers.  Output: the stationary means and probabilities, each formula with its source.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from foundation.arrays import FloatArray
from verification.stations import ExponentialServers

__all__ = [
    "all_of",
    "fork_join_sojourn",
    "gap_longer_than",
    "mean_to_departure",
    "network_sojourn",
    "square_to_departure",
    "station_rates",
]


def station_rates(outside: Sequence[float], routing: Sequence[Sequence[float]]) -> FloatArray:
    """Return the arrival rate of each station of an open network, by the traffic equations ``λ = γ + λ R``.

    Jackson 1957; Kleinrock 1975, §4.8.
    """
    into = np.eye(len(outside)) - np.asarray(routing).T
    return np.asarray(np.linalg.solve(into, np.asarray(outside)), dtype=np.float64)


def network_sojourn(outside: Sequence[float], stations: Sequence[ExponentialServers]) -> float:
    """Return the mean time from arrival at a Jackson network to departure from it.

    In the stationary network the numbers present are as in independent M/M/c stations (Jackson 1957); Little's law
    turns their sum into a time.
    """
    return sum(station.number for station in stations) / sum(outside)


def fork_join_sojourn(arrival_rate: float, mean_work: float) -> float:
    """Return the mean time until both of two equal M/M/1 stations have done their part of a job.

    ``(12 - ρ) / 8 · 1 / (μ - λ)``: Flatto and Hahn 1984; Nelson and Tantawi 1988.
    """
    load = arrival_rate * mean_work
    return (12 - load) / 8 * mean_work / (1 - load)


def all_of(parts: int, mean: float) -> float:
    """Return the mean of the longest of `parts` independent exponential times, ``mean · Σ 1/k`` (Rényi 1953)."""
    return mean * sum(1 / k for k in range(1, parts + 1))


def gap_longer_than(rate: float, time: float) -> float:
    """Return the probability of a gap longer than t in a Poisson process, ``e^{-λt}``.

    The departures of a stationary M/M/c station are such a process: Burke 1956.
    """
    return float(np.exp(-rate * time))


def mean_to_departure(gaps: Sequence[float]) -> float:
    """Return the mean wait of a Poisson stream for the next departure, if the gaps between departures repeat.

    ``Σ g² / (2 Σ g)``: the residual life of a renewal process; Kleinrock 1975, §5.2.
    """
    return sum(gap**2 for gap in gaps) / (2 * sum(gaps))


def square_to_departure(gaps: Sequence[float]) -> float:
    """Return the mean square of that wait, ``Σ g³ / (3 Σ g)`` (same source)."""
    return sum(gap**3 for gap in gaps) / (3 * sum(gaps))
