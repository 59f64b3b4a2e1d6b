"""A folder of named plans and results, which several people of a hall share and the command line reads.

Input: a folder.  Output: plans as scenario files ``NAME.toml``, and results as folders ``results/NAME``; both are
listed, saved, renamed and deleted.  Nothing here knows a user interface.
"""

from hallplan.workspace.folder import PlanConflictError, SavedPlan, SavedResult, Workspace, open_workspace
from hallplan.workspace.names import checked_name
from hallplan.workspace.plan_files import plan_text

__all__ = [
    "PlanConflictError",
    "SavedPlan",
    "SavedResult",
    "Workspace",
    "checked_name",
    "open_workspace",
    "plan_text",
]
