"""Results of a calibration: for each parameter, each target, and each forecast.

Input: a calibration.  Output: rows of plain numbers.  A parameter has its prior and posterior, the contraction 1 -
sd(posterior) / sd(prior), and one word.  A target has its prediction by the posterior of the other targets, and a p
value of the published figure.  A forecast has three parts of its variance: chance, the parameters that the article has
narrowed, and the parameters that nobody has measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from scipy import special

from calibration.posterior.article import Calibration, posterior_particles, target_values
from calibration.posterior.design import AFTER, BEFORE
from calibration.posterior.smc import effective, systematic
from calibration.posterior.space import Space, standard_scores
from calibration.posterior.targets import PERIOD, Observed, from_scale, period_span
from foundation.arrays import BoolArray, FloatArray

__all__ = [
    "FORECASTS",
    "LEARNT",
    "Predicted",
    "Word",
    "contraction_half_width",
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
"""A parameter with a smaller contraction does not count as calibrated, nor one whose contraction could be chance."""

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
"""Outcomes that are forecast; none of them is a target."""

_TAIL: Final = 0.05
_TWO_SIDED: Final = 1.959964


def contraction_half_width(manifest: Mapping[str, Any], contraction: float) -> float:
    """Return half the width of the 95 % Monte-Carlo interval of a contraction.

    The standard deviation of n independent normal numbers has a relative standard error of ``1 / √(2 n)``; n is the
    effective number of candidates by their weights.  What the emulator and the design leave open is not in it.

    Parameters
    ----------
    manifest
        Of the posterior.
    contraction
        Of a parameter.
    """
    return _half_width(contraction, manifest["diagnostics"]["effective_share"] * manifest["settings"]["candidates"])


def _half_width(contraction: float, number: float) -> float:
    return float(_TWO_SIDED * (1 - contraction) / np.sqrt(2 * number))


def _is_learnt(contraction: float, number: float) -> bool:
    """Tell whether a contraction from an effective number of candidates is large enough, and more than chance."""
    return contraction >= max(LEARNT, _half_width(contraction, number))


def _draws(calibration: Calibration) -> FloatArray:
    """Return the candidates in proportion to their weights, shape (particles, dimensions)."""
    rng = np.random.default_rng([calibration.settings.seed, 6])
    return calibration.candidates[systematic(calibration.weights, calibration.settings.particles, rng)]


def moved_values(calibration: Calibration) -> FloatArray:
    """Return the draws as values of the moved parameters: shape (particles, moved)."""
    z = _draws(calibration)
    priors = [calibration.table.parameters[k].prior for k in calibration.space.active]
    return np.stack([prior.quantile(special.ndtr(z[:, c])) for c, prior in enumerate(priors)], axis=1)


def parameter_rows(calibration: Calibration) -> list[dict[str, Any]]:
    """Return one row for each parameter, the counting period last.

    Keys: ``parameter``, its ``entry`` with ``kind`` and ``range``, ``unit``, ``base``, ``moved`` (by the
    article), ``prior`` and ``posterior`` (``mean``, ``sd``, ``low`` and ``high``: 5% and 95%), ``contraction`` and
    ``word``.
    """
    values = dict(zip(calibration.space.active.tolist(), moved_values(calibration).T, strict=True))
    number, rows = effective(calibration.weights), list[dict[str, Any]]()
    for index, parameter in enumerate(calibration.table.parameters):
        prior = {
            "mean": parameter.prior.mean,
            "sd": parameter.prior.sd,
            **_ends(parameter.prior.quantile([_TAIL, 1 - _TAIL])),
        }
        posterior = _described(values[index]) if index in values else prior
        contraction = 1 - posterior["sd"] / prior["sd"]
        word: Word = "calibrated" if _is_learnt(contraction, number) else parameter.kind
        rows.append(
            {
                "parameter": parameter.key,
                "entry": parameter.key.rpartition(": ")[2],
                "kind": parameter.kind,
                "range": list(parameter.range),
                "unit": parameter.unit,
                "base": parameter.base,
                "moved": index in values,
                "prior": prior,
                "posterior": posterior,
                "contraction": contraction,
                "word": word,
            }
        )
    return rows


def period_row(calibration: Calibration) -> dict[str, Any]:
    """Return prior and posterior of the counting period, as for a parameter."""
    low, high = period_span()
    prior = {
        "mean": (low + high) / 2,
        "sd": (high - low) / float(np.sqrt(12)),
        "low": low + _TAIL * (high - low),
        "high": high - _TAIL * (high - low),
    }
    posterior = _described(calibration.space.period(_draws(calibration)))
    contraction = 1 - posterior["sd"] / prior["sd"]
    word: Word = "calibrated" if _is_learnt(contraction, effective(calibration.weights)) else "assumed"
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
    """The prediction of a target: median and 90% interval in the figure's own unit, and the p value."""

    median: float
    low: float
    high: float
    p: float

    def as_dict(self) -> dict[str, float]:
        """Return it as plain numbers."""
        return {"median": self.median, "low": self.low, "high": self.high, "p": self.p}


def predict(means: FloatArray, sd: float, observed: Observed, rng: np.random.Generator) -> Predicted:
    """Return the prediction of a target's figure by normal numbers about `means`.

    The p value is twice the smaller of two probabilities: that the figure is at or below the published interval, and
    that it is at or above.  For a bound it is the probability that the figure keeps it.

    Parameters
    ----------
    means
        Values on the target's scale, one for each draw; a draw without one is left out.
    sd
        Standard deviation about them.
    observed
        The target.
    rng
        Source of random numbers.
    """
    low, high = observed.ends
    means = means[np.isfinite(means)]
    below, above = float(special.ndtr((high - means) / sd).mean()), float(special.ndtr((means - low) / sd).mean())
    p = below if observed.target.at_most else min(1.0, 2 * min(below, above))
    drawn = np.quantile(means + sd * rng.standard_normal(means.shape), [_TAIL, 0.5, 1 - _TAIL])
    ends = from_scale(drawn, observed.target.scale)
    return Predicted(float(ends[1]), float(ends[0]), float(ends[2]), p)


def target_rows(calibration: Calibration) -> list[dict[str, Any]]:
    """Return one row for each target.

    Keys: ``target``, ``title``, ``why``, ``observed`` (``low``, ``high``), ``fitted``, ``discrepancy``, ``error`` (the
    emulator's), ``explained``, ``kept`` (share of the design within three standard deviations), and three predictions:
    ``posterior`` with all targets, by the simulated draws; ``left_out`` without this target, and ``strict`` without
    discrepancies, both by the emulator alone.
    """
    rng = np.random.default_rng([calibration.settings.seed, 5])
    likelihood = calibration.likelihood
    shown = target_values(calibration.verified, calibration.halls.columns, likelihood.targets)
    every = (shown + likelihood.counted(calibration.periods)[:, None, :]).reshape(-1, len(likelihood.targets))
    strict_z = calibration.strict.z
    strict = likelihood.means(calibration.space.scores(strict_z), calibration.space.period(strict_z))
    rows = []
    for column, observed in enumerate(likelihood.targets):
        part, sd = likelihood.emulator.parts[column], float(likelihood.sd[column])
        without = posterior_particles(
            calibration.space, likelihood.without(observed.key), particles=calibration.settings.particles, rng=rng
        )
        left_out = likelihood.means(calibration.space.scores(without.z), calibration.space.period(without.z))[:, column]
        rows.append(
            {
                **_row(observed),
                "error": part.sd,
                "explained": part.explained,
                "kept": calibration.first.shares[observed.key],
                "posterior": predict(every[:, column], observed.target.discrepancy, observed, rng).as_dict(),
                "left_out": predict(left_out, sd, observed, rng).as_dict(),
                "strict": predict(strict[:, column], part.sd, observed, rng).as_dict(),
            }
        )
    checks = [observed for observed in calibration.targets if not observed.target.fitted]
    shown = target_values(calibration.verified, calibration.halls.columns, checks).reshape(-1, len(checks))
    for column, observed in enumerate(checks):
        foretold = predict(shown[:, column], observed.target.discrepancy, observed, rng).as_dict()
        rows.append({**_row(observed), "posterior": foretold, "left_out": foretold})
    return rows


def _row(observed: Observed) -> dict[str, Any]:
    target = observed.target
    return {
        "target": observed.key,
        "title": {"en": target.title.en, "zh": target.title.zh},
        "why": {"en": target.why.en, "zh": target.why.zh},
        "observed": {"low": None if target.at_most else observed.low, "high": observed.high},
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
        Mask of the parameters that the article has narrowed.

    Returns
    -------
    dict
        Shares of the variance of a single run: ``chance`` (within a draw), ``calibrated`` (the part of the draws' means
        that a regression on the calibrated parameters predicts, with each draw left out), ``assumed`` (the rest).
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
    """Return the error of each row by a regression on the others (Allen 1974); by their mean, if there are few rows."""
    if len(y) <= 2 * design.shape[1]:
        design = design[:, :1]
    solved = np.linalg.pinv(design)
    error, leverage = y - design @ (solved @ y), np.einsum("ij,ji->i", design, solved)
    return np.asarray(error / np.maximum(1 - leverage, 1e-6), dtype=np.float64)


def forecast_rows(calibration: Calibration, words: list[str]) -> list[dict[str, Any]]:
    """Return one row for each forecast: mean and 90% interval of a run over the draws, and the parts of its variance.

    Parameters
    ----------
    calibration
        The calibration.
    words
        Word of each parameter (:func:`parameter_rows`), in their order.
    """
    x = standard_scores(calibration.table, calibration.vectors)
    calibrated = np.array([word == "calibrated" for word in words])
    rows = []
    for column, name in enumerate(calibration.halls.columns):
        if name not in FORECASTS:
            continue
        values = calibration.verified[:, :, column]
        finite = np.isfinite(values).all(axis=1)
        sample = values[finite]
        low, high = np.quantile(sample, [_TAIL, 1 - _TAIL])
        rows.append(
            {
                "forecast": name,
                "mean": float(sample.mean()),
                "low": float(low),
                "high": float(high),
                "draws": len(sample),
                **split_variance(sample, x[finite], calibrated),
            }
        )
    return rows


# ---- diagnostics ---------------------------------------------------------------------------------------------------


def diagnostics(calibration: Calibration) -> dict[str, Any]:
    """Return diagnostics of the emulator and the sampler.

    Keys: ``kept`` of the design; ``degrees``, ``acceptance`` and ``log_evidence`` of the sampler; ``verified``: for
    each target the mean and standard deviation of simulated minus emulated values, in the emulator's errors (ideally
    zero and one); ``effective_share``: effective number of candidates by their weights, over their number.
    """
    fitted = calibration.likelihood.targets
    x = standard_scores(calibration.table, calibration.vectors)
    shown = target_values(calibration.verified, calibration.halls.columns, fitted)
    emulated = calibration.likelihood.emulator.mean(x)
    scores = (shown - emulated[:, None, :]) / calibration.likelihood.emulator.sd
    return {
        "points": len(calibration.points),
        "kept": int(calibration.first.retained.sum()),
        "conflicts": [
            {
                "first": conflict.first,
                "second": conflict.second,
                "expected": conflict.expected,
                "found": conflict.simulated,
            }
            for conflict in calibration.first.conflicts
        ],
        "degrees": list(calibration.particles.degrees),
        "acceptance": calibration.particles.acceptance,
        "log_evidence": calibration.particles.log_evidence,
        "verified": {
            observed.key: {"mean": float(np.nanmean(scores[..., k])), "sd": float(np.nanstd(scores[..., k]))}
            for k, observed in enumerate(fitted)
        },
        "effective_share": effective(calibration.weights) / len(calibration.weights),
        "rank": _rank(calibration),
    }


def _rank(calibration: Calibration) -> dict[str, Any]:
    """Return the number of directions of the parameters that the targets see: singular values of their linear parts.

    Each row is the change of a target for one prior standard deviation of each parameter, in units of the target's
    total uncertainty.  A direction with a singular value below one moves no target by more than its uncertainty.
    """
    space: Space = calibration.space
    jacobian = np.zeros((len(calibration.likelihood.targets), space.dimensions - 1))
    where = {int(index): column for column, index in enumerate(space.active)}
    for row, part in enumerate(calibration.likelihood.emulator.parts):
        for k, index in enumerate(part.inputs):
            jacobian[row, where[int(index)]] = part.coefficients[k] / calibration.likelihood.sd[row]
    values = np.linalg.svd(jacobian, compute_uv=False)
    return {
        "parameters": space.dimensions - 1,
        "singular_values": [float(value) for value in values],
        "seen": int((values > 1).sum()),
    }
