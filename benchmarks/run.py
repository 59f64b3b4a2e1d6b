"""How fast is the simulator, and against what?  Ratios from one process, which another machine will find again.

Input: options.  Output: printed tables; ``--write`` saves them as ``docs/reference/benchmarks.md``.
``python -m benchmarks.run`` takes about a minute.  Every figure is the best of several runs, taken in turn, so that
whatever else the machine does falls on all of them.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import queues
from benchmarks.composing import HALL, composing_tasks, seconds_in_a_fresh_process
from benchmarks.frozen import FROZEN_BEFORE, FROZEN_HALL, frozen_hall
from benchmarks.province import SIZES, slope, year_in_a_process_of_its_own
from benchmarks.stages import comparison_in_a_process_of_its_own, replication_parts
from benchmarks.targets import TARGETS, measured_targets
from scenarios.model import Scenario
from sim.draw.drawing import draw
from sim.engine.kernel import run_compiled
from sim.engine.reference import run_reference
from sim.plan import Layout, compile_plan

__all__ = [
    "Table",
    "best_of",
    "commands",
    "comparison",
    "composing",
    "first_start",
    "hall",
    "main",
    "province",
    "queue",
    "replication",
    "targets",
]

DOCUMENT = Path(__file__).parents[1] / "docs" / "reference" / "benchmarks.md"
LOAD = 0.8


@dataclass(frozen=True)
class Table:
    """Some measurements of the same thing; the first column says what, the others are numbers."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """Return the table in Markdown, columns aligned."""
        lines = [self.head, *self.rows]
        widths = [max(len(line[k]) for line in lines) for k in range(len(self.head))]
        rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
        cells = [
            [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
            for line in lines
        ]
        return "\n".join(
            [f"### {self.title}", "", *("| " + " | ".join(row) + " |" for row in [cells[0], rule, *cells[1:]])]
        )


def best_of(tasks: dict[str, Callable[[], Any]], rounds: dict[str, int]) -> dict[str, float]:
    """Run every task as often as it says, in turn; return each one's best time in seconds."""
    best = dict.fromkeys(tasks, float("inf"))
    for turn in range(max(rounds.values())):
        for name, task in tasks.items():
            if turn < rounds[name]:
                began = time.process_time()
                task()
                best[name] = min(best[name], time.process_time() - began)
    return best


def hall(scenario: Scenario, *, rounds: int = 10) -> Table:
    """Compare the engines on the operations of one replication of a scenario.

    Raises
    ------
    AssertionError
        If their logs differ.
    """
    layout = Layout.of(scenario)
    plan, program = compile_plan(scenario, layout), draw(scenario, 1, 0, layout)
    log, expected = run_compiled(program, plan), run_reference(program, plan)
    assert np.array_equal(log.rows, expected.rows), "the engines' logs differ"
    best = best_of(
        {"compiled": lambda: run_compiled(program, plan), "SimPy": lambda: run_reference(program, plan)},
        {"compiled": rounds, "SimPy": max(1, rounds // 5)},
    )
    rows = [
        (name, f"{seconds * 1e3:,.1f}", f"{seconds * 1e9 / log.rows.size:,.0f}", f"{best['SimPy'] / seconds:,.0f}")
        for name, seconds in best.items()
    ]
    return Table(
        f"{scenario.name}, {scenario.run.days} days: one replication of {log.started.size:,} entities, "
        f"{log.rows.size:,} rows of log",
        ("engine alone", "ms", "ns a row", "× SimPy"),
        tuple(rows),
    )


def queue(*, number: int = 200_000, rounds: int = 10) -> Table:
    """Compare the engine on M/M/3 and M/M/1 with the recursions, with plain SimPy and with Ciw.

    Raises
    ------
    AssertionError
        If the engine's waits are not those of the recursions, to the millisecond.
    """
    few, fewer = number // 10, number // 40
    gaps, services = queues.customers(number, 3, LOAD)
    single = queues.customers(number, 1, LOAD)
    three, single_hall = queues.hall_of(gaps, services, 3), queues.hall_of(*single, 1)
    small = queues.hall_of(gaps[:few], services[:few], 3)
    expected = queues.kiefer_wolfowitz(gaps, services, 3)
    assert np.array_equal(queues.compiled_waits(*three), expected), (
        "M/M/3: the engine waits otherwise than the recursion"
    )
    assert np.array_equal(queues.compiled_waits(*single_hall), queues.lindley(*single)), (
        "M/M/1: otherwise than the recursion"
    )
    assert np.array_equal(queues.reference_waits(*small), expected[:few]), "M/M/3: the reference waits otherwise"

    tasks: dict[str, tuple[int, int, Callable[[], Any]]] = {
        "M/M/3: Kiefer–Wolfowitz recursion in Numba": (
            number,
            rounds,
            lambda: queues.kiefer_wolfowitz(gaps, services, 3),
        ),
        "M/M/3: compiled engine": (number, rounds, lambda: run_compiled(*three)),
        "M/M/3: reference engine": (few, 2, lambda: run_reference(*small)),
        "M/M/3: plain SimPy, no log": (few, 2, lambda: queues.simpy_waits(gaps[:few], services[:few], 3)),
        "M/M/3: Ciw": (fewer, 2, lambda: queues.ciw_waits(fewer, 3, LOAD)),
        "M/M/1: Lindley recursion in Numba": (number, rounds, lambda: queues.lindley(*single)),
        "M/M/1: compiled engine": (number, rounds, lambda: run_compiled(*single_hall)),
    }
    best = best_of({name: task for name, (_, _, task) in tasks.items()}, {name: r for name, (_, r, _) in tasks.items()})
    each = {name: best[name] / size for name, (size, _, _) in tasks.items()}
    names = list(tasks)
    rows = []
    for name in names:
        recursion = each[names[0] if name.startswith("M/M/3") else names[5]]
        engine = each[names[1] if name.startswith("M/M/3") else names[6]]
        rows.append((name, f"{each[name] * 1e9:,.1f}", f"{each[name] / recursion:,.1f}", f"{each[name] / engine:,.2f}"))
    return Table(
        f"M/M/c at a load of {LOAD:.0%}: {number:,} customers (the slow ones fewer, scaled)",
        ("", "ns a customer", "× recursion", "× engine"),
        tuple(rows),
    )


def replication(scenario: Scenario, *, rounds: int = 5) -> Table:
    """Time the three steps of one replication, and its whole with SimPy."""
    parts = replication_parts(scenario)
    best = best_of(parts, dict.fromkeys(parts, rounds) | {"SimPy": 1})
    total = sum(best[step] for step in ("draw", "engine", "measure"))
    with_simpy = total - best["engine"] + best.pop("SimPy")
    return Table(
        f"{scenario.name}, {scenario.run.days} days: a whole replication",
        ("step", "ms", "share"),
        tuple(
            (name, f"{seconds * 1e3:,.1f}", f"{seconds / total:,.0%}")
            for name, seconds in {**best, "all": total, "all, with the SimPy engine": with_simpy}.items()
        ),
    )


def province(halls: int, days: int, ladder: Sequence[tuple[int, int]]) -> Table:
    """Time a province-year, and smaller ones, each in a process of its own."""
    years = [year_in_a_process_of_its_own(*size) for size in (*ladder, (halls, days))]
    steps = years[: len(ladder)]
    rows = [
        (
            f"{year.halls} × {year.days}",
            f"{year.visits:,}",
            f"{year.seconds:,.2f}",
            f"{year.seconds / year.visits * 1e6:,.2f}",
            f"{year.mebibytes:,.0f}",
        )
        for year in years
    ]
    return Table(
        f"Halls like honghuagang-2014, {os.cpu_count()} processors: time grows as visits ^ {slope(steps):.2f}",
        ("halls × days", "visits", "s", "µs a visit", "MiB at most"),
        tuple(rows),
    )


def commands(rounds: int = 3) -> Table:
    """Time commands as a user types them, from pressing Enter to the prompt; machine code is there already.

    Nothing is read from the store of results; what the store saves is in :mod:`benchmarks.targets`.
    """
    pair = ("compare", str(FROZEN_BEFORE), str(FROZEN_HALL), "--reps", "30", "--no-cache")
    command_lines: dict[str, tuple[str, ...]] = {
        "--help": ("--help",),
        "run township-desk": ("run", "township-desk", "--no-cache"),
        "compare (30 replications of 30 + 60 + 30 days)": pair,
        "compare (30 replications of 60 days and no other)": (
            *pair,
            *("--set", "run.warm_up_days=0", "--set", "run.follow_up_days=0"),
        ),
    }
    program = str(Path(sys.executable).with_name("hallplan"))
    best = {}
    for name, words in command_lines.items():
        times = []
        for _ in range(rounds + 1):  # the first one warms up
            began = time.perf_counter()
            subprocess.run([program, *words], check=True, capture_output=True, env=_warm())
            times.append(time.perf_counter() - began)
        best[name] = min(times[1:])
    rows = tuple((f"hallplan {name}", f"{seconds:.2f}") for name, seconds in best.items())
    return Table(f"Commands, warm, nothing stored, on {os.cpu_count()} processors", ("command", "s"), rows)


def _warm() -> dict[str, str]:
    """Return an environment in which Python keeps what it has compiled, as it does unless told not to."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def first_start(rounds: int = 2) -> Table:
    """Time the compilation that a machine does once; Python's own files are there already."""
    code = (
        "import time, sim.engine.kernel as _, sim.engine.choice as e; "
        "t = time.perf_counter; b = t(); e.prepare(str); print(t() - b)"
    )
    seconds = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            environment = _warm() | {"NUMBA_CACHE_DIR": folder}
            command = [sys.executable, "-c", code]
            done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
            seconds.append(float(done.stdout))
    return Table(
        f"Compiling the simulator, once, on {os.cpu_count()} processors",
        ("", "s"),
        (("engine and walker, side by side", f"{min(seconds):.2f}"),),
    )


def comparison() -> Table:
    """Time the stages of a comparison."""
    stages = min(
        (comparison_in_a_process_of_its_own(_warm()) for _ in range(3)),
        key=lambda stages_of_run: sum(stages_of_run.values()),
    )
    rows = tuple((stage, f"{seconds:.2f}") for stage, seconds in {**stages, "all": sum(stages.values())}.items())
    return Table("hallplan compare (30 replications of 60 days and no other), by stages", ("stage", "s"), rows)


def composing(rounds: int = 5) -> Table:
    """Time composing the largest built-in scenario, in a fresh process and in a warm one."""
    tasks = composing_tasks()
    for task in tasks.values():
        task()  # reads the library's files
    fresh = [seconds_in_a_fresh_process() for _ in range(rounds)]
    seconds = {
        "in a fresh process: imports": min(importing for importing, _ in fresh),
        "in a fresh process: composing": min(first for _, first in fresh),
    } | {f"warm: {name}": best for name, best in best_of(tasks, dict.fromkeys(tasks, rounds)).items()}
    rows = tuple((name, f"{best * 1e3:,.1f}") for name, best in seconds.items())
    return Table(f"Composing {HALL}", ("work", "ms"), rows)


def targets() -> Table:
    """Hold what users wait for against its targets."""
    measured = measured_targets(_warm())
    rows = tuple((name, f"{seconds * 1e3:,.0f}", f"{TARGETS[name] * 1e3:,.0f}") for name, seconds in measured.items())
    return Table(f"What users wait for, warm, on {os.cpu_count()} processors", ("work", "ms", "target"), rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare speeds; print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=main.__doc__)
    parser.add_argument("--write", action="store_true", help=f"keep the tables in {DOCUMENT.name}")
    parser.add_argument("--customers", type=int, default=200_000, help="customers of the textbook's queue")
    parser.add_argument("--days", type=int, default=60, help="working days of the hall")
    parser.add_argument("--rounds", type=int, default=10, help="runs of which the best counts")
    parser.add_argument("--long", action="store_true", help="a province-year and whole commands as well, some minutes")
    options = parser.parse_args(arguments)

    run = {"run.warm_up_days": 0, "run.days": options.days, "run.follow_up_days": 0}
    scenario = frozen_hall(run)
    tables = [
        hall(scenario, rounds=options.rounds),
        queue(number=options.customers, rounds=options.rounds),
        replication(scenario, rounds=max(1, options.rounds // 2)),
    ]
    if options.long:
        tables += [province(88, 250, SIZES), composing(), targets(), commands(), comparison(), first_start()]
    text = "\n\n".join(table.markdown() for table in tables)
    print(text)
    if options.write:
        page = "\n\n".join([_INTRODUCTION.rstrip(), text, _STILL_TOO_SLOW.rstrip(), _conditions()])
        DOCUMENT.write_text(page + "\n", encoding="utf-8")
    return 0


_INTRODUCTION = """\
# Benchmarks

`python -m benchmarks.run --long --write` writes this page. Every figure of the first tables is the best of several
runs, all in one process and in turn. Times depend on the machine; the ratios much less, and they are what counts.
Before anything is timed, the engines' logs are compared, and the waits of M/M/c with those of the recursions, to the
millisecond.

The recursions are the floor: they know nothing but the waits of a queue that never closes. The engine
writes a log of every stretch of time, and could close, preempt or send home at any moment.

Measures stream by replications: each is measured and forgotten, so that a province-year needs room for the halls in
work at that moment only. A replication itself is held whole, with 0.7 to 1.1 kB a visit; one that this machine has no
room for is refused before it begins.
"""


_STILL_TOO_SLOW = """\
### What is still too slow

The targets were 40 ms for the replication and 2 s for the comparison of 60 days, simulated; both are missed, and so is
that for a comparison with one lever changed. They were set on a machine that simulates a customer of M/M/3 in plain
SimPy in 8,680 ns; the table above tells how fast this one is.

Compiling, once a machine, takes half as long again as before the walk and the engine were split into readable parts.

A visit is some nine operations, three amounts by inversion of a distribution function and five rows of log, so that
the draw, the engine and the measures of one replication read and write about 60 MB between them. The walk through the
routes and the engine take about a quarter of the time each; the rest is array passes, none of which takes a tenth: the
inverse of the normal distribution function, unpacking the log, gathering its rows by trips, and many shorter ones.

Half of the comparison is over before anything is simulated: SciPy and Numba are imported, two scenarios of 3,000
numbers each are composed and checked, and offered loads worked out. Prepared scenarios are stored, so that this is done
once; of a comparison whose results are stored too, two thirds are imports of libraries. Two threads simulate about one
and a half times as fast as one, since the many short steps of drawing and measuring hold Python's lock; processes would
share nothing, but take a second each to start.
"""


def _conditions() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("numba", "numpy", "simpy", "ciw"))
    return f"Python {platform.python_version()} on {platform.machine()}; {packages}."


if __name__ == "__main__":
    raise SystemExit(main())
