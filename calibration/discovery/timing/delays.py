"""Inter-activity delays: from completion of one activity to enablement of the next, excluding queueing.

Input: :class:`~calibration.discovery.log.traces.Traces`, the transitions of the routes, and ready times by row.
Output: a :class:`Delay` for every transition that takes time of its own, with a :class:`Release` where transitions end
by a timetable (batching).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from scipy import stats

from calibration.discovery.control_flow.states import States
from calibration.discovery.laws.entries import empirical_law, quantity_writer
from calibration.discovery.laws.fitting import MIN_SAMPLE, fit_law
from calibration.discovery.log.traces import Traces
from foundation.arrays import BoolArray, FloatArray, IntArray
from scenarios.model import WEEKDAYS
from sim.calendar import DAY_MS, MINUTE_MS, WorkCalendar

__all__ = ["Delay", "Release", "clustered_error", "describe_delay", "differs", "discover_delays"]

MIN_DELAY_MS: Final = 30_000
"""Mean delay below which a transition counts as instantaneous: a click takes seconds, a file takes longer."""

_MIN_TRANSITIONS: Final = 20
"""Transitions below which services are not compared, and no timetable is looked for."""
_MAX_TIMES: Final = 6
"""Times of day of a timetable: more would fit any pattern."""
_SERVICE_ALPHA: Final = 0.01
"""Significance level from which a service has a law of its own."""
_MIN_RELEASED: Final = 0.9
"""Share of transitions that must end at the times of a timetable."""
_MIN_DELAYED: Final = 0.5
"""Share of transitions that must take time before a timetable is looked for."""
_SAME_TIME: Final = 0.8
"""Share of transitions that must end on another day at the same time of day, to be counted in working days."""
_SAME_TIME_MS: Final = 2 * MINUTE_MS
"""Difference in time of day that counts as the same time."""
_ZERO_SHARE: Final = 0.01
"""Share of delays of zero from which the law is a mixture with zero."""
_MORE_REGULAR: Final = 0.9
"""Clock time is used only if its coefficient of variation is below this multiple of that in opening hours."""
_MIN_TIME_SHARE: Final = 0.02
"""Share of transitions below which a time of day or a weekday is no part of a timetable."""
_PER_TIME: Final = 5
"""Transitions per time of a timetable that are needed to believe in it."""
_MAX_VALUES: Final = 20_000
"""Transitions that a law or a test evaluates."""


@dataclass(frozen=True, eq=False)
class Release:
    """A timetable at which waiting files go on together (batching).

    Attributes
    ----------
    times
        Times of day, ms since midnight.
    weekdays
        Names of the weekdays.
    share
        Share of the transitions that keep to it.
    """

    times: tuple[int, ...]
    weekdays: tuple[str, ...]
    share: float


@dataclass(frozen=True, eq=False)
class Delay:
    """Inter-activity delay: from completion of one activity to enablement of the next, excluding queueing.

    Attributes
    ----------
    service, source, target
        Codes of service and states; `service` is -1 for all of them.
    unit
        Clock of the law: ``min``, ``working min`` or ``working days``.
    law
        As a scenario file has it; ``None`` with a release.
    family
        Name of the law.
    mean, low, high
        Mean and its 95% interval, in ms or working days; transitions that end on one day count as dependent.
    deviation
        Standard deviation, in the same unit.
    n
        Transitions.
    p_value
        Of the law's fit.
    release
        The timetable, if transitions follow one.
    together
        Share of transitions that end in the same minute as another one.
    """

    service: int
    source: int
    target: int
    unit: str
    law: Any
    family: str
    mean: float
    low: float
    high: float
    deviation: float
    n: int
    p_value: float
    release: Release | None
    together: float


def discover_delays(
    traces: Traces,
    codes: IntArray,
    states: States,
    ready: IntArray,
    *,
    inferred: BoolArray,
    hall: WorkCalendar,
    rng: np.random.Generator,
) -> list[Delay]:
    """Estimate the inter-activity delay of each transition, by service where services differ.

    Parameters
    ----------
    traces
        The log.
    codes
        The transitions: service, from, to, shape (n, 3).
    states
        What from and to stand for.
    ready
        By row: since when it waited for a server.
    inferred
        By row: that moment is a closing time, or rests on an estimated start.  Such moments show no timetable.
    hall
        Opening time.
    rng
        For sub-samples and tests.
    """
    n = len(states.names)
    follows = np.flatnonzero(~traces.is_first & (ready >= 0))
    pair = states.state[follows - 1] * n + states.state[follows]
    service = traces.service[traces.case[follows]]
    since, until, stamped = traces.previous_end[follows], ready[follows], ~inferred[follows]
    order = np.lexsort((service, pair))
    pair, service = pair[order], service[order]
    since, until, stamped = since[order], until[order], stamped[order]
    wanted = codes[(codes[:, 1] < n) & (codes[:, 2] < n)]
    estimates = []
    for transition in np.unique(wanted[:, 1] * n + wanted[:, 2]).tolist():
        rows = np.arange(*np.searchsorted(pair, [transition, transition + 1]))
        begin, end = transition // n, transition % n

        def described(code: int, part: IntArray, begin: int = begin, end: int = end) -> Delay | None:
            return describe_delay(
                code, begin, end, since[part], until[part], traces, hall, rng, timetabled=stamped[part]
            )

        pooled = described(-1, rows)
        kinds = wanted[(wanted[:, 1] == begin) & (wanted[:, 2] == end), 0]
        for service_code in kinds.tolist():
            of_service = service[rows] == service_code
            own = kinds.size > 1 and differs((until - since)[rows], of_service)
            delay = described(service_code, rows[of_service]) if own else pooled
            if delay is not None:
                estimates.append(replace(delay, service=service_code))
    return estimates


def differs(elapsed: IntArray, mask: BoolArray) -> bool:
    """Tell whether the delays of a service differ from those of the others (two-sample Kolmogorov-Smirnov test)."""
    if mask.sum() < _MIN_TRANSITIONS or mask.all():
        return False
    return bool(stats.ks_2samp(elapsed[mask][:_MAX_VALUES], elapsed[~mask][:_MAX_VALUES]).pvalue < _SERVICE_ALPHA)


def describe_delay(
    service: int,
    source: int,
    target: int,
    since: IntArray,
    until: IntArray,
    traces: Traces,
    hall: WorkCalendar,
    rng: np.random.Generator,
    *,
    timetabled: BoolArray,
) -> Delay | None:
    """Describe a delay, or return nothing if it counts as instantaneous.

    Parameters
    ----------
    service, source, target
        Codes of the result.
    since, until
        Moments, shape (n,).
    traces, hall, rng
        The log, opening time, and what is random.
    timetabled
        By transition: whether its end can show a timetable, shape (n,).
    """
    if since.size == 0:
        return None
    if since.size > _MAX_VALUES:
        selected = rng.choice(since.size, _MAX_VALUES, replace=False)
        since, until, timetabled = since[selected], until[selected], timetabled[selected]
    plain = np.maximum(until - since, 0).astype(np.float64)
    open_ = np.maximum(hall.between(since, until), 0).astype(np.float64)
    if plain.mean() < MIN_DELAY_MS or (open_.mean() < MIN_DELAY_MS and np.median(plain) < MIN_DELAY_MS):
        return None
    together = _together(until[plain > MIN_DELAY_MS], traces.resolution_ms)
    candidates = until[(plain > 0) & timetabled]
    release = _release(candidates, traces) if candidates.size > _MIN_DELAYED * until.size else None
    unit, values = _clock(since, until, plain, open_, hall)
    law, family, p_value = (None, "timetable", math.nan) if release is not None else _law(values, unit, rng)
    mean = float(values.mean())
    half = 1.96 * clustered_error(values, until // DAY_MS)
    return Delay(
        service=service,
        source=source,
        target=target,
        unit=unit,
        law=law,
        family=family,
        mean=mean,
        low=max(mean - half, 0.0),
        high=mean + half,
        deviation=float(values.std()),
        n=int(values.size),
        p_value=p_value,
        release=release,
        together=together,
    )


def _law(values: FloatArray, unit: str, rng: np.random.Generator) -> tuple[Any, str, float]:
    """Return the law of delays, its family, and the p-value of its fit."""
    if unit == "working days":
        return empirical_law(values, unit=unit), "empirical", math.nan
    return _with_zeros(values, unit, rng)


def clustered_error(values: FloatArray, group: IntArray) -> float:
    """Return the standard error of a mean of values that are dependent within groups and independent across them.

    It is the cluster-robust estimator (Liang and Zeger 1986), and never less than that of independent values.
    """
    apart = values - values.mean()
    _, label = np.unique(group, return_inverse=True)
    sums = np.bincount(label, weights=apart)
    few = sums.size / max(sums.size - 1, 1)  # small-sample correction
    return math.sqrt(max(float((sums**2).sum()) * few, float((apart**2).sum()))) / values.size


def _with_zeros(values: FloatArray, unit: str, rng: np.random.Generator) -> tuple[Any, str, float]:
    """Fit a law to delays of which some are zero."""
    positive = values > MIN_DELAY_MS / 10
    share = float(positive.mean())
    if share > 1 - _ZERO_SHARE or positive.sum() < MIN_SAMPLE:
        fitted = fit_law(values if share <= 1 - _ZERO_SHARE else values[positive], unit=unit, rng=rng)
        return fitted.law, fitted.family, fitted.p_value
    fitted = fit_law(values[positive], unit=unit, rng=rng)
    share = round(share, 9)
    law = {"mixture": [{"constant": quantity_writer(unit)(0.0)}, fitted.law], "shares": [round(1 - share, 9), share]}
    return law, fitted.family, fitted.p_value


def _clock(
    since: IntArray, until: IntArray, plain: FloatArray, open_: FloatArray, hall: WorkCalendar
) -> tuple[str, FloatArray]:
    """Return the clock on which the delays are most regular, and the delays on it."""
    over_days = until // DAY_MS != since // DAY_MS
    same_time = np.abs(until % DAY_MS - since % DAY_MS) < _SAME_TIME_MS
    if (over_days & same_time).mean() > _SAME_TIME:
        days = hall.workday_number(hall.day_of(until)) - hall.workday_number(hall.day_of(since))
        return "working days", days.astype(np.float64)

    def spread(values: FloatArray) -> float:
        return float(values.std() / values.mean()) if values.mean() > 0 else math.inf

    always = bool(hall.opens.size == 1)
    return ("min", plain) if always or spread(plain) < _MORE_REGULAR * spread(open_) else ("working min", open_)


def _together(until: IntArray, resolution_ms: int) -> float:
    """Return the share of transitions that end in the same minute as another one: batches."""
    if until.size < 2 or resolution_ms >= DAY_MS:
        return 0.0
    counts = np.unique(until // MINUTE_MS, return_counts=True)[1]
    return float(counts[counts > 1].sum() / until.size)


def _release(until: IntArray, traces: Traces) -> Release | None:
    """Return the few times of day at which nearly all transitions end, if there are such."""
    if until.size < _MIN_TRANSITIONS or traces.resolution_ms >= DAY_MS:
        return None
    minutes = until % DAY_MS // MINUTE_MS
    times, counts = np.unique(minutes, return_counts=True)
    top = np.argsort(-counts)[:_MAX_TIMES]
    top = top[counts[top] >= _MIN_TIME_SHARE * until.size]
    share = float(counts[top].sum() / until.size)
    if share < _MIN_RELEASED or until.size < _PER_TIME * top.size:
        return None
    on_time = np.isin(minutes, times[top])
    weekday = (until[on_time] // DAY_MS + traces.first_day.weekday()) % 7
    by_weekday = np.bincount(weekday, minlength=7)
    days = tuple(WEEKDAYS[k] for k in np.flatnonzero(by_weekday > _MIN_TIME_SHARE * by_weekday.sum()))
    return Release(tuple(int(t) * MINUTE_MS for t in np.sort(times[top])), days, share)
