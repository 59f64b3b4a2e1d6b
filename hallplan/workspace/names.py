"""Names of plans and results that are file names on every system.

Input: what somebody typed.  Output: the name in one spelling (Unicode NFC, no blanks around it), or one sentence about
why no file can bear it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from foundation.errors import HallplanError
from scenarios.compose.composing import scenario_names

__all__ = ["LONGEST_NAME", "RESULTS_FOLDER", "checked_name", "same_file"]

LONGEST_NAME: Final = 60
"""Characters of a name."""
RESULTS_FOLDER: Final = "results"
"""The folder of results inside a workspace; no plan bears its name."""

_MOST_BYTES: Final = 200
"""Bytes of a name: a file system takes 255, of which the ending and a temporary file's need some 30."""
_NO_CHARACTERS: Final = re.compile(r'[/\\:*?"<>|]')
"""Parts of paths, and what Windows takes in no file name."""
_RESERVED: Final = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])(\..*)?", re.IGNORECASE)
"""Names of devices on Windows, with or without an ending."""


def checked_name(text: str) -> str:
    """Return the name that somebody typed, in one spelling.

    Parameters
    ----------
    text
        What was typed.  Any letters may be in it, Chinese ones too.

    Raises
    ------
    HallplanError
        If it is empty, too long, part of a path, not visible, a device of Windows, or a built-in scenario's name.
    """
    name = unicodedata.normalize("NFC", text.strip())
    if not name:
        raise HallplanError("workspace.name_empty")
    if len(name) > LONGEST_NAME or len(name.encode("utf-8", "replace")) > _MOST_BYTES:
        raise HallplanError("workspace.name_long", name=name, longest=LONGEST_NAME)
    if not name.isprintable():
        raise HallplanError("workspace.name_invisible", name=name)
    if part := _NO_CHARACTERS.search(name):
        near = _NO_CHARACTERS.sub("-", name).strip("-. ")
        raise HallplanError("workspace.name_character", name=name, character=part[0], near=near or "1")
    if name[0] in ".-~" or name[-1] == ".":
        raise HallplanError("workspace.name_ends", name=name)
    if _RESERVED.fullmatch(name):
        raise HallplanError("workspace.name_reserved", name=name)
    if name in scenario_names() or name.casefold() == RESULTS_FOLDER:
        raise HallplanError("workspace.name_built_in", name=name)
    return name


def same_file(name: str, other: str) -> bool:
    """Tell whether two names are one file where letters' case does not count, as on Windows and macOS."""
    return unicodedata.normalize("NFC", name).casefold() == unicodedata.normalize("NFC", other).casefold()
