"""Days that open empty, peak, break for lunch and close: Kolmogorov's equations against a hall with doors."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Final

from verification import statistics as read
from verification.check import Check
from verification.days import Day, Part, ample_servers_number, day_of, sent_home

__all__ = ["CHECKS"]

_KOLMOGOROV: Final = "Kolmogorov 1931; Kleinrock 1975, §2.5"
_HUMP: Final = (1.0, 2.0, 1.6, 1.0, 0.8, 1.4, 1.2, 0.6)
"""Relative demand of the eight hours from nine to five."""
_MORNING_RUSH: Final = {0.0: 1.0, 60.0: 3.0, 180.0: 1.5, 360.0: 2.0, 480.0: 1.0}
"""Relative demand from minutes after eight on, until six."""


@cache
def _uneven(windows: int) -> Day:
    """Return the day of seven hundred visitors; after five o'clock it is long enough to end empty."""
    rates = [weight * 700 / (60 * sum(_HUMP)) for weight in _HUMP]
    parts = [*(Part(60, rate, windows) for rate in rates), Part(400, 0, windows)]
    return day_of(parts, windows=windows, mean_work=8, within=15, most=300)


def _lunch(*, finishes: bool) -> Day:
    """Return the day of a hundred and fifty visitors, four windows, and an hour without."""
    unit = 150 / (180 * 1.0 + 60 * 0.6 + 120 * 1.0)
    parts = [Part(180, unit, 4), Part(60, 0.6 * unit, 0, finishes), Part(120, unit, 4), Part(400, 0, 4)]
    return day_of(parts, windows=4, mean_work=8, most=150)


def _ample() -> float:
    edges = [*_MORNING_RUSH, 600.0]
    lengths = [stop - start for start, stop in pairwise(edges)]
    total = sum(weight * length for weight, length in zip(_MORNING_RUSH.values(), lengths, strict=True))

    def rate(u: float) -> float:
        return 500 / total * next(weight for start, weight in reversed(_MORNING_RUSH.items()) if u >= start)

    return ample_servers_number(
        120, 240, arrival_rate=rate, survival=lambda x: min(max((50 - x) / 40, 0.0), 1.0), breaks=list(_MORNING_RUSH)
    )


CHECKS: Final = (
    Check(
        "day-14-within",
        "day-14-windows",
        read.waits_longer_than("window", 15),
        lambda: 1 - _uneven(14).waits_at_most,
        "P(W > t) = 1 − ∫ λ(u) Σ p_n(u) P(Erlang(n − c + 1, cμ) ≤ t) du / ∫ λ,  p′ = p Q(u)",
        _KOLMOGOROV,
        "share",
    ),
    Check(
        "day-14-wait",
        "day-14-windows",
        read.mean_wait("window"),
        lambda: _uneven(14).wait,
        "W = ∫ E[(N(u) − c)⁺] du / ∫ λ,  p′ = p Q(u)",
        _KOLMOGOROV,
    ),
    Check(
        "day-14-number",
        "day-14-windows",
        read.number_inside("window", 12 * 60, 13 * 60),
        lambda: _uneven(14).present[3],
        "∫ E[N(u)] du over an hour,  p′ = p Q(u)",
        _KOLMOGOROV,
        "number",
    ),
    Check(
        "day-12-within",
        "day-12-windows",
        read.waits_longer_than("window", 15),
        lambda: 1 - _uneven(12).waits_at_most,
        "P(W > t) = 1 − ∫ λ(u) Σ p_n(u) P(Erlang(n − c + 1, cμ) ≤ t) du / ∫ λ,  p′ = p Q(u)",
        _KOLMOGOROV,
        "share",
    ),
    Check(
        "lunch-finish-wait",
        "lunch-finish",
        read.mean_wait("window"),
        lambda: _lunch(finishes=True).wait,
        "W = ∫ E[queue] du / ∫ λ,  p′ = p Q(u) on (queue, in service)",
        _KOLMOGOROV,
    ),
    Check(
        "lunch-pause-wait",
        "lunch-pause",
        read.mean_wait("window"),
        lambda: _lunch(finishes=False).wait,
        "W = ∫ E[queue] du / ∫ λ,  p′ = p Q(u) on (queue, in service)",
        _KOLMOGOROV,
    ),
    Check(
        "send-home-share",
        "send-home",
        read.sent_home_share("window"),
        lambda: sent_home(480, arrival_rate=220 / 480, windows=4, mean_work=8),
        "E[(N(17:00) − c)⁺] / λT,  p′ = p Q",
        _KOLMOGOROV,
        "share",
    ),
    Check(
        "ample-windows-number",
        "ample-windows",
        read.number_inside("window", 10 * 60, 12 * 60),
        _ample,
        "m(t) = ∫₀ᵗ λ(u) P(S > t − u) du, averaged over two hours",
        "Eick, Massey & Whitt 1993",
        "number",
    ),
)
