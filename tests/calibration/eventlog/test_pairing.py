"""Single events become activities: every start finds the end it belongs to, and no event is lost on the way."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.eventlog import EventLog, read_log

_NOON = pd.Timestamp("2014-01-06 12:00")

Event = tuple[int, str, str, int]
Activity = tuple[str, int | None, int | None, int | None]


def log_of(folder: Path, events: list[Event]) -> EventLog:
    """Write (case, activity, transition, minute) as a file, and read it."""
    lines = ["case:concept:name,concept:name,lifecycle:transition,time:timestamp"]
    lines += [
        f"case {case},{activity},{change},{_NOON + pd.Timedelta(minutes=minute)}"
        for case, activity, change, minute in events
    ]
    file = folder / "log.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return read_log(file)


def activities(log: EventLog, *, stops: bool = False) -> list[Activity]:
    def minute(moment: pd.Timestamp) -> int | None:
        return None if pd.isna(moment) else int((moment - _NOON) / pd.Timedelta(minutes=1))

    chosen = log.events[log.events["stop"] == stops]
    rows = chosen[["activity", "ready", "start", "end"]].itertuples(index=False)
    return sorted(((str(name), *map(minute, moments)) for name, *moments in rows), key=str)  # type: ignore[misc]


def paired_by_hand(events: list[Event]) -> list[Activity]:
    """Pair the same events one at a time, with queues."""
    found: list[list[int | None]] = []
    names: list[str] = []
    order = ["schedule", "start", "complete"]
    ready: dict[tuple[int, str], deque[int]] = {}
    working: dict[tuple[int, str], deque[int]] = {}
    for case, activity, change, minute in sorted(events, key=lambda one: (one[3], order.index(one[2]))):
        waiting = ready.setdefault((case, activity), deque())
        begun = working.setdefault((case, activity), deque())
        if change == "complete" and begun:
            found[begun.popleft()][2] = minute
            continue
        if change != "schedule" and waiting:
            place = waiting.popleft()
        else:
            place = len(found)
            found.append([None, None, None])
            names.append(activity)
        found[place][order.index(change)] = minute
        if change == "schedule":
            waiting.append(place)
        elif change == "start":
            begun.append(place)
    return sorted(((name, *row) for name, row in zip(names, found, strict=True)), key=str)  # type: ignore[misc]


def test_an_end_without_a_start_takes_no_later_start(tmp_path: Path) -> None:
    log = log_of(tmp_path, [(1, "review", "complete", 5), (1, "review", "start", 10), (1, "review", "complete", 25)])
    assert activities(log) == [("review", None, 10, 25), ("review", None, None, 5)]


def test_changes_that_are_neither_beginning_nor_end_are_told(tmp_path: Path) -> None:
    log = log_of(
        tmp_path,
        [
            (1, "review", "start", 0),
            (1, "review", "assign", 2),
            (1, "review", "reassign", 4),
            (1, "review", "complete", 9),
        ],
    )
    assert activities(log) == [("review", None, 0, 9)]
    (note,) = [one for one in log.notes if one.key == "eventlog.note.transitions"]
    assert note.values == {"rows": 2, "kinds": "assign, reassign"}


def test_a_suspension_ends_with_its_resumption_and_the_work_stays_whole(tmp_path: Path) -> None:
    log = log_of(
        tmp_path,
        [
            (1, "review", "start", 0),
            (1, "review", "suspend", 2),
            (1, "review", "resume", 4),
            (1, "review", "suspend", 5),
            (1, "review", "resume", 8),
            (1, "review", "complete", 9),
            (2, "review", "suspend", 7),
        ],
    )
    assert activities(log) == [("review", None, 0, 9)]
    assert activities(log, stops=True) == [("review", None, 2, 4), ("review", None, 5, 8), ("review", None, 7, None)]
    assert log.events.loc[log.events["stop"], "outcome"].tolist() == ["done", "done", "open"]
    (note,) = [one for one in log.notes if one.key == "eventlog.note.pauses"]
    assert note.values == {"n": 2, "open": 1, "lost": 0}


def test_a_stop_whose_end_or_beginning_nobody_knows_is_counted_and_left_out(tmp_path: Path) -> None:
    log = log_of(
        tmp_path,
        [
            (1, "review", "suspend", 2),
            (1, "review", "complete", 9),  # it has gone on, but since when?
            (2, "review", "resume", 3),
            (2, "review", "complete", 9),
        ],
    )
    assert activities(log, stops=True) == []
    (note,) = [one for one in log.notes if one.key == "eventlog.note.pauses"]
    assert note.values == {"n": 0, "open": 0, "lost": 2}


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(
            st.integers(1, 2),
            st.sampled_from(["accept", "review"]),
            st.sampled_from(["schedule", "start", "complete"]),
            st.integers(0, 500),
        ),
        min_size=1,
        max_size=25,
        unique_by=lambda one: one[3],
    )
)
@settings(max_examples=60, deadline=None)
def test_pairing_is_what_queues_would_make_of_it(events: list[Event]) -> None:
    with TemporaryDirectory() as folder:
        log = log_of(Path(folder), events)
    assert activities(log) == paired_by_hand(events)
    assert log.events[["ready", "start", "end"]].notna().sum().sum() == len(events)
    assert not len(log.rejected)
