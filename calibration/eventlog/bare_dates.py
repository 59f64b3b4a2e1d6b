"""Bare dates among time stamps: moments of which only the date is real.

Input: a column of moments.
Output: which of them are bare dates.  An export that holds some of its moments as dates writes one clock time on all of
them: midnight, or midnight in a neighbouring time zone or in summer time.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["bare_dates", "one_clock_time"]

_MIN_SHARE: Final = 0.05
"""Share of a column that a clock time must make up: fewer may be late work."""
_MIN_COUNT: Final = 20
"""Moments at one clock time that are no accident."""
_NEAR: Final = 30 * 60 * 1_000_000_000
"""In ns: a hall that works at a clock time has moments as near as this to it."""
_MAX_NEAR: Final = 0.1
"""Moments nearby, as a share of those at the clock time itself, above which the hall works at night."""
_NIGHT: Final = 4 * 3_600 * 1_000_000_000
"""In ns: how far from midnight the clock time of a bare date may lie.  At other times a timetable may recur."""
_DAY: Final = 24 * 3_600 * 1_000_000_000


def bare_dates(moments: npt.NDArray[np.datetime64]) -> npt.NDArray[np.bool_]:
    """Tell which moments (datetime64[ns], NaT for none) are bare dates: those at a clock time at which nobody works.

    A column of nothing but dates has none: there :func:`one_clock_time` holds.
    """
    bare = np.zeros(moments.size, dtype=np.bool_)
    valid = ~np.isnat(moments)
    clock = moments.astype("datetime64[ns]").astype(np.int64) % _DAY
    values, counts = np.unique(clock[valid], return_counts=True)
    if values.size < 2:
        return bare
    from_midnight = np.minimum(values, _DAY - values)
    often = (counts >= max(_MIN_SHARE * counts.sum(), _MIN_COUNT)) & (from_midnight <= _NIGHT)
    rest = np.where(often, 0, counts)
    for value, count in zip(values[often].tolist(), counts[often].tolist(), strict=True):
        gap = np.abs(values - value)
        nearby = int(rest[np.minimum(gap, _DAY - gap) <= _NEAR].sum())
        if nearby <= _MAX_NEAR * count:
            bare |= valid & (clock == value)
    return bare if bare.sum() < valid.sum() else np.zeros_like(bare)


def one_clock_time(moments: npt.NDArray[np.datetime64]) -> bool:
    """Tell whether all moments, enough to be no accident, have one clock time: they are dates."""
    valid = moments[~np.isnat(moments)].astype("datetime64[ns]").astype(np.int64) % _DAY
    return bool(valid.size >= _MIN_COUNT and (valid == valid[0]).all())
