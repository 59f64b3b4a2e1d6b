"""When the statutory clock stands still, how often, and for how long.

Comes in: :class:`~calibration.discovery.traces.Traces`, in which activities that stop the clock are marked, and by row
when they began.  Goes out: a :class:`StopFound` for each of them.  A stop that the log has stamps for is observed; one
that only a name tells is assumed (Administrative Licensing Law arts. 32, 34, 45); one that neither tells isn't here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from calibration.discovery.durations import ALL
from calibration.discovery.gaps import Delay, delay_of, differs
from calibration.discovery.laws import FEW
from calibration.discovery.traces import UNKNOWN, Stop, Traces
from sim.calendar import FloatArray, IntArray, WorkCalendar

__all__ = ["StopFound", "stops_of"]


@dataclass(frozen=True, eq=False)
class StopFound:
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
    of_case, taken
        By stop that has ended: its case, and the working days that it takes out.
    verdict
        Whether the log's own count of days leaves it ``out`` or has it ``in``; "" where no count tells.
    delays
        Where its time is a wait outside the hall: how long, by service (:data:`~calibration.discovery.durations.ALL`
        for all of them).
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
    of_case: IntArray
    taken: FloatArray
    delays: Mapping[int, Delay]
    verdict: str = ""

    @property
    def reason(self) -> str:
        """Why the clock stands still, one of :data:`scenarios.model.STOPS`; "" if it doesn't."""
        why = self.stop.word.reason
        if self.verdict == "out":  # whatever the law lists, this authority's count leaves it out
            return "on-record" if why in ("", "on-site-check") else why
        return "" if self.verdict == "in" else why


def stops_of(
    traces: Traces,
    start: IntArray,
    ready: IntArray,
    *,
    hall: WorkCalendar,
    rng: np.random.Generator,
) -> Sequence[StopFound]:
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
        if stop.word.after:  # from its end until the case's next activity is called for
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
            StopFound(
                activity=code,
                name=traces.activities[code],
                stop=stop,
                n=int(days.size),
                open=open_,
                cases=int(np.unique(traces.case[rows]).size),
                days=mean,
                low=max(mean - half, 0.0),
                high=mean + half,
                of_case=case,
                taken=days,
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
    pooled = delay_of(ALL, code, code, since, until, traces, hall, rng, timetabled=False)
    if pooled is not None:
        delays[ALL] = pooled
    for service_code in np.unique(service).tolist():
        of_service = service == service_code
        if of_service.sum() >= FEW and differs(until - since, of_service):
            delay = delay_of(
                service_code, code, code, since[of_service], until[of_service], traces, hall, rng, timetabled=False
            )
            if delay is not None:
                delays[service_code] = delay
    return delays
