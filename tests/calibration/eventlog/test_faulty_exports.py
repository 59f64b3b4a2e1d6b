"""Exports as halls make them: cut off, compressed, overlapping, with a wrong year."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from calibration.eventlog import read_log
from calibration.eventlog.read import files
from foundation.errors import HallplanError

HEADING = "票号,业务类型,取号时间,叫号时间,结束时间,窗口"
ROWS = [
    f"B{number:02d},户籍,{hour}:10,{hour}:15,{hour}:31,3"
    for number, hour in enumerate(f"2015-04-{day:02d} {hour:02d}" for day in (7, 8, 9) for hour in (9, 10, 14, 15))
]
TEXT = "\n".join([HEADING, *ROWS]) + "\n"


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("encoding", "cut", "key"),
    [
        ("utf-16", TEXT.encode("utf-16")[:-1], "cut"),
        ("utf-8", TEXT.encode() + "窗".encode()[:2], "cut"),
        ("gb18030", TEXT.encode("gb18030") + "窗".encode("gb18030")[:1], "cut"),
        ("utf-16", TEXT.encode("utf-16") + b"\x00\xdc" + "\n".encode("utf-16-le"), "utf16"),
    ],
)
def test_a_text_with_half_a_character_is_refused_in_one_sentence(
    tmp_path: Path, encoding: str, cut: bytes, key: str
) -> None:
    with pytest.raises(HallplanError) as caught:
        read_log(written(tmp_path, f"{encoding}.csv", cut))
    assert caught.value.key == f"eventlog.fault.{key}"


def test_a_heading_without_rows_is_said_to_have_none(tmp_path: Path) -> None:
    for name, content in (("a.csv", HEADING.encode()), ("b.csv", (HEADING + "\n").encode())):
        with pytest.raises(HallplanError) as caught:
            read_log(written(tmp_path, name, content))
        assert caught.value.key == "eventlog.fault.no_rows"


def test_a_compressed_csv_file_is_read_as_it_is_and_its_content_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = read_log(written(tmp_path, "log.csv", TEXT.encode()))
    packed = written(tmp_path, "log.csv.gz", gzip.compress(TEXT.encode()))
    columns = ["ready", "start", "end", "row"]
    assert read_log(packed).events[columns].equals(plain.events[columns])
    with pytest.raises(HallplanError) as caught:
        read_log(written(tmp_path, "cut.csv.gz", gzip.compress(TEXT.encode())[:-20]))
    assert caught.value.key == "eventlog.fault.broken_gzip"
    monkeypatch.setattr(files, "MAX_BYTES", 600)
    with pytest.raises(HallplanError) as caught:
        read_log(packed)
    assert caught.value.key == "eventlog.fault.too_large"


def test_overlapping_exports_count_every_row_once(tmp_path: Path) -> None:
    first = written(tmp_path, "first.csv", "\n".join([HEADING, *ROWS[:8]]).encode())
    second = written(tmp_path, "second.csv", "\n".join([HEADING, *ROWS[4:]]).encode())
    log = read_log([first, second, second])
    assert len(log.events) == len(ROWS)
    assert log.rejected.by_reason() == {"eventlog.reason.repeated": 4 + 8}
    assert set(log.rejected.rows["source"]) == {"second.csv"}


def test_equal_rows_without_case_numbers_are_two_visitors_in_one_file_and_one_in_two(tmp_path: Path) -> None:
    rows = ["取号时间,叫号时间,结束时间", *["2015-04-07 09:00,2015-04-07 09:05,2015-04-07 09:10"] * 2]
    rows += ["2015-04-07 09:00,2015-04-07 09:06,2015-04-07 09:12"]
    files_ = [written(tmp_path, name, "\n".join(rows).encode()) for name in ("a.csv", "b.csv")]
    assert len(read_log(files_[:1], kind="tickets").events) == 3
    assert len(read_log(files_, kind="tickets").events) == 3


def test_a_ticket_of_many_years_is_rejected_by_name_and_does_not_stretch_the_log(tmp_path: Path) -> None:
    wrong = ROWS[5].replace("2015-04-08 10:31", "2031-04-08 10:31")
    log = read_log(written(tmp_path, "log.csv", "\n".join([HEADING, *ROWS[:5], wrong, *ROWS[6:]]).encode()))
    assert log.rejected.by_reason() == {"eventlog.reason.overlong": 1}
    assert log.rejected.rows["row"].tolist() == [7]
    assert log.events["end"].max().year == 2015
