"""What the keys of a sweep do: sensitivity indices and the error of an emulator, as tables of text and as JSON.

Input: a :class:`planner.sweep.results.SweepResult`.  Output: tables and documents; nothing where the points allow no
such analysis.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from foundation import messages
from foundation.numbers import number, range_text
from hallplan.show.document import number_or_null
from hallplan.show.metrics import metric_label
from hallplan.show.text_table import TextTable, columns
from sim.measure.registry import metric_of

if TYPE_CHECKING:
    import pandas as pd

    from planner.sweep.results import SweepResult

__all__ = ["analysis_documents", "analysis_tables", "combination_label"]

_INDEX_PLACES: Final = 2


def analysis_tables(result: SweepResult, metrics: Sequence[str]) -> list[TextTable]:
    """Return the tables of the analyses that the points of a sweep allow."""
    tables = []
    if result.design is not None:
        frame = result.sensitivity(metrics)
        tables.append(_indices(frame) if result.design.method == "saltelli" else _effects(frame))
    emulated = result.emulator(metrics)
    return [*tables, _emulator(emulated)] if len(emulated) else tables


def _others(frame: pd.DataFrame) -> list[str]:
    """Return the keys of the grid or list that the sample is combined with."""
    return list(frame.columns[: list(frame.columns).index("metric")])


def combination_label(metric: str, values: Mapping[str, Any]) -> str:
    """Return a metric with the values of the grid or list that the sample is combined with."""
    return ", ".join([metric, *(f"{key}={value}" for key, value in values.items())])


def _labels(frame: pd.DataFrame, row: Mapping[Hashable, Any]) -> str:
    return combination_label(metric_label(row["metric"]), {key: row[key] for key in _others(frame)})


def _indices(frame: pd.DataFrame) -> TextTable:
    rows, noise = [], dict[str, str]()
    for row in frame.to_dict("records"):
        cells = (_index(row, name) for name in ("first", "total"))
        rows.append((_labels(frame, row), row["key"], *cells))
        noise[_labels(frame, row)] = number(row["noise"], "share")
    shares = messages.text("cli.sensitivity.noise", shares="; ".join(f"{key} {share}" for key, share in noise.items()))
    return TextTable(
        columns("metric", "key", "#first_order", "#total_order"),
        tuple(rows),
        title=messages.text("cli.sensitivity.saltelli"),
        notes=(messages.text("cli.sensitivity.saltelli_note"), shares),
    )


def _index(row: Mapping[Hashable, Any], name: str) -> str:
    estimate, low, high = (number(row[name + end], "count", _INDEX_PLACES) for end in ("", "_low", "_high"))
    return f"{estimate} ({low}–{high})"


def _effects(frame: pd.DataFrame) -> TextTable:
    rows = []
    for row in frame.to_dict("records"):
        kind = metric_of(row["metric"]).kind
        cells = (
            f"{number(row[name], kind)} ({range_text(row[f'{name}_low'], row[f'{name}_high'], kind)})"
            for name in ("mu_star", "sigma")
        )
        rows.append((_labels(frame, row), row["key"], *cells, number(row["noise"], kind)))
    return TextTable(
        columns("metric", "key", "#mu_star", "#sigma", "#by_chance"),
        tuple(rows),
        title=messages.text("cli.sensitivity.morris"),
        notes=(messages.text("cli.sensitivity.morris_note", n=int(frame["blocks"].max())),),
    )


def _emulator(frame: pd.DataFrame) -> TextTable:
    rows = []
    for row in frame.to_dict("records"):
        kind = metric_of(row["metric"]).kind
        cells = (number(row["error"], kind), number(row["chance"], kind), number(row["explained"], "share"))
        rows.append((metric_label(row["metric"]), *cells))
    return TextTable(
        columns("metric", "#error", "#by_chance", "#explained"),
        tuple(rows),
        title=messages.text("cli.sensitivity.emulator"),
        notes=(messages.text("cli.sensitivity.emulator_note", n=int(frame["points"].max())),),
    )


def analysis_documents(result: SweepResult, metrics: Sequence[str]) -> dict[str, Any]:
    """Return the analyses as JSON has them: ``sensitivity`` (null without a design) and ``emulator``."""
    sensitivity = None
    if result.design is not None:
        sensitivity = {"method": result.design.method, "rows": _records(result.sensitivity(metrics))}
    return {"sensitivity": sensitivity, "emulator": _records(result.emulator(metrics))}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(key): number_or_null(value) if isinstance(value, float) else value for key, value in row.items()}
        for row in frame.to_dict("records")
    ]
