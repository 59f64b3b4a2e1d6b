"""Days that come with the package: those of the built-in scenarios under their own seeds.

Input: the unit of a replay.  Output: its :class:`~sim.measure.day_replay.DayReplay`, if the package has it.  Without
them a server that was just started would first have to load a simulator.  A unit's key holds the contents of the
scenario and the version of results: a day of another version is not found.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
from importlib.resources import files
from typing import Any, Final

import numpy as np

from hallplan.page.jobs import Unit
from hallplan.page.runs import background
from sim.measure.day_replay import DayReplay, DutyEdges, Files, Legs, Visits

__all__ = ["DAYS", "as_bytes", "file_name", "from_bytes", "offer_shipped"]

DAYS: Final = "days"
"""The folder beside this module."""
_NAMES: Final = ("pools", "timetables", "services", "purposes")
_PARTS: Final = {"visits": Visits, "visit_legs": Legs, "files": Files, "file_legs": Legs}


def offer_shipped(unit: Unit) -> None:
    """Hand the package's result of a unit to the queue, if there is one and the queue has none."""
    if background().missing([unit]):
        file = files("hallplan.page.replay").joinpath(DAYS, file_name(unit.key))
        if file.is_file():
            background().offer({unit.key: from_bytes(file.read_bytes())})


def file_name(key: str) -> str:
    """Return the name of the file of a unit's result."""
    return f"{key.rpartition(':')[2]}.json.gz"


def as_bytes(replay: DayReplay) -> bytes:
    """Return a day as compressed JSON, the same bytes for the same day."""
    record = {
        "date": replay.date.isoformat(),
        "median": replay.median,
        **{name: list(getattr(replay, name)) for name in _NAMES},
        "serves_visitors": replay.serves_visitors.tolist(),
        "duty": [_columns(edges) for edges in replay.duty],
        **{name: _columns(getattr(replay, name)) for name in _PARTS},
    }
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode("utf-8"), mtime=0)


def from_bytes(data: bytes) -> DayReplay:
    """Return the day that :func:`as_bytes` wrote."""
    record = json.loads(gzip.decompress(data))
    names: dict[str, Any] = {name: tuple(record[name]) for name in _NAMES}
    parts: dict[str, Any] = {name: part(**_arrays(record[name])) for name, part in _PARTS.items()}
    return DayReplay(
        date=dt.date.fromisoformat(record["date"]),
        median=record["median"],
        serves_visitors=np.array(record["serves_visitors"], dtype=np.bool_),
        duty=tuple(DutyEdges(**_arrays(edges)) for edges in record["duty"]),
        **names,
        **parts,
    )


def _columns(part: Any) -> dict[str, list[int]]:
    return {name: column.tolist() for name, column in vars(part).items()}


def _arrays(columns: dict[str, list[int]]) -> dict[str, Any]:
    return {name: np.array(column, dtype=np.int64) for name, column in columns.items()}
