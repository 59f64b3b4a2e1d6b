"""Clock times for bare dates: drawn from the moments of the log that have one.

Input: the rows of an event log.
Output: the same rows, with a time of day on every bare date.  Left at midnight, bare dates would make opening hours,
timetables and night work of their own.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from calibration.eventlog.bare_dates import bare_dates
from foundation.arrays import BoolArray, IntArray
from sim.calendar import DAY_MS

__all__ = ["with_clock_times"]

_ROLES: Final = ("ready", "start", "end")
_NAT: Final = np.iinfo(np.int64).min
_SEED: Final = 0
"""The draws are part of reading: the same log always gives the same traces."""


def with_clock_times(events: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Draw a time of day for every bare date, and count the bare dates by column.

    A time is drawn from all real times of day.  In the order of the file's rows it lies between the real times that the
    case has before and after it on the same day.
    """
    columns = [events[role].to_numpy(dtype="datetime64[ns]") for role in _ROLES]
    bare_columns = [bare_dates(column) for column in columns]
    counts = {role: int(mask.sum()) for role, mask in zip(_ROLES, bare_columns, strict=True) if mask.any()}
    if not counts:
        return events, {}
    ms = np.column_stack([column.astype("datetime64[ms]").astype(np.int64) for column in columns])
    bare = np.column_stack(bare_columns)
    case = pd.factorize(events["case"])[0]
    order = np.lexsort((events["row"].to_numpy(dtype=np.int64), case))
    flat = ms[order].ravel()
    used = np.flatnonzero(flat != _NAT)
    flat[used] = _drawn(flat[used], bare[order].ravel()[used], np.repeat(case[order], len(_ROLES))[used])
    filled = np.empty_like(ms)
    filled[order] = flat.reshape(ms.shape)
    timed = events.copy()
    for number, role in enumerate(_ROLES):
        timed[role] = filled[:, number].astype("datetime64[ms]").astype("datetime64[ns]")
    return timed, counts


def _drawn(moments: IntArray, bare: BoolArray, case: npt.NDArray[np.intp]) -> IntArray:
    """Return moments, sorted by case and row, with times of day on those that are bare dates."""
    day, clock = moments // DAY_MS, moments % DAY_MS
    real = np.sort(clock[~bare])
    group = np.cumsum(np.r_[True, (day[1:] != day[:-1]) | (case[1:] != case[:-1])])
    position = np.arange(moments.size)
    # The nearest real time before and after, in the same case and on the same day.
    before = np.maximum.accumulate(np.where(bare, -1, position))
    after = np.minimum.accumulate(np.where(bare, moments.size, position)[::-1])[::-1]
    has_before = (before >= 0) & (group[np.maximum(before, 0)] == group)
    after_at = np.minimum(after, moments.size - 1)
    has_after = (after < moments.size) & (group[after_at] == group)
    low = np.where(has_before, np.searchsorted(real, clock[np.maximum(before, 0)]) / real.size, 0.0)
    high = np.where(has_after, np.searchsorted(real, clock[after_at]) / real.size, 1.0)
    high = np.maximum(high, low)  # work side by side has no order
    level = low + (high - low) * np.random.default_rng(_SEED).random(moments.size)
    run = np.where(bare, group * (moments.size + 1) + before, -1 - position)
    level = level[np.lexsort((level, run))][np.argsort(np.argsort(run, kind="stable"), kind="stable")]
    drawn = real[np.minimum((level * real.size).astype(np.int64), real.size - 1)]
    timed: IntArray = np.where(bare, day * DAY_MS + drawn, moments)
    return timed
