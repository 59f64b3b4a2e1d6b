"""A process that has imported the libraries once, and forks a child for every run of pytest.

Input: a line of JSON a run: the folder, pytest's arguments, environment variables, the file for the output, and a
limit of seconds by the clock.  Output: a line of JSON: the exit code (``null``: the time was over), and processor time.
It is started by its path and imports nothing of Hallplan, so that a child imports the copy of the tree with the mutant.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import sys
from typing import Any, NoReturn

_LIBRARIES = (
    "hypothesis",
    "numba",
    "numpy",
    "openpyxl",
    "pandas",
    "plotly.graph_objects",
    "pyarrow.parquet",
    "pydantic",
    "pytest",
    "rich.console",
    "scipy.stats",
    "simpy",
    "streamlit.testing.v1",
    "typer",
    "xdist",
)


def _run(request: dict[str, Any]) -> NoReturn:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.chdir(request["folder"])
    os.environ.update(request["variables"])
    sys.path.insert(0, request["folder"])
    import numba.core.config
    import pytest

    numba.core.config.reload_config()
    code = 3
    try:
        code = int(pytest.main(request["arguments"]))
    finally:
        sys.stdout.flush()
        os._exit(code)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    child = os.fork()
    if child == 0:
        _run(request)
    handle = os.pidfd_open(child)
    ended: list[int] = []
    try:
        ended, _, _ = select.select([handle], [], [], request["clock_seconds"])
    finally:
        os.close(handle)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # the child, if it still runs, and whatever it has started
    _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status) if ended else None
    return {"code": code, "seconds": usage.ru_utime + usage.ru_stime}


def main() -> None:
    """Answer one request after another, until there are no more."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for name in _LIBRARIES:
        __import__(name)
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
