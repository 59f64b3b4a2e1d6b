"""Decomposition of the elapsed time of closed cases into working, waiting, transfer, batching and closed hours.

Input: :class:`~calibration.discovery.log.traces.Traces`, and by row the start time and the ready time.
Output: a :class:`TimeDecomposition`, in hours per case.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from calibration.discovery.log.traces import Traces
from foundation.arrays import BoolArray, IntArray
from sim.calendar import WorkCalendar

__all__ = ["PARTS", "TimeDecomposition", "decompose_elapsed"]

PARTS: Final = ("working", "waiting", "transfer", "batching", "outside")
"""What a case spends its time on, in opening hours and in the closed hours in between."""


@dataclass(frozen=True)
class TimeDecomposition:
    """How the elapsed time of an average closed case divides, in hours.

    Attributes
    ----------
    elapsed
        All of it.
    working, waiting, transfer, batching, outside, closed
        Work; waiting for a server in opening hours; inter-activity delays in opening hours; waiting for a
        timetable; waits outside the hall, such as stops of the clock; nights, weekends, lunch.
    unknown
        What the log can't assign.
    n
        Cases.
    closed_within
        By part (:data:`PARTS`), the closed hours in it: the night in which a file waits for a server, the weekend
        between two activities.  Together they are `closed`.
    """

    elapsed: float
    working: float
    waiting: float
    transfer: float
    batching: float
    outside: float
    closed: float
    unknown: float
    n: int
    closed_within: Mapping[str, float] = field(default_factory=dict)


def decompose_elapsed(
    traces: Traces,
    start: IntArray,
    ready: IntArray,
    closed_cases: BoolArray,
    *,
    hall: WorkCalendar,
    released: BoolArray,
) -> TimeDecomposition:
    """Divide the elapsed time of the closed cases.

    Parameters
    ----------
    traces, start, ready
        The log, and by row when work began and since when it waited (``UNKNOWN`` where the log does not show it).
    closed_cases
        By case: whether it was seen from its beginning to its end.
    hall
        Opening time.
    released
        By row: whether it was brought by a timetable.
    """
    keep = closed_cases[traces.case] & (traces.end >= 0)
    n = int(closed_cases.sum())
    if n == 0:
        nan = math.nan
        return TimeDecomposition(nan, nan, nan, nan, nan, nan, nan, nan, 0)
    hours = 3_600_000 * n
    begin = np.where(traces.is_first, traces.known_from, traces.previous_end)
    started = keep & (start >= 0)
    since = np.where(ready >= 0, ready, begin)

    came = traces.arrived[traces.case]

    def part(mask: BoolArray, a: IntArray, b: IntArray) -> tuple[float, float]:
        lo = np.maximum(a, came)[mask]
        hi = np.maximum(b[mask], lo)
        inside = float(np.asarray(hall.between(lo, hi)).sum())
        return inside / hours, (float((hi - lo).sum()) - inside) / hours

    begin = np.minimum(begin, np.maximum(since, 0))
    moving = started & ~traces.is_first
    transfer, off1 = part(moving & ~released, begin, since)
    batching, off2 = part(moving & released, begin, since)
    waiting, off3 = part(started, np.where(since >= 0, since, start), start)
    working, off4 = part(started & ~traces.outside, start, traces.end)
    outside, off5 = part(started & traces.outside, start, traces.end)
    elapsed = float((traces.last_moment - traces.arrived)[closed_cases].sum()) / hours
    closed = off1 + off2 + off3 + off4 + off5
    assigned = transfer + batching + waiting + working + outside + closed
    unknown = max(0.0, round(elapsed - assigned, 9))  # what is less than a ms has come by adding up
    within = {"working": off4, "waiting": off3, "transfer": off1, "batching": off2, "outside": off5}
    return TimeDecomposition(elapsed, working, waiting, transfer, batching, outside, closed, unknown, n, within)
