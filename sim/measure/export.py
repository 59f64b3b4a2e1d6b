"""Tidy tables as files: Parquet for programs, CSV for Excel and WPS.

Input: :class:`~sim.measure.frames.Metrics` or anything else with named frames.  Output: one file a frame
and format, each written whole or not at all.  A text that a spreadsheet would take for a formula gets an
apostrophe in CSV.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from foundation.errors import HallplanError
from foundation.files import check_manifest, write_atomically

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FORMATS", "Format", "HasFrames", "as_csv", "export", "read_results", "write_atomically"]

Format = Literal["parquet", "csv"]
FORMATS: Final[tuple[Format, ...]] = ("parquet", "csv")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class HasFrames(Protocol):
    """Anything that offers frames by name."""

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the frames, by names that can be file names."""


def export(
    measured: HasFrames, directory: str | os.PathLike[str], *, formats: Sequence[Format] = FORMATS
) -> list[Path]:
    """Write every frame of `measured` into `directory`, which is made if need be.

    Parameters
    ----------
    measured
        :class:`~sim.measure.frames.Metrics` or :class:`~sim.run.replications.Replications`.
    directory
        Where to; existing files of the same names are replaced.
    formats
        Any of ``parquet`` and ``csv`` (UTF-8 with a byte-order mark, so that Excel and WPS read Chinese).

    Returns
    -------
    list of Path
        The files, frame by frame.

    Raises
    ------
    HallplanError
        If a format is unknown, or a file can't be written.
    """
    for name in formats:
        if name not in FORMATS:
            raise HallplanError("error.metrics.export_format", format=name, known=", ".join(FORMATS))
    folder = Path(directory)
    record = getattr(measured, "provenance", None)
    text = record.to_json() if record is not None else ""
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for frame_name, frame in measured.frames().items():
            for name in formats:
                path = folder / f"{frame_name}.{name}"
                write_atomically(path, _as_parquet(frame, text) if name == "parquet" else as_csv(frame))
                written.append(path)
    except OSError as error:
        raise HallplanError(
            "error.metrics.export_failed", directory=str(folder), why=error.strerror or str(error)
        ) from None
    return written


def read_results(directory: str | os.PathLike[str]) -> dict[str, pd.DataFrame]:
    """Read the frames that ``--out`` wrote to a folder, by name, if they are one set.

    Parameters
    ----------
    directory
        The folder.

    Returns
    -------
    dict
        Every frame that was written as Parquet or CSV.

    Raises
    ------
    HallplanError
        If the folder's files do not belong together: a run was ended while it wrote, or a file was changed.
    """
    import pandas as pd

    folder = Path(directory)
    frames = {}
    for name in map(Path, sorted(check_manifest(folder))):  # the exact Parquet comes after CSV, and is what stays
        if name.suffix == ".csv":
            frames[name.stem] = pd.read_csv(folder / name)
        elif name.suffix == ".parquet":
            frames[name.stem] = pd.read_parquet(folder / name)
    return frames


def _as_parquet(frame: pd.DataFrame, record: str) -> bytes:
    """Return a frame as Parquet, with the record of where it comes from in the file's metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=frame.index.name is not None)
    if record:
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), b"hallplan": record.encode("utf-8")})
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def as_csv(frame: pd.DataFrame) -> bytes:
    """Return a frame as CSV that Excel and WPS read, with no cell that they would compute."""
    import pandas as pd

    plain = frame.reset_index() if frame.index.name is not None else frame
    safe = plain.copy(deep=False)
    for column in plain.columns:
        if not (
            pd.api.types.is_numeric_dtype(plain[column].dtype) or pd.api.types.is_datetime64_any_dtype(plain[column])
        ):
            safe[column] = plain[column].astype(object).map(_harmless)
    safe.columns = pd.Index([_harmless(column) for column in plain.columns])
    return safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def _harmless(cell: Any) -> Any:
    """Return the cell with an apostrophe before it, if it is a text that a spreadsheet would compute."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
