"""The page that reports the validation: ``docs/reference/verification.md``, which a researcher can cite.

In come the findings of both engines, and those with a planted fault; out comes Markdown.
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
        Of the page.
    progress
        Told after each scenario of the three rounds how many are done, and how many there are.
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


def root_mean_square(found: Sequence[Finding]) -> float:
    """Return the root mean square deviation over the first statistical check of every scenario.

    These are independent, for every scenario has a seed of its own; if theory and standard errors are right it is
    about 1.
    """
    first: dict[str, float] = {}
    for one in found:
        if isinstance(one.check, Check) and not one.check.at_most:
            first.setdefault(one.check.scenario, one.deviation)
    return math.sqrt(sum(value**2 for value in first.values()) / len(first))


def render_page(
    found: Sequence[Finding],
    faulty: Sequence[Finding],
    reference: Sequence[Finding],
    *,
    language: messages.Language = "en",
) -> str:
    """Return the page as Markdown.

    Parameters
    ----------
    found, faulty, reference
        All findings of the compiled engine, those with each check's fault planted, and those of the SimPy engine.
    language
        Of the page.
    """
    with messages.using(language):
        by_name = [{one.check.name: one for one in group} for group in (found, faulty, reference)]
        intro = messages.text(
            "validation.page.intro",
            checks=len(CHECKS),
            scenarios=len(by_scenario()),
            passed=sum(one.passed for one in found),
            passed_simpy=sum(one.passed for one in reference),
            seen=sum(not one.passed for one in faulty),
            error=ERROR_PROBABILITY,
            overall=2 * len(CHECKS) * ERROR_PROBABILITY,
            rms=root_mean_square(found),
            allowed=allowed_deviation(32),
            allowed_simpy=allowed_deviation(REDUCED_REPLICATIONS),
            simpy_replications=REDUCED_REPLICATIONS,
        )
        chapters = [_chapter(name, by_name) for name in CHAPTERS]
        return "\n\n".join([intro.strip(), *chapters, messages.text("validation.page.sources").strip()]) + "\n"


def _chapter(chapter: str, by_name: Sequence[Mapping[str, Finding]]) -> str:
    head = [messages.text(f"validation.column.{column}") for column in _COLUMNS]
    lines = [f"## {messages.text(f'validation.chapter.{chapter}')}", "", _row(head), _row(["---"] * len(head))]
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
    word = messages.text(f"validation.unit.{unit}")
    return f"{value:.5g} {word}" if unit in ("min", "days") else f"{value:.5g}"


def deviation_text(found: Finding) -> str:
    """Return a deviation in standard errors; of a law without chance, whether it holds."""
    if found.standard_error:
        return f"{found.deviation:+.1f}"
    return messages.text("validation.verdict.exactly" if found.passed else "validation.verdict.differs")


def sample_text(found: Finding) -> str:
    """Return how much was simulated."""
    return messages.text(
        "validation.sample",
        replications=found.sample.replications,
        days=found.sample.days,
        entities=found.sample.entities,
    )
