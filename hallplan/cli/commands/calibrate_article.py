"""``hallplan calibrate article``: what the article says about the numbers that nobody measured.

Input: options.  Output: tables or JSON, and a posterior in the folder that ``--out`` names.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from foundation import messages
from hallplan.cli import options
from hallplan.cli.faults import FAULT
from hallplan.cli.output import show, show_json, show_text
from hallplan.cli.targets import reserve_folder, write_or_rescue

__all__ = ["article_command"]


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
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", parser=options.path_of("--out"), help="cli.option.posterior.out"),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="cli.option.posterior.quick")] = False,
    every: Annotated[bool, typer.Option("--all", help="cli.option.posterior.all")] = False,
    json: options.Json = False,
    force: options.Force = False,
    lang: options.Lang = None,
) -> None:
    """Calibrate both states of the hall to the article."""
    from calibration.posterior.artefact import FILES
    from calibration.posterior.article import QUICK, STANDARD, Calibration, calibrate
    from calibration.posterior.publish import manifest_of, publish
    from hallplan.cli.progress import Bar, interruptible
    from hallplan.show.posterior import posterior_document, posterior_tables
    from sim.run.workers import cores

    settings = QUICK if quick else STANDARD
    if seed is not None:
        settings = replace(settings, seed=seed)

    def work(bar: Bar) -> Calibration:
        return calibrate(settings, workers=workers or cores(), progress=lambda _, done, total: bar.tell(done, total))

    with reserve_folder(out, FILES, force=force):
        with Bar(0) as bar:
            calibration = interruptible(partial(work, bar))
        manifest = interruptible(partial(manifest_of, calibration))
        written = write_or_rescue(partial(publish, calibration, manifest), out)
    if json:
        show_json(posterior_document(manifest, command="calibrate-article"))
    else:
        show(posterior_tables(manifest, every=every))
    if quick and not json:
        show_text("\n" + messages.text("posterior.note.quick"))
    if not written:
        raise typer.Exit(FAULT)
    if out is not None and not json:
        show_text("\n" + messages.text("posterior.note.written", n=len(FILES) + 1, folder=out))
