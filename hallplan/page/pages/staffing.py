"""Staffing: how many officers it takes that visitors wait no longer than they should."""

from __future__ import annotations

from hallplan.page.screen import Screen
from hallplan.page.views.staff_plan import staff_plan

__all__ = ["draw"]


def draw(screen: Screen) -> None:
    """Draw the page."""
    staff_plan(screen)
