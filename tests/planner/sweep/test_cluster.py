"""A sweep on a real Dask scheduler: processes of their own, one killed on the way, one that joins late."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from deadly_points import DEMAND, TRIES, DeadlyWork

import hallplan
from foundation import messages
from foundation.errors import HallplanError
from planner.sweep import cluster, pieces

SWEEP = {
    "scenario": "textbook-mm3",
    "set": {"run.days": 1, "run.warm_up_days": 0},
    "grid": {"pools.windows.servers": [3, 4], "demand": [0.7 + 0.01 * step for step in range(24)]},
    "replications": 3,
    "seed": 7,
}


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


class Dask:
    """A scheduler and its workers, each a process of its own on the loopback address."""

    def __init__(self, folder: Path) -> None:
        self.file, self._folder = folder / "scheduler.json", folder
        self._processes = []
        words = ("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(self.file))
        self._start(*words, "--no-dashboard")
        end = time.monotonic() + 60
        while not self.file.exists() and time.monotonic() < end:
            time.sleep(0.1)

    def worker(self, **environment):
        words = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
        place = ("--scheduler-file", str(self.file), "--local-directory", str(self._folder))
        return self._start("worker", *words, *place, **environment)

    def _start(self, *words, **environment):
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **environment},
        )
        self._processes.append(process)
        return process

    def end(self):
        for process in self._processes:
            process.kill()
            process.wait()


@pytest.fixture
def dask(tmp_path):
    started = Dask(tmp_path)
    yield started
    started.end()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_a_killed_and_a_late_worker_change_no_byte(dask, tmp_path):
    hallplan.sweep(SWEEP, tmp_path / "local")
    first, counts = dask.worker(), []
    dask.worker()

    def progress(state):
        counts.append(state.done)
        if len(counts) == 2:
            first.send_signal(signal.SIGKILL)
            dask.worker()

    hallplan.sweep(SWEEP, tmp_path / "store", scheduler=str(dask.file), progress=progress)
    assert content(tmp_path / "store") == content(tmp_path / "local")
    assert counts[-1] == 48
    assert first.wait() == -signal.SIGKILL, "it was killed on the way"


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_a_point_that_ends_every_worker_fails_and_the_others_go_on(tmp_path, monkeypatch):
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    monkeypatch.setenv(TRIES, str(tmp_path / "tries"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    table = SWEEP | {"grid": {"demand": [0.6, 0.7, DEMAND, 0.8]}}
    hallplan.sweep(table, tmp_path / "local")
    monkeypatch.setattr(pieces, "PointWork", DeadlyWork)
    dask = Dask(tmp_path)
    try:
        for _ in range(3):
            dask.worker()
        result = hallplan.sweep(table, tmp_path / "store", scheduler=str(dask.file))
    finally:
        dask.end()
    assert list(result.failed) == [2]
    assert "KilledWorker" in result.failed[2]["en"]
    assert (tmp_path / "tries").stat().st_size == 2, "once among others, and once alone"
    for part in (0, 1, 3):
        name = f"parts/{part:06d}.parquet"
        assert (tmp_path / "store" / name).read_bytes() == (tmp_path / "local" / name).read_bytes()


@pytest.mark.slow
def test_a_sweep_waits_for_the_first_worker_and_says_so(dask, tmp_path):
    said = []

    def announce(sentence):
        said.append(sentence)
        dask.worker()

    with messages.using("en"):
        hallplan.sweep(
            SWEEP | {"grid": {"demand": [0.8]}}, tmp_path / "store", scheduler=str(dask.file), announce=announce
        )
    assert any("no worker yet" in sentence for sentence in said)


@pytest.mark.slow
def test_a_worker_of_another_version_is_refused(dask, tmp_path, monkeypatch):
    dask.worker()
    monkeypatch.setattr(cluster, "_expected", lambda: ("9.9.9", 0))
    with pytest.raises(HallplanError) as fault:
        hallplan.sweep(SWEEP, tmp_path / "store", scheduler=str(dask.file))
    assert (fault.value.key, fault.value.values["ours"]) == ("sweep.error.other_version", "9.9.9")
    assert not list((tmp_path / "store" / "parts").iterdir())


def test_a_worker_compares_its_version_with_every_piece():
    with pytest.raises(HallplanError) as fault:
        cluster._do(b"", (0, 0, ()), ("9.9.9", 0))
    assert fault.value.key == "sweep.error.other_version"


def test_where_no_scheduler_answers_one_sentence_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "_CONNECT_S", 0.5)
    with pytest.raises(HallplanError) as fault, cluster.connected("tcp://127.0.0.1:9"):
        pass
    assert fault.value.key == "sweep.error.no_scheduler"
    with pytest.raises(HallplanError) as fault, cluster.connected(str(tmp_path / "nothing.json")):
        pass
    assert fault.value.key == "sweep.error.no_scheduler"


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(HallplanError) as fault, cluster.connected("tcp://127.0.0.1:9"):
        pass
    assert fault.value.key == "sweep.error.no_dask"
