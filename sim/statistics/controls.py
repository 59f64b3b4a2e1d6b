"""Control variates: take out of an estimate the chance that is known to be chance.

Input: a metric by replication, and controls by replication whose true means are known, such as how many came and how
much work they brought.  Output: :class:`Controlled`, the plain and the adjusted mean and what the adjustment is
worth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from foundation.arrays import FloatArray, number_array
from foundation.errors import HallplanError
from sim.statistics.intervals import Interval, mean_interval, t_quantile

__all__ = ["WORTH", "Controlled", "control_mean"]

WORTH: Final = 0.9
"""An adjusted mean is used if its variance is below this part of the plain one's: a ratio near one is chance."""

_TOO_FAR: Final = 4.0
"""Standard errors by which a control may miss its known mean."""


@dataclass(frozen=True)
class Controlled:
    """A mean without and with its controls.

    Attributes
    ----------
    plain, adjusted
        The mean, and the mean adjusted by regression on the controls.
    variance_ratio
        Estimated variance of the adjusted over that of the plain mean; not-a-number if nothing could be adjusted.
    consistent
        Whether all controls came out near their known means.  If not, the known mean is wrong (or the chance is one
        in ten thousand), and the adjustment would carry the error over.
    coefficients
        By how much the values rise with each control, in the order given; 0 for controls that are left out.
    r_squared
        Part of the values' variance that the controls explain; not-a-number if nothing could be adjusted.
    """

    plain: Interval
    adjusted: Interval
    variance_ratio: float
    consistent: bool
    coefficients: tuple[float, ...] = ()
    r_squared: float = float("nan")

    @property
    def estimate(self) -> float:
        """The adjusted mean."""
        return self.adjusted.estimate

    @property
    def pays(self) -> bool:
        """Whether the adjusted mean is to be used.

        A smaller variance does not suffice: with few replications the degrees of freedom that the controls take make
        the adjusted interval the wider one.
        """
        narrower = self.adjusted.half_width < self.plain.half_width
        return self.consistent and self.variance_ratio < WORTH and narrower

    @property
    def best(self) -> Interval:
        """The adjusted mean if it pays, else the plain one."""
        return self.adjusted if self.pays else self.plain


def control_mean(
    values: npt.ArrayLike, controls: npt.ArrayLike, known_means: npt.ArrayLike, *, level: float = 0.95
) -> Controlled:
    """Return the mean of `values` adjusted for how far the controls have strayed from their known means.

    The adjusted mean is the intercept of the least-squares regression of the values on ``controls - known_means``,
    and its standard error the intercept's, with n - q - 1 degrees of freedom for q controls (Lavenberg & Welch 1981,
    "A perspective on the use of control variables", Management Science 27): exact for jointly normal data.  Controls
    that don't vary, or that others determine, are left out.

    Parameters
    ----------
    values
        One number a replication, shape (n,); a replication with a not-a-number here or in a control is left out.
    controls
        Shape (n,) or (n, q).
    known_means
        True means of the controls, shape (q,).
    level
        Confidence level.

    Raises
    ------
    HallplanError
        If the shapes don't fit.
    ValueError
        If `level` isn't between 0 and 1.

    Examples
    --------
    >>> result = control_mean([1, 3, 5, 9], [1, 2, 3, 4], [3])  # slope 13/5; 4.5 - 2.6 (2.5 - 3); 13² / (5 · 35)
    >>> round(result.estimate, 6), round(result.coefficients[0], 6), round(result.r_squared, 4)
    (5.8, 2.6, 0.9657)
    """
    y = number_array("values", values).ravel()
    columns, means = _columns(controls, known_means, y.size)
    present = ~(np.isnan(y) | np.isnan(columns).any(axis=1))
    plain = mean_interval(np.where(present, y, np.nan), level)
    strayed, spreads = _independent((columns - means)[present])
    n, q = strayed.shape
    if q == 0 or n - q - 1 < 1 or not np.isfinite(plain.half_width) or plain.half_width == 0:
        nothing = (0.0,) * means.size
        return Controlled(plain, plain.about("controlled_mean"), float("nan"), consistent=True, coefficients=nothing)
    fitted, variance, unexplained = _least_squares(y[present], strayed)
    half, mean = t_quantile(n - q - 1, level) * float(np.sqrt(variance)), float(fitted[0])
    adjusted = Interval(mean, mean - half, mean + half, level, "controlled_mean", n, plain.missing)
    plain_variance = float(y[present].var(ddof=1)) / n
    missed = np.abs(strayed.mean(axis=0)) / (strayed.std(axis=0, ddof=1) / np.sqrt(n))
    slopes = np.zeros(means.size)
    slopes[spreads > 0] = fitted[1:] / spreads[spreads > 0]
    return Controlled(
        plain,
        adjusted,
        variance / plain_variance,
        consistent=bool((missed < _TOO_FAR).all()),
        coefficients=tuple(slopes.tolist()),
        r_squared=1 - unexplained / (plain_variance * n * (n - 1)),
    )


def _columns(controls: npt.ArrayLike, known_means: npt.ArrayLike, n: int) -> tuple[FloatArray, FloatArray]:
    """Return the controls as columns of n numbers each, and their means."""
    columns, means = number_array("controls", controls), number_array("known_means", known_means).ravel()
    columns = columns[:, None] if columns.ndim == 1 else columns
    if columns.shape != (n, means.size):
        raise HallplanError("error.controls.shape", shape=columns.shape, n=n, means=means.size)
    if not np.isfinite(means).all():
        raise HallplanError("error.controls.mean", value=f"{means[~np.isfinite(means)][0]:g}")
    return columns, means


def _least_squares(y: FloatArray, x: FloatArray) -> tuple[FloatArray, float, float]:
    """Return intercept and slopes, the variance of the intercept, and the sum of squares left over."""
    design = np.column_stack((np.ones(len(x)), x))
    fitted: FloatArray = np.linalg.lstsq(design, y, rcond=None)[0].astype(np.float64, copy=False)
    residuals = y - design @ fitted
    unexplained = float(residuals @ residuals)
    degrees = len(x) - design.shape[1]
    variance = unexplained / degrees * float(np.linalg.inv(design.T @ design)[0, 0])
    return fitted, variance, unexplained


def _independent(strayed: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the columns that vary and that those before them don't determine, in units of their spread.

    The spreads are those of all columns, 0 for a column that is left out.
    """
    retained: list[FloatArray] = []
    spreads = np.zeros(strayed.shape[1])
    for number, column in enumerate(strayed.T):
        spread = float(column.std()) if column.size else 0.0
        if spread <= 1e-12 * max(1.0, float(np.abs(column).max(initial=0.0))):
            continue
        trial = [*retained, column / spread]
        if np.linalg.matrix_rank(np.column_stack((np.ones(column.size), *trial)), tol=1e-8) == len(trial) + 1:
            retained, spreads[number] = trial, spread
    return np.column_stack(retained) if retained else np.zeros((len(strayed), 0)), spreads
