"""``hallplan calibrate log``: from an event log to a scenario that runs.

Input: files, and what the user says about their columns.  Output: tables or JSON, the scenario, and in a folder the
rejected rows and all tables.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from foundation import messages
from foundation.files import write_atomically, write_manifest
from hallplan.cli import options
from hallplan.cli.faults import FAULT, UsageError
from hallplan.cli.log_columns import ColumnRoles, column_role
from hallplan.cli.output import show, show_json, show_text
from hallplan.cli.targets import reserve_file, reserve_folder, write_or_rescue
from scenarios.compose.reading import LOG_ENDINGS

__all__ = ["log_command"]

_REPORT: Final = tuple(
    f"{table}.csv"
    for table in (
        *("findings", "routes", "arrival_rates", "rejected_rows"),
        *("accuracy_distances", "accuracy_forecasts", "accuracy_by_hour"),
    )
)
"""Files of the report; without accuracy or rates some are missing."""

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="cli.argument.log.files")]
Kind = Annotated[str | None, typer.Option("--kind", metavar="KIND", help="cli.option.log.kind")]
Keep = Annotated[list[str] | None, typer.Option("--keep", metavar="COLUMN", help="cli.option.log.keep")]
Drop = Annotated[list[str] | None, typer.Option("--drop", metavar="COLUMN", help="cli.option.log.drop")]
DateFormat = Annotated[str | None, typer.Option("--date-format", metavar="FORM", help="cli.option.log.date_format")]
TimeZone = Annotated[str | None, typer.Option("--time-zone", metavar="ZONE", help="cli.option.log.time_zone")]
Service = Annotated[str | None, typer.Option("--service", metavar="COLUMN", help="cli.option.log.service")]
Name = Annotated[str, typer.Option("--name", metavar="NAME", help="cli.option.log.name")]
Scenario = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", parser=options.path_of("--out"), help="cli.option.log.out")
]
Split = Annotated[float, typer.Option("--split", metavar="SHARE", help="cli.option.log.split")]
NoAccuracy = Annotated[bool, typer.Option("--no-accuracy", help="cli.option.log.no_accuracy")]
Logs = Annotated[
    int, typer.Option("--logs", metavar="N", parser=options.whole("--logs", 2, 1_000), help="cli.option.log.logs")
]
Report = Annotated[
    Path | None,
    typer.Option("--report", metavar="DIR", parser=options.path_of("--report"), help="cli.option.log.report"),
]
Every = Annotated[bool, typer.Option("--all", help="cli.option.log.all")]
Seed = Annotated[
    int, typer.Option("--seed", metavar="N", parser=options.whole("--seed", 0, 2**31 - 1), help="cli.option.log.seed")
]
IdleDays = Annotated[
    int,
    typer.Option(
        "--idle-days", metavar="N", parser=options.whole("--idle-days", 1, 36_500), help="cli.option.log.idle_days"
    ),
]


def log_command(
    files: Files,
    out: Scenario = None,
    map_: ColumnRoles = None,
    kind: Kind = None,
    keep: Keep = None,
    drop: Drop = None,
    date_format: DateFormat = None,
    time_zone: TimeZone = None,
    service: Service = None,
    name: Name = "from-log",
    split: Split = 0.3,
    no_accuracy: NoAccuracy = False,
    logs: Logs = 10,
    report: Report = None,
    every: Every = False,
    seed: Seed = 1,
    idle_days: IdleDays = 365,
    json: options.Json = False,
    force: options.Force = False,
    lang: options.Lang = None,
) -> None:
    """Make a scenario of an event log."""
    mapping = dict(column_role(text) for text in map_ or ())
    if out is not None and out.suffix.lower() in LOG_ENDINGS:
        raise UsageError("discovery.usage.out", file=out)
    from hallplan.api_log import calibrate_log
    from hallplan.cli.progress import Bar, interruptible
    from hallplan.show.log import log_document, log_tables

    work = partial(
        calibrate_log,
        files,
        mapping=mapping,
        kind=kind,
        keep=keep or (),
        drop=drop or (),
        date_format=date_format,
        time_zone=time_zone,
        name=name,
        service=service,
        split=None if no_accuracy else split,
        logs=logs,
        seed=seed,
        idle_days=idle_days,
    )
    tables: list[Path] = []
    with (
        reserve_file(out, force=force, option="--out"),
        reserve_folder(report, _REPORT, force=force, option="--report"),
    ):
        with Bar(0) as bar:
            calibration = interruptible(partial(work, progress=bar.tell))

        def write_report(folder: Path) -> None:
            tables[:] = calibration.export(folder)
            tables.append(write_manifest(folder, tables))

        text = calibration.toml.encode("utf-8") if out is not None else b""
        written = [
            write_or_rescue(lambda file: write_atomically(file, text), out, ending=".toml"),
            write_or_rescue(write_report, report),
        ]
    if json:
        show_json(log_document(calibration))
    else:
        show(log_tables(calibration, every=every))
    if out is None and not json:
        show_text("\n" + messages.text("discovery.note.no_file"))
    if out is not None and written[0] and not json:
        show_text("\n" + messages.text("discovery.note.scenario", file=out))
    if report is not None and written[1] and not json:
        show_text("\n" + messages.text("discovery.note.report", n=len(tables), folder=report))
    if not all(written):
        raise typer.Exit(FAULT)
