"""Shorter limits: what the plan that is looked at can promise, and which reform earned it."""

from __future__ import annotations

from hallplan.page.screen import Screen
from hallplan.page.views.cutting import cutting

__all__ = ["draw"]


def draw(screen: Screen) -> None:
    """Draw the page."""
    cutting(screen)
