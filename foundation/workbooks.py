"""Excel workbooks before they are opened: what would fill the memory, and what is no workbook.

Input: a path.  Output: nothing, or what is wrong with the archive.  A small archive may unpack to a huge content, so
sizes are checked before anything is unpacked.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

__all__ = ["archive_fault"]

_MAX_PART_BYTES: Final = 500_000_000

_MAX_COMPRESSION: Final = 200
"""How many times its compressed size a workbook's part may be."""

_HARMLESS_BYTES: Final = 1_000_000


def archive_fault(path: Path) -> tuple[str, dict[str, str]] | None:
    """Return what is wrong with an archive: the last part of a message's key, and the message's values.

    Returns
    -------
    tuple or None
        ``broken_xlsx`` with its ``reason``, ``bomb`` with the ``part`` that is too large, or ``not_xlsx``; ``None``
        for a workbook that may be opened.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except OSError:
        raise
    except Exception as error:  # whatever a damaged archive raises, not bad-file errors alone
        return "broken_xlsx", {"reason": str(error)[:200]}
    for member in members:
        steep = (
            member.file_size > _MAX_COMPRESSION * max(member.compress_size, 1) and member.file_size > _HARMLESS_BYTES
        )
        if member.file_size > _MAX_PART_BYTES or steep:
            return "bomb", {"part": member.filename}
    if not any(member.filename == "xl/workbook.xml" for member in members):
        return "not_xlsx", {}
    return None
