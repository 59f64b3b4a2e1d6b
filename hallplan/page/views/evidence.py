"""The evidence: what was published against what is simulated, and where every number comes from.

Comes in: what is on the screen.  Goes out: nothing but what is on the screen.
"""

from __future__ import annotations

import math
from typing import Final

import pandas as pd
import streamlit as st

from foundation.messages import language
from hallplan.page.plans import Plan
from hallplan.page.screen import Screen
from hallplan.page.text import coverage_of, labels, number, plain, published, say, together
from hallplan.page.views.plans import looked_at
from hallplan.show.comparison_frames import targets_frame
from hallplan.show.evidence import provenance_frame
from planner.compare import Comparison
from scenarios.provenance import KINDS
from sim.measure import METRICS, Metric, metric_of

__all__ = ["provenance", "targets"]

_MARKS: Final = {"inside": "✓", "leaning": "≈", "undecided": "≈", "outside": "✗", "unknown": "–"}


def targets(screen: Screen) -> None:
    """Draw what was published against what is simulated."""
    st.subheader(say("targets.title"), anchor=False)
    st.markdown(say("targets.intro"))
    if screen.comparison is None:
        st.caption(say("targets.later"))
    else:
        _targets(screen.comparison)


def provenance(screen: Screen) -> None:
    """Draw where every number of a plan comes from."""
    st.subheader(say("provenance.title"), anchor=False)
    st.markdown(say("provenance.intro"))
    if screen.plans:
        _provenance(screen.plans, screen.session.settings.letter)


def _definition(key: str) -> Metric:
    try:
        return metric_of(key)
    except KeyError:
        return METRICS["visits_per_day"]


def _targets(comparison: Comparison) -> None:
    table = targets_frame(comparison, language())
    if table.empty:
        st.caption(say("targets.none"))
        return
    rows = []
    for row in table.to_dict("records"):
        metric, verdict = _definition(row["metric"]), row["verdict"]
        low, high = published(row["low"], metric), published(row["high"], metric)
        ends = number(row["mean_low"], metric), number(row["mean_high"], metric)
        is_measured = math.isfinite(row["mean_low"]) and math.isfinite(row["mean_high"])
        rows.append(
            {
                say("targets.verdict"): f"{_MARKS[verdict]} {say(f'targets.{verdict}')}",
                say("targets.plan"): row["plan"],
                say("targets.figure"): row["title"],
                say("targets.published"): low if low == high else _range(low, high),
                say("targets.simulated"): number(row["mean"], metric),
                say("targets.interval"): _range(*ends) if is_measured else say("number.no_interval"),
                say("targets.source"): row["source"],
            }
        )
    missed = table[table["verdict"] == "outside"]
    if len(missed):
        titles = [say("targets.one_missed", plan=row["plan"], title=row["title"]) for row in missed.to_dict("records")]
        listed = plain(say("semicolon").join(titles))
        st.warning(
            say("targets.some_missed", number=len(missed), all=len(table), titles=listed), icon=":material/close:"
        )
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content", alt=say("targets.title"))
    st.caption(together(say("targets.caption"), coverage_of(comparison)))


def _range(low: str, high: str) -> str:
    return say("number.range", low=low, high=high)


def _provenance(plans: dict[str, Plan], current: str) -> None:
    table = provenance_frame(plans[looked_at(plans, "provenance-plan", current)].composed)
    counts = table.groupby("kind")["numbers"].sum()
    kinds = [kind for kind in KINDS if kind in counts]
    st.caption(
        say("semicolon").join(say(f"provenance.count_{kind}", numbers=int(counts[kind])) for kind in kinds)
        + say("full_stop")
    )
    kind = st.pills(
        say("provenance.kind"),
        kinds,
        format_func=labels(kinds, lambda name: say(f"provenance.{name}")),
        key="provenance-kind",
        label_visibility="collapsed",
    )
    shown = table if kind is None else table[table["kind"] == kind]
    shown = shown.assign(kind=shown["kind"].map(lambda name: say(f"provenance.{name}")))
    st.dataframe(
        shown,
        hide_index=True,
        height=min(36 * len(shown) + 40, 560),
        column_config={
            "path": st.column_config.TextColumn(say("provenance.path"), pinned=True),
            "value": st.column_config.TextColumn(say("provenance.value")),
            "numbers": st.column_config.NumberColumn(say("provenance.numbers"), width="small"),
            "kind": st.column_config.TextColumn(say("provenance.kind"), width="small"),
            "range": st.column_config.TextColumn(say("provenance.range")),
            "source": st.column_config.TextColumn(say("provenance.source"), width="large"),
        },
        alt=say("provenance.title"),
    )
    st.caption(say("provenance.caption"))
