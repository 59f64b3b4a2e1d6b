"""``hallplan report``: compare plans and write the answer for people who decide, as HTML, Word and Excel.

Input: two to six scenarios.  Output: the first sentences or JSON, and the report's files in the folder of ``--out``.
"""

from __future__ import annotations

import shlex
from functools import partial
from typing import Annotated, Any, TypeAlias

import typer

from foundation import messages
from foundation.errors import HallplanError
from hallplan.cli import options
from hallplan.cli.faults import UsageError
from hallplan.cli.files import OutputFiles
from hallplan.cli.studies import StudyOptions, prepared_of, warn_of_overload

__all__ = ["plans_report_command"]

_Sections: TypeAlias = Annotated[
    str,
    typer.Option(
        "--sections",
        metavar="brief|all|LIST",
        help="cli.option.report_sections",
        autocompletion=options.complete_words("brief", "all", "question", "answer", "figures", "method"),
    ),
]
_Kinds: TypeAlias = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="LIST",
        help="cli.option.report_format",
        autocompletion=options.complete_words("html", "docx", "xlsx", "html,docx,xlsx"),
    ),
]


def plans_report_command(
    scenarios: options.ScenarioNames,
    sections: _Sections = "brief",
    format_: _Kinds = "html",
    reps: options.Reps = None,
    days: options.Days = None,
    seed: options.Seed = None,
    lever: options.LeverTexts = None,
    set_: options.SetTexts = None,
    json: options.Json = False,
    out: options.Out = None,
    force: options.Force = False,
    engine: options.EngineName = None,
    workers: options.Workers = None,
    no_cache: options.NoCache = False,
    lang: options.Lang = None,
) -> None:
    """Compare plans, and write the answer for the people who decide."""
    from hallplan.show import report as reports
    from planner.compare import Comparison

    try:
        names, kinds = reports.requested_sections(sections), reports.requested_formats(format_)
    except HallplanError as error:
        raise UsageError(error.key, **error.values) from None
    prepare = partial(prepared_of, sets=set_, days=days, store=not no_cache)
    is_against_itself = len(scenarios) == 1 and bool(lever)
    pairs = (
        [(scenarios[0], None), (scenarios[0], lever)] if is_against_itself else [(name, lever) for name in scenarios]
    )
    reports.check_plans(len(pairs))
    plans = [prepare(name, levers) for name, levers in pairs]
    composed, models = tuple(plan.composed for plan in plans), [plan.scenario for plan in plans]
    outlooks = tuple(plan.outlook for plan in plans)
    extras = {f"report.{kind}": partial(_file, names, kind) for kind in kinds}
    files = OutputFiles(out, "csv", force, frames=("figures",), composed=composed, extras=extras)
    warn_of_overload(models, outlooks)
    study = StudyOptions(seed, engine, workers, not no_cache)
    comparison = Comparison.of(study.work_off(*models, replications=reps or None))
    words = _words(scenarios, sections, lever, set_, days=days, reps=reps, seed=seed)
    source = reports.ReportSource(comparison, composed, outlooks, words)
    report = reports.report_of(source, names)
    files.write_outputs(
        source, lambda: reports.report_document(report, source), lambda: reports.report_tables(report), json=json
    )


def _file(names: tuple[str, ...], kind: str, source: Any) -> bytes:
    from hallplan.show.report import report_of

    return report_of(source, names).file(kind)


def _words(
    scenarios: list[str], sections: str, lever: list[str] | None, sets: list[str] | None, **numbers: int | None
) -> str:
    """Return the command that makes the report again, as a shell reads it."""
    words = ["hallplan", "report", *scenarios, "--sections", sections]
    for use in lever or ():
        words += ["--lever", use]
    for change in sets or ():
        words += ["--set", change]
    for name, number in numbers.items():
        words += [] if number is None else [f"--{name}", str(number)]
    return shlex.join([*words, "--lang", messages.language()])
