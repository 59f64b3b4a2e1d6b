"""Sensitivity of each forecast to each parameter: Sobol's indices of the mean outcome.

Input: simulated points near the article.  Output: for every forecast, the share of its variance that a parameter
explains by itself (first order) and together with others (total), after Sobol (2001) and Saltelli et al. (2010).  The
indices are those of the mean outcome, a quadratic fitted to the points.  With single runs, chance would appear as
interaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import stats

from calibration.posterior.article import Calibration
from calibration.posterior.emulator import effects, fit_quadratic
from calibration.posterior.report import FORECASTS
from calibration.posterior.space import standard_scores
from foundation.arrays import FloatArray

__all__ = ["Indices", "near_points", "sensitivity_rows", "sobol_indices"]

_MOST: Final = 20
_SAMPLES: Final = 4096


@dataclass(frozen=True, eq=False)
class Indices:
    """Sobol's indices of one outcome.

    Attributes
    ----------
    inputs
        Positions of the parameters that the fit uses.
    first, total
        Their indices, shape (inputs,).
    explained
        Share of the outcome's variance over the points that the fit explains; the rest is chance and lack of fit.
    """

    inputs: tuple[int, ...]
    first: FloatArray
    total: FloatArray
    explained: float


def sobol_indices(x: FloatArray, y: FloatArray, *, seed: int, samples: int = _SAMPLES) -> Indices:
    """Return the indices of an outcome's mean.

    Parameters
    ----------
    x
        Standard scores of the points, shape (points, parameters); each parameter is drawn anew from those seen.
    y
        The outcome at each, shape (points,).
    seed
        Seed of the design.
    samples
        A power of two; the design has this number of points, times the number of parameters plus two.
    """
    inputs = np.sort(np.argsort(-effects(x, y), kind="stable")[:_MOST])
    fitted = fit_quadratic(x, y, inputs)
    seen = np.sort(x[:, inputs], axis=0)
    grid = (np.arange(len(seen)) + 0.5) / len(seen)

    def mean(unit: FloatArray) -> FloatArray:
        points = np.zeros((unit.shape[1], x.shape[1]))
        for k, place in enumerate(inputs):
            points[:, place] = np.interp(unit[k], grid, seen[:, k])
        return fitted.mean(points)

    indices = stats.sobol_indices(
        func=mean,
        n=samples,
        dists=[stats.uniform()] * len(inputs),  # type: ignore[list-item] # the stubs know one of ppf's overloads only
        rng=np.random.default_rng(seed),
    )
    return Indices(
        tuple(inputs.tolist()),
        np.maximum(np.asarray(indices.first_order, dtype=np.float64), 0.0),
        np.maximum(np.asarray(indices.total_order, dtype=np.float64), 0.0),
        max(fitted.explained, 0.0),
    )


def near_points(calibration: Calibration) -> tuple[FloatArray, FloatArray]:
    """Return standard scores and outcomes of the points that the article does not rule out, the draws among them."""
    near = np.concatenate([calibration.first.retained, np.ones(calibration.settings.refine, dtype=np.bool_)])
    each = calibration.settings.each
    x = np.concatenate([calibration.points[near], np.repeat(calibration.vectors, each, axis=0)])
    outcomes = np.concatenate(
        [calibration.outcomes[near], calibration.verified.reshape(-1, calibration.verified.shape[2])]
    )
    return standard_scores(calibration.table, x), outcomes


def sensitivity_rows(calibration: Calibration, *, least: float = 0.02) -> list[dict[str, Any]]:
    """Return one row for each forecast and each parameter that explains at least a minimum part of it.

    Keys: ``forecast``, ``parameter``, ``first``, ``total``, ``explained``.
    """
    x, outcomes = near_points(calibration)
    rows: list[dict[str, Any]] = []
    for column, name in enumerate(calibration.halls.columns):
        if name not in FORECASTS:
            continue
        finite = np.isfinite(outcomes[:, column])
        indices = sobol_indices(x[finite], outcomes[finite, column], seed=calibration.settings.seed)
        rows += _rows(name, indices, calibration.table.keys, least)
    return rows


def _rows(name: str, indices: Indices, keys: Sequence[str], least: float) -> list[dict[str, Any]]:
    order = np.argsort(-indices.total, kind="stable")
    return [
        {
            "forecast": name,
            "parameter": keys[indices.inputs[k]],
            "first": float(indices.first[k]),
            "total": float(indices.total[k]),
            "explained": indices.explained,
        }
        for k in order
        if indices.total[k] >= least
    ]
