"""Choices as tables of text: the best of several scenarios, and how much of a run's beginning to leave out.

In come results of :mod:`planner.select` and :mod:`planner.warm_up`; out come :class:`~hallplan.tables.TextTable`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from foundation import messages
from hallplan.result_tables import (
    calendar_notes,
    heading,
    inputs_note,
    metric_label,
    overload_notes,
    plus_minus,
    window_note,
)
from hallplan.tables import NOTHING, TextTable, columns, number
from planner.load import Load
from planner.regime import Regime, regime_of
from planner.select import Best, Candidate
from planner.warm_up import BATCH, Beginning
from scenarios.provenance import Kind
from sim.measure.registry import metric_of
from sim.statistics import Interval

__all__ = ["select_tables", "warm_up_table"]

_MOST_ROWS: Final = 24
"""Rows of a warm-up's table: so many fit on a screen."""
_TENTHS: Final = "minutes"
"""The kind of number that is written to a tenth, as open cases are here."""
_WIDEST: Final = 24
"""Characters of the longest bar."""


# ---- the best of several -------------------------------------------------------------------------------------------


def select_tables(
    best: Best, *, loads: Sequence[Load], inputs: Sequence[Mapping[Kind, int]] | None = None
) -> list[TextTable]:
    """Return one row a scenario, best first, and what is guaranteed; then a table of notes that hold for all of them.

    Parameters
    ----------
    best
        The choice.
    loads
        The offered load of each scenario.
    inputs
        How many numbers of each have each kind of source; left out where that is said elsewhere.
    """
    kind, drops = metric_of(best.metric).kind, best.selection.procedure != "ocba"
    regimes = [regime_of(scenario, load) for scenario, load in zip(best.scenarios, loads, strict=True)]
    table = TextTable(
        columns("#rank", "scenario", "#replications", "#mean", "#behind", *(("#dropped_after",) if drops else ())),
        tuple(_candidate(one, best, kind, drops=drops) for one in best.candidates),
        title=messages.text(
            "cli.select.title",
            metric=metric_label(best.metric, best.scenario),
            better=messages.text("cli.select.lower" if best.better == "lower" else "cli.select.higher"),
        ),
        notes=tuple(_promises(best)),
    )
    return [table, TextTable((), (), notes=tuple(_select_notes(best, regimes, inputs)))]


def _candidate(one: Candidate, best: Best, kind: str, *, drops: bool) -> tuple[str, ...]:
    cells = (str(one.rank), one.name, str(best.selection.replications[one.which]))
    behind = NOTHING if one.behind is None else _signed(one.behind, kind)
    dropped = NOTHING if one.dropped_after is None else str(one.dropped_after)
    return (*cells, plus_minus(one.mean.estimate, one.mean, kind), behind, *((dropped,) if drops else ()))


def _signed(one: Interval, kind: str) -> str:
    text = plus_minus(one.estimate, one, kind)
    return f"+{text}" if one.estimate > 0 and not text.startswith("0 ") else text


def _promises(best: Best) -> list[str]:
    """Say what is guaranteed, and what is not."""
    left = len(best.selection.in_contention)
    ties = best.is_guaranteed and left > 1
    return [
        best.message(),
        *([messages.text("cli.select.tied", n=left)] if ties else []),
        messages.text("cli.select.intervals"),
        *([messages.text("cli.select.own_ratios")] if metric_of(best.metric).is_ratio else []),
    ]


def _select_notes(best: Best, regimes: Sequence[Regime], inputs: Sequence[Mapping[Kind, int]] | None) -> list[str]:
    falls_behind = any(regime.kind == "transient" for regime in regimes)
    notes = [messages.text("cli.json.covers_transient" if falls_behind else "cli.json.covers")]
    alike = len({one.run.model_copy(update={"replications": 1, "seed": 0}) for one in best.scenarios}) == 1
    spent = best.selection.replications
    if alike:
        notes.append(window_note(best.scenarios[0], replications=sum(spent), seed=best.seed))
    else:
        notes.append(messages.text("cli.note.windows_differ"))
    for name, scenario, number_spent, counts, regime in zip(
        best.names, best.scenarios, spent, inputs or [{}] * len(regimes), regimes, strict=True
    ):
        said = [] if alike else [window_note(scenario, replications=number_spent, seed=best.seed)]
        said += [inputs_note(counts), *overload_notes(regime), *calendar_notes(scenario)]
        notes += [f"{name}: {note}" for note in said if note]
    return notes


# ---- warm-up -------------------------------------------------------------------------------------------------------


def warm_up_table(found: Beginning) -> TextTable:
    """Return open cases by stretches of working days, Welch's average drawn as bars, and what to do about them."""
    smoothed, size = found.smoothed(), found.open_cases.size
    length = BATCH * max(1, math.ceil(size / BATCH / _MOST_ROWS))
    top = float(smoothed.max(initial=0.0))
    rows = []
    for start in range(0, size, length):
        middle = (start + min(start + length, size) - 1) // 2
        one, average = found.interval(middle), float(smoothed[middle])
        rows.append(
            (
                str(middle + 1),
                number(one.estimate, _TENTHS),
                NOTHING if math.isinf(one.low) else f"{number(one.low, _TENTHS)}–{number(one.high, _TENTHS)}",
                number(average, _TENTHS),
                "▇" * round(_WIDEST * average / top) if top > 0 else "",
                messages.text("cli.warm_up.left_out") if middle < (found.days or 0) else "",
            )
        )
    return TextTable(
        columns("#working_day", "#open_cases", "#interval", "#welch", "curve", "kept"),
        tuple(rows),
        title=messages.text("cli.warm_up.title", name=heading(found.scenario)),
        notes=tuple(_warm_up_notes(found)),
    )


def _warm_up_notes(found: Beginning) -> list[str]:
    truncation = found.truncation
    said = "cli.warm_up.mser" if truncation.accepted else "cli.warm_up.mser_refused"
    return [
        found.message(),
        found.advice(),
        messages.text(said, cut=truncation.cut, size=found.open_cases.size),
        messages.text("cli.warm_up.reading", window=2 * BATCH + 1),
        found.regime.about(found.interval(0)).label(),
        window_note(found.scenario, replications=len(found.run), seed=found.run.seed),
        *overload_notes(found.regime),
        *calendar_notes(found.scenario),
    ]
