"""Files that somebody uploads for the background to work on, kept for a while.

Comes in: a file's contents.  Goes out: a name for it, and where it is.  A file is kept in a folder that its contents
name, and that ends with the server: nothing that a user called it is ever part of a path.  The folder of a server that
was killed is deleted by the next one.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

from foundation.errors import HallplanError
from foundation.locks import lock_folder
from hallplan.page.limits import LARGEST_MB
from hallplan.storage import delete_files

__all__ = ["UploadedFile", "UploadedFiles", "clear_dead_folders", "clear_uploaded", "uploaded_files"]

_PREFIX: Final = "hallplan-uploads-"


@dataclass(frozen=True)
class UploadedFile:
    """A file that somebody uploaded: its bytes, and when it was last uploaded, in seconds since 1970."""

    size: int
    used_at: float


class UploadedFiles:
    """The files uploaded last; the oldest make room.

    Parameters
    ----------
    endings
        Endings that a file may have, without the dot.
    stem
        What a file is called where it is kept.
    most
        How many are kept.
    """

    def __init__(self, endings: Sequence[str], *, stem: str, most: int = 12) -> None:
        self._endings, self._stem, self._most = tuple(endings), stem, most
        self._files: OrderedDict[str, Path] = OrderedDict()
        self._lock = threading.Lock()
        self._folder: Path | None = None
        _stores.add(self)

    def add(self, data: bytes, *, title: str) -> str:
        """Keep a file and return its name.

        Raises
        ------
        HallplanError
            If it is too large, or has another ending.
        """
        ending = title.rpartition(".")[2].lower()
        if ending not in self._endings:
            raise HallplanError("page.upload.bad_ending", title=title, known=", ".join(self._endings))
        if len(data) > LARGEST_MB * 1_000_000:
            raise HallplanError("error.file_too_large", largest_mb=LARGEST_MB)
        name = f"{blake2b(data, digest_size=12).hexdigest()}-{ending}"
        with self._lock:
            if name not in self._files:
                self._folder = self._folder or self._new_folder()
                path = self._folder / name / f"{self._stem}.{'xes.gz' if ending == 'gz' else ending}"
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(data)
                self._files[name] = path
            else:
                os.utime(self._files[name])
            self._files.move_to_end(name)
            while len(self._files) > self._most:
                self._files.popitem(last=False)[1].unlink(missing_ok=True)
        return name

    def path(self, name: str) -> Path:
        """Return where a file is.

        Raises
        ------
        HallplanError
            If it has made room for others.
        """
        with self._lock:
            if name not in self._files:
                raise HallplanError("page.upload.gone")
            return self._files[name]

    def files(self) -> list[UploadedFile]:
        """Return what is there."""
        with self._lock:
            states = [path.stat() for path in self._files.values()]
        return [UploadedFile(state.st_size, state.st_mtime) for state in states]

    def clear(self, *, before: float | None) -> int:
        """Delete the files that were uploaded before a moment, or all; return how many bytes that frees."""
        with self._lock:
            old = [name for name, path in self._files.items() if before is None or path.stat().st_mtime < before]
            return delete_files([self._files.pop(name) for name in old])

    def _new_folder(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        lock_folder(folder)  # until this process ends: others see that the folder is in use
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return folder


_stores: Final[weakref.WeakSet[UploadedFiles]] = weakref.WeakSet()
"""All stores of uploaded files of this server."""


def uploaded_files() -> list[UploadedFile]:
    """Return the uploaded files of all stores of this server."""
    return [file for store in list(_stores) for file in store.files()]


def clear_uploaded(*, before: float | None) -> int:
    """Delete the files that were uploaded before a moment (seconds since 1970), or all; return the bytes freed."""
    return sum(store.clear(before=before) for store in list(_stores))


def clear_dead_folders(*, before: float) -> int:
    """Delete the folders of servers that were killed; return the bytes freed.

    A server that runs has locked its folder.  Where there are no such locks, as on Windows, only folders that were
    made before a moment (seconds since 1970) are taken for dead.
    """
    freed = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if os.name != "posix" and folder.stat().st_mtime >= before:
                continue
            release = lock_folder(folder)
        except (HallplanError, OSError):  # it is in use, another user's, or gone
            continue
        freed += sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        shutil.rmtree(folder, ignore_errors=True)
        release()
    return freed
