"""Which items are judged alone, which together, and which are too rare to be judged.

Input: limits of items, and how many cases each has in a period.  Output: groups.  With fewer than ``1 / (1 - share)``
cases in a period, a share of them, such as 95%, means all of them: the slowest case alone would decide.
"""

from __future__ import annotations

import math

import numpy as np

from foundation.arrays import FloatArray, IntArray

__all__ = ["least_cases", "promise_groups"]


def least_cases(share: float) -> int:
    """Return the cases of a period from which a share of them differs from all of them: ``1 / (1 - share)``.

    Examples
    --------
    >>> least_cases(0.95), least_cases(0.9)
    (20, 10)
    """
    return math.ceil(round(1 / (1 - share), 9))


def promise_groups(limits: FloatArray, cases: FloatArray, *, share: float) -> tuple[list[IntArray], IntArray]:
    """Divide items into those judged together, and those that are too rare.

    Parameters
    ----------
    limits
        Statutory and promised limits, shape (2, items).
    cases
        Mean number of cases of each item in a replication.
    share
        Share of cases for which a promise is to be kept.

    Returns
    -------
    list of IntArray, IntArray
        Places of the items of each group, and of the items that are too rare.

    Examples
    --------
    Two items of 10 and 12 cases with the same limits, and a rarer one with others:

    >>> groups, too_rare = promise_groups(np.array([[20, 20, 9], [5, 5, 3]]), np.array([10, 12, 1]), share=0.95)
    >>> [group.tolist() for group in groups], too_rare.tolist()
    ([[0, 1]], [2])
    """
    least = least_cases(share)
    groups = [np.array([place]) for place in np.flatnonzero(cases >= least)]
    rare = np.flatnonzero((cases > 0) & (cases < least))
    _, kind = np.unique(limits[:, rare], axis=1, return_inverse=True)
    pooled = [rare[kind.ravel() == number] for number in range(kind.max(initial=-1) + 1)]
    groups += [group for group in pooled if cases[group].sum() >= least]
    too_rare = [group for group in pooled if cases[group].sum() < least]
    return groups, np.sort(np.concatenate(too_rare)) if too_rare else np.zeros(0, dtype=np.int64)
