"""The built-in levers that apply to a made scenario, each with the choices that this hall needs.

Input: a composed scenario.  Output: uses of levers, such as ``add-staff:pool=window-labour``.
"""

from __future__ import annotations

from foundation.errors import ScenarioError
from scenarios.compose.composing import Composed
from scenarios.compose.levers import LeverUse, levers

__all__ = ["applicable_levers"]


def applicable_levers(composed: Composed) -> list[LeverUse]:
    """Return the built-in levers that find what they change, in alphabetical order."""
    scenario = composed.scenario
    windows = [name for name, pool in scenario.pools.items() if pool.role == "window" and pool.merge_into is None]
    services = list(scenario.arrivals["applications"].services) if "applications" in scenario.arrivals else []
    choices = {
        "pool": windows[:1],
        "busy": windows[:1],
        "quiet": windows[1:2],
        "service": services[:1],
        "services": ["project-*"] if any(name.startswith("project-") for name in scenario.services) else [],
    }
    uses = []
    for lever in levers():
        parameters = dict(lever.spec.parameters)
        if lever.name == "approve-on-pledge":
            own = {"services": "*"}
        else:
            own = {name: choices[name][0] for name in parameters if choices.get(name)}
        use = LeverUse(lever.name, own)
        try:
            composed.changed(levers=[use])
        except ScenarioError:
            continue
        uses.append(use)
    return uses
