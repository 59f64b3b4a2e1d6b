"""``hallplan sweep`` and ``hallplan results`` on the command line."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from documents import conforms

import hallplan

FILE = """
scenario = "textbook-mm3"
replications = 3
[set]
run.days = 1
[grid]
pools.windows.servers = [3, 4]
demand = [0.8, 1.0]
"""


@pytest.fixture
def sweep_file(tmp_path):
    file = tmp_path / "sweep.toml"
    file.write_text(FILE, encoding="utf-8")
    return str(file)


def test_a_sweep_says_what_it_takes_and_prints_its_points(ask, sweep_file, tmp_path):
    answer = ask("sweep", sweep_file, "--store", str(tmp_path / "store"))
    assert answer.code == 0
    assert "4 points with 3 replications each" in answer.err
    assert "sweep of 4 points" in answer.out
    assert "pools.windows.servers" in answer.out
    again = ask("results", str(tmp_path / "store"))
    assert (again.code, again.err) == (0, "")
    assert again.out in answer.out


def test_results_are_printed_as_json_and_written_as_tables(ask, sweep_file, tmp_path):
    store, out = str(tmp_path / "store"), tmp_path / "out"
    ask("sweep", sweep_file, "--store", store)
    document = conforms(ask("results", store, "--metric", "ticket_wait_mean_min", "--json", "--out", str(out)).document)
    assert [point["values"]["demand"] for point in document["points"]] == [0.8, 1.0, 0.8, 1.0]
    frames = hallplan.read_results(out)
    assert set(frames) == {"points", "replications", "summary"}
    assert len(frames["replications"]) == 12


def test_a_store_that_is_there_and_a_metric_that_is_not_are_one_sentence(ask, sweep_file, tmp_path):
    store = str(tmp_path / "store")
    ask("sweep", sweep_file, "--store", store)
    answer = ask("sweep", sweep_file, "--store", store)
    assert (answer.code, answer.out) == (1, "")
    assert "--resume" in answer.err
    answer = ask("results", store, "--metric", "ticket_wait_maen_min")
    assert answer.code == 1
    assert "ticket_wait_mean_min" in answer.err


def test_failed_points_are_named_listed_and_end_with_code_4(ask, sweep_file, tmp_path):
    store = str(tmp_path / "store")
    (tmp_path / "sweep.toml").write_text(FILE.replace("demand = [0.8,", "demand = [-1.0,"), encoding="utf-8")
    for words in ((), ("--resume",)):
        answer = ask("sweep", sweep_file, "--store", store, *words)
        assert answer.code == 4
        assert "2 of 4 points failed" in answer.err
        assert "Point 0 (pools.windows.servers=3, demand=-1.0)" in answer.err
    answer = ask("results", store)
    assert answer.code == 0
    assert "Failed points: 2" in answer.out
    out = tmp_path / "out"
    document = conforms(ask("results", store, "--json", "--out", str(out)).document)
    assert ([point["point"] for point in document["points"]], document["complete"]) == ([1, 3], True)
    assert [row["point"] for row in document["failed"]] == [0, 2]
    assert hallplan.read_results(out)["failures"]["point"].tolist() == [0, 2]


def test_an_interruption_says_how_to_go_on(ask, sweep_file, tmp_path, monkeypatch):
    from hallplan.cli import progress

    def interrupted(_work):
        raise KeyboardInterrupt

    monkeypatch.setattr(progress, "interruptible", interrupted)
    answer = ask("sweep", sweep_file, "--store", str(tmp_path / "store"))
    assert answer.code == 130
    assert f"hallplan sweep {sweep_file} --store {tmp_path / 'store'} --resume" in answer.err


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_killed_rounds_end_in_the_same_bytes(ask, sweep_file, tmp_path):
    words = ["sweep", sweep_file, "--store"]
    ask(*words, str(tmp_path / "reference"))
    store, ends = tmp_path / "store", random.Random(1)
    for _ in range(4):
        command = [sys.executable, "-m", "hallplan.cli", *words, str(store), "--resume", "--workers", "2"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(ends.uniform(1, 6))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert ask(*words, str(store), "--resume").code == 0
    files = {path.relative_to(store): path.read_bytes() for path in store.rglob("*") if path.is_file()}
    reference = tmp_path / "reference"
    assert files == {path.relative_to(reference): path.read_bytes() for path in reference.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("method", "column", "frames"),
    [("morris", "μ*", {"sensitivity", "emulator"}), ("saltelli", "Total", {"sensitivity"})],
)
def test_a_sample_for_sensitivity_is_analysed(ask, tmp_path, method, column, frames):
    ranges = "[sample.ranges]\ndemand = [0.5, 0.9]\npools.windows.servers = [3, 5]\n"
    sample = f'[sample]\nmethod = "{method}"\npoints = 4\n{ranges}'
    file, store, out = tmp_path / "sweep.toml", str(tmp_path / "store"), tmp_path / "out"
    file.write_text(FILE.partition("[grid]")[0] + sample, encoding="utf-8")
    answer = ask("sweep", str(file), "--store", store)
    assert answer.code == 0
    assert column in answer.out
    document = conforms(ask("results", store, "--json", "--out", str(out)).document)
    assert document["sensitivity"]["method"] == method
    assert {row["key"] for row in document["sensitivity"]["rows"]} == {"demand", "pools.windows.servers"}
    written = hallplan.read_results(out)
    assert set(written) >= {"points", "replications", "summary", *frames}
    assert (out / "sensitivity.html").is_file()
    assert {"citation.json", "stress-des.md", "scenario.toml"} <= {file.name for file in out.iterdir()}
