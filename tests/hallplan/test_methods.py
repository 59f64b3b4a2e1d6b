"""The door to the methods: all are there from ``import hallplan`` alone, documented, with examples that hold."""

import doctest
import inspect
import subprocess
import sys

import hallplan
from hallplan import methods

FUNCTIONS = [name for name in methods.__all__ if inspect.isfunction(getattr(methods, name))]


def test_the_methods_are_there_after_importing_the_package_alone():
    code = "import hallplan; print(round(float(hallplan.methods.erlang_b(1, 1.0)), 3))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0.5\n"  # 1 / (1 + 1)


def test_every_function_has_sections_for_parameters_results_errors_and_examples():
    headings = {"Parameters", "Returns", "Raises", "Examples"}
    short = {name: headings - set(inspect.getdoc(getattr(methods, name)).split("\n")) for name in FUNCTIONS}
    assert FUNCTIONS
    assert not {name: missing for name, missing in short.items() if missing}


def test_the_examples_of_the_door_hold():
    assert doctest.testmod(methods).failed == 0


def test_a_coalition_may_be_a_frozenset():
    worth = {frozenset("a"): 1, frozenset("b"): 2, frozenset("ab"): 6}
    assert hallplan.methods.shapley(worth).shares.tolist() == [2.5, 3.5]


def test_control_variates_are_the_statistics_of_the_same_numbers():
    # Two controls, named: y = 2 + 3 x₁ - x₂ without error would have no interval, so one value is off by 1.
    x = [[1, 0], [0, 1], [2, 1], [1, 3], [0, 0]]
    result = hallplan.methods.control_variates(y=[5, 1, 7, 3, 2], x=x, mean_x=[0.8, 1.0])
    # Both controls have their known means, so that nothing is corrected but the spread.
    assert round(result.estimate, 10) == 3.6
    assert result.r_squared > 0.9
