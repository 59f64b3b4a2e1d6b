"""The page of the dial: ``python -m benchmarks.pages.centralising --write`` writes ``docs/reference/centralising.md``.

Input: the district hall with the demand of 2014 and without its levers, and a path of settings.  Output: at each
setting the figures of the hall, and the effect of the step from the setting before it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

from benchmarks.pages.levers import HEADLINE, effect_cell, hall_without
from benchmarks.pages.printing import print_or_write
from planner.centralising import Dial, centralised
from planner.compare import Comparison
from planner.load import offered_load
from scenarios.compose.composing import Composed, composed
from scenarios.model import Scenario
from sim.run.study import Study, run

__all__ = ["PAGE", "PATH", "dial_page", "main", "path_scenarios", "start_of_path"]

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "reference" / "centralising.md"
HALL: Final = "honghuagang-2014"
REPLICATIONS: Final = 20

_METRICS: Final = {"case_elapsed_mean_days": ("all cases, mean elapsed (days)", 1.0, 2), **HEADLINE}

_STEPS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("33 sections: half of the bureaux have one", {"sections": 33}),
    ("20 sections: every bureau has one", {"sections": 20}),
    ("the sections move into the hall", {"in_hall": True}),
    ("the deputy chief signs alone", {"authority": "partial"}),
    ("the section signs", {"authority": "full"}),
    ("windows by field", {"windows": "field"}),
    ("any window", {"windows": "any"}),
    ("7 sections", {"sections": 7}),
    ("one approval bureau, one seal", {"sections": 1}),
    ("the three busiest items at the sub-centres", {"items_out": "busiest:3"}),
    ("and at four towns", {"towns": 4}),
)
PATH: Final[tuple[tuple[str, Dial], ...]] = tuple(
    accumulate(_STEPS, lambda before, step: (step[0], replace(before[1], **step[1])), initial=("", Dial()))
)[1:]
"""The path from many sections to one seal: each setting is the one before it with one change."""


def start_of_path() -> Composed:
    """Return the hall of 2014 without its levers: its demand, before any reform."""
    return hall_without(HALL, composed(HALL).scenario.levers)


def path_scenarios(start: Composed, path: Sequence[tuple[str, Dial]] = PATH) -> list[Scenario]:
    """Return the start and the scenario of every setting."""
    return [start.scenario, *(centralised(start, dial).scenario for _, dial in path)]


_INTRODUCTION: Final = """\
# Centralisation as a dial

This page is written by `python -m benchmarks.pages.centralising --write`. It shows a path from 46 sections in their
bureaux to one approval bureau with one seal (一枚印章管审批): each setting is the one before it with one change.
[How to centralise a hall](../how-to/centralise.md) has the settings.

The hall has the demand and the staff of `honghuagang-2014`, and none of its levers. An effect is the mean difference
from the setting before, over {replications} pairs of replications with common random numbers, with its 95 % interval. A
bold effect has an interval without zero, as printed. The intervals are not corrected for their number. Staff are those
of the start: a step that makes a post superfluous saves its cost only where the lever says so.
"""


def dial_page(*, replications: int = REPLICATIONS, path: Sequence[tuple[str, Dial]] = PATH) -> str:
    """Return the page."""
    scenarios = path_scenarios(start_of_path(), path)
    comparison = Comparison.of(run(Study.of(*scenarios, replications=replications)))
    runs, steps = comparison.runs, comparison.steps
    titles = ["46 sections in the bureaux (start)", *(title for title, _ in path)]
    headings = [heading for heading, _, _ in _METRICS.values()]
    head = f"| setting | {' | '.join(headings)} |\n|---|{'---:|' * len(headings)}\n"
    values = effects = ""
    for place, (title, each) in enumerate(zip(titles, runs, strict=True)):
        cells = [f"{each.means[metric] * factor:,.{decimals}f}" for metric, (_, factor, decimals) in _METRICS.items()]
        values += f"| {title} | {' | '.join(cells)} |\n"
        if place:
            changes = [
                effect_cell(steps[place - 1].difference(metric).change, factor, decimals)
                for metric, (_, factor, decimals) in _METRICS.items()
            ]
            effects += f"| {title} | {' | '.join(changes)} |\n"
    overloaded = [
        f"- {title}: `{'`, `'.join(names)}`\n"
        for title, scenario in zip(titles, scenarios, strict=True)
        if (names := offered_load(scenario).overloaded)
    ]
    text = _INTRODUCTION.format(replications=replications)
    text += f"\n## Where each setting leads\n\n{head}{values}\n## What each step does\n\n{head}{effects}"
    return text + (f"\n## What does not keep up\n\n{''.join(overloaded)}" if overloaded else "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page, or with ``--write`` write it; it takes some minutes."""
    return print_or_write(dial_page, PAGE, arguments)


if __name__ == "__main__":
    sys.exit(main())
