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

from foundation.arrays import FloatArray
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
    """

    plain: Interval
    adjusted: Interval
    variance_ratio: float
    consistent: bool

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
        One number a replication, shape (n,); not-a-numbers are left out.
    controls
        Shape (n,) or (n, q).
    known_means
        True means of the controls, shape (q,).
    level
        Confidence level.

    Raises
    ------
    ValueError
        If the shapes don't fit.
    """
    y = np.asarray(values, dtype=np.float64).ravel()
    columns = np.asarray(controls, dtype=np.float64).reshape(y.size, -1)
    means = np.asarray(known_means, dtype=np.float64).ravel()
    if columns.shape[1] != means.size:
        raise ValueError(f"{columns.shape[1]} controls have {means.size} known means")
    present = ~np.isnan(y)
    plain = mean_interval(y, level)
    strayed = _independent((columns - means)[present])
    n, q = strayed.shape
    if q == 0 or n - q - 1 < 1 or not np.isfinite(plain.half_width) or plain.half_width == 0:
        return Controlled(plain, plain.about("controlled_mean"), float("nan"), consistent=True)
    design = np.column_stack((np.ones(n), strayed))
    coefficients = np.linalg.lstsq(design, y[present], rcond=None)[0]
    residuals = y[present] - design @ coefficients
    variance = float(residuals @ residuals) / (n - q - 1) * float(np.linalg.inv(design.T @ design)[0, 0])
    half, mean = t_quantile(n - q - 1, level) * float(np.sqrt(variance)), float(coefficients[0])
    adjusted = Interval(mean, mean - half, mean + half, level, "controlled_mean", n, plain.missing)
    plain_variance = float(y[present].var(ddof=1)) / n
    missed = np.abs(strayed.mean(axis=0)) / (strayed.std(axis=0, ddof=1) / np.sqrt(n))
    return Controlled(plain, adjusted, variance / plain_variance, consistent=bool((missed < _TOO_FAR).all()))


def _independent(strayed: FloatArray) -> FloatArray:
    """Return the columns that vary and that those before them don't determine, in units of their spread."""
    retained: list[FloatArray] = []
    for column in strayed.T:
        spread = float(column.std()) if column.size else 0.0
        if spread <= 1e-12 * max(1.0, float(np.abs(column).max(initial=0.0))):
            continue
        trial = [*retained, column / spread]
        if np.linalg.matrix_rank(np.column_stack((np.ones(column.size), *trial)), tol=1e-8) == len(trial) + 1:
            retained = trial
    return np.column_stack(retained) if retained else np.zeros((len(strayed), 0))
