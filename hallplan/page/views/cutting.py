"""The 52%: what is promised, by arithmetic; what the staff can keep, and which reform earned it, when it is there.

Comes in: what is on the screen.  Goes out: jobs, and what is on the screen.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from foundation.errors import HallplanError
from foundation.messages import language
from foundation.numbers import number
from hallplan.page.cutting import PERCENT, USUAL_PERCENT, compression_unit, limits_of, promise_unit, promised_cut
from hallplan.page.plans import Plan
from hallplan.page.runs import background
from hallplan.page.screen import Screen
from hallplan.page.text import plain, say, sentence
from hallplan.page.views.fields import decimal_number
from hallplan.page.views.side_jobs import is_done
from hallplan.page.views.tables import draw_table
from hallplan.show.charts import PLOT_CONFIG, ChartDocument
from hallplan.show.compression import compression_tables, verdict_sentence
from hallplan.show.compression_files import compression_charts
from hallplan.show.promise import promise_sentence, promise_tables
from hallplan.show.promise_files import promise_charts
from hallplan.show.words import service_title

__all__ = ["cutting"]


def cutting(screen: Screen) -> None:
    """Draw the promises of the plan that is looked at, what keeps them, and the way there from plan A."""
    plan, session = screen.plan, screen.session
    if plan is None:
        return
    letter, seed = session.settings.letter, session.settings.seed
    st.markdown(say("cut.intro", plan=letter))
    if not limits_of(plan.scenario):
        st.info(say("cut.none"), icon=":material/info:")
        return
    try:
        _promised(plan)
        percent = _percent()
        st.subheader(say("cut.kept"), anchor=False)
        _kept(screen, plan, percent, seed)
        st.subheader(say("cut.earned"), anchor=False)
        if session.settings.current == 0:
            st.caption(say("cut.look_at_another"))
        else:
            _earned(screen, plan, percent, seed)
    except HallplanError as error:
        st.error(sentence(error), icon=":material/error:")


def _promised(plan: Plan) -> None:
    """Draw promised against statutory limits: what is on paper, known without any simulation."""
    limits = limits_of(plan.scenario)
    st.markdown(say("cut.promised", share=number(promised_cut(limits), "share"), items=len(limits)))
    with st.expander(say("cut.limits")):
        rows = [
            {
                say("cut.item"): service_title(plan.scenario, item.item, language()),
                say("cut.legal"): item.statutory,
                say("cut.promise"): item.promised,
                say("cut.shorter"): number(item.cut, "share"),
            }
            for item in limits
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("cut.limits"))


def _percent() -> float:
    percent: float = st.session_state.get("cut-percent-chosen", USUAL_PERCENT)

    def choose(value: float) -> None:
        st.session_state["cut-percent-chosen"] = value

    decimal_number(say("cut.percent"), key="cut-percent", value=percent, limits=PERCENT, choose=choose)
    return percent


def _kept(screen: Screen, plan: Plan, percent: float, seed: int) -> None:
    unit = promise_unit(plan, percent, seed=seed)
    if not is_done(screen.session, unit.key, [unit], label=say("cut.find"), key="cut-promise", purpose=unit.key):
        st.caption(say("cut.find_help"))
        return
    (result,) = background().results(unit.key)
    st.markdown(f"**{plain(promise_sentence(result))}**")
    _charts(promise_charts(result), "promise")
    for table in promise_tables(result):
        draw_table(table)


def _earned(screen: Screen, plan: Plan, percent: float, seed: int) -> None:
    unit = compression_unit(screen.plans["A"], plan, percent, seed=seed)
    if not is_done(screen.session, unit.key, [unit], label=say("cut.divide"), key="cut-earned", purpose=unit.key):
        st.caption(say("cut.divide_help"))
        return
    (result,) = background().results(unit.key)
    st.markdown(f"**{plain(verdict_sentence(result))}**")
    _charts(compression_charts(result), "earned")
    *tables, _ = compression_tables(result)  # the last is the sentence above
    for table in tables:
        draw_table(table)


def _charts(document: ChartDocument, key: str) -> None:
    """Draw the charts of an answer, each under its question."""
    for place, (heading, figure) in enumerate(document.charts):
        st.markdown(f"**{plain(heading)}**")
        st.plotly_chart(figure, theme=None, key=f"chart-{key}-{place}", config=PLOT_CONFIG, alt=heading)
    for note in document.notes:
        st.caption(plain(note))
