"""A finding: one quantity that a log shows, with its interval, its test, and a sentence.

Input: numbers that the other modules of discovery have estimated.
Output: a :class:`Finding`, and frames of many.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from calibration.discovery.laws.families import ALPHA
from foundation import messages

__all__ = ["Finding", "findings_frame", "fit_verdict"]


@dataclass(frozen=True)
class Finding:
    """One thing learnt from a log.

    Attributes
    ----------
    key
        What it is: the last part of a key ``discovery.finding.<key>`` of the catalogue.
    subject
        Of what: a service, an activity, a pool; "" for the whole log.
    estimate, low, high
        The value and its 95% interval; not-a-number where there is none.
    unit
        ``per_day``, ``minutes``, ``hours``, ``days``, ``share``, ``count``, ``ratio``, or "".
    n
        How many observations it rests on.
    p_value
        Of the test of its form; not-a-number where nothing was tested.
    test
        Which test: the last part of a key ``discovery.test.<test>``, or "".
    values
        What else the words need.
    assumed
        The log can't tell it: what stands there is an assumption.
    """

    key: str
    subject: str = ""
    estimate: float = math.nan
    low: float = math.nan
    high: float = math.nan
    unit: str = ""
    n: int = 0
    p_value: float = math.nan
    test: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    assumed: bool = False

    def title(self, language: messages.Language | None = None) -> str:
        """Return what the finding is about."""
        return messages.text(f"discovery.finding.{self.key}.title", language)

    def words(self, language: messages.Language | None = None) -> str:
        """Return what was found, in one sentence."""
        catalogue = messages.catalogue()
        values = {
            name: messages.text(value, language) if isinstance(value, str) and value in catalogue else value
            for name, value in self.values.items()
        }
        return messages.text(f"discovery.finding.{self.key}.words", language, **values)

    def test_name(self, language: messages.Language | None = None) -> str:
        """Return which test the p-value belongs to, or ""."""
        return messages.text(f"discovery.test.{self.test}", language) if self.test else ""


def fit_verdict(p_value: float) -> str:
    """Return the key of the words for the result of a test of fit."""
    if math.isnan(p_value):
        return "discovery.word.untested"
    return "discovery.word.fits" if p_value >= ALPHA else "discovery.word.fits_not"


def findings_frame(findings: Iterable[Finding], language: messages.Language | None = None) -> pd.DataFrame:
    """Return one row a finding: key, subject, estimate, interval, unit, n, p-value, test, and the words."""
    rows = [
        {
            "finding": finding.key,
            "subject": finding.subject,
            "estimate": finding.estimate,
            "low": finding.low,
            "high": finding.high,
            "unit": finding.unit,
            "n": finding.n,
            "p_value": finding.p_value,
            "test": finding.test_name(language),
            "assumed": finding.assumed,
            "words": finding.words(language),
        }
        for finding in findings
    ]
    return pd.DataFrame(rows)
