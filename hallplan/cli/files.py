"""The files that ``--out`` names: checked before the work begins, written whole when it is done.

Input: a folder and formats; then a result, its document and its tables.  Output: files, and what the command prints.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import typer

from foundation import messages
from foundation.errors import HallplanError
from hallplan.cli.faults import FAULT, UsageError
from hallplan.cli.output import show, show_json, show_text
from hallplan.cli.targets import Reservation, rescue, reserve_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hallplan.show.charts import ChartDocument
    from hallplan.show.text_table import TextTable
    from scenarios.compose.composing import Composed
    from sim.measure.export import HasFrames

__all__ = ["OutputFiles"]


class OutputFiles:
    """What ``--out`` asks for: checked before the work begins, written whole when it is done."""

    def __init__(
        self,
        folder: Path | None,
        formats: str,
        force: bool,
        *,
        frames: Iterable[str],
        composed: Sequence[Composed],
        extras: Mapping[str, Callable[[Any], bytes]] = MappingProxyType({}),
        charts: Mapping[str, Callable[[Any], ChartDocument]] = MappingProxyType({}),
    ) -> None:
        """Check the folder, and reserve its files.

        Parameters
        ----------
        folder, formats, force
            As the options say; without a folder there is nothing to check.
        frames, composed
            Names of the result's frames, and its scenarios.
        extras, charts
            What makes each further file of the result, by its name; and what draws each chart, by its name without an
            ending.
        """
        self._extras, self._charts = extras, charts
        self._folder = folder
        every_format = tuple(dict.fromkeys(part.strip() for part in formats.split(",")))
        self._formats = tuple(name for name in every_format if name != "svg")
        self._draws_svg = "svg" in every_format
        self._composed = composed
        self._written: list[Path] = []
        self._reservation = Reservation()
        if folder is None:
            return
        if self._draws_svg:
            _require_svg(charts)
        drawn = [f"{chart}.{ending}" for chart in charts for ending in self._endings]
        names = [f"{frame}.{kind}" for frame in frames for kind in self._formats]
        names += ["result.json", *self._scenario_names(), *self._report_names(), *extras, *drawn]
        self._reservation = reserve_folder(folder, names, force=force)
        weakref.finalize(self, self._reservation.release)

    @property
    def _endings(self) -> tuple[str, ...]:
        """Of the files of a chart."""
        return ("html", "svg") if self._draws_svg else ("html",)

    def _scenario_names(self) -> list[str]:
        if len(self._composed) == 1:
            return ["scenario.toml"]
        return [f"scenario_{place}.toml" for place in range(len(self._composed))]

    def _report_names(self) -> tuple[str, ...]:
        from hallplan.show.stress_des import REPORT_FILES

        return REPORT_FILES if self._composed else ()

    def write_outputs(
        self,
        result: HasFrames,
        document: Callable[[], Any],
        tables: Callable[[], Sequence[TextTable]],
        *,
        json: bool,
    ) -> None:
        """Write the files that were asked for, then print the document, or the tables and what has been written.

        None is made unless somebody reads it.

        Parameters
        ----------
        result, document, tables
            What is written as frames and as ``result.json``, and what is printed.
        json
            Whether the document is printed instead of the tables.
        """
        once = cache(document)
        try:
            self._write(result, once)
        except (HallplanError, OSError) as error:
            self._written = []
            rescue(lambda file: file.write_text(_json_text(once()), encoding="utf-8"), error, ending=".json")
            self._print(once, tables, json=json)
            raise typer.Exit(FAULT) from None
        finally:
            self._reservation.release()
        self._print(once, tables, json=json)

    def _print(self, once: Callable[[], Any], tables: Callable[[], Sequence[TextTable]], *, json: bool) -> None:
        if json:
            show_json(once())
            return
        show(tables())
        if self._written:
            show_text("\n" + messages.text("cli.note.written", n=len(self._written), folder=self._folder))

    def _further_files(self, result: HasFrames) -> dict[str, bytes]:
        """Return the files that are made of the result beside its frames, and its charts in each format."""
        files = {name: make(result) for name, make in self._extras.items()}
        for name, draw in self._charts.items():
            document = draw(result)
            files[f"{name}.html"] = document.html()
            if self._draws_svg:
                files[f"{name}.svg"] = document.svg()
        return files

    def _write(self, result: HasFrames, document: Callable[[], Any]) -> None:
        """Write frames, document, scenarios, report and extra files, and their manifest last, if a folder was named."""
        if self._folder is None:
            return
        from foundation.files import write_manifest
        from hallplan.show.citation import Experiment
        from hallplan.show.stress_des import report_files
        from scenarios.compose.writing import to_toml
        from sim.measure.export import export, write_atomically

        self._written = export(result, self._folder, formats=self._formats)  # type: ignore[arg-type]
        contents = {"result.json": _json_text(document()).encode("utf-8")}
        contents |= {
            name: to_toml(composed.raw).encode("utf-8")
            for name, composed in zip(self._scenario_names(), self._composed, strict=True)
        }
        if self._composed:
            experiment = Experiment.of([composed.scenario for composed in self._composed], document())
            contents |= report_files(experiment)
        contents |= self._further_files(result)
        for name, content in contents.items():
            write_atomically(self._folder / name, content)
            self._written.append(self._folder / name)
        self._written.append(write_manifest(self._folder, self._written))


def _require_svg(charts: Mapping[str, Any]) -> None:
    """Refuse a picture before the work begins: of a command that draws nothing, or where nothing can draw it."""
    if not charts:
        raise UsageError("cli.usage.no_chart")
    from hallplan.show.charts import require_pictures

    require_pictures()


def _json_text(document: Any) -> str:
    import json

    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
