"""Office files without a time of their own: the same content makes the same bytes.

Input: the bytes of a DOCX or XLSX file.  Output: the same parts, with every date of the archive and of its properties
fixed.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

__all__ = ["timeless"]

_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""The first date that an archive can hold."""
_STAMP: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")
_PROPERTIES: Final = "docProps/core.xml"
_FILE: Final = 0o600 << 16


def timeless(data: bytes) -> bytes:
    """Return an Office file in which nothing says when it was made."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == _PROPERTIES:
                part = _STAMP.sub(rb"\g<1>1980-01-01T00:00:00Z\2", part)
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _FILE, 3
            new.writestr(entry, part)
    return stream.getvalue()
