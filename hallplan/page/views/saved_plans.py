"""Saved plans: those in the server's workspace, to open, rename and delete, and the plan looked at, to save.

Comes in: the session.  Goes out: files in the workspace, and decisions on the session.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pandas as pd
import streamlit as st

from foundation import messages
from foundation.errors import HallplanError
from hallplan.page.saving import save_plan, text_of_saved
from hallplan.page.server import workspace
from hallplan.page.session import Session
from hallplan.page.state import rename_plan
from hallplan.page.text import labels, plain, say, sentence
from hallplan.page.views.uploads import take_as_base
from hallplan.workspace import PlanConflictError, SavedPlan, Workspace

__all__ = ["saved_plans"]

_SEEN: Final = "saved-plans-seen"
"""The versions that this visitor has opened or saved, by name."""
_CONFLICT: Final = "saved-plans-conflict"


def saved_plans(session: Session) -> None:
    """Draw the plans that are saved, and the field to save one more."""
    st.subheader(say("saved.title"), anchor=False)
    st.markdown(say("saved.intro"))
    try:
        folder = workspace()
        plans = [] if folder is None else folder.plans()
    except HallplanError as error:
        st.error(sentence(error), icon=":material/error:")
        return
    if folder is None:
        return
    _save(session, folder)
    if not plans:
        st.caption(say("saved.none"))
        return
    rows = [
        {say("saved.name"): plan.name, say("saved.when"): plan.saved_at.strftime("%Y-%m-%d %H:%M")} for plan in plans
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("saved.title"))
    _one(session, folder, {plan.name: plan for plan in plans})


def _seen() -> dict[str, str]:
    seen: dict[str, str] = st.session_state.setdefault(_SEEN, {})
    return seen


def _attempt(session: Session, act: Callable[[], HallplanError]) -> Callable[[], None]:
    """Return what to do at a click: what was done, or why not, is said once."""

    def click() -> None:
        with messages.using(session.language):
            try:
                session.notes.append(act())
            except HallplanError as error:
                session.notes.append(error)

    return click


def _save(session: Session, folder: Workspace) -> None:
    letter = session.settings.letter

    def save(*, overwrite: bool = False) -> HallplanError:
        name = str(st.session_state["save-name"]).strip()
        st.session_state.pop(_CONFLICT, None)
        try:
            saved = save_plan(folder, session.settings.plan, name, seen=_seen().get(name, ""), overwrite=overwrite)
        except PlanConflictError:
            st.session_state[_CONFLICT] = name
            raise
        _seen()[saved.name] = saved.digest
        session.change_plan(lambda plan: rename_plan(plan, saved.name))
        return HallplanError("page.saved.saved", name=saved.name)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(say("saved.save_name", plan=letter), session.settings.plan.title, key="save-name")
        st.button(say("saved.save"), key="save-plan", icon=":material/save:", on_click=_attempt(session, save))
        if st.session_state.get(_CONFLICT) == name.strip() != "":
            st.button(
                say("saved.overwrite"),
                key="save-anyway",
                icon=":material/warning:",
                on_click=_attempt(session, lambda: save(overwrite=True)),
            )


def _one(session: Session, folder: Workspace, plans: dict[str, SavedPlan]) -> None:
    """Draw what can be done with one of the plans."""
    letter = session.settings.letter
    name = st.selectbox(
        say("saved.choose"), tuple(plans), format_func=labels(plans, lambda name: name), key="saved-plan"
    )
    if name is None:
        return

    def open_it() -> HallplanError:
        take_as_base(session, text_of_saved(folder, name).encode("utf-8"), title=name)
        session.change_plan(lambda plan: rename_plan(plan, name))
        _seen()[name] = plans[name].digest
        session.notes.clear()
        return HallplanError("page.saved.opened", name=name, plan=letter)

    def rename() -> HallplanError:
        renamed = folder.rename(name, str(st.session_state["new-name"]).strip())
        _seen()[renamed.name] = renamed.digest
        return HallplanError("page.saved.renamed", name=name, new_name=renamed.name)

    def delete() -> HallplanError:
        folder.delete(name, seen=plans[name].digest)
        return HallplanError("page.saved.deleted", name=name)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            say("saved.open", plan=letter),
            key="open-saved",
            icon=":material/folder_open:",
            on_click=_attempt(session, open_it),
        )
        with st.popover(say("saved.rename"), icon=":material/edit:"):
            st.text_input(say("saved.new_name"), name, key="new-name")
            st.button(say("saved.rename"), key="rename-saved", on_click=_attempt(session, rename))
        with st.popover(say("saved.delete"), icon=":material/delete:"):
            st.markdown(say("saved.confirm_delete", name=plain(name)))
            st.button(say("saved.yes_delete"), key="delete-saved", on_click=_attempt(session, delete))
