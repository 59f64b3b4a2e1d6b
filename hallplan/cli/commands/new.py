"""``hallplan new``: a workbook to fill in, and the scenario of a workbook that is filled in.

Input: nothing, or a workbook.  Output: a workbook, or the scenario's file and what is given, derived and assumed in it;
exit code 1 and a sentence for each faulty cell, with nothing written.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

from foundation import messages
from foundation.files import write_atomically
from hallplan.cli import options
from hallplan.cli.faults import FAULT, UsageError, say
from hallplan.cli.output import show, show_json, show_text
from hallplan.cli.targets import reserve_file

__all__ = ["new_command"]

_WORKBOOK: Final = ".xlsx"
_SCENARIO: Final = ".toml"

_Workbook: TypeAlias = Annotated[
    Path | None, typer.Argument(metavar="[WORKBOOK]", parser=options.path_of("WORKBOOK"), help="cli.argument.workbook")
]
_Out: TypeAlias = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", parser=options.path_of("--out"), help="cli.option.new_out")
]
_Example: TypeAlias = Annotated[bool, typer.Option("--example", help="cli.option.new_example")]
_Every: TypeAlias = Annotated[bool, typer.Option("--all", help="cli.option.new_all")]


def new_command(
    workbook: _Workbook = None,
    out: _Out = None,
    example: _Example = False,
    every: _Every = False,
    json: options.Json = False,
    force: options.Force = False,
    lang: options.Lang = None,
) -> None:
    """Write a workbook for a hall of one's own, or make a scenario of one that is filled in."""
    if workbook is None:
        if out is None or out.suffix.lower() != _WORKBOOK or json or every:
            raise UsageError("cli.usage.new_workbook")
        _write_workbook(out, example=example, force=force)
        return
    if example or (out is not None and out.suffix.lower() != _SCENARIO):
        raise UsageError("cli.usage.new_scenario")
    from hallplan.show.own_hall import fault_sentences, own_hall_document, own_hall_report, own_hall_tables
    from scenarios.workbook.making import scenario_name
    from scenarios.workbook.reading import read_workbook

    form, faults = read_workbook(workbook)
    if faults:
        for sentence in fault_sentences(faults):
            say(sentence)
        raise typer.Exit(FAULT)
    with reserve_file(out, force=force, option="--out"):
        name, file = scenario_name((out or workbook).stem), "" if out is None else str(out)
        report = own_hall_report(form, name=name, file=file)
        if out is not None:
            write_atomically(out, report.hall.toml.encode("utf-8"))
    if json:
        show_json(own_hall_document(report))
        return
    show(own_hall_tables(report, every=every))
    if out is None:
        show_text("\n" + messages.text("cli.new.not_written"))


def _write_workbook(out: Path, *, example: bool, force: bool) -> None:
    from scenarios.workbook.template import example_rows, workbook_bytes

    with reserve_file(out, force=force, option="--out"):
        write_atomically(out, workbook_bytes(example_rows() if example else None))
    show_text(messages.text("cli.new.example" if example else "cli.new.workbook", file=out))
