"""``hallplan compression``: by how much limits and times are cut, by three clocks, and which lever earns how much.

Input: two scenarios, levers, items.  Output: tables or JSON, and the files that ``--out`` names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import typer

from hallplan.cli import options
from hallplan.cli.faults import UsageError
from hallplan.cli.files import OutputFiles
from hallplan.cli.limit_options import Cut, Items, Periods
from hallplan.cli.studies import StudyOptions, composed_of

if TYPE_CHECKING:
    from scenarios.compose.composing import Composed
    from scenarios.compose.levers import LeverUse

__all__ = ["compression_command"]

_BEFORE: Final = "honghuagang-2013"
_AFTER: Final = "honghuagang-2014"
_BETWEEN: Final = r",(?![^,:]*=)"
"""A comma between two levers: what follows one inside a lever's choices has an equals sign before any colon."""

_After: TypeAlias = Annotated[
    str, typer.Argument(metavar="[AFTER]", help="cli.argument.after", autocompletion=options.complete_scenario)
]
_Before: TypeAlias = Annotated[
    str,
    typer.Option("--before", metavar="BEFORE", help="cli.option.before", autocompletion=options.complete_scenario),
]
_Levers: TypeAlias = Annotated[str, typer.Option("--levers", metavar="NAME[+NAME],...", help="cli.option.levers")]
_BothDemands: TypeAlias = Annotated[bool, typer.Option("--both-demands", help="cli.option.both_demands")]
_Share: TypeAlias = Annotated[str, typer.Option("--q", metavar="P%", help="cli.option.q")]


def compression_command(
    after: _After = "",
    before: _Before = "",
    levers: _Levers = "",
    item: Items = None,
    q: _Share = "95%",
    cut: Cut = "52%",
    both_demands: _BothDemands = False,
    posterior: options.PosteriorFlag = False,
    posterior_from: options.PosteriorFolder = None,
    reps: Periods = None,
    days: options.Days = None,
    seed: options.Seed = None,
    set_: options.SetTexts = None,
    json: options.Json = False,
    out: options.Out = None,
    format_: options.Formats = "parquet,csv",
    force: options.Force = False,
    engine: options.EngineName = None,
    workers: options.Workers = None,
    lang: options.Lang = None,
) -> None:
    """Print three compressions of limits and times, and what each lever contributes to the realised one."""
    from hallplan.api_compression import compression
    from hallplan.show.compression import compression_document, compression_tables
    from hallplan.show.compression_files import CHARTS
    from planner.clocks import items_with_limits
    from planner.compression_study import FRAMES, REPLICATIONS

    share = options.share_of(q, "--q", "95%")
    draws = options.posterior_of(posterior, posterior_from, with_precision=False)
    prepare = partial(composed_of, sets=[*(set_ or ()), *([] if days is None else [f"run.days={days}"])])
    base, goal, groups = _question(after, before, levers, prepare)
    items_with_limits(goal.scenario, item or ())
    files = OutputFiles(out, format_, force, frames=FRAMES, composed=[base, goal], charts=CHARTS)
    below = options.share_of(cut, "--cut", "52%")
    settings: dict[str, Any] = {
        "items": item or (),
        "q": share,
        "cut": below,
        "draws": draws,
        "both_demands": both_demands,
        "replications": reps or REPLICATIONS,
    }
    question = partial(compression, base, goal, levers=groups, **settings)
    result = StudyOptions(seed, engine, workers, cache=False).ask(question)
    document, tables = partial(compression_document, result), partial(compression_tables, result)
    files.write_outputs(result, document, tables, json=json)


def _question(
    after: str, before: str, levers: str, prepare: Callable[[str, list[str]], Composed]
) -> tuple[Composed, Composed, list[list[LeverUse]]]:
    """Return the scenario before, the scenario after, and the levers in their groups.

    Without a scenario after, it is the one before with the levers.  Without levers, they are those that the scenario
    after has more than the one before.
    """
    if after and not before:
        raise UsageError("cli.usage.no_before", after=after)
    from hallplan.api_compression import REFORMS

    is_default = not after and not before
    base = prepare(before or _BEFORE, [])
    groups = groups_of(levers or (",".join(map("+".join, REFORMS)) if is_default else ""))
    if after or is_default:
        goal = prepare(after or _AFTER, [])
        more = [use for use in goal.scenario.levers if use not in base.scenario.levers]
        return base, goal, groups or groups_of(",".join(more))
    if not groups:
        raise UsageError("cli.usage.no_levers", before=before)
    return base, base.changed(levers=[use for group in groups for use in group]), groups


def groups_of(text: str) -> list[list[LeverUse]]:
    """Read ``--levers``: names with commas between them, and plus signs between those that only come together."""
    groups = [group for group in re.split(_BETWEEN, text) if group.strip()]
    return [options.uses_of([name.strip() for name in group.split("+")]) for group in groups]
