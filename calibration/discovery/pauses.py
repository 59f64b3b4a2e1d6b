"""Suspensions that a log has stamps for, taken out of the work that they interrupt.

Comes in: an event log's rows, of which some say that their activity was suspended.  Goes out: rows of work without
pauses in them, and rows of stops, each an activity of its own.  The statutory clock counts days (Administrative
Licensing Law art. 82): work that was put aside and taken up again on the same day has stopped no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from scenarios import messages

__all__ = ["Paused", "pauses_apart"]

_TIMES: Final = ("ready", "start", "end")


@dataclass(frozen=True, eq=False)
class Paused:
    """A log's rows with its pauses apart.

    Attributes
    ----------
    events
        The rows, with ``stop`` (the clock stood still from `start` to `end`) and ``resumed`` (a piece of work that goes
        on after a stop).
    aside
        Suspensions that ended on the day on which they began; they are left in the work.
    """

    events: pd.DataFrame
    aside: int


def pauses_apart(events: pd.DataFrame) -> Paused:
    """Take the suspensions that outlast a day out of the work that they interrupt.

    Work from a start to an end with a stop in it becomes two pieces of work with the stop between them.  Work of which
    the start is not known, or that waited when the clock stopped, waits from the stop's end on.

    Parameters
    ----------
    events
        One row an activity instance, as an :class:`~calibration.eventlog.EventLog` has them.
    """
    if "stop" not in events or not events["stop"].any():
        return Paused(events.assign(stop=False, resumed=False), 0)
    stops, work = events[events["stop"]], events[~events["stop"]].assign(resumed=False)
    long = stops["end"].isna() | (stops["end"].dt.normalize() > stops["start"].dt.normalize())
    aside, stops = int((~long).sum()), stops[long].assign(resumed=False)
    work = _interrupted(work, stops)
    known = set(work["activity"].astype(str))
    names = {
        name: messages.text("discovery.word.stopped", activity=name) if name in known else name
        for name in stops["activity"].astype(str).unique()
    }
    stops = stops.assign(activity=stops["activity"].astype(str).map(names))
    return Paused(pd.concat([work.astype({"activity": object}), stops], ignore_index=True), aside)


def _interrupted(work: pd.DataFrame, stops: pd.DataFrame) -> pd.DataFrame:
    """Cut every piece of work at the stops in it."""
    keys = [pd.Series(frame["case"]).astype(str) + "\0" + frame["activity"].astype(str) for frame in (work, stops)]
    touched = np.flatnonzero(keys[0].isin(set(keys[1])).to_numpy())
    by_key: dict[str, list[tuple[Any, Any]]] = {}
    for key, begin, end in zip(keys[1], stops["start"], stops["end"], strict=True):
        by_key.setdefault(key, []).append((begin, end))
    whole = np.ones(len(work), dtype=np.bool_)
    pieces: list[dict[str, Any]] = []
    for place, key in zip(touched.tolist(), keys[0].iloc[touched], strict=True):
        row = {str(name): value for name, value in work.iloc[place].items()}
        inside = [one for one in sorted(by_key[key], key=lambda one: one[0]) if _holds(row, *one)]
        if inside:
            by_key[key] = [one for one in by_key[key] if one not in inside]  # a stop interrupts one piece of work
            whole[place] = False
            pieces += _cut(row, inside)
    if not pieces:
        return work
    cut = pd.DataFrame(pieces, columns=list(work.columns)).astype(dict.fromkeys(_TIMES, "datetime64[ns]"))
    return pd.concat([work[whole], cut], ignore_index=True)


def _holds(row: dict[str, Any], begin: Any, end: Any) -> bool:
    """Tell whether a piece of work was in hand, or waiting, when the clock stopped, and not done before it went on."""
    first = next((row[name] for name in _TIMES if not pd.isna(row[name])), None)
    before = first is None or first <= begin or pd.isna(row["start"])
    return bool(before and (pd.isna(row["end"]) or (not pd.isna(end) and end <= row["end"])))


def _cut(row: dict[str, Any], inside: list[tuple[Any, Any]]) -> list[dict[str, Any]]:
    pieces: list[dict[str, Any]] = []
    for begin, end in inside:
        if not pd.isna(row["start"]) and row["start"] <= begin:
            pieces.append(row | {"end": begin, "outcome": "done"})
            row = row | {"start": end, "resumed": True}
        row = row | {"ready": end}
        if pd.isna(end):  # it is suspended still: nothing has gone on
            return pieces
    return [*pieces, row]
