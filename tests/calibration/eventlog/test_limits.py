"""Files at the edge of every limit: sizes, rows, columns, encodings, and what is told meanwhile."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from calibration.eventlog import read_log
from calibration.eventlog.read import delimited, files, workbook, xes
from calibration.eventlog.read.cells import RawTable
from calibration.eventlog.read.files import read_raw
from foundation.errors import HallplanError

ROWS = "case,activity,time\n" + "".join(f"{n},a,2014-01-06 09:{n:02d}\n" for n in range(10, 30))
XES = (
    '<log><trace><string key="concept:name" value="1"/><event><string key="concept:name" value="a"/>'
    '<date key="time:timestamp" value="2014-01-06T09:00:00"/></event></trace></log>'
)


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(path: Path, **mapping: str) -> HallplanError:
    with pytest.raises(HallplanError) as failure:
        read_log(path, mapping=mapping)
    return failure.value


def test_a_file_may_be_as_large_as_the_limit_and_no_larger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, content in (("a.csv", ROWS), ("a.xes", XES), ("b.csv.gz", gzip.compress(ROWS.encode()))):
        file = write(tmp_path, name, content)
        size = len(ROWS) if name.endswith(".gz") else len(content)
        monkeypatch.setattr(files, "MAX_BYTES", size)
        assert len(read_raw(file).frame) > 0
        monkeypatch.setattr(files, "MAX_BYTES", size - 1)
        assert refusal(file).key == "eventlog.fault.too_large", name
    monkeypatch.setattr(files, "MAX_BYTES", 2_500_000)
    for name, content in (("c.csv", b"x" * 2_500_001), ("c.csv.gz", gzip.compress(b"a,b\n" + b"1,2\n" * 700_000))):
        assert dict(refusal(write(tmp_path, name, content)).values) == {"file": name, "most": 2}


def test_the_format_follows_from_the_first_bytes_or_the_ending(tmp_path: Path) -> None:
    for name, content in (
        ("LOG.XES", XES),
        ("log.xml", XES),
        ("LOG.XES.GZ", gzip.compress(XES.encode())),
        ("packed.xes", gzip.compress(XES.encode())),
        ("log.txt", ROWS),
        ("LOG.TSV.GZ", gzip.compress(ROWS.replace(",", "\t").encode())),
        ("log.txt.gz", gzip.compress(ROWS.encode())),
        ("plain.csv.gz", ROWS),
    ):
        assert len(read_raw(write(tmp_path, name, content)).frame) in (1, 20), name
    book = openpyxl.Workbook()
    for row in ("case", "time"), ("1", "2014-01-06 09:00"):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(tmp_path / "book.csv")
    assert len(read_raw(tmp_path / "book.csv").frame) == 1
    for name, content, key in (
        ("LOG.TOML", "format = 1", "scenario"),
        ("log.gz", gzip.compress(b"a,b\n1,2\n"), "compressed"),
        ("log.doc", b"\xd0\xcf\x11\xe0....", "old_excel"),
    ):
        assert refusal(write(tmp_path, name, content)).key == f"eventlog.fault.{key}"


def test_what_is_wrong_with_an_encoding_is_told_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_DECODED_BYTES", 16)
    half = ROWS.encode("utf-16-le")
    bad = b"\xff\xfe" + half + b"\x00\xdc" + "\n".encode("utf-16-le")
    assert dict(refusal(write(tmp_path, "a.csv", bad)).values) == {"file": "a.csv", "position": len(half) + 3}
    big = b"\xfe\xff" + ROWS.encode("utf-16-be")
    assert len(read_raw(write(tmp_path, "b.csv", big)).frame) == 20
    assert refusal(write(tmp_path, "c.csv", big[:-1])).key == "eventlog.fault.cut"
    for tail, key in ((b"\xe7\xaa", "cut"), (b"\xff\n", "encoding"), ("窗".encode("gb18030")[:1], "cut")):
        assert refusal(write(tmp_path, "d.csv", ROWS.encode() + tail)).key == f"eventlog.fault.{key}", tail


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_table_has_at_most_500_columns(ending: str, tmp_path: Path) -> None:
    for number, is_read in ((500, True), (501, False)):
        heading, row = [f"c{n}" for n in range(number)], ["1"] * number
        file = tmp_path / f"{number}.{ending}"
        if ending == "csv":
            write(tmp_path, file.name, "\n".join(map(",".join, (heading, row))))
        else:
            book = openpyxl.Workbook(write_only=True)
            sheet = book.create_sheet()
            sheet.append([*heading, None, " "])
            sheet.append(row)
            book.save(file)
        if is_read:
            assert read_raw(file).frame.shape == (1, 500)
        else:
            with pytest.raises(HallplanError) as failure:
                read_raw(file)
            assert failure.value.key == "eventlog.fault.too_wide"
            assert failure.value.values["most"] == 500


def test_a_delimiter_is_the_one_that_cuts_most_lines_alike(tmp_path: Path) -> None:
    for delimiter, name in ((",", ","), (";", ";"), ("\t", "TAB"), ("|", "|")):
        rows = [delimiter.join(("case", "note", "time")), delimiter.join(("1", "a, b; c", "2014-01-06"))]
        rows += [delimiter.join(("2", '"x,y,z"', "2014-01-06")) for _ in range(3)]
        raw = read_raw(write(tmp_path, "log.csv", "\n".join(rows)))
        assert list(raw.frame.columns) == ["case", "note", "time"], delimiter
        assert raw.notes[0].values == {"file": "log.csv", "encoding": "UTF-8", "delimiter": name}
    encodings = {"utf-8-sig": "UTF-8", "gb18030": "GB18030", "utf-16": "UTF-16"}
    for encoding, name in encodings.items():
        raw = read_raw(write(tmp_path, "log.csv", f"窗口,时间\n{ROWS}".encode(encoding)))
        assert raw.notes[0].values["encoding"] == name


def test_a_cell_may_hold_lines_and_empty_rows_count(tmp_path: Path) -> None:
    raw = read_raw(write(tmp_path, "log.csv", 'title\n\ncase,note\n1,"a\nb"\n\n2,c\n3\n4,d\n5,e,f\n6,g\n'))
    assert raw.frame["note"].tolist() == ["a\nb", "c", "d", "g"]
    assert raw.row.tolist() == [4, 6, 8, 10]
    assert raw.misfits == [("log.csv", 7), ("log.csv", 9)]


def test_progress_of_a_workbook_is_told_by_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_PROGRESS_ROWS", 3)
    book = openpyxl.Workbook()
    for n in range(8):
        book.active.append([f"a{n}", "b"])  # type: ignore[union-attr]
    book.save(tmp_path / "log.xlsx")
    reports: list[tuple[int, int]] = []
    read_raw(tmp_path / "log.xlsx", lambda *progress: reports.append(progress))
    assert reports == [(3, 1_048_576), (6, 1_048_576)]


def test_progress_of_reading_is_told_in_thousandths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xes, "_BLOCK_BYTES", len(XES) // 2)
    reports: list[tuple[int, int]] = []
    read_log(write(tmp_path, "log.xes", XES), progress=lambda *progress: reports.append(progress))
    assert reports[-4:] == [(625, 1000), (750, 1000), (875, 1000), (1000, 1000)]
    assert reports[0] == (round(500 * (len(XES) // 2) / len(XES)), 1000)
    several: list[tuple[int, int]] = []
    paths = [write(tmp_path, name, ROWS) for name in ("a.csv", "b.csv")]
    read_log(paths, progress=lambda *progress: several.append(progress))
    assert several == [(250, 1000), (500, 1000), (625, 1000), (750, 1000), (875, 1000), (1000, 1000)]


def test_half_of_the_rows_may_be_of_no_use_and_no_more(tmp_path: Path) -> None:
    good, stated = ROWS.splitlines()[:6], {"stamp": "time"}
    for row, key in (("9,b,soon", "stamp"), ("9,b", "cells")):
        rows = [f"{row}{n}" if key == "stamp" else row for n in range(6)]
        assert len(read_log(write(tmp_path, "a.csv", "\n".join([*good, *rows[:5]])), mapping=stated).rejected) == 5
        failure = refusal(write(tmp_path, "a.csv", "\n".join([*good, *rows])), **stated)
        assert failure.key == "eventlog.fault.mostly_bad"
        assert (failure.values["bad"], failure.values["rows"]) == (6, 11)
        assert failure.values["reason"].key == f"eventlog.reason.{key}"
    repeated = write(tmp_path, "b.csv", "\n".join([*good, *good[1:3] * 20]))
    assert len(read_log(repeated).events) == 5


def test_rows_know_their_file() -> None:
    frame = pd.DataFrame({"a": list("abcd")})
    raw = RawTable(frame, np.arange(4), "x, y, z", files=[("x", 1), ("y", 0), ("z", 3)])
    assert raw.file_of(np.array([0, 1, 3])) == ["x", "z", "z"]
    assert RawTable(frame, np.arange(4), "x").files == [("x", 4)]


def test_cells_of_a_workbook_become_texts() -> None:
    for cell, text in (
        (None, ""),
        (" a ", "a"),
        (3.0, "3"),
        (-2.5, "-2.5"),
        (999_999_999_999_999.0, "999999999999999"),
        (1e15, "1000000000000000.0"),
        (-1e15, "-1000000000000000.0"),
        (True, "True"),
        (dt.datetime(2014, 3, 3, 9, 5), "2014-03-03 09:05:00"),  # noqa: DTZ001 - the wall's clock
        (dt.time(9, 5), "09:05:00"),
    ):
        assert workbook._text(cell) == text, cell


def test_a_workbook_of_a_heading_alone_is_refused_by_name(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["case", "time"])  # type: ignore[union-attr]
    book.save(tmp_path / "log.xlsx")
    failure = refusal(tmp_path / "log.xlsx")
    assert (failure.key, dict(failure.values)) == ("eventlog.fault.no_rows", {"file": "log.xlsx"})
