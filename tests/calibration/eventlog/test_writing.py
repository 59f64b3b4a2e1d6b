"""What the simulator writes as a hall's software would, is read again as it was."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from cases import for_each

from calibration.eventlog import read_log
from calibration.eventlog.read.files import read_raw
from calibration.eventlog.simulated import LogKind, SimulatedLog, simulated_log
from calibration.eventlog.write import write_log
from foundation.errors import HallplanError
from scenarios.compose.composing import compose
from scenarios.model import Scenario

_TIMES = ("ready", "start", "end")


@pytest.fixture(scope="module")
def desk() -> Scenario:
    return compose("township-desk", overrides={"run.warm_up_days": 0, "run.days": 8, "run.follow_up_days": 0})


def moments(events: pd.DataFrame, unit: str) -> list[tuple[str, ...]]:
    """Return the rows' moments as texts, sorted: keys are hashed, so that rows can't be told apart by them."""
    columns = [events[name].to_numpy().astype(f"datetime64[{unit}]").astype(str) for name in _TIMES]
    return sorted(zip(*columns, strict=True))


@pytest.mark.slow
@for_each("ending", ["csv", "xlsx", "xes", "xes.gz"])
@for_each("kind", ["tickets", "activities", "events", "ledger"])
def test_a_log_survives_the_way_through_a_file(tmp_path: Path, desk: Scenario, kind: LogKind, ending: str) -> None:
    written: SimulatedLog = simulated_log(desk, kind)
    log = read_log(write_log(written.events, kind, tmp_path / f"log.{ending}"))
    if not ending.startswith("xes"):  # XES knows events only, and pairs them
        assert log.kind == kind
    assert not len(log.rejected)
    assert len(log.events) == len(written.events)
    assert moments(log.events, "ms" if kind != "ledger" else "D") == moments(
        written.events, "ms" if kind != "ledger" else "D"
    )
    assert sorted(log.events["attr_service"]) == sorted(written.events["attr_service"].astype(str))
    assert (log.events["outcome"] == "open").sum() == (written.events["outcome"] == "open").sum()
    if kind != "ledger":
        assert log.events["activity"].nunique() == written.events["activity"].nunique()
        assert log.events["resource"].nunique() == written.events["resource"].nunique()
    if kind != "tickets":
        assert log.events["case"].nunique() == written.events["case"].nunique()


def test_no_cell_of_a_workbook_is_a_formula(tmp_path: Path) -> None:
    now = pd.Series([np.datetime64("2014-01-06T09:00", "ns")])
    events = pd.DataFrame(
        {"case": ["=1+1"], "activity": ["=cmd"], "resource": ["@x"], "ready": now, "start": now, "end": now}
    )
    write_log(events, "activities", tmp_path / "log.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "log.xlsx").active
    assert sheet is not None
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    write_log(events, "activities", tmp_path / "log.csv")
    assert "'=1+1" in (tmp_path / "log.csv").read_text(encoding="utf-8-sig")


def test_a_file_of_events_tells_when_a_stop_began_and_ended(tmp_path: Path) -> None:
    start, end = ["2014-01-06T09:00", "2014-01-06T10:00"], ["2014-01-08T09:00", "2014-01-07T10:00"]
    events = pd.DataFrame({"case": "1", "activity": ["review", "hearing"], "resource": "x", "stop": [False, True]})
    events = events.assign(start=np.array(start, "datetime64[ns]"), end=np.array(end, "datetime64[ns]"))
    rows = read_raw(write_log(events, "events", tmp_path / "log.csv")).frame
    assert rows[["Activity", "Lifecycle", "End time"]].to_numpy().tolist() == [
        ["hearing", "suspend", "2014-01-06 10:00:00"],
        ["hearing", "resume", "2014-01-07 10:00:00"],
        ["review", "complete", "2014-01-08 09:00:00"],
    ]


def test_xes_has_a_trace_for_each_case_be_it_the_only_one(tmp_path: Path) -> None:
    stamps = pd.Series(np.array(["2014-01-06T09:00", "2014-01-06T09:20", "2014-01-07T09:00"], dtype="datetime64[ns]"))
    events = pd.DataFrame(
        {"case": ["1", "1", "2"], "activity": ["check", "sign", "check"], "resource": "x", "ready": stamps}
    ).assign(start=stamps, end=stamps)
    for rows, by_trace in ((3, [["check", "sign"], ["check"]]), (2, [["check", "sign"]])):
        frame = read_raw(write_log(events[:rows], "activities", tmp_path / f"{rows}.xes")).frame
        traces = frame.drop_duplicates(["case:concept:name", "concept:name"]).groupby("case:concept:name")
        assert traces["concept:name"].agg(list).tolist() == by_trace


def test_an_ending_that_says_nothing_is_refused(tmp_path: Path, desk: Scenario) -> None:
    with pytest.raises(HallplanError, match="ending"):
        write_log(simulated_log(desk).events, "activities", tmp_path / "log.doc")
    with pytest.raises(HallplanError, match="written"):
        write_log(simulated_log(desk).events, "activities", tmp_path / "missing" / "log.csv")


def handmade() -> pd.DataFrame:
    """Return a log with everything that one may hold: a stop, somebody who left, open work, a service."""
    rows = [
        ("1", "check & file", "desk/0", "2014-01-06T08:55", "2014-01-06T09:00", "2014-01-06T09:20", "done", False, "A"),
        ("2", "check & file", "", "2014-01-06T09:01", None, "2014-01-06T09:10", "left", False, "B"),
        ("1", "hearing", "", None, "2014-01-06T09:20", "2014-01-07T09:20:00.5", "done", True, "A"),
        ("2", 'sign "off"', "desk/1", "2014-01-06T10:00", "2014-01-06T10:05", None, "open", False, "B"),
        ("2", "hearing", "", None, "2014-01-08T09:00", None, "open", True, "B"),
    ]
    names = ["case", "activity", "resource", "ready", "start", "end", "outcome", "stop", "attr_service"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(**{name: frame[name].astype("datetime64[ns]") for name in _TIMES})


@pytest.mark.parametrize("kind", ["tickets", "ledger", "events", "activities"])
def test_the_text_of_a_file_is_frozen(kind: str, tmp_path: Path, snapshot: object) -> None:
    file = write_log(handmade(), kind, tmp_path / "LOG.CSV")
    assert file == tmp_path / "LOG.CSV"
    assert file.read_text(encoding="utf-8-sig") == snapshot
    plain = handmade().assign(stop=False, outcome="done", attr_service=None).drop(columns="stop")
    assert write_log(plain, kind, tmp_path / "plain.csv").read_text(encoding="utf-8-sig") == snapshot


def test_the_text_of_xes_is_frozen(tmp_path: Path, snapshot: object) -> None:
    text = write_log(handmade(), "events", tmp_path / "log.xes").read_text(encoding="utf-8")
    assert text == snapshot
    packed = write_log(handmade(), "events", tmp_path / "log.xes.gz").read_bytes()
    assert gzip.decompress(packed).decode() == text
    assert packed[4:8] == bytes(4)  # no time of day in it: the same log is the same file
    empty = write_log(handmade()[:0], "events", tmp_path / "empty.xes").read_text(encoding="utf-8")
    assert empty.count("<trace>") == empty.count("</trace>") == 0


def test_the_cells_of_a_workbook_have_types(tmp_path: Path) -> None:
    write_log(handmade().assign(attr_fee=[1.5, 2.0, np.nan, 3.0, 4.0]), "activities", tmp_path / "log.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "log.xlsx")["log"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == (
        "Case ID", "Activity", "Window", "Ticket time", "Start time", "End time", "Status", "Service", "Fee",
    )  # fmt: skip
    morning = dt.datetime(2014, 1, 6)  # noqa: DTZ001 - the wall's clock
    moments = [morning + dt.timedelta(hours=8, minutes=minutes) for minutes in (55, 60, 80)]
    assert rows[1] == ("1", "check & file", "desk/0", *moments, "done", "A", 1.5)
    assert rows[2][4] is None
    assert len(rows) == 4
