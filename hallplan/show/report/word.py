"""A report as a DOCX file, for Word and WPS: tables are tables, and Chinese has Chinese fonts.

Input: a :class:`~hallplan.show.report.blocks.Report`.  Output: the bytes of the file.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from foundation import messages
from foundation.messages import Language
from hallplan.show.report.archive import timeless
from hallplan.show.report.blocks import Block, Figure, Listing, Record, Report, Sentences
from hallplan.show.report.lettering import letters_wide, plain_line
from hallplan.show.report.picture import png
from hallplan.show.text_table import TextTable

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import _Cell

__all__ = ["docx_bytes"]

_BODY, _HEADING = ("Arial", "SimSun"), ("Arial", "SimHei")
"""Fonts of Latin and of Chinese letters that Word and WPS have."""
_STYLES: Final = {
    "Normal": _BODY,
    "List Bullet": _BODY,
    "Caption": _BODY,
    "Title": _HEADING,
    "Heading 1": _HEADING,
    "Heading 2": _HEADING,
}
_LANGUAGES: Final[dict[Language, str]] = {"en": "en-GB", "zh": "zh-CN"}
_MARGIN_MM, _WIDTH_MM = 16, 178
_INK, _WARNING, _SHADE = "1F2630", "B34700", "F3F5F7"
_PT: Final = {"brief": 9.5, "many": 8, "full": 10.5}
"""Size of letters: of the page for the leader, of one with many plans, of a full report."""
_FEW_PLANS: Final = 3
_LEAST_LETTERS, _MOST_LETTERS = 11, 36
"""Half-width letters by which the width of a column is measured."""


def docx_bytes(report: Report) -> bytes:
    """Return the report as a DOCX document."""
    import docx

    document = docx.Document()
    size = _PT["full"] if not report.is_brief else _PT["brief" if report.plans <= _FEW_PLANS else "many"]
    _set_up(document, report, size)
    document.add_paragraph(plain_line(report.title), style="Title")
    with messages.using(report.language):
        for place, section in enumerate(report.sections):
            if place > 0 or not report.is_brief:  # the answer of the brief needs no heading
                document.add_heading(section.title, level=1)
            for block in section.blocks:
                _add(document, block, size)
    stream = io.BytesIO()
    document.save(stream)
    return timeless(stream.getvalue())


def _set_up(document: Document, report: Report, size: float) -> None:
    """Set the page, the fonts and the properties of a document."""
    from docx.shared import Mm, Pt, RGBColor

    (page,) = document.sections
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(_MARGIN_MM)
    sizes = {"Title": 1.6 * size, "Heading 1": 1.15 * size, "Heading 2": 1.05 * size, "Caption": 0.85 * size}
    for name, (latin, chinese) in _STYLES.items():
        style: Any = document.styles[name]
        style.font.size = Pt(round(2 * sizes.get(name, size)) / 2)
        style.font.color.rgb = RGBColor.from_string(_INK)
        style.font.italic = False
        is_heading = name in ("Title", "Heading 1", "Heading 2")
        style.font.bold = is_heading
        style.paragraph_format.space_before = Pt(size / 2 if is_heading and name != "Title" else 0)
        style.paragraph_format.space_after = Pt(size / 4)
        style.paragraph_format.line_spacing = 1.1
        _set_fonts(style.element.get_or_add_rPr(), latin, chinese, _LANGUAGES[report.language])
    _without_rule(document.styles["Title"])
    properties = document.core_properties
    properties.title, properties.author, properties.comments = plain_line(report.title), "Hallplan", ""
    properties.language = _LANGUAGES[report.language]


def _set_fonts(run: Any, latin: str, chinese: str, language: str) -> None:
    """Name the fonts of a style: Chinese letters take theirs from the attribute ``eastAsia``."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    fonts = run.get_or_add_rFonts()
    for attribute in list(fonts.attrib):  # fonts of the theme would win
        del fonts.attrib[attribute]
    for attribute, font in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", chinese)):
        fonts.set(qn(f"w:{attribute}"), font)
    tag = OxmlElement("w:lang")
    tag.set(qn("w:val"), language if language != "zh-CN" else "en-GB")
    tag.set(qn("w:eastAsia"), "zh-CN")
    run.append(tag)


def _without_rule(style: Any) -> None:
    """Take the rule below a title away."""
    from docx.oxml.ns import qn

    for border in style.element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)


def _add(document: Document, block: Block, size: float) -> None:
    match block:
        case Sentences():
            for text in block.texts:
                _add_sentence(document, text, block.tone)
        case Listing():
            for point in block.points:
                document.add_paragraph(plain_line(point), style="List Bullet")
        case Figure():
            _add_figure(document, block)
        case Record():
            rows = tuple((name, value) for name, value in block.rows)
            if rows:
                _add_rows(document, rows, (False, False), size)
            label = messages.text("report.record.command")
            document.add_paragraph(plain_line(f"{label}: {block.command}"), style="Caption")
        case TextTable():
            heads = tuple(column.title for column in block.columns)
            kinds = tuple(column.is_number for column in block.columns)
            _add_rows(document, (heads, *block.rows), kinds, size, has_heads=True)


def _add_sentence(document: Document, text: str, tone: str) -> None:
    from docx.shared import RGBColor

    paragraph = document.add_paragraph(style="Caption" if tone == "caption" else "Normal")
    run = paragraph.add_run(plain_line(text))
    if tone == "warning":
        run.bold = True
        run.font.color.rgb = RGBColor.from_string(_WARNING)


def _add_figure(document: Document, figure: Figure) -> None:
    from docx.shared import Mm

    document.add_paragraph(plain_line(figure.title), style="Heading 2")
    document.add_picture(io.BytesIO(png(figure.frame)), width=Mm(_WIDTH_MM))
    drawing: Any = document.inline_shapes[-1]
    drawing._inline.docPr.set("descr", figure.description)


def _add_rows(
    document: Document,
    rows: tuple[tuple[str, ...], ...],
    kinds: tuple[bool, ...],
    size: float,
    *,
    has_heads: bool = False,
) -> None:
    """Add a table; columns of numbers are set to the right, headings are shaded and come again on every page."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement
    from docx.shared import Mm

    table: Any = document.add_table(rows=len(rows), cols=len(kinds), style="Table Grid")
    widths = _widths(rows)
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for place, (line, row) in enumerate(zip(table.rows, rows, strict=True)):
        is_head = has_heads and place == 0
        line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, text, is_number, width in zip(line.cells, row, kinds, widths, strict=True):
            cell.width = Mm(width)
            _fill(cell, plain_line(text), size=0.85 * size, is_number=is_number, is_bold=is_head)
        if is_head:
            line._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
            for cell in line.cells:
                shade = OxmlElement("w:shd")
                shade.set(qn("w:val"), "clear")
                shade.set(qn("w:fill"), _SHADE)
                cell._tc.get_or_add_tcPr().append(shade)
    document.add_paragraph(style="Caption")


def _widths(rows: tuple[tuple[str, ...], ...]) -> list[float]:
    """Return the widths of columns in mm, by the longest text of each; a long text is broken into lines."""
    longest = [max(map(letters_wide, column)) for column in zip(*rows, strict=True)]
    weights = [min(max(length, _LEAST_LETTERS), _MOST_LETTERS) for length in longest]
    return [_WIDTH_MM * weight / sum(weights) for weight in weights]


def _fill(cell: _Cell, text: str, *, size: float, is_number: bool, is_bold: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    (paragraph,) = cell.paragraphs
    paragraph.paragraph_format.space_after = Pt(0)
    if is_number:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = paragraph.add_run(text)
    run.bold = is_bold
    run.font.size = Pt(round(2 * size) / 2)
