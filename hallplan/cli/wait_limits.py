"""The option ``--wait-limit`` of the commands that simulate.

Input: words such as ``20 min``.  Output: whole minutes, for ``run.wait_limits_min`` of the scenarios.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeAlias

import typer

from foundation.errors import ScenarioError
from foundation.units import parse_duration
from hallplan.cli.faults import UsageError

__all__ = ["WaitLimits"]

_MINUTE_MS: Final = 60_000
_LONGEST_MIN: Final = 1_440
"""What ``run.wait_limits_min`` takes."""


def _wait_limit(text: Any) -> int:
    """Read a waiting limit, in whole minutes."""
    try:
        minutes, rest = divmod(parse_duration(str(text)), _MINUTE_MS)
    except ScenarioError:
        minutes, rest = 0, 0
    if rest or not 1 <= minutes <= _LONGEST_MIN:
        raise UsageError("cli.usage.wait_limit", value=text, most=_LONGEST_MIN)
    return minutes


WaitLimits: TypeAlias = Annotated[
    list[int] | None,
    typer.Option("--wait-limit", metavar="TIME", parser=_wait_limit, help="cli.option.wait_limit"),
]
