"""``hallplan next``: what to centralise or decentralise next, ranked by what it gains for each officer.

Input: a scenario.  Output: tables or JSON, and the files that ``--out`` names.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final, TypeAlias

import typer

from hallplan.cli import options
from hallplan.cli.files import OutputFiles
from hallplan.cli.studies import StudyOptions, composed_of

__all__ = ["next_command"]

_SCENARIO: Final = "honghuagang-2014"

_Scenario: TypeAlias = Annotated[
    str, typer.Argument(metavar="[SCENARIO]", help="cli.argument.next", autocompletion=options.complete_scenario)
]
_Each: TypeAlias = Annotated[
    int, typer.Option("--each", metavar="N", parser=options.whole("--each", 1, 100), help="cli.option.each")
]
_Budget: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--budget", metavar="N", parser=options.whole("--budget", 16, 1_000_000), help="cli.option.moves_budget"
    ),
]
_Most: TypeAlias = Annotated[
    int,
    typer.Option("--reps", metavar="N", parser=options.whole("--reps", 8, 100_000), help="cli.option.moves_reps"),
]


def next_command(
    scenario: _Scenario = _SCENARIO,
    each: _Each = 3,
    budget: _Budget = None,
    reps: _Most = 18,
    days: options.Days = None,
    seed: options.Seed = None,
    lever: options.LeverTexts = None,
    set_: options.SetTexts = None,
    json: options.Json = False,
    out: options.Out = None,
    format_: options.Formats = "parquet,csv",
    force: options.Force = False,
    engine: options.EngineName = None,
    workers: options.Workers = None,
    lang: options.Lang = None,
) -> None:
    """Rank the items, departments, windows and sections that could move next."""
    from hallplan.show.moves_files import CHARTS
    from hallplan.show.next_moves import moves_document, moves_tables
    from planner.next_moves.result import FRAMES
    from planner.next_moves.search import NextOptions

    base = composed_of(scenario, lever, [*(set_ or ()), *([] if days is None else [f"run.days={days}"])])
    files = OutputFiles(out, format_, force, frames=FRAMES, composed=[base], charts=CHARTS)
    result = StudyOptions(None, engine, workers, cache=False).rank_moves(base, NextOptions(each, budget, reps, seed))
    document, tables = partial(moves_document, result), partial(moves_tables, result)
    files.write_outputs(result, document, tables, json=json)
