"""Compression: three numbers that all go by "so many per cent faster", and are never mixed here.

Input: limits and days of cases, as arrays.  Output: three shares.  *Promised*: by how much promised limits are below
statutory ones, an administrative fact (:func:`promised`).  *Supported*: by how much the limit that the staff can in
fact keep is below the statutory one (:func:`supported`).  *Realised*: by how much the mean time is below what it was
before (:func:`realised`).  Each is a :class:`~sim.measure.limits.LimitCuts`: mean over items, ratio of sums,
weighted by volume, and the largest of one item.  Days are working days, all counted in the same way;
for *supported* that is the statutory count, without the time for which the clock stands still.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from foundation.arrays import FloatArray
from sim.measure.limits import LimitCuts, limit_cuts
from sim.measure.limits import limit_cuts as promised

__all__ = ["Supported", "promised", "realised", "share_within", "supported", "supported_limit"]

_DUST: Final = 1e-9
"""What floating point adds to a share times a number of cases."""


@dataclass(frozen=True, eq=False)
class Supported:
    """What limits the staff can keep.

    Attributes
    ----------
    limits
        For each item the least whole number of days within which at least the share asked for is decided, shape
        (items,); infinite if no limit would do, not-a-number for an item without cases.
    cuts
        By how much they are below the statutory limits, over the items that have cases.
    """

    limits: FloatArray
    cuts: LimitCuts


def share_within(days: npt.ArrayLike, limit: float) -> float:
    """Return the share of cases decided within a limit.

    Parameters
    ----------
    days
        Days of each case, shape (cases,); infinite for one that isn't decided.
    limit
        In the same days.

    Returns
    -------
    float
        Not-a-number without cases.
    """
    used = _days(days)
    return float((used <= limit).mean()) if used.size else float("nan")


def supported_limit(days: npt.ArrayLike, *, q: float = 0.95) -> float:
    """Return the least whole number of days within which at least a share `q` of the cases is decided.

    Parameters
    ----------
    days
        Days of each case, shape (cases,); infinite for one that isn't decided.
    q
        Share, above 0 and at most 1.

    Returns
    -------
    float
        A whole number; infinite if fewer than `q` are decided at all, not-a-number without cases.

    Raises
    ------
    ValueError
        If `q` is not above 0 and at most 1, or a number of days is out of its range.

    Examples
    --------
    >>> supported_limit([1, 2, 2, 3, 9], q=0.8)
    3.0
    """
    if not 0 < q <= 1:
        raise ValueError(f"a share of cases lies above 0 and at most at 1, not at {q}")
    used = np.sort(_days(days))
    if not used.size:
        return float("nan")
    return float(np.ceil(used[int(np.ceil(q * used.size - _DUST)) - 1]))


def supported(
    days: npt.ArrayLike, statutory: npt.ArrayLike, *, items: npt.ArrayLike | None = None, q: float = 0.95
) -> Supported:
    """Return the limits that the staff can keep, and by how much they are below the statutory ones.

    Parameters
    ----------
    days
        Days of each case on the statutory clock, shape (cases,); infinite for one that isn't decided.
    statutory
        Statutory limit of each item, shape (items,), or of the only one.
    items
        Which item each case is, shape (cases,), from 0; all are item 0 by default.
    q
        Share of the cases that must be decided within the limit.

    Returns
    -------
    Supported
        Its volumes are the numbers of cases.  A cut is negative where even the statutory limit isn't kept.

    Raises
    ------
    ValueError
        If there are no cases, or an array has the wrong shape or content.
    """
    used, limits = _days(days), np.asarray(statutory, dtype=np.float64).ravel()
    which = _items(items, used, limits.size)
    volumes = np.bincount(which, minlength=limits.size)
    least = np.array([supported_limit(used[which == item], q=q) for item in range(limits.size)])
    seen = volumes > 0
    return Supported(least, limit_cuts(limits[seen], least[seen], volumes=volumes[seen]))


def realised(
    before: npt.ArrayLike,
    after: npt.ArrayLike,
    *,
    items_before: npt.ArrayLike | None = None,
    items_after: npt.ArrayLike | None = None,
) -> LimitCuts:
    """Return by how much mean times are below what they were, for items that have cases both before and after.

    Parameters
    ----------
    before, after
        Days of each case, shapes (cases before,) and (cases after,).  A case still open counts with its days so far,
        which makes a mean too small: give `after` enough time to end.
    items_before, items_after
        Which item each case is, from 0; all are item 0 by default.

    Returns
    -------
    LimitCuts
        Of mean days: over items, of their sums, and weighted by the cases *after*, so that it isn't a change of the mix
        that is taken for a change of speed.

    Raises
    ------
    ValueError
        If no item has cases both before and after, a day isn't finite, or an array has the wrong shape.
    """
    old, new = _days(before), _days(after)
    if not (np.all(np.isfinite(old)) and np.all(np.isfinite(new))):
        raise ValueError("realised compression is of cases that have ended: days must be finite")
    was, now = _items(items_before, old, None), _items(items_after, new, None)
    number = 1 + max(was.max(initial=-1), now.max(initial=-1))
    counts = [np.bincount(which, minlength=number) for which in (was, now)]
    sums = [np.bincount(which, weights=weights, minlength=number) for which, weights in ((was, old), (now, new))]
    both = (counts[0] > 0) & (counts[1] > 0)
    if not both.any():
        raise ValueError("no item has cases both before and after")
    means = [total[both] / count[both] for total, count in zip(sums, counts, strict=True)]
    return limit_cuts(means[0], means[1], volumes=counts[1][both])


def _days(days: npt.ArrayLike) -> FloatArray:
    used = np.asarray(days, dtype=np.float64).ravel()
    if np.any(np.isnan(used)) or np.any(used < 0):
        raise ValueError("days are numbers from 0 on, infinite for a case that isn't decided")
    return used


def _items(items: npt.ArrayLike | None, days: FloatArray, number: int | None) -> npt.NDArray[np.int64]:
    which = np.zeros(days.size, dtype=np.int64) if items is None else np.asarray(items).ravel()
    if which.shape != days.shape or which.dtype.kind not in "iu":
        raise ValueError("items are whole numbers, one for each case")
    if which.size and (which.min() < 0 or (number is not None and which.max() >= number)):
        raise ValueError("items are numbered from 0 on, and each has a statutory limit")
    return which.astype(np.int64, copy=False)
