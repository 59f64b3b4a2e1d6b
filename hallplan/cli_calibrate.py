"""The commands of ``hallplan calibrate``: what evidence says about the numbers that nobody measured.

In come options; out come tables or JSON on standard output, a posterior in a folder, and progress on standard error.
Nothing is computed here.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from foundation import messages
from foundation.errors import HallplanError
from hallplan import cli_log
from hallplan import cli_options as options
from hallplan.cli_faults import USAGE
from hallplan.cli_help import Command, Group
from hallplan.cli_output import show, show_json, show_text
from sim.run.workers import cores

__all__ = ["app"]

_ASK: Final = {"help_option_names": ["--help", "-h"]}

app = typer.Typer(
    cls=Group,
    help="cli.help.calibrate",
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=_ASK,
)


@app.callback()
def calibrate_group(context: typer.Context, lang: options.Lang = None) -> None:
    """Say what there is, when nothing is asked for."""
    if context.invoked_subcommand is None:
        context.get_help()
        raise typer.Exit(USAGE)


@app.command("article", cls=Command, help="cli.help.calibrate_article", context_settings=_ASK)
def article_command(
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", metavar="N", parser=options.whole("--seed", 0, 2**31 - 1), help="cli.option.posterior.seed"
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            metavar="N",
            parser=options.whole("--workers", 1, 256),
            help="cli.option.posterior.workers",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="cli.option.posterior.out")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="cli.option.posterior.quick")] = False,
    every: Annotated[bool, typer.Option("--all", help="cli.option.posterior.all")] = False,
    json: options.Json = False,
    force: options.Force = False,
    lang: options.Lang = None,
) -> None:
    """Calibrate both states of the hall to the article."""
    if out is not None:
        _check_folder(out, force=force)
    from calibration.posterior.article import QUICK, STANDARD, Calibration, calibrate
    from calibration.posterior.publish import manifest_of, publish
    from hallplan.cli_progress import Bar, interruptible
    from hallplan.posterior_tables import posterior_document, posterior_tables

    settings = QUICK if quick else STANDARD
    if seed is not None:
        settings = replace(settings, seed=seed)

    def work(bar: Bar) -> Calibration:
        return calibrate(settings, workers=workers or cores(), progress=lambda _, done, total: bar.tell(done, total))

    with Bar(0) as bar:
        found = interruptible(partial(work, bar))
    manifest = interruptible(partial(manifest_of, found))
    written = publish(found, manifest, out) if out is not None else []
    if json:
        show_json(posterior_document(manifest, command="calibrate-article"))
        return
    show(posterior_tables(manifest, every=every))
    if quick:
        show_text("\n" + messages.text("posterior.note.quick"))
    if written:
        show_text("\n" + messages.text("posterior.note.written", n=len(written), folder=out))


def _check_folder(folder: Path, *, force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise HallplanError("cli.fault.not_a_folder", name=str(folder), option="--out")
    if (folder / "manifest.json").exists() and not force:
        raise HallplanError("cli.fault.would_overwrite", name=str(folder / "manifest.json"))


@app.command("report", cls=Command, help="cli.help.calibrate_report", context_settings=_ASK)
def report_command(
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="cli.argument.posterior.folder")] = None,
    every: Annotated[bool, typer.Option("--all", help="cli.option.posterior.all")] = False,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Show what a posterior says."""
    from calibration.posterior.artefact import load_posterior
    from hallplan.posterior_tables import posterior_document, posterior_tables

    manifest = load_posterior(folder).manifest
    if json:
        show_json(posterior_document(manifest, command="calibrate-report"))
    else:
        show(posterior_tables(manifest, every=every))


cli_log.register(app)
