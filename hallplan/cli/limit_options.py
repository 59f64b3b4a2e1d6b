"""The options that the commands about limits and targets share.

Input: words of the command line.  Output: items, a number of replications, and a target for waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from foundation.errors import HallplanError
from hallplan.cli import options
from hallplan.cli.faults import UsageError

if TYPE_CHECKING:
    from planner.staffing.targets import WaitTarget

__all__ = ["Cut", "Items", "Periods", "wait_target_of"]

Cut: TypeAlias = Annotated[str, typer.Option("--cut", metavar="P%", help="cli.option.promise_cut")]
Items: TypeAlias = Annotated[list[str] | None, typer.Option("--item", metavar="ITEM", help="cli.option.item")]
Periods: TypeAlias = Annotated[
    int | None,
    typer.Option("--reps", metavar="N", parser=options.whole("--reps", 1, 100_000), help="cli.option.periods"),
]


def wait_target_of(text: str) -> WaitTarget:
    """Read ``--target``: a share of visitors and the minutes in which they are called.

    Raises
    ------
    UsageError
        If it is not of that form.
    """
    from planner.headroom import wait_target

    try:
        return wait_target(text)
    except HallplanError as error:
        raise UsageError(error.key, **error.values) from None
