"""From an event log to a plan: upload, look at what the columns are taken for, discover, download or simulate.

Comes in: the session, and a log that somebody uploads.  Goes out: the scenario, as a file or as the start of plan B.
Reading and discovering are done in the background, as simulating is.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from typing import Final

import streamlit as st

from calibration.eventlog.read.columns import ROLES
from foundation import messages
from foundation.errors import HallplanError
from hallplan import __version__
from hallplan.page.jobs import Unit
from hallplan.page.limits import LARGEST_MB
from hallplan.page.log import ENDINGS, LogFound, Peek, calibrate, peek
from hallplan.page.runs import background
from hallplan.page.session import Session
from hallplan.page.text import labels, plain, say, sentence
from hallplan.page.uploaded import UploadedFiles
from hallplan.page.views.tables import draw_table
from hallplan.page.views.uploads import is_ready, offer_scenario

__all__ = ["from_log"]

_ACROSS: Final = 4
_JOB: Final = "log-job"


@cache
def _files() -> UploadedFiles:
    return UploadedFiles(ENDINGS, stem="log")


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
        if is_ready(session, job, view, failed="log.failed"):
            _ask(session, name, background().results(job)[0])
    except HallplanError as error:
        st.error(sentence(error), icon=":material/error:")


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
        if view is not None and is_ready(session, job[1], view, failed="log.failed"):
            _show(session, background().results(job[1])[0])


def _submit(session: Session, name: str, mapping: dict[str, str]) -> None:
    spoken = messages.language()
    key = repr((name, sorted(mapping.items()), spoken, __version__))
    job = f"log-{blake2b(key.encode(), digest_size=10).hexdigest()}"
    background().submit(job, [Unit(job, calibrate, (_files().path(name), mapping, spoken))], owner=session.owner)
    st.session_state[_JOB] = (name, job)


def _show(session: Session, calibration: LogFound) -> None:
    offer_scenario(session, calibration.toml, file_name="from-log.toml", title="log.plan_title")
    if calibration.caution:
        st.warning(plain(calibration.caution), icon=":material/warning:")
    for table in calibration.tables:
        draw_table(table)
