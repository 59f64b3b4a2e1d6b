"""Work beside the comparison: a button that begins it, how it is getting on, a button that gives it up.

Comes in: the session, and a job's name and units.  Goes out: whether its results are there.  The name of a job is that
of its work, so that whoever asks for the same finds it done.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from foundation import messages
from foundation.errors import HallplanError
from hallplan.page.jobs import Unit
from hallplan.page.runs import background, submit
from hallplan.page.session import Session
from hallplan.page.text import say, sentence

__all__ = ["is_done", "is_ready"]

_POLL_S = 1.0
_SOON_S = 0.25
"""How often to look for what is there within a second or two."""


def is_done(session: Session, job: str, units: Sequence[Unit], *, label: str, key: str, purpose: str = "") -> bool:
    """Offer to do a job, show how it is getting on, or how it failed; tell whether its results are there.

    Parameters
    ----------
    session
        Whose it is.
    job, units
        Its name and its pieces.
    label, key
        Of the button that begins it.
    purpose
        What it is a part of: the next part of what was asked for begins by itself, until it is given up.
    """
    requested, view = f"{key}-asked", background().view(job)
    if view is None and purpose and st.session_state.get(requested) == purpose:
        _begin(session, job, units)
        view = background().view(job)
    if view is not None and view.state == "done":
        return True
    if view is not None and view.is_active:
        st.fragment(_watch, run_every=_POLL_S)(session, job, key)
        return False
    st.session_state.pop(requested, None)
    if view is not None and view.error is not None:
        st.error(say("failed", why=sentence(view.error)), icon=":material/error:")

    def ask() -> None:
        st.session_state[requested] = purpose
        _begin(session, job, units)

    st.button(label, key=key, icon=":material/play_arrow:", on_click=ask)
    return False


def is_ready(session: Session, job: str, units: Sequence[Unit], *, label: str, waiting: str, key: str) -> bool:
    """Do a short job without being asked to; say meanwhile that it is under way; tell whether its results are there.

    Parameters
    ----------
    session
        Whose it is.
    job, units
        Its name and its pieces.
    label, key
        Of the button that begins it once more, after it failed or was refused.
    waiting
        What is said meanwhile.
    """
    view = background().view(job)
    if view is None:
        _begin(session, job, units)
        view = background().view(job)
    if view is not None and view.is_active:
        st.fragment(_look, run_every=_SOON_S)(session, job, waiting)
        return False
    if view is not None and view.state == "done":
        return True
    if view is not None and view.error is not None:
        st.error(say("failed", why=sentence(view.error)), icon=":material/error:")
    st.button(label, key=key, icon=":material/play_arrow:", on_click=_begin, args=(session, job, units))
    return False


def _look(session: Session, job: str, waiting: str) -> None:
    with messages.using(session.language):
        view = background().view(job)
        if view is None or not view.is_active:
            st.rerun()
        if view.total > 1:
            st.progress(view.done / view.total, text=waiting)
        else:
            st.caption(waiting)


def _begin(session: Session, job: str, units: Sequence[Unit]) -> None:
    """Queue a job; if that can't be, say so once."""
    try:
        submit(job, units, owner=session.owner)
    except HallplanError as error:
        session.notes.append(error)


def _watch(session: Session, job: str, key: str) -> None:
    # A part that runs by itself does so outside the script, where no language has been chosen.
    with messages.using(session.language):
        view = background().view(job)
        if view is None or not view.is_active:
            st.rerun()
        if view.state == "waiting" and view.ahead:
            text = say("progress.waiting", ahead=view.ahead)
        elif view.total == 1:
            text = say("progress.working")
        else:
            text = say("progress.running", done=view.done, total=view.total)
        with st.container(horizontal=True, vertical_alignment="center", key=f"progress-{key}"):
            st.progress(view.done / view.total, text=text)
            if st.button(say("buttons.cancel"), key=f"cancel-{key}", icon=":material/close:"):
                background().cancel(job, owner=session.owner)
                st.rerun()
