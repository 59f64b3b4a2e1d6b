"""``hallplan check``: faults and oddities of a scenario, and offered load against capacity.

Input: a scenario.  Output: tables or JSON; exit code 3 where ``--strict`` finds a pool that is overloaded.
"""

from __future__ import annotations

from typing import Annotated

import typer

from hallplan.cli import options
from hallplan.cli.faults import CHECK_FAILED
from hallplan.cli.output import show, show_json
from hallplan.cli.studies import prepared_of

__all__ = ["check_command"]


def check_command(
    scenario: options.ScenarioName,
    lever: options.LeverTexts = None,
    set_: options.SetTexts = None,
    strict: Annotated[bool, typer.Option("--strict", help="cli.option.strict")] = False,
    every: Annotated[bool, typer.Option("--all", help="cli.option.all_pools")] = False,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Check a scenario: faults, oddities, and offered load against capacity."""
    prepared = prepared_of(scenario, lever, set_)
    from hallplan.show.load import CheckReport, check_document, check_tables
    from planner.notices import unannounced_years_warnings
    from scenarios.check import warnings

    model = prepared.scenario
    warnings_found = [*warnings(model), *unannounced_years_warnings(prepared.outlook.unannounced)]
    report = CheckReport(prepared.composed, warnings_found, prepared.outlook)
    if json:
        show_json(check_document(report))
    else:
        show(check_tables(report, all_pools=every))
    if strict and report.outlook.load.overloaded:
        raise typer.Exit(CHECK_FAILED)
