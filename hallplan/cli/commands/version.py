"""``hallplan version``: the version.

Input: nothing.  Output: one line.
"""

from __future__ import annotations

from hallplan.cli import options
from hallplan.cli.output import show_text

__all__ = ["version_command"]


def version_command(lang: options.Lang = None) -> None:
    """Print the version."""
    from importlib.metadata import version

    show_text(f"hallplan {version('hallplan')}")
