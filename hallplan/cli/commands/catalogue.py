"""``hallplan catalogue``: the catalogue of items, and the cut of limits by every reading of a published percentage.

Input: nothing, or a table of one's own; or the name of a table to fill in.  Output: tables or JSON, or that table.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from foundation import messages
from hallplan.cli import options
from hallplan.cli.faults import UsageError
from hallplan.cli.output import show, show_json, show_text

__all__ = ["catalogue_command"]

_File: TypeAlias = Annotated[str | None, typer.Argument(metavar="[FILE]", help="cli.argument.catalogue")]
_Template: TypeAlias = Annotated[
    str | None, typer.Option("--template", metavar="FILE", help="cli.option.catalogue_template")
]

_Cut: TypeAlias = Annotated[str | None, typer.Option("--cut", metavar="P%", help="cli.option.catalogue_cut")]


def catalogue_command(
    file: _File = None,
    cut: _Cut = None,
    template: _Template = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Show the catalogue of items, and the cut of limits by every reading of the published percentage."""
    if template is not None:
        if file is not None or cut is not None or json:
            raise UsageError("cli.usage.template_alone")
        from scenarios.catalogue.template import write_template

        write_template(options.path_of("--template")(template))
        show_text(messages.text("cli.catalogue.written", file=template))
        return
    from calibration.facts.evidence import evidence
    from hallplan.show.item_catalogue import CatalogueReport, catalogue_document, catalogue_tables
    from planner.promised_limits import catalogue_compression
    from scenarios.catalogue.reading import built_in_catalogue, read_catalogue
    from scenarios.catalogue.summary import summary

    catalogue = built_in_catalogue() if file is None else read_catalogue(options.path_of("FILE")(file))
    published = evidence("article")["limits_cut"].value
    target = published if cut is None else options.share_of(cut, "--cut", "60%")
    compression = catalogue_compression(catalogue, target=target)
    report = CatalogueReport(catalogue, summary(catalogue), compression, is_articles_cut=target == published)
    if json:
        show_json(catalogue_document(report))
    else:
        show(catalogue_tables(report))
