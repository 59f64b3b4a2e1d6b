"""An event log as arrays on the simulator's clock.

Input: an event log (:mod:`calibration.eventlog`).
Output: its :class:`~calibration.discovery.log.traces.Traces`.  No case is dropped: a row without an end is open.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from calibration.discovery.log.clock_times import with_clock_times
from calibration.discovery.log.stop_names import StopRule, stop_rule
from calibration.discovery.log.suspensions import separate_suspensions
from calibration.discovery.log.traces import MERGED, UNKNOWN, EventLogLike, Stop, Traces
from calibration.eventlog.bare_dates import one_clock_time
from foundation.arrays import BoolArray, FloatArray, IntArray
from foundation.errors import HallplanError
from sim.calendar import DAY_MS

__all__ = ["read_traces", "service_column"]

_SERVICE_WORDS: Final = ("service", "事项", "业务", "item", "product", "type")
"""Words in the heading of a column that names services, the most specific first."""
_MAX_SERVICES: Final = 120
"""Services with a route of their own: a scenario file has at most 1 MB."""
_MIN_CASES: Final = 10
"""Cases below which a service is merged with other rare ones: nothing can be learnt of it."""
_MAX_ACTIVITIES: Final = 100
"""Activities that are told apart; the rarest of more are merged."""
_MIN_ACTIVITY_ROWS: Final = 30
"""Where some are merged, an activity with fewer rows is too: nothing can be learnt of its neighbours."""
_MIN_OWN: Final = 10
"""Activities of their own at least: a log of rare activities only has routes all the same."""
_MAX_KINDS: Final = 0.5
"""A column with more kinds than this share of the cases numbers cases and does not name services."""


def service_column(events: pd.DataFrame, requested: str | None = None) -> str:
    """Return the column that names the services, or "" if there is none.

    Parameters
    ----------
    events
        The log's rows.
    requested
        Name of the column, with or without ``attr_``; by default the first that reads like one and has few kinds.

    Raises
    ------
    HallplanError
        If there is no column of the name.
    """
    attributes = [str(name) for name in events.columns if str(name).startswith("attr_")]
    if requested is not None:
        if requested == "":
            return ""
        named = requested if requested.startswith("attr_") else f"attr_{requested}"
        if named not in attributes:
            names = ", ".join(name.removeprefix("attr_") for name in attributes) or "–"
            raise HallplanError("discovery.fault.no_column", column=requested, known=names)
        return named
    for word in _SERVICE_WORDS:
        for name in attributes:
            if word in name.lower() and not pd.api.types.is_float_dtype(events[name].dtype):
                kinds = events[name].nunique()
                if 2 <= kinds <= max(_MAX_KINDS * events["case"].nunique(), 1):
                    return name
    return ""


def read_traces(log: EventLogLike, *, service: str | None = None) -> Traces:
    """Turn a log into arrays.

    Parameters
    ----------
    log
        The event log.
    service
        The column that names the services; guessed by default, "" for none.

    Raises
    ------
    HallplanError
        If the log is empty, or has no stamps.
    """
    if not len(log.events):
        raise HallplanError("discovery.fault.empty")
    events, kind = log.events, log.kind
    if kind != "ledger" and _dates_only(events):
        events, kind = _as_ledger(events), "ledger"
    events, bare = with_clock_times(events) if kind != "ledger" else (events, {})
    separated = separate_suspensions(events)
    events, moments, origin = _stamped(separated.events)
    case, order = _sorted_rows(events, moments)
    activity, activities = _activities(events["activity"])
    resource, resources = _resources(events["resource"])
    column = service_column(events, service)
    first_row = np.flatnonzero(np.r_[True, np.diff(case) != 0, True])
    kinds, names = _services(events[column].iloc[order] if column else None, first_row[:-1])
    moments = {name: values[order] for name, values in moments.items()}
    left = _is(events["outcome"], "left")[order] if "outcome" in events else np.zeros(case.size, dtype=np.bool_)
    days_used, days_used_column = _days_used(events.iloc[order], first_row[:-1])
    traces = Traces(
        kind=kind,
        first_day=(dt.datetime(1970, 1, 1) + dt.timedelta(milliseconds=origin)).date(),  # noqa: DTZ001 - local time
        date_only=_dates_only(events),
        resolution_ms=_resolution(np.concatenate(list(moments.values()))),
        case=case,
        activity=activity[order],
        resource=resource[order],
        ready=moments["ready"],
        start=moments["start"],
        end=moments["end"],
        left=left,
        first_row=first_row,
        service=kinds,
        services=names,
        activities=tuple(activities),
        resources=resources,
        last=int(max(values.max() for values in moments.values())),
        service_column=column,
        resumed=events["resumed"].to_numpy(dtype=np.bool_)[order],
        stops={},
        same_day_suspensions=separated.same_day,
        days_used=days_used,
        days_used_column=days_used_column,
        bare_dates=bare,
    )
    suspended = set(activity[events["stop"].to_numpy(dtype=np.bool_)].tolist())
    return replace(traces, stops=_stops(traces, suspended))


def _first_known(ready: IntArray, start: IntArray, end: IntArray) -> IntArray:
    return np.where(ready >= 0, ready, np.where(start >= 0, start, end))


def _stamped(events: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, IntArray], int]:
    """Return the rows with a stamp, their moments in ms since midnight of the first day, and that midnight."""
    stamps = {name: _as_ms(events[name]) for name in ("ready", "start", "end")}
    recorded = {name: values != _NAT for name, values in stamps.items()}
    keep = recorded["ready"] | recorded["start"] | recorded["end"]
    if not keep.any():
        raise HallplanError("discovery.fault.no_stamps")
    origin = min(int(values[recorded[name]].min()) for name, values in stamps.items() if recorded[name].any())
    origin -= origin % DAY_MS
    moments = {name: np.where(recorded[name], values - origin, UNKNOWN)[keep] for name, values in stamps.items()}
    return events[keep], moments, origin


def _stops(traces: Traces, suspended: set[int]) -> dict[int, Stop]:
    """Return the activities that stop the clock, by recorded suspensions or by their names.

    A stop known by its name only is a wait outside the hall if its rows name no resource, or mostly end on a later day.
    Otherwise a resource of the hall performs it, as is always the case with on-site checks.
    """
    if traces.kind not in ("events", "activities"):  # of a ticket or a ledger's row the name is that of a service
        return {}
    stops = {}
    since = np.where(traces.start >= 0, traces.start, np.where(traces.ready >= 0, traces.ready, traces.previous_end))
    timed = (since >= 0) & (traces.end >= 0)
    over_night = traces.end // DAY_MS > since // DAY_MS
    for code, name in enumerate(traces.activities):
        rule = stop_rule(name)
        if code in suspended:
            rule_on_record = rule if rule and not rule.after and rule.reason not in _COUNTED_BY_LAW else _ON_RECORD
            stops[code] = Stop(rule_on_record, recorded=True, outside=True)
        elif rule is not None:
            of_activity = traces.activity == code
            unnamed = bool((traces.resource[of_activity] < 0).mean() > _MOSTLY)
            lasting = bool(over_night[of_activity & timed].mean() > _MOSTLY) if (of_activity & timed).any() else False
            own = rule.after or rule.reason == "on-site-check"
            outside = not own and (lasting or unnamed)
            if outside or rule.after or rule.reason != "applicant":  # to take in what was missing is no wait for it
                stops[code] = Stop(rule, recorded=False, outside=outside)
    return stops


def _days_used(events: pd.DataFrame, first_rows: IntArray) -> tuple[FloatArray | None, str]:
    """Return the days that a column says each case took, its largest entry, and that column's name."""
    for name in map(str, events.columns):
        if name.startswith("attr_") and _DAYS_USED_COLUMN.fullmatch(name.removeprefix("attr_").strip()):
            numbers = pd.to_numeric(events[name].astype(object), errors="coerce").to_numpy(dtype=np.float64)
            most = np.fmax.reduceat(numbers, first_rows)
            if not np.isnan(most).all():
                return most, name.removeprefix("attr_")
    return None, ""


_DAYS_USED_COLUMN: Final = re.compile(
    r"(实际|累计|计时)?(办理|审批|办结)?(用时|耗时|已用时限|已用天数|工作日数?)([(（](工作日|天|日)[)）])?"
    r"|(statutory|counted|working|business)[ _-]?days([ _-]?(used|taken))?|days[ _-](used|counted|taken)",
    re.IGNORECASE,
)

_ON_RECORD: Final = StopRule("on-record", 0, after=False)

_COUNTED_BY_LAW: Final = ("", "on-site-check")
"""Reasons that the law counts: a name with such a reason does not explain a recorded stop."""

_MOSTLY: Final = 0.5
"""A stop known by name is a wait outside the hall if most of its rows have no resource, or end on a later day."""


def _sorted_rows(events: pd.DataFrame, moments: dict[str, IntArray]) -> tuple[IntArray, npt.NDArray[np.intp]]:
    """Return the number of each row's case, and the order of the rows by case and time; the numbers in that order."""
    first_known = _first_known(moments["ready"], moments["start"], moments["end"])
    case = _in_order(pd.factorize(events["case"])[0], first_known, events["row"].to_numpy(dtype=np.int64))
    final = np.where(moments["end"] >= 0, moments["end"], first_known)
    order = np.lexsort((events["row"], final, first_known, case))
    return case[order], order


def _in_order(case: npt.NDArray[np.intp], first_known: IntArray, row: IntArray) -> IntArray:
    """Number the cases by when they came, then by row of the file: their own names are hashes, new in every reading."""
    first = np.lexsort((row, first_known, case))
    first = first[np.r_[True, np.diff(case[first]) != 0]]
    rank = np.empty(first.size, dtype=np.int64)
    rank[np.lexsort((row[first], first_known[first]))] = np.arange(first.size)
    return rank[case]


def _dates_only(events: pd.DataFrame) -> bool:
    """Tell whether no stamp has a time of day."""
    if "date_only" in events and bool(events["date_only"].all()):
        return True
    stamps = np.concatenate([_as_ms(events[name]) for name in ("ready", "start", "end")])
    stamps = stamps[stamps != _NAT]
    return bool(stamps.size) and (not np.any(stamps % DAY_MS) or one_clock_time(stamps.astype("datetime64[ms]")))


def _as_ledger(events: pd.DataFrame) -> pd.DataFrame:
    """Return one row a case, from its first date to its last: dates don't order what happens on one day."""
    stamps = events[["ready", "start", "end"]]
    first, final = stamps.min(axis=1), stamps.max(axis=1)
    case = events["case"].astype(object)
    unfinished = events["end"].isna() & (events["outcome"].astype(str) != "left")
    rows = events.groupby(case, sort=False).head(1).copy()
    key = rows["case"].astype(object)
    rows["ready"], rows["activity"] = pd.NaT, "case"
    rows["start"] = key.map(first.groupby(case).min()).to_numpy()
    ended = key.map(final.groupby(case).max()).where(~key.map(unfinished.groupby(case).any()).astype(bool))
    rows["end"] = ended.to_numpy()
    rows["outcome"] = np.where(rows["end"].isna(), "open", "done")
    rows["resource"], rows["stop"] = "", False
    return rows


_NAT: Final = np.iinfo(np.int64).min


def _as_ms(column: pd.Series) -> IntArray:
    return column.to_numpy(dtype="datetime64[ms]").astype(np.int64)


def _is(column: pd.Series, text: str) -> BoolArray:
    codes, names = pd.factorize(column)
    matches = np.array([str(name) == text for name in names] + [False])  # the last one stands for no name
    return np.asarray(matches[codes], dtype=np.bool_)


def _resources(column: pd.Series) -> tuple[IntArray, int]:
    codes, names = pd.factorize(column)
    codes = codes.astype(np.int64)
    blank = [index for index, name in enumerate(names) if str(name) == ""]
    if blank:
        codes = np.where(codes == blank[0], UNKNOWN, codes - (codes > blank[0]))
    return codes, len(names) - len(blank)


def _activities(column: pd.Series) -> tuple[IntArray, list[str]]:
    """Number the activities by name; those too rare to be among so many go together as one."""
    codes, kinds = pd.factorize(column, use_na_sentinel=False)
    names = np.array([str(name) for name in kinds], dtype=object)
    if names.size > _MAX_ACTIVITIES:
        counts = np.bincount(codes)
        often = np.argsort(-counts, kind="stable")
        frequent = max(int((counts >= _MIN_ACTIVITY_ROWS).sum()), _MIN_OWN)
        names[often[min(_MAX_ACTIVITIES - 1, frequent) :]] = MERGED
    labels, label = np.unique(names, return_inverse=True)
    return label[codes].astype(np.int64), labels.tolist()


def _services(column: pd.Series | None, first_rows: IntArray) -> tuple[IntArray, tuple[str, ...]]:
    """Name every case's service; rare ones, of which little can be learnt, go together as one."""
    if column is None:
        return np.zeros(first_rows.size, dtype=np.int64), ("",)
    kind, kinds = pd.factorize(column.iloc[first_rows], use_na_sentinel=False)
    counts = np.bincount(kind)
    often = np.argsort(-counts, kind="stable")  # of services as frequent, the one that came first
    own = [int(k) for k in often[: _MAX_SERVICES - 1] if counts[k] >= _MIN_CASES] or [int(often[0])]
    service_code = np.full(len(kinds), len(own), dtype=np.int64)
    service_code[own] = np.arange(len(own))
    codes, names = service_code[kind], tuple(str(kinds[k]) for k in own)
    return codes, (*names, "") if len(own) < len(kinds) else names


def _resolution(moments: IntArray) -> int:
    """Return the coarsest unit that all stamps are multiples of, of a day, an hour, a minute, a second and a ms."""
    known_moments = moments[moments >= 0]
    for unit in (DAY_MS, 3_600_000, 60_000, 1_000):
        if not np.any(known_moments % unit):
            return unit
    return 1
