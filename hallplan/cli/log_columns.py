"""Columns of a log on the command line: which column has which role, where the guess is wrong.

In come words such as ``start=叫号时间``; out come a role and a column, or one sentence about a word that is none.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from hallplan.cli.faults import UsageError

__all__ = ["ColumnRoles", "column_role"]

ColumnRoles: TypeAlias = Annotated[
    list[str] | None, typer.Option("--map", metavar="ROLE=COLUMN", help="cli.option.log.map")
]


def column_role(text: str) -> tuple[str, str]:
    """Read ``ROLE=COLUMN``; an empty column name means that no column has the role."""
    role, sign, column = text.partition("=")
    if not sign or not role.strip():
        raise UsageError("discovery.usage.map", value=text)
    return role.strip(), column.strip()
