"""Fuzzing: ``python3 dev.py fuzz --minutes N [--seed S]``.

Input: minutes, a seed, or the number of one case.  Output: how many cases were tried, and for each find a folder in
``.artifacts/fuzz`` with the files and ``find.json``: verdict, command, message.  Exit code 1 if there is a find.

Every case runs in a child process that has run others before, so that a case costs no start; a case that takes too long
or ends the process costs a new one.  Verdicts: ``exit-N`` (a code that is not documented; 70 is an internal error),
``traceback``, ``exception``, ``silent`` (a fault without a sentence), ``memory``, ``hang`` and ``died-N``.
"""

import argparse
import contextlib
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fuzzing.worker import USED_UP

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 600
"""A first start compiles the simulator."""
SLOW_MACHINE = 6
"""Time on the clock that a case may take, for a second of processor time: a machine that is busy is no fault of it."""
CASES_A_PROCESS = 500
"""A process is replaced after so many cases: what they leave behind must not add up."""


class Worker:
    """A child process that runs cases; another takes its place when it dies."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self.folder = Path(tempfile.mkdtemp(prefix="hallplan-fuzz-"))
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - open till the worker is closed
        self._process: subprocess.Popen[bytes] | None = None
        self._served = 0

    def _start(self) -> subprocess.Popen[bytes]:
        options = self._options
        arguments = [str(self.folder), str(options.seed), str(options.megabytes), str(options.seconds), options.entry]
        environment = {
            **os.environ,
            "HALLPLAN_LANG": "en",
            "PYTHONPATH": os.pathsep.join(sys.path),
            "OMP_NUM_THREADS": "1",
        }
        environment |= {"OPENBLAS_NUM_THREADS": "1", "HALLPLAN_CACHE_DIR": f"{self.folder}.cache"}
        process = subprocess.Popen(
            [sys.executable, "-m", "fuzzing.worker", *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )
        self._process, self._served = process, 0
        if self._answer(START_SECONDS).strip() != b"ready":
            self.stop()
            raise RuntimeError("a worker process could not start")
        return process

    def _answer(self, seconds: float) -> bytes:
        """Return the next line of the child: empty if it died or the time is over."""
        assert self._process is not None
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        return self._process.stdout.readline() if ready else b""

    def run(self, number: int) -> dict[str, Any]:
        """Run one case and return its report."""
        process = self._process
        if process is None or self._served >= CASES_A_PROCESS:
            self.stop()
            process = self._start()
        assert process.stdin is not None
        self._served += 1
        process.stdin.write(b"%d\n" % number)
        process.stdin.flush()
        begun, most = time.monotonic(), self._options.seconds * SLOW_MACHINE
        line = self._answer(most)
        if line:
            return dict(json.loads(line))
        code = None if time.monotonic() - begun >= most else process.wait()
        hangs = code in {None, -signal.SIGPROF}
        self.stop()
        if code == USED_UP and self._served > 1:
            return self.run(number)
        self._errors.seek(0)
        message = self._errors.read()[-2_000:].decode("utf-8", "replace")
        if hangs:
            message += "\nits time on the clock is over" if code is None else "\nits processor time is used up"
        self._errors.truncate(0)
        return {"verdict": "hang" if hangs else f"died-{code}", "kind": "?", "code": code, "message": message}

    def stop(self) -> None:
        """End the child, and whatever it has started."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.communicate()
            self._process = None

    def close(self) -> None:
        """End the child and delete its folder."""
        self.stop()
        self._errors.close()
        for folder in (str(self.folder), f"{self.folder}.cache"):
            shutil.rmtree(folder, ignore_errors=True)


class Campaign:
    """Cases that are shared out to workers, their verdicts, and the finds on file."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._next = options.case if options.case is not None else 0
        self._end = time.monotonic() + options.minutes * 60
        self.tried: Counter[str] = Counter()
        self.finds: Counter[str] = Counter()

    def _take(self) -> int | None:
        with self._lock:
            number: int = self._next
            if time.monotonic() >= self._end or number == self._options.until:
                return None
            self._next += 1
            return number

    def work(self) -> None:
        """Run cases until the time is over."""
        worker = Worker(self._options)
        try:
            while (number := self._take()) is not None:
                report = worker.run(number)
                with self._lock:
                    self.tried[report["kind"]] += 1
                    if report["verdict"]:
                        self._keep(number, report, worker.folder)
        finally:
            worker.close()

    def _keep(self, number: int, report: dict[str, Any], folder: Path) -> None:
        """Copy a find; of finds that look alike the first ones are enough."""
        last = report["message"].strip().rpartition("\n")[2]
        said = re.sub(r"\d+|'[^']*'|\S+\.toml: \S+", "", last)
        alike = f"{report['verdict']} {report['kind']}: {said[:120]}"
        self.finds[alike] += 1
        if self.finds[alike] > 5:
            return
        target = self._options.finds / f"{self._options.seed}-{number}"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(folder, target, symlinks=True)
        again = f"python3 dev.py fuzz --seed {self._options.seed} --case {number}"
        text = json.dumps({**report, "again": again}, indent=1, ensure_ascii=False)
        (target / "find.json").write_text(text, encoding="utf-8")
        print(f"fuzz: case {number}: {alike}", flush=True)


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options of a command line."""
    parser = argparse.ArgumentParser(prog="dev.py fuzz", description="Try mutated files and command lines.")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=None, help="by default another one each time; it is printed")
    parser.add_argument("--case", type=int, default=None, help="run one case again")
    parser.add_argument("--cases", type=int, default=None, help="stop after so many cases")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--seconds", type=float, default=10.0, help="processor time of a case")
    parser.add_argument("--megabytes", type=int, default=1_000, help="memory of a case")
    parser.add_argument("--finds", type=Path, default=ROOT / ".artifacts" / "fuzz")
    parser.add_argument("--entry", default="hallplan.cli:main", help="what is tried: module:function")
    options = parser.parse_args(arguments)
    options.seed = time.time_ns() % 10**6 if options.seed is None else options.seed
    options.workers = 1 if options.case is not None else options.workers
    options.until = options.case + 1 if options.case is not None else options.cases
    return options


def main(arguments: Sequence[str]) -> int:
    """Run a campaign and return its exit code."""
    options = options_of(arguments)
    options.finds.mkdir(parents=True, exist_ok=True)
    campaign = Campaign(options)
    begun = time.monotonic()
    threads = [threading.Thread(target=campaign.work) for _ in range(options.workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total, minutes = campaign.tried.total(), (time.monotonic() - begun) / 60
    by_kind = ", ".join(f"{kind} {count}" for kind, count in campaign.tried.most_common())
    print(f"fuzz: seed {options.seed}, {total} cases in {minutes:.1f} minutes ({by_kind})")
    print(f"fuzz: {campaign.finds.total()} finds" + (f", kept in {options.finds}" if campaign.finds else ""))
    for alike, count in campaign.finds.most_common():
        print(f"  {count} x {alike}")
    return 1 if campaign.finds or not total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
