"""The record that every result carries: what it was made from, with what, and how to make it again.

Input: a study and how it was worked off.  Output: a :class:`RunRecord`, as JSON in ``result.json`` and in the metadata
of Parquet files.  Read back, it is equal to what was written.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from foundation.errors import HallplanError
from sim.run.keys import RESULTS_VERSION, scenario_digest

if TYPE_CHECKING:
    from sim.run.study import Study

__all__ = ["FORMAT", "PARQUET_KEY", "RunRecord", "libraries", "read_record", "record_of", "software"]

FORMAT: Final = 1
"""Version of the record's own format."""
PARQUET_KEY: Final = b"hallplan"
"""Key of the record in a Parquet file's metadata."""
_LIBRARIES: Final = ("numpy", "scipy", "pandas", "numba", "simpy", "holidays", "pydantic")


@dataclass(frozen=True)
class RunRecord:
    """Where a result comes from.

    Attributes
    ----------
    software, libraries
        Name, version and results version of this program; versions of what it computes with.
    scenarios
        For every system its name, levers, digest and number of posterior draws.
    parameters
        Seed, first replication, replications of every system, policy, level and measuring options.
    engine
        Name of the simulator.
    environment
        Version of Python, and the machine's system.
    format
        Version of this record's format.
    """

    software: Mapping[str, Any]
    libraries: Mapping[str, str]
    scenarios: tuple[Mapping[str, Any], ...]
    parameters: Mapping[str, Any]
    engine: str
    environment: Mapping[str, str]
    format: int = field(default=FORMAT)

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain values for JSON."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain

    def to_json(self) -> str:
        """Return the record as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> RunRecord:
        """Read a record.

        Raises
        ------
        HallplanError
            If it is none, or of another format.
        """
        try:
            content = json.loads(text)
            record = cls(**content | {"scenarios": tuple(content["scenarios"])})
        except (ValueError, KeyError, TypeError, AttributeError):
            record = None
        if record is None or record.format != FORMAT:
            raise HallplanError("error.record.unreadable", format=FORMAT)
        return record


def record_of(study: Study, *, replications: tuple[int, ...], engine: str) -> RunRecord:
    """Return the record of a study that was worked off."""
    names = zip(study.names, study.systems, strict=True)
    scenarios = [
        {
            "name": system.scenario.name,
            "title": title,
            "levers": list(system.scenario.levers),
            "digest": scenario_digest(system.scenario),
            "draws": len(system.draws),
        }
        for title, system in names
    ]
    parameters = {
        "seed": study.seed,
        "first": study.first,
        "replications": list(replications),
        "policy": _plain(study.policy),
        "level": study.level,
        "options": _plain(study.options),
    }
    return RunRecord(software(), libraries(), tuple(scenarios), parameters, engine, _environment())


def read_record(path: Path) -> RunRecord:
    """Return the record in a Parquet file's metadata.

    Raises
    ------
    HallplanError
        If the file has none.
    """
    import pyarrow.parquet as pq

    metadata = pq.read_schema(path).metadata or {}
    return RunRecord.from_json(metadata.get(PARQUET_KEY, b"").decode("utf-8"))


def _plain(value: Any) -> Any:
    """Return a frozen value as what JSON can hold; a dataclass says its kind."""
    if is_dataclass(value) and not isinstance(value, type):
        content = {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
        return {"kind": type(value).__name__, **content}
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def software() -> dict[str, Any]:
    """Return name, version and results version of this program."""
    return {"name": "hallplan", "version": _version("hallplan"), "results_version": RESULTS_VERSION}


@cache
def libraries() -> dict[str, str]:
    """Return the versions of what this program computes with."""
    return {name: _version(name) for name in _LIBRARIES}


@cache
def _environment() -> dict[str, str]:
    return {"python": sys.version.split()[0], "system": platform.system(), "machine": platform.machine()}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
