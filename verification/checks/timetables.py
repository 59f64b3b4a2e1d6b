"""Couriers and signing hours: waiting for what runs by the clock."""

from __future__ import annotations

from typing import Final

from verification import statistics as read
from verification.check import MORE_DEMAND, Check
from verification.networks import mean_to_departure, square_to_departure
from verification.stations import bulk_wait

__all__ = ["CHECKS"]

_RESIDUAL: Final = "Kleinrock 1975, §5.2"

CHECKS: Final = (
    Check(
        "courier-wait",
        "courier",
        read.until,
        lambda: mean_to_departure([60]),
        "W = h / 2",
        _RESIDUAL,
        fault={"timetables.round.every": "61.2 min"},
    ),
    Check(
        "courier-square-wait",
        "courier",
        read.square_until,
        lambda: square_to_departure([60]),
        "E[W²] = h² / 3 (a uniform wait: Var W = h² / 12)",
        _RESIDUAL,
        fault={"timetables.round.every": "61.2 min"},
    ),
    Check(
        "signing-wait",
        "signing",
        read.until,
        lambda: mean_to_departure([6 * 60, 18 * 60]),
        "W = Σ gᵢ² / (2 Σ gᵢ)",
        _RESIDUAL,
        fault={"timetables.round.times": ["08:53", "15:00"]},
    ),
    Check(
        "bulk-wait",
        "bulk",
        read.until,
        lambda: bulk_wait(12, arrival_rate=1 / 6, every=60),
        "W = (E[(N − b)⁺] + λh/2) / λ,  N ← (N − b)⁺ + Poisson(λh)",
        "Bailey 1954",
        fault=MORE_DEMAND,
    ),
)
