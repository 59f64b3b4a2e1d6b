"""Draws of a discovery from the uncertainty of its estimates.

Input: a :class:`~calibration.discovery.result.Discovery`.
Output: discoveries in which demand, shares of services, routes, servers, delays, clock stops, patience and turnarounds
are drawn.  Shares are drawn by the Bayesian bootstrap (Rubin 1981): each kind has a gamma variate whose shape is its
count.  Means are drawn from their intervals, and their laws are scaled.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from scipy import special

from calibration.discovery.laws.entries import rounded_shares
from calibration.discovery.laws.fitting import FittedLaw
from calibration.discovery.laws.survival import Lifetimes
from calibration.discovery.resources.absences import Absence
from calibration.discovery.resources.durations import ALL
from calibration.discovery.resources.pools import PoolEstimate
from calibration.discovery.result import Discovery
from calibration.discovery.timing.delays import Delay
from calibration.discovery.timing.rounds import Rounds
from calibration.discovery.timing.stops import StopEstimate
from foundation.arrays import FloatArray

__all__ = ["draw_discovery", "draw_service_weights", "draw_work_factors", "scale_law", "stratified_normals"]

_CI_WIDTH: Final = 3.919928
"""Standard errors between the ends of a 95% interval."""
_MIN_SHARE: Final = 0.1
"""A mean is drawn at no less than this share of its estimate: it stays positive."""
_MIN_ABSENT: Final = 1e-4
"""A share of absent visitors is drawn this far from 0 and 1: a scenario has neither."""


def stratified_normals(n: int, rng: np.random.Generator) -> FloatArray:
    """Draw standard normal numbers, one from each of `n` parts of equal probability, in random order.

    A handful of independent ones may fall together by chance (McKay, Beckman and Conover 1979).
    """
    return np.asarray(special.ndtri((rng.permutation(n) + rng.random(n)) / n), dtype=np.float64)


def draw_discovery(discovery: Discovery, rng: np.random.Generator, *, demand: float) -> Discovery:
    """Return a discovery whose estimates are drawn from how sure they are.

    Parameters
    ----------
    discovery
        What the log has shown.
    rng
        What is drawn from.
    demand
        By how many standard errors the demand is larger than estimated: all figures depend on it most.
    """
    arrivals, routing = discovery.arrivals, discovery.routing
    per_day = arrivals.per_day + demand * (arrivals.high - arrivals.low) / _CI_WIDTH
    counts = routing.transitions["n"].to_numpy(dtype=np.float64)
    return replace(
        discovery,
        arrivals=replace(arrivals, per_day=max(per_day, _MIN_SHARE * arrivals.per_day)),
        routing=replace(routing, transitions=routing.transitions.assign(n=_shares(counts, rng))),
        pools=tuple(_servers(pool, rng) for pool in discovery.pools),
        delays=tuple(_delays(discovery.delays, rng)),
        absences={task: _absence(absence, rng) for task, absence in discovery.absences.items()},
        patience=None if discovery.patience is None else _patience(discovery.patience, rng),
        turnaround={kind: _turnaround(lives, rng) for kind, lives in discovery.turnaround.items()},
        rounds=None if discovery.rounds is None else _rounds(discovery.rounds, rng),
        stops={code: _stop(stop, rng) for code, stop in discovery.stops.items()},
    )


def _shares(counts: FloatArray, rng: np.random.Generator) -> FloatArray:
    return np.where(counts > 0, np.maximum(rng.gamma(np.maximum(counts, 1e-9)), 1e-9), 0.0)


def draw_service_weights(counts: Mapping[str, int], rng: np.random.Generator) -> dict[str, float]:
    """Draw the services' weights from how often each was asked for."""
    weights = _shares(np.array(list(counts.values()), dtype=np.float64), rng)
    return dict(zip(counts, weights.tolist(), strict=True))


def draw_work_factors(discovery: Discovery, rng: np.random.Generator) -> list[float]:
    """Draw by how much the work of every pool takes longer than estimated."""
    factors = []
    for pool in discovery.pools:
        laws = [
            duration.fitted
            for duration in discovery.durations
            if duration.activity in pool.activities and duration.service == ALL
        ]
        work = sum(law.mean * law.n for law in laws)
        spread = math.sqrt(sum(((law.high - law.low) / _CI_WIDTH * law.n) ** 2 for law in laws if law.high >= law.low))
        factors.append(float(np.exp(rng.normal(0.0, spread / work))) if work > 0 else 1.0)
    return factors


def _servers(pool: PoolEstimate, rng: np.random.Generator) -> PoolEstimate:
    more = round(float(rng.normal(0.0, (pool.high - pool.low) / _CI_WIDTH)))
    if more == 0:
        return pool
    roster = np.where(pool.roster > 0, np.maximum(pool.roster + more, 1), 0)
    return replace(pool, servers=max(pool.servers + more, 1), roster=roster)


def _delays(delays: tuple[Delay, ...], rng: np.random.Generator) -> list[Delay]:
    """Draw the law of every delay; services that share a law share its draw."""
    laws: dict[int, Any] = {}
    for delay in delays:
        if delay.law is not None and delay.mean > 0 and id(delay.law) not in laws:
            laws[id(delay.law)] = _delay_law(delay, (delay.high - delay.low) / _CI_WIDTH, rng)
    return [replace(delay, law=laws.get(id(delay.law), delay.law)) for delay in delays]


def _stop(stop: StopEstimate, rng: np.random.Generator) -> StopEstimate:
    waits = _delays(tuple(stop.delays.values()), rng)
    return replace(stop, delays=dict(zip(stop.delays, waits, strict=True)))


def _delay_law(delay: Delay, error: float, rng: np.random.Generator) -> Any:
    if delay.unit == "working days":
        return _reweighted(delay.law, (delay.deviation / error) ** 2 if error > 0 else delay.n, rng)
    return scale_law(delay.law, float(np.exp(rng.normal(0.0, error / delay.mean))))


def _reweighted(law: Any, number: float, rng: np.random.Generator) -> Any:
    """Draw the shares of whole days, which are as certain as those of so many independent transitions."""
    if not isinstance(law, dict) or "shares" not in law:
        return law
    weights = _shares(np.array(law["shares"]) * max(number, 1.0), rng)
    return law | {"shares": rounded_shares(weights).tolist()}


def _absence(absence: Absence, rng: np.random.Generator) -> Absence:
    """Draw the share of absent visitors from its posterior by Jeffreys' prior, without certainties."""
    share = float(rng.beta(absence.absent + 0.5, absence.calls - absence.absent + 0.5))
    return replace(absence, share=min(max(share, _MIN_ABSENT), 1 - _MIN_ABSENT))


def _patience(law: FittedLaw, rng: np.random.Generator) -> FittedLaw:
    if not (law.high > law.low > 0):
        return law
    return replace(
        law, law=scale_law(law.law, float(np.exp(rng.normal(0.0, math.log(law.high / law.low) / _CI_WIDTH))))
    )


def _rounds(rounds: Rounds, rng: np.random.Generator) -> Rounds:
    return replace(rounds, turnaround={kind: _turnaround(lives, rng) for kind, lives in rounds.turnaround.items()})


def _turnaround(lives: Lifetimes, rng: np.random.Generator) -> Lifetimes:
    weights = _shares(np.r_[lives.shares.clip(min=0), lives.beyond] * lives.n, rng)
    return replace(lives, shares=weights[:-1] / weights.sum())


def scale_law(law: Any, factor: float) -> Any:
    """Return a law, as a scenario file has it, of durations that are all so many times as long."""
    if isinstance(law, str):
        amount, _, unit = law.partition(" ")
        return f"{float(amount) * factor:.6g} {unit}"
    if isinstance(law, list):
        return [scale_law(part, factor) for part in law]
    lengths = ("mean", "scale", "loc", "constant", "values", "mixture")
    return {key: scale_law(value, factor) if key in lengths else value for key, value in law.items()}
