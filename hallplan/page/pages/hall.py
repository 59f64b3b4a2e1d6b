"""The hall: what the plan that is looked at comes to, where people wait, and a day of it to look at."""

from __future__ import annotations

from hallplan.page.screen import Screen
from hallplan.page.views.hall import at_a_glance, sources
from hallplan.page.views.head import forewarn
from hallplan.page.views.replay import replay

__all__ = ["draw"]


def draw(screen: Screen) -> None:
    """Draw the page."""
    forewarn(screen)
    at_a_glance(screen)
    sources(screen)
    if screen.plan is not None:
        replay(screen.session, screen.plan)
