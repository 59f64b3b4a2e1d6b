"""The public API for reports: a comparison of plans for people who decide, as HTML, Word and Excel.

Input: two to six scenarios.  Output: a :class:`~hallplan.show.report.Report`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from foundation import messages
from hallplan.api import EngineLike, work_off
from hallplan.api_posterior import composed_like
from planner.compare import Comparison
from planner.outlook import outlook_of
from scenarios.compose.composing import Composed
from sim.run.study import OnProgress

if TYPE_CHECKING:
    from foundation.messages import Language
    from hallplan.show.report import Report

__all__ = ["report"]


def report(
    *plans: str | Path | Composed,
    sections: str | Sequence[str] = "brief",
    language: Language | None = None,
    replications: int | None = None,
    seed: int | None = None,
    engine: EngineLike | None = None,
    workers: int | None = None,
    cache: bool = True,
    progress: OnProgress | None = None,
) -> Report:
    """Compare plans with the same random numbers, and report the answer for the people who decide.

    Parameters
    ----------
    *plans
        Two to six names or paths of scenarios, or composed ones; the first is what the others are compared with.
    sections
        ``"brief"``, the page for the leader; ``"all"``; or names of sections.
    language
        Of the report; the one in use by default.
    replications, seed, engine, workers, cache, progress
        As for :func:`hallplan.run`.

    Returns
    -------
    Report
        ``.file("html")``, ``.file("docx")`` and ``.file("xlsx")`` return the bytes of its files; ``.numbers`` is the
        frame of its figures.

    Raises
    ------
    HallplanError
        One sentence about what is wrong.
    """
    from hallplan.show.report import ReportSource, check_plans, report_of, requested_sections

    names = requested_sections(sections if isinstance(sections, str) else ",".join(sections))
    check_plans(len(plans))
    composed = tuple(composed_like(plan) for plan in plans)
    result = work_off(
        *(plan.scenario for plan in composed),
        replications=replications,
        seed=seed,
        engine=engine,
        workers=workers,
        cache=cache,
        progress=progress,
    )
    outlooks = tuple(outlook_of(plan.scenario, plan.raw) for plan in composed)
    called = ", ".join(repr(plan.scenario.name) for plan in composed)
    source = ReportSource(Comparison.of(result), composed, outlooks, f"hallplan.report({called}, sections={names!r})")
    with messages.using(language or messages.language()):
        return report_of(source, names)
