"""The frozen halls that the benchmarks simulate and compare.

Input: changes by dotted path.  Output: the scenario honghuagang-2014 as it was on 2026-11-29; the file of 2013 lies
beside it.  The files state every number themselves, so that a change to a built-in hall or to a lever does not change
what the benchmarks measure.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from scenarios.compose.composing import compose
from scenarios.model import Scenario

__all__ = ["FROZEN_BEFORE", "FROZEN_HALL", "frozen_hall"]

_FOLDER: Final = Path(__file__).parent / "scenarios"
FROZEN_BEFORE: Final = _FOLDER / "honghuagang-2013-v1.toml"
FROZEN_HALL: Final = _FOLDER / "honghuagang-2014-v1.toml"


def frozen_hall(overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Return the frozen hall, with changes."""
    return compose(str(FROZEN_HALL), overrides=overrides or {})
