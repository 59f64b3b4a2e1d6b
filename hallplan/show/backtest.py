"""A back-test as tables and as a document.

Input: a :class:`planner.backtest.result.Backtest`.  Output: :class:`TextTable`, and dictionaries of JSON's own types.
"""

from __future__ import annotations

from typing import Any

from foundation import messages
from foundation.numbers import number, range_text
from hallplan.show.document import envelope, number_or_null, scenario_document
from hallplan.show.text_table import TextTable, columns, notes_only
from hallplan.show.words import heading, yes_or_no
from planner.backtest.figures import FIGURES
from planner.backtest.result import Backtest

__all__ = ["backtest_document", "backtest_tables", "figure_title"]


def figure_title(name: str) -> str:
    """Return what a figure is called."""
    return messages.text(f"cli.backtest.figure.{name}")


def backtest_tables(result: Backtest) -> list[TextTable]:
    """Return the verdict, and the figures."""
    title = messages.text("cli.backtest.title", name=heading(result.forecast.composed.scenario))
    return [notes_only(*_verdict(result), title=title), _figure_table(result)]


def _verdict(result: Backtest) -> list[str]:
    period, total = result.period, len(result.figures)
    outside = [figure_title(figure.name) for figure in result.figures if not figure.inside_with_demand]
    lines = [
        messages.text(
            "cli.backtest.period",
            kind=messages.text(f"cli.backtest.kind.{result.kind}"),
            first=period.first,
            last=period.last,
            days=period.days,
        ),
        messages.text(
            "cli.backtest.inside",
            n=sum(figure.inside for figure in result.figures),
            with_demand=total - len(outside),
            total=total,
        ),
        messages.text("cli.backtest.demand", share=number(result.demand, "share", 0)),
    ]
    if outside:
        lines.append(messages.text("cli.backtest.outside", names=messages.text("cli.staff.separator").join(outside)))
    return lines


def _figure_table(result: Backtest) -> TextTable:
    rows = []
    for figure in result.figures:
        kind, plain, changed = FIGURES[figure.name], figure.forecast, figure.with_demand
        rows.append(
            (
                figure_title(figure.name),
                number(figure.observed, kind),
                number(plain.median, kind),
                range_text(plain.low, plain.high, kind),
                yes_or_no(figure.inside),
                range_text(changed.low, changed.high, kind),
                yes_or_no(figure.inside_with_demand),
            )
        )
    keys = ("figure", "#observed", "#forecast", "#forecast_range", "inside", "#range_with_demand", "inside_with_demand")
    notes = (
        messages.text("cli.backtest.intervals", coverage=_coverage(result), n=result.replications),
        messages.text("cli.backtest.rules"),
        messages.text("cli.backtest.saved", folder=result.forecast.folder.name, version=_version(result)),
    )
    return TextTable(columns(*keys), tuple(rows), title=messages.text("cli.backtest.figures"), notes=notes)


def _coverage(result: Backtest) -> float:
    return min((figure.forecast.coverage for figure in result.figures), default=result.level)


def _version(result: Backtest) -> str:
    software = result.forecast.provenance.get("software", {})
    return str(software.get("version", "?")) if isinstance(software, dict) else str(software)


def backtest_document(result: Backtest) -> dict[str, Any]:
    """Return the document of ``hallplan backtest``."""
    period, frame = result.period, result.frames()["figures"]
    return envelope(
        "backtest",
        scenario=scenario_document(result.forecast.composed.scenario),
        kind=result.kind,
        period={"first": period.first.isoformat(), "last": period.last.isoformat(), "days": period.days},
        message=" ".join(_verdict(result)),
        demand=result.demand,
        level=result.level,
        coverage=_coverage(result),
        replications=result.replications,
        forecast=result.forecast.provenance,
        figures=[_plain(row) for row in frame.to_dict("records")],
    )


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(key): number_or_null(value) if isinstance(value, float) else value for key, value in row.items()}
