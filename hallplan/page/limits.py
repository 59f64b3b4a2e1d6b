"""How large a file the page takes: the one number of its labels, of its own check, and of its server.

Input: nothing.  Output: a number.
"""

from __future__ import annotations

from typing import Final

__all__ = ["LARGEST_MB"]

LARGEST_MB: Final = 50
"""Megabytes of an upload at the most: tickets of a large hall for a year are about 20 MB.  ``.streamlit/config.toml``
says the same."""
