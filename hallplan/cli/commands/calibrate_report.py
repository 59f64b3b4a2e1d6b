"""``hallplan calibrate report``: what a posterior says.

Input: a folder, or nothing for the posterior in the package.  Output: tables or JSON.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hallplan.cli import options
from hallplan.cli.output import show, show_json

__all__ = ["report_command"]


def report_command(
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="cli.argument.posterior.folder")] = None,
    every: Annotated[bool, typer.Option("--all", help="cli.option.posterior.all")] = False,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Show what a posterior says."""
    from calibration.posterior.artefact import load_posterior
    from hallplan.show.posterior import posterior_document, posterior_tables

    manifest = load_posterior(folder).manifest
    if json:
        show_json(posterior_document(manifest, command="calibrate-report"))
    else:
        show(posterior_tables(manifest, every=every))
