"""Files that are written whole or not at all, and sets of files that are recognised as whole.

Input: a path and the bytes that belong there.  Output: the file, even if the machine stops halfway: the old one or the
new one, never a part.  A set of files is replaced file by file; its manifest of hashes is written last, so that a set
of which some files are old and some new is recognised.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from foundation.errors import HallplanError

__all__ = ["MANIFEST", "check_manifest", "clear_leftovers", "write_atomically", "write_manifest"]

MANIFEST: Final = "manifest.json"
"""Name of the file that lists the other files of a set, with their hashes (SHA-256)."""


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to `path`: to a file beside it first, flushed to disk, then renamed."""
    # The name is there before the file is, so that whatever ends the program in between leaves nothing.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _flush_directory(path.parent)


def write_manifest(folder: Path, files: Iterable[Path]) -> Path:
    """Write the manifest of a set whose files have all been written; return its path."""
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    text = json.dumps({"format": 1, "files": digests}, indent=1) + "\n"
    write_atomically(folder / MANIFEST, text.encode("utf-8"))
    return folder / MANIFEST


def check_manifest(folder: Path) -> list[str]:
    """Check that a set of files is whole, and return their names.

    Raises
    ------
    HallplanError
        If the set has no manifest, or a file is missing or is not the one that was written with the others.
    """
    try:
        digests = json.loads((folder / MANIFEST).read_bytes())["files"].items()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise HallplanError("files.no_manifest", folder=str(folder), manifest=MANIFEST) from None
    for name, digest in digests:
        try:
            content = (folder / name).read_bytes()
        except (OSError, ValueError):
            content = None
        if content is None or hashlib.sha256(content).hexdigest() != digest:
            raise HallplanError("files.mixed", file=str(folder / name), manifest=MANIFEST)
    return [str(name) for name, _ in digests]


def clear_leftovers(folder: Path, names: Iterable[str]) -> None:
    """Delete the temporary files that a killed program left of these files; nobody else may be writing them."""
    pattern = re.compile(rf"\.(?:{'|'.join(map(re.escape, names))})\.[a-z0-9_]{{8}}\.tmp")
    for path in folder.iterdir():
        if pattern.fullmatch(path.name):
            path.unlink(missing_ok=True)


def _flush_directory(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
