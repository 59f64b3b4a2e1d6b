"""Sensitivity of the points of a sweep, on outcomes whose indices are known."""

import numpy as np
import pandas as pd
import pytest

import hallplan
from foundation.errors import HallplanError
from planner.sweep.analysis import emulator_frame, sensitivity_frame
from planner.sweep.unit import BlockDesign, unit_points

KEYS = ("x", "y")


def frame_of(unit, **others):
    return pd.DataFrame({"point": range(len(unit)), **others, **dict(zip(KEYS, unit.T, strict=True))})


def test_each_combination_of_a_grid_is_analysed_by_itself():
    """3x + y has the shares 9/10 and 1/10; at the other value of the grid x and y change places."""
    design = BlockDesign("saltelli", 256, KEYS, seed=1)
    unit = unit_points("saltelli", 256, 2, seed=1)
    straight, swapped = unit @ [3.0, 1.0], unit @ [1.0, 3.0]
    points = frame_of(np.tile(unit, (2, 1)), staff=np.repeat([1, 2], len(unit)))
    frame = sensitivity_frame(design, points, {"m": np.concatenate([straight, swapped])[:, None]})
    assert frame["staff"].tolist() == [1, 1, 2, 2]
    assert frame["key"].tolist() == ["x", "y", "x", "y"]
    np.testing.assert_allclose(frame["first"], [0.9, 0.1, 0.1, 0.9], atol=0.03)
    np.testing.assert_allclose(frame["total"], [0.9, 0.1, 0.1, 0.9], atol=0.03)
    assert frame["noise"].isna().all(), "one replication tells no chance"


def test_effects_are_over_the_full_range_of_a_key():
    design = BlockDesign("morris", 10, KEYS, seed=2)
    unit = unit_points("morris", 10, 2, seed=2)
    frame = sensitivity_frame(design, frame_of(unit), {"m": (unit @ [3.0, -1.0])[:, None]})
    np.testing.assert_allclose(frame["mu"], [3, -1])
    np.testing.assert_allclose(frame["mu_star"], [3, 1])
    np.testing.assert_allclose(frame["sigma"], 0, atol=1e-6)


def test_an_emulator_explains_a_quadratic_and_no_more_than_is_not_chance():
    rng = np.random.default_rng(1)
    unit = rng.random((400, 2))
    surface = 2 * unit[:, 0] ** 2 + unit[:, 0] * unit[:, 1]
    shared = 5 * rng.standard_normal(4)
    noisy = surface[:, None] + shared + 0.4 * rng.standard_normal((400, 4))
    frame = emulator_frame(frame_of(unit), {"exact": surface[:, None], "noisy": noisy}).set_index("metric")
    assert frame.loc["exact", "explained"] > 0.999
    assert frame.loc["noisy", "chance"] == pytest.approx(0.4 / 2, rel=0.05), "what all points share is no chance here"
    assert frame.loc["noisy", "error"] == pytest.approx(0.2, rel=0.1)


def test_words_are_keys_of_an_emulator_and_few_points_have_none():
    kinds = pd.DataFrame({"point": range(30), "kind": ["a", "b", "c"] * 10})
    values = np.array([0.0, 1.0, 5.0] * 10)[:, None]
    assert emulator_frame(kinds, {"m": values}).loc[0, "explained"] > 0.98
    assert emulator_frame(kinds[:6], {"m": values[:6]}).empty


@pytest.fixture(scope="module")
def screened(tmp_path_factory):
    sample = {"method": "morris", "points": 4, "ranges": {"demand": [0.5, 0.9], "pools.windows.servers": [3, 5]}}
    table = {"scenario": "textbook-mm3", "set": {"run.days": 1}, "sample": sample, "replications": 2, "seed": 3}
    return hallplan.sweep(table, tmp_path_factory.mktemp("sweep") / "store")


def test_a_sweep_over_a_design_knows_which_key_matters(screened):
    effects = screened.sensitivity(["visits_per_day"]).set_index("key")
    visits = screened.summary(["visits_per_day"])
    per_demand = visits.groupby("demand")["mean"].first()
    slope = (per_demand.iloc[-1] - per_demand.iloc[0]) / (per_demand.index[-1] - per_demand.index[0])
    assert effects.loc["demand", "mu"] == pytest.approx(slope * 0.4, rel=0.15)
    assert effects.loc["pools.windows.servers", "mu_star"] < 0.05 * effects.loc["demand", "mu_star"]
    assert effects["blocks"].tolist() == [4, 4]


def test_blocks_that_are_not_simulated_are_left_out(screened):
    from dataclasses import replace

    rows = screened.table["point"] < 7  # two trajectories of three points, and one point
    partial = replace(screened, table={key: values[rows] for key, values in screened.table.items()}, missing=1)
    assert partial.sensitivity(["visits_per_day"])["blocks"].tolist() == [2, 2]


def test_without_a_design_there_are_no_indices(tmp_path):
    table = {"scenario": "textbook-mm3", "set": {"run.days": 1}, "grid": {"demand": [0.5, 0.6]}, "replications": 1}
    result = hallplan.sweep(table, tmp_path / "store")
    assert result.frame_names == ("points", "replications", "summary")
    with pytest.raises(HallplanError) as fault:
        result.sensitivity()
    assert fault.value.key == "sweep.error.no_design"
