"""``hallplan new``: a workbook to fill in, and the scenario of a workbook that is filled in.

Input: nothing, or a workbook, and logs of the hall.  Output: a workbook, or the scenario's file and what is given,
derived and assumed in it; exit code 1 and a sentence for each faulty cell, with nothing written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from foundation import messages
from foundation.files import write_atomically
from hallplan.cli import options
from hallplan.cli.faults import FAULT, UsageError, say
from hallplan.cli.log_columns import ColumnRoles, column_role
from hallplan.cli.output import show, show_json, show_text
from hallplan.cli.targets import SCENARIO_ENDING, reserve_file

if TYPE_CHECKING:
    from calibration.workbook.evidence import HallEvidence
    from scenarios.workbook.model import HallForm

__all__ = ["new_command"]

_WORKBOOK: Final = ".xlsx"

_Workbook: TypeAlias = Annotated[
    Path | None, typer.Argument(metavar="[WORKBOOK]", parser=options.path_of("WORKBOOK"), help="cli.argument.workbook")
]
_Out: TypeAlias = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", parser=options.path_of("--out"), help="cli.option.new_out")
]
_Example: TypeAlias = Annotated[bool, typer.Option("--example", help="cli.option.new_example")]
_Logs: TypeAlias = Annotated[
    list[Path] | None, typer.Option("--log", metavar="LOG", parser=options.path_of("--log"), help="cli.option.new_log")
]
_Every: TypeAlias = Annotated[bool, typer.Option("--all", help="cli.option.new_all")]


def new_command(
    workbook: _Workbook = None,
    out: _Out = None,
    log: _Logs = None,
    map_: ColumnRoles = None,
    example: _Example = False,
    every: _Every = False,
    json: options.Json = False,
    force: options.Force = False,
    lang: options.Lang = None,
) -> None:
    """Write a workbook for a hall of one's own, or make a scenario of one that is filled in."""
    if workbook is None:
        if out is None or out.suffix.lower() != _WORKBOOK or json or every or log or map_:
            raise UsageError("cli.usage.new_workbook")
        _write_workbook(out, example=example, force=force)
        return
    if example or (out is not None and out.suffix.lower() != SCENARIO_ENDING):
        raise UsageError("cli.usage.new_scenario")
    from calibration.workbook.evidence import log_files
    from hallplan.show.own_hall import fault_sentences, own_hall_document, own_hall_report, own_hall_tables
    from scenarios.workbook.making import scenario_name
    from scenarios.workbook.reading import read_workbook

    mapping = dict(column_role(text) for text in map_ or ())
    form, faults = read_workbook(workbook)
    if faults:
        for sentence in fault_sentences(faults):
            say(sentence)
        raise typer.Exit(FAULT)
    with reserve_file(out, force=force, option="--out"):
        name, file = scenario_name((out or workbook).stem), "" if out is None else str(out)
        logs = log or log_files(form, workbook.parent)
        if mapping and not logs:
            raise UsageError("cli.usage.map_without_log")
        evidence = _joined(form, logs, mapping)
        report = own_hall_report(evidence, name=name, file=file)
        if out is not None:
            write_atomically(out, report.hall.toml.encode("utf-8"))
    if json:
        show_json(own_hall_document(report))
        return
    show(own_hall_tables(report, every=every))
    if out is None:
        show_text("\n" + messages.text("cli.new.not_written"))


def _joined(form: HallForm, files: Sequence[Path], mapping: Mapping[str, str]) -> HallEvidence:
    """Join the workbook and the logs of its hall, with a bar on the terminal if there are any."""
    from calibration.workbook.evidence import HallEvidence, join_logs
    from hallplan.cli.progress import Bar, interruptible

    if not files:
        return HallEvidence(form)
    with Bar(0) as bar:
        return interruptible(partial(join_logs, form, files, mapping=mapping, progress=bar.tell))


def _write_workbook(out: Path, *, example: bool, force: bool) -> None:
    from scenarios.workbook.template import example_rows, workbook_bytes

    with reserve_file(out, force=force, option="--out"):
        write_atomically(out, workbook_bytes(example_rows() if example else None))
    show_text(messages.text("cli.new.example" if example else "cli.new.workbook", file=out))
