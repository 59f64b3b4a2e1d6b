"""What common random numbers are worth: two systems compared in pairs, and as if they had been independent.

Input: a figure of two systems, replication by replication.  Output: :class:`Paired`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.statistics.intervals import Interval, mean_interval, pair, paired_interval, welch_interval

__all__ = ["Paired", "paired"]


@dataclass(frozen=True)
class Paired:
    """A difference of two means over replications with common random numbers.

    Attributes
    ----------
    interval
        Paired t interval of the mean of ``b - a``, as in textbooks.
    corrected
        The same, corrected for skewness from ten replications on: what :func:`hallplan.compare` prints.
    independent
        Welch's interval, which would hold if the two shared no random numbers.
    correlation
        Between a and b; not-a-number where either does not vary.
    variance_reduction
        ``1 - Var(b - a) / (Var a + Var b)``: the part of the variance of the difference that pairing takes away;
        negative where pairing does harm, not-a-number where neither varies.
    """

    interval: Interval
    corrected: Interval
    independent: Interval
    correlation: float
    variance_reduction: float

    @property
    def difference(self) -> float:
        """Mean of ``b - a``."""
        return self.interval.estimate


def paired(a: npt.ArrayLike, b: npt.ArrayLike, *, level: float = 0.95) -> Paired:
    """Return the mean difference ``b - a`` of paired replications, its interval, and what pairing is worth.

    ``mean ± t(n - 1) s / √n`` of the differences (Law 2015, *Simulation Modeling and Analysis*, §10.2.1).
    ``Var(b - a) = Var a + Var b - 2 Cov(a, b)``: common random numbers pay by the covariance (§11.2).

    Parameters
    ----------
    a, b
        Values by replication, shape (n,), in the same order; pairs with a not-a-number are left out.
    level
        Confidence level.

    Returns
    -------
    Paired

    Raises
    ------
    HallplanError
        If the two have different numbers of replications.
    ValueError
        If `level` isn't between 0 and 1.

    Examples
    --------
    >>> result = paired([1, 2, 3], [2, 4, 3])  # differences 1, 2, 0; variances 1 and 1, of the difference 1
    >>> result.difference, result.variance_reduction, round(result.interval.half_width, 4)  # t(2) / √3 = 2.4841
    (1.0, 0.5, 2.4841)
    """
    first, second = pair(a, b)
    has_both = ~(np.isnan(first) | np.isnan(second))
    x, y = first[has_both], second[has_both]
    variances = (x.var(ddof=1), y.var(ddof=1)) if x.size > 1 else (0.0, 0.0)
    covariance = float(np.cov(x, y)[0, 1]) if x.size > 1 else 0.0
    apart, spread = float(sum(variances)), float(np.sqrt(variances[0] * variances[1]))
    return Paired(
        mean_interval(second - first, level).about("difference"),
        paired_interval(first, second, level=level),
        welch_interval(x, y, level=level),
        correlation=covariance / spread if spread > 0 else float("nan"),
        variance_reduction=2 * covariance / apart if apart > 0 else float("nan"),
    )
