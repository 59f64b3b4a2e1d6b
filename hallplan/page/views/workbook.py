"""From the hall's own workbook to a plan: download, fill in, upload, look at what is assumed, download or simulate.

Comes in: the session, a workbook that somebody uploads, and a log of the hall if there is one.  Goes out: a workbook to
fill in; the scenario, as a file or as the start of plan B.  The files are read in the background.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from typing import Final

import streamlit as st

from foundation import messages
from foundation.errors import HallplanError
from hallplan import __version__
from hallplan.page.jobs import Unit
from hallplan.page.limits import LARGEST_MB
from hallplan.page.log import ENDINGS
from hallplan.page.runs import background
from hallplan.page.session import Session
from hallplan.page.text import plain, say, sentence
from hallplan.page.uploaded import UploadedFiles
from hallplan.page.views.tables import draw_table
from hallplan.page.views.uploads import is_ready, offer_scenario
from hallplan.page.workbook import WorkbookHall, hall_of_workbook
from scenarios.workbook.template import example_rows, workbook_bytes

__all__ = ["from_workbook"]

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@cache
def _files() -> UploadedFiles:
    return UploadedFiles(("xlsx",), stem="hall")


@cache
def _logs() -> UploadedFiles:
    return UploadedFiles(ENDINGS, stem="log")


def from_workbook(session: Session) -> None:
    """Draw everything about workbooks."""
    st.subheader(say("workbook.title"), anchor=False)
    st.markdown(say("workbook.intro"))
    with st.container(horizontal=True):
        _download("blank", session.language)
        _download("example", session.language)
    file = st.file_uploader(
        say("workbook.upload", largest_mb=LARGEST_MB), type="xlsx", max_upload_size=LARGEST_MB, key="workbook-upload"
    )
    log = st.file_uploader(
        say("workbook.upload_log", largest_mb=LARGEST_MB),
        type=list(ENDINGS),
        max_upload_size=LARGEST_MB,
        key="workbook-log-upload",
    )
    if file is None:
        return
    try:
        name = _files().add(file.getvalue(), title=file.name)
        log_name = None if log is None else _logs().add(log.getvalue(), title=log.name)
        key = repr((name, log_name, messages.language(), __version__))
        job = f"workbook-{blake2b(key.encode(), digest_size=10).hexdigest()}"
        view = background().view(job)
        if view is None:
            log_path = None if log_name is None else _logs().path(log_name)
            unit = Unit(job, hall_of_workbook, (_files().path(name), messages.language(), log_path))
            view = background().submit(job, [unit], owner=session.owner)
        if is_ready(session, job, view, failed="workbook.failed"):
            _show(session, background().results(job)[0])
    except HallplanError as error:
        st.error(sentence(error), icon=":material/error:")


def _download(which: str, language: messages.Language) -> None:
    def content() -> bytes:
        with messages.using(language):
            return workbook_bytes(example_rows() if which == "example" else None)

    st.download_button(
        say(f"workbook.{which}"),
        content,
        file_name="hall.xlsx" if which == "blank" else "hall-example.xlsx",
        mime=_XLSX,
        icon=":material/download:",
        on_click="ignore",
        key=f"workbook-{which}",
    )


def _show(session: Session, hall: WorkbookHall) -> None:
    if hall.faults:
        st.error(say("workbook.faults"), icon=":material/error:")
        for fault in hall.faults:
            st.markdown(f"- {plain(fault)}")
        return
    offer_scenario(session, hall.toml, file_name="own-hall.toml", title="workbook.plan_title", key="workbook")
    if hall.logs:
        st.info(plain(say("workbook.log_named", names="; ".join(hall.logs))), icon=":material/upload_file:")
    for table in hall.tables:
        draw_table(table)
