"""Inter-activity delays: from completion of one activity to enablement of the next, excluding queueing.

Input: :class:`~calibration.discovery.log.traces.Traces`, the transitions of the routes, and ready times by row.
Output: a :class:`Delay` for every transition that takes time of its own, with a
:class:`~calibration.discovery.timing.timetables.Release` where transitions end by a timetable (batching).
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
from calibration.discovery.timing.rounds import find_rhythm
from calibration.discovery.timing.timetables import Release, find_release
from foundation.arrays import BoolArray, FloatArray, IntArray
from sim.calendar import DAY_MS, MINUTE_MS, WorkCalendar

__all__ = ["Delay", "clustered_error", "describe_delay", "differs", "discover_delays"]

MIN_DELAY_MS: Final = 30_000
"""Mean delay below which a transition counts as instantaneous: a click takes seconds, a file takes longer."""

_MIN_TRANSITIONS: Final = 20
"""Transitions below which services are not compared."""
_SERVICE_ALPHA: Final = 0.01
"""Significance level from which a service has a law of its own."""
_MIN_DELAYED: Final = 0.5
"""Share of transitions that must take time before a timetable is looked for."""
_SAME_TIME: Final = 0.8
"""Share of transitions that must end on another day at the same time of day, to be counted in working days."""
_SAME_TIME_MS: Final = 2 * MINUTE_MS
"""Difference in time of day that counts as the same time."""
_ZERO_SHARE: Final = 0.01
"""Share of delays of zero from which the law is a mixture with zero."""
_OVER_DAYS: Final = 0.1
"""Share of transitions over days from which it shows whether they end at night as well."""
_IN_HOURS: Final = 0.99
"""Share of these that end in opening hours, above which time in opening hours is what they take."""
_MORE_REGULAR: Final = 0.9
"""Clock time is used only if its coefficient of variation is below this multiple of that in opening hours."""
_MIN_ROUND_MS: Final = 2 * DAY_MS
"""Median delay below which no rounds are looked for: whoever waits for one a week waits for half a week."""
_MAX_VALUES: Final = 20_000
"""Transitions that a law or a test evaluates."""


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
        As a scenario file has it; ``None`` with a release that ends the delay.
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
        The timetable, if transitions follow one; with a law, the delay goes on after it, and the law and its mean are
        those of the rest.
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
    follows = np.flatnonzero(~traces.is_first & ~traces.returns & (ready >= 0))
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

        pooled = _after_round(described(-1, rows), since[rows], until[rows], traces, hall, rng)
        kinds = wanted[(wanted[:, 1] == begin) & (wanted[:, 2] == end), 0]
        for service_code in kinds.tolist():
            of_service = service[rows] == service_code
            own = kinds.size > 1 and differs((until - since)[rows], of_service)
            delay = described(service_code, rows[of_service]) if own else pooled
            if delay is not None:
                estimates.append(_by_shared_timetable(replace(delay, service=service_code), pooled))
    return estimates


def _by_shared_timetable(delay: Delay, pooled: Delay | None) -> Delay:
    """Return the delay with the timetable of all services, unless its own has other departures.

    Only all services together show how many files a shared departure takes.
    """
    shared = None if pooled is None else pooled.release
    if pooled is not None and shared is not None and pooled.law is not None:
        return replace(pooled, service=delay.service)
    if shared is None or (delay.release is not None and not delay.release.runs_like(shared)):
        return delay
    return replace(delay, release=shared, law=None, family="timetable", p_value=math.nan)


def _after_round(
    delay: Delay | None, since: IntArray, until: IntArray, traces: Traces, hall: WorkCalendar, rng: np.random.Generator
) -> Delay | None:
    """Return the delay as a wait for the next round and a delay after it, if that describes its days better."""
    if delay is None or delay.release is not None or np.median(until - since) < _MIN_ROUND_MS:
        return delay
    rhythm = find_rhythm(since // DAY_MS, until // DAY_MS, hall)
    if rhythm is None:
        return delay
    boarded = rhythm.boarded(since // DAY_MS, hall) * DAY_MS + rhythm.moment(hall)
    share = float((boarded <= until).mean())
    after = describe_delay(-1, delay.source, delay.target, np.minimum(boarded, until), until, traces, hall, rng)
    release = rhythm.release(hall, share=share)
    return delay if after is None else replace(after, release=release)


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
    timetabled: BoolArray | None = None,
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
        By transition: whether its end can show a timetable, shape (n,); none can by default.
    """
    if since.size == 0:
        return None
    release = None
    if timetabled is not None:
        released = (until > since) & timetabled
        if released.sum() > _MIN_DELAYED * until.size:
            release = find_release(since[released], until[released], traces)
    if since.size > _MAX_VALUES:
        selected = rng.choice(since.size, _MAX_VALUES, replace=False)
        since, until = since[selected], until[selected]
    plain = np.maximum(until - since, 0).astype(np.float64)
    open_ = np.maximum(hall.between(since, until), 0).astype(np.float64)
    if plain.mean() < MIN_DELAY_MS or (open_.mean() < MIN_DELAY_MS and np.median(plain) < MIN_DELAY_MS):
        return None
    together = _together(until[plain > MIN_DELAY_MS], traces.resolution_ms)
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

    if over_days.mean() > _OVER_DAYS and hall.is_open(until).mean() > _IN_HOURS:
        return "working min", open_  # on a clock that runs at night some would end at night
    always = bool(hall.opens.size == 1)
    return ("min", plain) if always or spread(plain) < _MORE_REGULAR * spread(open_) else ("working min", open_)


def _together(until: IntArray, resolution_ms: int) -> float:
    """Return the share of transitions that end in the same minute as another one: batches."""
    if until.size < 2 or resolution_ms >= DAY_MS:
        return 0.0
    counts = np.unique(until // MINUTE_MS, return_counts=True)[1]
    return float(counts[counts > 1].sum() / until.size)
