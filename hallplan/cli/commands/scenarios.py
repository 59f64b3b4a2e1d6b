"""``hallplan scenarios``: the built-in scenarios, listed.

Input: nothing.  Output: a table or JSON.
"""

from __future__ import annotations

from hallplan.cli import options
from hallplan.cli.output import show, show_json

__all__ = ["scenarios_command"]


def scenarios_command(json: options.Json = False, lang: options.Lang = None) -> None:
    """List the built-in scenarios."""
    from scenarios.compose.reading import LIBRARY_FOLDER, file_names, read

    raw_by_name = {name: read(LIBRARY_FOLDER / f"{name}.toml") for name in file_names(LIBRARY_FOLDER)}
    if json:
        from hallplan.show.catalogue import scenarios_document

        show_json(scenarios_document(raw_by_name))
    else:
        from hallplan.show.catalogue import scenarios_table

        show([scenarios_table(raw_by_name)])
