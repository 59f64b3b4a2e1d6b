"""Two hundred synthetic articles, written from points whose parameters are known: is the posterior right about them?

The points are those of the artefact's first design that its emulator is here kept from seeing, and what they show is
simulated, not emulated (Talts, Betancourt, Simpson, Vehtari and Gelman 2018: simulation-based calibration).  The
posterior is the one that ships: the emulator's draws, weighted by what a simulation of each shows.  To simulate the
120,000 draws would take days.  So a stand-in shows them: a quadratic in all points, with the misfit of the simulated
point nearest by, and with chance as large as between two simulations of one draw.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy import spatial, special, stats

from calibration.posterior.artefact import load_posterior
from calibration.posterior.article import fit_targets, posterior_particles, target_values
from calibration.posterior.design import Halls
from calibration.posterior.emulator import Emulator
from calibration.posterior.likelihood import Likelihood
from calibration.posterior.space import Space, standard_scores
from calibration.posterior.targets import Observed, observed_targets, period_span
from calibration.posterior.weighing import chance_of, weights_of

pytestmark = pytest.mark.slow

ARTICLES = 200
PARTICLES = 600
STEPS = 6


@dataclass(frozen=True)
class Given:
    """An observed interval on the target's scale, in the place of a published one."""

    key: str
    target: object
    ends: tuple[float, float]


@dataclass(frozen=True)
class StandIn:
    """Shows at a point what a simulation might show there."""

    emulator: Emulator
    active: np.ndarray
    x: np.ndarray
    misfit: np.ndarray
    chance: np.ndarray

    @classmethod
    def of(cls, table, points, values, chance):
        emulator = fit_targets(table, points, values, observed_fitted())
        x = standard_scores(table, points)
        error = values - emulator.mean(x)
        part = np.sqrt(np.maximum(1 - chance**2 / error.var(axis=0), 0))  # what of an error is not chance
        return cls(emulator, emulator.inputs, x[:, emulator.inputs], error * part, chance)

    def shown(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        nearest = spatial.cKDTree(self.x).query(x[:, self.active])[1]
        return (
            self.emulator.mean(x) + self.misfit[nearest] + self.chance * rng.standard_normal((len(x), self.chance.size))
        )


def observed_fitted():
    return tuple(observed for observed in observed_targets() if observed.target.fitted)


@dataclass(frozen=True)
class Bank:
    table: object
    fitted: tuple[Observed, ...]
    points: np.ndarray
    values: np.ndarray
    train: np.ndarray
    test: np.ndarray
    space: Space
    likelihood: Likelihood
    simulator: StandIn

    def coordinates(self, vectors: np.ndarray) -> np.ndarray:
        """Return where vectors lie among the standard normal coordinates of the moved parameters."""
        unit = [self.table.parameters[k].prior.cdf(vectors[:, k]) for k in self.space.active]
        return special.ndtri(np.clip(np.stack(unit, axis=1), 1e-9, 1 - 1e-9))

    def article(self, values: np.ndarray, period: float, rng: np.random.Generator) -> Likelihood:
        """Return the likelihood of an article that reports these values, off by a discrepancy, and rounds them."""
        shown = values + self.likelihood.discrepancies * rng.standard_normal(values.size)
        shown = shown + self.likelihood.counted(np.array([period]))[0]
        given = []
        for one, value in zip(self.fitted, shown, strict=True):
            low, high = one.ends
            below = rng.random() * (high - low)
            ends = (low, high) if one.target.at_most else (value - below, value - below + high - low)
            given.append(Given(one.key, one.target, ends))
        return replace(self.likelihood, targets=tuple(given))


@pytest.fixture(scope="module")
def bank():
    posterior, halls = load_posterior(), Halls.of()
    frame = posterior.points
    first = frame[frame["wave"] == 1]
    points, outcomes = first[list(halls.table.keys)].to_numpy(), first[list(halls.columns)].to_numpy()
    fitted = observed_fitted()
    values = target_values(outcomes, halls.columns, fitted)
    order = np.random.default_rng(3).permutation(len(points))
    test, train = order[:ARTICLES], order[ARTICLES:]
    emulator = fit_targets(halls.table, points[train], values[train], fitted)
    space = Space(halls.table, emulator.inputs)
    pairs = [
        target_values(rows[list(halls.columns)].to_numpy(), halls.columns, fitted)
        for _, rows in posterior.outcomes.groupby("simulation")
    ]
    every = target_values(frame[list(halls.columns)].to_numpy(), halls.columns, fitted)
    simulator = StandIn.of(halls.table, frame[list(halls.table.keys)].to_numpy(), every, chance_of(*pairs))
    return Bank(halls.table, fitted, points, values, train, test, space, Likelihood.of(emulator, fitted), simulator)


@dataclass(frozen=True)
class Answers:
    """Of every synthetic article: the truth, the posterior's mean, and the share of the posterior below the truth.

    Each of shape (articles, moved parameters and the period), in standard normal coordinates.
    """

    truth: np.ndarray
    mean: np.ndarray
    rank: np.ndarray


@pytest.fixture(scope="module")
def answers(bank):
    low, high = period_span()
    found = []
    for place in bank.test:
        rng = np.random.default_rng([7, int(place)])
        period = rng.uniform(low, high)
        likelihood = bank.article(bank.values[place], period, rng)
        z = posterior_particles(bank.space, likelihood, particles=PARTICLES, rng=rng, steps=STEPS).z
        x = rng.standard_normal((len(z), len(bank.table.keys)))  # what is not moved is drawn from its prior
        x[:, bank.space.active] = bank.space.scores(z)[:, bank.space.active]
        simulated = bank.simulator.shown(x, rng)
        weights = weights_of(likelihood, bank.space, z, simulated, chance=bank.simulator.chance)
        truth = np.append(bank.coordinates(bank.points[place][None])[0], special.ndtri((period - low) / (high - low)))
        found.append((truth, weights @ z, weights @ (z < truth)))
    return Answers(*(np.array(part) for part in zip(*found, strict=True)))


@pytest.fixture(scope="module")
def ranks(answers):
    return answers.rank


def test_the_emulator_is_as_wrong_about_points_it_has_not_seen_as_it_says(bank):
    x = standard_scores(bank.table, bank.points[bank.test])
    scores = (bank.values[bank.test] - bank.likelihood.emulator.mean(x)) / bank.likelihood.emulator.sd
    chance = np.sqrt(1 / len(bank.test) + 1 / len(bank.train))
    assert (np.abs(scores.mean(axis=0)) < 4 * chance * scores.std(axis=0)).all()
    assert (scores.std(axis=0) > 0.75).all()
    assert (scores.std(axis=0) < 1.35).all()


def test_ninety_per_cent_intervals_hold_the_truth_in_ninety_per_cent_of_articles(ranks):
    held = ((ranks > 0.05) & (ranks < 0.95)).mean(axis=0)
    assert 0.85 <= held.mean() <= 0.95
    # Of one parameter, the articles tell the share to within 2.1 points (one standard error).
    assert (held >= 0.9 - 4 * np.sqrt(0.9 * 0.1 / ARTICLES)).all()


def test_ranks_of_the_truth_are_even(ranks):
    """By Kolmogorov and Smirnov for each parameter; the least of many p values by Bonferroni."""
    jitter = np.random.default_rng(1).uniform(0, 1 / PARTICLES, ranks.shape)
    p = [stats.kstest(np.clip(column, 0, 1), "uniform").pvalue for column in (ranks * (1 - 1 / PARTICLES) + jitter).T]
    assert min(p) * len(p) > 0.01


@pytest.mark.parametrize(
    ("key", "least"),
    [
        ("arrivals.instant.per_day", 0.6),
        ("honghuagang-2014: arrivals.enquiries.per_day", 0.6),
        ("honghuagang-2014: arrivals.instant.per_day", 0.5),
        ("services.*.visits.*.window.work", -0.2),
    ],
)
def test_what_the_article_teaches_is_what_was_true(bank, answers, key, least):
    """Posterior means of the arrivals follow the truth over the articles; those of minutes at a window can't."""
    column = [bank.table.keys[k] for k in bank.space.active].index(key)
    found = np.corrcoef(answers.truth[:, column], answers.mean[:, column])[0, 1]
    assert found > least
    if least < 0:
        assert found < 0.5


def test_a_known_set_of_parameters_is_recovered(bank):
    """From exact figures without discrepancy, the mean of a point's neighbours in all but the unseen directions."""
    rng = np.random.default_rng(11)
    z = np.zeros((1, bank.space.dimensions))
    column = {bank.table.keys[k]: c for c, k in enumerate(bank.space.active)}
    moved = {"arrivals.instant.per_day": -1.0, "honghuagang-2014: arrivals.enquiries.per_day": 1.2}
    for key, value in moved.items():
        z[0, column[key]] = value
    exact = replace(bank.likelihood, discrepancies=np.zeros(len(bank.fitted)))
    means = exact.means(bank.space.scores(z), bank.space.period(z))[0]
    targets = tuple(
        Given(one.key, one.target, one.ends if one.target.at_most else (mean - 1e-3, mean + 1e-3))
        for one, mean in zip(bank.fitted, means, strict=True)
    )
    drawn = posterior_particles(bank.space, replace(exact, targets=targets), particles=1024, rng=rng)
    for key, value in moved.items():
        some = drawn.z[:, column[key]]
        low, high = np.quantile(some, [0.025, 0.975])
        assert low < value < high
        assert some.std() < 0.9
        assert np.sign(some.mean()) == np.sign(value)


def test_rejection_finds_the_same_posterior(bank):
    """Approximate Bayesian computation by rejection, with no likelihood at all: draw, emulate, blur, keep the near.

    On the visits of both years, with tolerances as wide as the figures' words; hardly a draw meets an exact count.
    """
    keys = ("visits-before", "visits-now")
    chosen = [k for k, one in enumerate(bank.fitted) if one.key in keys]
    likelihood = bank.likelihood.without(*(one.key for one in bank.fitted if one.key not in keys))
    rng = np.random.default_rng(5)
    drawn = posterior_particles(bank.space, likelihood, particles=4096, rng=rng)
    low, high = (np.array(ends) for ends in zip(*(bank.fitted[k].ends for k in chosen), strict=True))
    accepted = []
    for _ in range(180):
        z = rng.standard_normal((5_000, bank.space.dimensions))
        shown = likelihood.means(bank.space.scores(z), bank.space.period(z))
        shown = shown + likelihood.sd * rng.standard_normal(shown.shape)
        accepted.append(z[((shown > low) & (shown < high)).all(axis=1)])
    kept = np.concatenate(accepted)
    assert len(kept) > 1_000
    for column in range(bank.space.dimensions):
        error = kept[:, column].std() / np.sqrt(len(kept)) + drawn.z[:, column].std() / np.sqrt(len(drawn.z) / 4)
        assert abs(kept[:, column].mean() - drawn.z[:, column].mean()) < 5 * error
        assert abs(kept[:, column].std() / drawn.z[:, column].std() - 1) < 0.15
