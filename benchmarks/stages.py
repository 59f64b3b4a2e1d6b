"""Where the time goes of what people wait for: a comparison from the command line, and a replication.

Input: nothing.  Output: seconds by stage; ``python -m benchmarks.stages`` prints those of the comparison as JSON,
since only a new process imports anything.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scenarios.model import Scenario

__all__ = ["comparison_in_a_process_of_its_own", "replication_parts"]

REPLICATIONS = 30


def comparison_in_a_process_of_its_own(environment: dict[str, str]) -> dict[str, float]:
    """Return the seconds of each stage of ``hallplan compare``, in a process with this environment."""
    done = subprocess.run([sys.executable, "-m", __name__], check=True, capture_output=True, text=True, env=environment)
    return {str(stage): float(seconds) for stage, seconds in json.loads(done.stdout).items()}


class _Watch:
    """Seconds by stage, in turn."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = now - self._since
        self._since = now


def _comparison() -> dict[str, float]:
    # The steps of hallplan.cli.commands.compare, one by one.
    watch = _Watch()
    from benchmarks.frozen import FROZEN_BEFORE, FROZEN_HALL
    from hallplan.cli import output
    from hallplan.show.comparison import ComparisonReport, compare_tables
    from planner.compare import Comparison
    from planner.outlook import outlook_of
    from scenarios.compose.composing import composed
    from sim.engine.choice import prepare
    from sim.measure.headline import headline_metrics
    from sim.run.study import Study, run

    watch.lap("imports")
    overrides = {"run.warm_up_days": 0, "run.follow_up_days": 0}
    read = [composed(file, overrides=overrides) for file in (FROZEN_BEFORE, FROZEN_HALL)]
    models = [entry.scenario for entry in read]
    watch.lap("composing and checking both scenarios")
    outlooks = [outlook_of(entry.scenario, entry.raw) for entry in read]
    watch.lap("offered loads, where the numbers come from")
    prepare()
    watch.lap("machine code, from the disk")
    result = run(Study.of(*models, replications=REPLICATIONS, workers=2, engine="compiled"))
    watch.lap(f"simulating 2 x {REPLICATIONS} replications, two threads")
    report = ComparisonReport(result, Comparison.of(result), outlooks)
    tables = compare_tables(report, headline_metrics(result.runs[0].means, models))
    with redirect_stdout(StringIO()):
        output.show(tables)
    watch.lap("tables")
    return watch.seconds


def replication_parts(scenario: Scenario) -> dict[str, Callable[[], Any]]:
    """Return the parts of one replication by name, each to be done on what the part before it made."""
    from sim.draw.arrivals import Demand, arrival_times
    from sim.draw.drawing import draw
    from sim.draw.streams import Streams
    from sim.engine.kernel import run_compiled
    from sim.engine.reference import run_reference
    from sim.measure import measure
    from sim.measure.conservation import Columns
    from sim.plan import Layout, compile_plan

    layout = Layout.of(scenario)
    plan, program = compile_plan(scenario, layout), draw(scenario, 1, 0, layout)
    log, demand = run_compiled(program, plan), [Demand.of(layout, name) for name in scenario.arrivals]

    def arrivals() -> list[Any]:
        streams = Streams(1, 0)
        return [arrival_times(process, streams) for process in demand]

    return {
        "draw": lambda: draw(scenario, 1, 0, layout),
        "engine": lambda: run_compiled(program, plan),
        "measure": lambda: measure(scenario, program, plan, log).summary,
        "of draw: arrival times": arrivals,
        "of measure: unpacking and checking the log": lambda: Columns.of(program, log),
        "SimPy": lambda: run_reference(program, plan),
    }


if __name__ == "__main__":
    print(json.dumps(_comparison()))
