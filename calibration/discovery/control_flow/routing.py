"""Routes: the directly-follows relation of each service with its transition probabilities, and censored cases.

Input: :class:`~calibration.discovery.log.traces.Traces`.
Output: :class:`Routing`.  Open cases count in every transition that they have completed.  They are left out only where
they would bias a count: the transition to the end of the route, and transitions that the log ends too early to show.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from calibration.discovery.control_flow.states import States, discover_states
from calibration.discovery.laws.proportions import wilson_intervals
from calibration.discovery.log.traces import Traces
from foundation.arrays import BoolArray, FloatArray, IntArray
from sim.calendar import DAY_MS

__all__ = [
    "MAX_TRANSITIONS",
    "MIN_OVERLAP",
    "Routing",
    "abandoned_cases",
    "censored_cases",
    "discover_routing",
    "services_over_days",
]

_RARE_END: Final = 0.05
"""An activity that ends (begins) fewer of its cases than this is no end (start) of a route."""
_USUAL_SUCCESSOR: Final = 0.95
"""A case is open if the log ends before this quantile of the time to a successor."""
_LOG_START: Final = 0.05
"""Cases may have begun before the log if they arrive before this quantile of all later rows."""
_LONG_GAP_MS: Final = DAY_MS // 4
"""A gap over midnight shorter than this is a hall that works at night."""
_MIN_PROBABILITY: Final = 0.01
"""A transition of a smaller probability stays out of the route unless it is frequent."""
_MIN_COUNT: Final = 5
"""A transition seen this often stays in the route, however small its probability."""
_MULTI_DAY_SHARE: Final = 0.02
"""A service with a larger share of cases over several days is handled behind the windows."""
_OBSERVED: Final = 0.99
"""Successors are observed if the log goes on for this quantile of the time to the successor."""
_MIN_OBSERVED: Final = 0.3
"""If fewer rows than this share remain, all rows count: a bias is better than no routes."""
MAX_TRANSITIONS: Final = 600
"""Transitions of all routes, without those that no state can do without: a scenario file has at most 1 MB."""
MIN_OVERLAP: Final = 0.01
"""Share of overlapping activities from which a log is reported to work side by side: fewer are coarse stamps."""


@dataclass(frozen=True, eq=False)
class Routing:
    """Routes by service.

    Attributes
    ----------
    transitions
        One row a service and pair: ``service``, ``from``, ``to`` (names; "" is the start, respectively the end), ``n``,
        ``share`` with 95% interval ``low``, ``high`` (Wilson), and ``kept``, whether it is in the scenario.
    codes
        The same pairs as codes of service and states, shape (rows, 3); the number of states stands for start and end.
    states
        What the states are: activities, split where what comes next depends on more.
    coverage
        Share of the observed transitions that the retained pairs make up.
    open, begun_before
        By case: not complete when the log ends (right-censored); begun before the log begins (left-truncated).
    rework
        By service: mean number of repeats of an activity in a case that has come to its end.
    overlapping
        Share of transitions in which the next activity started before the previous one was complete.
    multi_day
        By service: its cases go on over days (so it is done behind the windows).
    abandoned
        Cases that count as closed because nothing has happened in them for longer than the limit on idle time.
    """

    transitions: pd.DataFrame
    codes: IntArray
    states: States
    coverage: float
    open: BoolArray
    begun_before: BoolArray
    rework: dict[int, float]
    overlapping: float
    multi_day: dict[int, bool]
    abandoned: int

    @property
    def closed(self) -> BoolArray:
        """By case: whether the log shows it from its beginning to its end."""
        return ~self.open & ~self.begun_before


def censored_cases(traces: Traces) -> tuple[BoolArray, BoolArray]:
    """Return which cases are open when the log ends (right-censored), and which began before it (left-truncated).

    A case is open if one of three conditions holds: a row of it has no end; its last activity hardly ever ends a case;
    or its last activity often has a successor, and the log ends before most successors would come.  A case began before
    the log if it appears in the log's first days with an activity that hardly ever begins a case.
    """
    final = traces.first_row[1:] - 1
    first = traces.first_row[:-1]
    if traces.kind in ("tickets", "ledger"):
        return traces.unfinished, np.zeros(traces.n_cases, dtype=np.bool_)
    wait = _waits(traces, _USUAL_SUCCESSOR)[traces.activity]
    label = _ending_label(traces)
    n = np.maximum(np.bincount(label), 1)
    last_share = (np.bincount(label[final], minlength=n.size) / n)[label[final]]
    first_share = (np.bincount(label[first], minlength=n.size) / n)[label[first]]
    follows = ~traces.is_first
    ended = np.maximum(traces.end, traces.known_from)[final]
    at_the_end = traces.last - ended < np.maximum(wait[final], 1)
    open_ = traces.unfinished | (last_share < _RARE_END)
    open_ |= at_the_end & (last_share < 1 - _RARE_END)
    early = traces.arrived < np.quantile(traces.known_from[follows], _LOG_START) if follows.any() else False
    late = early & (first_share < _RARE_END)
    return open_, np.asarray(late, dtype=np.bool_)


def _ending_label(traces: Traces) -> IntArray:
    """Return by row its activity, and of the rarest activities together also the named one that went before."""
    return np.where(traces.merged, len(traces.activities) + traces.last_named, traces.activity)


def abandoned_cases(traces: Traces, open_: BoolArray, idle_days: float) -> BoolArray:
    """Return which of the open cases have been idle for more days when the log ends."""
    idle: BoolArray = open_ & (traces.last - traces.last_moment > idle_days * DAY_MS)
    return idle & (traces.kind in ("events", "activities"))


def _waits(traces: Traces, share: float) -> FloatArray:
    """Return for each activity the time in ms within which a share of its successors have begun."""
    follows = ~traces.is_first
    gap = traces.known_from - traces.previous_end
    before = np.r_[0, traces.activity[:-1]]
    wait = np.zeros(len(traces.activities))
    for k in range(wait.size):
        gaps = gap[follows & (before == k)]
        wait[k] = np.quantile(gaps, share) if gaps.size else 0.0
    return wait


def _seen_through(traces: Traces) -> BoolArray:
    """Return the rows after which the log goes on long enough to show their successors.

    Near the end of the log slow successors are missing and quick ones are not.  Counting those rows would overestimate
    the probability of quick successors.  If too few rows of an activity remain, all of its rows count.
    """
    left = traces.last - np.maximum(traces.end, traces.known_from)
    seen: BoolArray = left >= _waits(traces, _OBSERVED)[traces.activity]
    n = np.bincount(traces.activity, minlength=len(traces.activities))
    remaining = np.bincount(traces.activity[seen], minlength=n.size)
    return seen | (remaining < _MIN_OBSERVED * n)[traces.activity]


def discover_routing(traces: Traces, *, idle_days: float = math.inf) -> Routing:
    """Count the directly-follows relation by service.

    Parameters
    ----------
    traces
        The log.
    idle_days
        A case in which nothing has happened for more days when the log ends is abandoned: it counts as closed by its
        last activity, and as open (right-censored) until then.
    """
    open_, late = censored_cases(traces)
    idle = abandoned_cases(traces, open_, idle_days)
    open_ = open_ & ~idle
    seen = np.ones(traces.n_rows, dtype=np.bool_) if traces.kind in ("tickets", "ledger") else _seen_through(traces)
    states = discover_states(traces, seen, open_)
    codes, counts = _transition_counts(traces, states, seen=seen, open_cases=open_, begun_before=late)
    frame = _transition_table(traces, states, codes, counts)
    retained = frame["kept"].to_numpy()
    closed = ~open_ & ~late
    return Routing(
        transitions=frame,
        codes=codes,
        states=states,
        coverage=float(counts[retained].sum() / max(counts.sum(), 1)),
        open=open_,
        begun_before=late,
        rework=_rework(traces, closed),
        overlapping=_overlapping(traces),
        multi_day=services_over_days(traces),
        abandoned=int(idle.sum()),
    )


def _transition_counts(
    traces: Traces, states: States, *, seen: BoolArray, open_cases: BoolArray, begun_before: BoolArray
) -> tuple[IntArray, IntArray]:
    """Return the distinct transitions as codes (service, from, to), and how often the log shows each."""
    service = traces.service[traces.case]
    n, state = len(states.names), states.state
    into = np.where(traces.is_first, ~begun_before[traces.case], np.r_[True, seen[:-1]])
    into = np.flatnonzero(into & ~traces.returns)
    pairs = np.column_stack(
        [service[into], np.where(traces.is_first[into], n, np.r_[n, state[:-1]][into]), state[into]]
    )
    out = np.flatnonzero(traces.is_last & seen & ~open_cases[traces.case] & ~traces.called_in_vain)
    if not into.size and not out.size:  # nobody was served, or seen from the beginning
        out = np.flatnonzero(traces.is_last)
    ends = np.column_stack([service[out], state[out], np.full(out.size, n)])
    codes, counts = _count(np.vstack([pairs, ends]), n + 1)
    stuck = _stuck(codes, n)
    if stuck.size:
        # No case was seen to end from these states; a scenario needs an end, so their last rows count as ends.
        final = np.flatnonzero(traces.is_last)
        last = np.column_stack([service[final], state[final], np.full(final.size, n)])
        there = np.isin(last[:, 0] * (n + 1) + last[:, 1], stuck)
        once = np.column_stack([stuck // (n + 1), stuck % (n + 1), np.full(stuck.size, n)])
        codes, counts = _count(np.vstack([pairs, ends, last[there], once]), n + 1)
    return codes, counts


def _transition_table(traces: Traces, states: States, codes: IntArray, counts: IntArray) -> pd.DataFrame:
    """Return the transitions by name, with their shares and whether they are in the scenario."""
    n = len(states.names)
    retained, share, low, high = _shares(codes, counts, n)
    names = np.array([*states.names, ""], dtype=object)
    return pd.DataFrame(
        {
            "service": np.array(traces.services, dtype=object)[codes[:, 0]],
            "from": names[codes[:, 1]],
            "to": names[codes[:, 2]],
            "n": counts,
            "share": share,
            "low": low,
            "high": high,
            "kept": _reachable(_at_most(retained, codes, counts, n), codes, n),
        }
    )


def _overlapping(traces: Traces) -> float:
    """Return the share of transitions in which the next activity started before the previous one was complete."""
    follows = ~traces.is_first & (traces.start >= 0)
    return float((traces.start < traces.previous_end)[follows].mean()) if follows.any() else 0.0


def _stuck(codes: IntArray, end: int) -> IntArray:
    """Return the states, packed with their services into one number, from which no transitions lead to the end."""
    source, target = _packed(codes, end)
    ends = codes[:, 2] == end
    out = _closure(set(source[ends].tolist()), target[~ends], source[~ends])
    states = np.unique(np.concatenate([source, target[~ends]]))
    stuck: IntArray = states[~np.isin(states, list(out)) & (states % (end + 1) != end)]
    return stuck


def _reachable(retained: BoolArray, codes: IntArray, end: int) -> BoolArray:
    """Leave out transitions from states to which no retained transition leads: nobody would come to their steps."""
    source, target = _packed(codes, end)
    starts = codes[:, 1] == end
    inner = retained & (codes[:, 2] != end)
    reached = _closure(set(source[starts].tolist()), source[inner], target[inner])
    fewer: BoolArray = retained & np.isin(source, list(reached))
    return fewer


def _packed(codes: IntArray, end: int) -> tuple[IntArray, IntArray]:
    """Return the states of transitions, source and target, each packed with its service into one number."""
    return codes[:, 0] * (end + 1) + codes[:, 1], codes[:, 0] * (end + 1) + codes[:, 2]


def _closure(seeds: set[int], source: IntArray, target: IntArray) -> set[int]:
    """Return the seeds and everything that is reached from them."""
    reached, grown = set(seeds), True
    while grown:
        following = target[np.isin(source, list(reached))].tolist()
        grown = not reached.issuperset(following)
        reached |= set(following)
    return reached


def _count(triples: IntArray, width: int) -> tuple[IntArray, IntArray]:
    packed = (triples[:, 0] * width + triples[:, 1]) * width + triples[:, 2]
    distinct, counts = np.unique(packed, return_counts=True)
    codes = np.column_stack([distinct // width**2, distinct // width % width, distinct % width])
    return codes, counts.astype(np.int64)


def _shares(codes: IntArray, counts: IntArray, end: int) -> tuple[BoolArray, FloatArray, FloatArray, FloatArray]:
    group = codes[:, 0] * (end + 1) + codes[:, 1]
    total = np.bincount(group, weights=counts)[group]
    share = counts / total
    low, high = wilson_intervals(counts, total)
    retained = (share >= _MIN_PROBABILITY) | (counts >= _MIN_COUNT)
    top = np.zeros(group.max() + 1)
    np.maximum.at(top, group, counts)
    retained |= counts == top[group]
    # Every state must lead to the end, so a rare transition to the end stays.
    retained |= (codes[:, 2] == end) & (counts >= 1)
    return retained, share, low, high


def _at_most(retained: BoolArray, codes: IntArray, counts: IntArray, end: int) -> BoolArray:
    """Retain the most frequent transitions, and those without which a state could not be entered or left."""
    if retained.sum() <= MAX_TRANSITIONS:
        return retained
    needed = (codes[:, 1] == end) | (codes[:, 2] == end)
    for column in (1, 2):
        group = codes[:, 0] * (end + 1) + codes[:, column]
        top = np.zeros(group.max() + 1)
        np.maximum.at(top, group, counts)
        needed |= counts == top[group]
    rank = np.argsort(np.argsort(-np.where(retained, counts, 0), kind="stable"), kind="stable")
    fewer: BoolArray = retained & (needed | (rank < MAX_TRANSITIONS))
    return fewer


def _rework(traces: Traces, closed: BoolArray) -> dict[int, float]:
    # To go on after a stop or an absence is no rework, nor is one of many merged activities after another.
    begun = ~traces.resumed & ~traces.outside & ~traces.returns & ~traces.merged
    packed = (traces.case * len(traces.activities) + traces.activity)[begun]
    distinct = np.bincount(np.unique(packed) // len(traces.activities), minlength=traces.n_cases)
    repeats = np.bincount(traces.case[begun], minlength=traces.n_cases) - distinct
    return {
        k: float(repeats[closed & (traces.service == k)].mean()) if (closed & (traces.service == k)).any() else 0.0
        for k in range(len(traces.services))
    }


def services_over_days(traces: Traces) -> dict[int, bool]:
    """Tell by service whether its cases go on over days, so that it is done behind the windows."""
    if traces.kind in ("tickets", "ledger"):
        return dict.fromkeys(range(len(traces.services)), traces.kind == "ledger")

    def over_night(since: IntArray, until: IntArray) -> BoolArray:
        return np.asarray((until // DAY_MS != since // DAY_MS) & (until - since > _LONG_GAP_MS))

    long = ~traces.is_first & over_night(traces.previous_end, traces.known_from)
    long |= (traces.ready >= 0) & (traces.start >= 0) & over_night(traces.ready, traces.start)
    long |= (traces.start >= 0) & (traces.end >= 0) & over_night(traces.start, traces.end)  # laid down and taken up
    over = np.zeros(traces.n_cases, dtype=np.bool_)
    np.logical_or.at(over, traces.case, long | (traces.outside & (traces.end // DAY_MS > traces.known_from // DAY_MS)))
    return {
        k: bool(over[traces.service == k].mean() > _MULTI_DAY_SHARE) if (traces.service == k).any() else False
        for k in range(len(traces.services))
    }
