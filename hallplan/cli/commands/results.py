"""``hallplan results``: what a sweep has shown so far.

Input: the folder of a sweep.  Output: a table or JSON, and the files that ``--out`` names.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from hallplan.cli import options
from hallplan.cli.files import OutputFiles

if TYPE_CHECKING:
    from planner.sweep.results import SweepResult

__all__ = ["results_command"]

_Folder: TypeAlias = Annotated[
    Path, typer.Argument(metavar="DIR", parser=options.path_of("DIR"), help="cli.argument.results")
]


def results_command(
    folder: _Folder,
    metric: options.Metrics = None,
    json: options.Json = False,
    out: options.Out = None,
    format_: options.Formats = "parquet,csv",
    force: options.Force = False,
    lang: options.Lang = None,
) -> None:
    """Print what a sweep has shown so far, point by point."""
    from hallplan.api_sweep import sweep_results
    from hallplan.show.sensitivity_files import sensitivity_charts
    from hallplan.show.stress_des import REPORT_FILES
    from hallplan.show.sweep import metrics_of_table, sweep_document, sweep_tables
    from planner.sweep.folder import SCENARIO

    result = sweep_results(folder)
    metrics = metrics_of_table(result, metric)
    report = [result.folder / name for name in (*REPORT_FILES, SCENARIO)]
    copied = {file.name: partial(_copy, file) for file in report if file.is_file()}
    charts = {} if result.design is None else {"sensitivity": partial(sensitivity_charts, metrics=metrics)}
    files = OutputFiles(out, format_, force, frames=result.frame_names, composed=[], extras=copied, charts=charts)
    stored = metrics if metric else result.metrics
    files.write_outputs(
        result,
        partial(sweep_document, result, stored),
        lambda: sweep_tables(result, metrics),
        json=json,
    )


def _copy(file: Path, _: SweepResult) -> bytes:
    """Return a file that lies in the sweep's folder already."""
    return file.read_bytes()
