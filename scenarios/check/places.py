"""Checks of sites, pools and timetables: every site exists, and pools merge into pools of their own site.

Input: a scenario.  Output: nothing, or the first fault.
"""

from __future__ import annotations

from scenarios.check.faults import fault, require_name
from scenarios.model import Scenario
from scenarios.paths import Path

__all__ = ["check_places", "final_pool"]


def check_places(scenario: Scenario) -> None:
    """Check sites, pools and timetables."""
    if not scenario.sites:
        raise fault("error.no_sites", ("sites",))
    for name, timetable in scenario.timetables.items():
        require_name(timetable.site, scenario.sites, "error.kind.site", ("timetables", name, "site"))
    for name, pool in scenario.pools.items():
        path: Path = ("pools", name)
        require_name(pool.site, scenario.sites, "error.kind.site", (*path, "site"))
        if pool.merge_into is None:
            continue
        path = (*path, "merge_into")
        require_name(pool.merge_into, scenario.pools, "error.kind.pool", path)
        if scenario.pools[pool.merge_into].site != pool.site:
            raise fault("error.merge_across_sites", path, pool=name, into=pool.merge_into)
        final_pool(scenario, name, path)


def final_pool(scenario: Scenario, name: str, path: Path) -> str:
    """Return the pool that a pool is merged into in the end; `path` is where a circle is reported."""
    seen = [name]
    while (into := scenario.pools[seen[-1]].merge_into) is not None and into in scenario.pools:
        if into in seen:
            raise fault("error.merge_circle", path, circle=" -> ".join([*seen, into]))
        seen.append(into)
    return seen[-1]
