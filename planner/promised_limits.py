"""Promised compression of a catalogue of items, by every reading of "limits cut by so many per cent".

Input: statutory limits, promised limits and volumes of items, each with the range it is assumed to lie in, and a
published percentage.  Output: for each reading the cut, its interval over the ranges, whether the published percentage
lies among the cuts that the ranges allow, and how much longer or shorter the promises would have to be to give it.  No
hall is simulated, and no limit is changed to meet the percentage.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from foundation.arrays import BoolArray, FloatArray
from scenarios.catalogue.model import Catalogue
from sim.measure.limits import limit_cuts

__all__ = [
    "MEASURES",
    "POPULATIONS",
    "CatalogueCompression",
    "CutReading",
    "LimitDraws",
    "Measure",
    "Population",
    "catalogue_compression",
    "cut_readings",
    "draw_limits",
    "promise_factor",
    "triangular_quantiles",
]

Measure: TypeAlias = Literal["item_mean", "of_sums", "by_volume", "largest"]
"""A field of :class:`~sim.measure.limits.LimitCuts`."""
Population: TypeAlias = Literal["all", "hall", "hall-not-instant"]
"""Whose limits: all items, those handled in the hall, and of these the ones that are not finished in the visit."""

MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)
POPULATIONS: Final[tuple[Population, ...]] = get_args(Population)

_DRAWS: Final = 1_000
_SEED: Final = 2014
_LEVEL: Final = 0.95


@dataclass(frozen=True, eq=False)
class LimitDraws:
    """Limits and volumes drawn from their ranges.

    Attributes
    ----------
    statutory, promised, volumes
        One row a draw, one column an item.
    """

    statutory: FloatArray
    promised: FloatArray
    volumes: FloatArray


@dataclass(frozen=True)
class CutReading:
    """One reading of a published percentage.

    Attributes
    ----------
    measure
        How the items are put together.
    cut
        The cut at the most plausible values; not-a-number for a measure by volume without volumes.
    low, high
        Quantiles of the cut over the ranges, which hold 95% of the draws.
    least, greatest
        The smallest and the largest cut that was drawn.
    can_give
        Whether the published percentage lies between these.
    factor
        By what all promises would have to be multiplied to give the percentage; not-a-number if no factor does.
    """

    measure: Measure
    cut: float
    low: float
    high: float
    least: float
    greatest: float
    can_give: bool
    factor: float


@dataclass(frozen=True)
class CatalogueCompression:
    """The readings of a published percentage over a catalogue.

    Attributes
    ----------
    target
        The published percentage, as a share.
    counts
        Number of items of each population that has any.
    readings
        Readings of each population, one a measure.
    """

    target: float
    counts: dict[Population, int]
    readings: dict[Population, tuple[CutReading, ...]]


def triangular_quantiles(uniform: npt.ArrayLike, spreads: npt.ArrayLike) -> FloatArray:
    """Return quantiles of triangular distributions.

    Parameters
    ----------
    uniform
        Probabilities, shape (draws, 1) or (draws, items).
    spreads
        Least, most plausible and greatest value of each item, shape (items, 3).

    Returns
    -------
    FloatArray
        Shape (draws, items).  A range without width gives its value.

    Examples
    --------
    A range of 0, 1, 2 is symmetric, and an eighth of it lies below one half:

    >>> triangular_quantiles([[0.125], [0.5], [1.0]], [[0, 1, 2]]).ravel().tolist()
    [0.5, 1.0, 2.0]
    """
    probabilities = np.asarray(uniform, dtype=np.float64)
    low, mode, high = np.asarray(spreads, dtype=np.float64).T
    width = high - low
    rising = mode - low
    turn = np.divide(rising, width, out=np.zeros_like(width), where=width > 0)
    below = low + np.sqrt(probabilities * width * rising)
    above = high - np.sqrt((1 - probabilities) * width * (high - mode))
    quantiles: FloatArray = np.where(probabilities < turn, below, above)
    return quantiles


def draw_limits(
    statutory: npt.ArrayLike,
    promised: npt.ArrayLike,
    volumes: npt.ArrayLike,
    *,
    draws: int = _DRAWS,
    seed: int = _SEED,
) -> LimitDraws:
    """Draw limits and volumes from their ranges.

    All promises of a draw lie at the same quantile of their ranges, and so do all statutory limits: an office that
    promises little promises little throughout.  If items were drawn apart, their errors would cancel, and the
    interval of the mean would be far too narrow.  Volumes are drawn apart.  No promise is longer than the law allows.

    Parameters
    ----------
    statutory, promised, volumes
        Least, most plausible and greatest value of each item, shape (items, 3).
    draws
        Number of draws.
    seed
        The same seed gives the same draws.
    """
    generator = np.random.default_rng(seed)
    ranges = [np.asarray(spreads, dtype=np.float64) for spreads in (statutory, promised, volumes)]
    limits = triangular_quantiles(generator.random((draws, 1)), ranges[0])
    promises = triangular_quantiles(generator.random((draws, 1)), ranges[1])
    cases = triangular_quantiles(generator.random((draws, len(ranges[2]))), ranges[2])
    return LimitDraws(limits, np.minimum(promises, limits), cases)


def cut_readings(
    statutory: npt.ArrayLike, promised: npt.ArrayLike, volumes: npt.ArrayLike, *, target: float, drawn: LimitDraws
) -> tuple[CutReading, ...]:
    """Return each reading of a published percentage.

    Parameters
    ----------
    statutory, promised, volumes
        Most plausible values, shape (items,).
    target
        The published percentage, as a share.
    drawn
        Draws of the same items (:func:`draw_limits`).

    Returns
    -------
    tuple of CutReading
        One for each of :data:`MEASURES`.
    """
    limits, promises, cases = (np.asarray(values, dtype=np.float64) for values in (statutory, promised, volumes))
    modes = _cuts(limits, promises, cases)
    rows = zip(drawn.statutory, drawn.promised, drawn.volumes, strict=True)
    samples = np.array([_cuts(*row) for row in rows])
    tail = (1 - _LEVEL) / 2
    readings = []
    for place, measure in enumerate(MEASURES):
        sample = samples[:, place]
        low, high = (float(end) for end in np.quantile(sample, (tail, 1 - tail)))
        least, greatest = float(sample.min()), float(sample.max())
        readings.append(
            CutReading(
                measure=measure,
                cut=modes[place],
                low=low,
                high=high,
                least=least,
                greatest=greatest,
                can_give=least <= target <= greatest,
                factor=promise_factor(limits, promises, cases, measure=measure, target=target),
            )
        )
    return tuple(readings)


def promise_factor(
    statutory: npt.ArrayLike, promised: npt.ArrayLike, volumes: npt.ArrayLike, *, measure: Measure, target: float
) -> float:
    """Return by what all promises must be multiplied so that the cut is `target`.

    A promise that would become longer than the law allows becomes as long as the law allows.

    Parameters
    ----------
    statutory, promised, volumes
        Limits and cases of each item, shape (items,).
    measure
        How the items are put together.
    target
        A share above 0 and below 1.

    Returns
    -------
    float
        Not-a-number if no factor gives the target: items promised at once stay so, and a measure by volume needs
        volumes.

    Examples
    --------
    One item of 10 days with a promise of 2 (a cut of 80%): 52% is a promise of 4.8 days.

    >>> round(promise_factor([10], [2], [1], measure="of_sums", target=0.52), 3)
    2.4
    """
    limits, promises, cases = (np.asarray(values, dtype=np.float64) for values in (statutory, promised, volumes))
    place = MEASURES.index(measure)

    def excess(factor: float) -> float:
        return _cuts(limits, np.minimum(factor * promises, limits), cases)[place] - target

    positive = promises > 0
    if not positive.any():
        return float("nan")
    longest = float((limits[positive] / promises[positive]).max())
    if not (excess(0.0) >= 0 >= excess(longest)):
        return float("nan")
    return float(brentq(excess, 0.0, longest, xtol=1e-9))


def catalogue_compression(catalogue: Catalogue, *, target: float) -> CatalogueCompression:
    """Return the readings of a published percentage over a catalogue.

    Parameters
    ----------
    catalogue
        The items.
    target
        The published percentage, as a share.
    """
    columns = [
        np.array([getattr(item, name) for item in catalogue.items], dtype=np.float64)
        for name in ("statutory", "promised", "volume")
    ]
    drawn = draw_limits(*columns)
    modes = [spreads[:, 1] for spreads in columns]
    counts: dict[Population, int] = {}
    readings: dict[Population, tuple[CutReading, ...]] = {}
    for population in POPULATIONS:
        mask = _members(catalogue, population)
        if mask.any():
            part = LimitDraws(drawn.statutory[:, mask], drawn.promised[:, mask], drawn.volumes[:, mask])
            counts[population] = int(mask.sum())
            readings[population] = cut_readings(*(values[mask] for values in modes), target=target, drawn=part)
    return CatalogueCompression(target, counts, readings)


def _members(catalogue: Catalogue, population: Population) -> BoolArray:
    belongs: dict[Population, Callable[[str, str], bool]] = {
        "all": lambda place, item_class: True,
        "hall": lambda place, item_class: place == "hall",
        "hall-not-instant": lambda place, item_class: place == "hall" and item_class != "instant",
    }
    return np.array([belongs[population](item.place, item.item_class) for item in catalogue.items], dtype=np.bool_)


def _cuts(statutory: FloatArray, promised: FloatArray, volumes: FloatArray) -> list[float]:
    """Return the cuts in the order of the measures."""
    cuts = limit_cuts(statutory, promised, volumes=volumes if volumes.any() else None)
    return [getattr(cuts, measure) for measure in MEASURES]
