"""``hallplan claims``: a hall's published figures: what follows, what contradicts, what can't be known.

Input: a file of claims.  Output: tables or JSON.
"""

from __future__ import annotations

from hallplan.cli import options
from hallplan.cli.output import show, show_json

__all__ = ["claims_command"]


def claims_command(file: options.ClaimsName, json: options.Json = False, lang: options.Lang = None) -> None:
    """Weigh a hall's published figures: what follows, what contradicts, what can't be known."""
    from calibration.facts.claims import claims
    from hallplan.show.claims import claims_document, claims_tables

    report = claims(file)
    if json:
        show_json(claims_document(report))
    else:
        show(claims_tables(report))
