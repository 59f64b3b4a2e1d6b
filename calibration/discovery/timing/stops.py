"""Clock suspensions: when the statutory clock stops, how often, and for how long.

Input: :class:`~calibration.discovery.log.traces.Traces`, which mark activities that stop the clock, and start times.
Output: a :class:`StopEstimate` for each of them.  A stop with recorded suspensions is observed.  A stop known by its
name only is assumed (Administrative Licensing Law arts. 32, 34, 45).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from calibration.discovery.laws.fitting import MIN_SAMPLE
from calibration.discovery.log.traces import UNKNOWN, Stop, Traces
from calibration.discovery.resources.durations import ALL
from calibration.discovery.timing.delays import Delay, describe_delay, differs
from foundation.arrays import FloatArray, IntArray
from sim.calendar import WorkCalendar

__all__ = ["StopEstimate", "estimate_stops"]


@dataclass(frozen=True, eq=False)
class StopEstimate:
    """What stops the statutory clock.

    Attributes
    ----------
    activity, name
        Code and name of the activity.
    stop
        Why, whether it is on record, and whether anybody of the hall works on it.
    n, open
        Stops that have ended, on which the numbers rest, and those that last until the log's end.
    cases
        Cases with at least one.
    days, low, high
        Working days that a stop takes out of the count (those after the day on which it begins, up to the day on
        which it ends), mean and 95% interval; not-a-number where none has an end.
    case_of_stop, days_excluded
        By stop that has ended: its case, and the working days that it takes out.
    verdict
        Whether the log's own count of days leaves it ``out`` or has it ``in``; "" where no count tells.
    delays
        If the stop is a wait outside the hall: how long, by service
        (:data:`~calibration.discovery.resources.durations.ALL` for all of them).
    """

    activity: int
    name: str
    stop: Stop
    n: int
    open: int
    cases: int
    days: float
    low: float
    high: float
    case_of_stop: IntArray
    days_excluded: FloatArray
    delays: Mapping[int, Delay]
    verdict: str = ""

    @property
    def reason(self) -> str:
        """Why the clock stands still, one of :data:`scenarios.model.STOPS`; "" if it doesn't."""
        why = self.stop.rule.reason
        if self.verdict == "out":  # whatever the law lists, this authority's count leaves it out
            return "on-record" if why in ("", "on-site-check") else why
        return "" if self.verdict == "in" else why


def estimate_stops(
    traces: Traces,
    start: IntArray,
    ready: IntArray,
    *,
    hall: WorkCalendar,
    rng: np.random.Generator,
) -> Sequence[StopEstimate]:
    """Measure what stops the clock.

    Parameters
    ----------
    traces
        The log.
    start, ready
        By row: when it began, and since when it waited for somebody (:data:`UNKNOWN` where nobody knows).
    hall
        Opening time.
    rng
        For sub-samples and tests of fit.
    """
    estimates = []
    for code, stop in traces.stops.items():
        rows = np.flatnonzero((traces.activity == code) & ~traces.left)
        if stop.rule.after:  # from its end until the case's next activity is called for
            follows = rows[~traces.is_last[rows]]
            since, until = traces.end[follows], np.where(ready >= 0, ready, start)[follows + 1]
            open_ = int(traces.is_last[rows].sum())
        else:
            follows = rows
            since, until = np.where((ready >= 0) & (ready < start), ready, start)[rows], traces.end[rows]
            open_ = int((traces.end[rows] == UNKNOWN).sum())
        valid = (since >= 0) & (until >= since)
        since, until, case = since[valid], until[valid], traces.case[follows[valid]]
        days = (hall.workday_number(hall.day_of(until)) - hall.workday_number(hall.day_of(since))).astype(np.float64)
        mean = float(days.mean()) if days.size else math.nan
        half = _half(days) if days.size > 1 else math.nan
        estimates.append(
            StopEstimate(
                activity=code,
                name=traces.activities[code],
                stop=stop,
                n=int(days.size),
                open=open_,
                cases=int(np.unique(traces.case[rows]).size),
                days=mean,
                low=max(mean - half, 0.0),
                high=mean + half,
                case_of_stop=case,
                days_excluded=days,
                delays=_waits(code, since, until, traces.service[case], traces, hall, rng) if stop.outside else {},
            )
        )
    return estimates


def _half(days: FloatArray) -> float:
    """Return half the width of the mean's 95% interval (Student): stops may be few."""
    return float(stats.t.ppf(0.975, days.size - 1) * days.std(ddof=1) / math.sqrt(days.size))


def _waits(
    code: int,
    since: IntArray,
    until: IntArray,
    service: IntArray,
    traces: Traces,
    hall: WorkCalendar,
    rng: np.random.Generator,
) -> dict[int, Delay]:
    """Return how long a stop lasts: one law for all services, and one of its own for each whose stops differ."""
    delays = {}
    pooled = describe_delay(ALL, code, code, since, until, traces, hall, rng)
    if pooled is not None:
        delays[ALL] = pooled
    for service_code in np.unique(service).tolist():
        of_service = service == service_code
        if of_service.sum() >= MIN_SAMPLE and differs(until - since, of_service):
            delay = describe_delay(service_code, code, code, since[of_service], until[of_service], traces, hall, rng)
            if delay is not None:
                delays[service_code] = delay
    return delays
