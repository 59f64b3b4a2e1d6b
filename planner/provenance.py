"""Where the numbers of a scenario come from: what :mod:`scenarios.provenance` finds, for the questions asked here.

In comes a composed scenario; out comes, for every number in it, the entry of its provenance that counts.
"""

from __future__ import annotations

from scenarios.provenance import KINDS, Kind, Sourced, count_kinds, numbers, sourced

__all__ = ["KINDS", "Kind", "Sourced", "count_kinds", "numbers", "sourced"]
