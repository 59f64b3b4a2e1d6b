"""The 52 % taken apart: three compressions, item by item, the shortest safe promises, and what each reform contributes.

Comes in: what is on the screen.  Goes out: jobs, and what is on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import streamlit as st

from foundation.errors import HallplanError
from foundation.messages import language
from foundation.numbers import number
from hallplan.page.compression import (
    SHARES,
    LimitQuestion,
    Step,
    clocks_steps,
    compression_steps,
    promise_steps,
    promised_by_sums,
)
from hallplan.page.screen import Screen
from hallplan.page.session import Session
from hallplan.page.text import labels, plain, say, sentence
from hallplan.page.views.charts import draw_chart
from hallplan.page.views.fields import whole_number
from hallplan.page.views.links import page_of
from hallplan.page.views.side_jobs import is_done, is_ready
from hallplan.page.views.tables import draw_table
from hallplan.show.charts.compression import waterfall_chart
from hallplan.show.comparison_frames import LETTERS
from hallplan.show.compression import (
    compression_tables,
    contribution_table,
    covers_note,
    items_table,
    lever_sentence,
)
from hallplan.show.promise import covers_note as promise_covers_note
from hallplan.show.promise import promise_sentence, promise_tables
from hallplan.show.promise_files import promise_charts
from planner.clocks import CLOCKS, ThreeClocks
from planner.compression_study import WEIGHTINGS, Compression
from planner.promises import Promises

__all__ = ["cuts"]

_USUAL_PERCENT: Final = 95


def cuts(screen: Screen) -> None:
    """Draw the question, and every part of the answer as soon as it is there."""
    session = screen.session
    if screen.plan is None:
        return
    before, letter = screen.plans[LETTERS[0]], session.settings.letter
    st.markdown(say("cuts.intro" if letter != LETTERS[0] else "cuts.intro_alone", plan=letter))
    question = LimitQuestion(before, screen.plan, _percent(), session.settings.seed)
    if not question.has_limits:
        st.info(say("cuts.no_limits", plan=letter), icon=":material/event_available:")
        return
    try:
        question.check()
        answer = st.container()
        clocks = _clocks(session, question)
        promises = _promises(session, question)
        with answer:
            _sentence(promises)
        compression = _contributions(session, question)
        _method(clocks, promises, compression)
    except HallplanError as error:
        st.error(sentence(error), icon=":material/error:")


def _percent() -> int:
    percent: int = st.session_state.get("cuts-percent", _USUAL_PERCENT)

    def choose(value: int) -> None:
        st.session_state["cuts-percent"] = value

    with st.container(horizontal=True, vertical_alignment="bottom", key="cuts-question"):
        whole_number(
            say("cuts.percent"),
            key="cuts-percent-field",
            value=percent,
            limits=SHARES,
            choose=choose,
            help_text=say("cuts.percent_help"),
        )
        st.page_link(page_of("build"), label=say("cuts.build"), icon=":material/construction:")
    return percent


def _answer(
    session: Session, steps_of: Callable[[LimitQuestion], Sequence[Step]], question: LimitQuestion, *, key: str
) -> Any:
    """Have the steps of an answer done one after another, without being asked; None before it is there."""
    steps = steps_of(question)
    texts = {"label": say("cuts.again"), "waiting": say(f"cuts.waiting_{key}")}
    while is_ready(session, steps[-1].job, steps[-1].units, key=f"cuts-{key}", **texts):
        done, steps = len(steps), steps_of(question)
        if len(steps) == done:
            return steps[-1].results[0]
    return None


# ---- the three compressions, and the items -------------------------------------------------------------------------


def _clocks(session: Session, question: LimitQuestion) -> ThreeClocks | None:
    """Draw the three compressions and the items; promises, which nobody need simulate, at once."""
    st.subheader(say("cuts.title"), anchor=False)
    cards = st.container()
    if question.is_of_one_plan:
        st.info(say("cuts.same"), icon=":material/compare_arrows:")
        clocks = None
    else:
        clocks = _answer(session, clocks_steps, question, key="clocks")
    with cards:
        _cards(question, clocks)
    if clocks is not None:
        table = items_table(clocks, question.after.scenario)
        st.subheader(say("cuts.items"), anchor=False)
        draw_table(table)
        st.caption(say("cuts.items_note"))
    return clocks


def _cards(question: LimitQuestion, clocks: ThreeClocks | None) -> None:
    if clocks is None:
        cut, items = promised_by_sums(question.after.scenario)
        with st.container(border=True):
            st.metric(say("cuts.clock_promised"), number(cut, "share"))
            st.caption(say("cuts.at_once", items=items))
        return
    with st.grid(min_column_width=280, key="cards"):
        for name in CLOCKS:
            clock = getattr(clocks, name)
            with st.container(border=True, gap="xxsmall", height="stretch"):
                st.markdown(f"**{say(f'cuts.clock_{name}', percent=question.percent)}**")
                for weighting in WEIGHTINGS:
                    interval = getattr(clock, weighting)
                    st.metric(say(f"cuts.{weighting}"), number(interval.estimate, "share"))
                    if interval.low < interval.high:
                        low, high = number(interval.low, "share"), number(interval.high, "share")
                        st.caption(say("number.range", low=low, high=high))
    left_out = len(clocks.without_cases)
    st.caption(say("cuts.weightings", items=len(clocks.items)) + (say("cuts.left_out", n=left_out) if left_out else ""))


# ---- the shortest promises -----------------------------------------------------------------------------------------


def _promises(session: Session, question: LimitQuestion) -> Promises | None:
    st.subheader(say("cuts.promises"), anchor=False)
    promises: Promises | None = _answer(session, promise_steps, question, key="promises")
    if promises is None:
        return None
    if not promises.judged:
        st.caption(say("cuts.none_judged"))
        return promises
    st.markdown(say("cuts.promises_intro", share=promises.goal.share, probability=promises.goal.probability))
    ((_, figure),) = promise_charts(promises).charts
    draw_chart(figure, key="promises", alt=say("cuts.promises_alt"))
    with st.expander(say("cuts.promises_table")):
        draw_table(promise_tables(promises)[0])
        if promises.too_rare:
            st.caption(say("cuts.too_rare", n=len(promises.too_rare)))
    return promises


def _sentence(promises: Promises | None) -> None:
    """Say how sure a promise so far below the statutory limits is."""
    if promises is None:
        return
    text = plain(promise_sentence(promises))
    if promises.cut.together.low >= promises.goal.probability:
        st.success(text, icon=":material/check:")
    else:
        st.warning(text, icon=":material/warning:")


# ---- what each reform contributes ----------------------------------------------------------------------------------


def _contributions(session: Session, question: LimitQuestion) -> Compression | None:
    st.subheader(say("cuts.contributions"), anchor=False)
    if not question.has_reforms:
        st.caption(say("cuts.no_reforms"))
        return None
    st.markdown(say("cuts.contributions_intro"))
    steps = compression_steps(question)
    texts = {"label": say("cuts.contribute"), "key": "cuts-reforms", "purpose": question.plans}
    while is_done(session, steps[-1].job, steps[-1].units, **texts):
        done, steps = len(steps), compression_steps(question)
        if len(steps) == done:
            compression: Compression = steps[-1].results[0]
            _waterfall(compression)
            return compression
    return None


def _waterfall(compression: Compression) -> None:
    weighting = st.segmented_control(
        say("cuts.weighting"),
        WEIGHTINGS,
        format_func=labels(WEIGHTINGS, lambda name: say(f"cuts.{name}")),
        default="by_volume",
        required=True,
        key=f"cuts-weighting-{language()}",
        label_visibility="collapsed",
    )
    levers = getattr(compression, weighting or "by_volume").levers
    st.markdown(plain(lever_sentence(compression)))
    figure = waterfall_chart(levers, language())
    draw_chart(figure, key="waterfall", alt=say("cuts.waterfall_alt"))
    st.caption(say("cuts.waterfall_note"))
    draw_table(contribution_table(levers))


# ---- what the ranges cover, and how it was done --------------------------------------------------------------------


def _method(clocks: ThreeClocks | None, promises: Promises | None, compression: Compression | None) -> None:
    """Say once what the ranges cover; and, to whoever asks, how all was computed."""
    if clocks is None and promises is None:
        return
    st.caption(say("cuts.covers_posterior" if promises is not None and promises.draws else "cuts.covers"))
    with st.popover(say("cuts.method"), icon=":material/help:"):
        if promises is not None:
            st.markdown(plain(promise_covers_note(promises)))
        if compression is None:
            return
        st.markdown(plain(covers_note(compression)))
        for table in compression_tables(compression)[2:-2]:
            draw_table(table)
        st.caption(say("cuts.shapley"))
