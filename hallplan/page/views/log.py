"""From an event log to a plan: upload, look at what the columns are taken for, discover, download or simulate.

Comes in: the session, and a log that somebody uploads.  Goes out: the scenario, as a file or as the start of plan B.
Reading and discovering are done in the background, as simulating is.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import streamlit as st

from calibration.eventlog.read.columns import ROLES
from foundation import messages
from foundation.errors import HallplanError
from hallplan import __version__
from hallplan.page.jobs import Unit, View
from hallplan.page.limits import LARGEST_MB
from hallplan.page.log import ENDINGS, LogFiles, LogFound, Peek, calibrate, peek
from hallplan.page.plans import UPLOADS
from hallplan.page.runs import background
from hallplan.page.session import Session
from hallplan.page.state import choose_b
from hallplan.page.text import labels, plain, say, sentence
from hallplan.page.views.tables import draw_table

if TYPE_CHECKING:
    pass

__all__ = ["from_log"]

_POLL_S: Final = 0.7
_ACROSS: Final = 4
_JOB: Final = "log-job"


@cache
def _files() -> LogFiles:
    return LogFiles()


def from_log(session: Session) -> None:
    """Draw everything about logs."""
    st.subheader(say("log.title"), anchor=False)
    st.markdown(say("log.intro"))
    file = st.file_uploader(
        say("log.upload", largest_mb=LARGEST_MB), type=list(ENDINGS), max_upload_size=LARGEST_MB, key="log-upload"
    )
    if file is None:
        return
    try:
        name = _files().add(file.getvalue(), title=file.name)
        job = f"log-peek-{name}"
        view = background().view(job)
        if view is None:
            view = background().submit(job, [Unit(job, peek, (_files().path(name),))], owner=session.owner)
        if _is_done(session, job, view):
            _ask(session, name, background().results(job)[0])
    except HallplanError as error:
        st.error(sentence(error), icon=":material/error:")


def _is_done(session: Session, job: str, view: View) -> bool:
    """Show how a job is getting on, or how it failed; tell whether its results are there."""
    if view.state == "failed" and view.error is not None:
        st.error(say("log.failed", why=sentence(view.error)), icon=":material/error:")
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
            st.info(say("log.waiting", ahead=view.ahead), icon=":material/hourglass_empty:")
        else:
            st.info(say("log.working"), icon=":material/hourglass_top:")


def _ask(session: Session, name: str, columns_found: Peek) -> None:
    """Offer to change what the columns are taken for, and to discover."""
    if columns_found.error is not None:
        st.warning(sentence(columns_found.error), icon=":material/help:")
    options = ("", *columns_found.columns)
    with st.form(f"log-form-{name}", border=True):
        st.markdown(say("log.columns"))
        columns = {}
        places = st.columns(_ACROSS)
        for number, role in enumerate(ROLES):
            column, guess = places[number % _ACROSS], columns_found.roles.get(role, "")
            columns[role] = column.selectbox(
                say(f"log.role_{role}"),
                options,
                index=options.index(guess) if guess in options else 0,
                format_func=labels(options, lambda column: column or say("log.none")),
                key=f"log-{name}-{role}",
            )
        if st.form_submit_button(say("log.discover"), type="primary", icon=":material/search_insights:"):
            mapping = {
                role: column or ""
                for role, column in columns.items()
                if (column or "") != columns_found.roles.get(role, "")
            }
            _submit(session, name, mapping)
    job = st.session_state.get(_JOB)
    if job is not None and job[0] == name:
        view = background().view(job[1])
        if view is not None and _is_done(session, job[1], view):
            _show(session, background().results(job[1])[0])


def _submit(session: Session, name: str, mapping: dict[str, str]) -> None:
    spoken = messages.language()
    key = repr((name, sorted(mapping.items()), spoken, __version__))
    job = f"log-{blake2b(key.encode(), digest_size=10).hexdigest()}"
    background().submit(job, [Unit(job, calibrate, (_files().path(name), mapping, spoken))], owner=session.owner)
    st.session_state[_JOB] = (name, job)


def _show(session: Session, calibration: LogFound) -> None:
    with st.container(horizontal=True):
        st.download_button(
            say("log.download"),
            calibration.toml,
            file_name="from-log.toml",
            mime="application/toml",
            icon=":material/download:",
            on_click="ignore",
        )
        st.button(
            say("log.use"),
            icon=":material/play_circle:",
            on_click=_use,
            args=(session, calibration),
        )
    if calibration.caution:
        st.warning(plain(calibration.caution), icon=":material/warning:")
    for table in calibration.tables:
        draw_table(table)


def _use(session: Session, calibration: LogFound) -> None:
    """Make the scenario the start of plan B."""
    with messages.using(session.language):
        try:
            upload = UPLOADS.add(calibration.toml.encode("utf-8"), title=say("log.plan_title"))
        except HallplanError as error:
            session.notes.append(error)
            return
        if upload.name not in session.uploads:
            session.uploads = (*session.uploads, upload.name)
        session.change(lambda settings: choose_b(settings, upload.name))
        session.notes.append(HallplanError("page.files.uploaded", title=upload.title))
