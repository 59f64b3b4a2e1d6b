"""Do published figures agree?  What they contradict, what they leave open, and what can't be compared.

Input: a ledger with all that follows from it.  Output: :class:`Check`, each one sentence with the numbers that it is
about.  A check never says who is right.  A check that rests on an assumption never says "contradiction".
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
    """Hold the figures of a ledger against one another.

    Parameters
    ----------
    ledger
        With all that follows from it (:func:`calibration.facts.identities.with_identities`).

    Returns
    -------
    tuple of Check
        The worst first, as :data:`VERDICTS` ranks them; each check only where its figures are known.
    """
    results = [check for rule in _RULES for check in rule(ledger)]
    return tuple(sorted(results, key=lambda check: VERDICTS.index(check.verdict)))
