"""A store of results in a folder: immutable Parquet parts, safe with several processes at once.

Input: samples by key.  Output: files ``v<version>/<series>/<part>.scalars.parquet`` and ``….curves.parquet``.  A part
is written to a temporary file beside it, flushed to disk and renamed, and is never changed.  A part that can't be read,
or whose checksums are wrong, is ignored: its replications are simulated again.
"""

from __future__ import annotations

import logging
import os
import time
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from foundation.arrays import FloatArray
from foundation.errors import HallplanError
from foundation.files import write_atomically
from sim.run.keys import RESULTS_VERSION, Key
from sim.run.sample import Curves, Sample, split_names
from sim.run.store import DEFAULT_KEEP_DAYS

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SIZE_LIMIT", "FolderInfo", "FolderStore", "parquet_bytes"]

SIZE_LIMIT: Final = 2**30
"""Bytes that a folder of results may take: one gigabyte."""

_DAY_S: Final = 86_400
_READ_NOTED_S: Final = 3_600
"""How old the note of the last reading may be before it is renewed: a write a part an hour is little."""
_SWEEP_EVERY: Final = 2**25
"""Bytes written between two looks at the folder's size."""
_SCALARS: Final = ".scalars.parquet"
_CURVES: Final = ".curves.parquet"
_POOL_ROWS: Final = ("queue", "busy", "rostered")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FolderInfo:
    """What a folder of results holds.

    Attributes
    ----------
    folder
        Where it is.
    replications
        Stored replications.
    size
        Bytes of its files.
    oldest
        When the part that was not read for longest was last read, in seconds since 1970; ``None`` if there is none.
    """

    folder: Path
    replications: int
    size: int
    oldest: float | None


class FolderStore:
    """A store in a folder.

    Parameters
    ----------
    folder
        Where the files are; it is made when something is stored.
    read_only
        Never write, not even when a part was last read.
    size_limit, age_limit_days
        Bytes and days beyond which the parts that were not read for longest are deleted.
    """

    def __init__(
        self,
        folder: Path,
        *,
        read_only: bool = False,
        size_limit: int = SIZE_LIMIT,
        age_limit_days: float = DEFAULT_KEEP_DAYS,
    ) -> None:
        self.folder, self.read_only = folder, read_only
        self._size_limit, self._age_limit_days = size_limit, age_limit_days
        self._written: int | None = None  # bytes since the folder's size was last looked at; None before the first

    # ---- the three methods ------------------------------------------------------------------------------------------

    def get(self, keys: Iterable[Key], *, curves: bool = False) -> dict[Key, Sample]:
        """Return the samples that are there; with `curves`, only those that have curves."""
        wanted: defaultdict[str, set[int]] = defaultdict(set)
        for key in keys:
            wanted[key.series].add(key.replication)
        present = dict[Key, Sample]()
        for series, replications in wanted.items():
            scalars = self._read(series, _SCALARS, replications)
            samples = {number: sample for part in scalars for number, sample in _samples(part).items()}
            if curves:
                drawn = {
                    number: curve
                    for part in self._read(series, _CURVES, replications)
                    for number, curve in _curves(part).items()
                }
                both = samples.keys() & drawn.keys()
                samples = {number: replace(samples[number], curves=drawn[number]) for number in both}
            present |= {Key(series, number): samples[number] for number in replications if number in samples}
        return present

    def put(self, samples: Mapping[Key, Sample]) -> None:
        """Store samples, one part a series.

        Raises
        ------
        HallplanError
            If the store is read-only.
        OSError
            If a part can't be written.
        """
        if self.read_only:
            raise HallplanError("store.read_only", folder=str(self.folder))
        by_series: defaultdict[str, dict[int, Sample]] = defaultdict(dict)
        for key, sample in samples.items():
            by_series[key.series][key.replication] = sample
        for series, numbered in by_series.items():
            part = f"{min(numbered):06d}-{uuid.uuid4().hex}"
            with_curves = {k: sample.curves for k, sample in numbered.items() if sample.curves is not None}
            if with_curves:  # first, so that whoever sees the scalars sees the curves
                self._write(series, part + _CURVES, _curve_table(with_curves))
            self._write(series, part + _SCALARS, _scalar_table(numbered))
        self._sweep_now_and_then()

    def keys(self) -> Set[Key]:
        """Return the addresses of all samples."""
        return {
            Key(folder.name, number)
            for folder in self._series_folders()
            for table in self._read(folder.name, _SCALARS, None)
            for number in table.column("replication").to_pylist()
        }

    # ---- the cache command ------------------------------------------------------------------------------------------

    def info(self) -> FolderInfo:
        """Return what the folder holds."""
        files = list(self._files())
        oldest = min((status.st_mtime for _, status in files), default=None)
        return FolderInfo(self.folder, len(self.keys()), sum(status.st_size for _, status in files), oldest)

    def clear(self) -> int:
        """Delete all parts; return how many bytes that frees."""
        return self._delete([(path, status) for path, status in self._files()])

    # ---- reading and writing ----------------------------------------------------------------------------------------

    @property
    def _root(self) -> Path:
        return self.folder / f"v{RESULTS_VERSION}"

    def _series_folders(self) -> list[Path]:
        return [path for path in self._root.glob("*/*") if path.is_dir()]

    def _series_folder(self, series: str) -> Path:
        return self._root / series[:2] / series

    def _read(self, series: str, ending: str, replications: Set[int] | None) -> Iterator[pa.Table]:
        try:
            paths = sorted(path for path in self._series_folder(series).iterdir() if path.name.endswith(ending))
        except OSError:
            return
        if not paths:
            return
        import pyarrow.parquet as pq

        for path in paths:
            try:
                with pq.ParquetFile(path, page_checksum_verification=True) as part:
                    table = part.read()
                if replications is not None:
                    table = _between(table, replications)
                if table.num_rows and ending == _SCALARS:
                    _samples(table)  # a part that does not hold together is as bad as one that can't be read
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:  # ArrowInvalid is a ValueError
                _log.info("ignoring %s: %s", path, error)
                continue
            self._note_reading(path)
            yield table

    def _note_reading(self, path: Path) -> None:
        if self.read_only:
            return
        try:
            if time.time() - path.stat().st_mtime > _READ_NOTED_S:
                os.utime(path)
        except OSError:
            return  # another process has deleted it, or the folder is not ours: the samples are read all the same

    def _write(self, series: str, name: str, table: pa.Table) -> None:
        folder = self._series_folder(series)
        folder.mkdir(parents=True, exist_ok=True)
        content = parquet_bytes(table)
        write_atomically(folder / name, content)
        self._written = None if self._written is None else self._written + len(content)

    # ---- limits -----------------------------------------------------------------------------------------------------

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self.folder.rglob("*.parquet"):
            try:
                yield path, path.stat()
            except OSError:
                continue  # another process has just deleted it

    def _sweep_now_and_then(self) -> None:
        if self._written is not None and self._written < _SWEEP_EVERY:
            return
        self._written = 0
        self.sweep()

    def sweep(self) -> int:
        """Delete what exceeds the limits, the parts that were not read for longest first; return the bytes freed."""
        files = sorted(self._files(), key=lambda item: item[1].st_mtime)
        total, oldest = sum(status.st_size for _, status in files), time.time() - self._age_limit_days * _DAY_S
        excess = []
        for path, status in files:
            if status.st_mtime < oldest or total > self._size_limit:
                excess.append((path, status))
                total -= status.st_size
        return self._delete(excess)

    def _delete(self, files: Iterable[tuple[Path, os.stat_result]]) -> int:
        freed = 0
        for path, status in files:
            try:
                path.unlink(missing_ok=True)
                freed += status.st_size
                path.parent.rmdir()
            except OSError:
                continue  # the folder holds other parts, or the file is in use: next time
        return freed


# ---- tables --------------------------------------------------------------------------------------------------------


def parquet_bytes(table: pa.Table) -> bytes:
    """Return a table as Parquet with page checksums, so that damage is noticed when it is read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, compression="zstd", write_page_checksum=True)
    content: bytes = buffer.getvalue().to_pybytes()
    return content


# `pa.array`, `pa.scalar`, `read_table`, `Table.filter` and `Array.to_numpy` import pandas; a result is there sooner
# without it.


def _numbers(values: Iterable[int]) -> pa.Array[Any]:
    import pyarrow as pa

    column = np.array(list(values), dtype=np.int64)
    return pa.Array.from_buffers(pa.int64(), column.size, [None, pa.py_buffer(column)])


def _texts(values: Sequence[str]) -> pa.Array[Any]:
    """Return a column of few different texts."""
    import pyarrow as pa

    parts = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, parts)], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(parts))]
    return pa.Array.from_buffers(pa.string(), len(parts), buffers).dictionary_encode()


def _lists(values: Sequence[FloatArray]) -> pa.Array[Any]:
    import pyarrow as pa

    ends = np.cumsum([0, *map(len, values)], dtype=np.int32)
    floats = np.concatenate([np.zeros(0), *values])
    return pa.ListArray.from_arrays(
        pa.Array.from_buffers(pa.int32(), ends.size, [None, pa.py_buffer(ends)]),
        pa.Array.from_buffers(pa.float64(), floats.size, [None, pa.py_buffer(floats)]),
    )


def _scalar_table(samples: Mapping[int, Sample]) -> pa.Table:
    """One row a replication: its number, the metrics' names joined by line breaks, and their values."""
    import pyarrow as pa

    names = _texts(["\n".join(sample.names) for sample in samples.values()])
    values = _lists([sample.values for sample in samples.values()])
    return pa.table({"replication": _numbers(samples), "metrics": names, "values": values})


def _between(table: pa.Table, replications: Set[int]) -> pa.Table:
    """Return the rows from the first to the last of some replications."""
    rows = [row for row, number in enumerate(table["replication"].to_pylist()) if number in replications]
    return table.slice(rows[0], rows[-1] - rows[0] + 1) if rows else table.slice(0, 0)


def _floats(values: pa.ListScalar[Any]) -> FloatArray:
    return np.array(np.from_dlpack(values.values), dtype=np.float64)


def _samples(table: pa.Table) -> dict[int, Sample]:
    numbers, names = table["replication"].to_pylist(), table["metrics"].to_pylist()
    samples = dict[int, Sample]()
    for number, joined, values in zip(numbers, names, table["values"], strict=True):
        sample = Sample(split_names(joined), _floats(values))
        if len(sample.names) != sample.values.size:
            raise ValueError("names and values differ in number")
        samples[number] = sample
    return samples


def _curve_table(curves: Mapping[int, Curves]) -> pa.Table:
    """One row a replication, curve and service, pool or nothing: its values."""
    import pyarrow as pa

    rows = [(number, *row) for number, curve in curves.items() for row in _curve_rows(curve)]
    numbers, names, items, values = zip(*rows, strict=True)
    return pa.table(
        {
            "replication": _numbers(numbers),
            "curve": _texts(names),
            "item": _texts(items),
            "values": _lists(values),
        }
    )


def _curve_rows(curves: Curves) -> Iterator[tuple[str, str, FloatArray]]:
    for name in ("called", "waited", "open_cases", "days"):
        yield name, "", getattr(curves, name)
    for pool, values in curves.pools.items():
        yield from ((kind, pool, row) for kind, row in zip(_POOL_ROWS, values, strict=True))
    for service, counts in curves.touched.items():
        yield "touched", service, counts
        yield "open", service, np.array([curves.open[service]])


def _curves(table: pa.Table) -> dict[int, Curves]:
    by_number: defaultdict[int, dict[str, dict[str, FloatArray]]] = defaultdict(lambda: defaultdict(dict))
    columns: tuple[Any, ...] = tuple(table[name].to_pylist() for name in ("replication", "curve", "item"))
    for number, name, item, values in zip(*columns, table["values"], strict=True):
        by_number[number][name][item] = _floats(values)
    return {number: _curves_from(rows) for number, rows in by_number.items()}


def _curves_from(rows: Mapping[str, Mapping[str, FloatArray]]) -> Curves:
    pools = rows.get("queue", {})
    return Curves(
        called=rows["called"][""],
        waited=rows["waited"][""],
        pools={pool: np.stack([rows[kind][pool] for kind in _POOL_ROWS]) for pool in pools},
        touched=dict(rows.get("touched", {})),
        open={service: float(values[0]) for service, values in rows.get("open", {}).items()},
        open_cases=rows["open_cases"][""],
        days=rows["days"][""],
    )
