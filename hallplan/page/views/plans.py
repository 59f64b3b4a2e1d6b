"""The panel of choices: language, both plans, levers, demand, and how to simulate.

Comes in: the session and what its plans start from.  Goes out: decisions on the session.  Every widget is told its
value on every run, so that undo, a link and another widget can move it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from functools import partial
from typing import Any, Final

import streamlit as st

from foundation.messages import LANGUAGES, language
from hallplan.page.plans import Plan, known_scenarios, lever_catalogue, levers_of, scenario_title
from hallplan.page.session import Session
from hallplan.page.state import (
    DEMAND,
    FIRST_LOOK,
    PRECISIONS,
    REPLICATIONS,
    SEEDS,
    LeverChoice,
    ParameterValue,
    Settings,
    choose_a,
    choose_b,
    set_demand,
    set_parameter,
    set_precision,
    set_replications,
    set_seed,
    switch_lever,
)
from hallplan.page.text import labels, lever_help, plain, say
from hallplan.page.views.fields import whole_number
from hallplan.show.words import in_language
from scenarios.compose.levers import Lever, Parameter

__all__ = ["choices", "looked_at"]

_PARAMETERS: Final = (-1_000_000, 1_000_000)
"""What a lever's whole number may be: which of them make sense is for composing to say."""


def looked_at(plans: Mapping[str, Plan], key: str) -> str:
    """Draw the choice of one plan to look at; return its letter, B until another is chosen."""
    letter: str | None = st.segmented_control(
        say("provenance.plan"),
        tuple(plans),
        format_func=labels(plans, lambda name: say("plan_letter", plan=name)),
        default="B",
        required=True,
        key=key,
        label_visibility="collapsed",
    )
    return letter or "B"


def choices(session: Session) -> None:
    """Draw the panel."""
    _languages(session)
    _plans(session)
    _levers(session)
    _demand(session)
    _simulation(session)


def _controlled(key: str, value: Any) -> str:
    """Give a widget its value before it is drawn, and return its key."""
    st.session_state[key] = value
    return key


def _languages(session: Session) -> None:
    def choose() -> None:
        session.language = st.session_state["language"]
        session.step += 1

    st.segmented_control(
        say("language"),
        LANGUAGES,
        format_func={"en": "English", "zh": "中文"}.__getitem__,
        key=_controlled("language", session.language),
        on_change=choose,
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )


def _plans(session: Session) -> None:
    settings = session.settings
    names = known_scenarios(*session.uploads, settings.a, settings.b)
    for key, label, name, choose in (
        ("plan-a", say("plans.a"), settings.a, choose_a),
        ("plan-b", say("plans.b"), settings.b, choose_b),
    ):
        st.selectbox(
            label,
            names,
            format_func=labels(names, _title),
            key=_controlled(key, name),
            on_change=_decide(session, key, choose, names),
            help=say(f"plans.{key[-1]}_help"),
            filter_mode=None,
        )


def _title(name: str) -> str:
    return scenario_title(name, language())


def _decide(session: Session, key: str, decision: Callable[..., Any], options: Container[object]) -> Callable[[], None]:
    """Return what to do when a widget has a new value: take the decision with it, if it is one of the options.

    A browser names its choice by the label.  Clicked while the language changes, that is a label of the other language,
    and Streamlit gives it to us as it is.
    """

    def act() -> None:
        value = st.session_state[key]
        if value in options:
            session.change(lambda settings: decision(settings, value))

    return act


# --- levers -------------------------------------------------------------------------------------------------------


def _levers(session: Session) -> None:
    settings, there = session.settings, levers_of(session.settings.b)
    catalogue = lever_catalogue()
    for later, key in ((False, "article"), (True, "later")):
        shown = [lever for lever in catalogue.values() if lever.spec.later is later]
        on = sum(_is_on(session, lever.name, there.own, there.inherited) for lever in shown)
        with st.expander(say(f"levers.{key}", on=on, all=len(shown)), expanded=not later):
            for lever in shown:
                _lever(session, lever, there.own, there.inherited)
    st.caption(say("levers.note", name=plain(_title(settings.b))))


def _is_on(session: Session, name: str, own: Sequence[str], inherited: Sequence[str]) -> bool:
    settings = session.settings
    return settings.is_on(name) or name in inherited or (name in own and name not in settings.off)


def _lever(session: Session, lever: Lever, own: Sequence[str], inherited: Sequence[str]) -> None:
    key = f"lever-{lever.name}"
    is_on = _is_on(session, lever.name, own, inherited)

    def switch() -> None:
        on = st.session_state[key]
        session.change(partial(switch_lever, name=lever.name, on=on, of_base=lever.name in own))

    st.toggle(
        plain(in_language(lever.spec.title, lever.name)),
        key=_controlled(key, is_on),
        on_change=switch,
        help=lever_help(lever),
        disabled=lever.name in inherited,
    )
    choice = next((choice for choice in session.settings.on if choice.name == lever.name), None)
    if choice is not None:
        for name, parameter in lever.spec.parameters.items():
            _parameter(session, choice, name, parameter)


def _parameter(session: Session, choice: LeverChoice, name: str, parameter: Parameter) -> None:
    key = f"lever-{choice.name}-{name}"
    value: Any = dict(choice.parameters).get(name, parameter.default)

    def decide(value: ParameterValue) -> None:
        session.change(
            partial(set_parameter, lever=choice.name, parameter=name, value=value, default=parameter.default)
        )

    def choose() -> None:
        new_value: ParameterValue | None = st.session_state[key]
        if new_value is not None:
            decide(new_value)

    label = plain(in_language(parameter.title, name))
    if isinstance(value, bool):
        st.checkbox(label, key=_controlled(key, value), on_change=choose)
    elif isinstance(value, int):
        whole_number(label, key=key, value=value, limits=_PARAMETERS, choose=decide)
    elif isinstance(value, float):
        st.number_input(label, key=_controlled(key, value), step=0.05, format="%.2f", on_change=choose)
    else:
        st.text_input(label, key=_controlled(key, str(value)), on_change=choose, max_chars=64)


# --- demand and simulation ----------------------------------------------------------------------------------------


def _demand(session: Session) -> None:
    settings = session.settings

    options = ("b", "both")

    def choose() -> None:
        percent, whose = st.session_state["demand"], st.session_state["demand-for"]
        both = whose == "both" if whose in options else settings.both  # or a label of the other language
        session.change(partial(set_demand, factor=percent / 100, both=both))

    st.number_input(
        say("demand.label"),
        min_value=DEMAND[0] * 100,
        max_value=DEMAND[1] * 100,
        step=5.0,
        format="%.0f",
        key=_controlled("demand", settings.demand * 100),
        on_change=choose,
        help=say("demand.help"),
    )
    st.segmented_control(
        say("demand.for"),
        options,
        format_func=labels(options, lambda which: say(f"demand.{which}")),
        key=_controlled("demand-for", "both" if settings.both else "b"),
        on_change=choose,
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )


def _simulation(session: Session) -> None:
    settings = session.settings
    named: dict[int | float, str] = {FIRST_LOOK: say("run.quick", replications=FIRST_LOOK)}
    named |= {precision: _per_cent(precision) for precision in PRECISIONS}
    current: int | float = settings.precision if settings.replications is None else settings.replications
    if current not in named:
        named[current] = say("run.replications", number=current) if isinstance(current, int) else _per_cent(current)
    st.segmented_control(
        say("run.how_precise"),
        tuple(named),
        format_func=labels(named, named.__getitem__),
        key=_controlled("precision", current),
        on_change=_decide(session, "precision", _go_as_far_as, named),
        required=True,
        help=say("run.precision_help", first=FIRST_LOOK, most=REPLICATIONS[1]),
        width="stretch",
    )
    whole_number(
        say("run.seed"),
        key="seed",
        value=settings.seed,
        limits=SEEDS,
        choose=lambda seed: session.change(partial(set_seed, seed=seed)),
        help_text=say("run.seed_help"),
    )


def _per_cent(precision: float) -> str:
    return say("run.precision", precision=round(precision * 100, 2))


def _go_as_far_as(settings: Settings, value: int | float) -> Settings:
    """Take a number of replications, or a precision, as what was chosen."""
    return set_replications(settings, value) if isinstance(value, int) else set_precision(settings, value)
