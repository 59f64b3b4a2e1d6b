"""Do both walks draw the same program, and both engines write the same log?  On as many scenarios as there is time for.

Input: a number of scenarios and a first seed.  Output: one line a disagreement, with the seed that brings it back,
and a summary: how many were compared, how many rows, what occurred in them.  ``python -m benchmarks.equality --count
10000`` runs it; ``tests/sim/engine`` uses the same comparison.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt

from benchmarks.generator import random_scenario
from scenarios.model import Scenario
from sim.draw.drawing import WalkName, draw
from sim.engine.kernel import run_compiled
from sim.engine.reference import run_reference
from sim.measure.conservation import check_conservation
from sim.plan import KEEP, SEND_HOME, SERVE_ALL, Layout, compile_plan
from sim.program import NO_LAST_CALL, Code, Log, Outcome, Plan, Program

DOCUMENT = Path(__file__).parents[1] / "docs" / "reference" / "equality.md"

__all__ = ["POLICIES", "Comparison", "compare", "difference", "drawn_difference", "main"]

POLICIES = (
    "pool keeps its queue",
    "pool serves on",
    "service begins after closing time",
    "pool without doors serves on",
    "service pauses",
    "pool sends home",
    "pool pauses",
    "pool serves by due date",
    "pool preempts",
    "pool has a room",
    "site has a room",
    "site has doors",
    "timetable has a capacity",
    "timetable skips weeks",
    "case is open at the beginning",
    "timetable departs by count",
    "timetable departs after the longest wait",
    "server makes a last call",
    "visitor never finished",
    "parent waits for a child",
    "branch inside a branch",
    "visitor comes back",
    "follow-up visit",
    "visit comes the very moment",
    "visit after minutes waits for another day",
)
"""What a scenario can have besides operations and outcomes, and what the comparison must have seen."""


@dataclass(frozen=True)
class Comparison:
    """What came of one scenario: the first difference ("" if none), number of rows, and what occurred in it."""

    difference: str
    rows: int
    seen: frozenset[str]


def compare(scenario: Scenario, seed: int) -> Comparison:
    """Draw `scenario` with both walks, run both engines, compare the results, and check the conservation laws."""
    layout = Layout.of(scenario)
    plan = compile_plan(scenario, layout)
    program, compiled = (draw(scenario, seed, 0, layout, walk=walk) for walk in get_args(WalkName))
    expected, log = run_reference(program, plan), run_compiled(program, plan)
    check_conservation(program, expected)
    first_difference = drawn_difference(program, compiled) or difference(program, expected, log)
    return Comparison(first_difference, expected.rows.size, frozenset(_seen(scenario, program, plan, expected)))


def drawn_difference(expected: Program, program: Program) -> str:
    """Say where a drawn program first departs from the expected one, or ""."""
    for name in ("ops", "entities"):
        table, other = getattr(expected, name), getattr(program, name)
        if table.size != other.size:
            return f"{other.size} {name}, not {table.size}"
        unequal = np.flatnonzero(table != other)
        if unequal.size:
            at = int(unequal[0])
            return f"{name} {at}: expected {table[at]}, not {other[at]}"
    return ""


def difference(program: Program, expected: Log, log: Log) -> str:
    """Say where a log first departs from the expected one, or ""."""
    common = min(expected.rows.size, log.rows.size)
    unequal = np.flatnonzero(expected.rows[:common] != log.rows[:common])
    if unequal.size or expected.rows.size != log.rows.size:
        at = int(unequal[0]) if unequal.size else common
        rows = [_row(program, side.rows[at]) if at < side.rows.size else "no row" for side in (expected, log)]
        return f"row {at}: expected {rows[0]}, not {rows[1]}"
    for name in ("started", "ended", "in_service"):
        first, second = getattr(expected, name), getattr(log, name)
        if not np.array_equal(first, second):
            at = int(np.flatnonzero(first != second)[0])
            return f"entity {at}: {name} {first[at]}, not {second[at]}"
    return ""


def _row(program: Program, row: np.void) -> str:
    code = Code(int(program.ops["code"][row["op"]])).name
    return f"{code} of entity {row['entity']} {Outcome(int(row['outcome'])).name} {tuple(row.tolist())}"


def _seen(scenario: Scenario, program: Program, plan: Plan, log: Log) -> Iterator[str]:
    """Yield the operations, outcomes and policies that occurred."""
    rows, entities = log.rows, program.entities
    codes = program.ops["code"][rows["op"]]
    yield from (Code(code).name for code in np.unique(codes).tolist())
    yield from (Outcome(outcome).name for outcome in np.unique(rows["outcome"]).tolist())
    # These write no rows, but leave traces.
    set_out = (entities["start"] < 0) & (log.started >= 0)
    if set_out.any():
        yield Code.FORK.name
    came = np.bincount(rows["entity"][codes == Code.ARRIVE], minlength=entities.size)
    if (came > 1).any():
        yield from (Code.GOTO.name, "visitor comes back")
    lost = rows["entity"][rows["outcome"] == Outcome.LOST]
    if np.setdiff1d(np.flatnonzero(log.ended >= 0), lost).size:
        yield Code.END.name

    for pool in plan.pools:
        yield {KEEP: "pool keeps its queue", SERVE_ALL: "pool serves on", SEND_HOME: "pool sends home"}[pool.at_close]
    pools = {
        "pool pauses": [pool.pauses is not None for pool in plan.pools],
        "pool serves by due date": [pool.by_due_date for pool in plan.pools],
        "pool preempts": [pool.preemptive for pool in plan.pools],
        "pool has a room": [pool.room >= 0 for pool in plan.pools],
        "site has a room": [site.room >= 0 for site in plan.sites],
        "site has doors": [site.opens.size > 1 for site in plan.sites],
        "timetable has a capacity": [table.capacity >= 0 for table in plan.timetables],
        "timetable departs by count": [table.count > 1 for table in plan.timetables],
        "timetable departs after the longest wait": [
            table.count > 1 and table.longest >= 0 for table in plan.timetables
        ],
        "server makes a last call": [bool((pool.last_calls < NO_LAST_CALL).any()) for pool in plan.pools],
        "timetable skips weeks": [table.every_weeks > 1 for table in scenario.timetables.values()],
        "case is open at the beginning": [bool(scenario.backlog)],
    }
    yield from (name for name, answers in pools.items() if any(answers))
    if ((log.started >= 0) & (log.ended < 0)).any():
        yield "visitor never finished"
    served = rows[(codes == Code.SERVE) & (rows["outcome"] == Outcome.DONE)]
    operations = program.ops[served["op"]]
    for index, pool in enumerate(plan.pools):
        here = operations["arg"] == index
        on_duty = pool.servers[np.searchsorted(pool.times, served["start"][here], side="right") - 1]
        if (on_duty == 0).any():
            yield "service begins after closing time"
            if not plan.sites[pool.site].has_doors:
                yield "pool without doors serves on"
        if ((served["end"] - served["start"])[here] > operations["amount"][here]).any():
            yield "service pauses"
    yield from _seen_of_returns(program, rows[codes == Code.BACK])
    joins = rows[codes == Code.JOIN]
    if (joins["end"] > joins["ready"]).any():
        yield "parent waits for a child"
    children = entities[set_out]
    if (entities["parent"][children["parent"][children["parent"] >= 0]] >= 0).any():
        yield "branch inside a branch"
    if (set_out & (entities["kind"] == 0) & (came > 0)).any():
        yield "follow-up visit"


def _seen_of_returns(program: Program, rows: npt.NDArray[np.void]) -> Iterator[str]:
    """Yield when visitors came who come after minutes."""
    operations = program.ops[rows["op"]]
    by_clock = operations["priority"] == Code.CLOCK
    is_moment = rows["end"] - rows["ready"] == operations["amount"]
    if (by_clock & is_moment).any():
        yield "visit comes the very moment"
    if (by_clock & ~is_moment).any():
        yield "visit after minutes waits for another day"


def _compare_some(seeds: range) -> tuple[Counter[str], int, list[str]]:
    seen: Counter[str] = Counter()
    rows, differences = 0, []
    for seed in seeds:
        comparison = compare(random_scenario(np.random.default_rng(seed)), seed)
        seen.update(comparison.seen)
        rows += comparison.rows
        if comparison.difference:
            differences.append(f"seed {seed}: {comparison.difference}")
    return seen, rows, differences


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the engines on random scenarios; return 1 if they ever disagree."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.equality", description=main.__doc__)
    parser.add_argument("--count", type=int, default=1_000, help="scenarios to compare")
    parser.add_argument("--seed", type=int, default=0, help="the first scenario's seed; the others follow it")
    parser.add_argument("--workers", type=int, default=1, help="processes to share the work among")
    parser.add_argument("--write", action="store_true", help=f"keep what was found in {DOCUMENT.name}")
    options = parser.parse_args(arguments)

    began = time.perf_counter()
    last = options.seed + options.count
    parts = [range(first, min(first + 50, last)) for first in range(options.seed, last, 50)]
    seen: Counter[str] = Counter()
    compared, rows, failures = 0, 0, 0
    with ProcessPoolExecutor(options.workers) as pool:
        for part, (counted, number, differences) in zip(parts, pool.map(_compare_some, parts), strict=True):
            seen += counted
            compared, rows, failures = compared + len(part), rows + number, failures + len(differences)
            for line in differences:
                print(line, flush=True)
            if sys.stderr.isatty():
                print(f"\r{compared} compared", end="", file=sys.stderr)
    seconds = time.perf_counter() - began
    print(
        f"{compared} scenarios, seeds {options.seed} to {last - 1}, {rows:,} rows, "
        f"{seconds:.0f} s: {failures} mismatches"
    )
    names = [*(code.name for code in Code), *(outcome.name for outcome in Outcome), *POLICIES]
    print("scenarios in which it occurred: " + ", ".join(f"{name} {seen[name]}" for name in names))
    if options.write:
        head = (
            f"python -m benchmarks.equality --count {options.count} --seed {options.seed} "
            f"--workers {options.workers} --write"
        )
        summary = (
            ("scenarios", f"{compared:,}"),
            ("seeds", f"{options.seed} to {last - 1}"),
            ("rows of log", f"{rows:,}"),
            ("seconds", f"{seconds:,.0f}"),
            ("**mismatches**", f"**{failures}**"),
        )
        tables = [
            _table(("", ""), summary),
            _table(("what occurred", "in scenarios"), [(n, f"{seen[n]:,}") for n in names]),
        ]
        DOCUMENT.write_text(_PAGE.format(command=head, tables="\n\n".join(tables)), encoding="utf-8")
    return 1 if failures else 0


def _table(head: tuple[str, str], rows: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"| {left} | {right} |" for left, right in (head, ("---", "---:"), *rows))


_PAGE = """\
# The two walks and the two engines, bit against bit

`{command}` writes this page. Each scenario is random, from its seed, over the whole format; each is drawn by
both walks and simulated by both engines; programs and logs are compared bit by bit. A disagreement prints the seed that
brings it back.

{tables}
"""


if __name__ == "__main__":
    raise SystemExit(main())
