"""``hallplan sweep``: simulate the points of a sweep file into a folder, which an interruption leaves resumable.

Input: a sweep file and a folder.  Output: the folder, and a table of the points.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from foundation import messages
from hallplan.cli import options
from hallplan.cli.faults import FAILED_POINTS, UsageError, say
from hallplan.cli.output import show, show_text

if TYPE_CHECKING:
    from hallplan.cli.sweep_progress import SweepWatch
    from planner.sweep.running import Estimate

__all__ = ["sweep_command"]

_MEGABYTE: Final = 1_000_000
_LEAST_SHOWN: Final = 0.1
"""Megabytes of the smallest folder, as they are shown."""

_File: TypeAlias = Annotated[
    Path, typer.Argument(metavar="FILE", parser=options.path_of("FILE"), help="cli.argument.sweep")
]
_Store: TypeAlias = Annotated[
    Path, typer.Option("--store", metavar="DIR", parser=options.path_of("--store"), help="cli.option.sweep_store")
]
_Resume: TypeAlias = Annotated[bool, typer.Option("--resume", help="cli.option.resume")]
_RetryFailed: TypeAlias = Annotated[bool, typer.Option("--retry-failed", help="cli.option.retry_failed")]
_Scheduler: TypeAlias = Annotated[
    str | None, typer.Option("--scheduler", metavar="ADDRESS", help="cli.option.scheduler")
]


def sweep_command(
    file: _File,
    store: _Store,
    resume: _Resume = False,
    retry_failed: _RetryFailed = False,
    workers: options.Workers = None,
    scheduler: _Scheduler = None,
    lang: options.Lang = None,
) -> None:
    """Simulate the points of a sweep, and print a table of them."""
    if scheduler is not None and workers is not None:
        raise UsageError("cli.usage.workers_or_scheduler")
    from hallplan.api_sweep import sweep
    from hallplan.cli.progress import interruptible
    from hallplan.cli.sweep_progress import SweepWatch
    from hallplan.show.sweep import failed_sentence, metrics_of_table, sweep_tables

    with SweepWatch() as watch:
        try:
            result = interruptible(
                lambda: sweep(
                    file,
                    store,
                    resume=resume,
                    retry_failed=retry_failed,
                    workers=workers,
                    scheduler=scheduler,
                    progress=watch.tell,
                    on_estimate=partial(_say_estimate, watch),
                    announce=say,
                )
            )
        except KeyboardInterrupt:
            there = "" if scheduler is None else f" --scheduler {scheduler}"
            again = "--retry-failed" if retry_failed else "--resume"
            command = f"hallplan sweep {file} --store {store} {again}{there}"
            say(messages.text("cli.sweep.interrupted", command=command))
            raise
    show(sweep_tables(result, metrics_of_table(result, None)))
    show_text("\n" + messages.text("cli.sweep.stored", folder=store))
    if result.failed:
        say(failed_sentence(result))
        raise typer.Exit(FAILED_POINTS)


def _say_estimate(watch: SweepWatch, estimate: Estimate) -> None:
    from hallplan.show.sweep import duration

    numbers = {"points": estimate.points, "replications": estimate.replications, "workers": estimate.workers}
    megabytes = max(_LEAST_SHOWN, estimate.size / _MEGABYTE)
    say(messages.text("cli.sweep.estimate", duration=duration(estimate.seconds), megabytes=megabytes, **numbers))
    watch.begin()
