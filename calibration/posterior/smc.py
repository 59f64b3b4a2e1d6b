"""Draws from a posterior by sequential Monte Carlo.

Input: a log likelihood over standard normal coordinates (quantiles turn any prior into these).  Output: particles.
The power of the likelihood grows by steps, each so large that the effective number is half of the particles (adaptive
tempering: Del Moral, Doucet and Jasra 2006).  After each step the particles are resampled and moved by Metropolis
steps.  The proposals preserve a normal distribution with the particles' own mean and covariance (preconditioned
Crank-Nicolson: Cotter, Roberts, Stuart and White 2013).  So the many directions that the likelihood hardly sees do not
slow the sampler.
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
        Powers of the likelihood, the last of them one.
    acceptance
        Share of accepted steps in the last round.
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
        The log likelihood of many points at a time.
    dimensions
        Number of coordinates.
    particles, steps
        Number of draws, and of Metropolis steps of each after every power; three times as many after the last.
    rng
        Source of random numbers.
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
    """A normal distribution with the mean of particles and approximately their covariance."""

    mean: FloatArray
    root: FloatArray

    @classmethod
    def of(cls, z: FloatArray) -> _Normal:
        covariance = np.cov(z, rowvar=False).reshape(z.shape[1], -1)
        root = np.linalg.cholesky(_WIDER * covariance + 1e-6 * np.eye(z.shape[1]))
        return cls(z.mean(axis=0), np.asarray(root, dtype=np.float64))

    def near(self, z: FloatArray, stride: float, rng: np.random.Generator) -> FloatArray:
        """Return proposals from `z` that leave the distribution unchanged."""
        fresh = rng.standard_normal(z.shape) @ self.root.T
        return np.asarray(self.mean + np.sqrt(1 - stride**2) * (z - self.mean) + stride * fresh, dtype=np.float64)

    def log(self, z: FloatArray) -> FloatArray:
        """Return the logarithm of the density, up to a constant."""
        return _standard(np.asarray(np.linalg.solve(self.root, (z - self.mean).T).T, dtype=np.float64))


def _standard(z: FloatArray) -> FloatArray:
    return np.asarray(-0.5 * (z**2).sum(axis=1), dtype=np.float64)


def _next_step(value: FloatArray, most: float) -> float:
    """Return the growth of the likelihood's power that leaves an effective number of half the particles."""
    wanted = _KEPT * len(value)
    if effective(normalised(most * value)[0]) >= wanted:
        return most
    low, high = 0.0, most
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if effective(normalised(middle * value)[0]) >= wanted else (low, middle)
    return max(low, 1e-12)


def effective(weights: FloatArray) -> float:
    """Return the effective number of particles with these weights (Kong, Liu and Wong 1994)."""
    return float(1 / np.sum(weights**2))


def normalised(log_weights: FloatArray) -> tuple[FloatArray, float]:
    """Return weights with the sum 1, and the logarithm of their former sum."""
    top = float(log_weights.max())
    weights = np.exp(log_weights - top)
    total = float(weights.sum())
    return weights / total, top + float(np.log(total))


def systematic(weights: FloatArray, number: int, rng: np.random.Generator) -> IntArray:
    """Return indices, each in proportion to its weight, by one random number for all (Kitagawa 1996)."""
    places = (np.arange(number) + rng.random()) / number
    return np.asarray(np.minimum(np.searchsorted(np.cumsum(weights), places), len(weights) - 1), dtype=np.int64)
