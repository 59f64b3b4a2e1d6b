"""The page: what Streamlit runs, from top to bottom, at every click.

Comes in: a browser's session.  Goes out: the page.  Nothing is simulated here: the script submits jobs and shows what
is there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

from foundation import messages
from foundation.errors import HallplanError
from hallplan.page.runs import PlanStudy, Run, comparison_of, prepare
from hallplan.page.session import Session, open_session
from hallplan.page.text import say, sentence
from hallplan.page.views.choice import choice
from hallplan.page.views.evidence import evidence
from hallplan.page.views.files import files
from hallplan.page.views.method import method
from hallplan.page.views.plans import choices
from hallplan.page.views.results import results
from hallplan.page.views.staffing import staffing
from hallplan.page.views.toolbar import buttons, forewarn, notes, progress, title
from planner.compare import Comparison

__all__ = ["main"]

_PANEL_PX: Final = 340
_TABS: Final = ("results", "staffing", "choice", "evidence", "method", "files")
_STYLE: Final = Path(__file__).with_name("style.css")


def main() -> None:
    """Draw the page."""
    session = open_session()
    with messages.using(session.language):
        st.set_page_config(
            page_title=say("browser_title"), page_icon="🏛️", layout="wide", initial_sidebar_state=_PANEL_PX
        )
        st.html(_STYLE)
        st.html(_widget_texts())
        with st.sidebar:
            choices(session)
        _page(session)


def _widget_texts() -> str:
    """Return the style that puts our words in the place of texts which Streamlit has in English only."""
    words = {"--upload": say("widgets.upload"), "--apply": say("widgets.apply")}
    return "<style>:root {" + "".join(f'{name}: "{word}";' for name, word in words.items()) + "}</style>"


def _page(session: Session) -> None:
    session.go_on()
    shown = session.results()
    session.write_address()
    title(session)
    wanted: PlanStudy | None = None
    try:
        wanted = prepare(session.settings)
    except HallplanError as error:
        st.error(say("cannot_compose", why=sentence(error)), icon=":material/error:")
    buttons(session, shown=shown, wanted=wanted)
    notes(session)
    progress(session, shown=shown)
    if wanted is not None:
        forewarn({"A": wanted.a, "B": wanted.b})
    _tabs(session, shown, wanted)


def _tabs(session: Session, shown: Run | None, wanted: PlanStudy | None) -> None:
    comparison = _comparison(shown)
    labels = [say(f"tabs.{name}") for name in _TABS]
    tabs = st.tabs(labels, on_change="rerun", key=f"tabs-{session.language}")
    in_results, in_staffing, in_choice, in_evidence, in_method, in_files = tabs
    plans = {"A": wanted.a, "B": wanted.b} if wanted is not None else {}
    if in_results.open:
        with in_results:
            if comparison is not None and shown is not None:
                results(comparison, shown.study)
            else:
                st.caption(say("nothing_yet"))
    if plans and in_staffing.open:
        with in_staffing:
            staffing(session, plans["A"], plans["B"], comparison)
    if wanted is not None and in_choice.open:
        with in_choice:
            choice(session, wanted)
    if plans and in_evidence.open:
        with in_evidence:
            evidence(plans, comparison)
    if wanted is not None and in_method.open:
        with in_method:
            method(session, wanted, shown, comparison)
    if plans and in_files.open:
        with in_files:
            files(session, plans, comparison)


def _comparison(shown: Run | None) -> Comparison | None:
    try:
        return comparison_of(shown) if shown is not None else None
    except HallplanError:
        return None
