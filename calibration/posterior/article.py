"""The whole way from the article to a posterior: identities, history matching, emulator, sequential Monte Carlo.

In come settings and a number of processes; out comes a :class:`Calibration`: the simulated points, what was ruled out,
which parameters the article can move, and draws that agree with it, each simulated again as a check.  It depends on the
settings only, and on no number of processes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from calibration.posterior.design import Halls, sobol_points
from calibration.posterior.emulator import Emulator, effects, fit
from calibration.posterior.likelihood import Likelihood
from calibration.posterior.matching import Match, match
from calibration.posterior.parameters import ParameterTable
from calibration.posterior.smc import Particles, normalised, sample, systematic
from calibration.posterior.space import Space, standard_scores
from calibration.posterior.targets import Observed, observed_targets, period_span
from calibration.posterior.work import simulate_points
from sim.calendar import FloatArray, IntArray
from sim.run.replications import CancelToken

__all__ = [
    "QUICK",
    "STANDARD",
    "Calibration",
    "Progress",
    "Settings",
    "Stage",
    "calibrate",
    "choose_inputs",
    "fit_targets",
    "posterior_particles",
    "target_values",
]

Stage = Literal["design", "refine", "weigh", "verify"]
Progress = Callable[[Stage, int, int], None]
"""Told the stage, and how many points of all stages are done and will be."""

MOVES: Final = 0.15
"""A parameter is moved by a target if its own effect is so large a part of the target's whole uncertainty."""
_MOST_INPUTS: Final = 12
_WEIGH_FROM: Final = 500_000
_VERIFY_FROM: Final = 1_000_000
_PAIRS: Final = 64
"""Candidates that are simulated twice, to know what chance does."""


@dataclass(frozen=True)
class Settings:
    """How much work to put into a posterior.

    Attributes
    ----------
    seed
        Of everything random.
    design, refine
        Points of the Sobol design over the priors, and of the second wave where the article is likely.
    particles
        Of the sequential Monte Carlo.
    candidates
        Particles that are simulated, and weighed by what they show.
    draws, each
        Draws that are kept, and simulations of each.
    days
        Measured days of a run; the scenarios' own if ``None``.
    """

    seed: int = 1
    design: int = 1024
    refine: int = 512
    particles: int = 2048
    candidates: int = 640
    draws: int = 256
    each: int = 2
    days: int | None = None


STANDARD: Final = Settings()
QUICK: Final = Settings(design=256, refine=64, particles=512, candidates=64, draws=32)
"""To see that everything works: too few points for a posterior to rely on."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """What has come of calibrating to the article.

    Attributes
    ----------
    settings
        What it was made with.
    halls
        The scenarios and their parameters.
    targets
        Published intervals, those that were fitted first.
    points, outcomes
        All simulated points of both waves, shape (points, parameters), and what they showed, shape (points, columns).
    first
        History matching of the design alone.
    space, likelihood
        Which parameters are moved, and the article as a function of them, after the second wave.
    particles, strict
        Draws with the targets' discrepancies, and without, by the emulator alone.
    candidates, weights
        Particles that were simulated, shape (candidates, dimensions), and what they weigh by what they showed, 1 in
        all.
    vectors, periods
        The draws that are kept: shape (draws, parameters), and (draws,).
    verified
        What they showed when simulated: shape (draws, each, columns).
    """

    settings: Settings
    halls: Halls
    targets: tuple[Observed, ...]
    points: FloatArray
    outcomes: FloatArray
    first: Match
    space: Space
    likelihood: Likelihood
    particles: Particles
    strict: Particles
    candidates: FloatArray
    weights: FloatArray
    vectors: FloatArray
    periods: FloatArray
    verified: FloatArray

    @property
    def table(self) -> ParameterTable:
        """The uncertain parameters."""
        return self.halls.table


def target_values(outcomes: FloatArray, columns: Sequence[str], targets: Sequence[Observed]) -> FloatArray:
    """Return what rows of outcomes show of each target, on its scale and without the counting period.

    Parameters
    ----------
    outcomes
        Shape (..., columns).
    columns
        Their names.
    targets
        Published intervals.

    Returns
    -------
    float array, shape (..., targets)
    """
    place = {name: k for k, name in enumerate(columns)}
    values = [one.target.scaled(outcomes[..., place[one.target.column]]) for one in targets]
    return np.stack(values, axis=-1)


def choose_inputs(x: FloatArray, values: FloatArray, targets: Sequence[Observed]) -> list[IntArray]:
    """Return, for each target, the parameters that can move it by more than a part of its whole uncertainty.

    Parameters
    ----------
    x
        Standard scores, shape (points, parameters).
    values
        What the points show, shape (points, targets).
    targets
        Published intervals, whose discrepancies count as uncertainty.
    """
    chosen = []
    for column, one in enumerate(targets):
        found = effects(x, values[:, column])
        rest = np.sqrt(max(float(values[:, column].var() - np.sum(found**2)), 0.0) + one.target.discrepancy**2)
        order = np.argsort(-found, kind="stable")[:_MOST_INPUTS]
        strong = order[found[order] > MOVES * rest]
        chosen.append(np.sort(strong if strong.size else order[:1]))
    return chosen


def fit_targets(table: ParameterTable, points: FloatArray, values: FloatArray, targets: Sequence[Observed]) -> Emulator:
    """Fit the emulator of the targets to simulated points, choosing its inputs anew."""
    x = standard_scores(table, points)
    return fit(x, values, choose_inputs(x, values, targets))


def posterior_particles(
    space: Space, likelihood: Likelihood, *, particles: int, rng: np.random.Generator, steps: int = 12
) -> Particles:
    """Draw from the posterior of the moved parameters and the counting period."""

    def log_likelihood(z: FloatArray) -> FloatArray:
        parts = likelihood.log_parts(space.scores(z), space.period(z))
        return np.asarray(parts.sum(axis=1), dtype=np.float64)

    return sample(log_likelihood, space.dimensions, particles=particles, steps=steps, rng=rng)


def calibrate(
    settings: Settings = STANDARD,
    *,
    workers: int = 1,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> Calibration:
    """Calibrate both states of the hall to the article at once.

    Parameters
    ----------
    settings
        How much work to put into it.
    workers
        Simulating processes; the numbers are the same for any number of them.
    progress, cancel
        Told how far it is; and looked at in between.

    Raises
    ------
    HallplanError
        If no point of the design comes near the article, or a process dies.
    CancellationError
        If `cancel` was set.
    """
    halls = Halls.of(days=settings.days)
    table, columns = halls.table, halls.columns
    every = observed_targets()
    fitted = tuple(one for one in every if one.target.fitted)
    streams = np.random.default_rng([settings.seed, 4])
    counter = _Counter(progress, settings)

    def simulate(stage: Stage, points: FloatArray, replications: IntArray) -> FloatArray:
        return simulate_points(
            halls,
            points,
            replications,
            seed=settings.seed,
            workers=workers,
            told=counter.of(stage),
            cancel=cancel,
        )

    design = sobol_points(table, settings.design, seed=settings.seed)
    shown = simulate("design", design, np.arange(settings.design)[:, None])[:, 0]
    emulator = fit_targets(table, design, target_values(shown, columns, fitted), fitted)
    first_space = Space(table, emulator.inputs)
    wide = Likelihood.of(emulator, fitted)
    matched = _match_design(wide, table, design)

    rough = posterior_particles(first_space, wide, particles=settings.particles, rng=streams)
    second = first_space.vectors(_some(rough.z, settings.refine, streams), streams)
    numbers = settings.design + np.arange(settings.refine)
    shown_second = simulate("refine", second, numbers[:, None])[:, 0]

    points, outcomes = np.concatenate([design, second]), np.concatenate([shown, shown_second])
    near = np.concatenate([matched.kept, np.ones(settings.refine, dtype=np.bool_)])
    values = target_values(outcomes[near], columns, fitted)
    emulator = fit_targets(table, points[near], values, fitted)
    space, likelihood = Space(table, emulator.inputs), Likelihood.of(emulator, fitted)
    particles = posterior_particles(space, likelihood, particles=settings.particles, rng=streams)
    strict = posterior_particles(
        space,
        replace(likelihood, discrepancies=np.zeros_like(likelihood.discrepancies)),
        particles=settings.particles,
        rng=streams,
    )
    candidates = _some(particles.z, settings.candidates, streams)
    vectors = space.vectors(candidates, streams)
    numbers = _WEIGH_FROM + np.arange(settings.candidates)
    once = simulate("weigh", vectors, numbers[:, None])[:, 0]
    twice = simulate("weigh", vectors[:_PAIRS], numbers[:_PAIRS, None] + settings.candidates)[:, 0]
    first, second_time = (target_values(some, columns, fitted) for some in (once, twice))
    weights = _weights(likelihood, space, candidates, first, chance=_chance(first[:_PAIRS], second_time))
    chosen = systematic(weights, settings.draws, streams)
    kept, vectors = candidates[chosen], vectors[chosen]
    replications = _VERIFY_FROM + np.arange(settings.draws * settings.each).reshape(settings.draws, settings.each)
    verified = simulate("verify", vectors, replications)
    return Calibration(
        settings,
        halls,
        tuple(sorted(every, key=lambda one: not one.target.fitted)),
        points,
        outcomes,
        matched,
        space,
        likelihood,
        particles,
        strict,
        candidates,
        weights,
        vectors,
        space.period(kept),
        verified,
    )


def _match_design(likelihood: Likelihood, table: ParameterTable, design: FloatArray) -> Match:
    """Match the design, giving each point the counting period that suits it best."""
    x = standard_scores(table, design)
    periods = np.linspace(*period_span(), 10)
    found = [
        match(likelihood.means(x, np.full(len(x), period)), likelihood.sd, likelihood.targets) for period in periods
    ]
    totals = np.array([one.implausibility.max(axis=1) for one in found])
    best = totals.argmin(axis=0)
    means = likelihood.means(x, periods[best])
    return match(means, likelihood.sd, likelihood.targets)


def _chance(once: FloatArray, twice: FloatArray) -> FloatArray:
    """Return the standard deviation that chance alone gives each target, from points that were simulated twice."""
    return np.asarray(np.sqrt(np.nanmean((once - twice) ** 2, axis=0) / 2), dtype=np.float64)


def _weights(
    likelihood: Likelihood, space: Space, z: FloatArray, shown: FloatArray, *, chance: FloatArray
) -> FloatArray:
    """Return what draws weigh that were drawn by an emulator's likelihood, now that each has been simulated once.

    Importance weights.  What is known of a point is the emulator's value, whose misfit is its error less chance, and
    one run, which is off by chance: they are averaged by their precisions, so that a run speaks where the emulator is a
    poor guide (near overload), and the emulator where a run is mostly chance.
    """
    x, period = space.scores(z), space.period(z)
    emulated, errors = likelihood.emulator.mean(x), likelihood.emulator.sd**2
    gain = np.where(np.isnan(shown), 0.0, np.maximum(1 - chance**2 / errors, 0.0))
    mean = emulated + gain * (np.nan_to_num(shown) - emulated)
    sd = np.sqrt((1 - gain) * (errors - np.minimum(chance**2, errors)) + chance**2 + likelihood.discrepancies**2)
    simulated = likelihood.log_chances(mean + likelihood.counted(period), sd)
    return normalised((simulated - likelihood.log_parts(x, period)).sum(axis=1))[0]


def _some(z: FloatArray, number: int, rng: np.random.Generator) -> FloatArray:
    """Return some of the particles, each once while they last."""
    order = rng.permutation(len(z))
    return z[np.resize(order, number)]


class _Counter:
    """How many points are done, over all stages."""

    def __init__(self, progress: Progress | None, settings: Settings) -> None:
        self._progress, self._done = progress, 0
        self._total = settings.design + settings.refine + settings.candidates + _PAIRS + settings.draws

    def of(self, stage: Stage) -> Callable[[int], None]:
        def told(more: int) -> None:
            self._done += more
            if self._progress is not None:
                self._progress(stage, self._done, self._total)

        return told
