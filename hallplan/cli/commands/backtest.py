"""``hallplan backtest``: a saved forecast held against later months of the hall's own log.

Input: the folder of a forecast, files of a log, and what the user says about their columns.  Output: tables or JSON,
and the files that ``--out`` names.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from hallplan.cli import options
from hallplan.cli.files import OutputFiles
from hallplan.cli.log_columns import ColumnRoles, column_role

__all__ = ["backtest_command"]

_Forecast: TypeAlias = Annotated[
    Path, typer.Argument(metavar="FORECAST", parser=options.path_of("FORECAST"), help="cli.argument.forecast")
]
_Logs: TypeAlias = Annotated[list[Path], typer.Argument(metavar="LOG...", help="cli.argument.log.files")]
_Kind: TypeAlias = Annotated[str | None, typer.Option("--kind", metavar="KIND", help="cli.option.log.kind")]
_DateFormat: TypeAlias = Annotated[
    str | None, typer.Option("--date-format", metavar="FORM", help="cli.option.log.date_format")
]
_TimeZone: TypeAlias = Annotated[
    str | None, typer.Option("--time-zone", metavar="ZONE", help="cli.option.log.time_zone")
]
_Reps: TypeAlias = Annotated[
    int,
    typer.Option("--reps", metavar="N", parser=options.whole("--reps", 39, 100_000), help="cli.option.backtest_reps"),
]


def backtest_command(
    forecast: _Forecast,
    log: _Logs,
    map_: ColumnRoles = None,
    kind: _Kind = None,
    date_format: _DateFormat = None,
    time_zone: _TimeZone = None,
    reps: _Reps = 39,
    json: options.Json = False,
    out: options.Out = None,
    format_: options.Formats = "parquet,csv",
    force: options.Force = False,
    engine: options.EngineName = None,
    workers: options.Workers = None,
    lang: options.Lang = None,
) -> None:
    """Hold a saved forecast against later months of the hall's own log, figure by figure."""
    from calibration.eventlog.read.log import read_log
    from hallplan.api_backtest import backtest
    from hallplan.cli.studies import StudyOptions
    from hallplan.show.backtest import backtest_document, backtest_tables
    from hallplan.show.backtest_files import CHARTS
    from planner.backtest.forecast import read_forecast
    from planner.backtest.result import FRAMES

    mapping = dict(column_role(text) for text in map_ or ())
    saved = read_forecast(forecast)
    events = read_log(log, mapping=mapping, kind=kind, date_format=date_format, time_zone=time_zone)
    files = OutputFiles(out, format_, force, frames=FRAMES, composed=[saved.composed], charts=CHARTS)
    question = partial(backtest, saved, events, replications=reps)
    result = StudyOptions(None, engine, workers, cache=False).ask(question)
    document, tables = partial(backtest_document, result), partial(backtest_tables, result)
    files.write_outputs(result, document, tables, json=json)
