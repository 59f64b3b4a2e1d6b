"""Where the time goes: when work began and could have begun, delays between activities, and how elapsed time divides.

Comes in: :class:`~calibration.discovery.traces.Traces`, hours and pools.  Goes out: estimated starts where the log has
none (bounded, and reported as such), estimated moments since which work waited, a :class:`Delay` for every passage that
takes time of its own, and the :class:`Split` of elapsed time into waiting, working, closed hours and batching.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import stats

from calibration.discovery.hours import GRANULE_MS
from calibration.discovery.laws import FEW, empirical_law, fit_law, quantities
from calibration.discovery.pools import PoolFound, pool_of_rows
from calibration.discovery.states import States
from calibration.discovery.traces import UNKNOWN, Traces
from scenarios.model import WEEKDAYS
from sim.calendar import DAY_MS, MINUTE_MS, BoolArray, FloatArray, IntArray, WorkCalendar

__all__ = ["Delay", "Release", "Split", "delay_of", "delays_of", "differs", "ready_moments", "split_of", "starts_of"]

_GRANULES: Final = DAY_MS // GRANULE_MS
_MATTERS_MS: Final = 30_000
"""A passage shorter than this on average is none: files don't fly, but a click takes a second."""
_FEW: Final = 20
_MOST_TIMES: Final = 6
_DIFFERS: Final = 0.01
_RELEASED: Final = 0.9
_MOSTLY: Final = 0.5
_SAME_TIME: Final = 0.8
_MOST: Final = 20_000


@dataclass(frozen=True, eq=False)
class Release:
    """A timetable by which files go on together.

    Attributes
    ----------
    times
        Times of day, ms since midnight.
    weekdays
        Names of the weekdays.
    share
        Share of the passages that keep to it.
    """

    times: tuple[int, ...]
    weekdays: tuple[str, ...]
    share: float


@dataclass(frozen=True, eq=False)
class Delay:
    """The time that a passage from one activity to the next takes by itself, queueing taken out.

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
        Mean and its 95% interval, in ms or working days; passages that end on one day are not taken for independent.
    deviation
        Standard deviation, in the same unit.
    n
        Passages.
    p_value
        Of the law's fit.
    release
        The timetable, if passages go by one.
    together
        Share of passages that end at the same moment as another one: batches.
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


@dataclass(frozen=True)
class Split:
    """How the elapsed time of an average closed case divides, in hours.

    Attributes
    ----------
    elapsed
        All of it.
    working, waiting, transfer, batching, outside, closed
        Work; waiting for a server in opening hours; passages between activities in opening hours; waiting for a
        timetable; waits outside the hall, such as stops of the clock; nights, weekends, lunch.
    unknown
        What the log can't assign.
    n
        Cases.
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


def starts_of(traces: Traces, hall: WorkCalendar) -> tuple[IntArray, BoolArray, BoolArray]:
    """Return by row when work began, whether that is an estimate, and whether the estimate can be trusted.

    Where the log has no start, work can't have begun before the case's previous activity had ended, nor before the
    resource had ended its previous piece of work, nor outside opening hours: the latest of these, on the day of its
    end, is the earliest start.  It is near the truth where the case was already waiting when the resource became free.
    """
    missing = (traces.start == UNKNOWN) & (traces.end >= 0) & ~traces.left
    if not missing.any():
        return traces.start, missing, missing
    order = np.lexsort((traces.end, traces.resource))
    same = np.r_[False, traces.resource[order][1:] == traces.resource[order][:-1]] & (traces.resource[order] >= 0)
    resource_free = np.full(traces.n_rows, UNKNOWN, dtype=np.int64)
    resource_free[order] = np.where(same, np.r_[UNKNOWN, traces.end[order][:-1]], UNKNOWN)
    waiting_since = np.where(traces.ready >= 0, traces.ready, traces.previous_end)
    resource_today = np.where(resource_free // DAY_MS == traces.end // DAY_MS, resource_free, UNKNOWN)
    bound = np.maximum(waiting_since, resource_today)
    bounded = bound >= 0
    begun = np.where(bounded, hall.next_opening(np.maximum(bound, 0)), UNKNOWN)
    # What lay overnight is taken up on the day on which it ended: otherwise a free resource would be busy all night.
    midnight = np.maximum(traces.end, 0) // DAY_MS * DAY_MS
    opening = hall.next_opening(midnight)
    overnight = (begun < midnight) & (opening > midnight)
    begun = np.where(overnight, np.maximum(np.minimum(opening, traces.end), resource_today), begun)
    begun = np.where(bounded, np.minimum(begun, traces.end), UNKNOWN)
    begun = np.where(traces.outside, np.minimum(waiting_since, traces.end), begun)  # nobody had to be free for it
    start = np.where(missing, begun, traces.start)
    near = missing & (waiting_since >= 0) & (resource_free > waiting_since) & bounded
    near &= (begun // DAY_MS == traces.end // DAY_MS) & ~traces.outside
    return start, missing, near


def ready_moments(
    traces: Traces, start: IntArray, pools: Sequence[PoolFound], worked: BoolArray
) -> tuple[IntArray, BoolArray]:
    """Return by row since when it waited for a server, and whether that is an estimate.

    Where the log doesn't say, the latest moment before the start at which a server was free bounds it: who had been
    there would have been taken.  It is the case's previous end if all were busy, or off duty, ever since.
    """
    # A case whose first row doesn't say when it was asked for comes when its work begins, as far as anybody can tell.
    ready = np.where((traces.ready == UNKNOWN) & (traces.is_first | traces.outside), start, traces.ready)
    estimated = np.zeros(traces.n_rows, dtype=np.bool_)
    pool_of = pool_of_rows(traces, pools)
    for number, pool in enumerate(pools):
        of_pool = np.flatnonzero((pool_of == number) & (start >= 0))
        rows = of_pool[ready[of_pool] == UNKNOWN]
        if rows.size:
            ready[rows] = _since(traces, pool, of_pool, rows, start, worked)
            estimated[rows] = True
    return ready, estimated


def _since(
    traces: Traces, pool: PoolFound, of_pool: IntArray, rows: IntArray, start: IntArray, worked: BoolArray
) -> IntArray:
    stop = np.where(traces.end[of_pool] >= 0, traces.end[of_pool], traces.last)
    grid = np.arange(traces.n_days * _GRANULES, dtype=np.int64) * GRANULE_MS
    moments = np.concatenate([start[of_pool], stop, grid])
    change = np.concatenate([np.ones(of_pool.size), -np.ones(of_pool.size), np.zeros(grid.size)])
    times, position = np.unique(moments, return_inverse=True)
    busy = np.cumsum(np.bincount(position, weights=change))
    on_duty = np.where(worked[np.minimum(times // DAY_MS, worked.size - 1)], 1, 0)
    on_duty = on_duty * pool.roster[(times % DAY_MS) // GRANULE_MS]
    full = busy >= on_duty
    # The moment from which on, up to each moment, all were busy or away.
    begins = np.where(np.r_[True, ~full[:-1]], times, -1)
    since = np.maximum.accumulate(begins)
    before = np.maximum(np.searchsorted(times, start[rows], side="left") - 1, 0)
    full_before = full[before] & (start[rows] > 0)
    bound = np.where(full_before, since[before], start[rows])
    ready = np.maximum(traces.previous_end[rows], np.where(bound >= 0, bound, start[rows]))
    return np.minimum(ready, start[rows]).astype(np.int64)


def delays_of(
    traces: Traces,
    codes: IntArray,
    states: States,
    ready: IntArray,
    *,
    hall: WorkCalendar,
    rng: np.random.Generator,
) -> list[Delay]:
    """Find how long the passages between activities take by themselves.

    Parameters
    ----------
    traces
        The log.
    codes
        The passages: service, from, to, shape (n, 3).
    states
        What from and to stand for.
    ready
        By row: since when it waited for a server.
    hall
        Opening time.
    rng
        For sub-samples and tests.
    """
    n = len(states.names)
    follows = np.flatnonzero(~traces.is_first & (ready >= 0))
    pair = states.state[follows - 1] * n + states.state[follows]
    service = traces.service[traces.case[follows]]
    since, until = traces.previous_end[follows], ready[follows]
    order = np.lexsort((service, pair))
    pair, service, since, until = pair[order], service[order], since[order], until[order]
    wanted = codes[(codes[:, 1] < n) & (codes[:, 2] < n)]
    estimates = []
    for passage in np.unique(wanted[:, 1] * n + wanted[:, 2]).tolist():
        first, final = np.searchsorted(pair, [passage, passage + 1])
        rows = slice(int(first), int(final))
        begin, end = passage // n, passage % n
        pooled = delay_of(-1, begin, end, since[rows], until[rows], traces, hall, rng)
        kinds = wanted[(wanted[:, 1] == begin) & (wanted[:, 2] == end), 0]
        for service_code in kinds.tolist():
            of_service = service[rows] == service_code
            own = kinds.size > 1 and differs((until - since)[rows], of_service)
            delay = (
                delay_of(service_code, begin, end, since[rows][of_service], until[rows][of_service], traces, hall, rng)
                if own
                else pooled
            )
            if delay is not None:
                estimates.append(_of_service(delay, service_code))
    return estimates


def differs(elapsed: IntArray, mask: BoolArray) -> bool:
    """Tell whether a service's passages take other times than the others' (Kolmogorov-Smirnov, two samples)."""
    if mask.sum() < _FEW or mask.all():
        return False
    return bool(stats.ks_2samp(elapsed[mask][:_MOST], elapsed[~mask][:_MOST]).pvalue < _DIFFERS)


def _of_service(delay: Delay, service: int) -> Delay:
    return Delay(**{**delay.__dict__, "service": service})


def delay_of(
    service: int,
    source: int,
    target: int,
    since: IntArray,
    until: IntArray,
    traces: Traces,
    hall: WorkCalendar,
    rng: np.random.Generator,
    *,
    timetabled: bool = True,
) -> Delay | None:
    """Describe how long something takes by itself, or return nothing if it takes no time to speak of.

    Parameters
    ----------
    service, source, target
        What the result says it is of.
    since, until
        Moments, shape (n,).
    traces, hall, rng
        The log, opening time, and what is random.
    timetabled
        Whether it may be taken to end by a timetable.
    """
    if since.size == 0:
        return None
    if since.size > _MOST:
        selected = rng.choice(since.size, _MOST, replace=False)
        since, until = since[selected], until[selected]
    plain = np.maximum(until - since, 0).astype(np.float64)
    open_ = np.maximum(hall.between(since, until), 0).astype(np.float64)
    if plain.mean() < _MATTERS_MS or (open_.mean() < _MATTERS_MS and np.median(plain) < _MATTERS_MS):
        return None
    together = _together(until[plain > _MATTERS_MS], traces.resolution_ms)
    release = _release(until[plain > 0], traces) if timetabled and (plain > 0).mean() > _MOSTLY else None
    unit, values = _clock(since, until, plain, open_, hall)
    if release is not None:
        law, family, p = None, "timetable", math.nan
    elif unit == "working days":
        law, family, p = empirical_law(values, unit=unit), "empirical", math.nan
    else:
        fitted = _with_zeros(values, unit, rng)
        law, family, p = fitted
    mean = float(values.mean())
    half = 1.96 * _standard_error(values, until // DAY_MS)
    return Delay(
        service,
        source,
        target,
        unit,
        law,
        family,
        mean,
        max(mean - half, 0.0),
        mean + half,
        float(values.std()),
        int(values.size),
        p,
        release,
        together,
    )


def _standard_error(values: FloatArray, group: IntArray) -> float:
    """Return the standard error of a mean whose values depend on each other within groups, but not across them.

    The sums of the groups' departures from the mean are independent; where the groups make no difference the result is
    that of independent values (the cluster-robust estimator: Liang and Zeger 1986), and never less.
    """
    apart = values - values.mean()
    _, label = np.unique(group, return_inverse=True)
    sums = np.bincount(label, weights=apart)
    few = sums.size / max(sums.size - 1, 1)  # a mean of few groups is less sure than these say of themselves
    return math.sqrt(max(float((sums**2).sum()) * few, float((apart**2).sum()))) / values.size


def _with_zeros(values: FloatArray, unit: str, rng: np.random.Generator) -> tuple[Any, str, float]:
    """Fit a law to delays of which some are none at all."""
    positive = values > _MATTERS_MS / 10
    share = float(positive.mean())
    if share > 0.99 or positive.sum() < FEW:
        fitted = fit_law(values if share <= 0.99 else values[positive], unit=unit, rng=rng)
        return fitted.law, fitted.family, fitted.p_value
    fitted = fit_law(values[positive], unit=unit, rng=rng)
    share = round(share, 9)
    law = {"mixture": [{"constant": quantities(unit)(0.0)}, fitted.law], "shares": [round(1 - share, 9), share]}
    return law, fitted.family, fitted.p_value


def _clock(
    since: IntArray, until: IntArray, plain: FloatArray, open_: FloatArray, hall: WorkCalendar
) -> tuple[str, FloatArray]:
    """Choose the clock on which a delay is most regular, and return the delays on it."""
    over_days = until // DAY_MS != since // DAY_MS
    same_time = np.abs(until % DAY_MS - since % DAY_MS) < 2 * MINUTE_MS
    if (over_days & same_time).mean() > _SAME_TIME:
        days = hall.workday_number(hall.day_of(until)) - hall.workday_number(hall.day_of(since))
        return "working days", days.astype(np.float64)

    def spread(values: FloatArray) -> float:
        return float(values.std() / values.mean()) if values.mean() > 0 else math.inf

    always = bool(hall.opens.size == 1)
    return ("min", plain) if always or spread(plain) < 0.9 * spread(open_) else ("working min", open_)


def _together(until: IntArray, resolution_ms: int) -> float:
    """Return the share of passages that end at the very moment at which another one does."""
    if until.size < 2 or resolution_ms >= DAY_MS:
        return 0.0
    counts = np.unique(until // MINUTE_MS, return_counts=True)[1]
    return float(counts[counts > 1].sum() / until.size)


def _release(until: IntArray, traces: Traces) -> Release | None:
    """Find the few times of day at which passages end, if nearly all end at such."""
    if until.size < _FEW or traces.resolution_ms >= DAY_MS:
        return None
    minutes = until % DAY_MS // MINUTE_MS
    times, counts = np.unique(minutes, return_counts=True)
    top = np.argsort(-counts)[:_MOST_TIMES]
    top = top[counts[top] >= 0.02 * until.size]
    share = float(counts[top].sum() / until.size)
    if share < _RELEASED or until.size < 5 * top.size:
        return None
    on_time = np.isin(minutes, times[top])
    weekday = (until[on_time] // DAY_MS + traces.first_day.weekday()) % 7
    by_weekday = np.bincount(weekday, minlength=7)
    days = tuple(WEEKDAYS[k] for k in np.flatnonzero(by_weekday > 0.02 * by_weekday.sum()))
    return Release(tuple(int(t) * MINUTE_MS for t in np.sort(times[top])), days, share)


def split_of(
    traces: Traces,
    start: IntArray,
    ready: IntArray,
    closed_cases: BoolArray,
    *,
    hall: WorkCalendar,
    released: BoolArray,
) -> Split:
    """Divide the elapsed time of the closed cases.

    Parameters
    ----------
    traces, start, ready
        The log, and by row when work began and since when it waited (:data:`UNKNOWN` where nobody knows).
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
        return Split(nan, nan, nan, nan, nan, nan, nan, nan, 0)
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
    final = np.zeros(traces.n_cases, dtype=np.int64)
    np.maximum.at(final, traces.case, np.maximum(traces.end, traces.known_from))
    elapsed = float((final - traces.arrived)[closed_cases].sum()) / hours
    closed = off1 + off2 + off3 + off4 + off5
    assigned = transfer + batching + waiting + working + outside + closed
    unknown = max(round(elapsed - assigned, 9), 0.0)  # what is less than a ms has come by adding up
    return Split(elapsed, working, waiting, transfer, batching, outside, closed, unknown, n)
