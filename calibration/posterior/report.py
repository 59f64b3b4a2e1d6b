"""What has been learnt: of each parameter, of each target, and of each forecast.

In comes a calibration; out come rows of plain numbers.  Of a parameter: its prior and posterior, the contraction
1 - sd(posterior) / sd(prior), and one word.  Of a target: what the posterior foretells of it when it is itself left
out, and how surprising the published figure then is.  Of a forecast: what part of its variance is chance, what part
comes from parameters that the article has narrowed, and what part from those that nobody has measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from scipy import special

from calibration.posterior.article import Calibration, posterior_particles, target_values
from calibration.posterior.design import AFTER, BEFORE
from calibration.posterior.smc import effective, systematic
from calibration.posterior.space import Space, standard_scores
from calibration.posterior.targets import PERIOD, Observed, from_scale, period_span
from sim.calendar import BoolArray, FloatArray

__all__ = [
    "FORECASTS",
    "LEARNT",
    "Predicted",
    "Word",
    "diagnostics",
    "forecast_rows",
    "moved_values",
    "parameter_rows",
    "period_row",
    "predict",
    "split_variance",
    "target_rows",
]

Word = Literal["calibrated", "derived", "assumed"]

LEARNT: Final = 0.1
"""A contraction below this is not called learning."""

FORECASTS: Final = (
    f"{AFTER}: wait_mean_min",
    f"{AFTER}: wait_q95_min",
    f"{AFTER}: wait_within_15_share",
    f"{AFTER}: hours_in_hall_mean",
    f"{AFTER}: left_share",
    f"{AFTER}: trips_per_item",
    f"{AFTER}: case_elapsed_mean_days",
    f"{AFTER}: case_within_promised_share",
    f"{AFTER}: open_cases",
    f"{AFTER}: elapsed_mean_days.food-licence",
    f"{AFTER}: overtime_min_per_day",
    f"{BEFORE}: case_elapsed_mean_days",
    f"{BEFORE}: elapsed_mean_days.food-licence",
    f"{BEFORE}: open_cases",
)
"""Outcomes that are forecast: no target is made of them."""

_TAIL: Final = 0.05


def _draws(found: Calibration) -> FloatArray:
    """Return the candidates in proportion to their weights, shape (particles, dimensions)."""
    rng = np.random.default_rng([found.settings.seed, 6])
    return found.candidates[systematic(found.weights, found.settings.particles, rng)]


def moved_values(found: Calibration) -> FloatArray:
    """Return the draws as values of the moved parameters: shape (particles, moved)."""
    z = _draws(found)
    priors = [found.table.parameters[k].prior for k in found.space.active]
    return np.stack([one.quantile(special.ndtr(z[:, c])) for c, one in enumerate(priors)], axis=1)


def parameter_rows(found: Calibration) -> list[dict[str, Any]]:
    """Return one row a parameter, the counting period last.

    Keys: ``parameter``, its ``entry`` with ``kind`` and ``range``, ``unit``, ``base``, ``moved`` (by the
    article), ``prior`` and ``posterior`` (``mean``, ``sd``, ``low`` and ``high``: 5% and 95%), ``contraction`` and
    ``word``.
    """
    values = dict(zip(found.space.active.tolist(), moved_values(found).T, strict=True))
    rows = []
    for place, one in enumerate(found.table.parameters):
        prior = {"mean": one.prior.mean, "sd": one.prior.sd, **_ends(one.prior.quantile([_TAIL, 1 - _TAIL]))}
        posterior = _described(values[place]) if place in values else prior
        contraction = 1 - posterior["sd"] / prior["sd"]
        word: Word = "calibrated" if contraction >= LEARNT else one.kind
        rows.append(
            {
                "parameter": one.key,
                "entry": one.key.rpartition(": ")[2],
                "kind": one.kind,
                "range": list(one.range),
                "unit": one.unit,
                "base": one.base,
                "moved": place in values,
                "prior": prior,
                "posterior": posterior,
                "contraction": contraction,
                "word": word,
            }
        )
    return rows


def period_row(found: Calibration) -> dict[str, Any]:
    """Return prior and posterior of the counting period, as for a parameter."""
    low, high = period_span()
    prior = {
        "mean": (low + high) / 2,
        "sd": (high - low) / float(np.sqrt(12)),
        "low": low + _TAIL * (high - low),
        "high": high - _TAIL * (high - low),
    }
    posterior = _described(found.space.period(_draws(found)))
    contraction = 1 - posterior["sd"] / prior["sd"]
    word: Word = "calibrated" if contraction >= LEARNT else "assumed"
    return {"parameter": PERIOD, "prior": prior, "posterior": posterior, "contraction": contraction, "word": word}


def _described(values: FloatArray) -> dict[str, float]:
    return {
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)),
        **_ends(np.quantile(values, [_TAIL, 1 - _TAIL])),
    }


def _ends(pair: FloatArray) -> dict[str, float]:
    return {"low": float(pair[0]), "high": float(pair[1])}


# ---- targets -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Predicted:
    """What is foretold of a target: its median and 90% interval in the figure's own unit, and the p value."""

    median: float
    low: float
    high: float
    p: float

    def as_dict(self) -> dict[str, float]:
        """Return it as plain numbers."""
        return {"median": self.median, "low": self.low, "high": self.high, "p": self.p}


def predict(means: FloatArray, sd: float, one: Observed, rng: np.random.Generator) -> Predicted:
    """Return what normal numbers about `means` foretell of a target's figure.

    The p value is twice the smaller of the chances that the figure is at or below, and at or above, the published
    interval; for a bound the chance that it is kept.
    """
    low, high = one.ends
    below, above = float(special.ndtr((high - means) / sd).mean()), float(special.ndtr((means - low) / sd).mean())
    p = below if one.target.at_most else min(1.0, 2 * min(below, above))
    drawn = np.quantile(means + sd * rng.standard_normal(means.shape), [_TAIL, 0.5, 1 - _TAIL])
    ends = from_scale(drawn, one.target.scale)
    return Predicted(float(ends[1]), float(ends[0]), float(ends[2]), p)


def target_rows(found: Calibration) -> list[dict[str, Any]]:
    """Return one row a target.

    Keys: ``target``, ``title``, ``why``, ``observed`` (``low``, ``high``), ``fitted``, ``discrepancy``, ``error`` (the
    emulator's), ``explained``, ``kept`` (share of the design within three standard deviations), and what is foretold of
    it: ``posterior`` with all targets, as the draws show it when they are simulated; by the emulator alone
    ``left_out``, without itself, and ``strict``, without discrepancies.
    """
    rng = np.random.default_rng([found.settings.seed, 5])
    likelihood = found.likelihood
    shown = target_values(found.verified, found.halls.columns, likelihood.targets)
    every = (shown + likelihood.counted(found.periods)[:, None, :]).reshape(-1, len(likelihood.targets))
    strict_z = found.strict.z
    strict = likelihood.means(found.space.scores(strict_z), found.space.period(strict_z))
    rows = []
    for column, one in enumerate(likelihood.targets):
        part, sd = likelihood.emulator.parts[column], float(likelihood.sd[column])
        without = posterior_particles(
            found.space, likelihood.without(one.key), particles=found.settings.particles, rng=rng
        )
        left_out = likelihood.means(found.space.scores(without.z), found.space.period(without.z))[:, column]
        rows.append(
            {
                **_row(one),
                "error": part.sd,
                "explained": part.explained,
                "kept": found.first.shares[one.key],
                "posterior": predict(every[:, column], one.target.discrepancy, one, rng).as_dict(),
                "left_out": predict(left_out, sd, one, rng).as_dict(),
                "strict": predict(strict[:, column], part.sd, one, rng).as_dict(),
            }
        )
    checks = [one for one in found.targets if not one.target.fitted]
    shown = target_values(found.verified, found.halls.columns, checks).reshape(-1, len(checks))
    for column, one in enumerate(checks):
        foretold = predict(shown[:, column], one.target.discrepancy, one, rng).as_dict()
        rows.append({**_row(one), "posterior": foretold, "left_out": foretold})
    return rows


def _row(one: Observed) -> dict[str, Any]:
    target = one.target
    return {
        "target": one.key,
        "title": {"en": target.title.en, "zh": target.title.zh},
        "why": {"en": target.why.en, "zh": target.why.zh},
        "observed": {"low": None if target.at_most else one.low, "high": one.high},
        "fitted": target.fitted,
        "discrepancy": target.discrepancy,
    }


# ---- forecasts -----------------------------------------------------------------------------------------------------


def split_variance(values: FloatArray, x: FloatArray, calibrated: BoolArray) -> dict[str, float]:
    """Split the variance of an outcome over draws and simulations.

    Parameters
    ----------
    values
        Shape (draws, each).
    x
        Standard scores of the draws' parameters, shape (draws, parameters).
    calibrated
        Which of them the article has narrowed.

    Returns
    -------
    dict
        Shares of the variance of a single run: ``chance`` (within a draw), ``calibrated`` (what a regression on the
        calibrated parameters explains of the means of draws left out of it), ``assumed`` (the rest).
    """
    each, means = values.shape[1], values.mean(axis=1)
    chance = float(values.var(axis=1, ddof=1).mean())
    between = max(float(means.var(ddof=1)) - chance / each, 0.0)
    total = chance + between
    if total == 0:
        return {"chance": 0.0, "calibrated": 0.0, "assumed": 0.0}
    constant = np.ones((len(x), 1))
    alone, error = (
        _left_out_errors(design, means) for design in (constant, np.column_stack([constant, x[:, calibrated]]))
    )
    from_calibrated = float(np.clip(np.mean(alone**2) - np.mean(error**2), 0.0, between))
    return {
        "chance": chance / total,
        "calibrated": from_calibrated / total,
        "assumed": (between - from_calibrated) / total,
    }


def _left_out_errors(design: FloatArray, y: FloatArray) -> FloatArray:
    """Return what a regression on the other rows gets wrong of each (Allen 1974); on their mean, if there are few."""
    if len(y) <= 2 * design.shape[1]:
        design = design[:, :1]
    solved = np.linalg.pinv(design)
    error, leverage = y - design @ (solved @ y), np.einsum("ij,ji->i", design, solved)
    return np.asarray(error / np.maximum(1 - leverage, 1e-6), dtype=np.float64)


def forecast_rows(found: Calibration, words: list[str]) -> list[dict[str, Any]]:
    """Return one row a forecast: mean and 90% interval of one run over the draws, and where its variance comes from.

    Parameters
    ----------
    found
        The calibration.
    words
        Of the parameters, in their order.
    """
    x = standard_scores(found.table, found.vectors)
    calibrated = np.array([word == "calibrated" for word in words])
    rows = []
    for column, name in enumerate(found.halls.columns):
        if name not in FORECASTS:
            continue
        values = found.verified[:, :, column]
        known = np.isfinite(values).all(axis=1)
        some = values[known]
        low, high = np.quantile(some, [_TAIL, 1 - _TAIL])
        rows.append(
            {
                "forecast": name,
                "mean": float(some.mean()),
                "low": float(low),
                "high": float(high),
                "draws": len(some),
                **split_variance(some, x[known], calibrated),
            }
        )
    return rows


# ---- diagnostics ---------------------------------------------------------------------------------------------------


def diagnostics(found: Calibration) -> dict[str, Any]:
    """Return how far the emulator and the sampler can be trusted.

    Keys: ``kept`` of the design; ``degrees``, ``acceptance`` and ``log_evidence`` of the sampler; ``verified``: by
    target the mean and standard deviation of simulated minus emulated, in the emulator's errors (nought and one if all
    is well); ``effective_share``: of the candidates, what is left of their number by their weights.
    """
    fitted = found.likelihood.targets
    x = standard_scores(found.table, found.vectors)
    shown = target_values(found.verified, found.halls.columns, fitted)
    emulated = found.likelihood.emulator.mean(x)
    scores = (shown - emulated[:, None, :]) / found.likelihood.emulator.sd
    return {
        "points": len(found.points),
        "kept": int(found.first.kept.sum()),
        "conflicts": [
            {"first": one.first, "second": one.second, "expected": one.expected, "found": one.found}
            for one in found.first.conflicts
        ],
        "degrees": list(found.particles.degrees),
        "acceptance": found.particles.acceptance,
        "log_evidence": found.particles.log_evidence,
        "verified": {
            one.key: {"mean": float(scores[..., k].mean()), "sd": float(scores[..., k].std())}
            for k, one in enumerate(fitted)
        },
        "effective_share": effective(found.weights) / len(found.weights),
        "rank": _rank(found),
    }


def _rank(found: Calibration) -> dict[str, Any]:
    """Return how many directions of the parameters the targets see: singular values of their linear parts.

    Each row is a target's change, in its whole uncertainty, for one prior standard deviation of each parameter.  A
    direction whose singular value is below one moves no target by more than is uncertain anyhow.
    """
    space: Space = found.space
    jacobian = np.zeros((len(found.likelihood.targets), space.dimensions - 1))
    where = {int(place): column for column, place in enumerate(space.active)}
    for row, part in enumerate(found.likelihood.emulator.parts):
        for k, place in enumerate(part.inputs):
            jacobian[row, where[int(place)]] = part.coefficients[k] / found.likelihood.sd[row]
    values = np.linalg.svd(jacobian, compute_uv=False)
    return {
        "parameters": space.dimensions - 1,
        "singular_values": [float(value) for value in values],
        "seen": int((values > 1).sum()),
    }
