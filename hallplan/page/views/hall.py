"""The hall at a glance: the verdict with its two numbers, whose hall it is, and where people wait.

Comes in: what is on the screen.  Goes out: nothing but what is on the screen.
"""

from __future__ import annotations

from typing import Final, Literal

import pandas as pd
import streamlit as st

from foundation import messages
from foundation.identity import Identity
from foundation.messages import language
from hallplan.page.memory import remembered
from hallplan.page.results import scenario_outlook
from hallplan.page.screen import Screen
from hallplan.page.text import plain, say, together
from hallplan.page.verdict import PlanFigure, verdict_of
from hallplan.page.views.charts import draw_chart
from hallplan.page.views.head import read_first
from hallplan.page.views.links import page_of
from hallplan.show.charts import heat_chart
from hallplan.show.comparison_frames import LETTERS
from hallplan.show.queue_frame import queue_frame
from planner.compare import Comparison
from planner.judgement import Judgement
from scenarios.compose.composing import Composed
from scenarios.provenance import Kind, count_kinds
from sim.measure import metric_of
from sim.run.replications import Replications

__all__ = ["at_a_glance", "sources"]

_FIRST: Final = 8
"""How many pools the heat map shows before all are asked for."""
_COLOURS: Final[dict[Judgement, Literal["blue", "orange"]]] = {"better": "blue", "worse": "orange"}
_WORDS: Final[dict[Judgement, str]] = {
    "better": "headline.better",
    "worse": "headline.worse",
    "unclear": "headline.no_difference",
}


def at_a_glance(screen: Screen) -> None:
    """Draw the verdict of the plan that is looked at, what must be read before it, and where people wait."""
    which = screen.session.settings.current
    if screen.comparison is None:
        if which and _is_plan_a_again(screen):
            names = {"base": LETTERS[0], "plan": LETTERS[which]}
            titles = {key: say("plan_letter", plan=letter) for key, letter in names.items()}
            st.subheader(say("verdict.same", **titles), anchor=False)
        st.caption(say("nothing_yet"))
        return
    which = min(which, screen.comparison.comparisons)
    verdict = verdict_of(screen.comparison, which)
    read_first(verdict.warnings)
    st.subheader(plain(verdict.sentence), anchor=False)
    left, right = st.columns((2, 3), gap="medium")
    with left, st.container(key="cards"):
        for figure in verdict.figures:
            _figure(figure)
        for detail in verdict.details:
            ranges = plain(detail.ranges[0])
            st.markdown(say("verdict.detail", label=plain(detail.label), value=detail.value, ranges=ranges))
    with right:
        _heat_map(screen.comparison.runs[which], LETTERS[which])
    st.caption(_coverage(screen.comparison, which, is_compared=any(figure.change for figure in verdict.figures)))


def _is_plan_a_again(screen: Screen) -> bool:
    plans = screen.plans
    return screen.plan is not None and screen.plan.scenario == plans[LETTERS[0]].scenario


def _figure(figure: PlanFigure) -> None:
    with st.container(border=True, gap="xxsmall", height="stretch"):
        judgement = figure.judgement
        st.metric(
            plain(figure.label),
            figure.value,
            delta=plain(figure.change) or None,
            delta_color=_COLOURS.get(judgement, "off") if judgement else "off",
            delta_arrow=_arrow(figure.change),
            delta_description=say(_WORDS[judgement]) if judgement in _WORDS else None,
            help=messages.text(metric_of(figure.metric).help_key),
        )
        st.caption("  \n".join(map(plain, figure.ranges)))


def _arrow(change: str) -> Literal["up", "down", "off"]:
    if not any(digit in change for digit in "123456789"):
        return "off"
    return "up" if change.startswith("+") else "down"


def _coverage(comparison: Comparison, which: int, *, is_compared: bool) -> str:
    """Say once what the ranges of the page cover."""
    shown = (0, which) if is_compared else (which,)
    kinds = {scenario_outlook(comparison.runs[place].scenario).regime.kind for place in shown}
    covers = say("verdict.covers" if is_compared else "verdict.covers_alone")
    return together(covers, say("verdict.days_only")) if "transient" in kinds else covers


def sources(screen: Screen) -> None:
    """Say whose hall it is, and in one line where its numbers come from."""
    plan, letter, names = screen.plan, screen.session.settings.letter, screen.names
    if plan is None or letter not in names:
        return
    titles = {"plan": letter, "title": plain(names[letter]), "base": plain(names[LETTERS[0]])}
    whose = say("verdict.whose_alone" if letter == LETTERS[0] else "verdict.whose", **titles)
    kinds = _kinds(Identity(plan.composed))
    counts = [say(f"provenance.count_{kind}", numbers=number) for kind, number in kinds.items() if number]
    st.markdown(whose)
    with st.container(horizontal=True, vertical_alignment="center", key="sources"):
        st.markdown(say("verdict.numbers", counts=say("comma").join(counts)), width="content")
        st.page_link(page_of("evidence"), icon=":material/fact_check:")


@remembered(maxsize=64)
def _kinds(composed: Identity[Composed]) -> dict[Kind, int]:
    return count_kinds(composed.value.scenario, composed.value.raw)


# --- the heat map -------------------------------------------------------------------------------------------------


def _heat_map(run: Replications, letter: str) -> None:
    """Draw who waits where and when in a plan, with its table."""
    st.markdown(f"**{say('heat.title', plan=letter)}**")
    table = queue_frame(run, language())
    pools = list(dict.fromkeys(table["pool"]))
    if not pools:
        st.caption(say("heat.none"))
        return
    with st.container(horizontal=True, vertical_alignment="center", key="heat-tools"):
        wants_all = len(pools) > _FIRST and st.toggle(say("heat.all", all=len(pools)), key="all-heat")
        with st.popover(say("heat.table"), icon=":material/table:"):
            _table(table)
    shown = table if wants_all else table[table["pool"].isin(pools[:_FIRST])]
    draw_chart(heat_chart(shown, language()), key="heat", alt=say("heat.alt"))
    st.caption(say("heat.caption"))


def _table(table: pd.DataFrame) -> None:
    frame = table.dropna(subset=["mean"]).drop(columns="pool").assign(use=lambda rows: rows["use"] * 100)
    titles = {"title": say("heat.pool")} | {
        name: say(f"heat.{name}") for name in ("half_hour", "mean", "low", "high", "on_duty", "use")
    }
    st.dataframe(frame.rename(columns=titles).round(1), hide_index=True, alt=say("heat.alt"))
