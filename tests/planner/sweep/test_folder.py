"""The folder of a sweep: the same bytes whatever the workers and interruptions, and every fault in one sentence."""

import errno
import json
import threading
from pathlib import Path

import numpy as np
import pytest

import hallplan
from foundation import messages
from foundation.errors import HallplanError
from foundation.locks import lock_folder
from planner.sweep import running
from planner.sweep.folder import MANIFEST
from planner.sweep.running import read_sweep
from sim.run.replications import CancellationError, replicate

SWEEP = {
    "scenario": "textbook-mm3",
    "set": {"run.days": 1, "run.warm_up_days": 0},
    "grid": {"pools.windows.servers": [3, 4], "demand": [0.8, 1.0]},
    "replications": 3,
    "seed": 7,
}


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def swept(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sweep") / "store"
    hallplan.sweep(SWEEP, folder)
    return folder


def copy_of(swept: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    for name, data in content(swept).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def key_of_fault(*words, **options) -> str:
    with pytest.raises(HallplanError) as fault:
        hallplan.sweep(*words, **options)
    return fault.value.key


def test_a_point_has_the_numbers_of_a_run_of_its_scenario(swept):
    result = hallplan.sweep_results(swept)
    overrides = {**SWEEP["set"], "pools.windows.servers": 4, "demand": 0.8}
    run = replicate(hallplan.load("textbook-mm3", overrides=overrides), replications=3, seed=7)
    rows = result.replications[result.replications["point"] == 2]
    for metric in ("ticket_wait_mean_min", "unserved_share:num", "visits_per_day"):
        assert rows[metric].tolist() == run.columns[metric].tolist()
    assert result.interval(2, "ticket_wait_mean_min") == run.interval("ticket_wait_mean_min")


def test_the_summary_has_a_row_a_point_and_metric(swept):
    summary = hallplan.sweep_results(swept).summary(["ticket_wait_mean_min", "visits_per_day"])
    assert summary["point"].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert summary["pools.windows.servers"].tolist() == [3] * 4 + [4] * 4
    assert (summary["low"] <= summary["mean"]).all()
    assert (summary["replications"] == 3).all()


@pytest.mark.slow
def test_two_processes_write_the_same_bytes(swept, tmp_path):
    hallplan.sweep(SWEEP, tmp_path / "store", workers=2)
    assert content(tmp_path / "store") == content(swept)


def test_an_interrupted_sweep_goes_on_to_the_same_bytes(swept, tmp_path):
    cancel = threading.Event()
    with pytest.raises(CancellationError):
        hallplan.sweep(SWEEP, tmp_path / "store", progress=lambda *_: cancel.set(), cancel=cancel)
    assert set(content(tmp_path / "store")) < set(content(swept))
    assert hallplan.sweep_results(tmp_path / "store").present == [0]
    (tmp_path / "store" / "parts" / ".000001.parquet.0123abcd.tmp").write_bytes(b"half")
    hallplan.sweep(SWEEP, tmp_path / "store", resume=True)
    assert content(tmp_path / "store") == content(swept)


def test_a_damaged_part_is_named_and_resuming_simulates_it_again(swept, tmp_path):
    folder = copy_of(swept, tmp_path)
    part = folder / "parts" / "000002.parquet"
    part.write_bytes(part.read_bytes()[:-20])
    with pytest.raises(HallplanError) as fault:
        hallplan.sweep_results(folder)
    assert (fault.value.key, fault.value.values["file"]) == ("sweep.error.bad_part", str(part))
    hallplan.sweep(SWEEP, folder, resume=True)
    repaired = content(folder)
    assert repaired.pop("quarantine/000002.parquet")
    assert repaired == content(swept)


def test_a_part_of_another_sweep_is_noticed(swept, tmp_path):
    folder = copy_of(swept, tmp_path)
    (folder / "parts" / "000001.parquet").write_bytes((folder / "parts" / "000002.parquet").read_bytes())
    with pytest.raises(HallplanError) as fault:
        hallplan.sweep_results(folder)
    assert fault.value.key == "sweep.error.bad_part"


@pytest.mark.parametrize(
    "change", [{"seed": 8}, {"replications": 4}, {"grid": {"demand": [0.8]}}, {"set": {"run.days": 2}}], ids=str
)
def test_another_sweep_is_refused(swept, change):
    assert key_of_fault(SWEEP | change, swept, resume=True) == "sweep.error.other_sweep"


def test_a_sweep_that_is_there_goes_on_only_if_told_so(swept):
    before = content(swept)
    assert key_of_fault(SWEEP, swept) == "sweep.error.exists"
    assert content(swept) == before


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    assert key_of_fault(SWEEP, tmp_path) == "sweep.error.other_files"
    assert key_of_fault(SWEEP, tmp_path / "notes.txt") == "sweep.error.not_a_folder"
    assert content(tmp_path) == {"notes.txt": b"mine"}


def test_a_second_process_is_refused(swept):
    release = lock_folder(swept)
    try:
        assert key_of_fault(SWEEP, swept, resume=True) == "files.in_use"
    finally:
        release()


def test_a_sweep_of_another_version_is_neither_read_nor_resumed(swept, tmp_path):
    folder = copy_of(swept, tmp_path)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["software"] |= {"results_version": 0, "version": "0.0.9"}
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    assert key_of_fault(SWEEP, folder, resume=True) == "sweep.error.version"
    with messages.using("en"), pytest.raises(HallplanError, match=r"0\.0\.9"):
        hallplan.sweep_results(folder)


@pytest.mark.parametrize(
    ("name", "data", "key"),
    [
        (MANIFEST, b"{}", "sweep.error.bad_manifest"),
        (MANIFEST, None, "sweep.error.no_store"),
        ("points.parquet", b"x", "sweep.error.bad_points"),
        ("points.parquet", None, "sweep.error.bad_points"),
    ],
)
def test_a_damaged_or_missing_file_is_named(swept, tmp_path, name, data, key):
    folder = copy_of(swept, tmp_path)
    (folder / name).unlink()
    if data is not None:
        (folder / name).write_bytes(data)
    with pytest.raises(HallplanError) as fault:
        hallplan.sweep_results(folder)
    assert fault.value.key == key


def test_a_full_disk_is_one_sentence_and_what_is_written_stays(swept, tmp_path, monkeypatch):
    def full(_store, _part, _content):
        raise OSError(errno.ENOSPC, "No space left on device")

    folder = copy_of(swept, tmp_path)
    (folder / "parts" / "000003.parquet").unlink()
    with monkeypatch.context() as patched:
        patched.setattr(running.SweepFolder, "write_part", full)
        assert key_of_fault(SWEEP, folder, resume=True) == "sweep.error.cannot_write"
    assert hallplan.sweep_results(folder).present == [0, 1, 2]


def test_a_precision_decides_how_many_replications_a_point_has(tmp_path):
    change = {
        "precision": ["visits_per_day=50%"],
        "replications": 30,
        "grid": {"demand": [1.0]},
        "metrics": ["visits*"],
    }
    result = hallplan.sweep(SWEEP | change, tmp_path / "store")
    (replications,) = np.unique(result.table["point"], return_counts=True)[1]
    assert replications == 25, "20 suffice, and a few more confirm it"


def test_boundaries_of_parts_follow_from_the_sweep_alone():
    grid = {"demand": [1 + number / 100 for number in range(40)]}
    assert read_sweep(SWEEP | {"grid": grid}).parts() == (*range(0, 40, 3), 40), "40 points in 16 parts or fewer"
    heavy = read_sweep(SWEEP | {"grid": grid, "replications": 10_000})
    assert heavy.parts() == tuple(range(41)), "a point is a part"


def test_the_files_of_a_result_are_its_parts_in_order(swept):
    files = hallplan.sweep_results(swept).files
    assert [file.name for file in files] == [f"{part:06d}.parquet" for part in range(4)]
    assert all(file.is_file() for file in files)
