"""The plans of a frontier: every subset of some levers, with every number of servers in some pools.

Input: a composed scenario, levers and ranges.  Output: plans as tuples of whole numbers, their neighbours, and the
scenarios that they make.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Final, TypeAlias

from foundation.errors import HallplanError
from scenarios.compose.composing import Composed
from scenarios.compose.levers import LeverUse
from scenarios.paths import dotted, suggestion

__all__ = ["MOST_PLANS", "Plan", "PlanSpace", "PoolRange"]

Plan: TypeAlias = tuple[int, ...]
"""One number a lever, 1 if the plan has it; then the servers of each pool."""

MOST_PLANS: Final = 4_096
"""Combinations that one frontier looks at: more of them, and no pair is told apart within any budget."""


@dataclass(frozen=True)
class PoolRange:
    """How many servers a pool may have.

    Attributes
    ----------
    pool
        Its name.
    least, most
        The ends of the range.
    """

    pool: str
    least: int
    most: int


@dataclass(frozen=True)
class PlanSpace:
    """All combinations of levers and servers on one scenario.

    Attributes
    ----------
    base
        The scenario.
    levers
        What a plan may have or not, in the order of application.
    pools
        Whose servers a plan states.
    """

    base: Composed
    levers: tuple[LeverUse, ...]
    pools: tuple[PoolRange, ...]

    @classmethod
    def of(cls, base: Composed, levers: Sequence[LeverUse], pools: Sequence[PoolRange]) -> PlanSpace:
        """Return the combinations.

        Raises
        ------
        HallplanError
            If there is one combination only, or there are more than :data:`MOST_PLANS`; a lever or a pool is named
            twice; the scenario has no such pool, or its servers follow a roster.
        """
        for names in ([str(use) for use in levers], [limits.pool for limits in pools]):
            if twice := [name for name in names if names.count(name) > 1]:
                raise HallplanError("frontier.error.twice", name=twice[0])
        own = base.scenario.pools
        for limits in pools:
            if limits.pool not in own:
                raise HallplanError("frontier.error.no_pool", pool=limits.pool, near=suggestion(limits.pool, own))
            if own[limits.pool].roster is not None:
                raise HallplanError("frontier.error.roster", pool=limits.pool)
        space = cls(base, tuple(levers), tuple(pools))
        if space.size < 2:
            raise HallplanError("frontier.error.single")
        if space.size > MOST_PLANS:
            raise HallplanError("frontier.error.too_many", n=space.size, most=MOST_PLANS)
        return space

    @property
    def size(self) -> int:
        """How many plans there are."""
        return prod(map(len, self._choices))

    @property
    def _choices(self) -> list[range]:
        ranges = [range(limits.least, limits.most + 1) for limits in self.pools]
        return [range(2)] * len(self.levers) + ranges

    def every(self) -> Iterator[Plan]:
        """Yield all plans; the first one has no lever and the fewest servers."""
        yield from product(*self._choices)

    def corners(self) -> list[Plan]:
        """Return a few plans that span the others.

        They have no lever, one, all but one, or all; and in all pools the fewest, the middle or the most servers.
        """
        number, n_pools = len(self.levers), len(self.pools)
        none, every = (0,) * number, (1,) * number
        single = [tuple(int(i == k) for i in range(number)) for k in range(number)]
        switched = [none, *single, *(tuple(1 - bit for bit in bits) for bits in single), every]
        middles = tuple((limits.least + limits.most) // 2 for limits in self.pools)
        ends = tuple(limits.least for limits in self.pools), tuple(limits.most for limits in self.pools)
        staffed = [ends[0], middles, ends[1]] if n_pools else [()]
        return list(dict.fromkeys(bits + servers for bits, servers in product(switched, staffed)))

    def neighbours(self, plan: Plan) -> list[Plan]:
        """Return the plans that differ by one lever, or by one server in one pool."""
        choices, near = self._choices, list[Plan]()
        for place, choice in enumerate(choices):
            for value in (plan[place] - 1, plan[place] + 1):
                if value in choice:
                    near.append((*plan[:place], value, *plan[place + 1 :]))
        return near

    def levers_of(self, plan: Plan) -> tuple[LeverUse, ...]:
        """Return the levers that a plan has."""
        return tuple(use for use, is_used in zip(self.levers, plan, strict=False) if is_used)

    def servers_of(self, plan: Plan) -> dict[str, int]:
        """Return the servers that a plan states, by pool."""
        return {limits.pool: n for limits, n in zip(self.pools, plan[len(self.levers) :], strict=True)}

    def composed(self, plan: Plan) -> Composed:
        """Return the scenario of a plan: its levers applied, and its servers set after them.

        Raises
        ------
        ScenarioError
            If the levers make no valid scenario.
        """
        servers = {dotted(("pools", pool, "servers")): n for pool, n in self.servers_of(plan).items()}
        return self.base.changed(levers=self.levers_of(plan), overrides=servers)
