"""How far the figures can be trusted: how a plan's runs begin, and what control variates are worth.

Comes in: what is on the screen.  Goes out: jobs, and what is on the screen.
"""

from __future__ import annotations

import streamlit as st

from foundation.errors import HallplanError
from foundation.messages import language
from hallplan.page.method import LOOKS, beginning, beginning_units, controls, controls_units
from hallplan.page.plans import Plan
from hallplan.page.results import headline, scenario_outlook
from hallplan.page.runs import PlanStudy, background, job_name
from hallplan.page.screen import Screen
from hallplan.page.session import Session
from hallplan.page.text import plain, say, sentence, together
from hallplan.page.views.charts import draw_chart
from hallplan.page.views.plans import looked_at
from hallplan.page.views.side_jobs import is_done
from hallplan.page.views.simulation import simulation
from hallplan.page.views.tables import draw_table
from hallplan.show.charts import beginning_chart
from hallplan.show.comparison_frames import LETTERS
from hallplan.show.controls import controls_table
from planner.compare import Comparison
from planner.warm_up import BATCH, Beginning

__all__ = ["method"]


def method(screen: Screen) -> None:
    """Draw how precisely all is simulated, and both looks at a plan that is chosen."""
    session, study = screen.session, screen.wanted
    st.subheader(say("run.title"), anchor=False)
    simulation(session)
    if study is None:
        return
    plans = study.by_letter
    letter = looked_at(plans, "method-plan", session.settings.letter)
    st.subheader(say("warm_up.title"), anchor=False)
    st.markdown(say("warm_up.intro", replications=LOOKS))
    _beginning(session, plans[letter], seed=session.settings.seed)
    st.subheader(say("controls.title"), anchor=False)
    st.markdown(say("controls.intro"))
    if screen.comparison is None or screen.shown is None or screen.is_stale:
        st.caption(say("nothing_yet"))
    else:
        _controls(session, letter, screen.comparison, screen.shown.study)


def _beginning(session: Session, plan: Plan, *, seed: int) -> None:
    try:
        units = beginning_units(plan, seed=seed)
        job = job_name("beginning", *(unit.key for unit in units))
        if is_done(session, job, units, label=say("warm_up.look"), key="warm-up"):
            _draw_beginning(beginning(plan, background().results(job), seed=seed))
    except HallplanError as error:
        st.caption(sentence(error))


def _draw_beginning(beginning_found: Beginning) -> None:
    draw_chart(
        beginning_chart(beginning_found.curve(), language(), days=beginning_found.days),
        key="beginning",
        alt=say("warm_up.alt"),
    )
    message = plain(together(beginning_found.message(), beginning_found.advice()))
    if beginning_found.days is None:
        st.warning(message, icon=":material/warning:")
    else:
        st.markdown(message)
    st.caption(
        together(
            say("warm_up.caption", window=2 * BATCH + 1),
            beginning_found.regime.about(beginning_found.interval(0)).label(),
        )
    )


def _controls(session: Session, letter: str, comparison: Comparison, study: PlanStudy) -> None:
    which = LETTERS.index(letter)
    run = comparison.runs[which]
    units = controls_units(run)
    job = job_name("controls", *(unit.key for unit in units))
    purpose = f"{study.name}:{letter}"
    if units and not is_done(session, job, units, label=say("controls.compute"), key="controls", purpose=purpose):
        return
    try:
        adjusted = controls(run, background().results(job) if units else ())
    except HallplanError as error:
        st.caption(sentence(error))
        return
    keys = [difference.metric for difference in headline(comparison, max(which, 1)) if difference.metric in run.columns]
    draw_table(controls_table(adjusted, keys, regime=scenario_outlook(run.scenario).regime))
