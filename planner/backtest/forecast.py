"""A saved forecast: the folder that ``hallplan run --out`` has written.

Input: the folder.  Output: a :class:`SavedForecast`.  Its manifest says whether its files are those that were written.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundation.errors import HallplanError
from foundation.files import check_manifest
from scenarios.compose.composing import Composed, composed

__all__ = ["SavedForecast", "read_forecast"]


@dataclass(frozen=True, eq=False)
class SavedForecast:
    """A forecast as it was saved.

    Attributes
    ----------
    folder
        Where.
    composed
        Its scenario.
    seed
        Of its random numbers.
    provenance
        What it was made from, and with what.
    """

    folder: Path
    composed: Composed
    seed: int
    provenance: dict[str, Any]


def read_forecast(folder: Path) -> SavedForecast:
    """Read a saved forecast.

    Raises
    ------
    HallplanError
        If the folder is none, or its files are not those that were written.
    """
    if not folder.is_dir():
        raise HallplanError("backtest.error.no_folder", folder=str(folder))
    check_manifest(folder)
    try:
        document = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        seed, provenance = int(document["provenance"]["parameters"]["seed"]), dict(document["provenance"])
        is_run = document["command"] == "run"
    except (OSError, ValueError, KeyError, TypeError):
        is_run, seed, provenance = False, 0, {}
    if not is_run or not (folder / "scenario.toml").is_file():
        raise HallplanError("backtest.error.no_forecast", folder=str(folder))
    return SavedForecast(folder, composed(folder / "scenario.toml"), seed, provenance)
