"""Report: what leaves with the visitor, as a document, as a link and as files."""

from __future__ import annotations

from hallplan.page.screen import Screen
from hallplan.page.views.files import files
from hallplan.page.views.report import report

__all__ = ["draw"]


def draw(screen: Screen) -> None:
    """Draw the page."""
    report(screen)
    files(screen)
