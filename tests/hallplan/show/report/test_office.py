"""Reports for Word, WPS and spreadsheets: tables are tables, numbers are numbers, and texts stay texts."""

import io
import math
import zipfile

import docx
import openpyxl
import pytest
from cases import for_each
from docx.oxml.ns import qn
from report_plans import source_of, two_plans
from report_samples import NUMBERS

from foundation import messages
from hallplan.show.report import SECTIONS, report_of
from hallplan.show.report.archive import timeless
from hallplan.show.text_table import TextTable

HOSTILE = "=1+1 <w:b/> \u202e &amp; $x^2$"


def report(source=None, sections=SECTIONS, language="en"):
    with messages.using(language):
        return report_of(source or two_plans(), sections)


def document_of(made):
    return docx.Document(io.BytesIO(made.file("docx")))


def book_of(made):
    return openpyxl.load_workbook(io.BytesIO(made.file("xlsx")))


def hostile_source():
    return source_of(({}, NUMBERS), ({"title__en": HOSTILE, "title__zh": HOSTILE}, NUMBERS))


@for_each("language", ["en", "zh"])
def test_tables_of_a_document_are_those_of_the_report(language):
    made = report(language=language)
    tables = [block for section in made.sections for block in section.blocks if isinstance(block, TextTable)]
    written = [[[cell.text for cell in row.cells] for row in table.rows] for table in document_of(made).tables]
    for table in tables:
        assert [[column.title for column in table.columns], *map(list, table.rows)] in written


@for_each("name", ["Normal", "Title", "Heading 1", "List Bullet"])
def test_chinese_letters_of_a_document_have_a_chinese_font(name):
    fonts = document_of(report(language="zh")).styles[name].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) in ("SimSun", "SimHei")
    assert fonts.get(qn("w:eastAsiaTheme")) is None


def test_a_document_has_the_chart_with_words_for_who_does_not_see_it():
    (picture,) = document_of(report(sections=("figures",))).inline_shapes
    assert "the average, with its range" in picture._inline.docPr.get("descr")


def test_a_document_shows_titles_of_plans_as_text():
    document = document_of(report(hostile_source()))
    assert "=1+1 <w:b/> &amp; $x^2$" in document.paragraphs[0].text.replace("\u202e ", "")


@for_each("language", ["en", "zh"])
def test_figures_of_a_workbook_are_the_numbers_of_the_comparison(language):
    made = report(language=language)
    sheet = book_of(made).worksheets[1]
    rows = list(sheet.iter_rows(min_row=2, max_row=len(made.numbers) + 1, max_col=8, values_only=True))
    for written, row in zip(rows, made.numbers.to_dict("records"), strict=True):
        expected = [row[name] for name in ("mean", "low", "high", "change", "change_low", "change_high")]
        numbers = [math.nan if value is None else value for value in written[2:]]
        assert numbers == pytest.approx(expected, rel=1e-15, abs=0, nan_ok=True)  # a workbook holds 16 digits


def test_a_workbook_has_a_chart_of_its_own_for_each_charted_metric():
    made = report()
    sheet = book_of(made).worksheets[1]
    assert len(sheet._charts) == 3  # visits in vain, waits, cost; the hall of the tests has no mean of all cases
    (series,) = sheet._charts[0].series
    assert series.errBars.errValType == "cust"


def test_no_text_of_a_workbook_is_a_formula():
    for sheet in book_of(report(hostile_source())).worksheets:
        cells = [cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
        assert cells
        assert {cell.data_type for cell in cells} == {"s"}
        assert all(cell.quotePrefix for cell in cells)


def test_nothing_in_an_office_file_says_when_it_was_made():
    for form in ("docx", "xlsx"):
        with zipfile.ZipFile(io.BytesIO(report().file(form))) as archive:
            assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
            properties = archive.read("docProps/core.xml").decode("utf-8")
        assert properties.count("1980-01-01T00:00:00Z") == 2
        assert "20" not in "".join(part[:4] for part in properties.split('W3CDTF">')[1:])


def test_an_archive_made_timeless_keeps_its_parts():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "text")
    with zipfile.ZipFile(io.BytesIO(timeless(stream.getvalue()))) as archive:
        assert archive.read("a.txt") == b"text"
