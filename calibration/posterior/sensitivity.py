"""How much each parameter matters to each forecast: Sobol's indices of the mean outcome.

In come simulated points near the article; out come, for every forecast, the share of its variance that a parameter
explains by itself (first order) and together with others (total), after Sobol (2001) and Saltelli et al. (2010).  They
are taken of the mean outcome, a quadratic fitted to the points: of single runs, chance would show up as interaction.
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
from sim.calendar import FloatArray

__all__ = ["Indices", "near_points", "sensitivity_rows", "sobol_indices"]

_MOST: Final = 20
_SAMPLES: Final = 4096


@dataclass(frozen=True, eq=False)
class Indices:
    """Sobol's indices of one outcome.

    Attributes
    ----------
    inputs
        Places of the parameters that the fit uses.
    first, total
        Their indices, shape (inputs,).
    explained
        Share of the outcome's variance over the points that the fit explains; the rest is chance, and what no quadratic
        can follow.
    """

    inputs: tuple[int, ...]
    first: FloatArray
    total: FloatArray
    explained: float


def sobol_indices(x: FloatArray, y: FloatArray, *, seed: int, samples: int = _SAMPLES) -> Indices:
    """Return indices of an outcome's mean.

    Parameters
    ----------
    x
        Standard scores of the points, shape (points, parameters); each parameter is drawn anew from those seen.
    y
        The outcome at each, shape (points,).
    seed
        Of the design.
    samples
        A power of two: the design has so many points, times the parameters and two.
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

    found = stats.sobol_indices(
        func=mean,
        n=samples,
        dists=[stats.uniform()] * len(inputs),  # type: ignore[list-item] # the stubs know one of ppf's overloads only
        rng=np.random.default_rng(seed),
    )
    return Indices(
        tuple(inputs.tolist()),
        np.maximum(np.asarray(found.first_order, dtype=np.float64), 0.0),
        np.maximum(np.asarray(found.total_order, dtype=np.float64), 0.0),
        max(fitted.explained, 0.0),
    )


def near_points(found: Calibration) -> tuple[FloatArray, FloatArray]:
    """Return standard scores and outcomes of the points that the article does not rule out, the draws among them."""
    kept = np.concatenate([found.first.kept, np.ones(found.settings.refine, dtype=np.bool_)])
    each = found.settings.each
    x = np.concatenate([found.points[kept], np.repeat(found.vectors, each, axis=0)])
    outcomes = np.concatenate([found.outcomes[kept], found.verified.reshape(-1, found.verified.shape[2])])
    return standard_scores(found.table, x), outcomes


def sensitivity_rows(found: Calibration, *, least: float = 0.02) -> list[dict[str, Any]]:
    """Return one row a forecast and parameter that explains at least a part of it.

    Keys: ``forecast``, ``parameter``, ``first``, ``total``, ``explained``.
    """
    x, outcomes = near_points(found)
    rows: list[dict[str, Any]] = []
    for column, name in enumerate(found.halls.columns):
        if name not in FORECASTS:
            continue
        known = np.isfinite(outcomes[:, column])
        one = sobol_indices(x[known], outcomes[known, column], seed=found.settings.seed)
        rows += _rows(name, one, found.table.keys, least)
    return rows


def _rows(name: str, one: Indices, keys: Sequence[str], least: float) -> list[dict[str, Any]]:
    order = np.argsort(-one.total, kind="stable")
    return [
        {
            "forecast": name,
            "parameter": keys[one.inputs[k]],
            "first": float(one.first[k]),
            "total": float(one.total[k]),
            "explained": one.explained,
        }
        for k in order
        if one.total[k] >= least
    ]
