"""Evidence: what was published, where every number comes from, and how the figures are simulated."""

from __future__ import annotations

from hallplan.page.screen import Screen
from hallplan.page.views.evidence import provenance, targets
from hallplan.page.views.method import method
from hallplan.page.views.parts import parts

__all__ = ["draw"]


def draw(screen: Screen) -> None:
    """Draw the page."""
    part = parts("evidence", ("targets", "provenance", "method"))
    {"targets": targets, "provenance": provenance, "method": method}[part](screen)
