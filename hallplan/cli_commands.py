"""The commands: ``hallplan run``, ``compare``, ``check`` and the rest.

In come arguments and options; out come tables or JSON on standard output, and progress on standard error.  A command
reads its arguments, calls the planner, and hands the result to :mod:`hallplan.result_tables` or
:mod:`hallplan.documents`; nothing is computed here.  Every import that takes long stands in the command that needs it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from foundation import messages
from foundation.errors import HallplanError
from hallplan import cli_options as options
from hallplan.cli_calibrate import app as calibrate_app
from hallplan.cli_choose import select_command, warm_up_command
from hallplan.cli_event_log import EventLogFile, FileOption, KindOption
from hallplan.cli_faults import CHECK_FAILED, USAGE, UsageError
from hallplan.cli_help import Command, Group
from hallplan.cli_output import show, show_json, show_text
from hallplan.cli_work import Files, check_metrics, composed_of, shown_metrics, simulator, warn

if TYPE_CHECKING:
    from collections.abc import Callable

    from calibration.posterior.artefact import Posterior
    from hallplan.tables import TextTable
    from planner.compare import Comparison
    from planner.forecast import ComparedForecasts, Forecast
    from planner.load import Load
    from scenarios.compose.composing import Composed
    from scenarios.provenance import Kind
    from sim.engine.choice import EngineName
    from sim.run.replications import Replications
    from sim.statistics.precision import Precision, Reached

__all__ = ["app"]

_ASK: Final = {"help_option_names": ["--help", "-h"]}

app = typer.Typer(
    cls=Group,
    help="cli.help.hallplan",
    invoke_without_command=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=_ASK,
)


@app.callback()
def hallplan(
    context: typer.Context,
    lang: options.Lang = None,
    version: Annotated[bool, typer.Option("--version", help="cli.option.version")] = False,
) -> None:
    """Say what there is, when nothing is asked for."""
    if version:
        version_command()
        raise typer.Exit
    if context.invoked_subcommand is None:
        context.get_help()
        raise typer.Exit(USAGE)


_RUN_FRAMES: Final = ("summaries", "wait_by_half_hour", "pools_by_half_hour", "touched_days", "open_cases_by_day")

# ---- simulating ----------------------------------------------------------------------------------------------------


@app.command("run", cls=Command, help="cli.help.run", context_settings=_ASK)
def run_command(
    scenario: options.ScenarioName,
    reps: options.Reps = None,
    precision: options.Precisions = None,
    days: options.Days = None,
    seed: options.Seed = None,
    lever: options.LeverTexts = None,
    set_: options.SetTexts = None,
    posterior: options.PosteriorFlag = False,
    posterior_from: options.PosteriorFolder = None,
    controls: options.ControlsFlag = False,
    metric: options.Metrics = None,
    json: options.Json = False,
    out: options.Out = None,
    format_: options.Formats = "parquet,csv",
    force: options.Force = False,
    event_log: FileOption = None,
    event_log_kind: KindOption = "activities",
    engine: options.EngineName = None,
    workers: options.Workers = None,
    lang: options.Lang = None,
) -> None:
    """Simulate a scenario and print its metrics."""
    composed = composed_of(scenario, lever, set_, days)
    from hallplan.api import worthwhile_workers
    from hallplan.cli_progress import Bar, interruptible
    from hallplan.documents import run_document
    from hallplan.result_tables import controls_table, run_table
    from planner.controls import controls_of
    from planner.load import offered_load
    from scenarios.provenance import count_kinds
    from sim.statistics.precision import AT_MOST

    model = composed.scenario
    check_metrics(metric, [model])
    asked = options.precision_of(precision or (), reps=reps, scenarios=[model])
    check_metrics(list(asked), [model])
    drawn_from = options.posterior_of(posterior, posterior_from, asked=bool(asked))
    frames = _RUN_FRAMES if drawn_from is None else (*_RUN_FRAMES, "posterior_summaries")
    files = Files(out, format_, force, frames=frames, composed=[composed])
    log_file = EventLogFile.asked(event_log, event_log_kind, force=force)
    load, inputs = offered_load(model), count_kinds(model, composed.raw)
    warn([model], [load])
    number = reps or (AT_MOST if asked else model.run.replications)
    chosen, name = simulator(engine, [model], number)
    with Bar(number) as bar:
        work = partial(
            _replicate,
            composed,
            asked,
            number,
            drawn_from,
            seed=seed,
            workers=workers or worthwhile_workers([model], number),
            engine=chosen,
            curves=out is not None,
            progress=bar.tell,
        )
        found, reached, forecast = interruptible(work)
        adjusted = interruptible(partial(controls_of, found, progress=bar.tell)) if controls else None
    means = {str(key): value for key, value in found.summaries.mean().items()}
    shown = shown_metrics(means, [model], metric, every=True)
    about: dict[str, Any] = {"inputs": inputs, "load": load, "reached": reached, "forecast": forecast}
    document = partial(run_document, found, shown, engine=name, controls=adjusted, **about)

    def tables() -> list[TextTable]:
        first = shown_metrics(means, [model], metric)
        beside = [] if adjusted is None else [controls_table(adjusted, first, load=load)]
        return [run_table(found, first, **about), *beside]

    files.hand_over(forecast or found, document, tables, json=json)
    if log_file is not None:
        log_file.write(model, found.seed, quiet=json)


def _replicate(
    composed: Composed, asked: Mapping[str, Precision], number: int, posterior: Posterior | None, **how: Any
) -> tuple[Replications, Reached | None, Forecast | None]:
    """Run so many replications, or at most so many where a precision is asked for; with a posterior, twice."""
    model = composed.scenario
    if posterior is not None:
        from planner.forecast import forecast

        found = forecast(composed, posterior, replications=number, **how)
        return found.own, None, found
    from sim.run.replications import replicate
    from sim.statistics.precision import AT_LEAST
    from sim.statistics.sequential import replicate_to

    if not asked:
        return replicate(model, replications=number, **how), None, None
    least = min(AT_LEAST, number)
    return *replicate_to(model, precision=asked, at_least=least, at_most=number, **how), None


@app.command("compare", cls=Command, help="cli.help.compare", context_settings=_ASK)
def compare_command(
    scenarios: options.ScenarioNames,
    reps: options.Reps = None,
    precision: options.Precisions = None,
    days: options.Days = None,
    seed: options.Seed = None,
    lever: options.LeverTexts = None,
    set_: options.SetTexts = None,
    posterior: options.PosteriorFlag = False,
    posterior_from: options.PosteriorFolder = None,
    metric: options.Metrics = None,
    json: options.Json = False,
    out: options.Out = None,
    format_: options.Formats = "parquet,csv",
    force: options.Force = False,
    engine: options.EngineName = None,
    workers: options.Workers = None,
    lang: options.Lang = None,
) -> None:
    """Simulate scenarios with the same random numbers and print the differences from the first."""
    if len(scenarios) == 1 and not lever:
        raise UsageError("cli.usage.compare_two")
    if len(scenarios) == 1:  # the scenario against itself with the levers
        read = [composed_of(scenarios[0], None, set_, days), composed_of(scenarios[0], lever, set_, days)]
    else:
        read = [composed_of(name, lever, set_, days) for name in scenarios]
    from hallplan.api import worthwhile_workers
    from hallplan.cli_progress import Bar, interruptible
    from hallplan.documents import compare_document
    from hallplan.result_tables import compare_tables
    from planner.load import offered_load
    from scenarios.provenance import count_kinds
    from sim.statistics.precision import AT_MOST

    models = [one.scenario for one in read]
    check_metrics(metric, models)
    asked = options.precision_of(precision or (), reps=reps, scenarios=models)
    for model in models:
        check_metrics(list(asked), [model])
    drawn_from = options.posterior_of(posterior, posterior_from, asked=bool(asked))
    names = ("differences", *(f"summaries_{place}" for place in range(len(read))))
    frames = names if drawn_from is None else (*names, *(f"posterior_{name}" for name in names))
    files = Files(out, format_, force, frames=frames, composed=read)
    loads = [offered_load(model) for model in models]
    warn(models, loads)
    inputs = [count_kinds(one.scenario, one.raw) for one in read]
    number = reps or (AT_MOST if asked else models[0].run.replications)
    chosen, engine_name = simulator(engine, models, number)
    with Bar(number * len(models)) as bar:
        work = partial(
            _compare,
            read,
            drawn_from,
            replications=number,
            precision=asked or None,
            seed=seed,
            workers=workers or worthwhile_workers(models, number),
            engine=chosen,
            progress=lambda place, done, most: bar.tell((done - 1) * len(models) + place + 1, most * len(models)),
        )
        comparison, forecasts = interruptible(work)
    means = {str(key): value for run in reversed(comparison.runs) for key, value in run.summaries.mean().items()}
    known = {key: means[key] for key in comparison.metrics}
    about: dict[str, Any] = {"inputs": inputs, "loads": loads, "forecasts": forecasts}
    shown = shown_metrics(known, models, metric, every=True)
    document = partial(compare_document, comparison, shown, engine=engine_name, **about)
    tables = partial(compare_tables, comparison, shown_metrics(known, models, metric), **about)
    files.hand_over(forecasts or comparison, document, tables, json=json)


def _compare(
    read: Sequence[Composed],
    posterior: Posterior | None,
    *,
    precision: Mapping[str, Precision] | None,
    progress: Callable[[int, int, int], None],
    **how: Any,
) -> tuple[Comparison, ComparedForecasts | None]:
    """Compare scenarios; with a posterior, twice."""
    if posterior is None:
        from planner.compare import compare

        return compare([one.scenario for one in read], precision=precision, progress=progress, **how), None
    from planner.forecast import compare_forecasts

    # The bar counts a scenario's replications: half of the work of a scenario is one of them.
    told = partial(_tell_in_turn, progress, len(read), how["replications"])
    found = compare_forecasts(read, posterior, progress=told, **how)
    return found.own, found


def _tell_in_turn(told: Callable[[int, int, int], None], scenarios: int, number: int, done: int, total: int) -> None:
    """Tell how far a comparison is that runs one scenario after another."""
    at = done * scenarios * number // total
    told((max(at, 1) - 1) % scenarios, (max(at, 1) - 1) // scenarios + 1, number)


for _name, _command, _help in (
    ("select", select_command, "cli.help.select"),
    ("warm-up", warm_up_command, "cli.help.warm_up"),
):
    app.command(_name, cls=Command, help=_help, context_settings=_ASK)(_command)


# ---- reading -------------------------------------------------------------------------------------------------------


@app.command("check", cls=Command, help="cli.help.check", context_settings=_ASK)
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
    composed = composed_of(scenario, lever, set_)
    from planner.load import offered_load
    from planner.notices import calendar_warnings
    from scenarios.check import warnings
    from scenarios.provenance import count_kinds

    model = composed.scenario
    odd = [*warnings(model), *calendar_warnings(model)]
    load, inputs = offered_load(model), count_kinds(model, composed.raw)
    if json:
        from hallplan.documents import check_document

        show_json(check_document(composed, odd, load=load, inputs=inputs))
    else:
        _show_check(composed, [one.sentence() for one in odd], load=load, inputs=inputs, every=every)
    if strict and load.overloaded:
        raise typer.Exit(CHECK_FAILED)


def _show_check(
    composed: Composed, warnings: Sequence[str], *, load: Load, inputs: Mapping[Kind, int], every: bool
) -> None:
    from hallplan.result_tables import inputs_note, load_tables, overload_notes
    from hallplan.tables import TextTable
    from planner.regime import regime_of

    verdict = messages.text("cli.check.valid", name=composed.name)
    found = [messages.text("cli.check.warning", sentence=sentence) for sentence in warnings]
    end = overload_notes(regime_of(composed.scenario, load)) or [messages.text("cli.check.all_keep_up")]
    show(
        [
            TextTable((), (), title=verdict, notes=(*found, inputs_note(inputs))),
            *load_tables(load, composed.scenario, most=None if every else 15),
            TextTable((), (), notes=tuple(end)),
        ]
    )


@app.command("show", cls=Command, help="cli.help.show", context_settings=_ASK)
def show_command(
    scenario: options.ScenarioName,
    path: Annotated[str, typer.Option("--path", metavar="PATH", help="cli.option.path")] = "",
    lever: options.LeverTexts = None,
    set_: options.SetTexts = None,
    toml: Annotated[bool, typer.Option("--toml", help="cli.option.toml")] = False,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Show a composed scenario: every number, and where it comes from."""
    if toml and json:
        raise UsageError("cli.usage.toml_or_json")
    composed = composed_of(scenario, lever, set_)
    from scenarios.paths import matches, split
    from scenarios.provenance import sourced

    try:
        pattern = split(path) if path else ()
    except HallplanError as error:
        raise UsageError(error.key, **error.values) from None
    part = _part(composed, pattern)
    if toml:
        from scenarios.compose.writing import to_toml

        show_text(to_toml(part))
        return
    found = [one for one in sourced(composed.scenario, composed.raw) if matches(one.path, pattern)]
    if json:
        from hallplan.documents import show_document

        show_json(show_document(composed, found, part))
    else:
        from hallplan.tables import overview_table, sources_table

        numbers = sources_table(found, composed.origin)
        show([numbers] if pattern else [overview_table(composed.scenario), numbers])


def _part(composed: Composed, pattern: tuple[str, ...]) -> dict[str, Any]:
    """Return the composed table without what a pattern doesn't mean."""
    from scenarios.paths import dotted, key_matches, suggestion

    def cut(table: Mapping[str, Any], rest: tuple[str, ...], done: tuple[str, ...]) -> dict[str, Any]:
        if not rest:
            return dict(table)
        kept = {}
        for key, value in table.items():
            if key_matches(key, rest[0]):
                if len(rest) == 1:
                    kept[key] = value
                elif isinstance(value, Mapping) and (inner := cut(value, rest[1:], (*done, key))):
                    kept[key] = inner
        if not kept and not any("*" in key or "?" in key for key in (*done, *rest[:1])):
            raise HallplanError(
                "cli.fault.no_path", path=dotted((*done, rest[0])), near=suggestion(rest[0], table), name=composed.name
            )
        return kept

    part = cut(composed.raw, pattern, ())
    if not part:
        raise HallplanError(
            "cli.fault.no_path", path=dotted(pattern), near=suggestion("", composed.raw), name=composed.name
        )
    return part


@app.command("scenarios", cls=Command, help="cli.help.scenarios", context_settings=_ASK)
def scenarios_command(json: options.Json = False, lang: options.Lang = None) -> None:
    """List the built-in scenarios."""
    from scenarios.compose.reading import LIBRARY_FOLDER, file_names, read

    known = {name: read(LIBRARY_FOLDER / f"{name}.toml") for name in file_names(LIBRARY_FOLDER)}
    if json:
        from hallplan.documents import scenarios_document

        show_json(scenarios_document(known))
    else:
        from hallplan.tables import scenarios_table

        show([scenarios_table(known)])


@app.command("levers", cls=Command, help="cli.help.levers", context_settings=_ASK)
def levers_command(json: options.Json = False, lang: options.Lang = None) -> None:
    """List the built-in levers."""
    from scenarios.compose.levers import levers

    if json:
        from hallplan.documents import levers_document

        show_json(levers_document(levers()))
    else:
        from hallplan.tables import levers_table

        show([levers_table(levers())])


@app.command("claims", cls=Command, help="cli.help.claims", context_settings=_ASK)
def claims_command(file: options.ClaimsName, json: options.Json = False, lang: options.Lang = None) -> None:
    """Weigh a hall's published figures: what follows, what contradicts, what can't be known."""
    from calibration.facts.claims import claims
    from hallplan.claims_tables import claims_document, claims_tables

    report = claims(file)
    if json:
        show_json(claims_document(report))
    else:
        show(claims_tables(report))


@app.command("validate", cls=Command, help="cli.help.validate", context_settings=_ASK)
def validate_command(
    checks: options.CheckNames = None,
    seed: options.ValidationSeed = None,
    engine: options.ValidationEngine = None,
    page: options.ReportPage = None,
    force: options.Force = False,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Hold the simulator against queueing theory."""
    if page is not None:
        if checks or engine or seed is not None or json:
            raise UsageError("cli.usage.page_alone")
        _write_validation_page(page, force=force)
        return
    from hallplan.cli_progress import Bar, interruptible
    from hallplan.validation_tables import validation_document, validation_table
    from verification import run_checks

    named = options.one_of("--engine", ("compiled", "simpy"))(engine or "compiled")
    chosen: EngineName = "simpy" if named == "simpy" else "compiled"
    with Bar(0) as bar:
        found = interruptible(partial(run_checks, checks or (), engine=chosen, seed=seed, progress=bar.tell))
    if json:
        show_json(validation_document(found, engine=chosen))
    else:
        show([validation_table(found, engine=chosen)])
    if not all(one.passed for one in found):
        raise typer.Exit(CHECK_FAILED)


def _write_validation_page(file: Path, *, force: bool) -> None:
    if file.exists() and not force:
        raise HallplanError("cli.fault.would_overwrite", name=str(file))
    from hallplan.cli_progress import Bar, interruptible
    from sim.measure.export import write_atomically
    from verification import make_page

    with Bar(0) as bar:
        text = interruptible(partial(make_page, language=messages.language(), progress=bar.tell))
    write_atomically(file, text.encode("utf-8"))
    show_text(messages.text("verification.written", file=file))


@app.command("schema", cls=Command, help="cli.help.schema", context_settings=_ASK)
def schema_command(
    lever: Annotated[bool, typer.Option("--lever", help="cli.option.schema_lever")] = False,
    lang: options.Lang = None,
) -> None:
    """Print the JSON Schema of scenario or lever files."""
    from scenarios.schema import json_schema, lever_schema

    show_json(lever_schema() if lever else json_schema())


app.add_typer(calibrate_app, name="calibrate", cls=Group, help="cli.help.calibrate")


# ---- the rest ------------------------------------------------------------------------------------------------------

_PAGE_SETTINGS: Final = (
    "--browser.gatherUsageStats=false",
    "--server.showEmailPrompt=false",
    "--server.fileWatcherType=none",  # the queue of simulations lives in a module that must not be loaded anew
    "--server.maxUploadSize=2",
    "--client.toolbarMode=minimal",
    "--client.showErrorDetails=none",
)
"""What the page needs wherever it is started from; options of the command line come later and win."""


@app.command(
    "app",
    cls=Command,
    help="cli.help.app",
    context_settings={**_ASK, "allow_extra_args": True, "ignore_unknown_options": True},
)
def app_command(context: typer.Context, lang: options.Lang = None) -> None:
    """Start the planner's page in the browser."""
    script = str(Path(__file__).with_name("cli_page.py"))
    words = [sys.executable, "-m", "streamlit", "run", script, *_PAGE_SETTINGS, *context.args]
    environment = {**os.environ, "HALLPLAN_LANG": messages.language()}
    if os.name == "nt":
        import subprocess

        raise typer.Exit(subprocess.run(words, env=environment, check=False).returncode)  # noqa: S603 - our own page
    sys.stdout.flush()
    os.execve(sys.executable, words, environment)  # noqa: S606 - signals and exit code are then the page's own


@app.command("version", cls=Command, help="cli.help.version", context_settings=_ASK)
def version_command(lang: options.Lang = None) -> None:
    """Print the version."""
    from importlib.metadata import version

    show_text(f"hallplan {version('hallplan')}")
