"""``hallplan staff``: the cheapest shifts that keep targets, certified on fresh days.

Input: a scenario and targets.  Output: tables or JSON, the files that ``--out`` names, and the scenario worked by the
plan, which ``--scenario-out`` names.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias

import typer

from foundation import messages
from foundation.errors import HallplanError
from foundation.files import write_atomically
from hallplan.cli import options
from hallplan.cli.faults import UsageError
from hallplan.cli.files import OutputFiles
from hallplan.cli.output import show_text
from hallplan.cli.studies import StudyOptions, prepared_of, warn_of_overload
from hallplan.cli.targets import reserve_file

__all__ = ["staff_command"]

_MOST_HEADS: Final = 100_000
_MOST_DRAWS: Final = 10_000

_Targets: TypeAlias = Annotated[
    list[str] | None, typer.Option("--target", metavar='"P% within TIME"', help="cli.option.target")
]
_Heads: TypeAlias = Annotated[
    int | None,
    typer.Option("--heads", metavar="N", parser=options.whole("--heads", 1, _MOST_HEADS), help="cli.option.heads"),
]
_Draws: TypeAlias = Annotated[
    int | None,
    typer.Option("--draws", metavar="N", parser=options.whole("--draws", 0, _MOST_DRAWS), help="cli.option.draws"),
]
_PlanOut: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--scenario-out", metavar="FILE", parser=options.path_of("--scenario-out"), help="cli.option.plan_out"
    ),
]


def staff_command(
    scenario: options.ScenarioName,
    target: _Targets = None,
    heads: _Heads = None,
    draws: _Draws = None,
    posterior_from: options.PosteriorFolder = None,
    scenario_out: _PlanOut = None,
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
    no_cache: options.NoCache = False,
    lang: options.Lang = None,
) -> None:
    """Say with how few people, in which shifts, a hall keeps its targets, and certify that."""
    from hallplan.api_staffing import DEFAULT_TARGET
    from hallplan.api_staffing import staff as search_staff
    from hallplan.show.staffing import staffing_document, staffing_tables
    from hallplan.show.staffing_files import CHARTS, FILES
    from planner.staffing.over_posterior import DRAWS
    from planner.staffing.plan import plan_table
    from planner.staffing.result import FRAMES
    from planner.staffing.targets import parse_target
    from scenarios.compose.writing import to_toml

    try:
        goals = [parse_target(text) for text in dict.fromkeys(target or (DEFAULT_TARGET,))]
    except HallplanError as error:
        raise UsageError(error.key, **error.values) from None
    prepared = prepared_of(scenario, lever, set_, days, store=not no_cache)
    model = prepared.scenario
    files = OutputFiles(out, format_, force, frames=FRAMES, composed=[prepared.composed], extras=FILES, charts=CHARTS)
    with reserve_file(scenario_out, force=force, option="--scenario-out"):
        warn_of_overload([model], [prepared.outlook])
        posterior = options.posterior_of(False, posterior_from, with_precision=False)
        settings: dict[str, Any] = {"heads": heads, "draws": DRAWS if draws is None else draws, "posterior": posterior}
        question = partial(search_staff, prepared.composed, *goals, **settings)
        result = StudyOptions(seed, engine, workers, not no_cache).ask(question)
        if scenario_out is not None:
            table = plan_table(prepared.composed.raw, model, result.plan)
            write_atomically(scenario_out, to_toml(table).encode("utf-8"))
    document = partial(staffing_document, result, seed=model.run.seed if seed is None else seed)
    files.write_outputs(result, document, lambda: staffing_tables(result), json=json)
    if scenario_out is not None and not json:
        show_text("\n" + messages.text("cli.staff.written", file=scenario_out))
