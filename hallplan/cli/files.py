"""The files that ``--out`` names: checked before the work begins, written whole when it is done.

Input: a folder and formats; then a result, its document and its tables.  Output: files, and what the command prints.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from foundation import messages
from foundation.errors import HallplanError
from hallplan.cli.faults import FAULT, UsageError
from hallplan.cli.output import show, show_json, show_text
from hallplan.cli.targets import Reservation, rescue, reserve_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

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
        extras: Iterable[str] = (),
        charts: Iterable[str] = (),
    ) -> None:
        self._folder = folder
        every_format = tuple(dict.fromkeys(part.strip() for part in formats.split(",")))
        self._formats = tuple(name for name in every_format if name != "svg")
        self._draws_svg = "svg" in every_format
        self._composed = composed
        self._written: list[Path] = []
        self._reservation = Reservation()
        if folder is None:
            return
        endings = ("html", "svg") if self._draws_svg else ("html",)
        drawn = [f"{chart}.{ending}" for chart in charts for ending in endings]
        if self._draws_svg:
            _require_svg(drawn)
        names = [f"{frame}.{kind}" for frame in frames for kind in self._formats]
        names += ["result.json", *self._scenario_names(), *self._report_names(), *extras, *drawn]
        self._reservation = reserve_folder(folder, names, force=force)
        weakref.finalize(self, self._reservation.release)

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
        extras: Mapping[str, Callable[[], bytes]] | None = None,
        charts: Mapping[str, Callable[[], ChartDocument]] | None = None,
    ) -> None:
        """Write the files that were asked for, then print the document, or the tables and what has been written.

        None is made unless somebody reads it.

        Parameters
        ----------
        result, document, tables
            What is written as frames and as ``result.json``, and what is printed.
        json
            Whether the document is printed instead of the tables.
        extras
            Contents of further files of the folder, by the names that were reserved for them.
        charts
            What draws each of the charts, by the names that were reserved for them.
        """
        once = cache(document)
        try:
            self._write(result, once, {**(extras or {}), **self._drawn(charts or {})})
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

    def _drawn(self, charts: Mapping[str, Callable[[], ChartDocument]]) -> dict[str, Callable[[], bytes]]:
        """Return what makes the file of each chart, in each format that was asked for."""
        made = {name: cache(draw) for name, draw in charts.items()}
        files = {f"{name}.html": partial(_html, draw) for name, draw in made.items()}
        if self._draws_svg:
            files |= {f"{name}.svg": partial(_svg, draw) for name, draw in made.items()}
        return dict(files)

    def _write(self, result: HasFrames, document: Callable[[], Any], extras: Mapping[str, Callable[[], bytes]]) -> None:
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
        contents |= {name: make() for name, make in extras.items()}
        for name, content in contents.items():
            write_atomically(self._folder / name, content)
            self._written.append(self._folder / name)
        self._written.append(write_manifest(self._folder, self._written))


def _html(draw: Callable[[], ChartDocument]) -> bytes:
    return draw().html()


def _svg(draw: Callable[[], ChartDocument]) -> bytes:
    return draw().svg()


def _require_svg(drawn: Sequence[str]) -> None:
    """Refuse a picture before the work begins: of a command that draws nothing, or where nothing can draw it."""
    if not drawn:
        raise UsageError("cli.usage.no_chart")
    from hallplan.show.charts import require_pictures

    require_pictures()


def _json_text(document: Any) -> str:
    import json

    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
