"""``hallplan schema``: the JSON Schema of scenario or lever files.

Input: which of the two.  Output: JSON.
"""

from __future__ import annotations

from typing import Annotated

import typer

from hallplan.cli import options
from hallplan.cli.output import show_json

__all__ = ["schema_command"]


def schema_command(
    lever: Annotated[bool, typer.Option("--lever", help="cli.option.schema_lever")] = False,
    lang: options.Lang = None,
) -> None:
    """Print the JSON Schema of scenario or lever files."""
    from scenarios.schema import json_schema, lever_schema

    show_json(lever_schema() if lever else json_schema())
