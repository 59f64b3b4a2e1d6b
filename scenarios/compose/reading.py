"""Reading scenario and lever files: from a name or a path to a table, or to one sentence about what is wrong.

Input: what a user typed or uploaded; it is not trusted.  The file may be missing, a folder, huge, saved in another
encoding, nested without end, or no TOML at all.  Output: the plain table that TOML describes.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from foundation.errors import HallplanError, ScenarioError
from scenarios.paths import suggestion

__all__ = [
    "DEEPEST",
    "LARGEST_BYTES",
    "LEVER_FOLDER",
    "LIBRARY_FOLDER",
    "LOG_ENDINGS",
    "display_name",
    "file_names",
    "locate",
    "locate_beside",
    "parse",
    "read",
    "value_of",
]

LIBRARY_FOLDER: Final = Path(__file__).resolve().parents[1] / "library"
LEVER_FOLDER: Final = Path(__file__).resolve().parents[1] / "levers"
LARGEST_BYTES: Final = 1_000_000
DEEPEST: Final = 40
"""How many tables may stand inside one another."""

LOG_ENDINGS: Final = frozenset({".csv", ".tsv", ".xlsx", ".xls", ".xes", ".gz"})
"""Endings of event logs, which no scenario file has."""

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEY: Final = r"""(?:(?<![A-Za-z0-9_-])[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
# tomllib's time grows with the square of the length of a dotted key: longer ones than any file needs stop here.
_ENDLESS_KEY: Final = re.compile(rf"(?:{_KEY}[ \t]*\.[ \t]*){{{DEEPEST}}}")
_PLACE: Final = re.compile(r"\(at line (\d+), column (\d+)\)$")


def file_names(folder: Path) -> list[str]:
    """Return the names of the TOML files in a folder, without the ending, sorted."""
    return sorted(file.stem for file in folder.glob("*.toml"))


def display_name(file: Path) -> str:
    """Return how messages call a file: a built-in one by its folder and name, any other as it was given."""
    for folder in (LIBRARY_FOLDER, LEVER_FOLDER):
        if file.parent == folder:
            return f"{folder.name}/{file.name}"
    return str(file)


def locate(reference: str | Path, folder: Path) -> Path:
    """Return the file that a user means: the name of a built-in one in `folder`, or any path.

    Raises
    ------
    ScenarioError
        If there is none; it names the nearest built-in one.
    """
    if isinstance(reference, str) and _NAME.fullmatch(reference):
        built_in = folder / f"{reference}.toml"
        if built_in.is_file():
            return built_in
    path = Path(reference)
    try:
        exists = path.exists()
    except (OSError, ValueError):  # a name too long, or with a NUL
        exists = False
    if not exists:
        raise _not_found(reference, folder)
    return path


def locate_beside(reference: str, library: Path, *, folder: Path | None) -> Path:
    """Return the file that another file means: a built-in one, or one in its own folder or below.

    Parameters
    ----------
    reference
        What the file says.
    library
        Where the built-in ones are.
    folder
        The folder of the file that says so; ``None`` for a file that has none (an upload).

    Raises
    ------
    ScenarioError
        If there is none, or it lies outside: a file from elsewhere must not make Hallplan read what it likes.
    """
    if _NAME.fullmatch(reference):
        return locate(reference, library)
    if folder is None:
        raise _not_found(reference, library)
    path = folder / reference
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
        exists = path.is_file()
    except (OSError, ValueError):
        inside, exists = True, False
    if not inside:
        raise ScenarioError("error.file_outside", name=reference)
    if not exists:
        raise _not_found(reference, library)
    return path


def _not_found(reference: str | Path, folder: Path) -> ScenarioError:
    kind = "error.kind.lever" if folder == LEVER_FOLDER else "error.kind.scenario"
    near = suggestion(Path(reference).stem, file_names(folder))
    return ScenarioError("error.file_not_found", kind=HallplanError(kind), name=reference, near=near)


def read(file: Path) -> dict[str, Any]:
    """Read a TOML file; the same content gives the same table, which is not to be changed.

    Raises
    ------
    ScenarioError
        If it can't be read or is no TOML; it names the file, and line and column where there are some.
    """
    name = display_name(file)
    try:
        if file.is_dir():
            raise ScenarioError("error.is_a_folder").at(file=name)
        if file.suffix.lower() in LOG_ENDINGS:
            raise ScenarioError("error.is_an_event_log").at(file=name)
        with file.open("rb") as stream:
            data = stream.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise ScenarioError("error.cannot_read", reason=error.strerror or "?").at(file=name) from None
    try:
        return _read(data)
    except ScenarioError as error:
        raise error.at(file=name) from None


@lru_cache(maxsize=64)
def _read(data: bytes) -> dict[str, Any]:
    return parse(data, name="")


def parse(data: bytes | str, *, name: str) -> dict[str, Any]:
    """Read TOML from memory; `name` is what messages call it.

    Raises
    ------
    ScenarioError
        If it is too large, in another encoding than UTF-8, empty, too deep, or no TOML.
    """
    try:
        table = _toml(_decode(data))
        _check_depth(table)
    except ScenarioError as error:
        raise error.at(file=name) from None
    return table


def value_of(text: str) -> Any:
    """Read a value from a command line: as TOML has it (``5``, ``true``, ``[1, 2]``), else as plain text."""
    try:
        table = parse(f"value = {text}", name="--set")
    except ScenarioError:
        return text.strip()
    return table["value"] if set(table) == {"value"} else text.strip()


def _decode(data: bytes | str) -> str:
    if len(data) > LARGEST_BYTES:
        raise ScenarioError("error.file_too_large", largest_mb=LARGEST_BYTES // 1_000_000)
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        raise ScenarioError("error.not_utf8") from None
    raise ScenarioError("error.is_gbk")


def _toml(text: str) -> dict[str, Any]:
    if not text.strip():
        raise ScenarioError("error.file_empty")
    if _ENDLESS_KEY.search(text):
        raise ScenarioError("error.too_deep", deepest=DEEPEST)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ScenarioError("error.too_deep", deepest=DEEPEST) from None
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(str(error), text) from None
    except ValueError:  # an integer of thousands of digits, a date such as 2014-02-30
        raise ScenarioError("error.toml_value") from None


def _syntax_error(reason: str, text: str) -> ScenarioError:
    lines = text.splitlines() or [""]
    place = _PLACE.search(reason)
    line = min(int(place[1]), len(lines)) if place else len(lines)
    column = int(place[2]) if place else len(lines[-1]) + 1
    twice = any(word in reason for word in ("overwrite", "twice", "Duplicate", "mutate"))
    key = "error.toml_twice" if twice else "error.toml_syntax"
    return ScenarioError(key, line=line, column=column, text=lines[line - 1].strip()[:80])


def _check_depth(table: dict[str, Any]) -> None:
    level: list[Any] = [table]
    for _ in range(DEEPEST):
        level = [
            inner
            for value in level
            for inner in (value.values() if isinstance(value, dict) else value)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return
    raise ScenarioError("error.too_deep", deepest=DEEPEST)
