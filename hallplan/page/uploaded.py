"""Files that somebody uploads for the background to work on, kept for a while.

Comes in: a file's contents.  Goes out: a name for it, and where it is.  A file is kept in a folder that its contents
name, and that ends with the server: nothing that a user called it is ever part of a path.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from foundation.errors import HallplanError
from hallplan.page.limits import LARGEST_MB

__all__ = ["UploadedFiles"]


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

    def _new_folder(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="hallplan-uploads-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return folder
