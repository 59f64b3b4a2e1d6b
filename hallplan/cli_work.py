"""What the commands that simulate share: reading scenarios, choosing the engine and the metrics, writing files.

In come the words of the command line; out come composed scenarios, an engine, the metrics to show, and files: checked
before the work begins, written whole when it is done.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foundation import messages
from foundation.errors import HallplanError
from hallplan import cli_options as options
from hallplan.cli_faults import UsageError, say
from hallplan.cli_output import show, show_json, show_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hallplan.tables import TextTable
    from planner.load import Load
    from scenarios.compose.composing import Composed
    from scenarios.model import Scenario
    from sim.engine.choice import Engine
    from sim.measure.export import HasFrames

__all__ = ["Files", "check_metrics", "composed_of", "shown_metrics", "simulator", "warn"]


def composed_of(
    reference: str, levers: Sequence[str] | None, sets: Sequence[str] | None, days: int | None = None
) -> Composed:
    """Read a scenario, apply its levers, then its single values."""
    uses, overrides = options.uses_of(levers or ()), options.overrides_of(sets or ())
    from scenarios.compose.composing import composed

    if days is not None:
        overrides["run.days"] = days
    return composed(reference, levers=uses, overrides=overrides)


def warn(models: Sequence[Scenario], loads: Sequence[Load]) -> None:
    """Name what can't keep up before the work begins, to whoever sits in front of it; the results say it again."""
    if not sys.stderr.isatty():
        return
    from hallplan.result_tables import overload_notes
    from planner.regime import regime_of

    for model, load in zip(models, loads, strict=True):
        for note in overload_notes(regime_of(model, load)):
            say(f"{model.name}: {note}")


def simulator(name: str | None, models: Sequence[Scenario], replications: int) -> tuple[Engine, str]:
    """Return the simulator that was asked for, or the sooner one, and its name."""
    from hallplan.api import ENGINES, engine_named, worthwhile_engine

    chosen = options.one_of("--engine", ENGINES)(name) if name else worthwhile_engine(models, replications)
    engine = engine_named(chosen, say=say)
    return engine, "simpy" if engine is engine_named("simpy") else chosen


def shown_metrics(
    means: Mapping[str, float], models: Sequence[Scenario], patterns: Sequence[str] | None, *, every: bool = False
) -> list[str]:
    """Return the metrics to show: those asked for, or all of them, or those worth a first look."""
    from hallplan.result_tables import chosen_metrics, headline_metrics

    if patterns:
        return chosen_metrics(means, patterns)
    return chosen_metrics(means, ["*"]) if every else headline_metrics(means, models)


def check_metrics(patterns: Sequence[str] | None, models: Sequence[Scenario]) -> None:
    """Refuse a metric that no run can show before the run begins."""
    if not patterns:
        return
    from hallplan.result_tables import chosen_metrics, possible_metrics
    from scenarios.paths import suggestion

    known = list(dict.fromkeys(key for model in models for key in possible_metrics(model)))
    for pattern in patterns:
        if not chosen_metrics(known, [pattern]):
            raise UsageError("cli.usage.no_metric", name=pattern, near=suggestion(pattern, known))


# ---- files ---------------------------------------------------------------------------------------------------------


class Files:
    """What ``--out`` asks for: checked before the work begins, written whole when it is done."""

    def __init__(
        self, folder: Path | None, formats: str, force: bool, *, frames: Iterable[str], composed: Sequence[Composed]
    ) -> None:
        self._folder = folder
        self._formats = tuple(dict.fromkeys(part.strip() for part in formats.split(",")))
        self._composed = composed
        self._written: list[Path] = []
        if folder is None:
            return
        names = [f"{frame}.{kind}" for frame in frames for kind in self._formats]
        names += ["result.json", *self._scenario_names()]
        there = [name for name in names if (folder / name).exists()]
        if there and not force:
            raise HallplanError("cli.fault.would_overwrite", name=str(folder / there[0]))
        if folder.exists() and not folder.is_dir():
            raise HallplanError("cli.fault.not_a_folder", name=str(folder), option="--out")

    def _scenario_names(self) -> list[str]:
        if len(self._composed) == 1:
            return ["scenario.toml"]
        return [f"scenario_{place}.toml" for place in range(len(self._composed))]

    def hand_over(
        self,
        result: HasFrames,
        document: Callable[[], Any],
        tables: Callable[[], Sequence[TextTable]],
        *,
        json: bool,
    ) -> None:
        """Write the files that were asked for, then print the document, or the tables and what has been written.

        Neither is made unless somebody reads it.
        """
        once = cache(document)
        self._write(result, once)
        if json:
            show_json(once())
            return
        show(tables())
        if self._written:
            show_text("\n" + messages.text("cli.note.written", n=len(self._written), folder=self._folder))

    def _write(self, result: HasFrames, document: Callable[[], Any]) -> None:
        """Write the frames, the document and the scenarios themselves, if a folder was named."""
        if self._folder is None:
            return
        import json

        from scenarios.compose.writing import to_toml
        from sim.measure.export import export, write_atomically

        self._written = export(result, self._folder, formats=self._formats)  # type: ignore[arg-type]
        texts = {"result.json": json.dumps(document(), ensure_ascii=False, indent=2, allow_nan=False) + "\n"}
        texts |= {name: to_toml(one.raw) for name, one in zip(self._scenario_names(), self._composed, strict=True)}
        for name, text in texts.items():
            write_atomically(self._folder / name, text.encode("utf-8"))
            self._written.append(self._folder / name)
