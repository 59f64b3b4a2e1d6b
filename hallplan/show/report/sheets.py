"""A report as an XLSX workbook: numbers are numbers, with charts that the spreadsheet draws itself.

Input: a :class:`~hallplan.show.report.blocks.Report`.  Output: the bytes of the file: a sheet of figures with a chart a
metric, and the texts and tables of the report.
"""

from __future__ import annotations

import io
import math
from typing import Any, Final

import pandas as pd

from foundation import messages
from foundation.workbooks import write_text
from hallplan.show.report.archive import timeless
from hallplan.show.report.blocks import Figure, Listing, Record, Report, Section, Sentences
from hallplan.show.report.figures import CHARTED
from hallplan.show.report.lettering import plain_line
from hallplan.show.text_table import TextTable

__all__ = ["xlsx_bytes"]

_NUMBERS: Final = ("mean", "low", "high", "change", "change_low", "change_high")
_FORMATS: Final = {
    "share": "0.0%",
    "minutes": "0.0",
    "hours": "0.00",
    "days": "0.00",
    "yuan": "#,##0",
    "count": "#,##0.0",
}
_BELOW, _ABOVE, _LAST = 10, 11, 11
"""Columns of what the error bars reach below and above a mean; and the last column."""
_WIDE, _NARROW = 44, 15
_WIDTH_CM, _HEIGHT_CM = 16.0, 7.5
_ROWS_A_CHART: Final = 16


def xlsx_bytes(report: Report) -> bytes:
    """Return the report as a workbook."""
    import openpyxl

    book = openpyxl.Workbook()
    with messages.using(report.language):
        text: Any = book.active
        text.title = messages.text("report.sheet.text")
        figures = book.create_sheet(messages.text("report.sheet.figures"))
        _write_figures(figures, report.numbers)
        _write_text(text, report)
    book.properties.title, book.properties.creator = plain_line(report.title), "Hallplan"
    stream = io.BytesIO()
    book.save(stream)
    return timeless(stream.getvalue())


# ---- figures -------------------------------------------------------------------------------------------------------


def _write_figures(sheet: Any, numbers: pd.DataFrame) -> None:
    """Write one row a metric and plan, and a chart of each metric that the report's chart shows."""
    heads = [
        "report.column.metric",
        "report.column.plan",
        *(f"report.sheet.{name}" for name in (*_NUMBERS, "judgement")),
    ]
    for column, key in enumerate([*heads, "report.sheet.below", "report.sheet.above"], 1):
        _bold(sheet, 1, column, messages.text(key))
    for line, row in enumerate(numbers.to_dict("records"), 2):
        write_text(sheet.cell(line, 1), plain_line(row["title"]))
        write_text(sheet.cell(line, 2), plain_line(row["plan_title"]))
        values = [*(row[name] for name in _NUMBERS), row["mean"] - row["low"], row["high"] - row["mean"]]
        for column, value in zip((*range(3, 9), _BELOW, _ABOVE), values, strict=True):
            if math.isfinite(value):
                cell = sheet.cell(line, column, float(value))
                cell.number_format = _FORMATS[row["kind"]]
        if row["judgement"]:
            write_text(sheet.cell(line, 9), messages.text(f"report.judgement.{row['judgement']}"))
    _set_widths(sheet, [_WIDE, _WIDE, *[_NARROW] * (_LAST - 2)])
    sheet.freeze_panes = "C2"
    charted = [key for key in CHARTED if key in set(numbers["metric"])]
    top = len(numbers) + 3
    for place, key in enumerate(charted):
        lines = [line for line, metric in enumerate(numbers["metric"], 2) if metric == key]
        title = plain_line(numbers.loc[numbers["metric"] == key, "title"].iloc[0])
        chart = _chart(sheet, title, lines[0], lines[-1])
        sheet.add_chart(chart, f"A{top + _ROWS_A_CHART * place}")
    _fit_width(sheet)


def _chart(sheet: Any, title: str, first: int, last: int) -> Any:
    """Return a bar chart of the means of one metric, with their intervals."""
    from openpyxl.chart import BarChart, Reference
    from openpyxl.chart.data_source import NumDataSource, NumRef
    from openpyxl.chart.error_bar import ErrorBars
    from openpyxl.utils import get_column_letter, quote_sheetname

    def cells(column: int) -> Any:
        letter = get_column_letter(column)
        where = f"{quote_sheetname(sheet.title)}!${letter}${first}:${letter}${last}"
        return NumDataSource(numRef=NumRef(f=where))

    chart: Any = BarChart()
    chart.type, chart.title, chart.legend = "bar", title, None
    chart.width, chart.height = _WIDTH_CM, _HEIGHT_CM
    chart.add_data(Reference(sheet, min_col=3, min_row=first, max_row=last), titles_from_data=False)
    chart.set_categories(Reference(sheet, min_col=2, min_row=first, max_row=last))
    (series,) = chart.series
    series.errBars = ErrorBars(errBarType="both", errValType="cust", plus=cells(_ABOVE), minus=cells(_BELOW))
    series.graphicalProperties.solidFill = "0072B2"
    chart.y_axis.scaling.min, chart.y_axis.delete, chart.x_axis.delete = 0, False, False
    chart.x_axis.scaling.orientation = "maxMin"  # the first plan stands on top
    return chart


# ---- texts ---------------------------------------------------------------------------------------------------------


def _write_text(sheet: Any, report: Report) -> None:
    """Write titles, sentences and tables, one below the other."""
    _bold(sheet, 1, 1, plain_line(report.title), size=14)
    line = 3
    for section in report.sections:
        _bold(sheet, line, 1, section.title, size=12)
        line = _write_section(sheet, section, line + 1) + 1
    widest = max((len(row) for section in report.sections for row in _rows(section)), default=1)
    _set_widths(sheet, [_WIDE, *[_NARROW * 2] * (widest - 1)])
    sheet.sheet_view.showGridLines = False
    _fit_width(sheet)


def _write_section(sheet: Any, section: Section, line: int) -> int:
    """Write a section and return the line below it."""
    from openpyxl.styles import Font

    heads = [
        tuple(column.title for column in block.columns) for block in section.blocks if isinstance(block, TextTable)
    ]
    for row in _rows(section):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(line, column)
            if value.isdecimal() and len(row) > 1:
                cell.value = int(value)
            else:
                write_text(cell, plain_line(value))
            if row in heads:
                cell.font = Font(bold=True)
        line += 1
    return line


def _rows(section: Section) -> list[tuple[str, ...]]:
    """Return what a section says as rows of cells; the chart stands on the sheet of figures."""
    rows: list[tuple[str, ...]] = []
    for block in section.blocks:
        match block:
            case Sentences():
                rows += [(text,) for text in block.texts]
            case Listing():
                rows += [(point,) for point in block.points]
            case Record():
                rows += [*block.rows, (messages.text("report.record.command"), block.command)]
            case Figure():
                rows.append((block.title,))
            case _:
                rows += [tuple(column.title for column in block.columns), *block.rows]
    return rows


def _fit_width(sheet: Any) -> None:
    """Print a sheet as wide as the page, whose long side lies."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _bold(sheet: Any, line: int, column: int, text: str, *, size: int = 11) -> None:
    from openpyxl.styles import Alignment, Font

    cell: Any = sheet.cell(line, column)
    write_text(cell, text)
    cell.font = Font(bold=True, size=size)
    cell.alignment = Alignment(wrap_text=column > 1, vertical="top")


def _set_widths(sheet: Any, widths: list[int]) -> None:
    from openpyxl.utils import get_column_letter

    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
