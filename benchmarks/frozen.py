"""The frozen hall that the benchmarks simulate.

Input: changes by dotted path.  Output: the scenario honghuagang-2014 as it was on 2026-11-29.  The file states every
number itself, so that a change to the built-in hall or to a lever does not change what the benchmarks measure.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from scenarios.compose.composing import compose
from scenarios.model import Scenario

__all__ = ["FROZEN_HALL", "frozen_hall"]

FROZEN_HALL: Final = Path(__file__).parent / "scenarios" / "honghuagang-2014-v1.toml"


def frozen_hall(overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Return the frozen hall, with changes."""
    return compose(str(FROZEN_HALL), overrides=overrides or {})
