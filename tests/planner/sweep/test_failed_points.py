"""Points of a sweep that can't be simulated: stored with their causes, and left out of what the others show."""

from pathlib import Path

import numpy as np
import pytest

import hallplan
from foundation import messages
from foundation.errors import HallplanError
from planner.sweep import pieces

SWEEP = {
    "scenario": "textbook-mm3",
    "set": {"run.days": 1, "run.warm_up_days": 0},
    "grid": {"pools.windows.servers": [3, 4], "demand": [-1.0, 0.8, 1.0]},
    "replications": 3,
    "seed": 7,
}
"""The points 0 and 3 have a demand below nothing."""


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def swept(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("failed") / "store"
    hallplan.sweep(SWEEP, folder)
    return folder


def test_a_bad_value_fails_its_points_and_the_others_go_on(swept, tmp_path):
    result = hallplan.sweep_results(swept)
    assert (result.present, list(result.failed), result.is_complete) == ([1, 2, 4, 5], [0, 3], True)
    with messages.using("en"):
        assert "Point 0 (pools.windows.servers=3, demand=-1.0)" in result.failed[0]["en"]
        assert result.failures["cause"].tolist() == [result.failed[0]["en"], result.failed[3]["en"]]
    with messages.using("zh"):
        assert result.failures["cause"].iloc[0].startswith("第 0 点")
    good = {**SWEEP, "grid": {**SWEEP["grid"], "demand": [0.8, 1.0]}}
    alone = hallplan.sweep(good, tmp_path / "good").summary()
    assert result.summary()["mean"].tolist() == pytest.approx(alone["mean"].tolist(), nan_ok=True, rel=0)


@pytest.mark.slow
def test_two_processes_in_another_language_write_the_same_bytes(swept, tmp_path):
    with messages.using("zh"):
        hallplan.sweep(SWEEP, tmp_path / "store", workers=2)
    assert content(tmp_path / "store" / "parts") == content(swept / "parts")


def test_resuming_does_not_try_failed_points_again(swept, tmp_path, monkeypatch):
    folder = tmp_path / "store"
    hallplan.sweep(SWEEP, folder)
    (folder / "parts" / "000005.parquet").unlink()
    tried, compose_point = [], pieces.compose_point

    def noted(definition, values, *, point):
        tried.append(point)
        return compose_point(definition, values, point=point)

    monkeypatch.setattr(pieces, "compose_point", noted)
    hallplan.sweep(SWEEP, folder, resume=True)
    assert tried == [5]
    assert content(folder) == content(swept)


def test_a_bad_value_is_said_before_the_work_begins(tmp_path):
    said, at_first_part = [], []
    with messages.using("en"):
        hallplan.sweep(
            SWEEP, tmp_path / "store", announce=said.append, progress=lambda *_: at_first_part.append(list(said))
        )
    assert any("grid.demand" in sentence and "Point 0" in sentence for sentence in at_first_part[0])


def test_a_simulation_that_fails_is_stored_with_the_point_and_the_cause(tmp_path, monkeypatch):
    simulate_point = pieces.simulate_point

    def failing(scenario, definition, **options):
        if scenario.pools["windows"].servers == 4:
            raise HallplanError("statistics.no_metric")
        return simulate_point(scenario, definition, **options)

    monkeypatch.setattr(pieces, "simulate_point", failing)
    grid = {"pools.windows.servers": [3, 4], "demand": [0.8]}
    result = hallplan.sweep(SWEEP | {"grid": grid}, tmp_path / "store")
    assert result.present == [0]
    why = HallplanError("statistics.no_metric").sentence("en")
    assert result.failed[1]["en"] == f"Point 1 (pools.windows.servers=4, demand=0.8) cannot be simulated: {why}"


def test_a_block_with_a_failed_point_is_left_out_of_the_indices(tmp_path, monkeypatch):
    simulate_point = pieces.simulate_point
    sample = {"method": "morris", "points": 4, "ranges": {"demand": [0.5, 0.9], "pools.windows.servers": [3, 5]}}
    sweep = {key: value for key, value in SWEEP.items() if key != "grid"} | {"sample": sample}
    calls = []

    def failing(*words, **options):
        calls.append(1)
        if len(calls) == 2:
            raise HallplanError("statistics.no_metric")
        return simulate_point(*words, **options)

    monkeypatch.setattr(pieces, "simulate_point", failing)
    result = hallplan.sweep(sweep, tmp_path / "store")
    assert list(result.failed) == [1]
    assert np.unique(result.sensitivity(["ticket_wait_mean_min"])["blocks"]).tolist() == [3], "of four trajectories"


def test_a_sweep_whose_points_all_fail_can_be_read(tmp_path, monkeypatch):
    def failing(*_words, **_options):
        raise HallplanError("statistics.no_metric")

    monkeypatch.setattr(pieces, "simulate_point", failing)
    result = hallplan.sweep(SWEEP | {"grid": {"demand": [0.8, 1.0]}}, tmp_path / "store")
    assert (result.present, list(result.failed)) == ([], [0, 1])
    assert result.summary().empty
