"""Files that come and go: tables of results as CSV and Parquet, and uploaded scenarios, kept for a while.

Comes in: a frame of results, or a file that somebody uploaded.  Goes out: bytes to download, or a name under which the
upload can be chosen as a plan.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

import pandas as pd

from foundation.errors import HallplanError
from scenarios.compose.composing import compose_text
from scenarios.compose.reading import LARGEST_BYTES
from sim.measure.export import Format, export

__all__ = ["UPLOAD", "Upload", "Uploads", "table_bytes"]

UPLOAD: Final = "upload-"
"""How the names of uploaded scenarios begin: no built-in scenario is called so."""

# --- tables -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Frame:
    frame: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        return {"table": self.frame}


def table_bytes(frame: pd.DataFrame, kind: Format) -> bytes:
    """Return a frame as a file: Parquet, or CSV that Excel and WPS read (byte-order mark, no formulas)."""
    with tempfile.TemporaryDirectory(prefix="hallplan-") as folder:
        (path,) = export(_Frame(frame), folder, formats=(kind,))
        return Path(path).read_bytes()


# --- uploads ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Upload:
    """A scenario that somebody uploaded.

    Attributes
    ----------
    name
        The name it is chosen by: its contents decide it.
    title
        What its file was called.
    data
        Its contents.
    added_at
        When it was uploaded, in seconds since 1970.
    """

    name: str
    title: str
    data: bytes
    added_at: float


class Uploads:
    """The scenarios uploaded last, by name; the oldest make room.

    Parameters
    ----------
    most
        How many are kept.
    """

    def __init__(self, *, most: int = 200) -> None:
        self._most = most
        self._kept: OrderedDict[str, Upload] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, data: bytes, *, title: str) -> Upload:
        """Keep a file if it composes to a scenario.

        Raises
        ------
        HallplanError
            One sentence about what is wrong with it.
        """
        if len(data) > LARGEST_BYTES:
            raise HallplanError("error.file_too_large", largest_mb=LARGEST_BYTES // 1_000_000)
        compose_text(data, name=title)
        upload = Upload(UPLOAD + blake2b(data, digest_size=8).hexdigest(), title, data, time.time())
        with self._lock:
            self._kept[upload.name] = upload
            self._kept.move_to_end(upload.name)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return upload

    def __len__(self) -> int:
        with self._lock:
            return len(self._kept)

    def all(self) -> list[Upload]:
        """Return the uploads that are kept."""
        with self._lock:
            return list(self._kept.values())

    def clear(self, *, before: float | None) -> int:
        """Forget the uploads that came before a moment (seconds since 1970), or all; return the bytes freed."""
        with self._lock:
            old = [upload for upload in self._kept.values() if before is None or upload.added_at < before]
            for upload in old:
                del self._kept[upload.name]
        return sum(len(upload.data) for upload in old)

    def get(self, name: str) -> Upload | None:
        """Return the upload of a name, if it is still kept."""
        with self._lock:
            return self._kept.get(name)
