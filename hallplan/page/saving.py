"""Plans in the workspace of the server: a visitor's choices as a file, and a file as the start of a plan.

Comes in: what a visitor has chosen, or the name of a saved plan.  Goes out: the saved plan, or a scenario's text.
"""

from __future__ import annotations

from hallplan.page.files import UPLOAD
from hallplan.page.plans import changes_of, plan_of
from hallplan.page.state import PlanChoice
from hallplan.workspace import SavedPlan, Workspace, plan_text
from scenarios.compose.writing import to_toml

__all__ = ["save_plan", "text_of_saved"]


def save_plan(
    workspace: Workspace, choice: PlanChoice, name: str, *, seen: str = "", overwrite: bool = False
) -> SavedPlan:
    """Save a plan under a name, as a scenario file that is as short as can be.

    Parameters
    ----------
    workspace
        Where.
    choice
        The plan.
    name, seen, overwrite
        As for :meth:`hallplan.workspace.Workspace.save`.

    Raises
    ------
    PlanConflictError
        If the plan is there in a version that was not seen.
    HallplanError
        If the plan can't be composed, or saved under the name.
    """
    file = workspace.plan_file(name)
    levers, overrides = changes_of(choice)
    text = plan_text(
        plan_of(choice).composed,
        title=file.stem,
        extends="" if choice.off or choice.base.startswith(UPLOAD) else choice.base,
        levers=levers,
        overrides=overrides,
        file=file,
    )
    return workspace.save(name, text, seen=seen, overwrite=overwrite)


def text_of_saved(workspace: Workspace, name: str) -> str:
    """Return a saved plan as a complete scenario file, whatever it extends.

    Raises
    ------
    HallplanError
        If there is no such plan, or its file is no scenario.
    """
    return to_toml(workspace.composed(name).raw)
