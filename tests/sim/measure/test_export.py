"""What is promised about files: Excel and WPS read them, no cell is a formula, each is whole or not there."""

import csv
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cases import for_each
from handmade import two_days

from foundation.errors import HallplanError
from sim.measure import FRAMES, measure
from sim.measure.export import export, write_atomically


class Tables:
    """Frames made up for a test."""

    def __init__(self, **frames: pd.DataFrame) -> None:
        self.named = frames

    def frames(self) -> dict[str, pd.DataFrame]:
        return self.named


def cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_every_frame_becomes_a_file_of_each_format(tmp_path):
    hall = two_days()
    metrics = measure(hall.scenario, hall.program(), hall.plan, hall.log())
    written = export(metrics, tmp_path / "new" / "folder")
    assert [path.name for path in written] == [f"{name}.{form}" for name in FRAMES for form in ("parquet", "csv")]
    for name in FRAMES:
        frame, back = getattr(metrics, name), pd.read_parquet(tmp_path / "new" / "folder" / f"{name}.parquet")
        pd.testing.assert_frame_equal(back, frame, check_dtype=False, check_categorical=False)
        assert cells(tmp_path / "new" / "folder" / f"{name}.csv")[0] == list(frame.columns)


def test_csv_begins_with_the_mark_by_which_excel_and_wps_know_utf_8(tmp_path):
    (path,) = export(Tables(t=pd.DataFrame({"事项": ["食品经营许可"]})), tmp_path, formats=("csv",))
    assert path.read_bytes() == "\ufeff事项\r\n食品经营许可\r\n".encode()


@for_each("begin", ["=", "+", "-", "@", "\t", "\r"])
@for_each("kind", ["object", "category", "str"])
def test_a_text_that_a_spreadsheet_would_compute_gets_an_apostrophe(tmp_path, begin, kind):
    text = f"{begin}1+1"
    frame = pd.DataFrame({"name": pd.Series([text, "plain"], dtype=kind), "number": [-1, 2]})
    (path,) = export(Tables(t=frame), tmp_path, formats=("csv",))
    assert cells(path)[1:] == [[f"'{text}", "-1"], ["plain", "2"]]  # numbers stay numbers


def test_a_column_name_is_a_text_too(tmp_path):
    (path,) = export(Tables(t=pd.DataFrame({"=cmd": [1]})), tmp_path, formats=("csv",))
    assert cells(path)[0] == ["'=cmd"]


def test_a_named_index_is_written_and_a_plain_one_is_not(tmp_path):
    named = pd.DataFrame({"x": [1.5]}, index=pd.RangeIndex(3, 4, name="replication"))
    export(Tables(named=named, plain=pd.DataFrame({"x": [1.5]})), tmp_path)
    assert cells(tmp_path / "named.csv") == [["replication", "x"], ["3", "1.5"]]
    assert cells(tmp_path / "plain.csv") == [["x"], ["1.5"]]
    assert pd.read_parquet(tmp_path / "named.parquet").index.tolist() == [3]


def test_infinite_and_missing_numbers_survive_parquet(tmp_path):
    frame = pd.DataFrame({"x": [np.inf, np.nan, 1.0]})
    (path,) = export(Tables(t=frame), tmp_path, formats=("parquet",))
    pd.testing.assert_frame_equal(pd.read_parquet(path), frame)


def test_a_file_that_cannot_be_finished_leaves_the_old_one_and_no_rest(tmp_path, monkeypatch):
    path = tmp_path / "table.csv"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_to_is_one_sentence(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(HallplanError, match="can't be written") as failure:
        export(Tables(t=pd.DataFrame({"x": [1]})), blocked)
    assert str(blocked) in failure.value.sentence("zh")


def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(HallplanError, match="parquet, csv"):
        export(Tables(t=pd.DataFrame({"x": [1]})), tmp_path, formats=("csv", "xlsx"))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
