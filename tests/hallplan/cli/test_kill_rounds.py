"""Runs that are ended while they write leave old files or new ones, whole; a mixed set is recognised."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "helpers" / "kill_rounds.py"
ROUNDS = 30


def report(what: str, name: str, folder: Path) -> dict:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), what, name, str(ROUNDS), str(folder / "results")],
        env={**os.environ, "PYTHONPATH": str(SCRIPT.parents[2])},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
@pytest.mark.parametrize(("name", "code"), [("KILL", "-9"), ("TERM", "143")])
@pytest.mark.parametrize("what", ["file", "set"])
def test_a_run_ended_while_it_writes_damages_nothing(tmp_path: Path, what: str, name: str, code: str) -> None:
    rounds = report(what, name, tmp_path)
    print(what, name, rounds)
    assert sum(rounds["left"].values()) == ROUNDS
    assert set(rounds["left"]) <= {"nothing", "one run", "mixed, recognised"}
    # Once the program is over, the system itself may end it, before it has gone: a shell shows 143 then too.
    ended = {code, "-15"} if name == "TERM" else {code}
    assert set(rounds["codes"]) <= ended
    assert sum(rounds["codes"].values()) == ROUNDS
    assert rounds["leftovers"] == 0, "temporary files after SIGTERM"
    assert (rounds["last"], rounds["after"], rounds["hidden"]) == (0, "one run", []), "the next run tidies up"
