"""A day in the hall, played back: asked of the queue of jobs by itself, and drawn when it is there.

Comes in: the session and a plan.  Goes out: what is on the screen.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import streamlit as st

from foundation import numbers
from foundation.errors import HallplanError
from foundation.messages import language
from hallplan.page.plans import Plan
from hallplan.page.replay.component import draw_day
from hallplan.page.replay.payload import words
from hallplan.page.replay.preparing import json_of, replay_unit
from hallplan.page.replay.shipped import offer_shipped
from hallplan.page.runs import background
from hallplan.page.session import Session
from hallplan.page.text import say, sentence
from hallplan.page.views.side_jobs import is_ready
from sim.measure.day_replay import DayReplay

__all__ = ["replay"]

_KEY: Final = "replay"


def replay(session: Session, plan: Plan) -> None:
    """Draw a typical day of a plan, or that it is being prepared."""
    st.subheader(say("replay.heading"), anchor=False)
    try:
        unit = replay_unit(plan, seed=session.settings.seed)
        offer_shipped(unit)
        texts = {"label": say("replay.retry"), "waiting": say("replay.preparing")}
        if not is_ready(session, unit.key, [unit], key=_KEY, **texts):
            return
        (day,) = background().results(unit.key)
    except HallplanError as error:
        st.caption(sentence(error))
        return
    _draw(day, plan)


def _draw(day: DayReplay, plan: Plan) -> None:
    visits = int(np.count_nonzero(day.visits.arrive >= 0))
    median = numbers.number(day.median, "count", 0 if day.median.is_integer() else 1)
    st.caption(say("replay.intro", date=day.date.isoformat(), visits=visits, median=median))
    draw_day(json_of(day, plan, language()), words(), key=f"{_KEY}-day")
