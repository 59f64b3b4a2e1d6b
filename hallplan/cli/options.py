"""The arguments and options that commands share: how they are read, explained and completed.

In come words from the command line; out come values, or one sentence about a word that doesn't fit.  Help texts are
keys of the message catalogue.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import typer

from foundation import messages
from foundation.errors import HallplanError, ScenarioError
from hallplan.cli.faults import UsageError, say
from scenarios.compose.reading import LEVER_FOLDER, LIBRARY_FOLDER, file_names, read
from scenarios.paths import suggestion

if TYPE_CHECKING:
    from calibration.posterior.artefact import Posterior
    from scenarios.model import Scenario
    from sim.run.policy import ToPrecision
    from sim.statistics.precision import Precision

__all__ = [
    "AtMost",
    "BetterWord",
    "Budget",
    "CheckNames",
    "ClaimsName",
    "Confidence",
    "ControlsFlag",
    "Days",
    "DaysLookedAt",
    "Delta",
    "EngineName",
    "Force",
    "Formats",
    "Json",
    "Lang",
    "LeverTexts",
    "Metrics",
    "NoCache",
    "Out",
    "PosteriorFlag",
    "PosteriorFolder",
    "Precisions",
    "ReportPage",
    "Reps",
    "ScenarioName",
    "ScenarioNames",
    "Seed",
    "SelectLevers",
    "SelectMetric",
    "SelectNames",
    "SetTexts",
    "UnequalDemand",
    "VerificationEngine",
    "VerificationSeed",
    "WarmUpReps",
    "Workers",
    "complete_lever",
    "complete_metric",
    "complete_scenario",
    "complete_words",
    "confidence_of",
    "delta_of",
    "one_of",
    "overrides_of",
    "path_of",
    "policy_of",
    "posterior_of",
    "precision_of",
    "share_of",
    "uses_of",
    "whole",
]

_MOST_WORKERS = 256

AUTO: Final = 0
"""``--reps auto``: as many replications as it takes."""
_AUTO_PRECISION: Final = "5%"


def whole(option: str, least: int, most: int) -> Callable[[Any], int]:
    """Return a reader of whole numbers between `least` and `most`, for a command's own options too."""

    def read_number(text: Any) -> int:
        try:
            value = int(str(text))
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise UsageError("cli.usage.whole_number", option=option, value=text, least=least, most=most)
        return value

    return read_number


def path_of(option: str) -> Callable[[Any], Path]:
    """Return a reader of paths: an empty word, as an unset variable of the shell leaves it, is none."""

    def read_path(text: Any) -> Path:
        if not str(text).strip() or "\0" in str(text):
            raise UsageError("cli.usage.no_path", option=option)
        return Path(str(text))

    return read_path


def _whole_or_auto(option: str, least: int, most: int) -> Callable[[Any], int]:
    """Return a reader of whole numbers, or of the word ``auto``."""
    read_number = whole(option, least, most)
    return lambda text: AUTO if text == "auto" else read_number(text)


def one_of(option: str, words: Sequence[str]) -> Callable[[Any], str]:
    """Return a reader of one of several words."""

    def read_word(text: Any) -> str:
        if text not in words:
            raise UsageError("cli.usage.not_one_of", option=option, value=text, near=suggestion(text, words))
        return str(text)

    return read_word


def uses_of(texts: Sequence[str]) -> list[Any]:
    """Read ``--lever`` options.

    Raises
    ------
    UsageError
        If one is not of the form ``name`` or ``name:key=value,…``.
    """
    from scenarios.compose.levers import LeverUse

    try:
        return [LeverUse.parse(text) for text in texts]
    except ScenarioError as error:
        raise UsageError(error.key, **error.values) from None


def precision_of(texts: Sequence[str], *, reps: int | None, scenarios: Sequence[Scenario]) -> dict[str, Precision]:
    """Read ``--precision`` options, and ``--reps auto``; the usual metrics are those that all the scenarios have.

    Raises
    ------
    UsageError
        If one is not of the form ``5%`` or ``metric=5%``, or the scenarios have no usual metric.
    """
    from sim.run.policy import asked_precision

    texts = texts or ([_AUTO_PRECISION] if reps == AUTO else [])
    try:
        requested = asked_precision(texts, *scenarios)
    except HallplanError as error:
        raise UsageError(error.key, **error.values) from None
    if texts and not requested:
        raise UsageError("statistics.no_metric")
    return requested


def policy_of(requested: Mapping[str, Precision], reps: int | None) -> ToPrecision | None:
    """Return the stopping policy of a requested precision, `reps` replications at the most; none without one."""
    if not requested:
        return None
    from sim.run.policy import to_precision

    return to_precision(requested, *([reps] if reps else []))


def posterior_of(flag: bool, folder: Path | None, *, with_precision: bool) -> Posterior | None:
    """Read ``--posterior`` and ``--posterior-from``; ``None`` if neither is given.

    Parameters
    ----------
    flag, folder
        Whether one is requested, and where it is; that in the package by default.
    with_precision
        Whether a precision is requested as well.

    Raises
    ------
    UsageError
        If a precision is asked for, which draws of parameters can't reach.
    HallplanError
        If there is no posterior.
    """
    if not flag and folder is None:
        return None
    if with_precision:
        raise UsageError("posterior.error.with_precision")
    from calibration.posterior.artefact import load_posterior

    posterior = load_posterior(folder)
    if not posterior.is_current():
        say(messages.text("posterior.note.stale"))
    return posterior


def confidence_of(text: str | None) -> float:
    """Read ``--confidence``: a share such as 95%; that by default.

    Raises
    ------
    UsageError
        If it is not of this form, or not between 0 and 100%.
    """
    return share_of("95%" if text is None else text, "--confidence", "95%")


def share_of(text: str, option: str, example: str) -> float:
    """Read a share between 0 and 100%, both left out.

    Raises
    ------
    UsageError
        If it is not of this form, or lies outside.
    """
    value = _amount(text)
    if not 0 < value < 1:
        raise UsageError("cli.usage.share", option=option, example=example, value=text)
    return value


def delta_of(text: str, metric: str) -> float:
    """Read ``--delta``: an amount of a metric in its own unit; of a share in per cent, which are points.

    Raises
    ------
    UsageError
        If it is not of this form, or no such amount is possible.
    """
    from sim.measure.registry import metric_of, metric_title

    definition = metric_of(metric)
    is_share, value = definition.kind == "share", _amount(text)
    if not 0 < value < (1 if is_share else math.inf) or ("%" in text and not is_share):
        unit = "%" if is_share else messages.text(definition.unit_key)
        example = "2%" if is_share else "1"
        raise UsageError("cli.usage.delta", metric=metric_title(metric), unit=unit, example=example, value=text)
    return value


def _amount(text: str) -> float:
    """Return a number, or so many per cent; not-a-number if it is neither."""
    try:
        return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return math.nan


def overrides_of(texts: Sequence[str]) -> dict[str, Any]:
    """Read ``--set`` options.

    Raises
    ------
    UsageError
        If one is not of the form ``path=value``.
    """
    from scenarios.compose.composing import read_override

    try:
        return dict(read_override(text) for text in texts)
    except ScenarioError as error:
        raise UsageError(error.key, **error.values) from None


def _titles(folder: Path) -> list[tuple[str, str]]:
    titles = []
    for name in file_names(folder):
        title = read(folder / f"{name}.toml").get("title", "")
        titles.append((name, title.get(messages.language(), "") if isinstance(title, dict) else str(title)))
    return titles


def complete_scenario(incomplete: str) -> list[tuple[str, str]]:
    """Return the built-in scenarios and the files that begin with a word, with their titles."""
    return [
        completion for completion in _titles(LIBRARY_FOLDER) if completion[0].startswith(incomplete)
    ] + _complete_file(incomplete)


def _complete_claims(incomplete: str) -> list[tuple[str, str]]:
    from calibration.facts.claims import EXAMPLES

    return [completion for completion in _titles(EXAMPLES) if completion[0].startswith(incomplete)] + _complete_file(
        incomplete
    )


def _complete_file(incomplete: str) -> list[tuple[str, str]]:
    folder, _, start = incomplete.rpartition("/")
    prefix = f"{folder}/" if folder or incomplete.startswith("/") else ""
    completions = list[tuple[str, str]]()
    try:
        entries = sorted(Path(prefix or ".").iterdir())
    except OSError:
        entries = []
    for entry in entries:
        if entry.name.startswith(start) and not entry.name.startswith("."):
            if entry.is_dir():
                completions.append((f"{prefix}{entry.name}/", ""))
            elif entry.suffix == ".toml":
                completions.append((f"{prefix}{entry.name}", ""))
    return completions


def complete_lever(incomplete: str) -> list[tuple[str, str]]:
    """Return the built-in levers that begin so, with their titles."""
    return [completion for completion in _titles(LEVER_FOLDER) if completion[0].startswith(incomplete)]


def _complete_check(incomplete: str) -> list[tuple[str, str]]:
    from verification import CHECKS, title_of

    return [(check.name, title_of(check)) for check in CHECKS if check.name.startswith(incomplete)]


def complete_metric(incomplete: str) -> list[tuple[str, str]]:
    """Return the metrics of a hall that begin so, with their titles."""
    from sim.measure.registry import METRICS, metric_title

    plain = [name for name, metric in METRICS.items() if not metric.scope and name.startswith(incomplete)]
    return [(name, metric_title(name)) for name in plain]


def complete_words(*words: str) -> Callable[[str], list[str]]:
    """Return a completion of one of several words."""
    return lambda incomplete: [word for word in words if word.startswith(incomplete)]


def _language(text: Any) -> str:
    return one_of("--lang", messages.LANGUAGES)(text)


def _formats(text: Any) -> str:
    for part in str(text).split(","):
        one_of("--format", ("parquet", "csv", "svg"))(part.strip())
    return str(text)


ScenarioName: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="SCENARIO", help="cli.argument.scenario", autocompletion=complete_scenario),
]
ScenarioNames: TypeAlias = Annotated[
    list[str],
    typer.Argument(metavar="SCENARIO...", help="cli.argument.scenarios", autocompletion=complete_scenario),
]
ClaimsName: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="FILE", help="cli.argument.claims", autocompletion=_complete_claims),
]
Reps: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--reps",
        metavar="N|auto",
        parser=_whole_or_auto("--reps", 1, 100_000),
        help="cli.option.reps",
        autocompletion=complete_words("auto"),
    ),
]
Precisions: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--precision", metavar="[METRIC=]P%", help="cli.option.precision"),
]
Days: TypeAlias = Annotated[
    int | None,
    typer.Option("--days", metavar="N", parser=whole("--days", 1, 25_000), help="cli.option.days"),
]
Seed: TypeAlias = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", parser=whole("--seed", 0, 2**63 - 1), help="cli.option.seed"),
]
Workers: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="N",
        parser=whole("--workers", 1, _MOST_WORKERS),
        help="cli.option.workers",
    ),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="cli.option.json")]
Force: TypeAlias = Annotated[bool, typer.Option("--force", help="cli.option.force")]
Out: TypeAlias = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", parser=path_of("--out"), help="cli.option.out")
]
PosteriorFlag: TypeAlias = Annotated[bool, typer.Option("--posterior", help="cli.option.posterior.run")]
PosteriorFolder: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--posterior-from", metavar="DIR", parser=path_of("--posterior-from"), help="cli.option.posterior.from"
    ),
]
Formats: TypeAlias = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="LIST",
        parser=_formats,
        help="cli.option.format",
        autocompletion=complete_words("parquet", "csv", "parquet,csv", "parquet,csv,svg"),
    ),
]
LeverTexts: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--lever", metavar="NAME[:KEY=VALUE,...]", help="cli.option.lever", autocompletion=complete_lever),
]
SetTexts: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="cli.option.set"),
]
Metrics: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--metric", metavar="NAME", help="cli.option.metric"),
]
ControlsFlag: TypeAlias = Annotated[bool, typer.Option("--controls", help="cli.option.controls")]
SelectNames: TypeAlias = Annotated[
    list[str],
    typer.Argument(metavar="SCENARIO...", help="cli.argument.select", autocompletion=complete_scenario),
]
SelectMetric: TypeAlias = Annotated[
    str,
    typer.Option("--metric", metavar="METRIC", help="cli.option.select_metric", autocompletion=complete_metric),
]
SelectLevers: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--lever", metavar="NAME[:KEY=VALUE,...]", help="cli.option.select_lever", autocompletion=complete_lever
    ),
]
Delta: TypeAlias = Annotated[str | None, typer.Option("--delta", metavar="D", help="cli.option.delta")]
Confidence: TypeAlias = Annotated[str | None, typer.Option("--confidence", metavar="P%", help="cli.option.confidence")]
BetterWord: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--better",
        metavar="lower|higher",
        parser=one_of("--better", ("lower", "higher")),
        help="cli.option.better",
        autocompletion=complete_words("lower", "higher"),
    ),
]
Budget: TypeAlias = Annotated[
    int | None,
    typer.Option("--budget", metavar="N", parser=whole("--budget", 1, 1_000_000), help="cli.option.budget"),
]
AtMost: TypeAlias = Annotated[
    int | None,
    typer.Option("--reps", metavar="N", parser=whole("--reps", 20, 100_000), help="cli.option.at_most"),
]
DaysLookedAt: TypeAlias = Annotated[
    int | None,
    typer.Option("--days", metavar="N", parser=whole("--days", 1, 25_000), help="cli.option.days_looked_at"),
]
WarmUpReps: TypeAlias = Annotated[
    int | None,
    typer.Option("--reps", metavar="N", parser=whole("--reps", 1, 100_000), help="cli.option.warm_up_reps"),
]
CheckNames: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(metavar="[CHECK...]", help="cli.argument.checks", autocompletion=_complete_check),
]
VerificationSeed: TypeAlias = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", parser=whole("--seed", 0, 2**63 - 1), help="cli.option.verification_seed"),
]
VerificationEngine: TypeAlias = Annotated[
    str | None,
    typer.Option("--engine", metavar="NAME", help="cli.option.verification_engine"),
]
ReportPage: TypeAlias = Annotated[
    Path | None,
    typer.Option("--page", metavar="FILE", parser=path_of("--page"), help="cli.option.page"),
]
UnequalDemand: TypeAlias = Annotated[bool, typer.Option("--unequal-demand", help="cli.option.unequal_demand")]
NoCache: TypeAlias = Annotated[bool, typer.Option("--no-cache", help="cli.option.no_cache")]
EngineName: TypeAlias = Annotated[
    str | None,
    typer.Option("--engine", metavar="NAME", help="cli.option.engine"),
]
Lang: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--lang",
        metavar="zh|en",
        parser=_language,
        help="cli.option.lang",
        autocompletion=complete_words(*messages.LANGUAGES),
    ),
]
