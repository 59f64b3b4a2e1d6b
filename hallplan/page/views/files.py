"""Files: the link to share, plans to download, results to work with, and a scenario to bring along.

Comes in: what is on the screen.  Goes out: downloads, and uploads as plans to choose.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from foundation.errors import HallplanError
from foundation.messages import language
from hallplan.page.files import table_bytes
from hallplan.page.plans import Plan
from hallplan.page.reporting import file_name
from hallplan.page.screen import Screen
from hallplan.page.session import Session
from hallplan.page.text import labels, say, sentence
from hallplan.page.views.log import from_log
from hallplan.page.views.uploads import take_as_base
from hallplan.page.views.workbook import from_workbook
from hallplan.show.comparison_frames import (
    metrics_frame,
    replications_frame,
    targets_frame,
    turnaround_frame,
    utilisation_frame,
    waits_frame,
)
from hallplan.show.evidence import provenance_frame
from planner.compare import Comparison
from scenarios.compose.reading import LARGEST_BYTES
from scenarios.compose.writing import to_toml

__all__ = ["files", "own_hall"]


def files(screen: Screen) -> None:
    """Draw everything that goes out as a file."""
    st.subheader(say("files.link"), anchor=False)
    st.markdown(say("files.link_help"))
    st.subheader(say("files.plans"), anchor=False)
    st.markdown(say("files.plans_help"))
    with st.container(horizontal=True):
        for letter, plan in screen.plans.items():
            st.download_button(
                say("files.plan", plan=letter),
                _toml_of(plan),
                file_name=file_name(letter, plan.scenario.name),
                mime="application/toml",
                icon=":material/download:",
                on_click="ignore",
                key=f"toml-{letter}",
            )
    st.subheader(say("files.results"), anchor=False)
    if screen.comparison is None:
        st.caption(say("files.no_results"))
    else:
        _tables(screen, screen.comparison)


def own_hall(session: Session) -> None:
    """Draw everything that comes in as a file: a scenario, a workbook, a log."""
    st.subheader(say("files.upload"), anchor=False)
    _upload(session)
    from_workbook(session)
    from_log(session)


def _toml_of(plan: Plan) -> Any:
    return lambda: to_toml(plan.composed.raw)


def _tables(screen: Screen, comparison: Comparison) -> None:
    spoken, plan = language(), screen.plan
    tables: dict[str, Callable[[], pd.DataFrame]] = {
        "all": lambda: metrics_frame(comparison, spoken),
        "waits": lambda: waits_frame(comparison),
        "turnaround": lambda: turnaround_frame(comparison, spoken, clock="statutory"),
        "utilisation": lambda: utilisation_frame(comparison, spoken),
        "targets": lambda: targets_frame(comparison, spoken),
        "replications": lambda: replications_frame(comparison),
    }
    if plan is not None:
        tables["provenance"] = lambda: provenance_frame(plan.composed)
    selected = st.selectbox(
        say("files.table"),
        tuple(tables),
        format_func=labels(tables, lambda name: say(f"files.table_{name}")),
        key="table",
    )
    if selected is None:
        return
    with st.container(horizontal=True):
        for kind, mime in (("csv", "text/csv"), ("parquet", "application/vnd.apache.parquet")):
            st.download_button(
                say(f"files.{kind}"),
                _bytes_of(tables[selected], kind),
                file_name=f"hallplan-{selected}.{kind}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"{kind}-{selected}",
            )


def _bytes_of(table: Any, kind: Any) -> Any:
    return lambda: table_bytes(table(), kind)


def _upload(session: Session) -> None:
    largest = LARGEST_BYTES // 1_000_000
    file = st.file_uploader(
        say("files.upload_label", largest_mb=largest),
        type="toml",
        max_upload_size=largest,
        key=f"upload-{session.step}",
        help=say("files.upload_help"),
    )
    if file is None:
        return
    before = session.settings.plan.base
    try:
        take_as_base(session, file.getvalue(), title=file.name)
    except HallplanError as error:
        st.error(say("files.upload_failed", why=sentence(error)), icon=":material/error:")
        return
    if session.settings.plan.base != before:
        st.rerun()
