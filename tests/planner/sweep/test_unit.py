"""Designs in blocks: what an analysis relies on."""

import numpy as np
import pytest

from foundation.errors import ScenarioError
from planner.sweep.unit import design_size, unit_points


def test_a_saltelli_block_is_a_b_and_a_with_each_coordinate_of_b():
    blocks = unit_points("saltelli", 4, 3, seed=1).reshape(4, 5, 3)
    for a, b, *mixed in blocks:
        assert (a != b).all()
        for key, point in enumerate(mixed):
            np.testing.assert_array_equal(point, np.where(np.arange(3) == key, b, a))


def test_a_trajectory_moves_every_key_once_by_two_thirds_of_its_range():
    blocks = unit_points("morris", 50, 4, seed=1).reshape(50, 5, 4)
    steps = np.diff(blocks, axis=1)
    assert ((steps != 0).sum(axis=2) == 1).all(), "one key a step"
    np.testing.assert_allclose(np.abs(steps).sum(axis=1), 2 / 3)
    assert set(np.round(3 * np.unique(blocks), 9)) == {0, 1, 2, 3}, "four levels"


def test_all_levels_of_a_trajectory_are_about_as_likely():
    levels = np.round(3 * unit_points("morris", 2_000, 3, seed=1)).astype(int)
    np.testing.assert_allclose(np.bincount(levels.ravel()) / levels.size, 0.25, atol=0.02)


@pytest.mark.parametrize(("method", "size"), [("morris", 10 * 4), ("saltelli", 8 * 5), ("sobol", 8)])
def test_a_design_has_the_size_that_is_stated(method, size):
    number = 10 if method == "morris" else 8
    assert design_size(method, number, 3) == size == len(unit_points(method, number, 3, seed=1))


def test_a_saltelli_design_needs_a_power_of_two():
    with pytest.raises(ScenarioError):
        unit_points("saltelli", 10, 2, seed=1)
