"""``hallplan run --event-log`` writes what a hall's software would have, and never over what is there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calibration.eventlog import read_log

RUN = ("run", "township-desk", "--reps", "2", "--days", "3", "--metric", "wait_mean_min")


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
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
