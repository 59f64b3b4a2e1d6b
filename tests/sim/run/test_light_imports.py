"""A comparison from the store needs neither the compiler nor frames: they are not imported."""

import subprocess
import sys


def test_studies_and_comparisons_import_neither_numba_nor_pandas_nor_scipy_stats():
    code = (
        "import sys, sim.run.study, sim.run.folder, planner.compare;"
        "print([name for name in ('numba', 'pandas', 'scipy.stats', 'pyarrow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
