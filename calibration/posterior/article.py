"""All steps from the article to a posterior: identities, history matching, emulator, sequential Monte Carlo.

Input: settings and a number of processes.  Output: a :class:`Calibration`: the simulated points, the
points that the article rules out, the parameters that it can move, and draws that agree with it.  Each draw is
simulated again as a check.  The result depends on the settings only, not on the number of processes.
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
from calibration.posterior.smc import Particles, sample, systematic
from calibration.posterior.space import Space, standard_scores
from calibration.posterior.targets import Observed, observed_targets, period_span
from calibration.posterior.weighing import chance_of, weights_of
from calibration.posterior.work import simulate_points
from foundation.arrays import FloatArray, IntArray
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
"""Called with the stage, and with how many points of all stages are done and how many there are."""

MOVES: Final = 0.15
"""A target moves a parameter if the parameter's own effect is at least this part of the target's total uncertainty."""
_MOST_INPUTS: Final = 12
_WEIGH_FROM: Final = 500_000
_VERIFY_FROM: Final = 1_000_000
_PAIRS: Final = 64
"""Candidates that are simulated twice, to estimate chance."""


@dataclass(frozen=True)
class Settings:
    """The amount of work for a posterior.

    Attributes
    ----------
    seed
        Seed of everything random.
    design, refine
        Points of the Sobol design over the priors, and of the second wave where the article is likely.
    particles
        Particles of the sequential Monte Carlo.
    candidates
        Particles that are simulated, and weighted by their outcomes.
    draws, each
        Draws that are selected, and simulations of each.
    days
        Measured days of a run; the scenarios' own if ``None``.
    """

    seed: int = 1
    design: int = 512
    refine: int = 256
    particles: int = 2048
    candidates: int = 320
    draws: int = 256
    each: int = 2
    days: int | None = None


STANDARD: Final = Settings()
QUICK: Final = Settings(design=256, refine=64, particles=512, candidates=64, draws=32)
"""A trial run: too few points for a reliable posterior."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """The result of a calibration to the article.

    Attributes
    ----------
    settings
        What it was made with.
    halls
        The scenarios and their parameters.
    targets
        Published intervals; the fitted ones come first.
    points, outcomes
        All simulated points of both waves, shape (points, parameters), and their outcomes, shape (points, columns).
    first
        History matching of the design alone.
    space, likelihood
        The moved parameters, and the likelihood of the article as a function of them, after the second wave.
    particles, strict
        Draws by the emulator alone, with the targets' discrepancies and without them.
    candidates, weights
        Particles that were simulated, shape (candidates, dimensions), and their weights by their outcomes, 1 in
        total.
    vectors, periods
        The selected draws: shape (draws, parameters), and (draws,).
    verified
        Their simulated outcomes: shape (draws, each, columns).
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
    """Return the value of each target in rows of outcomes, on its scale and without the counting period.

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
    column_of = {name: k for k, name in enumerate(columns)}
    values = [observed.target.scaled(outcomes[..., column_of[observed.target.column]]) for observed in targets]
    return np.stack(values, axis=-1)


def choose_inputs(x: FloatArray, values: FloatArray, targets: Sequence[Observed]) -> list[IntArray]:
    """Return, for each target, the parameters that can move it by more than a part of its total uncertainty.

    Parameters
    ----------
    x
        Standard scores, shape (points, parameters).
    values
        Values of the targets at the points, shape (points, targets).
    targets
        Published intervals, whose discrepancies count as uncertainty.
    """
    inputs = []
    for column, observed in enumerate(targets):
        shown = np.isfinite(values[:, column])  # a short run may have no such case
        strengths = effects(x[shown], values[shown, column])
        unexplained = max(float(values[shown, column].var() - np.sum(strengths**2)), 0.0)
        rest = np.sqrt(unexplained + observed.target.discrepancy**2)
        order = np.argsort(-strengths, kind="stable")[:_MOST_INPUTS]
        strong = order[strengths[order] > MOVES * rest]
        inputs.append(np.sort(strong if strong.size else order[:1]))
    return inputs


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
        The amount of work.
    workers
        Simulating processes; the numbers are the same for any number of them.
    progress, cancel
        Called with the progress; and checked between pieces of work.

    Raises
    ------
    HallplanError
        If no point of the design is near the article, or a process dies.
    CancellationError
        If `cancel` was set.
    """
    simulator = _Simulator(Halls.of(days=settings.days), settings, workers, _Counter(progress, settings), cancel)
    table, columns = simulator.halls.table, simulator.halls.columns
    every = observed_targets()
    fitted = tuple(observed for observed in every if observed.target.fitted)
    streams = np.random.default_rng([settings.seed, 4])

    points, outcomes, matched = _two_waves(simulator, fitted, streams)
    near = np.concatenate([matched.retained, np.ones(settings.refine, dtype=np.bool_)])
    emulator = fit_targets(table, points[near], target_values(outcomes[near], columns, fitted), fitted)
    space, likelihood = Space(table, emulator.inputs), Likelihood.of(emulator, fitted)
    particles, strict = _with_and_without_discrepancies(space, likelihood, settings.particles, streams)
    candidates = _some(particles.z, settings.candidates, streams)
    vectors = space.vectors(candidates, streams)
    weights = _weigh(simulator, space, likelihood, candidates, vectors)
    selected = systematic(weights, settings.draws, streams)
    scores, vectors = candidates[selected], vectors[selected]
    replications = _VERIFY_FROM + np.arange(settings.draws * settings.each).reshape(settings.draws, settings.each)
    verified = simulator.simulate("verify", vectors, replications)
    return Calibration(
        settings,
        simulator.halls,
        tuple(sorted(every, key=lambda observed: not observed.target.fitted)),
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
        space.period(scores),
        verified,
    )


@dataclass(frozen=True, eq=False)
class _Simulator:
    """What every stage simulates with."""

    halls: Halls
    settings: Settings
    workers: int
    counter: _Counter
    cancel: CancelToken | None

    def simulate(self, stage: Stage, points: FloatArray, replications: IntArray) -> FloatArray:
        return simulate_points(
            self.halls,
            points,
            replications,
            seed=self.settings.seed,
            workers=self.workers,
            on_progress=self.counter.of(stage),
            cancel=self.cancel,
        )


def _two_waves(
    simulator: _Simulator, fitted: Sequence[Observed], streams: np.random.Generator
) -> tuple[FloatArray, FloatArray, Match]:
    """Simulate a design over the priors, then points drawn from a first posterior.

    Returns
    -------
    tuple
        The points of both waves, their outcomes, and which points of the design the targets do not rule out.
    """
    settings, table, columns = simulator.settings, simulator.halls.table, simulator.halls.columns
    design = sobol_points(table, settings.design, seed=settings.seed)
    shown = simulator.simulate("design", design, np.arange(settings.design)[:, None])[:, 0]
    emulator = fit_targets(table, design, target_values(shown, columns, fitted), fitted)
    space, wide = Space(table, emulator.inputs), Likelihood.of(emulator, fitted)
    matched = _match_design(wide, table, design)
    rough = posterior_particles(space, wide, particles=settings.particles, rng=streams)
    second = space.vectors(_some(rough.z, settings.refine, streams), streams)
    numbers = settings.design + np.arange(settings.refine)
    shown_second = simulator.simulate("refine", second, numbers[:, None])[:, 0]
    return np.concatenate([design, second]), np.concatenate([shown, shown_second]), matched


def _with_and_without_discrepancies(
    space: Space, likelihood: Likelihood, number: int, streams: np.random.Generator
) -> tuple[Particles, Particles]:
    """Draw from the posterior, and from the posterior of a model without discrepancies."""
    exact = replace(likelihood, discrepancies=np.zeros_like(likelihood.discrepancies))
    particles = posterior_particles(space, likelihood, particles=number, rng=streams)
    return particles, posterior_particles(space, exact, particles=number, rng=streams)


def _weigh(
    simulator: _Simulator, space: Space, likelihood: Likelihood, candidates: FloatArray, vectors: FloatArray
) -> FloatArray:
    """Simulate every candidate once, and the first of them twice; return the weights of the candidates."""
    columns, numbers = simulator.halls.columns, _WEIGH_FROM + np.arange(len(candidates))
    once = simulator.simulate("weigh", vectors, numbers[:, None])[:, 0]
    twice = simulator.simulate("weigh", vectors[:_PAIRS], numbers[:_PAIRS, None] + len(candidates))[:, 0]
    first, second = (target_values(outcomes, columns, likelihood.targets) for outcomes in (once, twice))
    return weights_of(likelihood, space, candidates, first, chance=chance_of(first[:_PAIRS], second))


def _match_design(likelihood: Likelihood, table: ParameterTable, design: FloatArray) -> Match:
    """Match the design; each point gets the counting period that fits it best."""
    x = standard_scores(table, design)
    periods = np.linspace(*period_span(), 10)
    matches = [
        match(likelihood.means(x, np.full(len(x), period)), likelihood.sd, likelihood.targets) for period in periods
    ]
    totals = np.array([matched.implausibility.max(axis=1) for matched in matches])
    best = totals.argmin(axis=0)
    means = likelihood.means(x, periods[best])
    return match(means, likelihood.sd, likelihood.targets)


def _some(z: FloatArray, number: int, rng: np.random.Generator) -> FloatArray:
    """Return a number of particles; none twice before each was taken once."""
    order = rng.permutation(len(z))
    return z[np.resize(order, number)]


class _Counter:
    """The number of completed points, over all stages."""

    def __init__(self, progress: Progress | None, settings: Settings) -> None:
        self._progress, self._done = progress, 0
        self._total = settings.design + settings.refine + settings.candidates + _PAIRS + settings.draws

    def of(self, stage: Stage) -> Callable[[int], None]:
        def count(more: int) -> None:
            self._done += more
            if self._progress is not None:
                self._progress(stage, self._done, self._total)

        return count
