"""``hallplan levers``: the built-in levers, listed.

Input: nothing.  Output: a table or JSON.
"""

from __future__ import annotations

from hallplan.cli import options
from hallplan.cli.output import show, show_json

__all__ = ["levers_command"]


def levers_command(json: options.Json = False, lang: options.Lang = None) -> None:
    """List the built-in levers."""
    from scenarios.compose.levers import levers

    if json:
        from hallplan.show.catalogue import levers_document

        show_json(levers_document(levers()))
    else:
        from hallplan.show.catalogue import levers_table

        show([levers_table(levers())])
