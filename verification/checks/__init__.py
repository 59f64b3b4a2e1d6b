"""The checks themselves, a module a chapter; :data:`CHAPTERS` has them all, in the order of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from verification.check import Check, ExactCheck
from verification.checks import (
    days,
    exact,
    losses,
    networks,
    one_window,
    priorities,
    streams,
    timetables,
    windows,
)

__all__ = ["CHAPTERS", "CHECKS"]

CHAPTERS: Final[Mapping[str, Sequence[Check | ExactCheck]]] = {
    "windows": windows.CHECKS,
    "one_window": one_window.CHECKS,
    "losses": losses.CHECKS,
    "priorities": priorities.CHECKS,
    "networks": networks.CHECKS,
    "timetables": timetables.CHECKS,
    "days": days.CHECKS,
    "streams": streams.CHECKS,
    "exact": exact.CHECKS,
}
"""Checks by chapter."""

CHECKS: Final[tuple[Check | ExactCheck, ...]] = tuple(check for chapter in CHAPTERS.values() for check in chapter)
"""All checks."""
