"""Methods of queueing, staffing and statistics for researchers, each apart from any hall.

Input: numbers and arrays.  Output: numbers, arrays and small results.  The functions are the ones that Hallplan itself
uses; here they stand under one name.  ``docs/reference/methods.md`` has an example of each.
"""

import numpy.typing as npt

from planner.cover import Cover, cover
from planner.erlang import Impatient, called_within, erlang_a, erlang_b, erlang_c, least_servers
from sim.statistics.controls import Controlled, control_mean
from sim.statistics.pairing import Paired, paired
from sim.statistics.shapley import Shapley, shapley
from sim.statistics.survival import KaplanMeier, kaplan_meier

__all__ = [
    "Controlled",
    "Cover",
    "Impatient",
    "KaplanMeier",
    "Paired",
    "Shapley",
    "called_within",
    "control_variates",
    "cover",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "kaplan_meier",
    "least_servers",
    "paired",
    "shapley",
]


def control_variates(y: npt.ArrayLike, x: npt.ArrayLike, mean_x: npt.ArrayLike, *, level: float = 0.95) -> Controlled:
    """Return the mean of `y` corrected for how far the controls `x` have strayed from their known means.

    The estimate is ``ȳ - b (x̄ - E[x])`` with the coefficients ``b`` of least squares (Lavenberg and Welch 1981); it is
    :func:`sim.statistics.controls.control_mean` under the names of textbooks.

    Parameters
    ----------
    y
        A figure by replication, shape (n,).
    x
        Controls by replication, shape (n,) or (n, q).
    mean_x
        Their true means, shape (q,) or one number.
    level
        Confidence level.

    Returns
    -------
    Controlled
        ``estimate``, ``coefficients``, ``r_squared``, and the intervals ``plain`` and ``adjusted``.

    Raises
    ------
    HallplanError
        If the shapes don't fit.
    ValueError
        If `level` isn't between 0 and 1.

    Examples
    --------
    >>> result = control_variates(y=[1, 3, 5, 9], x=[1, 2, 3, 4], mean_x=3)  # 4.5 - 13/5 (2.5 - 3)
    >>> round(result.estimate, 6)
    5.8
    """
    return control_mean(y, x, mean_x, level=level)
