"""``hallplan today``: the rest of the day from the queue as it is now, and who should open a window.

Input: a scenario, and a file with the state of its hall.  Output: tables or JSON, and the files that ``--out`` names;
with ``--follow`` again and again, whenever the file changes.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from foundation import messages
from foundation.errors import HallplanError
from foundation.files import write_atomically
from hallplan.cli import options
from hallplan.cli.faults import UsageError, say
from hallplan.cli.files import OutputFiles
from hallplan.cli.output import show_text
from hallplan.cli.studies import StudyOptions, prepared_of
from hallplan.cli.targets import reserve_file

if TYPE_CHECKING:
    from hallplan.cli.prepared import Prepared

__all__ = ["today_command"]

_POLL_S: Final = 0.5
"""Between two looks at a file that is followed."""

_State: TypeAlias = Annotated[
    Path | None,
    typer.Option("--state", metavar="FILE", parser=options.path_of("--state"), help="cli.option.state"),
]
_Template: TypeAlias = Annotated[
    Path | None,
    typer.Option("--template", metavar="FILE", parser=options.path_of("--template"), help="cli.option.state_template"),
]
_Follow: TypeAlias = Annotated[bool, typer.Option("--follow", help="cli.option.follow")]
_Reps: TypeAlias = Annotated[
    int | None,
    typer.Option("--reps", metavar="N", parser=options.whole("--reps", 39, 100_000), help="cli.option.today_reps"),
]
"""With fewer than 39 replications no interval of 95% has ends."""


def today_command(
    scenario: options.ScenarioName,
    state: _State = None,
    follow: _Follow = False,
    template: _Template = None,
    reps: _Reps = None,
    seed: options.Seed = None,
    lever: options.LeverTexts = None,
    set_: options.SetTexts = None,
    json: options.Json = False,
    out: options.Out = None,
    format_: options.Formats = "parquet,csv",
    force: options.Force = False,
    engine: options.EngineName = None,
    workers: options.Workers = None,
    lang: options.Lang = None,
) -> None:
    """Say from the queue as it is now when queues empty, what a new ticket waits, and who should open a window."""
    if (state is None) == (template is None):
        raise UsageError("cli.usage.no_state")
    if follow and (state is None or json or out is not None):
        raise UsageError("cli.usage.follow_alone")
    prepared = prepared_of(scenario, lever, set_)
    if template is not None:
        _write_template(template, prepared, force=force)
        return
    assert state is not None
    study = StudyOptions(seed, engine, workers, cache=False)
    forecast = partial(_forecast, prepared, state, study, reps)
    if follow:
        _follow(state, partial(forecast, json=False, out=None, format_=format_, force=force))
    else:
        forecast(json=json, out=out, format_=format_, force=force)


def _forecast(
    prepared: Prepared,
    state: Path,
    study: StudyOptions,
    replications: int | None,
    *,
    json: bool,
    out: Path | None,
    format_: str,
    force: bool,
) -> None:
    from hallplan.api_today import today
    from hallplan.show.today import today_document, today_tables
    from hallplan.show.today_files import CHARTS
    from planner.today.result import FRAMES

    model = prepared.scenario
    files = OutputFiles(out, format_, force, frames=FRAMES, composed=[prepared.composed], charts=CHARTS)
    result = study.ask(partial(today, model, state, replications=replications))
    document = partial(today_document, result, seed=model.run.seed if study.seed is None else study.seed)
    files.write_outputs(result, document, lambda: today_tables(result), json=json)


def _follow(state: Path, forecast: partial[None]) -> None:
    """Forecast whenever the file has changed, until Ctrl-C; what is wrong with it is said, and it is read again."""
    before: tuple[int, int] | None = None
    while True:
        try:
            status = state.stat()
            current = status.st_mtime_ns, status.st_size
            if current != before:
                before = current
                forecast()
        except HallplanError as error:
            say(error.sentence())
        except OSError as error:
            if before != (0, 0):
                say(HallplanError("today.fault.cannot_read", file=state.name, reason=error.strerror or "?").sentence())
            before = (0, 0)
        time.sleep(_POLL_S)


def _write_template(file: Path, prepared: Prepared, *, force: bool) -> None:
    from planner.today.template import ENDINGS, template_of

    if file.suffix.lower() not in ENDINGS:
        raise UsageError("cli.usage.template_ending", file=file, endings=", ".join(ENDINGS))
    with reserve_file(file, force=force, option="--template"):
        write_atomically(file, template_of(prepared.scenario, ending=file.suffix.lower()))
    show_text(messages.text("cli.today.template", file=file))
