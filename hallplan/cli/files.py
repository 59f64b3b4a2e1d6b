"""The files that ``--out`` names: checked before the work begins, written whole when it is done.

Input: a folder and formats; then a result, its document and its tables.  Output: files, and what the command prints.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from foundation import messages
from foundation.errors import HallplanError
from hallplan.cli.faults import FAULT, say
from hallplan.cli.output import show, show_json, show_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hallplan.show.text_table import TextTable
    from scenarios.compose.composing import Composed
    from sim.measure.export import HasFrames

__all__ = ["OutputFiles"]


def _nothing() -> None:
    """Release a lock that was never taken."""


def _reserve(folder: Path) -> int | None:
    """Make a folder, check that files can be written there, and keep other runs out until this process ends.

    Returns
    -------
    int or None
        The open file that holds the lock; ``None`` on a system without such locks.

    Raises
    ------
    HallplanError
        If another run writes there.
    OSError
        If nothing can be written there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass
    if os.name != "posix":
        return None
    import fcntl

    handle = os.open(folder, os.O_RDONLY)  # the folder itself is locked, so that no file is left behind
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise HallplanError("cli.fault.in_use", name=str(folder)) from None
    except OSError:  # a file system without locks
        os.close(handle)
        return None
    return handle


class OutputFiles:
    """What ``--out`` asks for: checked before the work begins, written whole when it is done."""

    def __init__(
        self, folder: Path | None, formats: str, force: bool, *, frames: Iterable[str], composed: Sequence[Composed]
    ) -> None:
        self._folder = folder
        self._formats = tuple(dict.fromkeys(part.strip() for part in formats.split(",")))
        self._composed = composed
        self._written: list[Path] = []
        self._release: Callable[[], object] = _nothing
        if folder is None:
            return
        names = [f"{frame}.{kind}" for frame in frames for kind in self._formats]
        names += ["result.json", *self._scenario_names()]
        if folder.exists() and not folder.is_dir():
            raise HallplanError("cli.fault.not_a_folder", name=str(folder), option="--out")
        try:
            handle = _reserve(folder)
        except OSError as error:
            raise HallplanError("cli.fault.cannot_write", name=str(folder), why=error.strerror or "?") from None
        if handle is not None:
            self._release = weakref.finalize(self, os.close, handle)
        there = [name for name in names if (folder / name).exists()]
        if there and not force:
            self._release()
            raise HallplanError("cli.fault.would_overwrite", name=str(folder / there[0]))

    def _scenario_names(self) -> list[str]:
        if len(self._composed) == 1:
            return ["scenario.toml"]
        return [f"scenario_{place}.toml" for place in range(len(self._composed))]

    def write_outputs(
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
        try:
            self._write(result, once)
        except (HallplanError, OSError) as error:
            self._rescue(once, error)
            self._print(once, tables, json=json)
            raise typer.Exit(FAULT) from None
        finally:
            self._release()
        self._print(once, tables, json=json)

    def _print(self, once: Callable[[], Any], tables: Callable[[], Sequence[TextTable]], *, json: bool) -> None:
        if json:
            show_json(once())
            return
        show(tables())
        if self._written:
            show_text("\n" + messages.text("cli.note.written", n=len(self._written), folder=self._folder))

    def _rescue(self, document: Callable[[], Any], error: HallplanError | OSError) -> None:
        """Say why the files could not be written, and keep the result in a temporary file that is named."""
        import json

        why = error.sentence() if isinstance(error, HallplanError) else error.strerror or str(error)
        self._written = []
        say(why)
        try:
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", prefix="hallplan-result-", suffix=".json", delete=False
            ) as file:
                json.dump(document(), file, ensure_ascii=False, indent=2, allow_nan=False)
            say(messages.text("cli.note.rescued", file=file.name))
        except OSError:  # there is no other place either: the terminal still has the result
            say(messages.text("cli.note.not_rescued"))

    def _write(self, result: HasFrames, document: Callable[[], Any]) -> None:
        """Write the frames, the document and the scenarios themselves, if a folder was named."""
        if self._folder is None:
            return
        import json

        from scenarios.compose.writing import to_toml
        from sim.measure.export import export, write_atomically

        self._written = export(result, self._folder, formats=self._formats)  # type: ignore[arg-type]
        texts = {"result.json": json.dumps(document(), ensure_ascii=False, indent=2, allow_nan=False) + "\n"}
        texts |= {
            name: to_toml(composed.raw) for name, composed in zip(self._scenario_names(), self._composed, strict=True)
        }
        for name, text in texts.items():
            write_atomically(self._folder / name, text.encode("utf-8"))
            self._written.append(self._folder / name)
