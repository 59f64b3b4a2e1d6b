"""Results from the store need neither the compiler nor frames: they are not imported, for each takes a second."""

import subprocess
import sys

import pytest

HEAVY = ("numba", "pandas", "scipy.stats")


def imported_by(code, names=HEAVY):
    shown = f"print([name for name in {names} if name in sys.modules], file=sys.stderr)"
    program = [sys.executable, "-c", f"import sys\n{code}\n{shown}"]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    return done.stderr.splitlines()[-1]


def test_studies_and_comparisons_import_neither_numba_nor_pandas_nor_scipy_stats():
    assert imported_by("import sim.run.study, sim.run.folder, planner.compare") == "[]"


def test_stored_results_are_run_and_compared_without_them():
    """The built-in halls' default results come with the package."""
    code = "from hallplan.cli.main import main\nfor words in {}: assert main(words) == 0"
    commands = [["run", "textbook-mm3"], ["compare", "textbook-mm3", "township-desk", "--workers", "1"]]
    assert imported_by(code.format(commands)) == "[]"


def test_simulating_and_measuring_imports_neither_frames_nor_scipy_stats():
    code = "from hallplan.cli.main import main\nassert main(['run', 'textbook-mm3', '--reps', '2', '--seed', '7']) == 0"
    assert imported_by(code, ("pandas", "scipy.stats")) == "[]"


@pytest.mark.slow
def test_a_prepared_scenario_needs_no_calendar():
    """The library of public holidays brings a module for every country."""
    code = "from hallplan.cli.main import main\nassert main(['run', 'honghuagang-2014', '--reps', '2']) == 0"
    seen = [imported_by(code, ("holidays.countries", "scenarios.compose.composing")) for _ in range(2)]
    assert seen == ["['holidays.countries', 'scenarios.compose.composing']", "['scenarios.compose.composing']"]
