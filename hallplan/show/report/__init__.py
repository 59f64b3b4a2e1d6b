"""Reports of a comparison for people who decide: a page for the leader, or chosen sections, as HTML, Word and Excel.

Input: a comparison of two to six plans, with the scenarios as composed.  Output: a :class:`Report`, and the bytes of
its files.  The same comparison makes the same bytes: nothing in a file says when or where it was made.
"""

from hallplan.show.report.blocks import Report, Section
from hallplan.show.report.content import BRIEF, MOST_PLANS, SECTIONS, check_plans, report_of, requested_sections
from hallplan.show.report.document import report_document, report_tables
from hallplan.show.report.source import ReportSource
from hallplan.show.report.writing import FORMATS, requested_formats, write_report

__all__ = [
    "BRIEF",
    "FORMATS",
    "MOST_PLANS",
    "SECTIONS",
    "Report",
    "ReportSource",
    "Section",
    "check_plans",
    "report_document",
    "report_of",
    "report_tables",
    "requested_formats",
    "requested_sections",
    "write_report",
]
