"""Do published figures agree?  Contradictions, open questions, and figures that cannot be compared.

Input: a ledger with all derived figures.  Output: :class:`Check`, each a sentence with the numbers that it compares.
A check never says which figure is right.  A check that rests on an assumption never says "contradiction".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from calibration.facts.checks import counts, percentages
from calibration.facts.checks.check import VERDICTS, Check, Verdict
from calibration.facts.ledger import Ledger

__all__ = ["VERDICTS", "Check", "Verdict", "checks"]

_RULES: Final[tuple[Callable[[Ledger], Iterator[Check]], ...]] = (*counts.RULES, *percentages.RULES)


def checks(ledger: Ledger) -> tuple[Check, ...]:
    """Compare the figures of a ledger with each other.

    Parameters
    ----------
    ledger
        With all derived figures (:func:`calibration.facts.identities.with_identities`).

    Returns
    -------
    tuple of Check
        The worst verdict first, by :data:`VERDICTS`.  A check is left out if one of its figures is unknown.
    """
    results = [check for rule in _RULES for check in rule(ledger)]
    return tuple(sorted(results, key=lambda check: VERDICTS.index(check.verdict)))
