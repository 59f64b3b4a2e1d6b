"""The head of every page: its title, what there is to say first, and how the simulation is getting on.

Comes in: what is on the screen.  Goes out: decisions to stop and to go on.
"""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from foundation import messages
from foundation.errors import HallplanError
from hallplan.page.jobs import View
from hallplan.page.results import overloads
from hallplan.page.runs import background, progress_of, registry
from hallplan.page.screen import Screen
from hallplan.page.session import Session
from hallplan.page.text import plain, say, sentence, shortened_overloads
from hallplan.page.views.links import page_of

__all__ = ["forewarn", "head", "read_first"]

_POLL_S = 1.0


def head(screen: Screen, page: str) -> None:
    """Draw the title of a page, what there is to say once, and how the simulation is getting on."""
    st.title(say(f"pages.{page}"), anchor=False)
    with st.container(key="phone-hint"):
        st.caption(say("phone_hint"))
    if screen.fault is not None:
        st.error(say("cannot_compose", why=sentence(screen.fault)), icon=":material/error:")
    for error in screen.session.notes:
        st.warning(sentence(error), icon=":material/info:")
    screen.session.notes.clear()
    _progress(screen)


def forewarn(screen: Screen) -> None:
    """Say what is known before anything is simulated: a line for each plan with too few officers, and what is guessed.

    Each line leads to the plan's staff.
    """
    for place, (letter, plan) in enumerate(screen.plans.items()):
        overloaded = overloads(plan.scenario, messages.language())
        if overloaded:
            with st.container(horizontal=True, vertical_alignment="center", key=f"warning-{letter}"):
                text = say("forewarn.overload", plan=letter, pools=shortened_overloads(overloaded))
                st.markdown(f":material/warning: {plain(text)}", width="content", help=say("forewarn.overload_help"))
                label = say("forewarn.staff", plan=letter)
                if st.button(label, key=f"staff-{letter}", type="tertiary", icon=":material/arrow_forward:"):
                    _go_to_staff(screen.session, place)
    years = sorted({year for plan in screen.plans.values() for year in plan.unannounced})
    if years:
        error = HallplanError("warning.no_holiday_notice", years=say("comma").join(map(str, years)))
        st.caption(f":material/event_busy: {sentence(error)}")


def read_first(texts: Iterable[str]) -> None:
    """Draw what must be read before every figure; nothing for an empty text."""
    for text in filter(None, texts):
        st.warning(plain(text), icon=":material/priority_high:")


def _go_to_staff(session: Session, place: int) -> None:
    session.look_at(place)
    st.session_state["part-build-open"] = "staff"
    st.switch_page(page_of("build"))


def _progress(screen: Screen) -> None:
    """Show how the job is getting on, if one is under way; what became of it if it failed; how to go on if it ended."""
    session = screen.session
    view = background().view(session.job) if session.job else None
    if view is not None and view.state == "failed" and view.error is not None:
        st.error(say("failed", why=sentence(view.error)), icon=":material/error:")
    if view is not None and view.is_active:
        run = registry().get(session.job)
        refines = screen.shown is not None and run is not None and screen.shown.study.name == run.study.name
        if screen.shown is not None and not refines:
            st.info(say("stale"), icon=":material/update:")
        st.fragment(_watch, run_every=_POLL_S)(session, refines=refines)
    elif screen.wanted is not None and progress_of(screen.wanted).next_stage is not None:
        st.button(
            say("buttons.run" if screen.is_stale else "buttons.go_on"),
            key="run",
            type="primary",
            icon=":material/play_arrow:",
            on_click=session.submit,
        )


def _watch(session: Session, *, refines: bool) -> None:
    # A part that runs by itself does so outside the script, where no language has been chosen.
    with messages.using(session.language):
        view = background().view(session.job) if session.job else None
        if view is None or not view.is_active:
            st.rerun()
        else:
            _bar(session, view, refines=refines)


def _bar(session: Session, view: View, *, refines: bool) -> None:
    if view.state == "waiting" and view.ahead:
        text = say("progress.waiting", ahead=view.ahead)
    else:
        text = say("progress.refining" if refines else "progress.running", done=view.done, total=view.total)
    with st.container(horizontal=True, vertical_alignment="center", key="progress"):
        st.progress(view.done / view.total, text=text)
        if st.button(say("buttons.stop" if refines else "buttons.cancel"), key="cancel", icon=":material/close:"):
            session.cancel()
            session.notes.append(HallplanError("page.progress.stopped" if refines else "page.progress.cancelled"))
            st.rerun()
