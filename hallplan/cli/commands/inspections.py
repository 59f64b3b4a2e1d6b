"""``hallplan inspections``: the places of inspection teams with which cases are inspected on the second day.

Input: a scenario, and in how many weeks it is to hold.  Output: tables or JSON, and the files that ``--out`` names.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final, TypeAlias

import typer

from hallplan.cli import options
from hallplan.cli.faults import UsageError
from hallplan.cli.files import OutputFiles
from hallplan.cli.studies import StudyOptions, prepared_of

__all__ = ["inspections_command"]

_SCENARIO: Final = "honghuagang-2014"
_EVERY_CASE: Final = "100%"
_LEAST_DAYS: Final = 5
"""Working days: a week."""

_Scenario: TypeAlias = Annotated[
    str, typer.Argument(metavar="[SCENARIO]", help="cli.argument.scenario", autocompletion=options.complete_scenario)
]
_Share: TypeAlias = Annotated[str, typer.Option("--share", metavar="P%", help="cli.option.share_of_weeks")]
_Cases: TypeAlias = Annotated[str, typer.Option("--cases", metavar="P%", help="cli.option.share_of_cases")]
_Day: TypeAlias = Annotated[
    int, typer.Option("--day", metavar="N", parser=options.whole("--day", 1, 100), help="cli.option.by_day")
]


def inspections_command(
    scenario: _Scenario = _SCENARIO,
    share: _Share = "95%",
    cases: _Cases = _EVERY_CASE,
    day: _Day = 2,
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
    """Say how many places a day inspection teams need so that cases are inspected on the second day."""
    from hallplan.api_inspections import inspections
    from hallplan.show.inspections import inspections_document, inspections_tables
    from hallplan.show.inspections_files import CHARTS
    from planner.inspections.result import FRAMES

    weeks = options.share_of(share, "--share", "95%")
    of_cases = 1.0 if cases == _EVERY_CASE else options.share_of(cases, "--cases", "90%")
    prepared = prepared_of(scenario, lever, set_, days)
    model = prepared.scenario
    if model.run.days < _LEAST_DAYS:
        raise UsageError("cli.usage.inspection_days", least=_LEAST_DAYS, days=model.run.days)
    files = OutputFiles(out, format_, force, frames=FRAMES, composed=[prepared.composed], charts=CHARTS)
    question = partial(inspections, model, weeks=weeks, cases=of_cases, day=day)
    result = StudyOptions(seed, engine, workers, cache=False).ask(question)
    document = partial(inspections_document, result, seed=model.run.seed if seed is None else seed)
    files.write_outputs(result, document, lambda: inspections_tables(result), json=json)
