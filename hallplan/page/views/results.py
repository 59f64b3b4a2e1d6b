"""The results: headline cards, waits, turnaround, utilisation, each with how to read it.

Comes in: what is on the screen.  Goes out: nothing but what is on the screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import streamlit as st

from foundation import messages
from foundation.messages import language
from hallplan.page.results import coverage_of_difference, headline, overloads, scenario_outlook
from hallplan.page.runs import PlanStudy
from hallplan.page.screen import Screen
from hallplan.page.text import (
    change,
    coverage_of,
    labels,
    number,
    overload_sentences,
    places_of,
    plain,
    precision_sentences,
    range_of,
    say,
    together,
    with_unit,
)
from hallplan.page.views.charts import draw_chart
from hallplan.page.views.head import read_first
from hallplan.page.views.tables import draw_table
from hallplan.show.charts import forest_chart, turnaround_chart, utilisation_chart, waits_chart
from hallplan.show.comparison_frames import (
    BUSY,
    CLOCKS,
    LETTERS,
    plans_of,
    turnaround_frame,
    utilisation_frame,
    waits_frame,
)
from hallplan.show.forest import forest_frame, forest_table
from hallplan.show.metrics import metric_title
from hallplan.show.milestones import milestones_table
from hallplan.show.notes import demand_note
from hallplan.show.report.verdict import judgement_of, vain_sentence, withheld
from hallplan.show.words import service_title
from planner.compare import Comparison, Difference
from planner.judgement import Judgement
from sim.measure import Metric, metric_of
from sim.measure.headline import smallest_difference

__all__ = ["results"]

_FIRST: Final = 10
"""How many services or pools a chart shows before all are asked for."""


def results(screen: Screen) -> None:
    """Draw everything that is measured, and how precisely it is known."""
    comparison = screen.comparison
    if comparison is None or screen.shown is None:
        st.caption(say("nothing_yet"))
        return
    _must_be_read_first(comparison)
    which = min(max(screen.session.settings.current, 1), comparison.comparisons)
    _cards(comparison, screen.shown.study, which)
    _forest(comparison, screen.names)
    _waits(comparison, screen.names)
    _turnaround(comparison, screen.names)
    _utilisation(comparison, screen.names)


@contextmanager
def _section(key: str, **values: Any) -> Iterator[None]:
    """Open a section with its heading and, beside it, how to read it."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"head-{key}"):
        st.subheader(say(f"{key}.title"), anchor=False, width="content")
        with st.popover(say("how_to_read"), type="tertiary", icon=":material/help:"):
            st.markdown(say(f"{key}.help", **values))
    yield


# --- cards --------------------------------------------------------------------------------------------------------

Colour = Literal["blue", "orange", "off"]
_BETTER: Final[Colour] = "blue"
_WORSE: Final[Colour] = "orange"


def _cards(comparison: Comparison, study: PlanStudy, which: int) -> None:
    """Draw the cards of a plan, by its place, beside plan A."""
    held_back = withheld(comparison, which, scenario_outlook(comparison.runs[which].scenario).regime)
    pair = _Pair(comparison, which, (LETTERS[0], LETTERS[which]), held_back)
    with _section("headline"):
        with st.container(key="known"):
            st.markdown(together(*precision_sentences(comparison, precision=study.precision, most=study.most)))
        with st.grid(min_column_width=215, key="cards"):
            for difference in headline(comparison, which):
                _card(pair, difference)
    st.caption(together(coverage_of_difference(comparison, language()), say("headline.levels"), say("inputs_as_given")))


@dataclass(frozen=True)
class _Pair:
    """A plan and plan A, as the cards show them, and what no card says because of what must be read first."""

    comparison: Comparison
    which: int
    letters: tuple[str, str]
    held_back: Sequence[Judgement]


def _card(pair: _Pair, shown: Difference) -> None:
    metric, difference = metric_of(shown.metric), shown.simultaneous
    first, other = pair.letters
    sides = [(letter, mean) for letter, mean in ((first, shown.base), (other, shown.other)) if mean is not None]
    places = places_of((mean for _, mean in sides), metric)
    means = {letter: number(mean.estimate, metric, places=places) for letter, mean in sides}
    lines = [
        say(
            "headline.side" if mean.low < mean.high else "headline.side_alone",
            plan=letter,
            mean=means[letter],
            range=range_of(mean, metric, places=places),
        )
        for letter, mean in sides
    ]
    colour: Colour = "off"
    judgement = None
    if difference is not None:
        colour, judgement = _judged(pair, shown, metric)
        reach = range_of(difference, metric, places=places, signed=True)
        varies = difference.low < difference.high
        key = "headline.difference" if varies else "headline.difference_alone"
        lines.insert(0, say(key, plan=other, range=reach))
    with st.container(border=True, gap="xxsmall", height="stretch"):
        st.metric(
            plain(_card_title(pair, shown.metric)),
            say("headline.value", a=means.get(first, "–"), b=means.get(other, "–")),
            delta=None if difference is None else plain(change(difference, metric, places=places)),
            delta_color=colour,
            delta_arrow="off" if difference is None or difference.estimate == 0 else _arrow(difference.estimate),
            delta_description=judgement or None,
            help=messages.text(metric.help_key),
        )
        st.caption("  \n".join(map(plain, lines)))


def _card_title(pair: _Pair, key: str) -> str:
    metric, scenario = metric_of(key), pair.comparison.runs[pair.which].scenario
    if metric.scope == "service":
        return say("headline.service", title=service_title(scenario, key.partition(".")[2], language()))
    return with_unit(metric_title(key, scenario, language()), metric)


def _arrow(mean: float) -> Literal["up", "down"]:
    return "up" if mean > 0 else "down"


def _judged(pair: _Pair, shown: Difference, metric: Metric) -> tuple[Colour, str]:
    """Return the colour of a difference and the word beside it (:func:`hallplan.show.report.verdict.judgement_of`)."""
    match judgement_of(pair.comparison, shown, pair.which, pair.held_back):
        case "unclear":
            return "off", say("headline.no_difference")
        case "immaterial":
            smallest = smallest_difference(shown.metric, shown.base.estimate if shown.base else 0.0)
            return "off", say("headline.immaterial", least=plain(number(smallest, metric)))
        case "worse":
            return _WORSE, say("headline.worse")
        case "better":
            return _BETTER, say("headline.better")
    return "off", ""


def _must_be_read_first(comparison: Comparison) -> None:
    """Say before any figure where more visitors come in vain, and where another number of people comes."""
    titles = [say("plan_letter", plan=letter) for letter in LETTERS[: len(comparison.runs)]]
    vain = [vain_sentence(comparison, titles, which) for which in range(1, len(titles))]
    demand = demand_note([run.scenario for run in comparison.runs], titles)
    read_first((*vain, demand))


# --- charts -------------------------------------------------------------------------------------------------------


def _forest(comparison: Comparison, names: dict[str, str]) -> None:
    with _section("forest"):
        regimes = [scenario_outlook(run.scenario).regime for run in comparison.runs]
        frame = forest_frame(comparison, language(), regimes=regimes)
        if frame.empty:
            st.caption(say("forest.none"))
            return
        draw_chart(forest_chart(frame, language(), names=names), key="forest", alt=say("forest.alt"))
        with st.popover(say("forest.table"), icon=":material/table:"):
            draw_table(forest_table(frame, language()))


def _waits(comparison: Comparison, names: dict[str, str]) -> None:
    with _section("waits"):
        table = waits_frame(comparison)
        if table.empty:
            st.caption(say("waits.none"))
            return
        draw_chart(waits_chart(table, language(), names=names), key="waits", alt=say("waits.alt"))
        st.caption(together(say("waits.caption"), coverage_of(comparison)))


def _turnaround(comparison: Comparison, names: dict[str, str]) -> None:
    with _section("turnaround"):
        clock = st.segmented_control(
            say("turnaround.clock"),
            tuple(CLOCKS),
            format_func=labels(CLOCKS, lambda name: say(f"turnaround.{name}")),
            default="statutory",
            required=True,
            key="clock",
            label_visibility="collapsed",
        )
        table = turnaround_frame(comparison, language(), clock=clock or "statutory")
        if table.empty:
            st.caption(say("turnaround.none"))
            return
        table = _first(table, "service", "turnaround")
        draw_chart(
            turnaround_chart(table, language(), names=names, limits=clock == "statutory"),
            key="turnaround",
            alt=say("turnaround.alt"),
        )
        st.caption(together(say(f"turnaround.{clock}_caption"), coverage_of(comparison)))
        _milestones(comparison)


def _milestones(comparison: Comparison) -> None:
    """Draw the milestones of the plans, folded away until they are wanted."""
    with st.expander(say("turnaround.milestones")):
        for letter, run in plans_of(comparison):
            table = milestones_table(run, language())
            if table is not None:
                draw_table(replace(table, title=say("of_plan", plan=letter, told=table.title)))


def _first(table: Any, column: str, key: str) -> Any:
    """Return the rows of the first few groups, or of all if that is asked for."""
    there = list(dict.fromkeys(table[column]))
    if len(there) <= _FIRST:
        return table
    wants_all = st.toggle(say(f"{key}.all", all=len(there)), key=f"all-{key}")
    return table if wants_all else table[table[column].isin(there[:_FIRST])]


def _utilisation(comparison: Comparison, names: dict[str, str]) -> None:
    with _section("utilisation", limit=BUSY):
        table = utilisation_frame(comparison, language())
        _overloads(comparison)
        draw_chart(
            utilisation_chart(_first(table, "pool", "utilisation"), language(), names=names, limit=BUSY),
            key="utilisation",
            alt=say("utilisation.alt"),
        )
        st.caption(together(say("utilisation.caption"), coverage_of(comparison)))


def _overloads(comparison: Comparison) -> None:
    """Name what can't keep up, plan by plan."""
    sentences = [
        sentence
        for letter, run in plans_of(comparison)
        for sentence in overload_sentences(letter, overloads(run.scenario, language()))
    ]
    st.caption(plain(together(*sentences)) if sentences else say("utilisation.keeps_up"))
