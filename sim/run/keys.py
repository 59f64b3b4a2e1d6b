"""The address of one replication's results: equal addresses mean equal results, on any machine.

Input: a scenario, measuring options, a seed and a replication.  Output: a :class:`Key`.  The address covers what
drawing, the engines and measuring read of a scenario.  Titles, descriptions, provenance and published targets change no
number and are left out, and so are the scenario's default seed and number of replications.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final

from scenarios.contents import contents_json
from scenarios.model import Scenario
from sim.measure.options import MeasureOptions

__all__ = ["RESULTS_VERSION", "Key", "scenario_digest", "series_of"]

RESULTS_VERSION: Final = 8
"""Version of the results.  Raise it whenever a change of the code changes a draw, a log or a metric; a test fails until
that is done.  Stored results of other versions are not read."""

_TITLE: Final = {"__all__": {"title": True}}
_WORDS: Final[Any] = {
    **dict.fromkeys(("name", "title", "description", "levers", "provenance", "targets"), True),
    **dict.fromkeys(("sites", "pools", "timetables", "people", "arrivals"), _TITLE),
    "run": {"replications": True, "seed": True},
}
"""What no draw, no engine and no scalar metric or curve reads; nor the titles of services."""


@dataclass(frozen=True, order=True)
class Key:
    """Where the results of one replication are stored.

    Attributes
    ----------
    series
        Digest of the scenario, the measuring options, the seed and :data:`RESULTS_VERSION`.
    replication
        Number of the replication.
    """

    series: str
    replication: int


@dataclass(frozen=True, eq=False)
class _Same:
    """A scenario, compared by identity: comparing two whole scenarios takes longer than a digest."""

    scenario: Scenario

    def __hash__(self) -> int:
        return id(self.scenario)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.scenario is other.scenario


def scenario_digest(scenario: Scenario) -> str:
    """Return the digest of what simulating and measuring read of a scenario.

    Defaults are left out, so that a new key of the format changes no digest of a scenario that does not use it.
    """
    return _digest(_Same(scenario))


@lru_cache(maxsize=256)
def _digest(same: _Same) -> str:
    content = contents_json(same.scenario, _WORDS)
    return hashlib.sha256(content.encode("utf-8")).hexdigest()


def series_of(scenario: Scenario, seed: int, options: MeasureOptions) -> str:
    """Return the address that all replications of a scenario with one seed share."""
    content = [RESULTS_VERSION, scenario_digest(scenario), seed, asdict(options)]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode("utf-8")).hexdigest()[:40]
