"""Which engine runs, and what a user hears of it."""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tiny import op, plan, pool, program, serve, told

from foundation import messages
from foundation.errors import HallplanError
from sim import machine
from sim.engine import choice as engines
from sim.engine import kernel
from sim.engine.choice import HallplanWarning, engine_of, prepare, run
from sim.engine.kernel import run_compiled
from sim.engine.reference import Hall, Pool, run_reference
from sim.program import Code

ROOT = Path(__file__).parents[3]
SMALL = program((0, [serve(3), op(Code.END)])), plan(pool([(0, 1)]))


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what has been prepared, and what has failed."""
    monkeypatch.setattr(engines, "_prepared", [])
    monkeypatch.setattr(machine, "_failure", [])
    monkeypatch.setattr(machine, "_warned", [])


def test_both_engines_can_be_asked_for_and_the_compiled_one_is_the_default() -> None:
    assert prepare() is run_compiled
    for log in (run(*SMALL), run(*SMALL, engine="compiled"), run(*SMALL, engine="simpy")):
        assert told(log) == [(0, "DONE", 0, 0, 3)]


def test_threads_run_side_by_side() -> None:
    with ThreadPoolExecutor(4) as threads:
        logs = list(threads.map(lambda _: run(*SMALL), range(40)))
    assert all(told(log) == [(0, "DONE", 0, 0, 3)] for log in logs)


class TwiceAsLong(Hall):
    def service_time(self, pool: Pool, entity: int, work: int) -> int:
        return 2 * work


def test_engine_can_be_a_function_or_a_subclass_of_the_simpy_model() -> None:
    assert engine_of("simpy") is engine_of(Hall) is run_reference
    assert engine_of(run_compiled) is run_compiled
    engine = pickle.loads(pickle.dumps(engine_of(TwiceAsLong)))  # noqa: S301  # as it is sent to another process
    assert told(engine(*SMALL)) == told(run(*SMALL, engine=TwiceAsLong)) == [(0, "DONE", 0, 0, 6)]
    for wrong in (dict, 3):
        with pytest.raises(HallplanError, match="choose one of compiled, simpy"):
            engine_of(wrong)  # type: ignore[arg-type]


def test_an_engine_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(HallplanError, match="'c\\+\\+': choose one of compiled, simpy"):
        run(*SMALL, engine="c++")  # type: ignore[arg-type]


@pytest.mark.usefixtures("fresh")
def test_a_compiler_that_fails_is_no_reason_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("libllvm is missing")

    monkeypatch.setattr(kernel, "run_compiled", fail)
    with pytest.warns(HallplanWarning) as caught:
        assert prepare() is run_reference
    with messages.using("zh"):
        assert "改用 SimPy 引擎" in str(caught[0].message)
    assert "OSError: libllvm is missing" in str(caught[0].message)


@pytest.mark.slow
@pytest.mark.usefixtures("fresh")
def test_a_cold_compilation_is_announced_once(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(kernel, "is_stored", lambda: False)
    prepare(said.append)
    prepare(said.append)
    assert said == [messages.text("engines.compiling")]


@pytest.mark.parametrize(("name", "value"), [("frozen", True), ("executable", None), ("executable", "")])
def test_where_there_is_no_python_to_start_this_process_compiles_alone(
    monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    started: list[object] = []
    monkeypatch.setattr(engines.subprocess, "Popen", lambda *given, **_: started.append(given))
    monkeypatch.setattr(sys, name, value, raising=False)
    with engines._compiling_beside("sim.draw.compiled_walk"):
        pass
    assert started == []


def test_a_compilation_beside_that_hangs_is_ended_and_one_that_cannot_begin_is_done_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started = []
    popen = subprocess.Popen

    def hangs(command: list[str], **how: Any) -> Any:
        started.append(popen([command[0], "-c", "import time; time.sleep(600)"], **how))
        return started[-1]

    monkeypatch.setattr(engines, "_LONGEST_COMPILATION_S", 0.1)
    monkeypatch.setattr(engines.subprocess, "Popen", hangs)
    with engines._compiling_beside("sim.draw.compiled_walk"):
        pass
    with pytest.raises(KeyboardInterrupt), engines._compiling_beside("sim.draw.compiled_walk"):
        raise KeyboardInterrupt
    assert [process.poll() is not None for process in started] == [True, True]

    def cannot(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(engines.subprocess, "Popen", cannot)
    with engines._compiling_beside("sim.draw.compiled_walk"):
        pass


@pytest.mark.slow
@pytest.mark.usefixtures("fresh")
def test_it_is_announced_in_the_log_where_nobody_else_listens(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(kernel, "is_stored", lambda: False)
    with caplog.at_level(logging.INFO, logger="sim.engine.choice"):
        prepare()
    assert [record.getMessage() for record in caplog.records] == [messages.text("engines.compiling")]


@pytest.mark.usefixtures("fresh")
def test_machine_code_on_disk_is_loaded_without_a_word() -> None:
    said: list[str] = []
    run_compiled(*SMALL)
    prepare(said.append)
    assert kernel.is_stored() is True
    assert said == []


def test_a_copy_of_the_source_that_is_newer_than_its_code_is_not_compiled_again() -> None:
    run_compiled(*SMALL)
    Path(kernel.__file__).touch()
    assert kernel.is_stored() is True


def test_a_numba_that_keeps_its_books_otherwise_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel.proceed, "_cache", SimpleNamespace(cache_path="somewhere"))
    assert kernel.is_stored() is True


@pytest.mark.usefixtures("fresh")
def test_code_that_cannot_be_kept_runs_all_the_same_after_a_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "is_stored", lambda: None)
    with pytest.warns(HallplanWarning, match="NUMBA_CACHE_DIR"):
        assert prepare() is run_compiled


# ---- a folder for machine code ------------------------------------------------------------------------------------


def only_inside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be written but what lies in `folder`."""
    there = machine._is_writable
    monkeypatch.setattr(machine, "_is_writable", lambda path: path.is_relative_to(folder) and there(path))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))


def test_a_package_that_is_read_only_keeps_its_code_in_the_users_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_inside(tmp_path, monkeypatch)
    machine.find_folder()
    chosen = Path(os.environ["NUMBA_CACHE_DIR"])
    assert chosen.parent == tmp_path / "cache"
    assert chosen.stat().st_mode & 0o077 == 0
    monkeypatch.delenv("NUMBA_CACHE_DIR")


def test_without_a_cache_of_the_users_own_a_private_folder_for_temporary_files_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_inside(tmp_path / "tmp", monkeypatch)
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/no/such/folder")
    monkeypatch.setattr(machine.tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    machine.find_folder()
    assert Path(os.environ["NUMBA_CACHE_DIR"]).parent == tmp_path / "tmp"
    monkeypatch.delenv("NUMBA_CACHE_DIR")


def test_a_folder_that_others_can_write_is_not_trusted_with_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_inside(tmp_path, monkeypatch)
    monkeypatch.setattr(machine.tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    for parent in ("cache", "tmp"):
        folder = tmp_path / parent / f"hallplan-{os.getuid()}"
        folder.mkdir(parents=True)
        folder.chmod(0o777)
    machine.find_folder()
    assert "NUMBA_CACHE_DIR" not in os.environ


def test_a_folder_that_the_user_chose_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only_inside(tmp_path, monkeypatch)
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/somewhere/else")
    machine.find_folder()
    assert os.environ["NUMBA_CACHE_DIR"] == "/somewhere/else"


def test_nothing_can_be_written_where_there_is_no_folder() -> None:
    assert not machine._is_writable(Path("/proc/no/such/folder"))


@pytest.mark.slow
def test_a_machine_without_any_folder_compiles_for_itself_alone() -> None:
    script = """
        import numba.core.caching as caching
        def refuse(self, py_func):
            raise RuntimeError("cannot cache function: no locator available")
        caching.CacheImpl.__init__ = refuse
        import warnings, numpy
        from sim.engine.choice import prepare
        from sim.engine.kernel import run_compiled
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert prepare(print) is run_compiled
        print([type(notice.message).__name__ for notice in caught])
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.stdout.splitlines() == ["['HallplanWarning']"], result.stderr


@pytest.mark.slow
def test_a_first_start_says_that_it_compiles_and_a_second_does_not(tmp_path: Path) -> None:
    script = """
        import time
        from sim.engine.choice import prepare
        began = time.process_time()
        prepare(lambda text: print(text))
        print(time.process_time() - began)
    """
    seconds, said = [], []
    for _ in range(2):
        result = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)],
            cwd=ROOT,
            env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path), "HALLPLAN_LANG": "en"},
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
        *lines, last = result.stdout.splitlines()
        said.append(lines)
        seconds.append(float(last))
    assert said == [[messages.text("engines.compiling", "en")], []]
    assert seconds[1] < seconds[0]
    assert np.isfinite(seconds).all()
