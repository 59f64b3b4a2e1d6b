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

__all__ = ["new_skeleton", "skeleton", "working_steps"]

_FILE: Final = Path(__file__).with_name("skeleton.toml")


@cache
def skeleton() -> dict[str, Any]:
    """Return the skeleton, which nobody changes."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def new_skeleton() -> dict[str, Any]:
    """Return a copy of the skeleton, for the caller to change."""
    return copy.deepcopy(skeleton())


def working_steps(template: str) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return the steps of a template at which a pool works, by their path below a service."""
    table = skeleton()["templates"][template]
    steps = working_steps(table["like"]) if "like" in table else {}
    for purpose, visit in table.get("visits", {}).items():
        steps |= {("visits", purpose, name): step for name, step in visit.items() if "work" in step}
    return steps | {("case", name): step for name, step in table.get("case", {}).items() if "work" in step}
