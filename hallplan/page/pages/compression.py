"""Compression: by how much limits and times are cut, how short promises can be, and what each reform contributes."""

from __future__ import annotations

from hallplan.page.screen import Screen
from hallplan.page.views.compression import cuts

__all__ = ["draw"]


def draw(screen: Screen) -> None:
    """Draw the page."""
    cuts(screen)
