"""Who comes, and how often: Poisson streams, split and joined, days that differ, and repeated passages."""

from __future__ import annotations

from typing import Final

import numpy as np

from verification import statistics as read
from verification.check import MORE_DEMAND, Check
from verification.networks import gap_longer_than
from verification.runs import Run
from verification.streams import profile_share, repeated

__all__ = ["CHECKS"]

_Moments = np.ndarray[tuple[int], np.dtype[np.int64]]


def _rare(run: Run) -> _Moments:
    return run.log.started[run.visits("rare")]


def _daily(run: Run) -> _Moments:
    return run.log.started[run.visits("daily")]


def _everybody(run: Run) -> _Moments:
    return run.log.started[run.visits()]


def _passages(run: Run) -> tuple[float, float]:
    """Return how often the window was visited by those who came while measured, and how many came."""
    visits = run.visits()
    return int(np.isin(run.at("window").entity, visits).sum()), visits.size


CHECKS: Final = (
    Check(
        "thinning-rare",
        "thinning",
        read.without_events(_rare, 10),
        lambda: gap_longer_than(0.8 / 8, 10),
        "P(none for t) = exp(−p λ t)",
        "Kingman 1993, §5.1 (colouring)",
        "share",
        fault=MORE_DEMAND,
    ),
    Check(
        "thinning-daily",
        "thinning",
        read.without_events(_daily, 2),
        lambda: gap_longer_than(0.8 * 5 / 8, 2),
        "P(none for t) = exp(−p λ t)",
        "Kingman 1993, §5.1 (colouring)",
        "share",
        fault=MORE_DEMAND,
    ),
    Check(
        "superposition-gap",
        "superposition",
        read.without_events(_everybody, 3),
        lambda: gap_longer_than((288 + 144) / 1440, 3),
        "P(none for t) = exp(−(λ₁ + λ₂) t)",
        "Kingman 1993, §2.2",
        "share",
        fault=MORE_DEMAND,
    ),
    Check(
        "dispersion",
        "dispersion",
        read.day_count_dispersion,
        lambda: 1.2,
        "Var N / E N = D, Poisson mixed by a gamma law",
        "Johnson, Kemp & Kotz 2005, ch. 5",
        "number",
        fault={"arrivals.visitors.day_dispersion": 1.2 * 1.02},
    ),
    Check(
        "profile-share",
        "ample-windows",
        read.share_between(9 * 60, 10 * 60 + 30),
        lambda: profile_share({480: 1.0, 540: 3.0, 660: 1.5, 840: 2.0, 960: 1.0}, 1080, begin=540, until=630),
        "∫ λ over the interval / ∫ λ over the day",
        "Çinlar 1975, ch. 4",
        "share",
        fault={'arrivals.visitors.profile."09:00"': 3 * 1.02},
    ),
    Check(
        "rework-passages",
        "rework",
        _passages,
        lambda: repeated(0.3),
        "E = 1 / (1 − p)",
        "Feller 1968, ch. VI (geometric law)",
        "number",
        fault={"services.item.visits.apply.serve.next": {"serve": 0.3 * 1.02, "end": 1 - 0.3 * 1.02}},
    ),
)
