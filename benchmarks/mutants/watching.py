"""A plugin of pytest inside a mutant's copy of the tree: it orders the tests and says which one noticed the change.

Input: the environment variable ``MUTANT_PLAN``, a JSON file: for each test file its tier; seconds of each test that ran
before; the time limit of a test.  Output: lines of JSON in the file that ``MUTANT_REPORT`` names.
"""

from __future__ import annotations

import json
import os
import resource
import signal
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

__all__ = [
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_runtest_makereport",
    "pytest_runtest_protocol",
]

_PLAN: dict[str, Any] = {}
_USUAL_SECONDS, _SECONDS_A_TIER = 1.0, 3.0
_MEMORY_BYTES = 8 * 2**30


def _report(**entry: Any) -> None:
    with Path(os.environ["MUTANT_REPORT"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


def pytest_configure() -> None:
    """Read the plan; bound the memory, since a mutant may ask for more and more."""
    _PLAN.update(json.loads(Path(os.environ["MUTANT_PLAN"]).read_text(encoding="utf-8")))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put near and fast tests first: a tier weighs as much as some seconds."""

    def score(item: pytest.Item) -> float:
        file = item.path.relative_to(config.rootpath).as_posix()
        tier = _PLAN["tiers"].get(file, len(_PLAN["tiers"]))
        return float(_PLAN["seconds"].get(item.nodeid, _USUAL_SECONDS) + _SECONDS_A_TIER * tier)

    items.sort(key=score)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """End the whole process if a test takes too long: an endless loop may be in machine code.

    Processor time counts, since others may use the machine; ten times as much by the clock ends a test that waits.
    """
    spent = sum(os.times()[:4])
    if spent > _PLAN["mutant_seconds"]:
        _report(out_of_time=True)
        pytest.exit("the time for this mutant is over", returncode=0)
    _report(begins=item.nodeid)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, _PLAN["test_seconds"])
    signal.alarm(10 * _PLAN["test_seconds"])
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note each test's verdict and time."""
    report = yield
    _report(test=item.nodeid, phase=report.when, failed=report.failed, seconds=call.duration)
    return report
