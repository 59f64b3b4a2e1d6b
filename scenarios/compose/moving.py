"""Moving visits from one source to another: who comes by another way, or elsewhere, comes no longer where they did.

Input: rates a day and the weights of services within them.  Output: the same with visits added or taken away, so that
every other service keeps its visits.  A lever's ``move`` does this with a share of a source's visits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from foundation.errors import ScenarioError
from scenarios.compose.merging import Leaf, Tree, plant
from scenarios.paths import dotted, suggestion

__all__ = ["Demand", "moved"]

_DIGITS: Final = 9
"""Decimals of a number a day, so that a file shows 6.18 and not what arithmetic adds to it."""


class Demand(NamedTuple):
    """What a source brings: visits a day, and the services that they are for, with relative weights."""

    per_day: float
    weights: Mapping[str, float]

    def by_service(self) -> dict[str, float]:
        """Return the visits a day for each service."""
        total = sum(self.weights.values())
        return {name: self.per_day * weight / total for name, weight in self.weights.items()} if total else {}

    def plus(self, visits: Mapping[str, float]) -> Demand:
        """Return the demand with visits a day more for some services; less, where the number is negative.

        The weights of other services stay as they are.  A source that brings nobody takes the visits as its weights;
        one that loses all keeps its weights.

        Examples
        --------
        >>> Demand(10.0, {"a": 300.0, "b": 100.0}).plus({"b": 2.5})
        Demand(per_day=12.5, weights={'a': 300.0, 'b': 200.0})
        """
        total, per_day = sum(self.weights.values()), round(self.per_day + sum(visits.values()), _DIGITS)
        if not self.per_day or not total:
            return Demand(per_day, dict(visits))
        if per_day <= 0:
            return Demand(0.0, self.weights)
        weights = dict(self.weights)
        for name, number in visits.items():
            weight = weights.get(name, 0.0) + number * total / self.per_day
            weights[name] = max(round(weight, _DIGITS), 0.0)  # nothing is left, but for rounding
        return Demand(per_day, weights)


def moved(tree: Tree, source: str, *, to: Any, share: Any, origin: str, lever: str, scenario: str) -> Tree:
    """Return a scenario in which a share of a source's visits comes by another source, service by service.

    Parameters
    ----------
    tree
        The scenario so far.
    source, to
        The sources.
    share
        The share that moves, from 0 to 1.
    origin
        Where the new values come from.
    lever, scenario
        What messages call them.

    Raises
    ------
    ScenarioError
        If one of the sources is missing or states no number a day, or the share is none.
    """
    if _number(Leaf(share, origin)) is None or share > 1:
        path = dotted(("move", source, "share"))
        raise ScenarioError("error.move_share", value=share).at(file=origin, path=path)
    node = tree.get("arrivals")
    arrivals = node if isinstance(node, dict) else {}
    before = [_demand(arrivals, str(name), origin=origin, lever=lever, scenario=scenario) for name in (source, to)]
    if source == to or not all(demand.weights for demand in before):
        return tree
    visits = {name: share * number for name, number in before[0].by_service().items()}
    if not any(visits.values()):
        return tree
    after = [Demand(round((1 - share) * before[0].per_day, _DIGITS), before[0].weights), before[1].plus(visits)]
    changed = {
        name: _table(arrivals, name) | plant({"per_day": demand.per_day, "services": demand.weights}, origin)
        for name, demand in zip((source, str(to)), after, strict=True)
    }
    return tree | {"arrivals": arrivals | changed}


def _demand(arrivals: Tree, name: str, *, origin: str, lever: str, scenario: str) -> Demand:
    if not isinstance(arrivals.get(name), dict):
        near, path = suggestion(name, arrivals), dotted(("arrivals", name))
        raise ScenarioError("error.lever_does_not_apply", lever=lever, scenario=scenario, value=path, near=near).at(
            file=origin
        )
    table = _table(arrivals, name)
    rate, services = _number(table.get("per_day")), table.get("services")
    if rate is None:
        raise ScenarioError("error.move_rate", lever=lever, scenario=scenario, source=name).at(file=origin)
    if isinstance(services, Leaf):
        return Demand(rate, {str(services.value): 1.0})
    weights = {service: _number(leaf) for service, leaf in (services or {}).items()}
    valid = {service: weight for service, weight in weights.items() if weight is not None}
    return Demand(rate, valid if len(valid) == len(weights) else {})  # the check of the scenario names a faulty weight


def _number(node: Tree | Leaf | None) -> float | None:
    value = node.value if isinstance(node, Leaf) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        return None
    return float(value)


def _table(arrivals: Tree, name: str) -> Tree:
    node = arrivals[name]
    return node if isinstance(node, dict) else {}
