"""A quadratic in the parameters for each summary of a run: it predicts a simulation at a fraction of its cost.

Input: simulated points.  Output: for every summary, a mean and a standard deviation at any point: the quadratic's
value and its error.  The error includes the chance of one run, the parameters left out, and the lack of fit.
Parameters are standard scores (of their priors).  Summaries are on a scale on which chance is about normal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from foundation.arrays import FloatArray, IntArray

__all__ = ["Emulator", "Quadratic", "effects", "fit", "fit_quadratic"]

_POINTS_PER_TERM: Final = 3
_RIDGE: Final = 1.0
"""Weight of shrinking all coefficients but the constant, in points: it matters only with few points."""


@dataclass(frozen=True, eq=False)
class Quadratic:
    """One summary as a quadratic in some of the parameters.

    Attributes
    ----------
    inputs
        Indices of its parameters, shape (inputs,).
    centre, coefficients
        Constant; and linear, square and product terms in the order of :func:`_terms`.
    sd
        Standard deviation of the error at a point that was not fitted.
    explained
        Share of the summary's variance over the points that it explains, estimated by leaving points out.
    """

    inputs: IntArray
    centre: float
    coefficients: FloatArray
    sd: float
    explained: float

    def mean(self, x: FloatArray) -> FloatArray:
        """Return its value at points, shape (points, parameters) of standard scores."""
        return np.asarray(self.centre + _terms(x[:, self.inputs]) @ self.coefficients, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Emulator:
    """Several summaries, each a quadratic in its own parameters."""

    parts: tuple[Quadratic, ...]

    @property
    def inputs(self) -> IntArray:
        """Parameters that any of the summaries depends on, in their order."""
        return np.unique(np.concatenate([part.inputs for part in self.parts]))

    @property
    def sd(self) -> FloatArray:
        """Errors, shape (summaries,)."""
        return np.array([part.sd for part in self.parts])

    def mean(self, x: FloatArray) -> FloatArray:
        """Return all summaries at points: shape (points, summaries)."""
        return np.stack([part.mean(x) for part in self.parts], axis=1)


def _terms(x: FloatArray) -> FloatArray:
    """Return linear terms, squares less one (their mean under a standard normal is zero), and products."""
    rows, columns = np.triu_indices(x.shape[1], k=1)
    return np.concatenate([x, x**2 - 1, x[:, rows] * x[:, columns]], axis=1)


def effects(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return the effect of each parameter alone on a summary: the standard deviation of its own part.

    Parameters
    ----------
    x
        Standard scores, shape (points, parameters).
    y
        Summary, shape (points,).

    Returns
    -------
    float array, shape (parameters,)
        In the unit of `y`; what chance alone would give is taken off.  Squares are left out where there are too few
        points for them.
    """
    number = x.shape[1]
    curved = len(x) >= _POINTS_PER_TERM * 2 * number
    design = np.concatenate([x, x**2 - 1], axis=1) if curved else x
    design = design - design.mean(axis=0)
    gram = design.T @ design + _RIDGE * np.eye(design.shape[1])
    slopes = np.linalg.solve(gram, design.T @ (y - y.mean()))
    parts = slopes[:number] * design[:, :number]
    if curved:
        parts = parts + slopes[number:] * design[:, number:]
    error = y - y.mean() - design @ slopes
    # A part fitted to noise has the noise's variance times its coefficients, one or two, over the spare points.
    chance = (2 if curved else 1) * error.var() / max(len(y) - design.shape[1], 1)
    return np.asarray(np.sqrt(np.maximum(parts.var(axis=0) - chance, 0.0)), dtype=np.float64)


def fit_quadratic(x: FloatArray, y: FloatArray, inputs: IntArray) -> Quadratic:
    """Fit one summary.

    Parameters
    ----------
    x, y
        Standard scores, shape (points, parameters), and the summary, shape (points,).
    inputs
        Indices of the parameters that the quadratic may use.
    """
    terms = _terms(x[:, inputs])
    shift, centre = terms.mean(axis=0), float(y.mean())
    design = terms - shift
    gram = design.T @ design + _RIDGE * np.eye(design.shape[1])
    coefficients = np.linalg.solve(gram, design.T @ (y - centre))
    error = y - centre - design @ coefficients
    # The error at a point that is left out follows from that of the fit and the point's leverage (Allen 1974).
    leverage = 1 / len(y) + np.einsum("ij,ij->i", design, np.linalg.solve(gram, design.T).T)
    left_out = error / (1 - np.minimum(leverage, 0.95))
    spread = float(y.var())
    return Quadratic(
        inputs=np.asarray(inputs, dtype=np.int64),
        centre=centre - float(shift @ coefficients),
        coefficients=coefficients,
        sd=float(np.sqrt(np.mean(left_out**2))),
        explained=1 - float(np.mean(left_out**2)) / spread if spread > 0 else 0.0,
    )


def fit(x: FloatArray, summaries: FloatArray, inputs: Sequence[IntArray]) -> Emulator:
    """Fit all summaries, shape (points, summaries), each with its own inputs, to the points that show it."""
    parts = []
    for k, columns in enumerate(inputs):
        shown = np.isfinite(summaries[:, k])
        parts.append(fit_quadratic(x[shown], summaries[shown, k], columns))
    return Emulator(tuple(parts))
