"""The least shifts that cover a requirement: an integer programme, solved to its optimum.

Input: how many people each interval needs, and which intervals each shift covers.  Output: how many people work each
shift.  Nothing here is random: what a requirement is worth to visitors is for the simulator to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from foundation.arrays import FloatArray, IntArray, number_array
from foundation.errors import HallplanError

__all__ = ["Cover", "cover"]

_DUST: Final = 1e-9
"""What floating point adds to a sum of shares of people."""


@dataclass(frozen=True, eq=False)
class Cover:
    """How many people work each shift.

    Attributes
    ----------
    counts
        People on each shift, shape (shifts,).
    cost
        Their cost, the least possible; the number of people if no cost is given.
    staffed
        People present in each interval, shape (intervals,).
    """

    counts: IntArray
    cost: float
    staffed: FloatArray

    @property
    def heads(self) -> int:
        """Number of people."""
        return int(self.counts.sum())


def cover(
    requirements: npt.ArrayLike,
    shifts: npt.ArrayLike,
    *,
    cost: npt.ArrayLike | None = None,
    least: npt.ArrayLike = 0,
    most: npt.ArrayLike = np.inf,
    heads: int | None = None,
    labels: Sequence[str] | None = None,
) -> Cover:
    """Return the cheapest whole numbers of people on each shift that cover every interval.

    Minimise ``Σ_s cost_s x_s`` subject to ``Σ_s a_sj x_s ≥ r_j`` for every interval j, ``least ≤ x ≤ most`` and
    ``Σ_s x_s ≤ heads``, x whole (set covering of shifts: Dantzig 1954, "A comment on Edie's traffic delays at toll
    booths", Operations Research 2).  Solved by branch and bound (``scipy.optimize.milp``, HiGHS) without a gap.

    Parameters
    ----------
    requirements
        People needed in each interval, ``r``, shape (intervals,); need not be whole.
    shifts
        Whether each shift covers each interval, ``a``, shape (shifts, intervals): 1, 0, or a part of a person.
    cost
        Of one person on each shift, at least 0, shape (shifts,) or one number; every person costs 1 by default.
    least, most
        Bounds of the people on each shift, shape (shifts,) or one number.
    heads
        Most people in all.
    labels
        Names of the intervals for messages; their numbers from 0 on by default.

    Returns
    -------
    Cover
        One of the cheapest; several may cost the same.

    Raises
    ------
    HallplanError
        If shapes don't fit, a number is out of its range, or nothing covers the requirements: which interval all shifts
        together leave short, or how many people it takes.

    Examples
    --------
    >>> result = cover([1, 2, 2, 1], [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]])  # shifts of two half-hours
    >>> result.counts.tolist(), result.staffed.tolist()
    ([1, 1, 1], [1.0, 2.0, 2.0, 1.0])
    """
    needed, covers = _inputs(requirements, shifts)
    n_shifts = len(covers)
    prices = _by_shift("cost", 1.0 if cost is None else cost, n_shifts)
    low, high = _by_shift("least", least, n_shifts), _by_shift("most", most, n_shifts)
    names = [str(number) for number in range(needed.size)] if labels is None else list(labels)
    _refuse_uncovered(needed, covers, high, names)
    counts = _solve(needed, covers, prices, (low, high), heads)
    if counts is None:
        raise _infeasible(_solve(needed, covers, np.ones(n_shifts), (low, high), None), heads)
    return Cover(counts, float(prices @ counts), counts @ covers)


def _solve(
    needed: FloatArray, covers: FloatArray, prices: FloatArray, bounds: tuple[FloatArray, FloatArray], heads: int | None
) -> IntArray | None:
    """Return the cheapest counts, or nothing if no counts will do."""
    from scipy import optimize  # takes half a second to import

    rows = [optimize.LinearConstraint(covers.T, lb=needed - _DUST)]
    if heads is not None:
        rows.append(optimize.LinearConstraint(np.ones((1, len(covers))), ub=heads))
    result = optimize.milp(
        prices,
        constraints=rows,
        bounds=optimize.Bounds(*bounds),
        integrality=np.ones(len(covers), dtype=np.int64),
        options={"mip_rel_gap": 0.0},
    )
    return None if result.x is None else np.rint(result.x).astype(np.int64)


def _infeasible(fewest: IntArray | None, heads: int | None) -> HallplanError:
    """Return what is to be said, given the cover with the fewest people if their number is not limited."""
    if fewest is None or heads is None:
        return HallplanError("error.cover.bounds")
    return HallplanError("error.cover.heads", heads=heads, needed=int(fewest.sum()))


def _inputs(requirements: npt.ArrayLike, shifts: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    needed, covers = number_array("requirements", requirements), number_array("shifts", shifts)
    if needed.ndim != 1 or covers.ndim != 2 or covers.shape[1] != needed.size or not covers.size:
        raise HallplanError("error.cover.shape", shifts=covers.shape, requirements=needed.shape)
    for name, values in (("requirements", needed), ("shifts", covers)):
        _refuse_numbers(name, values, np.isfinite(values) & (values >= 0))
    return needed, covers


def _by_shift(name: str, value: npt.ArrayLike, n_shifts: int) -> FloatArray:
    """Return a number for each shift."""
    values = number_array(name, value)
    if values.shape not in {(), (n_shifts,)}:
        raise HallplanError("error.cover.by_shift", name=name, shape=values.shape, shifts=n_shifts)
    is_valid = (values >= 0) & (np.isfinite(values) | (name == "most"))
    _refuse_numbers(name, values, is_valid)
    return np.broadcast_to(values, (n_shifts,))


def _refuse_numbers(name: str, values: FloatArray, is_valid: npt.NDArray[np.bool_]) -> None:
    if not is_valid.all():
        raise HallplanError("error.cover.number", name=name, value=f"{values[~is_valid][0]:g}")


def _refuse_uncovered(needed: FloatArray, covers: FloatArray, most: FloatArray, labels: Sequence[str]) -> None:
    """Refuse intervals that all shifts together, each with the most people, leave short."""
    with np.errstate(invalid="ignore"):
        available = np.where(covers > 0, covers * most[:, None], 0.0).sum(axis=0)
    short = np.flatnonzero(available < needed - _DUST)
    if short.size:
        first = int(short[0])
        key = "error.cover.short" if available[first] > 0 else "error.cover.none"
        people = {"needed": f"{needed[first]:g}", "available": f"{available[first]:g}"}
        raise HallplanError(key, interval=labels[first], n=short.size, **people)
