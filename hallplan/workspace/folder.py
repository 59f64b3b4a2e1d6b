"""A workspace: the folder that holds named plans and results.

Input: a folder, names, and texts or files.  Output: plans and results, each written whole or not at all.  Whoever
saves says which version of the plan was opened; a version that somebody else saved meanwhile is not replaced.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from foundation.errors import HallplanError
from foundation.files import MANIFEST, write_atomically, write_manifest
from foundation.locks import lock_folder
from hallplan.workspace.names import RESULTS_FOLDER, checked_name, same_file
from scenarios.compose.composing import Composed, compose_table, composed
from scenarios.compose.reading import LARGEST_BYTES, parse
from scenarios.paths import suggestion

__all__ = ["PlanConflictError", "SavedPlan", "SavedResult", "Workspace", "open_workspace"]

_ENDING: Final = ".toml"
_PATIENCE_S: Final = 5.0
"""Seconds to wait for another process that is saving: writing a file takes far less."""
_PAUSE_S: Final = 0.05

_one_thread: Final = threading.Lock()


class PlanConflictError(HallplanError):
    """The plan is there already, in a version that the one who saves has not seen: saving may be insisted on."""


@dataclass(frozen=True)
class SavedPlan:
    """A plan of a workspace.

    Attributes
    ----------
    name
        Its name, and that of its file without the ending.
    path
        Its file.
    digest
        SHA-256 of its text: the version of the plan.
    saved_at
        When it was saved, in the time zone of this machine.
    size
        Bytes of its file.
    """

    name: str
    path: Path
    digest: str
    saved_at: dt.datetime
    size: int


@dataclass(frozen=True)
class SavedResult:
    """A result of a workspace: a folder of files.

    Attributes
    ----------
    name
        Its name, and that of its folder.
    path
        Its folder.
    files
        Names of its files, sorted, without the manifest.
    saved_at
        When it was saved, in the time zone of this machine.
    size
        Bytes of its files.
    """

    name: str
    path: Path
    files: tuple[str, ...]
    saved_at: dt.datetime
    size: int


def open_workspace(folder: Path) -> Workspace:
    """Return the workspace in a folder, which is made if need be.

    Raises
    ------
    HallplanError
        If it is no folder, or nothing can be written there.
    """
    if folder.exists() and not folder.is_dir():
        raise HallplanError("workspace.not_a_folder", folder=str(folder))
    with _faults_of(folder):
        (folder / RESULTS_FOLDER).mkdir(parents=True, exist_ok=True)
        probe = folder / f".{secrets.token_hex(4)}.tmp"
        probe.touch()
        probe.unlink()
    return Workspace(folder.resolve())


@dataclass(frozen=True)
class Workspace:
    """A folder of plans and results.

    Attributes
    ----------
    folder
        Where it is.
    """

    folder: Path

    # ---- plans ------------------------------------------------------------------------------------------------------

    def plans(self) -> list[SavedPlan]:
        """Return the plans, sorted by name; files that no scenario can be read from are none."""
        paths = sorted(path for path in self.folder.glob(f"*{_ENDING}") if not path.name.startswith("."))
        saved = [_saved_plan(path) for path in paths]
        return [plan for plan in saved if plan is not None]

    def plan_file(self, name: str) -> Path:
        """Return where the file of a plan is, or would be.

        Raises
        ------
        HallplanError
            If no plan can have this name.
        """
        return self.folder / f"{checked_name(name)}{_ENDING}"

    def plan(self, name: str) -> SavedPlan:
        """Return a plan.

        Raises
        ------
        HallplanError
            If there is none of this name.
        """
        plan = _saved_plan(self.plan_file(name))
        if plan is None:
            raise HallplanError("workspace.no_plan", name=name, near=suggestion(name, self._names()))
        return plan

    def text(self, name: str) -> str:
        """Return the text of a plan's file; for the errors see :meth:`plan`."""
        with _faults_of(self.folder):
            return self.plan(name).path.read_text(encoding="utf-8-sig", errors="replace")

    def composed(self, name: str) -> Composed:
        """Return the scenario of a plan, as the command line composes its file.

        Raises
        ------
        HallplanError
            If there is no such plan, or its file is no scenario.
        """
        return composed(self.plan(name).path)

    def save(self, name: str, text: str, *, seen: str = "", overwrite: bool = False) -> SavedPlan:
        """Save a plan.

        Parameters
        ----------
        name
            Its name.
        text
            Its scenario file.
        seen
            The digest of the version that was opened; "" for a new plan.
        overwrite
            Whether a version that was not seen may be replaced.

        Raises
        ------
        PlanConflictError
            If the plan is there in a version that was not seen.
        HallplanError
            If the name or the text is none that can be saved.
        """
        path = self.plan_file(name)
        content = text.encode("utf-8")
        with self._alone():
            compose_table(parse(content, name=path.name), name=path.name, file=path)
            self._refuse_twin(path.stem)
            present = _saved_plan(path)
            if present is not None and present.digest == _digest(content):
                return present
            if present is not None and not overwrite:
                _refuse_unseen(present, seen)
            write_atomically(path, content)
        return self.plan(path.stem)

    def rename(self, name: str, new_name: str) -> SavedPlan:
        """Rename a plan; the title in its file goes along if it was the name.

        Raises
        ------
        HallplanError
            If there is no such plan, the new name is another plan's, or other plans extend this one.
        """
        plan, target = self.plan(name), self.plan_file(new_name)
        with self._alone():
            if target.name != plan.path.name:
                self._refuse_twin(target.stem, but=plan.name)
                self._refuse_needed(plan.name)
                if _saved_plan(target) is not None and not same_file(plan.name, target.stem):
                    raise HallplanError("workspace.name_taken", name=target.stem)
                _retitle(plan, target.stem)
                plan.path.rename(target)
        return self.plan(target.stem)

    def delete(self, name: str, *, seen: str = "") -> None:
        """Delete a plan.

        Parameters
        ----------
        name
            Its name.
        seen
            The digest of the version that is to be deleted; "" for any.

        Raises
        ------
        PlanConflictError
            If it was saved again meanwhile.
        HallplanError
            If there is no such plan, or other plans extend it.
        """
        with self._alone():
            plan = self.plan(name)
            if seen:
                _refuse_unseen(plan, seen)
            self._refuse_needed(plan.name)
            plan.path.unlink()

    def _names(self) -> list[str]:
        return [plan.name for plan in self.plans()]

    def _refuse_twin(self, name: str, *, but: str = "") -> None:
        for other in self._names():
            if other not in (name, but) and same_file(name, other):
                raise HallplanError("workspace.name_twin", name=name, other=other)

    def _refuse_needed(self, name: str) -> None:
        """Refuse to take away a plan that others extend."""
        for plan in self.plans():
            if plan.name != name and _extends(plan) == f"{name}{_ENDING}":
                raise HallplanError("workspace.needed", name=name, other=plan.name)

    # ---- results ----------------------------------------------------------------------------------------------------

    def results(self) -> list[SavedResult]:
        """Return the results, sorted by name; a folder without a manifest is none."""
        folders = sorted((self.folder / RESULTS_FOLDER).glob("*"))
        saved = [_saved_result(path) for path in folders if not path.name.startswith(".")]
        return [result for result in saved if result is not None]

    def result(self, name: str) -> SavedResult:
        """Return a result.

        Raises
        ------
        HallplanError
            If there is none of this name.
        """
        result = _saved_result(self._result_folder(name))
        if result is None:
            near = suggestion(name, [result.name for result in self.results()])
            raise HallplanError("workspace.no_result", name=name, near=near)
        return result

    def save_result(self, name: str, files: Mapping[str, bytes], *, overwrite: bool = False) -> SavedResult:
        """Save files as a result, all of them or none.

        Parameters
        ----------
        name
            What the result is called.
        files
            Contents by file name.
        overwrite
            Whether a result of this name may be replaced.

        Raises
        ------
        HallplanError
            If there is a result of this name, or the name is none that can be saved.
        """
        target = self._result_folder(name)
        fresh = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
        with self._alone():
            try:
                if target.exists() and not overwrite:
                    raise PlanConflictError("workspace.result_exists", name=target.name)
                fresh.mkdir(parents=True)
                paths = [fresh / file for file in files]
                for path, content in zip(paths, files.values(), strict=True):
                    path.write_bytes(content)
                write_manifest(fresh, paths)
                _replace_folder(target, fresh)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
        return self.result(target.name)

    def rename_result(self, name: str, new_name: str) -> SavedResult:
        """Rename a result.

        Raises
        ------
        HallplanError
            If there is no such result, or another one has the new name.
        """
        result, target = self.result(name), self._result_folder(new_name)
        with self._alone():
            if target.name != result.name:
                if target.exists() and not same_file(target.name, result.name):
                    raise HallplanError("workspace.name_taken", name=target.name)
                result.path.rename(target)
        return self.result(target.name)

    def delete_result(self, name: str) -> None:
        """Delete a result; for the errors see :meth:`result`."""
        result = self.result(name)
        with self._alone():
            shutil.rmtree(result.path)

    def _result_folder(self, name: str) -> Path:
        return self.folder / RESULTS_FOLDER / checked_name(name)

    # ---- one at a time ----------------------------------------------------------------------------------------------

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other threads and processes from writing, inside the ``with`` block; say in a sentence what fails."""
        with _one_thread, _faults_of(self.folder):
            release = _wait_for_lock(self.folder)
            try:
                yield
            finally:
                release()


@contextmanager
def _faults_of(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise HallplanError("workspace.refused", folder=str(folder), why=error.strerror or str(error)) from None


def _wait_for_lock(folder: Path) -> Any:
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return lock_folder(folder)
        except HallplanError:
            if time.monotonic() > end:
                raise
        time.sleep(_PAUSE_S)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC).astimezone()


def _saved_plan(path: Path) -> SavedPlan | None:
    """Return the plan in a file; None if there is none, or none that Hallplan reads."""
    try:
        status = path.lstat()
        if path.is_symlink() or not path.is_file() or status.st_size > LARGEST_BYTES:
            return None
        content = path.read_bytes()
    except OSError:
        return None
    return SavedPlan(path.stem, path, _digest(content), _moment(status.st_mtime), len(content))


def _saved_result(path: Path) -> SavedResult | None:
    try:
        moment = (path / MANIFEST).stat().st_mtime
        sizes = {file.name: file.stat().st_size for file in path.iterdir()}
    except OSError:
        return None
    names = tuple(sorted(sizes.keys() - {MANIFEST}))
    return SavedResult(path.name, path, names, _moment(moment), sum(sizes.values()))


def _refuse_unseen(present: SavedPlan, seen: str) -> None:
    if present.digest == seen:
        return
    key = "workspace.changed" if seen else "workspace.exists"
    raise PlanConflictError(key, name=present.name, moment=f"{present.saved_at:%Y-%m-%d %H:%M}")


def _extends(plan: SavedPlan) -> str:
    try:
        return str(parse(plan.path.read_bytes(), name=plan.name).get("extends", ""))
    except (OSError, HallplanError):
        return ""


def _retitle(plan: SavedPlan, title: str) -> None:
    """Give a plan's file another title, if its title was its name; the rest of the text stays as it is."""
    import tomlkit

    try:
        document = tomlkit.parse(plan.path.read_text(encoding="utf-8-sig"))
    except ValueError:  # no TOML, which the new name does not mend
        return
    if document.get("title") == plan.name:
        document["title"] = title
        write_atomically(plan.path, tomlkit.dumps(document).encode("utf-8"))


def _replace_folder(target: Path, fresh: Path) -> None:
    """Put a folder in the place of another one; the one before stays until the new one is there."""
    before = fresh.with_suffix(".old")
    if target.exists():
        target.rename(before)
    fresh.rename(target)
    shutil.rmtree(before, ignore_errors=True)
