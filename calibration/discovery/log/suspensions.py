"""Recorded suspensions, separated from the work that they interrupt.

Input: the rows of an event log, some of which are suspensions of an activity.
Output: rows of work without suspensions in them, and rows of suspensions, each an activity of its own.  The statutory
clock counts days (Administrative Licensing Law art. 82): a suspension that ends on its first day stops no clock.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from foundation import messages

__all__ = ["SeparatedSuspensions", "match_owners", "separate_suspensions"]

_EVER, _FAR = np.datetime64("1700-01-01", "ns"), np.datetime64("2200-01-01", "ns")
"""Stand for a beginning that nobody knows, and for the end of what has none."""


@dataclass(frozen=True, eq=False)
class SeparatedSuspensions:
    """A log's rows with its pauses apart.

    Attributes
    ----------
    events
        The rows, with ``stop`` (the clock stood still from `start` to `end`) and ``resumed`` (a piece of work that goes
        on after a stop).
    same_day
        Suspensions that ended on the day on which they began; they are left in the work.
    """

    events: pd.DataFrame
    same_day: int


def separate_suspensions(events: pd.DataFrame) -> SeparatedSuspensions:
    """Take the suspensions that outlast a day out of the work that they interrupt.

    Work from a start to an end with a stop in it becomes two pieces of work with the stop between them.  Work of which
    the start is not known, or that waited when the clock stopped, waits from the stop's end on.

    Parameters
    ----------
    events
        One row an activity instance, as an :class:`~calibration.eventlog.EventLog` has them.
    """
    if "stop" not in events or not events["stop"].any():
        return SeparatedSuspensions(events.assign(stop=False, resumed=False), 0)
    stops, work = events[events["stop"]], events[~events["stop"]].assign(resumed=False)
    long = stops["end"].isna() | (stops["end"].dt.normalize() > stops["start"].dt.normalize())
    same_day, stops = int((~long).sum()), stops[long].assign(resumed=False)
    work = _interrupted(work, stops)
    activities = set(work["activity"].astype(str))
    names = {
        name: messages.text("discovery.word.stopped", activity=name) if name in activities else name
        for name in stops["activity"].astype(str).unique()
    }
    stops = stops.assign(activity=stops["activity"].astype(str).map(names))
    return SeparatedSuspensions(pd.concat([work.astype({"activity": object}), stops], ignore_index=True), same_day)


def _interrupted(work: pd.DataFrame, stops: pd.DataFrame) -> pd.DataFrame:
    """Cut every piece of work at the stops in it, each of which interrupts one piece."""
    inside = match_owners(work, stops)
    if not len(inside):
        return work
    owner, begin = inside["owner"].to_numpy(), inside["begin"].to_numpy()
    first = np.r_[True, owner[1:] != owner[:-1]]
    # A stop that begins within another one ends with it, or later.
    filled = inside["end"].fillna(_FAR)
    end = filled.groupby(owner).cummax().to_numpy()
    before = np.r_[end[:1], end[:-1]]
    ready, start = (work[name].to_numpy()[owner] for name in ("ready", "start"))
    cut = (start <= begin) & (first | (before <= begin))
    pieces = work.iloc[owner[cut]].assign(
        ready=np.where(first, ready, before)[cut],
        start=np.where(first, start, before)[cut],
        end=begin[cut],
        outcome="done",
        resumed=~first[cut],
    )
    last = np.r_[first[1:], True]
    begun = pd.Series(cut).groupby(owner).transform("any").to_numpy()
    goes_on = last & (end < _FAR)
    rest = work.iloc[owner[goes_on]].assign(
        ready=end[goes_on], start=np.where(begun, end, start)[goes_on], resumed=begun[goes_on]
    )
    untouched = np.ones(len(work), dtype=np.bool_)
    untouched[owner] = False
    plain = [rows.astype({"outcome": object}) for rows in (work[untouched], pieces, rest)]
    cut_up: pd.DataFrame = pd.concat(plain, ignore_index=True)
    return cut_up


def match_owners(work: pd.DataFrame, stops: pd.DataFrame) -> pd.DataFrame:
    """Return the stops that lie in a piece of work: its place, and when each begins and ends, in their order.

    The work was in hand, or waited, when the clock stopped, and was not done before it went on; where its start isn't
    known, it is the next of its activity to be done.  Of several the first one counts.
    """
    keys = pd.concat([rows["case"].astype(str) + "\0" + rows["activity"].astype(str) for rows in (work, stops)])
    code = pd.factorize(keys)[0].astype(np.int64)
    order, wanted = np.argsort(code[: len(work)], kind="stable"), code[len(work) :]
    key, until = code[order], stops["end"].fillna(_FAR).to_numpy()
    end = work["end"].fillna(_FAR).to_numpy()[order]
    since = work["ready"].fillna(work["start"]).where(work["start"].notna(), _EVER).to_numpy()[order]
    # To hold every stop against every piece of its activity would take a table as large as their product.
    latest = pd.Series(end).groupby(key).cummax().to_numpy()
    soonest = pd.Series(since[::-1]).groupby(key[::-1]).cummin().to_numpy()[::-1]
    moments, rank = np.unique(np.r_[latest, until], return_inverse=True)
    # The first piece that is not done before the stop ends; after it, one by one, while a later one may have begun.
    at = np.searchsorted(key * moments.size + rank[: key.size], wanted * moments.size + rank[key.size :])
    owner, looking, begin = np.full(wanted.size, -1), np.arange(wanted.size), stops["start"].to_numpy()
    while looking.size:
        looking = looking[at[looking] < key.size]
        candidate = at[looking]
        looking = looking[(key[candidate] == wanted[looking]) & (soonest[candidate] <= begin[looking])]
        candidate = at[looking]
        held = (since[candidate] <= begin[looking]) & (until[looking] <= end[candidate])
        owner[looking[held]] = order[candidate[held]]
        looking = looking[~held]
        at[looking] += 1
    pairs = pd.DataFrame({"owner": owner, "begin": begin, "end": stops["end"].to_numpy()})
    pairs = pairs[pairs["owner"] >= 0].sort_values(["owner", "begin"], kind="stable")
    return pairs.reset_index(drop=True)
