"""Worker processes that really die: the point is stored as failed, and the sweep goes on."""

import os
from pathlib import Path

import deadly_points
import numpy as np
import pytest
from deadly_points import DEATHS, TRIES, DeadlyWork, StillbornWork

import hallplan
from foundation import messages
from foundation.errors import HallplanError
from planner.sweep import pieces
from planner.sweep.running import read_sweep

SWEEP = {
    "scenario": "textbook-mm3",
    "set": {"run.days": 1, "run.warm_up_days": 0},
    "grid": {"demand": [0.5 + 0.05 * step for step in range(18)]},
    "replications": 2,
    "seed": 7,
}
"""Nine parts of two points; point 5 is the second of its part."""
DEADLY = 5

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")]


def parts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "parts").iterdir())}


@pytest.fixture(scope="module")
def healthy(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("healthy") / "store"
    hallplan.sweep(SWEEP, folder)
    return folder


@pytest.fixture
def tries(tmp_path, monkeypatch) -> Path:
    file = tmp_path / "tries"
    monkeypatch.setenv(TRIES, str(file))
    return file


def test_the_deadly_point_is_where_this_file_says():
    sweep = read_sweep(SWEEP)
    assert sweep.design.values(DEADLY) == {"demand": deadly_points.DEMAND}
    assert sweep.parts()[:4] == (0, 2, 4, 6)


def test_a_point_that_ends_every_process_fails_and_is_retried_only_on_request(healthy, tries, tmp_path, monkeypatch):
    folder = tmp_path / "store"
    with monkeypatch.context() as patched:
        patched.setattr(pieces, "PointWork", DeadlyWork)
        result = hallplan.sweep(SWEEP, folder, workers=2)
        assert tries.stat().st_size == 4, "once among others, and three times alone"
        hallplan.sweep(SWEEP, folder, workers=2, resume=True)
        assert tries.stat().st_size == 4, "resuming leaves it alone"
    assert (list(result.failed), result.is_complete) == ([DEADLY], True)
    assert result.failed[DEADLY]["en"].startswith("Point 5 (demand=0.75) ended every worker process")
    for language in messages.LANGUAGES:
        assert "SIGKILL" in result.failed[DEADLY][language]
    reference = hallplan.sweep_results(healthy).table
    others = reference["point"] != DEADLY
    for name, column in reference.items():
        np.testing.assert_array_equal(result.table[name], column[others])
    hallplan.sweep(SWEEP, folder, retry_failed=True)
    assert parts(folder) == parts(healthy)


def test_a_process_that_dies_twice_over_a_point_changes_no_byte(healthy, tries, tmp_path, monkeypatch):
    monkeypatch.setattr(pieces, "PointWork", DeadlyWork)
    monkeypatch.setenv(DEATHS, "3")
    hallplan.sweep(SWEEP, tmp_path / "store", workers=2)
    assert tries.stat().st_size == 4, "deadly among others and twice alone, then simulated"
    assert parts(tmp_path / "store") == parts(healthy)


def test_processes_that_die_before_they_do_anything_are_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(pieces, "PointWork", StillbornWork)
    with pytest.raises(HallplanError) as fault:
        hallplan.sweep(SWEEP, tmp_path / "store", workers=2)
    assert fault.value.key == "sweep.error.worker_died"
    assert not parts(tmp_path / "store"), "no point is blamed"
