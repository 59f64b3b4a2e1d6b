"""Archives that are no workbook or would fill the memory are recognised; tables become workbooks without formulas."""

import io
import zipfile

import openpyxl
import pytest

from foundation import workbooks
from foundation.workbooks import archive_fault, table_workbook


def archive(path, **parts):
    """Write an archive whose parts have these sizes, in bytes of zeros."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, size in parts.items():
            file.writestr(name.replace("__", "/").replace("_", "."), bytes(size))
    return path


WORKBOOK = {"xl__workbook_xml": 10}


def test_an_archive_with_a_workbook_may_be_opened(tmp_path):
    assert archive_fault(archive(tmp_path / "a.xlsx", data_xml=10, **WORKBOOK)) is None


def test_an_archive_without_a_workbook_is_none(tmp_path):
    assert archive_fault(archive(tmp_path / "a.xlsx", data_xml=10)) == ("not_xlsx", {})


def test_a_file_that_is_no_archive_is_told_with_the_reason(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"no archive")
    assert archive_fault(tmp_path / "a.xlsx") == ("broken_xlsx", {"reason": "File is not a zip file"})


def test_a_long_reason_is_cut(tmp_path, monkeypatch):
    def fail(path):
        raise zipfile.BadZipFile("x" * 300)

    monkeypatch.setattr(workbooks.zipfile, "ZipFile", fail)
    assert archive_fault(tmp_path) == ("broken_xlsx", {"reason": "x" * 200})


def test_a_file_that_cannot_be_read_is_a_matter_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        archive_fault(tmp_path / "none.xlsx")


def test_a_part_of_over_a_million_bytes_that_unpacks_over_two_hundredfold_is_a_bomb(tmp_path):
    assert archive_fault(archive(tmp_path / "b.xlsx", big_xml=1_000_001, **WORKBOOK)) == ("bomb", {"part": "big.xml"})
    assert archive_fault(archive(tmp_path / "c.xlsx", big_xml=1_000_000, **WORKBOOK)) is None


def member(size, compressed):
    info = zipfile.ZipInfo("big.xml")
    info.file_size, info.compress_size = size, compressed
    return info


@pytest.mark.parametrize(
    ("size", "compressed", "is_bomb"),
    [
        (500_000_000, 250_000_000, False),
        (500_000_001, 250_000_000, True),
        (2_000_000, 10_000, False),
        (2_000_001, 10_000, True),
        (1_000_001, 0, True),
    ],
)
def test_sizes_are_judged_at_their_limits(tmp_path, monkeypatch, size, compressed, is_bomb):
    path = archive(tmp_path / "a.xlsx", **WORKBOOK)
    members = [member(size, compressed), zipfile.ZipInfo("xl/workbook.xml")]
    monkeypatch.setattr(zipfile.ZipFile, "infolist", lambda self: members)
    assert archive_fault(path) == (("bomb", {"part": "big.xml"}) if is_bomb else None)


def test_tables_become_sheets_whose_texts_are_never_formulas():
    content = table_workbook([("A", [("=1+1", 2.5)]), ("B", [("bell\x07", "")])])
    first, second = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    cell = first["A1"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=1+1", "s", True)
    assert (first["B1"].value, first["B1"].data_type) == (2.5, "n")
    assert (second.title, second["A1"].value) == ("B", "bell")
