"""How the figures are simulated: how precisely, and from which seed.

Comes in: the session.  Goes out: decisions on it.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from hallplan.page.session import Session
from hallplan.page.state import (
    FIRST_LOOK,
    PRECISIONS,
    REPLICATIONS,
    SEEDS,
    Settings,
    set_precision,
    set_replications,
    set_seed,
)
from hallplan.page.text import labels, say
from hallplan.page.views.fields import controlled, whole_number

__all__ = ["simulation"]


def simulation(session: Session) -> None:
    """Draw both choices."""
    settings = session.settings
    named: dict[int | float, str] = {FIRST_LOOK: say("run.quick", replications=FIRST_LOOK)}
    named |= {precision: _per_cent(precision) for precision in PRECISIONS}
    current: int | float = settings.precision if settings.replications is None else settings.replications
    if current not in named:
        named[current] = say("run.replications", number=current) if isinstance(current, int) else _per_cent(current)

    def choose() -> None:
        value = st.session_state["precision"]
        if value in named:  # or a label of the other language
            session.change(lambda settings: _go_as_far_as(settings, value))

    st.segmented_control(
        say("run.how_precise"),
        tuple(named),
        format_func=labels(named, named.__getitem__),
        key=controlled("precision", current),
        on_change=choose,
        required=True,
        help=say("run.precision_help", first=FIRST_LOOK, most=REPLICATIONS[1]),
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
