"""Report: what leaves with the visitor, as a link and as files."""

from __future__ import annotations

from hallplan.page.screen import Screen
from hallplan.page.views.files import files

__all__ = ["draw"]


def draw(screen: Screen) -> None:
    """Draw the page."""
    files(screen)
