"""Kill rounds: a program that writes is ended at random moments, and what it leaves is looked at.

Input: ``file`` or ``set``, ``KILL`` or ``TERM``, the number of rounds, a folder.  Output: a line of JSON: how many
rounds left nothing, the files of one run, files of several runs or not all files (``mixed``, and whether that was
recognised), or a damaged file; temporary files left; exit codes.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import cycle
from pathlib import Path

SEEDS = (1, 2)
PATIENCE_S = 10.0
HANGS = 1_000
"""Stands for the exit code of a program that goes on after the signal."""
COMMON = ("--reps", "1", "--days", "1", "--no-cache", "--workers", "1", "--engine", "simpy", "--force")


def words_of(what: str, folder: Path, seed: int) -> list[str]:
    target = ("--event-log", str(folder / "log.csv")) if what == "file" else ("--out", str(folder))
    return ["run", "textbook-mm3", *COMMON, "--seed", str(seed), *target]


def write_until_killed(what: str, folder: Path) -> None:
    """Write the results of two seeds in turn; end with the exit code of a run that was ended from outside."""
    from hallplan.cli import main

    for seed in cycle(SEEDS):
        code = main(words_of(what, folder, seed))
        if code:
            os._exit(code)


def seeds_in(folder: Path, references: Sequence[Path]) -> set[int]:
    """Return the seeds of the runs whose files are in a folder; 0 for a file that no run has written like that."""
    seeds = set()
    for file in folder.iterdir():
        if file.name.startswith(".") or file.name == "manifest.json":
            continue
        content = file.read_bytes()
        if file.name == "result.json":
            seeds.add(int(json.loads(content)["run"]["seed"]))
            continue
        same = [
            seed for seed, reference in zip(SEEDS, references, strict=True) if read(reference / file.name) == content
        ]
        if len(same) != len(SEEDS):  # what is the same for both seeds tells nothing
            seeds.add(same[0] if same else 0)
    return seeds


@cache
def read(file: Path) -> bytes:
    return file.read_bytes()


def looked_at(what: str, folder: Path, references: Sequence[Path]) -> str:
    """Return what a killed run has left."""
    import hallplan

    seeds = seeds_in(folder, references)
    if not seeds:
        return "nothing"
    if 0 in seeds:
        return "damaged"
    if what == "file":
        return "one run"
    try:
        hallplan.read_results(folder)
    except hallplan.HallplanError:
        return "mixed, recognised"
    return "one run" if len(seeds) == 1 else "mixed, unnoticed"


def ended(what: str, number: int, folder: Path, longest: float) -> int:
    """Run a program, end it at a random moment, and return how it ended (a signal is negative)."""
    child = os.fork()
    if not child:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        write_until_killed(what, folder)
    time.sleep(random.uniform(0, longest))
    os.kill(child, number)
    deadline = time.monotonic() + PATIENCE_S
    while not (waited := os.waitpid(child, os.WNOHANG))[0] and time.monotonic() < deadline:
        time.sleep(0.01)
    if not waited[0]:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return HANGS
    status = waited[1]
    return os.waitstatus_to_exitcode(status)


def main(arguments: Sequence[str]) -> None:
    from hallplan.cli import main as hallplan_main

    what, name, rounds, folder = arguments[0], arguments[1], int(arguments[2]), Path(arguments[3])
    folder.mkdir()
    random.seed(f"{what} {name}")
    silent, os.environ["HALLPLAN_LANG"] = os.dup(1), "en"
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    references = [folder.with_name(f"seed-{seed}") for seed in SEEDS]
    for seed, reference in zip(SEEDS, references, strict=True):  # imports too, so that a round begins to write at once
        reference.mkdir()
        begun = time.monotonic()
        hallplan_main(words_of(what, reference, seed))
    longest = 1.5 * (time.monotonic() - begun)
    number = {"KILL": signal.SIGKILL, "TERM": signal.SIGTERM}[name]
    left, codes, leftovers = Counter[str](), Counter[int](), 0
    for _ in range(rounds):
        codes[ended(what, number, folder, longest)] += 1
        left[looked_at(what, folder, references)] += 1
        leftovers += sum(path.name.startswith(".") for path in folder.iterdir()) if name == "TERM" else 0
    last = hallplan_main(words_of(what, folder, 1))
    hidden = [path.name for path in folder.iterdir() if path.name.startswith(".")]
    report = {"left": left, "codes": codes, "leftovers": leftovers, "last": last, "hidden": hidden}
    report["after"] = looked_at(what, folder, references)
    os.dup2(silent, 1)
    print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1:])
