"""Little room and little patience: who is refused, who leaves, and machines that wait for repair."""

from __future__ import annotations

import math
from functools import cache
from typing import Final

from planner.erlang import erlang_b
from verification import statistics as read
from verification.check import Check
from verification.stations import Impatience, impatient, limited_room, machine_repair
from verification.streams import tries

__all__ = ["CHECKS"]

_ROOM: Final = "Kleinrock 1975, §3.6"
_IMPATIENCE: Final = "Baccelli & Hebuterne 1981; Zeltyn & Mandelbaum 2005"


def _loss(law: str) -> Check:
    """Return the check that Erlang's loss formula holds for a law of service: only its mean matters."""
    return Check(
        f"loss-{law}",
        f"loss-{law}",
        read.refused_share("window"),
        lambda: float(erlang_b(5, 16 / 5)),
        "B(c, a) = (a^c / c!) / Σ_(k≤c) a^k / k!, whatever the law",
        "Erlang 1917; Sevast'yanov 1957",
        "share",
    )


@cache
def _exponential() -> Impatience:
    return impatient(3, arrival_rate=1 / 5, mean_work=15, survival=lambda x: math.exp(-x / 30), longest=600)


@cache
def _constant() -> Impatience:
    return impatient(1, arrival_rate=1 / 10, mean_work=9, survival=lambda x: float(x < 20), longest=400)


@cache
def _uniform() -> Impatience:
    return impatient(3, arrival_rate=1 / 5, mean_work=15, survival=lambda x: max(1 - x / 40, 0), longest=300)


def _down() -> list[float]:
    """Return the distribution of the number of machines that are down, of eight with two repairers."""
    return [float(chance) for chance in machine_repair(8, 2, mean_run=30, mean_repair=6)]


CHECKS: Final = (
    Check(
        "mm1k-refused",
        "mm1k",
        read.refused_share("window"),
        lambda: limited_room(1, 4, arrival_rate=1 / 10, mean_work=9)[0],
        "p_K = (1 − ρ) ρ^K / (1 − ρ^(K+1)),  K = 5",
        _ROOM,
        "share",
    ),
    Check(
        "mm1k-wait",
        "mm1k",
        read.mean_wait("window"),
        lambda: limited_room(1, 4, arrival_rate=1 / 10, mean_work=9)[1],
        "W = L_q / (λ (1 − p_K))",
        f"{_ROOM}; Little 1961",
    ),
    Check(
        "mm3k-refused",
        "mm3k",
        read.refused_share("window"),
        lambda: limited_room(3, 5, arrival_rate=1 / 5, mean_work=14)[0],
        "p_K of the birth-and-death process,  K = 8",
        "Kleinrock 1975, §3.1",
        "share",
    ),
    Check(
        "mm3k-wait",
        "mm3k",
        read.mean_wait("window"),
        lambda: limited_room(3, 5, arrival_rate=1 / 5, mean_work=14)[1],
        "W = L_q / (λ (1 − p_K))",
        "Kleinrock 1975, §3.1; Little 1961",
    ),
    *(_loss(law) for law in ("exponential", "constant", "lognormal", "uniform", "mixture")),
    Check(
        "patience-exponential-leave",
        "patience-exponential",
        read.left_share("window"),
        lambda: _exponential().leaves,
        "P(leave) = (1 + (λ − cμ) J) / (ε + λ J)",
        f"Palm 1957; {_IMPATIENCE}",
        "share",
    ),
    Check(
        "patience-exponential-wait",
        "patience-exponential",
        read.wait_of_all("window"),
        lambda: _exponential().wait,
        "W = P(leave) / θ = λ K / (ε + λ J)",
        f"Palm 1957; {_IMPATIENCE}",
    ),
    Check(
        "patience-exponential-waits",
        "patience-exponential",
        read.waits_of_all_longer_than("window", 0),
        lambda: _exponential().waits,
        "P(W > 0) = λ J / (ε + λ J)",
        f"Palm 1957; {_IMPATIENCE}",
        "share",
    ),
    Check(
        "patience-constant-leave",
        "patience-constant",
        read.left_share("window"),
        lambda: _constant().leaves,
        "P(leave) = (1 + (λ − μ) J) / (1 + λ J)",
        _IMPATIENCE,
        "share",
    ),
    Check(
        "patience-constant-wait",
        "patience-constant",
        read.wait_of_all("window"),
        lambda: _constant().wait,
        "W = λ K / (1 + λ J)",
        _IMPATIENCE,
    ),
    Check(
        "patience-uniform-leave",
        "patience-uniform",
        read.left_share("window"),
        lambda: _uniform().leaves,
        "P(leave) = (1 + (λ − cμ) J) / (ε + λ J)",
        _IMPATIENCE,
        "share",
    ),
    Check(
        "patience-uniform-wait",
        "patience-uniform",
        read.wait_of_all("window"),
        lambda: _uniform().wait,
        "W = λ K / (ε + λ J)",
        _IMPATIENCE,
    ),
    Check(
        "machine-repair-down",
        "machine-repair",
        read.down_share("repairer", 8),
        lambda: sum(number * chance for number, chance in enumerate(_down())) / 8,
        "E[N] / K,  N birth-and-death with (K − n)λ and min(n, c)μ",
        "Palm 1947; Kleinrock 1975, §3.10",
        "share",
    ),
    Check(
        "machine-repair-queue",
        "machine-repair",
        read.share_inside_at_least(3, "repairer"),
        lambda: sum(_down()[3:]),
        "P(N ≥ 3),  N birth-and-death with (K − n)λ and min(n, c)μ",
        "Palm 1947; Kleinrock 1975, §3.10",
        "share",
    ),
    Check(
        "turned-away-trips",
        "turned-away",
        read.trips_made,
        lambda: tries(0.8, 3),
        "E = Σ_(k≤3) p^k",
        "Feller 1968, ch. VI (geometric law)",
        "number",
        fault={"arrivals.visitors.comes_back.share": 0.8 * 1.02},
    ),
)
