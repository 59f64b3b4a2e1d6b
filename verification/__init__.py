"""The simulator compared with queueing theory: a hundred checks, each a scenario file, a formula and a verdict.

Input: nothing, or the names of checks and an engine.  Output: findings, a table of them, and the page
``docs/reference/verification.md``.
"""

from verification.check import ERROR_PROBABILITY, Check, ExactCheck, Finding
from verification.checks import CHAPTERS, CHECKS
from verification.page import make_page, render_page
from verification.suite import findings, run_checks, table, title_of, verify

__all__ = [
    "CHAPTERS",
    "CHECKS",
    "ERROR_PROBABILITY",
    "Check",
    "ExactCheck",
    "Finding",
    "findings",
    "make_page",
    "render_page",
    "run_checks",
    "table",
    "title_of",
    "verify",
]
