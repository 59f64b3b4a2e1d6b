"""The audit page: ``python -m benchmarks.pages.audit --write`` writes ``docs/reference/audit.md``.

Input: the article's figures, the provenance of the two district halls, the targets of the posterior, and simulations of
the halls.  Output: for each published figure how it enters the model, and what is simulated for it, with intervals over
chance and over the posterior.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from benchmarks.pages.evidence import interval_text
from benchmarks.pages.printing import print_or_write
from calibration.facts.evidence import Fact, evidence
from calibration.facts.figures import number
from calibration.facts.identities import identities, published_roots, with_identities
from calibration.facts.ledger import Ledger, article_ledger
from calibration.posterior.artefact import load_posterior
from calibration.posterior.design import AFTER, BEFORE, FRONT_STAFF, front_staff
from calibration.posterior.targets import observed_targets
from scenarios.compose.composing import composed
from scenarios.model import Scenario
from sim.run.study import Study, run
from sim.statistics.intervals import Interval

__all__ = ["PAGE", "Entrance", "Simulated", "audit_page", "entrances", "main", "metrics_of", "simulated_metrics"]

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "reference" / "audit.md"

Entrance = Literal["fitted", "checked", "source", "typed in", "evidence only"]
"""How a figure enters: as a target of the posterior; as a figure that results are only compared with; as the source of
an input; as an input itself; not at all."""


@dataclass(frozen=True)
class Simulated:
    """What is simulated for a figure.

    Attributes
    ----------
    own
        Mean at the scenario's own numbers, with the interval of chance.
    spread
        Median and ends of 90 % of runs over the posterior; ``None`` if the posterior says nothing of it.
    """

    own: Interval
    spread: tuple[float, float, float] | None


def metrics_of(ledger: Ledger) -> dict[str, dict[str, bool]]:
    """Return by published figure the metrics (``"scenario: metric"``) that are held against it or what follows of it.

    The value tells whether the posterior is fitted to the metric.
    """
    targets = [observed.target for observed in observed_targets()]
    pairs = [(target.fact, target.column, target.fitted) for target in targets]
    pairs += [
        (solved.key, column, False) for solved in identities(article_ledger()) for column in solved.formula.targets
    ]
    pairs += [(key, column, False) for key, fact in evidence().facts.items() for column in fact.targets]
    metrics: dict[str, dict[str, bool]] = {}
    for name, column, is_fitted in pairs:
        for root in published_roots(ledger, [name]):
            columns = metrics.setdefault(root, {})
            columns[column] = columns.get(column, False) or is_fitted
    return metrics


def entrances(scenarios: Sequence[Scenario], ledger: Ledger) -> dict[str, tuple[Entrance, ...]]:
    """Return how each published figure enters the model, in the order of :data:`Entrance`."""
    metrics = metrics_of(ledger)
    named = [name for scenario in scenarios for entry in scenario.provenance.values() for name in entry.figures]
    sources = published_roots(ledger, named)
    result: dict[str, tuple[Entrance, ...]] = {}
    for key, fact in evidence().facts.items():
        fitted = metrics.get(key, {})
        ways: list[tuple[Entrance, bool]] = [
            ("fitted", any(fitted.values())),
            ("checked", any(not value for value in fitted.values())),
            ("source", key in sources),
            ("typed in", bool(fact.inputs)),
        ]
        result[key] = tuple(way for way, holds in ways if holds) or ("evidence only",)
    return result


def simulated_metrics(scenarios: Sequence[Scenario], columns: Sequence[str]) -> dict[str, Simulated]:
    """Simulate the halls and return what they show of metrics (``"scenario: metric"``)."""
    predicted: dict[str, Mapping[str, float]] = {}
    rows = {row["target"]: row["posterior"] for row in load_posterior().manifest["targets"]}
    for observed in observed_targets():
        predicted.setdefault(observed.target.column, rows[observed.key])
    result = {}
    for scenario in scenarios:
        replications, staff = run(Study.of(scenario)).runs[0], float(front_staff(scenario))
        exact = {FRONT_STAFF: Interval(staff, staff, staff, 1.0, "exact", 1)}  # read off the scenario, not simulated
        for column in columns:
            name, _, metric = column.partition(": ")
            if name == scenario.name:
                row = predicted.get(column)
                spread = None if row is None else (row["median"], row["low"], row["high"])
                result[column] = Simulated(exact.get(metric) or replications.interval(metric), spread)
    return result


_INTRODUCTION: Final = """\
# Audit: every figure of the article, and what the model makes of it

This page is written by `python -m benchmarks.pages.audit --write`. The article is cited by paragraph (¶) and never
quoted. [evidence.md](evidence.md) has the wording, the period and the interval of each figure.

How a figure enters the model:

- *fitted*: the posterior is fitted to it, or to what follows from it. Nothing in the model was made from it.
- *checked*: results are compared with it, or with what follows from it, and nothing is fitted.
- *source*: an input, or its range, was made from it. So a result that agrees with it is arithmetic, and no evidence.
- *typed in*: it is an input of the model as it stands.
- *evidence only*: the model does not use it.

Two things are simulated. The *mean* is that of the scenario's own numbers, with its 95 % interval over chance. *Over
the posterior* is the median run with drawn parameters and the middle 90 % of such runs. It also covers what a figure
may mean that the model's metric does not, and the length of the counting period: items accepted are those of a month
in the one column, and of the whole period in the other. A mean that lies outside the published interval is marked
**outside**.

| figure | what | published | where | enters as | held against it | mean | over the posterior | |
|---|---|---|---|---|---|---:|---:|---|
"""

_CLOSING: Final = """
## What is computed from these elsewhere

- The percentage by which limits are cut, under every reading: [catalogue.md](catalogue.md).
- The effect of each reform, alone and taken away: [lever-effects.md](lever-effects.md).
- What follows from the figures without a simulation: [evidence.md](evidence.md#what-follows).
- Other halls' reforms, never fitted: [gallery.md](gallery.md).
"""


def audit_page() -> str:
    """Return the page; the two halls are simulated with their own replications."""
    ledger, _ = with_identities(article_ledger())
    scenarios = [composed(name).scenario for name in (BEFORE, AFTER)]
    metrics, ways = metrics_of(ledger), entrances(scenarios, ledger)
    columns = list(dict.fromkeys(column for by_figure in metrics.values() for column in by_figure))
    shown = simulated_metrics(scenarios, columns)
    spans = {f"{each.name}: {key}": (span.low, span.high) for each in scenarios for key, span in each.targets.items()}
    text = _INTRODUCTION
    for key, fact in evidence().facts.items():
        head = (f"`{key}`", fact.title.en, _published(fact), fact.place, ", ".join(ways[key]))
        held = [column for column in metrics.get(key, {}) if column in shown]
        if not held:
            text += _row(*head, "–", "–", "–", "")
        for place, column in enumerate(held):
            what = head if place == 0 else ("",) * len(head)
            text += _row(*what, f"`{column}`", *_numbers(shown[column], spans.get(column)))
    return text + _CLOSING


def _published(fact: Fact) -> str:
    return fact.amount.text if fact.span().is_exact else f"{fact.amount.text} ({interval_text(fact)})"


def _numbers(simulated: Simulated, span: tuple[float, float] | None) -> tuple[str, str, str]:
    own = simulated.own
    mean = f"{_number(own.estimate)} ({_number(own.low)} to {_number(own.high)})"
    over = "–"
    if simulated.spread is not None:
        median, low, high = map(_number, simulated.spread)
        over = f"{median} ({low} to {high})"
    outside = span is not None and not span[0] <= own.estimate <= span[1]
    return mean, over, "**outside**" if outside else ""


def _number(value: float) -> str:
    return number(value) if abs(value) > 1 else f"{value:.4f}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page, or with ``--write`` put it where the docs have it."""
    return print_or_write(audit_page, PAGE, arguments)


if __name__ == "__main__":
    sys.exit(main())
