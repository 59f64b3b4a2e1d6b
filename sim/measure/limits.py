"""Three clocks of a catalogue, statutory, promised and actual: one against another, over items and over cases.

Input: days of the items of a catalogue by two of the clocks, and how many cases each item has.  Output: sums whose
ratio compares the clocks, and the percentages that are all called a cut of limits.  They differ by tens of points on
the same catalogue.  So a percentage that does not say which of them it is says little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from foundation.arrays import FloatArray

__all__ = ["LimitCuts", "limit_cuts", "limit_sums"]


@dataclass(frozen=True)
class LimitCuts:
    """Shares by which limits are below others (negative where they are above).

    Attributes
    ----------
    item_mean
        Mean over the items of ``1 - promised / statutory``: every item counts alike, however long or rare.
    of_sums
        ``1 - sum of promised / sum of statutory``: long limits count most.
    by_volume
        The same with every limit weighted by its cases; not-a-number without volumes.
    largest
        The largest cut of one item: what "up to" means.
    """

    item_mean: float
    of_sums: float
    by_volume: float
    largest: float


def limit_cuts(statutory: npt.ArrayLike, promised: npt.ArrayLike, *, volumes: npt.ArrayLike | None = None) -> LimitCuts:
    """Return the percentages by which `promised` limits are below `statutory` ones.

    Parameters
    ----------
    statutory, promised
        Limits of each item in the same days, shape (items,); statutory ones positive, promised ones 0 or more and
        possibly infinite (a limit that nothing supports).
    volumes
        Cases of each item, shape (items,), in any unit; not all zero.

    Raises
    ------
    ValueError
        If there are no items, the shapes differ, or a number is out of its range.

    Examples
    --------
    Three items: a short limit that nearly everybody meets, hardly cut, and two long ones:

    >>> cuts = limit_cuts([10, 20, 30], [9, 1, 18], volumes=[500, 100, 5])
    >>> [round(100 * cut, 1) for cut in (cuts.item_mean, cuts.of_sums, cuts.by_volume, cuts.largest)]
    [48.3, 53.3, 34.4, 95.0]
    """
    old, new = _limits(statutory), _limits(promised)
    if old.size == 0 or old.shape != new.shape:
        raise ValueError(f"as many promised limits as statutory ones, and at least one: {new.shape}, {old.shape}")
    if not (np.all(old > 0) and np.all(np.isfinite(old)) and np.all(new >= 0)):
        raise ValueError("statutory limits are positive numbers, promised ones not negative")
    each = 1 - new / old
    weighted = float("nan") if volumes is None else _cut(*limit_sums(old, new, _volumes(volumes, old)))
    return LimitCuts(float(each.mean()), _cut(*limit_sums(old, new)), weighted, float(each.max()))


def limit_sums(old: FloatArray, new: FloatArray, volumes: FloatArray | None = None) -> tuple[float, float]:
    """Return the sum of the new days of items, and that of the old ones: over items, or weighted by their cases.

    Parameters
    ----------
    old, new
        Days of each item by two clocks, shape (items,); new ones may be infinite.
    volumes
        Cases of each item; each item counts once by default.
    """
    if volumes is None:
        return float(new.sum()), float(old.sum())
    counted = volumes > 0  # an item that nobody applies for weighs nothing, even if nothing supports its limit
    return float((volumes[counted] * new[counted]).sum()), float((volumes * old).sum())


def _limits(values: npt.ArrayLike) -> FloatArray:
    return np.asarray(values, dtype=np.float64).ravel()


def _cut(new: float, old: float) -> float:
    return 1 - new / old


def _volumes(values: npt.ArrayLike, old: FloatArray) -> FloatArray:
    volumes = _limits(values)
    if volumes.shape != old.shape or np.any(volumes < 0) or not 0 < volumes.sum() < np.inf:
        raise ValueError("volumes are one for each item, not negative, and not all zero")
    return volumes
