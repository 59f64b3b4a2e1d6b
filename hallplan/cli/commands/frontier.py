"""``hallplan frontier``: two metrics that pull against each other, over levers and staff.

Input: a scenario, levers, ranges of servers, two metrics.  Output: tables or JSON, and the files that ``--out`` names.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from hallplan.cli import options
from hallplan.cli.faults import UsageError
from hallplan.cli.files import OutputFiles
from hallplan.cli.studies import StudyOptions, check_metric, composed_of

if TYPE_CHECKING:
    from planner.frontier.plans import PoolRange

__all__ = ["frontier_command", "ranges_of"]

_X: Final = "cost_per_day"
_Y: Final = "case_elapsed_q90_days"

_Levers: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--lever",
        metavar="NAME[:KEY=VALUE,...]",
        help="cli.option.frontier_lever",
        autocompletion=options.complete_lever,
    ),
]
_Staff: TypeAlias = Annotated[list[str] | None, typer.Option("--staff", metavar="POOL=N..N", help="cli.option.staff")]
_XMetric: TypeAlias = Annotated[
    str,
    typer.Option("--x", metavar="METRIC", help="cli.option.x_metric", autocompletion=options.complete_metric),
]
_YMetric: TypeAlias = Annotated[
    str,
    typer.Option("--y", metavar="METRIC", help="cli.option.y_metric", autocompletion=options.complete_metric),
]
_Delta: TypeAlias = Annotated[str | None, typer.Option("--delta", metavar="D", help="cli.option.frontier_delta")]
_Budget: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--budget", metavar="N", parser=options.whole("--budget", 16, 1_000_000), help="cli.option.frontier_budget"
    ),
]
_Most: TypeAlias = Annotated[
    int,
    typer.Option("--reps", metavar="N", parser=options.whole("--reps", 8, 100_000), help="cli.option.frontier_reps"),
]


def frontier_command(
    scenario: options.ScenarioName,
    lever: _Levers = None,
    staff: _Staff = None,
    x: _XMetric = _X,
    y: _YMetric = _Y,
    delta: _Delta = None,
    budget: _Budget = None,
    reps: _Most = 64,
    days: options.Days = None,
    seed: options.Seed = None,
    set_: options.SetTexts = None,
    json: options.Json = False,
    out: options.Out = None,
    format_: options.Formats = "parquet,csv",
    force: options.Force = False,
    engine: options.EngineName = None,
    workers: options.Workers = None,
    unequal_demand: options.UnequalDemand = False,
    lang: options.Lang = None,
) -> None:
    """Say which combinations of levers and staff nobody can better in two metrics at once."""
    from hallplan.show.frontier import frontier_document, frontier_tables
    from hallplan.show.frontier_files import CHARTS
    from planner.frontier.result import FRAMES
    from planner.frontier.search import FrontierOptions

    ranges = ranges_of(staff or ())
    uses = options.uses_of(lever or ())
    base = composed_of(scenario, None, [*(set_ or ()), *([] if days is None else [f"run.days={days}"])])
    for metric in (x, y):
        check_metric(metric, base.scenario)
    smallest = None if delta is None else options.delta_of(delta, y)
    question = FrontierOptions(x, y, smallest, budget, reps, unequal_demand, seed)
    files = OutputFiles(out, format_, force, frames=FRAMES, composed=[base], charts=CHARTS)
    result = StudyOptions(None, engine, workers, cache=False).frontier(base, uses, ranges, question)
    document = partial(frontier_document, result)
    files.write_outputs(result, document, partial(frontier_tables, result), json=json)


def ranges_of(texts: list[str] | tuple[str, ...]) -> list[PoolRange]:
    """Read ``--staff``: ``POOL=1..4``, from one server to 999.

    Raises
    ------
    UsageError
        If one is not of this form.
    """
    from planner.frontier.plans import PoolRange

    ranges = list[PoolRange]()
    for text in texts:
        match = re.fullmatch(r"\s*([^=]+?)\s*=\s*([1-9]\d{0,2})\s*\.\.\s*([1-9]\d{0,2})\s*", text)
        if match is None or int(match[2]) > int(match[3]):
            raise UsageError("cli.usage.staff_range", value=text)
        ranges.append(PoolRange(match[1], int(match[2]), int(match[3])))
    return ranges
