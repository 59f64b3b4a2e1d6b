"""What views of uploaded files share: how the work on one is getting on, and its scenario as the start of a plan.

Comes in: the session, and a job of the background or a scenario's text.  Goes out: whether the job's results are there;
a plan to choose.
"""

from __future__ import annotations

import streamlit as st

from foundation import messages
from foundation.errors import HallplanError
from hallplan.page.jobs import View
from hallplan.page.plans import UPLOADS
from hallplan.page.runs import background
from hallplan.page.session import Session
from hallplan.page.state import choose_base
from hallplan.page.text import say, sentence

__all__ = ["is_ready", "offer_scenario", "take_as_base"]

_POLL_S = 0.7


def is_ready(session: Session, job: str, view: View, *, failed: str) -> bool:
    """Show how a job is getting on, or how it failed; tell whether its results are there.

    Parameters
    ----------
    session
        Whose it is.
    job, view
        Its name, and how it is getting on.
    failed
        Key of the sentence that says that it failed, and `why`.
    """
    if view.state == "failed" and view.error is not None:
        st.error(say(failed, why=sentence(view.error)), icon=":material/error:")
    elif view.is_active:
        st.fragment(_watch, run_every=_POLL_S)(session, job)
    return view.state == "done"


def _watch(session: Session, job: str) -> None:
    # A part that runs by itself does so outside the script, where no language has been chosen.
    with messages.using(session.language):
        view = background().view(job)
        if view is None or not view.is_active:
            st.rerun()
        elif view.ahead:
            st.info(say("upload.waiting", ahead=view.ahead), icon=":material/hourglass_empty:")
        else:
            st.info(say("upload.working"), icon=":material/hourglass_top:")


def take_as_base(session: Session, data: bytes, *, title: str) -> None:
    """Make a scenario's text the start of the plan that is looked at; others can start from it too.

    Raises
    ------
    HallplanError
        One sentence about what is wrong with it; the plans are unchanged.
    """
    upload = UPLOADS.add(data, title=title)
    if upload.name not in session.uploads:
        session.uploads = (*session.uploads, upload.name)
    if session.settings.plan.base != upload.name:
        session.change_plan(lambda plan: choose_base(plan, upload.name))
        letter = session.settings.letter
        session.notes.append(HallplanError("page.files.uploaded", title=upload.title, plan=letter))


def offer_scenario(session: Session, toml: str, *, file_name: str, title: str, key: str | None = None) -> None:
    """Offer a scenario that was made of an upload, as a file and as the start of the plan that is looked at.

    Parameters
    ----------
    session
        Whose it is.
    toml
        The scenario's text.
    file_name
        What the file is called.
    title
        Key of what the plan is called.
    key
        How the keys of the two buttons begin; none by default.
    """

    def use() -> None:
        with messages.using(session.language):
            try:
                take_as_base(session, toml.encode("utf-8"), title=say(title))
            except HallplanError as error:
                session.notes.append(error)

    with st.container(horizontal=True):
        st.download_button(
            say("upload.download"),
            toml,
            file_name=file_name,
            mime="application/toml",
            icon=":material/download:",
            on_click="ignore",
            key=key and f"{key}-toml",
        )
        st.button(
            say("upload.use", plan=session.settings.letter),
            icon=":material/play_circle:",
            on_click=use,
            key=key and f"{key}-use",
        )
