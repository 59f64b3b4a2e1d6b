"""``hallplan promise``: the shortest promise that each item keeps, and how sure the present ones are.

Input: a scenario.  Output: tables or JSON, and the files that ``--out`` names.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final, TypeAlias

import typer

from hallplan.cli import options
from hallplan.cli.faults import UsageError
from hallplan.cli.files import OutputFiles
from hallplan.cli.limit_options import Cut, Items, Periods, wait_target_of
from hallplan.cli.studies import StudyOptions, composed_of

__all__ = ["promise_command"]

_SCENARIO: Final = "honghuagang-2014"

_Scenario: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="[SCENARIO]", help="cli.argument.promise_scenario", autocompletion=options.complete_scenario
    ),
]
_Share: TypeAlias = Annotated[str, typer.Option("--share", metavar="P%", help="cli.option.promise_share")]
_Probability: TypeAlias = Annotated[str, typer.Option("--probability", metavar="P%", help="cli.option.probability")]
_Headroom: TypeAlias = Annotated[bool, typer.Option("--headroom", help="cli.option.headroom")]
_Target: TypeAlias = Annotated[
    str, typer.Option("--target", metavar='"P% within TIME"', help="cli.option.headroom_target")
]
_Width: TypeAlias = Annotated[str, typer.Option("--width", metavar="P%", help="cli.option.headroom_width")]
_ChanceOnly: TypeAlias = Annotated[bool, typer.Option("--chance-only", help="cli.option.chance_only")]


def promise_command(
    scenario: _Scenario = _SCENARIO,
    share: _Share = "95%",
    probability: _Probability = "90%",
    cut: Cut = "52%",
    item: Items = None,
    headroom: _Headroom = False,
    target: _Target = "90% within 15 min",
    width: _Width = "3%",
    chance_only: _ChanceOnly = False,
    posterior_from: options.PosteriorFolder = None,
    reps: Periods = None,
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
    """Print the shortest promise of each item, and the probability that each present promise is kept."""
    from hallplan.api_promise import promise
    from hallplan.show.promise import promise_document, promise_tables
    from hallplan.show.promise_files import CHARTS
    from planner.clocks import items_with_limits
    from planner.promises import FRAMES, PromiseGoal

    if chance_only and posterior_from is not None:
        raise UsageError("cli.usage.chance_or_posterior")
    goal = PromiseGoal(
        share=options.share_of(share, "--share", "95%"),
        probability=options.share_of(probability, "--probability", "90%"),
        cut=options.share_of(cut, "--cut", "52%"),
    )
    wait = wait_target_of(target)
    apart = options.share_of(width, "--width", "3%")
    draws = None if chance_only else options.posterior_of(True, posterior_from, with_precision=False)
    composed = composed_of(scenario, lever, [*(set_ or ()), *([] if days is None else [f"run.days={days}"])])
    items_with_limits(composed.scenario, item or ())
    frames = [*FRAMES, *(["headroom"] if headroom else [])]
    files = OutputFiles(out, format_, force, frames=frames, composed=[composed], charts=CHARTS)
    question = partial(
        promise,
        composed,
        goal,
        items=item or (),
        draws=draws,
        chance_only=chance_only,
        headroom=wait if headroom else None,
        width=apart,
        replications=reps,
    )
    result = StudyOptions(seed, engine, workers, cache=False).ask(question)
    document, tables = partial(promise_document, result), partial(promise_tables, result)
    files.write_outputs(result, document, tables, json=json)
