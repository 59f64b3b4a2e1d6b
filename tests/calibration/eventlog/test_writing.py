"""What the simulator writes as a hall's software would, is read again as it was."""

from __future__ import annotations

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
