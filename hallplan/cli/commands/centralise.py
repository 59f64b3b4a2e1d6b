"""``hallplan centralise``: set the dial of centralisation, and compare the hall at that setting with the hall as it is.

Input: a scenario, the parts of a setting, and the options of ``hallplan compare``.  Output: tables or JSON as from
``hallplan compare``, the files that ``--out`` names, and the composed scenario that ``--scenario-out`` names.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import typer

from foundation import messages
from foundation.errors import HallplanError
from foundation.files import write_atomically
from hallplan.cli import options
from hallplan.cli.comparing import CompareOptions, print_comparison
from hallplan.cli.faults import FAULT, UsageError
from hallplan.cli.output import show_text
from hallplan.cli.prepared import Prepared
from hallplan.cli.studies import StudyOptions, prepared_of
from hallplan.cli.targets import SCENARIO_ENDING, reserve_file, write_or_rescue
from hallplan.cli.wait_limits import WaitLimits

if TYPE_CHECKING:
    from scenarios.compose.composing import Composed

__all__ = ["centralise_command"]

_MOST: Final = 1_000
"""No hall has as many sections, towns or desks; the planner knows how many are possible."""


def _scenario_file(text: Any) -> Path:
    file = options.path_of("--scenario-out")(text)
    if file.suffix.lower() != SCENARIO_ENDING:
        raise UsageError("cli.usage.scenario_ending", option="--scenario-out", value=file.name)
    return file


def _scenario_bytes(composed: Composed) -> bytes:
    from scenarios.compose.reading import LARGEST_BYTES
    from scenarios.compose.writing import to_toml

    data = to_toml(composed.raw).encode("utf-8")
    if len(data) > LARGEST_BYTES:
        raise HallplanError("cli.fault.scenario_too_large", largest_mb=LARGEST_BYTES // 1_000_000)
    return data


_Sections: TypeAlias = Annotated[
    int | None,
    typer.Option("--sections", metavar="N", parser=options.whole("--sections", 0, _MOST), help="cli.option.sections"),
]
_InHall: TypeAlias = Annotated[bool, typer.Option("--in-hall", help="cli.option.in_hall")]
_Authority: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--authority",
        metavar="none|partial|full",
        help="cli.option.authority",
        autocompletion=options.complete_words("none", "partial", "full"),
    ),
]
_Windows: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--windows",
        metavar="own|field|any",
        help="cli.option.windows",
        autocompletion=options.complete_words("own", "field", "any"),
    ),
]
_ItemsIn: TypeAlias = Annotated[
    str, typer.Option("--items-in", metavar="LIST|department:NAME|busiest:N", help="cli.option.items_in")
]
_ItemsOut: TypeAlias = Annotated[
    str, typer.Option("--items-out", metavar="LIST|department:NAME|busiest:N", help="cli.option.items_out")
]
_Towns: TypeAlias = Annotated[
    int | None, typer.Option("--towns", metavar="N", parser=options.whole("--towns", 0, _MOST), help="cli.option.towns")
]
_Desks: TypeAlias = Annotated[
    int | None, typer.Option("--desks", metavar="N", parser=options.whole("--desks", 0, _MOST), help="cli.option.desks")
]
_Path: TypeAlias = Annotated[bool, typer.Option("--path", help="cli.option.dial_path")]
_ScenarioOut: TypeAlias = Annotated[
    Path | None,
    typer.Option("--scenario-out", metavar="FILE", parser=_scenario_file, help="cli.option.scenario_out"),
]


def centralise_command(
    scenario: options.ScenarioName,
    items_in: _ItemsIn = "",
    sections: _Sections = None,
    in_hall: _InHall = False,
    authority: _Authority = None,
    windows: _Windows = None,
    items_out: _ItemsOut = "",
    towns: _Towns = None,
    desks: _Desks = None,
    path: _Path = False,
    scenario_out: _ScenarioOut = None,
    reps: options.Reps = None,
    precision: options.Precisions = None,
    days: options.Days = None,
    wait_limit: WaitLimits = None,
    seed: options.Seed = None,
    lever: options.LeverTexts = None,
    set_: options.SetTexts = None,
    posterior: options.PosteriorFlag = False,
    posterior_from: options.PosteriorFolder = None,
    metric: options.Metrics = None,
    json: options.Json = False,
    out: options.Out = None,
    format_: options.Formats = "parquet,csv",
    force: options.Force = False,
    engine: options.EngineName = None,
    workers: options.Workers = None,
    no_cache: options.NoCache = False,
    lang: options.Lang = None,
) -> None:
    """Set the dial of centralisation, and print how the hall at that setting differs from the hall as it is."""
    from planner.centralising import AUTHORITIES, WINDOWS, Dial, centralised, dial_path, dial_title, dial_titles
    from planner.outlook import outlook_of

    words: dict[str, Any] = {
        "authority": authority and options.one_of("--authority", AUTHORITIES)(authority),
        "windows": windows and options.one_of("--windows", WINDOWS)(windows),
    }
    places: dict[str, Any] = {"items_out": items_out, "towns": towns or 0, "desks": desks}
    dial = Dial(items_in=items_in, sections=sections, in_hall=in_hall, **words, **places)
    if dial == Dial():
        raise UsageError("cli.usage.no_setting")
    start = prepared_of(scenario, lever, set_, days, wait_limit, store=not no_cache)
    settings = dial_path(dial) if path else [dial]
    changed = [centralised(start.composed, setting) for setting in settings]
    candidates = [start, *(Prepared(hall, outlook_of(hall.scenario, hall.raw)) for hall in changed)]
    titles = [start.scenario.name, *(dial_titles(settings) if path else [dial_title(dial)])]
    study = StudyOptions(seed, engine, workers, not no_cache)
    choices = CompareOptions(study, reps, precision, posterior, posterior_from, metric, json, out, format_, force)
    with reserve_file(scenario_out, force=force, option="--scenario-out"):
        data = b"" if scenario_out is None else _scenario_bytes(changed[-1])
        print_comparison(candidates, choices, titles=titles, is_path=path)
        is_there = write_or_rescue(lambda file: write_atomically(file, data), scenario_out, ending=SCENARIO_ENDING)
    if not is_there:
        raise typer.Exit(FAULT)
    if scenario_out is not None and not json:
        show_text("\n" + messages.text("cli.note.scenario_written", file=scenario_out))
