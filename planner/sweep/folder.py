"""The folder of a sweep: a manifest, the points, and immutable Parquet parts.

Input: a :class:`Manifest` and the bytes of parts.  Output: files.  ``sweep.json`` states what is simulated and where
each part begins; ``scenario.toml`` is what varies, and ``points.parquet`` holds the values of every point;
``parts/000000.parquet`` and so on hold its replications.  Each file is written whole or not at all, so that a program
may be killed at any moment.  Only the process that holds the lock of the folder writes; anybody may read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from numpy.typing import NDArray

from foundation.arrays import FloatArray, IntArray
from foundation.errors import HallplanError
from foundation.files import clear_leftovers, write_atomically
from sim.run.folder import parquet_bytes
from sim.run.keys import RESULTS_VERSION

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MANIFEST", "SCENARIO", "Failures", "Manifest", "SweepFolder", "failures", "part_content", "points_content"]

Failures: TypeAlias = Mapping[int, Mapping[str, str]]
"""By point that could not be simulated, the cause: a sentence in each language."""

MANIFEST: Final = "sweep.json"
_FORMAT: Final = 1
SCENARIO: Final = "scenario.toml"
"""The scenario before anything varies, composed."""
_POINTS: Final = "points.parquet"
_PARTS: Final = "parts"
_QUARANTINE: Final = "quarantine"
_ENDING: Final = ".parquet"
_METADATA: Final = b"hallplan-sweep"
"""Key of the sweep's digest and the number of the part in a part's own metadata."""
_FAILED: Final = b"hallplan-failed"
"""Key of a part's points that could not be simulated; it is absent where there are none."""


@dataclass(frozen=True)
class Manifest:
    """What a folder holds, or will hold.

    Attributes
    ----------
    sweep
        Digest of all that decides about the numbers.
    scenario, scenario_digest
        What the scenario is called, and the digest of its content before anything varies.
    definition
        The sweep file.
    keys
        What varies.
    columns
        Metrics of every part, ratios with their companions.
    seed
        Of the random numbers.
    parts
        First point of every part, and the number of points.
    points
        Digest of the file of points.
    software
        Version and results version of this program.
    libraries
        Versions of what it computes with.
    format
        Version of the folder's own form.
    """

    sweep: str
    scenario: str
    scenario_digest: str
    definition: Mapping[str, Any]
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    seed: int
    parts: tuple[int, ...]
    points: str
    software: Mapping[str, Any]
    libraries: Mapping[str, str]
    format: int = _FORMAT

    @property
    def number_of_points(self) -> int:
        """Points of the sweep."""
        return self.parts[-1]

    def content(self) -> bytes:
        """Return the manifest as the bytes of its file."""
        return (json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n").encode("utf-8")


class SweepFolder:
    """A folder that has a manifest.

    Parameters
    ----------
    folder
        Where it is.
    manifest
        What it holds.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder, self.manifest = folder, manifest

    @classmethod
    def create(cls, folder: Path, manifest: Manifest, *, points: bytes, scenario: bytes) -> SweepFolder:
        """Write the points and the scenario, then the manifest, into a folder that this process has locked."""
        (folder / _PARTS).mkdir(exist_ok=True)
        write_atomically(folder / _POINTS, points)
        write_atomically(folder / SCENARIO, scenario)
        write_atomically(folder / MANIFEST, manifest.content())
        return cls(folder, manifest)

    @classmethod
    def open(cls, folder: Path) -> SweepFolder:
        """Open a folder.

        Raises
        ------
        HallplanError
            If it holds no sweep, or one of another version of Hallplan.
        """
        try:
            content = json.loads((folder / MANIFEST).read_bytes())
            lists = {name: tuple(content[name]) for name in ("keys", "columns", "parts")}
            manifest = Manifest(**{**content, **lists})
            version = manifest.software["results_version"]
        except FileNotFoundError:
            raise HallplanError("sweep.error.no_store", folder=str(folder)) from None
        except (OSError, ValueError, KeyError, TypeError):
            raise HallplanError("sweep.error.bad_manifest", file=str(folder / MANIFEST)) from None
        if version != RESULTS_VERSION or manifest.format != _FORMAT:
            made_by = manifest.software.get("version", "?")
            raise HallplanError("sweep.error.version", folder=str(folder), version=made_by)
        return cls(folder, manifest)

    @staticmethod
    def is_free(folder: Path) -> bool:
        """Tell whether a new sweep may be made in a folder: it is empty, or a killed program had just begun."""
        names = {path.name for path in folder.iterdir() if not path.name.endswith(".tmp")}
        return names <= {_POINTS, SCENARIO, _PARTS} and not any((folder / _PARTS).glob(f"*{_ENDING}"))

    def clear(self) -> None:
        """Delete the temporary files that a killed program left; this process has locked the folder."""
        (self.folder / _PARTS).mkdir(exist_ok=True)
        for folder in (self.folder, self.folder / _PARTS):
            left = [path.name[1:].rsplit(".", 2)[0] for path in folder.iterdir() if path.name.endswith(".tmp")]
            if left:
                clear_leftovers(folder, left)

    # ---- points and parts -------------------------------------------------------------------------------------------

    def points(self) -> list[tuple[Any, ...]]:
        """Return the values of every point, in the order of ``manifest.keys``.

        Raises
        ------
        HallplanError
            If the file is missing or was changed.
        """
        import pyarrow.parquet as pq

        file = self.folder / _POINTS
        try:
            content = file.read_bytes()
        except OSError:
            content = b""
        if hashlib.sha256(content).hexdigest() != self.manifest.points:
            raise HallplanError("sweep.error.bad_points", file=str(file))
        import pyarrow as pa

        return [tuple(json.loads(text)) for text in pq.read_table(pa.BufferReader(content))["values"].to_pylist()]

    def part_file(self, part: int) -> Path:
        """Return where a part is, or will be."""
        return self.folder / _PARTS / f"{part:06d}{_ENDING}"

    def part_files(self) -> list[Path]:
        """Return the parts that are there."""
        return list((self.folder / _PARTS).glob(f"*{_ENDING}"))

    def write_part(self, part: int, content: bytes) -> None:
        """Write a part, whole or not at all."""
        write_atomically(self.part_file(part), content)

    def read_part(self, part: int) -> pa.Table | None:
        """Return the replications of a part; ``None`` if it is not there.

        Raises
        ------
        HallplanError
            If it is damaged, or belongs to another sweep.
        """
        import pyarrow.parquet as pq

        file = self.part_file(part)
        try:
            with pq.ParquetFile(file, page_checksum_verification=True) as reader:
                table = reader.read()
            self._check(table, part)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError):  # ArrowInvalid is a ValueError
            raise HallplanError("sweep.error.bad_part", file=str(file)) from None
        return table

    def _check(self, table: pa.Table, part: int) -> None:
        first, beyond = self.manifest.parts[part : part + 2]
        metadata = (table.schema.metadata or {}).get(_METADATA)
        present = {*table["point"].to_pylist(), *failures(table.schema)}
        if metadata != _mark(self.manifest.sweep, part) or present != set(range(first, beyond)):
            raise ValueError("not this part")
        if tuple(table.column_names) != ("point", "replication", *self.manifest.columns):
            raise ValueError("other columns")

    def failed_and_size(self, parts: Iterable[int]) -> tuple[int, int]:
        """Return how many points of parts that are there failed, and how many bytes these parts have."""
        import pyarrow.parquet as pq

        files = [self.part_file(part) for part in parts]
        failed = sum(len(failures(pq.read_schema(file))) for file in files)
        return failed, sum(file.stat().st_size for file in files)

    def missing(self, *, retry_failed: bool = False) -> list[int]:
        """Return the parts that are still to be simulated; damaged ones are put into the folder ``quarantine``.

        Parameters
        ----------
        retry_failed
            Whether those with failed points are among them; what is there of them stays until it is replaced.
        """
        absent = []
        for part in range(len(self.manifest.parts) - 1):
            try:
                table = self.read_part(part)
            except HallplanError:
                (self.folder / _QUARANTINE).mkdir(exist_ok=True)
                self.part_file(part).replace(self.folder / _QUARANTINE / self.part_file(part).name)
                table = None
            if table is None or (retry_failed and failures(table.schema)):
                absent.append(part)
        return absent


# ---- tables --------------------------------------------------------------------------------------------------------


def points_content(rows: Sequence[tuple[Any, ...]]) -> bytes:
    """Return the file of points: a row a point, its values as a list in JSON."""
    import pyarrow as pa

    values = [json.dumps(row, ensure_ascii=False, default=str) for row in rows]
    return parquet_bytes(pa.table({"point": list(range(len(rows))), "values": values}))


def part_content(
    sweep: str,
    part: int,
    *,
    points: IntArray,
    replications: IntArray,
    columns: Mapping[str, FloatArray],
    failed: Failures,
) -> bytes:
    """Return a part as the bytes of its file; the same numbers give the same bytes.

    Parameters
    ----------
    sweep, part
        Digest of the sweep, and number of the part.
    points, replications
        By row, which replication of which point it is.
    columns
        By metric, one number a row.
    failed
        The points that have no rows, with their causes.
    """
    import pyarrow as pa

    arrays = {"point": points, "replication": replications, **columns}
    table = pa.table({name: _column(values) for name, values in arrays.items()})
    metadata = {_METADATA: _mark(sweep, part)}
    if failed:
        metadata[_FAILED] = json.dumps(failed, ensure_ascii=False).encode("utf-8")
    return parquet_bytes(table.replace_schema_metadata(metadata))


def failures(schema: pa.Schema) -> Failures:
    """Return the points of a part that could not be simulated."""
    content = json.loads((schema.metadata or {}).get(_FAILED, b"{}"))
    return {int(point): causes for point, causes in content.items()}


def _column(values: NDArray[Any]) -> pa.Array[Any]:
    import numpy as np
    import pyarrow as pa

    kind = pa.float64() if values.dtype.kind == "f" else pa.int64()
    return pa.Array.from_buffers(kind, values.size, [None, pa.py_buffer(np.ascontiguousarray(values))])


def _mark(sweep: str, part: int) -> bytes:
    return f"{sweep}/{part}".encode()
