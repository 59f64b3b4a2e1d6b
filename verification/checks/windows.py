"""Windows with exponential service and one queue: Erlang's formulas, and what pooling is worth."""

from __future__ import annotations

from typing import Final

from verification import statistics as read
from verification.check import Check
from verification.stations import ExponentialServers, Moments, mg1_busy_period

__all__ = ["CHECKS"]

_ONE: Final = ExponentialServers(1, 1 / 10, 7)
_THREE: Final = ExponentialServers(3, 1 / 5, 12)
_FOURTEEN: Final = ExponentialServers(14, 700 / 450, 8)
_ERLANG: Final = "Erlang 1917; Kleinrock 1975, §3.5"
_PER_WINDOW: Final = 0.85 / 8
"""Arrivals a minute for each of the forty-six windows."""


def _sections(*sizes: int) -> float:
    """Return the mean wait over sections of these sizes, each with demand in proportion."""
    waits = (size * ExponentialServers(size, size * _PER_WINDOW, 8).wait for size in sizes)
    return sum(waits) / sum(sizes)


CHECKS: Final = (
    Check(
        "mm1-wait",
        "mm1",
        read.mean_wait("window"),
        lambda: _ONE.wait,
        "W = ρ / (μ − λ)",
        "Kleinrock 1975, §3.2",
    ),
    Check(
        "mm1-sojourn-tail",
        "mm1",
        read.sojourn_longer_than(30),
        lambda: _ONE.waits_longer_than(30) / _ONE.utilisation,
        "P(T > t) = exp(−(μ − λ) t)",
        "Kleinrock 1975, §5.7",
        "share",
    ),
    Check(
        "mm1-number",
        "mm1",
        read.number_inside("window"),
        lambda: _ONE.number,
        "L = ρ / (1 − ρ)",
        "Kleinrock 1975, §3.2",
        "number",
    ),
    Check(
        "mm1-at-least-three",
        "mm1",
        read.share_inside_at_least(3, "window"),
        lambda: _ONE.utilisation**3,
        "P(N ≥ 3) = ρ³",
        "Kleinrock 1975, §3.2",
        "share",
    ),
    Check(
        "mm1-busy-period",
        "mm1",
        read.busy_period("window"),
        lambda: mg1_busy_period(1 / 10, Moments.exponential(7)),
        "E[B] = E[S] / (1 − ρ)",
        "Kleinrock 1975, §5.8",
    ),
    Check("mm3-wait", "mm3", read.mean_wait("window"), lambda: _THREE.wait, "W = C(c, a) / (cμ − λ)", _ERLANG),
    Check(
        "mm3-waits",
        "mm3",
        read.waits_longer_than("window", 0),
        lambda: _THREE.waits,
        "P(W > 0) = C(c, a)",
        _ERLANG,
        "share",
    ),
    Check(
        "mm3-wait-tail",
        "mm3",
        read.waits_longer_than("window", 10),
        lambda: _THREE.waits_longer_than(10),
        "P(W > t) = C(c, a) exp(−(cμ − λ) t)",
        _ERLANG,
        "share",
    ),
    Check(
        "mm3-number",
        "mm3",
        read.number_inside("window"),
        lambda: _THREE.number,
        "L = a + λ W",
        _ERLANG,
        "number",
    ),
    Check("mm14-wait", "mm14", read.mean_wait("window"), lambda: _FOURTEEN.wait, "W = C(c, a) / (cμ − λ)", _ERLANG),
    Check(
        "mm14-wait-tail",
        "mm14",
        read.waits_longer_than("window", 15),
        lambda: _FOURTEEN.waits_longer_than(15),
        "P(W > t) = C(c, a) exp(−(cμ − λ) t)",
        _ERLANG,
        "share",
    ),
    Check(
        "pooling-46-wait",
        "pooling-46",
        read.mean_wait_everywhere,
        lambda: _sections(*[1] * 46),
        "W = ρ / (μ − λ)",
        "Kleinrock 1975, §3.2",
    ),
    Check(
        "pooling-20-wait",
        "pooling-20",
        read.mean_wait_everywhere,
        lambda: _sections(*[3] * 6, *[2] * 14),
        "W = Σ cᵢ Wᵢ / Σ cᵢ,  Wᵢ = C(cᵢ, aᵢ) / (cᵢμ − λᵢ)",
        _ERLANG,
    ),
    Check(
        "pooling-1-wait",
        "pooling-1",
        read.mean_wait_everywhere,
        lambda: _sections(46),
        "W = C(c, a) / (cμ − λ)",
        _ERLANG,
    ),
    Check(
        "guian-before-wait",
        "guian-before",
        read.mean_wait("window"),
        lambda: ExponentialServers(1, 42 / 420, 8).wait,
        "W = ρ / (μ − λ)",
        "Kleinrock 1975, §3.2",
    ),
    Check(
        "guian-after-wait",
        "guian-after",
        read.mean_wait("window"),
        lambda: ExponentialServers(2, 44 / 420, 8).wait,
        "W = C(c, a) / (cμ − λ)",
        _ERLANG,
    ),
)
