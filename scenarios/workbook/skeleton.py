"""The skeleton of a made scenario: what is assumed where a workbook is silent.

Input: ``skeleton.toml`` of this folder, which is the one table of assumptions.  Output: its content, to read, or a copy
to change.
"""

from __future__ import annotations

import copy
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

__all__ = ["new_skeleton", "skeleton"]

_FILE: Final = Path(__file__).with_name("skeleton.toml")


@cache
def skeleton() -> dict[str, Any]:
    """Return the skeleton, which nobody changes."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def new_skeleton() -> dict[str, Any]:
    """Return a copy of the skeleton, for the caller to change."""
    return copy.deepcopy(skeleton())
