"""``hallplan run --event-log`` writes what a hall's software would have, and never over what is there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cases import for_each

from calibration.eventlog import read_log

RUN = ("run", "township-desk", "--reps", "2", "--days", "3", "--metric", "wait_mean_min")


@pytest.mark.slow
@for_each(
    ("kind", "name", "read_as"),
    [
        ("activities", "log.csv", "activities"),
        ("tickets", "log.xlsx", "tickets"),
        ("ledger", "log.csv", "ledger"),
        ("events", "log.xes.gz", "events"),
    ],
)
def test_a_run_leaves_an_event_log(tmp_path: Path, ask: Callable[..., Any], kind: str, name: str, read_as: str) -> None:
    file = tmp_path / name
    answer = ask(*RUN, "--event-log", str(file), "--event-log-kind", kind)
    assert answer.code == 0
    log = read_log(file)
    assert log.kind == read_as
    assert f"{len(log.events)} rows" in answer.out.replace("\n", " ")


def test_the_log_is_that_of_the_seed(tmp_path: Path, ask: Callable[..., Any]) -> None:
    for name, seed in (("a", "7"), ("b", "7"), ("c", "8")):
        assert ask(*RUN, "--seed", seed, "--event-log", str(tmp_path / f"{name}.csv"), "--json").document
    one, same, other = ((tmp_path / f"{name}.csv").read_bytes() for name in "abc")
    assert one == same != other


@for_each(
    ("arguments", "told"),
    [
        (("--event-log", "log.doc"), "ending"),
        (("--event-log", "missing/log.csv"), "There is no folder"),
        (("--event-log", "there.csv"), "exists already"),
        (("--event-log", "log.csv", "--event-log-kind", "diary"), "diary"),
    ],
)
def test_what_can_not_be_written_is_refused_before_the_work(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[..., Any],
    arguments: tuple[str, ...],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.csv").write_text("mine", encoding="utf-8")
    answer = ask(*RUN, *arguments)
    assert answer.code == 1
    assert told in answer.err
    assert not answer.out
    assert [one.name for one in tmp_path.iterdir()] == ["there.csv"]
    assert Path("there.csv").read_text(encoding="utf-8") == "mine"


STOPPING = """
format = 1
name = "laboratory"
run = { start = 2014-03-03, days = 60, seed = 5 }
pools.section = { servers = 2 }
[services.permit]
kind = "committed"
visits.apply = { file = { start_case = true } }
[services.permit.case]
review = { title = "Review", pool = "section", work = "30 min" }
away = { title = "Sample away", delay = "3 working days", stops_clock = "testing" }
seal = { title = "Seal", pool = "section", work = "5 min", mark = "finished" }
[arrivals.applicants]
services = "permit"
channel = "online"
per_day = 4
"""


@pytest.mark.parametrize("name", ["log.csv", "log.xes"])
def test_a_stop_of_the_clock_is_written_read_and_marked_again(
    tmp_path: Path, ask: Callable[..., Any], name: str
) -> None:
    (tmp_path / "hall.toml").write_text(STOPPING, encoding="utf-8")
    log, again = tmp_path / name, tmp_path / "again.toml"
    run = ask("run", str(tmp_path / "hall.toml"), "--reps", "2", "--event-log", str(log), "--event-log-kind", "events")
    assert run.code == 0
    found = ask("calibrate", "log", str(log), "--no-accuracy", "--out", str(again))
    assert found.code == 0
    assert "suspensions were paired with their resumptions" in found.out
    assert "Stop of the clock (on record)" in found.out
    text = again.read_text(encoding="utf-8")
    assert 'stops_clock = "on-record"' in text
    assert 'delay = {constant = "3 working days"}' in text
    assert ask("check", str(again)).code == 0
