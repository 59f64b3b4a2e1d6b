"""Scenarios as commands need them: composed, with what is known of them before they are run.

Input: a name or a path, levers, overrides.  Output: a :class:`Prepared` scenario.  Preparing the district hall takes
longer than reading stored results of it, so what was prepared is stored in the user's cache folder.  An entry holds
while every file that it was composed from, the program and the libraries are those that it was made with.
"""

from __future__ import annotations

import gc
import hashlib
import json
import logging
import os
import pickle
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from foundation.files import write_atomically
from hallplan.storage import PREPARED_ENDING, prepared_entries, prepared_folder

if TYPE_CHECKING:
    from planner.outlook import Outlook
    from scenarios.compose.composing import Composed
    from scenarios.compose.levers import LeverUse
    from scenarios.model import Scenario

__all__ = ["Prepared", "prepared"]

_MOST_ENTRIES: Final = 100
"""Scenarios that are stored; the district hall takes about a megabyte."""
_PROGRAM: Final = ("foundation", "scenarios", "sim", "planner")
"""Packages that take part in preparing a scenario."""
_LIBRARIES: Final = ("numpy", "pydantic", "holidays")
_CLOCK_STEP_S: Final = 0.05
"""A file system's clock may be behind by as much as this."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prepared:
    """A composed scenario, and what every command says of it.

    Attributes
    ----------
    composed
        The scenario, with what it was put together from.
    outlook
        What is known of it before it is run.
    """

    composed: Composed
    outlook: Outlook

    @property
    def scenario(self) -> Scenario:
        """The scenario itself."""
        return self.composed.scenario


def prepared(
    reference: str, *, levers: Sequence[LeverUse], overrides: Mapping[str, Any], store: bool = True
) -> Prepared:
    """Compose a scenario and work out its outlook, or read both if nothing has changed since they were stored.

    Parameters
    ----------
    reference, levers, overrides
        As for :func:`scenarios.compose.composing.compose`.
    store
        Whether stored entries are read and written.

    Raises
    ------
    ScenarioError
        If the scenario has a fault; faulty scenarios are not stored.
    """
    try:
        entry = prepared_folder() / f"{_address(reference, levers, overrides)}{PREPARED_ENDING}" if store else None
    except OSError:  # the working folder has been deleted, for instance
        entry = None
    if entry is None:
        return _prepare(reference, levers, overrides)
    stored = _read(entry)
    if stored is not None:
        return stored
    began = time.time()
    result = _prepare(reference, levers, overrides)
    _write(entry, result, began)
    return result


def _prepare(reference: str, levers: Sequence[LeverUse], overrides: Mapping[str, Any]) -> Prepared:
    from planner.outlook import outlook_of
    from scenarios.compose.composing import composed

    result = composed(reference, levers=levers, overrides=overrides)
    return Prepared(result, outlook_of(result.scenario, result.raw))


# ---- entries -------------------------------------------------------------------------------------------------------


def _address(reference: str, levers: Sequence[LeverUse], overrides: Mapping[str, Any]) -> str:
    """Return the digest of all that decides about an entry but the contents of files outside the program."""
    request = [str(Path.cwd()), reference, [str(use) for use in levers], repr(dict(overrides))]
    content = json.dumps([request, _program_state()])
    return hashlib.sha256(content.encode("utf-8")).hexdigest()[:40]


def _program_state() -> list[Any]:
    """Return the versions of Python and libraries, and size and time of every file of the program."""
    from importlib.metadata import version

    root = Path(__file__).resolve().parents[2]
    files = [entry for package in _PROGRAM for entry in _files_below(root / package)]
    return [sys.version, [version(name) for name in _LIBRARIES], sorted(files)]


def _files_below(folder: str | Path) -> Iterable[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files_below(entry.path)
            elif entry.name.endswith((".py", ".toml")):
                status = entry.stat()
                yield entry.path, status.st_size, status.st_mtime_ns


def _digests(files: Iterable[str]) -> dict[str, str]:
    return {file: hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in files}


def _read(entry: Path) -> Prepared | None:
    """Return a stored entry if it is ours and the files it was composed from have not changed."""
    try:
        with entry.open("rb") as stream:
            if hasattr(os, "getuid") and os.fstat(stream.fileno()).st_uid != os.getuid():
                return None  # a pickle may run code: only what this user has written is read
            digests = json.loads(stream.readline())
            if _digests(digests) != digests:
                return None
            gc.disable()  # thousands of new objects, none of them garbage: collecting takes longer than reading
            try:
                stored = pickle.load(stream)  # noqa: S301
            finally:
                gc.enable()
        os.utime(entry)
    except Exception as error:
        if not isinstance(error, FileNotFoundError):
            _log.info("ignoring %s: %s", entry, error)
        return None
    return stored if isinstance(stored, Prepared) else None


def _write(entry: Path, result: Prepared, began: float) -> None:
    """Store an entry, unless one of its files was saved meanwhile.

    A folder that can't be written to makes the next start slower and nothing else.
    """
    try:
        if any(file.stat().st_mtime >= began - _CLOCK_STEP_S for file in result.composed.files):
            return
        digests = _digests(str(file.resolve()) for file in result.composed.files)
        entry.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(entry, json.dumps(digests).encode("utf-8") + b"\n" + pickle.dumps(result, protocol=5))
        for old in prepared_entries()[_MOST_ENTRIES:]:
            old.unlink(missing_ok=True)
    except (OSError, RecursionError) as error:  # deeply nested tables may be too deep for a pickle
        _log.info("not stored: %s: %s", entry, error)
