"""A plan: what it is called, what it starts from, its levers and its demand.

Comes in: the session and what its plans start from.  Goes out: decisions on the session.  Every widget is told its
value on every run, so that undo, a link and another widget can move it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import streamlit as st

from foundation.messages import language
from hallplan.page.plans import Plan, known_scenarios, lever_catalogue, levers_of, scenario_title
from hallplan.page.session import Session
from hallplan.page.state import (
    DEMAND,
    MOST_PLANS,
    LeverChoice,
    ParameterValue,
    Settings,
    add_plan,
    change_plan,
    choose_base,
    remove_plan,
    rename_plan,
    reset_plan,
    set_demand,
    set_demand_of_all,
    set_parameter,
    switch_lever,
)
from hallplan.page.text import labels, lever_help, plain, say
from hallplan.page.views.fields import controlled, decimal_number, whole_number
from hallplan.show.words import in_language
from scenarios.compose.levers import Lever, Parameter

__all__ = ["choices", "looked_at"]

_PARAMETERS: Final = (-1_000_000, 1_000_000)
"""What a lever's whole number may be: which of them make sense is for composing to say."""


def looked_at(plans: Mapping[str, Plan], key: str, current: str) -> str:
    """Draw the choice of one plan to look at; return its letter, the current one until another is chosen."""
    letter: str | None = st.segmented_control(
        say("provenance.plan"),
        tuple(plans),
        format_func=labels(plans, lambda name: say("plan_letter", plan=name)),
        default=current,
        required=True,
        key=f"{key}-{len(plans)}-{current}",
        label_visibility="collapsed",
    )
    return letter or current


def choices(session: Session) -> None:
    """Draw everything that decides the plan that is looked at, except its staff."""
    _plan(session)
    _demand(session)
    _levers(session)


def _plan(session: Session) -> None:
    settings = session.settings
    plan, letter = settings.plan, settings.letter
    with st.container(horizontal=True, key="plan-buttons"):
        st.button(
            say("plans.add", plan=letter),
            key="add-plan",
            icon=":material/add:",
            on_click=lambda: session.change(add_plan),
            disabled=len(settings.plans) >= MOST_PLANS,
            help=say("plans.add_help", most=MOST_PLANS),
        )
        st.button(
            say("plans.remove", plan=letter),
            key="remove-plan",
            icon=":material/delete:",
            on_click=lambda: session.change(remove_plan),
            disabled=len(settings.plans) <= 2,
        )
        st.button(
            say("buttons.reset", plan=letter),
            key="reset",
            icon=":material/restart_alt:",
            on_click=lambda: session.change_plan(reset_plan),
            disabled=not plan.changes,
        )
    names = known_scenarios(*session.uploads, *(choice.base for choice in settings.plans))

    def start() -> None:
        name = st.session_state["base"]
        if name in names:  # or a label of the other language
            session.change_plan(lambda plan: choose_base(plan, name))

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            say("plans.base", plan=letter),
            names,
            format_func=labels(names, _title),
            key=controlled("base", plan.base),
            on_change=start,
            help=say("plans.base_help"),
            filter_mode=None,
        )
        st.text_input(
            say("plans.title", plan=letter),
            key=controlled("plan-title", plan.title),
            on_change=lambda: session.change_plan(lambda plan: rename_plan(plan, st.session_state["plan-title"])),
            placeholder=_title(plan.base),
            max_chars=60,
        )


def _title(name: str) -> str:
    return scenario_title(name, language())


# --- levers -------------------------------------------------------------------------------------------------------


def _levers(session: Session) -> None:
    there = levers_of(session.settings.plan.base)
    catalogue = lever_catalogue()
    for later, key in ((False, "article"), (True, "later")):
        shown = [lever for lever in catalogue.values() if lever.spec.later is later]
        on = sum(_is_on(session, lever.name, there.own, there.inherited) for lever in shown)
        # Without a key the group would close whenever its label changes.
        with st.expander(say(f"levers.{key}", on=on, all=len(shown)), expanded=not later, key=f"levers-{key}"):
            for lever in shown:
                _lever(session, lever, there.own, there.inherited)
    st.caption(say("levers.note", name=plain(_title(session.settings.plan.base))))


def _is_on(session: Session, name: str, own: Sequence[str], inherited: Sequence[str]) -> bool:
    plan = session.settings.plan
    return plan.is_on(name) or name in inherited or (name in own and name not in plan.off)


def _lever(session: Session, lever: Lever, own: Sequence[str], inherited: Sequence[str]) -> None:
    key = f"lever-{lever.name}"
    is_on = _is_on(session, lever.name, own, inherited)

    def switch() -> None:
        on = st.session_state[key]
        session.change_plan(partial(switch_lever, name=lever.name, on=on, of_base=lever.name in own))

    st.toggle(
        plain(in_language(lever.spec.title, lever.name)),
        key=controlled(key, is_on),
        on_change=switch,
        help=lever_help(lever),
        disabled=lever.name in inherited,
    )
    choice = next((choice for choice in session.settings.plan.on if choice.name == lever.name), None)
    if choice is not None:
        for name, parameter in lever.spec.parameters.items():
            _parameter(session, choice, name, parameter)


def _parameter(session: Session, choice: LeverChoice, name: str, parameter: Parameter) -> None:
    key = f"lever-{choice.name}-{name}"
    value: Any = dict(choice.parameters).get(name, parameter.default)

    def decide(value: ParameterValue) -> None:
        session.change_plan(
            partial(set_parameter, lever=choice.name, parameter=name, value=value, default=parameter.default)
        )

    def choose() -> None:
        new_value: ParameterValue | None = st.session_state[key]
        if new_value is not None:
            decide(new_value)

    label = plain(in_language(parameter.title, name))
    if isinstance(value, bool):
        st.checkbox(label, key=controlled(key, value), on_change=choose)
    elif isinstance(value, int):
        whole_number(label, key=key, value=value, limits=_PARAMETERS, choose=decide)
    elif isinstance(value, float):
        decimal_number(label, key=key, value=value, limits=_PARAMETERS, choose=decide)
    else:
        st.text_input(label, key=controlled(key, str(value)), on_change=choose, max_chars=64)


# --- demand -------------------------------------------------------------------------------------------------------

_WHOSE: Final = ("one", "all")


def _demand(session: Session) -> None:
    settings = session.settings
    whose = st.session_state.get("demand-for", _WHOSE[0])

    def decide(factor: float) -> Callable[[Settings], Settings]:
        if st.session_state.get("demand-for") == "all":
            return partial(set_demand_of_all, factor=factor)
        return lambda settings: change_plan(settings, partial(set_demand, factor=factor))

    def equal() -> None:
        session.change(decide(settings.plan.demand))

    with st.container(horizontal=True, vertical_alignment="bottom"):
        decimal_number(
            say("demand.label"),
            key="demand",
            value=settings.plan.demand * 100,
            limits=(DEMAND[0] * 100, DEMAND[1] * 100),
            choose=lambda percent: session.change(decide(percent / 100)),
            help_text=say("demand.help"),
        )
        st.segmented_control(
            say("demand.for"),
            _WHOSE,
            format_func=labels(_WHOSE, lambda which: say(f"demand.{which}", plan=settings.letter)),
            key=controlled("demand-for", whose if whose in _WHOSE else _WHOSE[0]),
            on_change=equal,
            required=True,
            label_visibility="collapsed",
        )
