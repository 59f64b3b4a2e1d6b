"""The report: which one, in which language, and its files when a background process has made them.

Comes in: what is on the screen.  Goes out: jobs, and downloads.
"""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from foundation.errors import HallplanError
from foundation.messages import LANGUAGES, Language
from hallplan.page.jobs import Unit
from hallplan.page.reporting import plan_names, report_unit
from hallplan.page.runs import Run, background, comparison_of
from hallplan.page.screen import Screen
from hallplan.page.text import labels, say, sentence
from hallplan.page.views.side_jobs import is_done
from hallplan.show.report import BRIEF, SECTIONS

__all__ = ["report"]

_BEGUN: Final = "report-begun"
_KINDS: Final = {
    "html": "text/html",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "md": "text/markdown",
}


def report(screen: Screen) -> None:
    """Draw the choice of a report, how its making gets on, and its files."""
    st.subheader(say("report.title"), anchor=False)
    st.markdown(say("report.intro"))
    if screen.comparison is None:
        st.caption(say("files.no_results"))
        return
    if screen.is_stale:
        st.caption(say("report.stale"))
    sections, language = _sections(), _language(screen)
    if not sections:
        st.caption(say("report.no_sections"))
        return
    try:
        unit, is_latest = _unit(screen, sections, language)
    except HallplanError as error:
        st.error(sentence(error), icon=":material/error:")
        return
    if not is_done(screen.session, unit.key, [unit], label=say("report.make"), key="report"):
        return
    (files,) = background().results(unit.key)
    st.caption(say("report.ready"))
    with st.container(horizontal=True):
        for kind, mime in _KINDS.items():
            st.download_button(
                say(f"report.{kind}"),
                files[kind],
                file_name=f"{say('report.file')}.{kind}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"report-{kind}",
            )
    if not is_latest:
        st.caption(say("report.newer"))
        st.button(say("report.again"), key="report-again", icon=":material/refresh:", on_click=_forget)


def _unit(screen: Screen, sections: tuple[str, ...], language: Language) -> tuple[Unit, bool]:
    """Return the work of the report that was asked for, and whether it is of the latest results.

    Results go on getting more precise: a report that was begun stays one of the results that it was begun with.
    """
    latest, names = screen.shown, plan_names(screen.names)
    begun: Run | None = st.session_state.get(_BEGUN)
    for run in (begun, latest):
        if run is None or latest is None or run.study.name != latest.study.name:
            continue
        try:
            unit = report_unit(run, comparison_of(run), names, sections=sections, language=language)
        except HallplanError:  # the results have made room for others meanwhile
            continue
        if run is latest or background().view(unit.key) is not None:
            st.session_state[_BEGUN] = run
            return unit, run.name == latest.name
    raise HallplanError("page.report.gone")


def _forget() -> None:
    st.session_state.pop(_BEGUN, None)


def _sections() -> tuple[str, ...]:
    """Return the sections that the visitor wants; those of the brief until others are chosen."""
    kinds = ("brief", "sections")
    kind = st.segmented_control(
        say("report.kind"),
        kinds,
        format_func=labels(kinds, lambda name: say(f"report.kind_{name}")),
        default="brief",
        required=True,
        key="report-kind",
    )
    if kind != "sections":
        return (BRIEF,)
    selected: Any = st.pills(
        say("report.sections"),
        SECTIONS,
        selection_mode="multi",
        format_func=labels(SECTIONS, lambda name: say(f"report.section_{name}")),
        default=list(SECTIONS),
        key="report-sections",
    )
    return tuple(name for name in SECTIONS if name in selected)


def _language(screen: Screen) -> Language:
    spoken = st.segmented_control(
        say("report.language"),
        LANGUAGES,
        format_func=labels(LANGUAGES, lambda name: say(f"report.language_{name}")),
        default=screen.session.language,
        required=True,
        key="report-language",
    )
    return spoken or screen.session.language
