"""The best of several plans: those there are, and the one that is looked at with each of some levers, by one metric.

Comes in: what is on the screen.  Goes out: jobs, and what is on the screen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import streamlit as st

from foundation import messages
from foundation.errors import HallplanError
from foundation.messages import language
from hallplan.page.choosing import CONFIDENCE, Question, levers_to_try, metrics_of, progress_of, question_of
from hallplan.page.plans import lever_catalogue
from hallplan.page.results import scenario_outlook
from hallplan.page.runs import PlanStudy
from hallplan.page.screen import Screen
from hallplan.page.session import Session
from hallplan.page.state import REPLICATIONS, Settings
from hallplan.page.text import labels, plain, say, sentence
from hallplan.page.views.fields import whole_number
from hallplan.page.views.side_jobs import is_done
from hallplan.page.views.tables import draw_table
from hallplan.show.metrics import metric_title
from hallplan.show.selection import SelectionReport, select_tables
from hallplan.show.words import in_language
from planner.select import Best, check_equal_demand
from scenarios.compose.writing import fingerprint
from sim.measure import metric_of
from sim.statistics.selection import FIRST_STAGE

__all__ = ["choice"]

_USUAL_DELTA: Final = {"minutes": 1.0, "hours": 0.1, "days": 1.0, "count": 5.0, "share": 1.0, "yuan": 100.0}
"""What the field for the smallest difference that matters begins with, by the metric's unit; of a share in points."""
_MOST_SPENT: Final = 600


def choice(screen: Screen) -> None:
    """Draw the question, how the work is getting on, and the choice."""
    session, study = screen.session, screen.wanted
    if study is None:
        return
    st.subheader(say("choice.title"), anchor=False)
    st.markdown(say("choice.intro", confidence=CONFIDENCE, plan=session.settings.letter))
    try:
        question = _question(session.settings, study)
        if len(question.scenarios) < 2:
            st.caption(say("choice.too_few"))
            return
        if not _demand_may_differ(question):
            return
        _answer(session, question)
    except HallplanError as error:
        st.error(sentence(error), icon=":material/error:")


def _demand_may_differ(question: Question) -> bool:
    """Tell whether the plans can be ranked; where different numbers of people come, only if the visitor says so."""
    try:
        check_equal_demand(question.scenarios, question.titles)
    except HallplanError as error:
        st.warning(sentence(error), icon=":material/balance:")
        return st.checkbox(say("choice.rank_anyway"), key="choice-rank-anyway")
    return True


def _question(settings: Settings, study: PlanStudy) -> Question:
    titles = {name: in_language(lever_catalogue()[name].spec.title, name) for name in levers_to_try(settings.plan)}
    selected = st.pills(
        say("choice.levers", plan=settings.letter),
        tuple(titles),
        selection_mode="multi",
        format_func=labels(titles, lambda name: plain(titles[name])),
        key=f"choice-levers-{language()}",
    )
    metrics = metrics_of(study)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        metric = st.selectbox(
            say("choice.metric"),
            metrics,
            format_func=labels(metrics, lambda key: metric_title(key, study.plans[-1].scenario, language())),
            key=f"choice-metric-{language()}",
        )
        is_sure = st.segmented_control(
            say("choice.how"),
            ("sure", "budget"),
            format_func=labels(("sure", "budget"), lambda way: say(f"choice.{way}")),
            default="sure",
            required=True,
            key="choice-how",
        )
        number = len(selected) + len({fingerprint(plan.scenario) for plan in study.plans})
        key = metric or metrics[0]
        delta = _delta(key) if is_sure != "budget" else None
        budget = _budget(number) if is_sure == "budget" else 0
    names = [say("plan_letter", plan=letter) for letter in study.by_letter]
    with_lever = names[settings.current]
    levers = {name: say("choice.with", plan=with_lever, lever=titles[name]) for name in selected}
    question = question_of(settings, levers, names=names, metric=key, delta=delta, budget=budget)
    idle = [titles[name] for name, title in levers.items() if title not in question.titles]
    if idle:
        st.caption(say("choice.idle", plan=settings.letter, levers=plain(say("comma").join(idle))))
    return question


def _delta(metric: str) -> float:
    definition = metric_of(metric)
    is_share = definition.kind == "share"
    unit = say("choice.points") if is_share else messages.text(definition.unit_key)
    usual = _USUAL_DELTA[definition.kind]
    value = st.number_input(
        say("choice.delta", unit=unit),
        min_value=usual / 100,
        max_value=99.0 if is_share else usual * 1_000,
        value=usual,
        step=usual / 2,
        key=f"choice-delta-{metric}",
        help=say("choice.delta_help", most=REPLICATIONS[1]),
    )
    return value / 100 if is_share else value


def _budget(plans: int) -> int:
    key = f"choice-budget-{plans}"
    fewest = plans * FIRST_STAGE
    number: int = st.session_state.get(f"{key}-number", 2 * fewest)

    def choose(number: int) -> None:
        st.session_state[f"{key}-number"] = number

    whole_number(
        say("choice.budget_label"),
        key=key,
        value=number,
        limits=(fewest, _MOST_SPENT),
        choose=choose,
        help_text=say("choice.budget_help", first=FIRST_STAGE),
    )
    return number


def _answer(session: Session, question: Question) -> None:
    now = progress_of(question)
    while now.best is None:
        if not is_done(session, now.job, now.units, label=say("choice.choose"), key="choice", purpose=question.name):
            return
        now = progress_of(question)  # this stage had been simulated before: the next follows at once
    _draw(now.best, metric_title(question.metric, question.scenarios[0], language()))


def _draw(best: Best, metric: str) -> None:
    message = plain(best.message(metric=metric))
    if best.is_guaranteed:
        st.success(message, icon=":material/check:")
    else:
        st.warning(message, icon=":material/help:")
    ranks, about = select_tables(SelectionReport(best, [scenario_outlook(scenario) for scenario in best.scenarios]))
    draw_table(replace(ranks, notes=ranks.notes[1:]))  # the first says what stands above
    draw_table(about)
