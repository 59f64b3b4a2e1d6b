"""What the commands that make a page share: they print it, or with ``--write`` put it where the docs have it.

Input: how to make the page, its path, and the command's words.  Output: the page.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

__all__ = ["print_or_write"]


def print_or_write(make: Callable[[], str], path: Path, arguments: Sequence[str] | None) -> int:
    """Make a page, and print it, or write it if ``--write`` is among the words; return the exit code.

    Parameters
    ----------
    make
        Returns the page.
    path
        Where the docs have it.
    arguments
        Words of the command; those of this process by default.
    """
    page = make()
    if "--write" in (sys.argv[1:] if arguments is None else arguments):
        path.write_text(page, encoding="utf-8")
    else:
        print(page, end="")
    return 0
