"""Numbers that a caller gives: arrays, or one sentence about what is none."""

import numpy as np
import pytest
from cases import for_each

from foundation.arrays import broadcast, number_array
from foundation.errors import HallplanError


def test_numbers_and_lists_become_arrays_of_numbers():
    assert number_array("load", 3).tolist() == 3.0
    assert number_array("load", [[1, 2], [True, "4"]]).tolist() == [[1.0, 2.0], [1.0, 4.0]]


@for_each("values", ["many", [1, "x"], [[1, 2], [3]], {"9": 1}, [object()]])
def test_what_is_no_table_of_numbers_is_refused_by_name(values):
    with pytest.raises(HallplanError) as error:
        number_array("load", values)
    assert error.value.key == "error.not_numbers"
    assert str(error.value).startswith("load must hold numbers")


def test_a_long_wrong_value_is_cut():
    with pytest.raises(HallplanError) as error:
        number_array("load", ["x"] * 1000)
    assert len(str(error.value)) < 150


def test_shapes_that_do_not_fit_together_are_named():
    assert [each.shape for each in broadcast(a=np.ones(3), b=np.ones((2, 1)))] == [(2, 3), (2, 3)]
    with pytest.raises(HallplanError, match=r"servers \(3,\), load \(2,\)"):
        broadcast(servers=np.ones(3), load=np.ones(2))
