"""How many officers a wait takes: the question, the arithmetic, and the certified shifts when they are there.

Comes in: what is on the screen.  Goes out: jobs, downloads, and a new plan.
"""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from foundation import messages
from foundation.errors import HallplanError
from foundation.messages import language
from foundation.numbers import number
from hallplan.page.plans import UPLOADS, Plan
from hallplan.page.runs import background
from hallplan.page.screen import Screen
from hallplan.page.session import Session
from hallplan.page.staffing import (
    MINUTES,
    PERCENT,
    StaffArithmetic,
    StaffQuestion,
    arithmetic_unit,
    staff_unit,
    toml,
)
from hallplan.page.state import MOST_PLANS, PlanChoice, add_plan, change_plan
from hallplan.page.text import labels, plain, say, sentence
from hallplan.page.views.charts import draw_chart
from hallplan.page.views.fields import decimal_number
from hallplan.page.views.side_jobs import is_done, is_ready
from hallplan.page.views.tables import draw_table
from hallplan.show.charts import shifts_chart
from hallplan.show.staffing import staffing_tables
from hallplan.show.staffing_files import requirement_charts, roster_workbook, shift_rows
from planner.staffing.plan import StaffPlan
from planner.staffing.result import Staffing

__all__ = ["staff_plan"]

_SCOPES: Final = ("pool", "hall")
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def staff_plan(screen: Screen) -> None:
    """Draw the question about the plan that is looked at, and its answers."""
    plan, session = screen.plan, screen.session
    if plan is None:
        return
    st.markdown(say("staff.intro", plan=session.settings.letter))
    question = _question()
    try:
        unit = arithmetic_unit(plan, question)
        texts = {"label": say("staff.again"), "waiting": say("staff.counting")}
        if not is_ready(session, unit.key, [unit], key="staff-arithmetic", **texts):
            return
        (arithmetic,) = background().results(unit.key)
        search = staff_unit(plan, question, seed=session.settings.seed)
        st.markdown(_by_formula(arithmetic, question))
        label = say("staff.search")
        if is_done(session, search.key, [search], label=label, key="staff", purpose=search.key):
            _answer(session, plan, arithmetic, background().results(search.key)[0])
        else:
            st.caption(say("staff.search_help"))
            _requirement(plan, arithmetic.plan, arithmetic)
    except HallplanError as error:
        st.error(sentence(error), icon=":material/error:")


def _question() -> StaffQuestion:
    question: StaffQuestion = st.session_state.get("staff-question", StaffQuestion())

    def choose(percent: float, minutes: float, scope: str) -> None:
        st.session_state["staff-question"] = StaffQuestion(percent, minutes, scope == "hall")

    scope = _SCOPES[question.is_hall_wide]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        decimal_number(
            say("staff.percent"),
            key="staff-percent",
            value=question.percent,
            limits=PERCENT,
            choose=lambda value: choose(value, question.minutes, scope),
        )
        decimal_number(
            say("staff.minutes"),
            key="staff-minutes",
            value=question.minutes,
            limits=MINUTES,
            choose=lambda value: choose(question.percent, value, scope),
        )
        selected = st.segmented_control(
            say("staff.scope"),
            _SCOPES,
            format_func=labels(_SCOPES, lambda name: say(f"staff.scope_{name}")),
            default=scope,
            required=True,
            key=f"staff-scope-{language()}",
        )
    if selected in _SCOPES and selected != scope:
        choose(question.percent, question.minutes, selected)
        st.rerun()
    return question


def _by_formula(arithmetic: StaffArithmetic, question: StaffQuestion) -> str:
    plan, target = arithmetic.plan, question.target.label()
    hours = number(plan.hours_per_week, "minutes")
    return plain(say("staff.by_formula", people=plan.heads, present=arithmetic.present, target=target, hours=hours))


def _probability(result: Staffing) -> str:
    """Say what the answer covers: the probability over the uncertain numbers, or that these are as given."""
    check = result.over_posterior
    if check is None:
        return say("staff.as_given")
    share = check.probability
    return say("staff.probability", estimate=share.estimate, low=share.low, high=share.high, level=check.level)


def _answer(session: Session, plan: Plan, arithmetic: StaffArithmetic, result: Staffing) -> None:
    words: dict[str, Any] = {"people": result.plan.heads, "present": arithmetic.present, "officers": len(result.roster)}
    words |= {"hours": number(result.plan.hours_per_week, "minutes"), "target": result.label}
    words |= {"confidence": f"{1 - result.effort.alpha:.0%}"}
    text = plain(say("staff.certified" if result.is_certified else "staff.not_certified", **words))
    if result.is_certified:
        st.success(text, icon=":material/check:")
    else:
        st.warning(text, icon=":material/warning:")
    st.markdown(plain(_probability(result)))
    _actions(session, plan, result)
    verdict, shifts, *certificates, notes = staffing_tables(result)
    st.subheader(say("staff.shifts"), anchor=False)
    figure = shifts_chart(shift_rows(result), language())
    draw_chart(figure, key="shifts", alt=say("staff.shifts_alt"))
    _requirement(plan, result.plan, arithmetic)
    draw_table(shifts)
    for table in certificates:
        draw_table(table)
    with st.popover(say("staff.method"), icon=":material/help:"):
        draw_table(verdict)
        draw_table(notes)


def _requirement(plan: Plan, staff: StaffPlan, arithmetic: StaffArithmetic) -> None:
    charts = requirement_charts(plan.scenario, staff, arithmetic.requirements)
    places = tuple(range(len(charts)))
    place = st.selectbox(
        say("staff.requirement"),
        places,
        format_func=labels(places, lambda place: charts[place][0]),
        key=f"staff-chart-{language()}",
    )
    figure = charts[place or 0][1]
    draw_chart(figure, key="requirement", alt=say("staff.requirement"))


def _actions(session: Session, plan: Plan, result: Staffing) -> None:
    letter = session.settings.letter

    def take() -> None:
        with messages.using(session.language):
            try:
                upload = UPLOADS.add(toml(plan, result), title=f"{plan.scenario.name}.toml")
            except HallplanError as error:
                session.notes.append(error)
                return
            title = say("staff.plan_title", plan=letter)
        if upload.name not in session.uploads:
            session.uploads = (*session.uploads, upload.name)
        choice = PlanChoice(upload.name, title=title)
        session.change(lambda settings: change_plan(add_plan(settings), lambda _: choice))

    with st.container(horizontal=True):
        st.download_button(
            say("staff.roster"),
            roster_workbook(result),
            file_name=f"roster-{letter}.xlsx",
            mime=_XLSX,
            icon=":material/download:",
            on_click="ignore",
            key="staff-roster",
        )
        is_full = len(session.settings.plans) >= MOST_PLANS
        st.button(say("staff.take"), key="staff-take", icon=":material/add:", on_click=take, disabled=is_full)
    if is_full:
        st.caption(say("staff.full", most=MOST_PLANS))
