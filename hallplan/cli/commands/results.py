"""``hallplan results``: what a sweep has shown so far.

Input: the folder of a sweep.  Output: a table or JSON, and the files that ``--out`` names.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from hallplan.cli import options
from hallplan.cli.files import OutputFiles

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
    from hallplan.show.sensitivity_files import CHARTS
    from hallplan.show.stress_des import REPORT_FILES
    from hallplan.show.sweep import metrics_of_table, sweep_document, sweep_tables
    from planner.sweep.folder import SCENARIO

    result = sweep_results(folder)
    metrics = metrics_of_table(result, metric)
    copied = [name for name in (*REPORT_FILES, SCENARIO) if (result.folder / name).is_file()]
    charts = CHARTS if result.design is not None else {}
    files = OutputFiles(out, format_, force, frames=result.frame_names, composed=[], extras=copied, charts=charts)
    stored = metrics if metric else result.metrics
    files.write_outputs(
        result,
        partial(sweep_document, result, stored),
        lambda: sweep_tables(result, metrics),
        json=json,
        charts={name: partial(draw, result, metrics) for name, draw in charts.items()},
        extras={name: (result.folder / name).read_bytes for name in copied},
    )
