"""What whoever started the server has decided for all its visitors: the workspace.

Input: environment variables, which ``hallplan app`` sets from its options.  Output: values for the page.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hallplan.workspace import Workspace

__all__ = ["WORKSPACE_VARIABLE", "workspace"]

WORKSPACE_VARIABLE: Final = "HALLPLAN_WORKSPACE"
"""Environment variable that names the folder of plans that all visitors share."""


@cache
def _open(folder: str) -> Workspace:
    from hallplan.workspace import open_workspace

    return open_workspace(Path(folder).expanduser())


def workspace() -> Workspace | None:
    """Return the workspace of this server; None if it has none.

    Raises
    ------
    HallplanError
        If the folder that was named is none, or can't be written.
    """
    folder = os.environ.get(WORKSPACE_VARIABLE, "")
    return _open(folder) if folder else None
