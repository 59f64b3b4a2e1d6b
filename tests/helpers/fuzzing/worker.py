"""One process of a fuzzing campaign: runs many cases one after the other, and reports each.

Input: lines with numbers of cases on standard input.  Output: for each a line of JSON on standard output: ``verdict``
("" for a good end), ``kind``, ``command``, ``code`` and ``message``.  The files of the case are in the given folder.
"""

import contextlib
import importlib
import io
import json
import os
import resource
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from fuzzing.corpus import RUN, RUN_SETS, Case, Corpus

CODES = {0, 1, 2, 3}
"""Exit codes that a command may end with when nobody interrupts it (``docs/reference/cli.md``)."""
USED_UP = 75
"""Exit code of a process that has no room left to make a case in."""
MOST_SERVINGS = 3_000
"""Services a day of a hall that is simulated: a larger one works longer than a case may, and rightly."""

Program = Callable[[Sequence[str]], int]


def limit_memory(megabytes: int) -> None:
    """Allow this process so much more memory than it has."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def called(program: Program, words: Sequence[str]) -> tuple[int, str, str]:
    """Return exit code, standard output and standard error of a command."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = program(list(words))
    return code, *(stream.buffer.getvalue().decode("utf-8", "replace") for stream in (out, err))


def judged(code: int, out: str, err: str) -> str:
    """Return what is wrong with the end of a command, "" if nothing is."""
    from foundation import messages

    if code not in CODES:
        return f"exit-{code}"
    if "Traceback" in out + err:
        return "traceback"
    if messages.text("cli.fault.memory", "en") in err:
        return "memory"
    if code in {1, 2} and not (err + out).strip():
        return "silent"
    return ""


def is_modest(out: str) -> bool:
    """Tell from the document of ``check`` whether a hall is small enough to be simulated."""
    document = json.loads(out)
    return sum(pool["servings_per_day"] or 0 for pool in document["pools"]) <= MOST_SERVINGS


def tried(program: Program, case: Case) -> dict[str, Any]:
    """Run the commands of a case and return the report."""
    report: dict[str, Any] = {"kind": case.kind, "verdict": "", "command": [], "code": 0, "message": ""}
    for words in case.commands:
        report["command"] = list(words)
        try:
            code, out, err = called(program, words)
        except BaseException:
            return report | {"verdict": "exception", "message": traceback.format_exc()[-2_000:]}
        report |= {"code": code, "message": err[-2_000:], "verdict": judged(code, out, err)}
        if report["verdict"] or code or (case.kind == "scenario" and words[0] == "check" and not is_modest(out)):
            break
    return report


def main(arguments: Sequence[str]) -> None:
    """Warm up, then serve cases until standard input ends."""
    folder, entry = Path(arguments[0]), arguments[4]
    seed, megabytes, seconds = int(arguments[1]), int(arguments[2]), float(arguments[3])
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    module, _, name = entry.partition(":")
    program: Program = getattr(importlib.import_module(module), name)
    corpus = Corpus()
    os.chdir(folder)
    Path("hall.toml").write_bytes(corpus.tiny)
    for engine in ("compiled", "simpy"):
        with contextlib.suppress(Exception):
            called(program, ("run", "hall.toml", *RUN, *RUN_SETS, "--engine", engine))
    limit_memory(megabytes)
    replies.write("ready\n")
    replies.flush()
    for line in sys.stdin:
        try:
            case = corpus.case(seed, int(line))
        except (MemoryError, ValueError):  # what earlier cases left behind: the case is for a fresh process
            sys.exit(USED_UP)
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        for file, content in case.files.items():
            (folder / file).write_bytes(content)
        (folder / "commands.json").write_text(json.dumps(case.commands), encoding="utf-8")
        signal.setitimer(signal.ITIMER_PROF, seconds)  # the system ends this process when they are used up
        report = tried(program, case)
        signal.setitimer(signal.ITIMER_PROF, 0)
        replies.write(json.dumps(report) + "\n")
        replies.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
