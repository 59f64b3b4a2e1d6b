"""The page that reports the verification: ``docs/reference/verification.md``, which a researcher can cite.

Input: the findings of both engines, and those with a planted fault.  Output: Markdown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from foundation import messages
from verification.check import ERROR_PROBABILITY, Check, Finding, allowed_deviation
from verification.checks import CHAPTERS, CHECKS
from verification.suite import REDUCED_REPLICATIONS, Progress, by_scenario, run_checks, title_of

__all__ = ["deviation_text", "make_page", "render_page", "root_mean_square", "sample_text"]

_COLUMNS: Final = (
    "check",
    "formula",
    "source",
    "theory",
    "simulated",
    "standard_error",
    "deviation",
    "simpy",
    "fault",
    "sample",
    "seed",
)


def make_page(*, language: messages.Language = "en", progress: Progress | None = None) -> str:
    """Run every check with both engines and with its fault planted, and return the page.

    Parameters
    ----------
    language
        Language of the page.
    progress
        Called after each scenario of the three rounds with the number done and the number of all.
    """
    number = len(by_scenario())

    def after(rounds: int) -> Progress | None:
        return None if progress is None else lambda done, _: progress(rounds * number + done, 3 * number)

    return render_page(
        run_checks(progress=after(0)),
        run_checks(faulty=True, progress=after(1)),
        run_checks(engine="simpy", progress=after(2)),
        language=language,
    )


def root_mean_square(results: Sequence[Finding]) -> float:
    """Return the root mean square deviation over the first statistical check of every scenario.

    These are independent, because every scenario has its own seed.  If theory and standard errors are right, the value
    is about 1.
    """
    first: dict[str, float] = {}
    for finding in results:
        if isinstance(finding.check, Check) and not finding.check.at_most:
            first.setdefault(finding.check.scenario, finding.deviation)
    return math.sqrt(sum(value**2 for value in first.values()) / len(first))


def render_page(
    results: Sequence[Finding],
    faulty: Sequence[Finding],
    reference: Sequence[Finding],
    *,
    language: messages.Language = "en",
) -> str:
    """Return the page as Markdown.

    Parameters
    ----------
    results, faulty, reference
        All findings of the compiled engine, those with each check's fault planted, and those of the SimPy engine.
    language
        Language of the page.
    """
    with messages.using(language):
        by_name = [{finding.check.name: finding for finding in group} for group in (results, faulty, reference)]
        intro = messages.text(
            "verification.page.intro",
            checks=len(CHECKS),
            scenarios=len(by_scenario()),
            passed=sum(finding.passed for finding in results),
            passed_simpy=sum(finding.passed for finding in reference),
            seen=sum(not finding.passed for finding in faulty),
            error=ERROR_PROBABILITY,
            overall=2 * len(CHECKS) * ERROR_PROBABILITY,
            rms=root_mean_square(results),
            allowed=allowed_deviation(32),
            allowed_simpy=allowed_deviation(REDUCED_REPLICATIONS),
            simpy_replications=REDUCED_REPLICATIONS,
        )
        chapters = [_chapter(name, by_name) for name in CHAPTERS]
        return "\n\n".join([intro.strip(), *chapters, messages.text("verification.page.sources").strip()]) + "\n"


def _chapter(chapter: str, by_name: Sequence[Mapping[str, Finding]]) -> str:
    head = [messages.text(f"verification.column.{column}") for column in _COLUMNS]
    lines = [f"## {messages.text(f'verification.chapter.{chapter}')}", "", _row(head), _row(["---"] * len(head))]
    for check in CHAPTERS[chapter]:
        sound, faulty, reference = (findings[check.name] for findings in by_name)
        lines.append(
            _row(
                [
                    title_of(check),
                    f"`{check.formula}`",
                    check.source,
                    _value(sound.theory, check.unit),
                    f"{sound.simulated:.5g}",
                    f"{sound.standard_error:.2g}" if sound.standard_error else "0",
                    deviation_text(sound),
                    f"{reference.simulated:.5g} ({deviation_text(reference)})",
                    deviation_text(faulty),
                    sample_text(sound),
                    str(sound.sample.seed),
                ]
            )
        )
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _value(value: float, unit: str) -> str:
    word = messages.text(f"verification.unit.{unit}")
    return f"{value:.5g} {word}" if unit in ("min", "days") else f"{value:.5g}"


def deviation_text(results: Finding) -> str:
    """Return a deviation in standard errors; for a law without chance, whether it holds."""
    if results.standard_error:
        return f"{results.deviation:+.1f}"
    return messages.text("verification.verdict.exactly" if results.passed else "verification.verdict.differs")


def sample_text(results: Finding) -> str:
    """Return the size of the sample as text."""
    return messages.text(
        "verification.sample",
        replications=results.sample.replications,
        days=results.sample.days,
        entities=results.sample.entities,
    )
