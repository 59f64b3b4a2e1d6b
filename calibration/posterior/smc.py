"""Draws from a posterior by sequential Monte Carlo.

Input: a log likelihood over standard normal coordinates (a prior is made such by its quantiles).  Output:
particles.  The likelihood is let in by degrees, each chosen so that half of the particles still count (adaptive
tempering: Del Moral, Doucet and Jasra 2006); after each the particles are drawn anew and moved by Metropolis steps
that would leave a normal distribution with the particles' own mean and covariance as it is (preconditioned
Crank-Nicolson proposals: Cotter, Roberts, Stuart and White 2013), so that the many directions that the likelihood
hardly sees are no hindrance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from foundation.arrays import FloatArray, IntArray

__all__ = ["LogLikelihood", "Particles", "effective", "normalised", "sample", "systematic"]

LogLikelihood = Callable[[FloatArray], FloatArray]
"""From coordinates, shape (particles, dimensions), to logarithms of likelihoods, shape (particles,)."""

_KEPT: Final = 0.5
_STRIDE: Final = 0.7
_WIDER: Final = 1.1  # the particles' covariance is that of the degree before, and resampled
_WANTED: Final = 0.4


@dataclass(frozen=True, eq=False)
class Particles:
    """Equally weighted draws.

    Attributes
    ----------
    z
        Coordinates, shape (particles, dimensions).
    log_likelihood
        Shape (particles,).
    degrees
        Powers of the likelihood that it was let in with, the last of them one.
    acceptance
        Share of the last round's steps that were taken.
    log_evidence
        Logarithm of the likelihood's mean over the prior.
    """

    z: FloatArray
    log_likelihood: FloatArray
    degrees: tuple[float, ...]
    acceptance: float
    log_evidence: float


def sample(
    log_likelihood: LogLikelihood,
    dimensions: int,
    *,
    particles: int = 2048,
    steps: int = 12,
    rng: np.random.Generator,
) -> Particles:
    """Draw from the posterior of standard normal coordinates.

    Parameters
    ----------
    log_likelihood
        Of many points at a time.
    dimensions
        Number of coordinates.
    particles, steps
        How many draws, and how many Metropolis steps each after every degree; three times as many after the last.
    rng
        Where randomness comes from.
    """
    z = rng.standard_normal((particles, dimensions))
    value, degree, stride = log_likelihood(z), 0.0, _STRIDE
    degrees, evidence, acceptance = list[float](), 0.0, 0.0
    while degree < 1:
        step = _next_step(value, 1 - degree)
        weights, total = normalised(step * value)
        evidence += total - float(np.log(particles))
        degree = 1.0 if degree + step > 1 - 1e-12 else degree + step
        degrees.append(degree)
        ancestors = systematic(weights, particles, rng)
        z, value = z[ancestors], value[ancestors]
        normal = _Normal.of(z)
        for _ in range(3 * steps if degree == 1 else steps):
            proposed = normal.near(z, stride, rng)
            new = log_likelihood(proposed)
            gain = degree * (new - value) + _standard(proposed) - _standard(z) - normal.log(proposed) + normal.log(z)
            accepted = np.log(rng.random(particles)) < gain
            z, value = np.where(accepted[:, None], proposed, z), np.where(accepted, new, value)
            acceptance = float(accepted.mean())
            stride = float(np.clip(stride * np.exp(0.5 * (acceptance - _WANTED)), 0.05, 1.0))
    return Particles(z, value, tuple(degrees), acceptance, evidence)


@dataclass(frozen=True, eq=False)
class _Normal:
    """The normal distribution with the mean and about the covariance of some particles."""

    mean: FloatArray
    root: FloatArray

    @classmethod
    def of(cls, z: FloatArray) -> _Normal:
        covariance = np.cov(z, rowvar=False).reshape(z.shape[1], -1)
        root = np.linalg.cholesky(_WIDER * covariance + 1e-6 * np.eye(z.shape[1]))
        return cls(z.mean(axis=0), np.asarray(root, dtype=np.float64))

    def near(self, z: FloatArray, stride: float, rng: np.random.Generator) -> FloatArray:
        """Return points so far from `z` that the distribution stays as it is."""
        fresh = rng.standard_normal(z.shape) @ self.root.T
        return np.asarray(self.mean + np.sqrt(1 - stride**2) * (z - self.mean) + stride * fresh, dtype=np.float64)

    def log(self, z: FloatArray) -> FloatArray:
        """Return the logarithm of the density, but for a constant."""
        return _standard(np.asarray(np.linalg.solve(self.root, (z - self.mean).T).T, dtype=np.float64))


def _standard(z: FloatArray) -> FloatArray:
    return np.asarray(-0.5 * (z**2).sum(axis=1), dtype=np.float64)


def _next_step(value: FloatArray, most: float) -> float:
    """Return by how much the likelihood's power may grow for half of the particles to count still."""
    wanted = _KEPT * len(value)
    if effective(normalised(most * value)[0]) >= wanted:
        return most
    low, high = 0.0, most
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if effective(normalised(middle * value)[0]) >= wanted else (low, middle)
    return max(low, 1e-12)


def effective(weights: FloatArray) -> float:
    """Return the number of particles that are worth as much as some with these weights (Kong, Liu and Wong 1994)."""
    return float(1 / np.sum(weights**2))


def normalised(log_weights: FloatArray) -> tuple[FloatArray, float]:
    """Return weights that are 1 in all, and the logarithm of what they were in all."""
    top = float(log_weights.max())
    weights = np.exp(log_weights - top)
    total = float(weights.sum())
    return weights / total, top + float(np.log(total))


def systematic(weights: FloatArray, number: int, rng: np.random.Generator) -> IntArray:
    """Return places, each about as often as its weight says, with one random number for all (Kitagawa 1996)."""
    places = (np.arange(number) + rng.random()) / number
    return np.asarray(np.minimum(np.searchsorted(np.cumsum(weights), places), len(weights) - 1), dtype=np.int64)
