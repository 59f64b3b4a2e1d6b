"""By how much limits and times are cut, and which lever earns how much: one study, from systems to answer.

Input: combinations of levers on a scenario before (:func:`planner.attribution.combinations`), a scenario after, and the
days of cases of each.  Output: a :class:`Compression`, with frames.  All systems share random numbers.  The attribution
is at the demand of the scenario before; what the scenario after differs in besides the levers stands apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from foundation.arrays import FloatArray
from planner.attribution import Attribution, Combinations, attribute, mean_days
from planner.clocks import CLOCKS, CasePool, ThreeClocks, item_limits, items_with_limits, three_clocks
from planner.compare import arrivals_per_day
from planner.compression_verdict import CutQuestion, Verdict, verdict_of
from planner.promises import moving_posterior, promise_system
from planner.supported_days import SupportedDays, attribute_supported
from scenarios.compose.composing import Composed
from sim.measure.case_days import CaseDays
from sim.run.keys import scenario_digest
from sim.run.record import RunRecord
from sim.run.study import System
from sim.statistics.intervals import Interval, mean_interval

if TYPE_CHECKING:
    import pandas as pd

    from calibration.posterior.artefact import Posterior

__all__ = [
    "FRAMES",
    "REPLICATIONS",
    "WEIGHTINGS",
    "Compression",
    "DemandAfter",
    "Earned",
    "compression_of",
    "compression_systems",
    "earned_at_demand_after",
    "with_demand_of",
]

WEIGHTINGS: Final = ("by_sums", "by_volume")
FRAMES: Final = ("clocks", "items", "attribution", "interactions", "replications")
"""Names of the frames of a :class:`Compression`."""
REPLICATIONS: Final = 5
"""Of each combination: 64 of the district hall then take about 70 seconds of one core."""


@dataclass(frozen=True)
class Earned:
    """Days saved from the scenario before to the scenario after, by one weighting.

    Attributes
    ----------
    levers
        What the levers save, at the demand of the scenario before.
    rest
        What the scenario after saves beyond all levers, in days: demand, staff and whatever else it differs in.
    """

    levers: Attribution
    rest: Interval


@dataclass(frozen=True)
class DemandAfter:
    """What the levers save at the demand of the scenario after.

    Attributes
    ----------
    visits_per_day
        Visits a working day that the scenario before then expects, by arithmetic, return visits aside.
    by_sums, by_volume
        As of :class:`Compression`.
    """

    visits_per_day: float
    by_sums: Earned
    by_volume: Earned


@dataclass(frozen=True, eq=False)
class Compression:
    """The answer.

    Attributes
    ----------
    before, after
        The two scenarios.
    combinations
        The levers, and the scenarios that were simulated.
    clocks
        Promised, supported and realised compression from before to after.
    by_sums, by_volume
        The attribution of the days saved: every item counts alike, or every case.
    supported_by_sums, supported_by_volume
        The same of the supported limits; ``None`` if no item has one in all combinations.
    verdict
        Whether a promise so much below the statutory limits is kept, and thanks to which lever.
    replications
        Of each combination.
    draws
        Draws of the posterior, one a replication; 0 if all have the scenarios' own numbers.
    at_demand_after
        The attribution at the other demand; ``None`` if it was not simulated.
    provenance
        What the results were made from, and with what.
    """

    before: Composed
    after: Composed
    combinations: Combinations
    clocks: ThreeClocks
    by_sums: Earned
    by_volume: Earned
    supported_by_sums: SupportedDays | None
    supported_by_volume: SupportedDays | None
    verdict: Verdict
    replications: int
    draws: int = 0
    at_demand_after: DemandAfter | None = None
    provenance: RunRecord | None = None

    @property
    def demands(self) -> tuple[float, float]:
        """Visits a working day that the scenarios before and after expect, by arithmetic, return visits aside."""
        return arrivals_per_day(self.before.scenario), arrivals_per_day(self.after.scenario)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the clocks, the items, the attribution, the interactions, and the values of every replication."""
        import pandas as pd

        clocks = [
            {"clock": clock, "weighting": weighting, **_ends(getattr(getattr(self.clocks, clock), weighting))}
            for clock in CLOCKS
            for weighting in WEIGHTINGS
        ]
        items = [
            {
                **item.__dict__,
                "within_promise": item.within_promise.estimate,
                "within_promise_low": item.within_promise.low,
                "within_promise_high": item.within_promise.high,
            }
            for item in self.clocks.items
        ]
        parts, pairs, replications = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
        for weighting in WEIGHTINGS:
            earned: Earned = getattr(self, weighting)
            parts += _part_rows("before", weighting, earned)
            if self.at_demand_after is not None:
                parts += _part_rows("after", weighting, getattr(self.at_demand_after, weighting))
            for pair in earned.levers.pairs:
                row = {"weighting": weighting, "lever": pair.levers[0], "other": pair.levers[1]}
                pairs.append({**row, **_ends(pair.interaction)})
            for name, shares in zip(self.combinations.names, earned.levers.shapley.shares, strict=True):
                for replication, share in enumerate(shares.tolist()):
                    replications.append(
                        {"weighting": weighting, "lever": name, "replication": replication, "share": share}
                    )
        tables = {"clocks": clocks, "items": items, "attribution": parts, "interactions": pairs}
        tables["replications"] = replications
        columns = {"interactions": ["weighting", "lever", "other", "estimate", "low", "high"]}
        return {name: pd.DataFrame(rows, columns=columns.get(name)) for name, rows in tables.items()}


def _part_rows(demand: str, weighting: str, earned: Earned) -> list[dict[str, Any]]:
    """Return a row for every lever and measure."""
    return [
        {"demand": demand, "weighting": weighting, "lever": part.lever, "measure": measure}
        | _ends(getattr(part, measure))
        for part in earned.levers.parts
        for measure in ("share", "relative", "first_in", "last_in")
    ]


def _ends(interval: Interval) -> dict[str, float]:
    return {"estimate": interval.estimate, "low": interval.low, "high": interval.high}


def compression_systems(
    combinations: Combinations, after: Composed, posterior: Posterior | None = None
) -> tuple[System, ...]:
    """Return what is simulated: the distinct combinations, and the scenario after unless it is one of them.

    With a posterior, replication k of all systems has its draw k, wherever it moves numbers of a system.  So what the
    levers save is compared at the same parameters, and intervals over replications hold what nobody measured.
    """
    distinct = combinations.distinct
    systems = distinct if _place(combinations, after) < len(distinct) else (*distinct, after)
    return tuple(promise_system(composed, moving_posterior(composed, posterior)) for composed in systems)


def with_demand_of(before: Composed, after: Composed) -> Composed:
    """Return the scenario before, each source of which brings as many a day as the source of that name brings after.

    Sources that only one of them has, and those that bring visitors otherwise than by so many a day, stay as they are.
    """
    sources = after.scenario.arrivals
    values: dict[str, Any] = {
        f"arrivals.{name}.per_day": sources[name].per_day
        for name, source in before.scenario.arrivals.items()
        if source.per_day is not None and name in sources and sources[name].per_day not in (None, source.per_day)
    }
    if after.scenario.demand != before.scenario.demand:
        values["demand"] = after.scenario.demand
    return before.changed(overrides=values) if values else before


def earned_at_demand_after(
    combinations: Combinations, result: Compression, observed: Sequence[Sequence[CaseDays]], *, level: float = 0.95
) -> DemandAfter:
    """Return what the levers save at the demand of the scenario after.

    Parameters
    ----------
    combinations, observed
        On the scenario before with that demand (:func:`with_demand_of`), and what was simulated of them.
    result
        The answer at the demand before; the same items count.
    level
        Confidence level of the intervals.
    """
    names, place = [item.item for item in result.clocks.items], _place(combinations, result.after)
    days = [mean_days(observed, names, by_volume=by_volume) for by_volume in (False, True)]
    earned = [_earned(combinations, mean, place, level=level) for mean in days]
    return DemandAfter(arrivals_per_day(combinations.distinct[0].scenario), *earned)


def _place(combinations: Combinations, after: Composed) -> int:
    """Return the place of the scenario after among the systems."""
    digests = [scenario_digest(composed.scenario) for composed in combinations.distinct]
    wanted = scenario_digest(after.scenario)
    return digests.index(wanted) if wanted in digests else len(digests)


def compression_of(
    combinations: Combinations,
    after: Composed,
    observed: Sequence[Sequence[CaseDays]],
    *,
    items: Sequence[str] = (),
    q: float = 0.95,
    cut: float = 0.52,
    level: float = 0.95,
    draws: int = 0,
    provenance: RunRecord | None = None,
) -> Compression:
    """Return the compression.

    Parameters
    ----------
    combinations, after, observed
        What was simulated (:func:`compression_systems`), and the days of its cases by system and replication.
    items
        Services that count; all that have a statutory and a promised limit by default.
    q, level
        As for :func:`planner.clocks.three_clocks`.
    cut
        By how much the promise of the verdict is below the statutory limits.
    draws, provenance
        Draws of the posterior, one a replication; and what the results were made from.

    Raises
    ------
    HallplanError
        If an item has no limits, or no item has cases both before and after.
    """
    limited = items_with_limits(after.scenario, items)
    place = _place(combinations, after)
    clocks = three_clocks(observed[0], observed[place], after.scenario, items=limited, q=q, level=level)
    names = [item.item for item in clocks.items]

    days = [mean_days(observed, names, by_volume=by_volume) for by_volume in (False, True)]
    by_sums, by_volume = (_earned(combinations, mean, place, level=level) for mean in days)
    pools = [CasePool.of(cases, names) for cases in observed]
    supported_days = _supported(combinations, pools, items=len(names), q=q, level=level)
    levers = [pools[system] for system in combinations.all_but_one]
    statutory = item_limits(after.scenario, names)[0]
    question = CutQuestion(cut=cut, q=q, level=level)
    return Compression(
        combinations.distinct[0],
        after,
        combinations,
        clocks,
        by_sums=by_sums,
        by_volume=by_volume,
        supported_by_sums=supported_days[0],
        supported_by_volume=supported_days[1],
        verdict=verdict_of(question, pools[place], levers, statutory=statutory, earned=by_volume.levers),
        replications=len(observed[0]),
        draws=draws,
        provenance=provenance,
    )


def _earned(combinations: Combinations, days: FloatArray, place: int, *, level: float) -> Earned:
    """Return how the days of every system and replication divide among levers and the rest."""
    combined = days[combinations.place]
    rest = mean_interval(np.subtract(combined[-1], days[place]), level)
    functions: dict[str, Any] = {"game_of": combinations.game, "pairs_of": combinations.pairs}
    return Earned(attribute(combined, combinations.names, level=level, **functions), rest)


def _supported(
    combinations: Combinations, pools: Sequence[CasePool], *, items: int, q: float, level: float
) -> list[SupportedDays | None]:
    """Return the attributions of the supported limits by the two weightings."""
    systems = pools[: len(combinations.distinct)]
    return [
        attribute_supported(
            systems,
            combinations.names,
            place=combinations.place,
            items=items,
            by_volume=weighting == "by_volume",
            q=q,
            level=level,
            game_of=combinations.game,
        )
        for weighting in WEIGHTINGS
    ]
