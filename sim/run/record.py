"""The record that every result carries: what it was made from, with what, and how to make it again.

Input: a study and how it was worked off.  Output: a :class:`RunRecord`, as JSON in ``result.json`` and in the metadata
of Parquet files.  Read back, it is equal to what was written.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from foundation.errors import HallplanError
from sim.run.keys import RESULTS_VERSION, scenario_digest
from sim.run.workers import cores

if TYPE_CHECKING:
    from sim.run.study import Study

__all__ = ["FORMAT", "PARQUET_KEY", "RunRecord", "environment", "libraries", "read_record", "record_of", "software"]

FORMAT: Final = 1
"""Version of the record's own format."""
PARQUET_KEY: Final = b"hallplan"
"""Key of the record in a Parquet file's metadata."""
_GIT_S: Final = 5.0
"""How long to wait for the version control to answer."""
_LIBRARIES: Final = ("numpy", "scipy", "pandas", "numba", "simpy", "holidays", "pydantic")


@dataclass(frozen=True)
class RunRecord:
    """Where a result comes from.

    Attributes
    ----------
    software, libraries
        Name, version, results version and commit of this program; versions of what it computes with.
    scenarios
        For every system its name, levers, digest and number of posterior draws.
    parameters
        Seed, first replication, replications of every system, policy, level and measuring options.
    engine
        Name of the simulator.
    environment
        Version of Python; system, processor and cores of the machine (:func:`environment`).
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
    return RunRecord(software(), libraries(), tuple(scenarios), parameters, engine, environment())


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
    """Return name, version and results version of this program, and the commit where it runs from a checkout."""
    content = {"name": "hallplan", "version": _version("hallplan"), "results_version": RESULTS_VERSION}
    commit = _commit()
    return {**content, "commit": commit} if commit else content


@cache
def _commit() -> str:
    """Return the commit of the checkout that this file lies in, with ``-dirty`` if files were changed; "" if none."""
    root = Path(__file__).resolve().parents[2]
    if not ((root / ".git").exists() and (root / "pyproject.toml").is_file()):
        return ""
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=_GIT_S, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()


@cache
def libraries() -> dict[str, str]:
    """Return the versions of what this program computes with."""
    return {name: _version(name) for name in _LIBRARIES}


@cache
def environment() -> dict[str, str]:
    """Return what a program runs on: Python, system, processor and cores; never a name of the machine or a path."""
    try:
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        system = f"{platform.system()} {platform.release()}"
    return {
        "python": sys.version.split()[0],
        "system": platform.system(),
        "release": system,
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": str(cores()),
    }


def _processor() -> str:
    """Return the model of the processor, as far as the system says it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
