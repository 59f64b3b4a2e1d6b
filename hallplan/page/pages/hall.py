"""The hall: what the plan that is looked at comes to, at a glance."""

from __future__ import annotations

from hallplan.page.screen import Screen
from hallplan.page.views.head import forewarn
from hallplan.page.views.results import at_a_glance

__all__ = ["draw"]


def draw(screen: Screen) -> None:
    """Draw the page."""
    forewarn(screen)
    at_a_glance(screen)
