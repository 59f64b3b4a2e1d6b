"""Distances between two event logs, by which simulated logs are judged.

Input: two :class:`WindowSample`, the parts of two logs in the same window.
Output: one number a distance, 0 for equal logs.  The measures are those of Chapela-Campa et al. (2023): N-gram, case
arrival, absolute, circadian and relative event, cycle time; and work in progress and remaining time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from calibration.discovery.log.reading import read_traces
from calibration.discovery.log.traces import EventLogLike, Traces
from foundation.arrays import BoolArray, FloatArray, IntArray
from sim.calendar import DAY_MS, HOUR_MS

__all__ = ["DISTANCES", "WindowSample", "distances", "earth_movers_distance", "window_sample"]

_NOON_MS: Final = 12 * HOUR_MS
"""Time of day at which remaining times are observed."""
_MAX_VALUES: Final = 200_000
"""Values that an earth mover's distance compares, evenly thinned: the limit bounds the time of large logs."""


@dataclass(frozen=True, eq=False)
class WindowSample:
    """What of a log lies in a window, in hours since the window's beginning.

    Attributes
    ----------
    arrivals
        When the cases came that came in the window.
    cycles, relative
        Of these: the elapsed times of those that were done in it; and all stamps since each case's arrival.
    stamps, weekday
        All stamps in the window, of whatever case, and their weekdays.
    pairs
        Share of each pair of activities that follow each other ("" is a case's start and end).
    in_progress
        Cases in progress at every hour of the window.
    remaining
        What the cases that were in progress at noon of each day still took, of those that were done in the window.
    waits
        Minutes that work waited for a server, where the log says it.
    cases
        Cases that came in the window.
    date_only
        There is no time of day.
    """

    arrivals: FloatArray
    cycles: FloatArray
    relative: FloatArray
    stamps: FloatArray
    weekday: IntArray
    pairs: Mapping[tuple[str, str], float]
    in_progress: FloatArray
    remaining: FloatArray
    waits: FloatArray
    cases: int
    date_only: bool


def window_sample(
    log: EventLogLike | Traces,
    begin: dt.date,
    end: dt.date,
    *,
    half: tuple[int, int] | None = None,
    service: str | None = None,
) -> WindowSample:
    """Take what lies in a window out of a log.

    Parameters
    ----------
    log
        The log.
    begin, end
        First day of the window, and the day after the last.
    half
        ``(seed, 0 or 1)``: only one half of the cases, chosen at random.
    service
        As for :func:`~calibration.discovery.log.reading.read_traces`.
    """
    traces = log if isinstance(log, Traces) else read_traces(log, service=service)
    shift = (begin - traces.first_day).days * DAY_MS
    length = (end - begin).days * DAY_MS
    keep = np.ones(traces.n_cases, dtype=np.bool_)
    if half is not None:
        keep = (np.random.default_rng(half[0]).permutation(traces.n_cases) % 2) == half[1]
    rows = keep[traces.case]
    arrived = traces.arrived - shift
    final = traces.last_moment - shift
    done = ~traces.unfinished & (final < length)
    arrived_inside = keep & (arrived >= 0) & (arrived < length)
    stamps = np.concatenate([(stamp - shift)[rows & (stamp >= 0)] for stamp in (traces.start, traces.end)])
    stamps = stamps[(stamps >= 0) & (stamps < length)]
    scale = 1.0 if half is None else 2.0
    grid = np.arange(0, length, HOUR_MS)
    leaves = np.where(done, final, length + 1)
    at = np.searchsorted(np.sort(arrived[keep]), grid, side="right")
    gone = np.searchsorted(np.sort(leaves[keep]), grid, side="right")
    noons = np.arange(_NOON_MS, length, DAY_MS)
    waits = (traces.start - traces.ready)[rows & (traces.ready >= shift) & (traces.start >= 0)]
    return WindowSample(
        arrivals=arrived[arrived_inside] / HOUR_MS,
        cycles=(final - arrived)[arrived_inside & done] / HOUR_MS,
        relative=_relative(traces, arrived_inside, length + shift),
        stamps=_thinned(stamps / HOUR_MS),
        weekday=(_thinned(stamps) // DAY_MS + begin.weekday()).astype(np.int64) % 7,
        pairs=_pairs(traces, arrived_inside, done),
        in_progress=np.asarray((at - gone) * scale, dtype=np.float64),
        remaining=_remaining(arrived[keep & done], final[keep & done], noons),
        waits=waits / 60_000,
        cases=int(arrived_inside.sum() * scale),
        date_only=traces.date_only,
    )


def _thinned(values: FloatArray | IntArray) -> FloatArray:
    step = max(values.size // _MAX_VALUES, 1)
    return np.asarray(np.sort(values)[::step], dtype=np.float64)


def _relative(traces: Traces, cases: BoolArray, until: int) -> FloatArray:
    rows = cases[traces.case]
    parts = []
    for stamp in (traces.start, traces.end):
        seen = rows & (stamp >= 0) & (stamp < until)
        parts.append((stamp - traces.arrived[traces.case])[seen])
    return _thinned(np.concatenate(parts) / HOUR_MS)


def _pairs(traces: Traces, cases: BoolArray, done: BoolArray) -> dict[tuple[str, str], float]:
    rows = np.flatnonzero(cases[traces.case])
    n = len(traces.activities)
    before = np.where(traces.is_first, n, np.r_[n, traces.activity[:-1]])[rows]
    packed = before * (n + 1) + traces.activity[rows]
    last = np.flatnonzero(traces.is_last & (cases & done)[traces.case])
    packed = np.concatenate([packed, traces.activity[last] * (n + 1) + n])
    codes, counts = np.unique(packed, return_counts=True)
    names = (*traces.activities, "")
    total = max(int(counts.sum()), 1)
    return {
        (names[code // (n + 1)], names[code % (n + 1)]): count / total
        for code, count in zip(codes.tolist(), counts.tolist(), strict=True)
    }


def _remaining(arrived: IntArray, final: IntArray, noons: IntArray) -> FloatArray:
    # Each case is open at the noons between its arrival and its end.
    first, past = np.searchsorted(noons, arrived, side="left"), np.searchsorted(noons, final, side="left")
    many = past - first
    case = np.repeat(np.arange(arrived.size), many)
    noon = np.arange(case.size) - np.repeat(np.cumsum(many) - many, many) + np.repeat(first, many)
    return _thinned((final[case] - noons[noon]) / HOUR_MS) if case.size else np.zeros(0)


def earth_movers_distance(a: FloatArray, b: FloatArray) -> float:
    """Return the area between two distribution functions, which is what it takes to turn one sample into the other."""
    if a.size == 0 and b.size == 0:
        return 0.0
    if a.size == 0 or b.size == 0:
        return float("nan")
    both = np.concatenate([a, b])
    order = np.argsort(both, kind="stable")  # merges samples that are sorted, as most are
    values = both[order]
    apart = np.cumsum(np.where(order < a.size, 1 / a.size, -1 / b.size))
    return float(np.abs(apart[:-1]) @ np.diff(values))


def _circadian(a: WindowSample, b: WindowSample) -> float:
    if a.date_only or b.date_only:
        return float("nan")
    total, weight = 0.0, 0
    for k in range(7):
        hours_a, hours_b = a.stamps[a.weekday == k] % 24, b.stamps[b.weekday == k] % 24
        if hours_a.size and hours_b.size:
            total += earth_movers_distance(hours_a, hours_b) * hours_a.size
            weight += hours_a.size
    return total / weight if weight else float("nan")


def _n_gram(a: WindowSample, b: WindowSample) -> float:
    return sum(abs(a.pairs.get(pair, 0.0) - b.pairs.get(pair, 0.0)) for pair in sorted({*a.pairs, *b.pairs})) / 2


DISTANCES: Final[Mapping[str, Callable[[WindowSample, WindowSample], float]]] = {
    "n_gram": _n_gram,
    "arrivals": lambda a, b: earth_movers_distance(a.arrivals, b.arrivals),
    "absolute": lambda a, b: earth_movers_distance(a.stamps, b.stamps),
    "circadian": _circadian,
    "relative": lambda a, b: earth_movers_distance(a.relative, b.relative),
    "cycle": lambda a, b: earth_movers_distance(a.cycles, b.cycles),
    "in_progress": lambda a, b: float(np.abs(a.in_progress - b.in_progress).mean()) if a.in_progress.size else 0.0,
    "remaining": lambda a, b: earth_movers_distance(a.remaining, b.remaining),
}
"""The distances by name: in hours, but for ``n_gram`` (a share) and ``in_progress`` (cases)."""


def distances(a: WindowSample, b: WindowSample) -> pd.Series:
    """Return all distances between two samples."""
    return pd.Series({name: measure(a, b) for name, measure in DISTANCES.items()})
