"""The report as a job: made by a background process, from the results that are on the screen.

Input: the plans and the comparison on the screen, sections and a language.  Output: a unit of work, whose result is the
report's files; they are those of ``hallplan report``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from foundation import messages
from foundation.messages import Language
from hallplan.page.jobs import Unit
from hallplan.page.runs import Run, job_name
from hallplan.show.report import FORMATS, ReportSource, report_of
from hallplan.show.stress_des import stress_des
from planner.compare import Comparison
from planner.outlook import outlook_of
from scenarios.compose.composing import Composed
from scenarios.compose.writing import fingerprint

__all__ = ["file_name", "plan_names", "report_files", "report_unit"]


def report_unit(
    run: Run, comparison: Comparison, names: Sequence[str], *, sections: Sequence[str], language: Language
) -> Unit:
    """Return the work of making a report.

    Parameters
    ----------
    run
        The stage whose results are on the screen.
    comparison
        Its results.
    names
        What the plans are called.
    sections
        Of the report, or the brief.
    language
        Of the report.
    """
    plans = tuple(plan.composed for plan in run.study.plans)
    words: tuple[Any, ...] = (plans, tuple(names), tuple(sections), language)
    parts = [*map(fingerprint, (plan.scenario for plan in plans)), *names, *sections, language]
    return Unit(job_name("report", run.name, *parts), report_files, (comparison, *words))


def plan_names(titles: dict[str, str]) -> list[str]:
    """Return what a report calls plans by their letters: titles alone if no two are the same."""
    if len(set(titles.values())) == len(titles):
        return list(titles.values())
    return [messages.text("page.report.lettered", letter=letter, title=title) for letter, title in titles.items()]


def file_name(letter: str, scenario: str) -> str:
    """Return what a plan's scenario file is called when it is downloaded."""
    return f"hallplan-{letter.lower()}-{scenario}.toml"


def report_files(
    comparison: Comparison,
    plans: tuple[Composed, ...],
    names: tuple[str, ...],
    sections: tuple[str, ...],
    language: Language,
) -> dict[str, bytes]:
    """Return the files of a report by their kinds, and the STRESS-DES checklist; a background process calls it."""
    outlooks = tuple(outlook_of(plan.scenario, plan.raw) for plan in plans)
    letters = "ABCDEF"[: len(plans)]
    files = [file_name(letter, plan.scenario.name) for letter, plan in zip(letters, plans, strict=True)]
    settings = f"--sections {','.join(sections)} --reps {comparison.replications} --seed {comparison.runs[0].seed}"
    command = " ".join(["hallplan report", *files, settings, f"--lang {language}"])
    with messages.using(language):
        source = ReportSource(comparison, plans, outlooks, command, names)
        report, checklist = report_of(source, sections), stress_des(source.experiment).markdown()
    return {**{form: report.file(form) for form in FORMATS}, "md": checklist.encode("utf-8")}
