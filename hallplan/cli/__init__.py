"""The command line: from the words after ``hallplan`` to what is printed, and an exit code.

Input: words.  Output: tables or JSON on standard output, one sentence on standard error where something is wrong.
"""

from hallplan.cli.main import main

__all__ = ["main"]
