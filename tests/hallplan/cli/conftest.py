"""How the tests of the command line call it: in this process when only its answer matters, else as users do."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hallplan.cli import main
from sim.engine.choice import prepare


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(scope="session", autouse=True)
def _machine_code() -> None:
    """Compile what there is to compile before anything is timed, or its messages counted."""
    prepare()


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """Call the command line in this process, in English unless told otherwise."""
    monkeypatch.setenv("HALLPLAN_LANG", "en")

    def call(*words: str) -> Answer:
        code = main(words)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


@pytest.fixture
def shared_results(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests about what is printed share what is simulated; a test of the simulating takes a folder of its own."""
    monkeypatch.setenv("HALLPLAN_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "shared-results"))


@pytest.fixture(scope="session")
def command() -> Callable[..., Answer]:
    """Call the installed program as a user does, its output in pipes."""
    return _command


def _command(*words: str, **environment: str) -> Answer:
    program = Path(sys.executable).with_name("hallplan")
    done = subprocess.run(
        [str(program), *words],
        env={**os.environ, "HALLPLAN_LANG": "en", "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)
