"""The options that the commands about limits share.

Input: words of the command line.  Output: items, and a number of replications.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from hallplan.cli import options

__all__ = ["Items", "Periods"]

Items: TypeAlias = Annotated[list[str] | None, typer.Option("--item", metavar="ITEM", help="cli.option.item")]
Periods: TypeAlias = Annotated[
    int | None,
    typer.Option("--reps", metavar="N", parser=options.whole("--reps", 1, 100_000), help="cli.option.periods"),
]
