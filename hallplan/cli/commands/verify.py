"""``hallplan verify``: the simulator held against queueing theory.

Input: names of checks.  Output: a table, JSON, or with ``--page`` the generated page of the guides; exit code 3 where
a check fails.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from foundation import messages
from foundation.errors import HallplanError
from hallplan.cli import options
from hallplan.cli.faults import CHECK_FAILED, UsageError
from hallplan.cli.output import show, show_json, show_text

if TYPE_CHECKING:
    from sim.engine.choice import EngineName

__all__ = ["verify_command"]


def verify_command(
    checks: options.CheckNames = None,
    seed: options.VerificationSeed = None,
    engine: options.VerificationEngine = None,
    page: options.ReportPage = None,
    force: options.Force = False,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Hold the simulator against queueing theory."""
    if page is not None:
        if checks or engine is not None or seed is not None or json:
            raise UsageError("cli.usage.page_alone")
        _write_page(page, force=force)
        return
    from hallplan.cli.progress import Bar, interruptible
    from hallplan.show.verification import verification_document, verification_table
    from verification import run_checks

    named = options.one_of("--engine", ("compiled", "simpy"))("compiled" if engine is None else engine)
    engine_name: EngineName = "simpy" if named == "simpy" else "compiled"
    with Bar(0) as bar:
        findings = interruptible(partial(run_checks, checks or (), engine=engine_name, seed=seed, progress=bar.tell))
    if json:
        show_json(verification_document(findings, engine=engine_name))
    else:
        show([verification_table(findings, engine=engine_name)])
    if not all(finding.passed for finding in findings):
        raise typer.Exit(CHECK_FAILED)


def _write_page(file: Path, *, force: bool) -> None:
    if file.exists() and not force:
        raise HallplanError("cli.fault.would_overwrite", name=str(file))
    from hallplan.cli.progress import Bar, interruptible
    from sim.measure.export import write_atomically
    from verification import make_page

    with Bar(0) as bar:
        text = interruptible(partial(make_page, language=messages.language(), progress=bar.tell))
    write_atomically(file, text.encode("utf-8"))
    show_text(messages.text("verification.written", file=file))
