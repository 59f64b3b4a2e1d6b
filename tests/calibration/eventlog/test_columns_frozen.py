"""Which column is what, and what kind of log columns make: by heading and content, all frozen."""

from __future__ import annotations

import pandas as pd
import pytest

from calibration.eventlog.read.columns import find_columns
from foundation.errors import HallplanError

CELLS = {
    "M": ["2014-01-06 09:00", "2014-01-06 09:10", ""],
    "D": ["2014-01-06", "2014-01-07", "-"],
    "C": ["09:00", "9:10", ""],
    "B": ["0900", "0910", ""],
    "N": ["1388998984", "1388998985", ""],
    "X": ["41645.5", "41645.6", ""],
    "H": ["2014-01-06 09:00", "2014-01-06 09:10", "soon"],
    "Z": ["2014-01-06 09:00", "soon", "later"],
    "E": ["", "-", ""],
    "T": ["a", "b", "a"],
}
"""What the cells of a column are: moments, dates, clock times, bare clocks, seconds, Excel's days; two thirds of them
moments, a third, nothing, texts."""

TABLES = {
    "tickets in Chinese": "票号 T, 业务类型 T, 窗口 T, 取号时间 M, 叫号时间 M, 结束时间 M, 状态 T",
    "tickets without numbers": "取号时间 M, 叫号时间 M, 结束时间 M",
    "tickets by their moments": "id T, queued at M, called M, served M",
    "tickets that are called": "编号 T, called at M, ended M",
    "activities of tickets": "ticket T, activity T, start M, end M",
    "activities": "case T, activity T, resource T, start M, end M",
    "activities from when they are ready": "case T, activity T, enabled M, end M",
    "events by their end": "case T, activity T, end M",
    "events by their start": "case T, activity T, start M",
    "events by their readiness": "case T, activity T, created M",
    "events with a stamp and a start": "case T, activity T, start M, timestamp M",
    "events with a lifecycle": "case T, activity T, lifecycle:transition T, start M, end M, time:timestamp M",
    "a ledger": "受理号 T, 事项名称 T, 受理日期 D, 办结日期 D",
    "a ledger with a stamp": "case T, date D",
    "a ledger with an end and a stamp": "case T, end D, timestamp D",
    "a clock and a date": "ticket T, date D, arrived C, called C, served C",
    "bare clocks and a date": "ticket T, date D, arrived B, called B, served B",
    "clocks without a date": "ticket T, arrived C, called C",
    "a date that is none": "ticket T, date T, arrived M, called M",
    "a moment beside clocks": "ticket T, date D, arrived C, called C, end time M",
    "a date of its own beside clocks": "ticket T, day D, created date D, called C, end time M",
    "seconds and Excel's days": "case T, activity T, start N, end X",
    "two columns for a case": "case:concept:name T, case id T, concept:name T, activity T, time:timestamp M",
    "the better heading wins, not the first": "id T, action T, case T, activity T, date M, time:timestamp M",
    "a heading with blanks around": " case T,  activity  T,  timestamp M",
    "two thirds are moments": "case T, activity T, start H, end M",
    "a third are moments": "case T, activity T, start Z, end M",
    "nothing in a column": "case T, activity T, start E, end M",
    "no time": "case T, activity T, start T",
    "no case": "activity T, lifecycle T, timestamp M",
    "no activity": "case T, lifecycle T, timestamp M",
}

STATED = {
    "a role is left out": ("case T, activity T, start M, end M", {"start": ""}, None),
    "a column is another": ("case T, activity T, start M, end M, other M", {"end": "other"}, None),
    "the stamp is stated": ("case T, activity T, start M, when M", {"stamp": "when"}, "events"),
    "the end is stated": ("case T, activity T, when M", {"end": "when"}, None),
    "a date is stated": ("ticket T, datum D, arrived C, called C", {"date": "datum"}, None),
    "a date without clocks": ("case T, activity T, datum D, end M", {"date": "datum"}, None),
    "a clock is stated": ("ticket T, date D, wann B, called B", {"ready": "wann"}, None),
    "a ledger is stated": ("case T, activity T, start M, end M", {}, "ledger"),
    "activities are stated": ("case T, activity T, timestamp M", {}, "activities"),
    "tickets are stated": ("number T, start M, timestamp M", {}, "tickets"),
    "no such kind": ("case T, start M", {}, "diary"),
    "no such role": ("case T, start M", {"begin": "start"}, None),
    "no such column": ("case T, start M", {"end": "stop"}, None),
    "left out, no such column": ("case T, activity T, start M", {"resource": ""}, None),
}


def outcome(columns: str, mapping: dict[str, str], kind: str | None) -> str:
    """Return what a table's columns are, or why it is refused."""
    named = [column.rpartition(" ") for column in columns.split(", ")]
    frame = pd.DataFrame({name: pd.Series(CELLS[cells], dtype="str") for name, _, cells in named})
    try:
        result = find_columns(frame, source="log.csv", mapping=mapping, kind=kind)
    except HallplanError as fault:
        return f"{fault.key.removeprefix('eventlog.fault.')} {dict(fault.values)}"
    roles = ", ".join(f"{role}={column}" for role, column in result.roles.items())
    return f"{result.kind}: {roles}; guessed {result.guessed}; clocks {result.clocks}; unread {result.unread}"


def test_what_columns_are_is_frozen(snapshot: object) -> None:
    assert "\n".join(f"{name}: {outcome(columns, {}, None)}" for name, columns in TABLES.items()) == snapshot


def test_what_columns_are_that_a_user_states_is_frozen(snapshot: object) -> None:
    assert "\n".join(f"{name}: {outcome(*stated)}" for name, stated in STATED.items()) == snapshot


@pytest.mark.parametrize("bad", [249, 250])
def test_a_heading_speaks_for_cells_of_which_more_than_half_are_moments(bad: int) -> None:
    cells = ["soon"] * bad + ["2014-01-06 09:00"] * (500 - bad)
    frame = pd.DataFrame({"case": "1", "activity": "a", "start": cells, "end": "2014-01-06 10:00"}, dtype="str")
    assert ("start" in find_columns(frame, source="log.csv").roles) == (bad < 250)
