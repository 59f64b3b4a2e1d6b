"""The commands of ``hallplan``: one module a command, and the table that gives each its name and its help.

Input: the words after ``hallplan``, read by Typer.  Output: what the command prints.  A command reads its options, has
the planner compute, and hands the result to :mod:`hallplan.show`; it computes nothing.  Imports that take long stand in
the command that needs them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

import typer

from hallplan.cli import options
from hallplan.cli.commands.app import app_command
from hallplan.cli.commands.backtest import backtest_command
from hallplan.cli.commands.cache import clear_cache_command, show_cache_command
from hallplan.cli.commands.calibrate_article import article_command
from hallplan.cli.commands.calibrate_log import log_command
from hallplan.cli.commands.calibrate_report import report_command
from hallplan.cli.commands.catalogue import catalogue_command
from hallplan.cli.commands.centralise import centralise_command
from hallplan.cli.commands.check import check_command
from hallplan.cli.commands.claims import claims_command
from hallplan.cli.commands.compare import compare_command
from hallplan.cli.commands.compression import compression_command
from hallplan.cli.commands.frontier import frontier_command
from hallplan.cli.commands.inspections import inspections_command
from hallplan.cli.commands.levers import levers_command
from hallplan.cli.commands.new import new_command
from hallplan.cli.commands.next import next_command
from hallplan.cli.commands.promise import promise_command
from hallplan.cli.commands.report import plans_report_command
from hallplan.cli.commands.results import results_command
from hallplan.cli.commands.run import run_command
from hallplan.cli.commands.scenarios import scenarios_command
from hallplan.cli.commands.schema import schema_command
from hallplan.cli.commands.select import select_command
from hallplan.cli.commands.show import show_command
from hallplan.cli.commands.slim import slim_command
from hallplan.cli.commands.staff import staff_command
from hallplan.cli.commands.sweep import sweep_command
from hallplan.cli.commands.today import today_command
from hallplan.cli.commands.verify import verify_command
from hallplan.cli.commands.version import version_command
from hallplan.cli.commands.warm_up import warm_up_command
from hallplan.cli.faults import USAGE
from hallplan.cli.help import Command, Group

__all__ = ["app"]

_HELP: Final = {"help_option_names": ["--help", "-h"]}
_PASSED_ON: Final = {"allow_extra_args": True, "ignore_unknown_options": True}
"""Options that the page's server understands, not this program."""


def _group(help_key: str) -> typer.Typer:
    return typer.Typer(
        cls=Group,
        help=help_key,
        invoke_without_command=True,
        add_completion=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=_HELP,
    )


def _add(group: typer.Typer, name: str, command: Callable[..., None], help_key: str, **settings: Any) -> None:
    group.command(name, cls=Command, help=help_key, context_settings={**_HELP, **settings})(command)


app = _group("cli.help.hallplan")
_calibrate = _group("cli.help.calibrate")
_cache = _group("cli.help.cache")


@app.callback()
def _hallplan(
    context: typer.Context,
    lang: options.Lang = None,
    version: Annotated[bool, typer.Option("--version", help="cli.option.version")] = False,
) -> None:
    if version:
        version_command()
        raise typer.Exit
    _need_subcommand(context)


@_calibrate.callback()
def _calibrate_group(context: typer.Context, lang: options.Lang = None) -> None:
    _need_subcommand(context)


@_cache.callback()
def _cache_group(context: typer.Context, lang: options.Lang = None) -> None:
    if context.invoked_subcommand is None:
        show_cache_command()


def _need_subcommand(context: typer.Context) -> None:
    """Print the help where no command is named."""
    if context.invoked_subcommand is None:
        context.get_help()
        raise typer.Exit(USAGE)


_add(app, "run", run_command, "cli.help.run")
_add(app, "compare", compare_command, "cli.help.compare")
_add(app, "centralise", centralise_command, "cli.help.centralise")
_add(app, "report", plans_report_command, "cli.help.report")
_add(app, "select", select_command, "cli.help.select")
_add(app, "staff", staff_command, "cli.help.staff")
_add(app, "slim", slim_command, "cli.help.slim")
_add(app, "compression", compression_command, "cli.help.compression")
_add(app, "promise", promise_command, "cli.help.promise")
_add(app, "next", next_command, "cli.help.next")
_add(app, "frontier", frontier_command, "cli.help.frontier")
_add(app, "inspections", inspections_command, "cli.help.inspections")
_add(app, "today", today_command, "cli.help.today")
_add(app, "backtest", backtest_command, "cli.help.backtest")
_add(app, "sweep", sweep_command, "cli.help.sweep")
_add(app, "results", results_command, "cli.help.results")
_add(app, "warm-up", warm_up_command, "cli.help.warm_up")
_add(app, "check", check_command, "cli.help.check")
_add(app, "show", show_command, "cli.help.show")
_add(app, "scenarios", scenarios_command, "cli.help.scenarios")
_add(app, "levers", levers_command, "cli.help.levers")
_add(app, "new", new_command, "cli.help.new")
_add(app, "catalogue", catalogue_command, "cli.help.catalogue")
_add(app, "claims", claims_command, "cli.help.claims")
_add(app, "verify", verify_command, "cli.help.verify")
_add(app, "schema", schema_command, "cli.help.schema")
app.add_typer(_calibrate, name="calibrate", cls=Group, help="cli.help.calibrate")
_add(_calibrate, "article", article_command, "cli.help.calibrate_article")
_add(_calibrate, "report", report_command, "cli.help.calibrate_report")
_add(_calibrate, "log", log_command, "cli.help.calibrate_log")
app.add_typer(_cache, name="cache", cls=Group, help="cli.help.cache")
_add(_cache, "show", show_cache_command, "cli.help.cache_show")
_add(_cache, "clear", clear_cache_command, "cli.help.cache_clear")
_add(app, "app", app_command, "cli.help.app", **_PASSED_ON)
_add(app, "version", version_command, "cli.help.version")
