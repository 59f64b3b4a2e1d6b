"""Evidence: what was published, where every number comes from, how the figures are simulated, and what is stored."""

from __future__ import annotations

from hallplan.page.screen import Screen
from hallplan.page.views.evidence import provenance, targets
from hallplan.page.views.method import method
from hallplan.page.views.parts import parts
from hallplan.page.views.storage import storage

__all__ = ["draw"]


def draw(screen: Screen) -> None:
    """Draw the page."""
    part = parts("evidence", ("targets", "provenance", "method", "stored"))
    if part == "stored":
        storage(screen.session)
    else:
        {"targets": targets, "provenance": provenance, "method": method}[part](screen)
