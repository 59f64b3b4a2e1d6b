"""Without Numba everything runs, slowly, and gives the same numbers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COMMAND = [
    *("run", "township-desk", "--reps", "1", "--seed", "5", "--json"),
    *("--set", "run.warm_up_days=0", "--set", "run.days=5", "--set", "run.follow_up_days=0"),
]
BLOCK_NUMBA = """
    class Blocked:
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] in ("numba", "llvmlite"):
                raise ImportError(f"{name} is blocked")
    sys.meta_path.insert(0, Blocked())
"""
BLOCK_CACHE = """
    import numba.core.caching
    def refuse(self, py_func):
        raise RuntimeError("cannot cache function: no locator available")
    numba.core.caching.CacheImpl.__init__ = refuse
"""


def run_command(folder: Path, preparation: str, *options: str) -> tuple[dict[str, object], str]:
    """Run the command in a process of its own; return its JSON and what it wrote to standard error.

    Nothing comes from a store: each process has a cache folder of its own.
    """
    script = f"import sys\n{textwrap.dedent(preparation)}\nfrom hallplan.cli import main\nmain()\n"
    result = subprocess.run(
        [sys.executable, "-c", script, *COMMAND, *options],
        cwd=ROOT,
        env=os.environ | {"HALLPLAN_LANG": "en", "HALLPLAN_CACHE_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout), result.stderr


def numbers(document: dict[str, object]) -> dict[str, object]:
    """Return a result without what names the machine and the time."""
    return {name: value for name, value in document.items() if name in ("metrics", "replications", "scenario")}


@pytest.mark.slow
def test_without_numba_a_command_gives_the_same_numbers_after_one_warning(tmp_path: Path) -> None:
    expected, _ = run_command(tmp_path / "with", "", "--engine", "compiled")
    document, errors = run_command(tmp_path / "without", BLOCK_NUMBA)
    assert numbers(document) == numbers(expected) != {}
    assert errors.count("can't be used here (ImportError: numba is blocked)") == 1


@pytest.mark.slow
def test_without_a_folder_for_machine_code_a_command_gives_the_same_numbers_after_one_warning(tmp_path: Path) -> None:
    expected, _ = run_command(tmp_path / "with", "", "--engine", "compiled")
    document, errors = run_command(tmp_path / "without", BLOCK_CACHE, "--engine", "compiled")
    assert numbers(document) == numbers(expected) != {}
    assert errors.count("NUMBA_CACHE_DIR") == 1
