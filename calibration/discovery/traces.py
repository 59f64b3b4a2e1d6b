"""The log as arrays: cases with their rows in order, on the simulator's clock.

Comes in: an event log (:mod:`calibration.eventlog`).  Goes out: :class:`Traces`, whose moments are whole milliseconds
since midnight of the log's first day, -1 where the log has none.  Nothing is dropped: rows without an end are open.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from calibration.discovery.pauses import pauses_apart
from calibration.discovery.stop_words import StopWord, stop_word
from foundation.errors import HallplanError
from sim.calendar import DAY_MS, BoolArray, FloatArray, IntArray

__all__ = ["MERGED", "UNKNOWN", "HasEvents", "Stop", "Traces", "read_traces", "service_column"]

UNKNOWN: Final = -1
"""The moment that the log doesn't say."""

_SERVICE_WORDS: Final = ("service", "事项", "业务", "item", "product", "type")
_MOST_SERVICES: Final = 120
_LEAST_CASES: Final = 10
_MOST_ACTIVITIES: Final = 100
MERGED: Final = "…"
"""What the rarest activities are called together, where there are too many."""
_MOST_OF_ONE_KIND: Final = 0.5
"""A column with more kinds than half its cases numbers cases rather than naming kinds of them."""


class HasEvents(Protocol):
    """What discovery needs of an event log: :class:`calibration.eventlog.EventLog`, or a simulated one."""

    @property
    def events(self) -> pd.DataFrame:
        """One row an activity instance: ``case``, ``activity``, ``resource``, ``ready``, ``start``, ``end``, …"""

    @property
    def kind(self) -> str:
        """``tickets``, ``ledger``, ``events`` or ``activities``."""


@dataclass(frozen=True)
class Stop:
    """An activity during which, or after which, the statutory clock stands still.

    Attributes
    ----------
    word
        Why, and by which article.
    recorded
        The log has stamps of suspension and resumption; otherwise only the activity's name says it.
    outside
        Nobody of the hall works on it: its time is a wait, and it has no pool.
    """

    word: StopWord
    recorded: bool
    outside: bool


@dataclass(frozen=True, eq=False)
class Traces:
    """Rows sorted by case and time, each an activity instance.

    Attributes
    ----------
    kind
        ``tickets``, ``ledger``, ``events`` or ``activities``.
    first_day
        The day whose midnight is moment 0.
    date_only
        The stamps carry dates only.
    resolution_ms
        The unit in which the stamps are given.
    case, activity, resource
        Codes by row; cases are 0, 1, … in order, a resource is -1 where it is unknown.
    ready, start, end
        Moments by row, :data:`UNKNOWN` where the log has none.
    left
        The visitor was not there when called, or gave up.
    first_row
        By case: the position of its first row; one more entry than there are cases.
    service
        By case: code of its service.
    services, activities
        Names behind the codes.
    resources
        Number of resources.
    last
        The last moment of the log: what was open then is open.
    service_column
        The column that names the services, or "".
    resumed
        By row: a piece of work that goes on after the clock had stopped in it.
    stops
        By code of its activity: what stops the statutory clock, or by its name might.
    aside
        Suspensions that ended on the day on which they began.
    counted, counted_column
        By case: the days that the authority itself has counted, not-a-number where it hasn't; and where they stand.
    """

    kind: str
    first_day: dt.date
    date_only: bool
    resolution_ms: int
    case: IntArray
    activity: IntArray
    resource: IntArray
    ready: IntArray
    start: IntArray
    end: IntArray
    left: BoolArray
    first_row: IntArray
    service: IntArray
    services: tuple[str, ...]
    activities: tuple[str, ...]
    resources: int
    last: int
    service_column: str
    resumed: BoolArray
    stops: Mapping[int, Stop]
    aside: int
    counted: FloatArray | None
    counted_column: str

    @property
    def n_cases(self) -> int:
        """Number of cases."""
        return int(self.first_row.size - 1)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.case.size)

    @property
    def n_days(self) -> int:
        """Calendar days from the first to the last moment."""
        return int(self.last // DAY_MS) + 1

    @cached_property
    def known_from(self) -> IntArray:
        """By row: the first of ready, start and end that is known."""
        return np.where(self.ready >= 0, self.ready, np.where(self.start >= 0, self.start, self.end))

    @cached_property
    def arrived(self) -> IntArray:
        """By case: its first known moment."""
        first: IntArray = self.known_from[self.first_row[:-1]]
        return first

    @cached_property
    def previous_end(self) -> IntArray:
        """By row: when the case's rows before it had all ended, :data:`UNKNOWN` for its first row."""
        latest = np.maximum(self.end, self.known_from)
        lifted = latest + self.case * _LIFT
        before: IntArray = np.r_[UNKNOWN, np.maximum.accumulate(lifted)[:-1] - self.case[1:] * _LIFT]
        before[self.first_row[:-1]] = UNKNOWN
        return before

    @cached_property
    def outside(self) -> BoolArray:
        """By row: whether it is a wait on which nobody of the hall works."""
        codes = [code for code, stop in self.stops.items() if stop.outside]
        return np.asarray(np.isin(self.activity, codes))

    @cached_property
    def is_first(self) -> BoolArray:
        """By row: whether it is its case's first."""
        first = np.zeros(self.n_rows, dtype=np.bool_)
        first[self.first_row[:-1]] = True
        return first

    @cached_property
    def is_last(self) -> BoolArray:
        """By row: whether it is its case's last."""
        last = np.zeros(self.n_rows, dtype=np.bool_)
        last[self.first_row[1:] - 1] = True
        return last

    def rows_of_case(self, keep: BoolArray) -> BoolArray:
        """Turn a choice of cases into one of rows."""
        mask: BoolArray = keep[self.case]
        return mask


_LIFT: Final = 1 << 42
"""More ms than any log spans (139 years): keeps the cases apart in one running maximum."""


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
                if 2 <= kinds <= max(_MOST_OF_ONE_KIND * events["case"].nunique(), 1):
                    return name
    return ""


def read_traces(log: HasEvents, *, service: str | None = None) -> Traces:
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
    events, kind = log.events, log.kind
    if not len(events):
        raise HallplanError("discovery.fault.empty")
    if kind != "ledger" and _dates_only(events):
        events, kind = _as_ledger(events), "ledger"
    paused = pauses_apart(events)
    events = paused.events
    stamps = {name: _as_ms(events[name]) for name in ("ready", "start", "end")}
    first_known = np.where(
        stamps["ready"] != _NAT, stamps["ready"], np.where(stamps["start"] != _NAT, stamps["start"], stamps["end"])
    )
    if (first_known == _NAT).any():
        keep = first_known != _NAT
        if not keep.any():
            raise HallplanError("discovery.fault.no_stamps")
        events, first_known = events[keep], first_known[keep]
        stamps = {name: values[keep] for name, values in stamps.items()}
    origin = int(min(values[values != _NAT].min() for values in stamps.values() if (values != _NAT).any()))
    origin -= origin % DAY_MS
    case = _in_order(pd.factorize(events["case"])[0], first_known, events["row"].to_numpy(dtype=np.int64))
    final = np.where(stamps["end"] != _NAT, stamps["end"], first_known)
    order = np.lexsort((events["row"], final, first_known, case))
    case = case[order]
    activity, activities = _activities(events["activity"])
    resource, resources = _resources(events["resource"])
    column = service_column(events, service)
    first_row = np.flatnonzero(np.r_[True, np.diff(case) != 0, True])
    kinds, names = _services(events[column].iloc[order] if column else None, first_row[:-1])
    moments = {
        name: np.where(values == _NAT, UNKNOWN, values - origin)[order].astype(np.int64)
        for name, values in stamps.items()
    }
    left = _is(events["outcome"], "left")[order] if "outcome" in events else np.zeros(case.size, dtype=np.bool_)
    counted, counted_column = _counted(events.iloc[order], first_row[:-1])
    traces = Traces(
        kind=kind,
        first_day=(dt.datetime(1970, 1, 1) + dt.timedelta(milliseconds=origin)).date(),  # noqa: DTZ001 - local time
        date_only=_dates_only(events),
        resolution_ms=_resolution(np.concatenate(list(moments.values()))),
        case=case,
        activity=activity[order],
        resource=resource[order],
        **moments,
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
        aside=paused.aside,
        counted=counted,
        counted_column=counted_column,
    )
    recorded = set(activity[events["stop"].to_numpy(dtype=np.bool_)].tolist())
    return replace(traces, stops=_stops(traces, recorded))


def _stops(traces: Traces, recorded: set[int]) -> dict[int, Stop]:
    """Tell which activities stop the clock: by stamps of suspension, or by their names.

    Of those that are told by their names alone, one is a wait outside the hall if nobody is named who does it, or if
    it goes on over night more often than not; else somebody of the hall does it, as on-site checks always are done.
    """
    if traces.kind not in ("events", "activities"):  # of a ticket or a ledger's row the name is that of a service
        return {}
    stops = {}
    since = np.where(traces.start >= 0, traces.start, np.where(traces.ready >= 0, traces.ready, traces.previous_end))
    timed = (since >= 0) & (traces.end >= 0)
    over_night = traces.end // DAY_MS > since // DAY_MS
    for code, name in enumerate(traces.activities):
        word = stop_word(name)
        if code in recorded:
            why = word if word and not word.after and word.reason not in _NO_STOP else _ON_RECORD
            stops[code] = Stop(why, recorded=True, outside=True)
        elif word is not None:
            of_activity = traces.activity == code
            unnamed = bool((traces.resource[of_activity] < 0).mean() > _MOSTLY)
            lasting = bool(over_night[of_activity & timed].mean() > _MOSTLY) if (of_activity & timed).any() else False
            own = word.after or word.reason == "on-site-check"
            outside = not own and (lasting or unnamed)
            if outside or word.after or word.reason != "applicant":  # to take in what was missing is no wait for it
                stops[code] = Stop(word, recorded=False, outside=outside)
    return stops


def _counted(events: pd.DataFrame, first_rows: IntArray) -> tuple[FloatArray | None, str]:
    """Return the days that a column says each case took, its largest entry, and that column's name."""
    for name in map(str, events.columns):
        if name.startswith("attr_") and _COUNTS.fullmatch(name.removeprefix("attr_").strip()):
            numbers = pd.to_numeric(events[name].astype(object), errors="coerce").to_numpy(dtype=np.float64)
            most = np.fmax.reduceat(numbers, first_rows)
            if not np.isnan(most).all():
                return most, name.removeprefix("attr_")
    return None, ""


_COUNTS: Final = re.compile(
    r"(实际|累计|计时)?(办理|审批|办结)?(用时|耗时|已用时限|已用天数|工作日数?)([(（](工作日|天|日)[)）])?"
    r"|(statutory|counted|working|business)[ _-]?days([ _-]?(used|taken))?|days[ _-](used|counted|taken)",
    re.IGNORECASE,
)
_ON_RECORD: Final = StopWord("on-record", 0, after=False)
_NO_STOP: Final = ("", "on-site-check")
"""By law alone these stop no clock: a name that says no more is no reason for a stop that is on record."""
_MOSTLY: Final = 0.5


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
    return bool(stamps.size) and not np.any(stamps % DAY_MS)


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
    if names.size > _MOST_ACTIVITIES:
        often = np.argsort(-np.bincount(codes, minlength=names.size), kind="stable")
        names[often[_MOST_ACTIVITIES - 1 :]] = MERGED
    labels, label = np.unique(names, return_inverse=True)
    return label[codes].astype(np.int64), labels.tolist()


def _services(column: pd.Series | None, first_rows: IntArray) -> tuple[IntArray, tuple[str, ...]]:
    """Name every case's service; rare ones, of which little can be learnt, go together as one."""
    if column is None:
        return np.zeros(first_rows.size, dtype=np.int64), ("",)
    kind, kinds = pd.factorize(column.iloc[first_rows], use_na_sentinel=False)
    counts = np.bincount(kind, minlength=len(kinds))
    often = np.argsort(-counts, kind="stable")  # of services as frequent, the one that came first
    own = [int(k) for k in often[: _MOST_SERVICES - 1] if counts[k] >= _LEAST_CASES] or [int(often[0])]
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
