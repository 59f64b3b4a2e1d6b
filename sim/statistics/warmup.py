"""How long a run takes to forget that it began empty.

Input: a series by working day, averaged over replications, such as the number of open cases.  Output: how much of
its beginning to leave out (MSER-5), and the smoothed series to look at (Welch).  A hall that opens empty every morning
has nothing to forget: this is for what is carried from day to day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from foundation import messages
from foundation.arrays import FloatArray

__all__ = ["BATCH", "LAST_BATCHES", "Truncation", "WarmUp", "mser", "welch"]

BATCH: Final = 5
"""Values a batch: the 5 of MSER-5."""

LAST_BATCHES: Final = 5
"""Cuts so near the end are not looked at: a mean of hardly any values can look settled by chance."""


@dataclass(frozen=True, eq=False)
class Truncation:
    """Where to cut off the beginning of a series.

    Attributes
    ----------
    cut
        Values to leave out.
    accepted
        Whether the cut is to be trusted: below half of the series.  A later one means that the series has not
        settled, and that it is too short or never will.
    statistic
        The squared standard error of what each possible cut leaves, by number of batches left out.
    """

    cut: int
    accepted: bool
    statistic: FloatArray


def mser(series: npt.ArrayLike, *, batch: int = BATCH) -> Truncation:
    """Find the cut that leaves the mean with the smallest standard error: MSER-5.

    With z the means of k batches, the cut of d batches minimises ``Σ_{i > d} (z_i - z̄_d)² / (k - d)²``: leaving out
    more takes away the beginning's bias, but also values (White 1997; White, Cobb & Spratt 2000, "A comparison of
    five steady-state truncation heuristics for simulation").  The first of equal ones is taken.

    Parameters
    ----------
    series
        Values in order of time, best averaged over replications.
    batch
        Values a batch; what is left over at the end is not used.
    """
    values = np.asarray(series, dtype=np.float64).ravel()
    number = values.size // batch
    means = values[: number * batch].reshape(number, batch).mean(axis=1)
    cuts = max(number - LAST_BATCHES, 0)
    statistic = np.array([float(((z := means[d:]) - z.mean()) @ (z - z.mean())) / z.size**2 for d in range(cuts)])
    if cuts == 0:
        return Truncation(0, False, statistic)
    # Rounding must not make a difference between cuts that are equal.
    best = int(np.flatnonzero(statistic <= statistic.min() + 1e-12 * float(means @ means))[0])
    return Truncation(best * batch, 2 * best < number, statistic)


def welch(series: npt.ArrayLike, window: int) -> FloatArray:
    """Return the moving average of a series over ``2 window + 1`` values, fewer at its ends, for the eye to judge.

    Welch (1983); Law 2015, section 9.5.1.  The average stays centred: value i, from 0, is averaged with the i before
    and after it where there are no more, and so at the end.

    Raises
    ------
    ValueError
        If the window is negative.
    """
    if window < 0:
        raise ValueError(f"a window of {window} values is none")
    values = np.asarray(series, dtype=np.float64).ravel()
    place = np.arange(values.size)
    reach = np.minimum(np.minimum(place, place[::-1]), window)
    total = np.concatenate(([0.0], np.cumsum(values)))
    smoothed: FloatArray = (total[place + reach + 1] - total[place - reach]) / (2 * reach + 1)
    return smoothed


@dataclass(frozen=True, eq=False)
class WarmUp:
    """How long the number of open cases takes to forget that the run began without any.

    Attributes
    ----------
    days
        Working days to leave out; ``None`` where the series has not settled, or is too short to tell.
    open_cases
        Open cases at the end of each working day, mean over the replications.
    replications
        How many.
    """

    days: int | None
    open_cases: FloatArray
    replications: int

    def smoothed(self, window: int = BATCH) -> FloatArray:
        """Return the moving average over ``2 window + 1`` days: Welch's plot, the check by eye."""
        return welch(self.open_cases, window)

    def message(self, language: messages.Language | None = None) -> str:
        """Say in one sentence what to do."""
        series = self.open_cases.size
        if self.days is not None:
            key, days = "statistics.warm_up.settled", self.days
            return messages.text(key, language, days=days, series=series, replications=self.replications)
        if series < _SHORTEST:
            return messages.text("statistics.warm_up.too_short", language, series=series, least=_SHORTEST)
        return messages.text("statistics.warm_up.unsettled", language, series=series, replications=self.replications)


_SHORTEST: Final = 2 * BATCH * LAST_BATCHES
