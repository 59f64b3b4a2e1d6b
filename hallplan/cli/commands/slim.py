"""``hallplan slim``: the fewest windows at which any window serves anybody and nobody waits longer than now.

Input: a scenario.  Output: tables or JSON, and the files that ``--out`` names.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final, TypeAlias

import typer

from foundation.errors import HallplanError
from foundation.units import parse_duration
from hallplan.cli import options
from hallplan.cli.faults import UsageError
from hallplan.cli.files import OutputFiles
from hallplan.cli.studies import StudyOptions, composed_of

__all__ = ["slim_command"]

_SCENARIO: Final = "honghuagang-2014"
_MINUTE_MS: Final = 60_000

_Scenario: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="[SCENARIO]", help="cli.argument.slim_scenario", autocompletion=options.complete_scenario),
]
_Penalty: TypeAlias = Annotated[
    int, typer.Option("--penalty", metavar="P", parser=options.whole("--penalty", 0, 200), help="cli.option.penalty")
]
_Training: TypeAlias = Annotated[
    int,
    typer.Option("--training", metavar="H", parser=options.whole("--training", 0, 1000), help="cli.option.training"),
]
_Least: TypeAlias = Annotated[str, typer.Option("--ignore-below", metavar="TIME", help="cli.option.ignore_below")]


def slim_command(
    scenario: _Scenario = _SCENARIO,
    penalty: _Penalty = 15,
    training: _Training = 40,
    ignore_below: _Least = "1 min",
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
    """Say with how few windows, if any window serves anybody, no department's visitors wait longer than now."""
    from hallplan.api_slim import slim
    from hallplan.show.slim import slim_document, slim_tables
    from hallplan.show.slim_files import CHARTS
    from planner.slim import FRAMES, SlimGoal

    try:
        least_min = parse_duration(ignore_below) / _MINUTE_MS
    except HallplanError as error:
        raise UsageError(error.key, **error.values) from None
    goal = SlimGoal(penalty=1 + penalty / 100, training_h=float(training), least_min=least_min)
    composed = composed_of(scenario, lever, [*(set_ or ()), *([] if days is None else [f"run.days={days}"])])
    files = OutputFiles(out, format_, force, frames=FRAMES, composed=[composed], charts=CHARTS)
    result = StudyOptions(seed, engine, workers, cache=False).ask(partial(slim, composed, goal))
    document = partial(slim_document, result, seed=composed.scenario.run.seed if seed is None else seed)
    files.write_outputs(result, document, partial(slim_tables, result), json=json)
