"""What ``--out`` writes: whole files, into a folder that is made, over nothing that is there."""

import json
import os
from types import SimpleNamespace

import pandas as pd
import pytest

import hallplan
from foundation.errors import HallplanError
from hallplan.cli.files import OutputFiles
from hallplan.cli.targets import reserve_file, reserve_folder
from scenarios.compose.composing import composed

QUICK = ("run", "textbook-mm3", "--reps", "2", "--days", "2")


def test_a_run_writes_tables_a_document_and_the_scenario(ask, tmp_path):
    folder = tmp_path / "deep" / "results"
    answer = ask(*QUICK, "--seed", "7", "--out", str(folder))
    assert answer.code == 0
    assert str(folder) in answer.out
    names = {file.name for file in folder.iterdir()}
    assert {"summaries.parquet", "summaries.csv", "result.json", "scenario.toml"} <= names
    assert not [name for name in names if name.startswith(".") or name.endswith(".tmp")]
    summaries = pd.read_parquet(folder / "summaries.parquet")
    document = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    means = {row["metric"]: row["mean"] for row in document["metrics"]}
    assert document["run"]["seed"] == 7
    total, calls = summaries["wait_mean_min:num"].sum(), summaries["wait_mean_min:den"].sum()
    assert means["wait_mean_min"] == pytest.approx(total / calls)
    assert composed(folder / "scenario.toml").scenario.run.days == 2


def test_the_written_scenario_gives_the_same_numbers(ask, tmp_path):
    first = ask(*QUICK, "--set", "pools.windows.servers=4", "--json", "--out", str(tmp_path))
    again = ask("run", str(tmp_path / "scenario.toml"), "--reps", "2", "--json")
    assert again.document["metrics"] == first.document["metrics"]


def test_formats_can_be_chosen(ask, tmp_path):
    ask(*QUICK, "--out", str(tmp_path), "--format", "csv")
    assert not list(tmp_path.glob("*.parquet"))
    assert (tmp_path / "summaries.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_picture_of_a_command_that_draws_nothing_is_refused_and_no_folder_made(ask, tmp_path):
    refused = ask(*QUICK, "--out", str(tmp_path / "out"), "--format", "csv,svg")
    assert refused.code == 2
    assert "--format svg is for commands that draw charts" in refused.err
    assert not (tmp_path / "out").exists()


def test_a_picture_that_nothing_can_draw_is_refused_before_the_work(ask, tmp_path, monkeypatch):
    monkeypatch.setattr("hallplan.show.charts.picture.find_spec", lambda _name: None)
    refused = ask("staff", "township-desk", "--out", str(tmp_path / "out"), "--format", "csv,svg")
    assert refused.code == 1
    assert "hallplan[images]" in refused.err
    assert not (tmp_path / "out").exists()


def test_a_picture_stands_beside_each_chart_where_it_is_asked_for(tmp_path):
    document = SimpleNamespace(html=lambda: b"page", svg=lambda: b"picture")
    for formats, expected in (("csv", {"a.html": b"page"}), ("csv,svg", {"a.html": b"page", "a.svg": b"picture"})):
        folder = tmp_path / formats
        settings = {"frames": (), "composed": [composed("textbook-mm3")], "charts": {"a": lambda _result: document}}
        OutputFiles(folder, formats, force=False, **settings).write_outputs(NoFrames(), dict, list, json=True)
        drawn = {file.name: file.read_bytes() for file in folder.iterdir() if file.stem == "a"}
        assert drawn == expected


class NoFrames:
    def frames(self):
        return {}


def test_nothing_is_overwritten_unless_asked_for(ask, tmp_path):
    precious = tmp_path / "result.json"
    precious.write_text("precious", encoding="utf-8")
    refused = ask(*QUICK, "--out", str(tmp_path))
    assert refused.code == 1
    assert "--force" in refused.err
    assert precious.read_text(encoding="utf-8") == "precious"
    assert [file.name for file in tmp_path.iterdir()] == ["result.json"]
    assert ask(*QUICK, "--out", str(tmp_path), "--force").code == 0
    assert json.loads(precious.read_text(encoding="utf-8"))["command"] == "run"


@pytest.mark.parametrize("name", ["scenario.toml", "summaries.csv"])
def test_any_file_that_would_be_written_counts(ask, tmp_path, name):
    (tmp_path / name).write_text("precious", encoding="utf-8")
    assert ask(*QUICK, "--out", str(tmp_path)).code == 1
    assert (tmp_path / name).read_text(encoding="utf-8") == "precious"


def test_a_place_that_is_a_file_is_refused_before_the_work(ask, tmp_path):
    place = tmp_path / "file"
    place.write_text("", encoding="utf-8")
    answer = ask(*QUICK, "--out", str(place))
    assert answer.code == 1
    assert "file" in answer.err


def test_a_comparison_writes_the_differences_and_every_scenario(ask, tmp_path):
    answer = ask(
        *("compare", "textbook-mm3", "--lever", "add-staff:pool=windows"),
        *("--reps", "3", "--days", "2", "--out", str(tmp_path), "--format", "parquet"),
    )
    assert answer.code == 0
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {
        *("differences.parquet", "summaries_0.parquet", "summaries_1.parquet"),
        *("result.json", "scenario_0.toml", "scenario_1.toml", "citation.json", "stress-des.md", "manifest.json"),
    }
    differences = pd.read_parquet(tmp_path / "differences.parquet").set_index("metric")
    before = pd.read_parquet(tmp_path / "summaries_0.parquet")
    after = pd.read_parquet(tmp_path / "summaries_1.parquet")
    before_and_after = [runs["wait_mean_min:num"].sum() / runs["wait_mean_min:den"].sum() for runs in (before, after)]
    change = before_and_after[1] - before_and_after[0]
    assert differences.loc["wait_mean_min", "change"] == pytest.approx(change)


def test_a_folder_that_cannot_be_written_is_refused_before_the_work_begins(ask, tmp_path, monkeypatch):
    import hallplan.cli.studies

    def simulate(*_args: object, **_more: object) -> None:
        raise AssertionError("it has begun to simulate")

    monkeypatch.setattr(hallplan.cli.studies.StudyOptions, "work_off", simulate)
    (tmp_path / "file").write_text("", encoding="utf-8")
    answer = ask(*QUICK, "--out", str(tmp_path / "file" / "below"))
    assert answer.code == 1
    assert "choose another folder" in answer.err


def test_a_result_that_cannot_be_written_is_printed_and_kept_in_a_file_that_is_named(ask, tmp_path, monkeypatch):
    import tempfile

    import sim.measure.export

    def full(_path: object, _content: object) -> None:
        raise OSError(28, "No space left on device")

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    monkeypatch.setattr(sim.measure.export, "write_atomically", full)
    answer = ask(*QUICK, "--seed", "7", "--out", str(tmp_path / "results"))
    assert answer.code == 1
    assert "No space left" in answer.err
    assert "Wait" in answer.out or "wait" in answer.out
    (kept,) = elsewhere.glob("hallplan-result-*.json")
    assert str(kept) in answer.err
    assert json.loads(kept.read_text(encoding="utf-8"))["run"]["seed"] == 7


@pytest.mark.skipif(os.name != "posix", reason="locks of folders are POSIX")
def test_the_second_of_two_runs_on_one_folder_is_refused_at_once(ask, tmp_path):
    from hallplan.cli.files import OutputFiles

    first = OutputFiles(tmp_path, "csv", False, frames=("summaries",), composed=[])
    refused = ask(*QUICK, "--out", str(tmp_path), "--force")
    assert refused.code == 1
    assert "Another run" in refused.err
    assert not list(tmp_path.iterdir())
    del first
    assert ask(*QUICK, "--out", str(tmp_path)).code == 0


def test_a_set_of_files_is_read_back_by_its_manifest(ask, tmp_path):
    assert ask(*QUICK, "--out", str(tmp_path)).code == 0
    frames = hallplan.read_results(tmp_path)
    pd.testing.assert_frame_equal(frames["summaries"], pd.read_parquet(tmp_path / "summaries.parquet"))


def test_a_set_with_a_file_of_another_run_is_recognised(ask, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, seed in ((first, "7"), (second, "8")):
        assert ask(*QUICK, "--seed", seed, "--out", str(folder)).code == 0
    (second / "result.json").replace(first / "result.json")
    with pytest.raises(HallplanError, match=r"result\.json does not belong to the set"):
        hallplan.read_results(first)
    (second / "manifest.json").unlink()
    with pytest.raises(HallplanError, match="no complete set"):
        hallplan.read_results(second)


def test_leftovers_of_a_killed_run_are_cleared_by_the_next_and_other_files_stay(ask, tmp_path):
    leftover, other = tmp_path / ".result.json.abcd_123.tmp", tmp_path / ".notes.txt.abcd_123.tmp"
    for file in (leftover, other):
        file.write_text("half", encoding="utf-8")
    assert ask(*QUICK, "--out", str(tmp_path)).code == 0
    assert not leftover.exists()
    assert other.exists()


@pytest.mark.skipif(os.name != "posix", reason="locks of files are POSIX")
def test_a_second_run_on_one_event_log_is_refused_and_the_lock_goes_with_the_first(ask, tmp_path):
    file = tmp_path / "log.csv"
    words = (*QUICK, "--event-log", str(file))
    with reserve_file(file, force=False, option="--event-log"):
        refused = ask(*words)
    assert refused.code == 1
    assert "Another run" in refused.err
    assert ask(*words).code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["log.csv"]


@pytest.mark.skipif(os.name != "posix", reason="locks of folders are POSIX")
def test_a_calibration_into_a_folder_that_another_run_writes_is_refused(ask, tmp_path):
    for command in (("calibrate", "article", "--out"), ("calibrate", "log", "no.csv", "--report")):
        with reserve_folder(tmp_path, ["draws.parquet"], force=False):
            refused = ask(*command, str(tmp_path))
        assert refused.code == 1
        assert "Another run" in refused.err, command


def test_an_event_log_that_cannot_be_written_is_kept_in_a_file_that_is_named(ask, tmp_path, monkeypatch):
    import tempfile

    import calibration.eventlog.write

    write = calibration.eventlog.write.write_atomically

    def full(path, content):
        if path.name == "log.csv":
            raise OSError(28, "No space left on device")
        write(path, content)

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    monkeypatch.setattr(calibration.eventlog.write, "write_atomically", full)
    answer = ask(*QUICK, "--event-log", str(tmp_path / "log.csv"))
    (rescued,) = elsewhere.glob("hallplan-result-*.csv")
    assert answer.code == 1
    assert str(rescued) in answer.err
    assert len(pd.read_csv(rescued)) > 0
