"""Trying one change: a copy of the tree, the tests that are near to it, and which of them failed.

Input: a mutant.  Output: a :class:`Verdict`.  The working tree is never touched.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from benchmarks.mutants.operators import Mutant, mutated
from benchmarks.mutants.sampling import PACKAGES

__all__ = ["Tree", "Verdict", "copy_tree"]

END_TO_END: Final = (
    "tests/sim/test_traces.py",
    "tests/sim/run/test_results_version.py",
    "tests/sim/engine/test_equality.py",
    "tests/hallplan/cli/test_output.py",
    "tests/hallplan/test_python_api.py",
)
"""The last tier: frozen results, both engines and both walks, the command line, the Python names."""
_COMPILING_SECONDS: Final = 60
"""Processor time in which the compiled modules are compiled, on a slow machine."""
_APART: Final = ("tests/docs/", "tests/test_", "tests/benchmarks/")
"""Tests of pages, of the source and of speed: what they notice is no behaviour."""


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant.

    Attributes
    ----------
    result
        ``killed``, ``timed out`` (which counts as killed), or ``survived``.
    test
        The test that noticed it, or in which it ran out of time.
    tests
        How many tests ran.
    seconds
        Processor time that they took.
    all_ran
        Whether all the tests that were chosen ran; otherwise the time for one mutant was over.
    """

    result: str
    test: str
    tests: int
    seconds: float
    all_ran: bool


def copy_tree(root: Path, target: Path) -> None:
    """Copy what git knows of a tree, and what it would know, to a new folder."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, names.split("\0")):
        if (root / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target / name)


@dataclass
class Tree:
    """A copy of the tree in which one mutant after another is tried.

    Attributes
    ----------
    root
        The copy.
    test_seconds, mutant_seconds
        Limits of processor time of one test, and of all tests of one mutant.
    with_slow
        Run the slow tests too.
    seconds
        By test: how long it took, so that fast tests come first.
    """

    root: Path
    test_seconds: int = 60
    mutant_seconds: int = 120
    with_slow: bool = False
    seconds: dict[str, float] = field(default_factory=dict)
    _clock: int = field(default_factory=lambda: int(time.time()) - 10_000_000)

    # ---- which tests -----------------------------------------------------------------------------------------------

    @cached_property
    def _sources(self) -> dict[str, str]:
        files = sorted((self.root / "tests").rglob("*.py"))
        return {file.relative_to(self.root).as_posix(): file.read_text(encoding="utf-8") for file in files}

    @cached_property
    def _modules(self) -> dict[str, str]:
        files = [file for package in PACKAGES for file in sorted((self.root / package).rglob("*.py"))]
        return {file.relative_to(self.root).as_posix(): file.read_text(encoding="utf-8") for file in files}

    def tests_of(self, file: str) -> dict[str, int]:
        """Return the test files that may notice a change of a module, each with its tier: the nearest first.

        Tiers: tests named after the module; tests that import it; the folder that mirrors its own; tests that import
        a module which imports it; the fixed tests from end to end.
        """
        module = Path(file)
        tests = [name for name in self._sources if Path(name).name.startswith("test_") and not name.startswith(_APART)]
        importing = self._importing(file, self._sources)
        helpers = [name for name in importing if name.startswith("tests/helpers/")]
        users = [name for name in self._importing(file, self._modules) if not name.endswith("__init__.py")]
        tiers: dict[str, int] = {}

        def add(tier: int, names: Iterable[str]) -> None:
            for name in names:
                if name in tests:
                    tiers.setdefault(name, tier)

        mirror = self._mirror(module)
        named = rf"^tests/{module.parts[0]}/(\w+/)*test_(\w+_)?{re.escape(module.stem.strip('_'))}(_\w+)?\.py$"
        add(0, [name for name in tests if re.search(named, name)])
        add(1, importing)
        add(2, [name for name in tests if name.startswith(f"{mirror}/")])
        for helper in helpers:
            word = Path(helper).stem
            add(
                3, [name for name in tests if re.search(rf"^(from|import) {word}\b", self._sources[name], re.MULTILINE)]
            )
        for user in users:
            add(3, self._importing(user, self._sources))
        add(4, END_TO_END)
        return tiers

    def _mirror(self, module: Path) -> str:
        folder = module.parent
        while not (self.root / "tests" / folder).is_dir():
            folder = folder.parent
        return (Path("tests") / folder).as_posix()

    @staticmethod
    def _importing(file: str, sources: Mapping[str, str]) -> list[str]:
        """Return those sources that import a module, or something of its name from its package."""
        parts = Path(file).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        name, package, stem = ".".join(parts), ".".join(parts[:-1]), parts[-1]
        pattern = rf"\bfrom {re.escape(name)} import|\bimport {re.escape(name)}\b"
        if package:
            pattern += rf"|\bfrom {re.escape(package)} import [^\n]*\b{re.escape(stem)}\b"
        return [path for path, source in sources.items() if re.search(pattern, source)]

    # ---- one mutant ------------------------------------------------------------------------------------------------

    def try_mutant(self, mutant: Mutant) -> Verdict:
        """Make a change, run the tests that are near, and take the change back."""
        path = self.root / mutant.file
        source = path.read_bytes()
        is_compiled = b"sim.machine import" in source
        machine_code = tempfile.mkdtemp(dir=self.root.parent) if is_compiled else ""
        usual = self.test_seconds, self.mutant_seconds
        if is_compiled:  # the first test compiles the module
            self.test_seconds, self.mutant_seconds = (seconds + _COMPILING_SECONDS for seconds in usual)
        self._write(path, mutated(source, mutant))
        try:
            return self._run_in_turn(self.tests_of(mutant.file), machine_code)
        finally:
            self._write(path, source)
            self.test_seconds, self.mutant_seconds = usual
            if machine_code:
                shutil.rmtree(machine_code, ignore_errors=True)

    def _run_in_turn(self, tiers: Mapping[str, int], machine_code: str) -> Verdict:
        """Run the near tests first, for themselves: to collect all the others takes longer than most kills."""
        tests, seconds = 0, 0.0
        for near in ((0, 1), (2,), (3, 4)):
            turn = {name: tier for name, tier in tiers.items() if tier in near}
            if turn:
                verdict = self.run_tests(turn, machine_code=machine_code, spent=seconds)
                tests, seconds = tests + verdict.tests, round(seconds + verdict.seconds, 1)
                verdict = replace(verdict, tests=tests, seconds=seconds)
                if verdict.result != "survived" or not verdict.all_ran:
                    break
        return verdict

    def warm_up(self) -> None:
        """Have the compiled functions compiled, so that no mutant's time is spent on it."""
        test_seconds, self.test_seconds = self.test_seconds, 10 * self.mutant_seconds
        self.run_tests({"tests/sim/test_traces.py": 0}, stop_early=False, spent=-9 * self.mutant_seconds)
        self.test_seconds = test_seconds

    def failing(self, tests: Sequence[str]) -> set[str]:
        """Return those tests that fail in the tree as it is.

        A test that ends the process fails; those that had not begun by then run in another one.
        """
        functions = dict.fromkeys(test.partition("[")[0] for test in tests)
        limit, passed = self.test_seconds, set[str]()
        self.test_seconds, self.mutant_seconds = 10 * limit, len(functions) * limit
        while functions:
            self.run_tests(dict.fromkeys(functions, 0), stop_early=False)
            entries = _entries(self.root.parent / "report.jsonl")
            ended = [entry for entry in entries if "test" in entry]
            failed = {entry["test"] for entry in ended if entry["failed"] or entry["seconds"] > limit}
            passed |= {entry["test"] for entry in ended if entry["phase"] == "teardown"} - failed
            begun = {entry["begins"].partition("[")[0] for entry in entries if "begins" in entry}
            if not begun:
                break
            functions = {function: None for function in functions if function not in begun}
        return set(tests) - passed

    def delete(self) -> None:
        """End the tests that still run, and delete the copy."""
        if "_nursery" in self.__dict__:
            self._nursery.terminate()
            self._nursery.communicate()
        shutil.rmtree(self.root.parent, ignore_errors=True)

    def _write(self, path: Path, source: bytes) -> None:
        """Write a module with a time that it never had: Python compares time and size with its bytecode's."""
        path.write_bytes(source)
        self._clock += 10
        os.utime(path, (self._clock, self._clock))

    def run_tests(
        self, tiers: Mapping[str, int], *, machine_code: str = "", stop_early: bool = True, spent: float = 0.0
    ) -> Verdict:
        """Run test files until the first failure.

        Parameters
        ----------
        tiers
            By file or test: how near it is.
        machine_code
            A folder of its own for Numba, because callers do not notice that a compiled function has changed.
        stop_early
            Stop at the first failure.
        spent
            Seconds of this mutant's time that are spent already.
        """
        plan, report = self.root.parent / "plan.json", self.root.parent / "report.jsonl"
        limits = {"test_seconds": self.test_seconds, "mutant_seconds": self.mutant_seconds - spent}
        plan.write_text(json.dumps({"tiers": dict(tiers), "seconds": self.seconds, **limits}), encoding="utf-8")
        report.unlink(missing_ok=True)
        code, seconds = self._pytest(
            [*(["-x"] if stop_early else []), *tiers],
            {
                "MUTANT_PLAN": str(plan),
                "MUTANT_REPORT": str(report),
                "NUMBA_CACHE_DIR": machine_code or str(self.root.parent / "machine-code"),
            },
        )
        entries = _entries(report)
        for entry in entries:
            if "test" in entry:
                slowest = max(self.seconds.get(entry["test"], 0.0), entry["seconds"])
                self.seconds[entry["test"]] = round(slowest, 2)
        return _verdict(code, entries, seconds)

    def _pytest(self, arguments: Sequence[str], variables: Mapping[str, str]) -> tuple[int | None, float]:
        """Return pytest's exit code, None if all the time was over, and the processor time it took."""
        options = ["-q", "-p", "no:cacheprovider", "-p", "benchmarks.mutants.watching", "-n", "0", "--tb=line"]
        options += ["-m", "not browser"] if self.with_slow else []
        request = {
            "folder": str(self.root),
            "arguments": [*options, *arguments],
            "variables": {"PYTHONPATH": str(self.root), **variables},
            "output": str(self.root.parent / "output.txt"),
            "clock_seconds": 10 * self.mutant_seconds,
        }
        process = self._nursery
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise EOFError("the process that runs the tests was ended")
        answer = json.loads(line)
        return answer["code"], answer["seconds"]

    @cached_property
    def _nursery(self) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        environment.setdefault("PYTHONPYCACHEPREFIX", str(self.root.parent / "bytecode"))
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return subprocess.Popen(
            [sys.executable, "-P", str(self.root / "benchmarks" / "mutants" / "nursery.py")],
            cwd=self.root.parent,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


def _entries(report: Path) -> list[dict[str, Any]]:
    if not report.exists():
        return []
    lines = report.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.endswith("}")]


def _verdict(code: int | None, entries: Sequence[dict[str, Any]], seconds: float) -> Verdict:
    begun = [entry["begins"] for entry in entries if "begins" in entry]
    failed = [entry["test"] for entry in entries if entry.get("failed")]
    last = begun[-1] if begun else "collection"
    counted = len(begun), round(seconds, 1)
    if failed:
        return Verdict("killed", failed[0], *counted, all_ran=True)
    if code is None or any("out_of_time" in entry for entry in entries):
        return Verdict("survived", "", *counted, all_ran=False)
    if code in (-signal.SIGALRM, -signal.SIGPROF):
        return Verdict("timed out", last, *counted, all_ran=True)
    if code in (0, 5):  # all passed; no test at all
        return Verdict("survived", "", *counted, all_ran=True)
    return Verdict("killed", last, *counted, all_ran=True)
