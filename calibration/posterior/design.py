"""Points in the space of parameters, and the simulated outcomes of the two halls at each.

Input: the uncertain parameters of scenarios, and points.  Output: one row of outcomes for each point.  A point is
simulated once in each scenario, with its own random numbers.  So the spread about a smooth function of the parameters
is the chance of one run.  Composing a scenario takes longer than simulating it.  So values are set in the composed
table, and only types are checked again.  A test shows that both ways give the same scenario.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from calibration.posterior.parameters import ParameterTable, parameter_table
from foundation.arrays import FloatArray
from scenarios.compose.composing import composed
from scenarios.compose.validating import validated_table
from scenarios.model import Scenario
from scenarios.paths import split
from sim.engine.choice import prepare
from sim.measure.registry import DENOMINATOR
from sim.run.simulating import simulate

__all__ = [
    "AFTER",
    "BEFORE",
    "FRONT_STAFF",
    "OUTCOMES",
    "Halls",
    "front_staff",
    "outcome_names",
    "patched",
    "sobol_points",
    "summaries_of",
]

BEFORE: Final = "honghuagang-2013"
AFTER: Final = "honghuagang-2014"

FRONT_STAFF: Final = "front_staff"
_FRONT: Final = ("window-", "reception-", "service-desk", "cashier", "certificate-desk", "desk-")

OUTCOMES: Final = (
    "visits_per_day",
    "items_finished_per_month",
    "items_accepted_per_month",
    "instant_share",
    "instant_share" + DENOMINATOR,
    "finished_share",
    "committed_finished_share",
    "committed_finished_share" + DENOMINATOR,
    "open_cases",
    "open_cases_end",
    "touched_median.food-licence",
    "elapsed_mean_days.food-licence",
    "appointments_per_week",
    "case_elapsed_mean_days",
    "case_within_promised_share",
    "wait_mean_min",
    "wait_q95_min",
    "wait_within_15_share",
    "hours_in_hall_mean",
    "trips_per_item",
    "left_share",
    "overtime_min_per_day",
    "purpose_visits_per_day.apply",
    "purpose_visits_per_day.supplement",
    "purpose_visits_per_day.enquire",
    "purpose_visits_per_day.collect",
    "purpose_visits_per_day.pay",
    "utilisation.window-labour",
    "utilisation.service-desk",
    "utilisation.section-food-health",
    "utilisation.inspectors-food",
)
"""Metrics of a run that targets, forecasts and possible measurements need."""


def front_staff(scenario: Scenario) -> int:
    """Return the number of servers at windows, desks and tills, in the hall and its sub-centres."""
    return sum(pool.servers or 0 for name, pool in scenario.pools.items() if name.startswith(_FRONT))


def patched(raw: Mapping[str, Any], overrides: Mapping[str, Any]) -> Scenario:
    """Return the scenario of a composed table with some values replaced, without composing it again.

    Parameters
    ----------
    raw
        ``Composed.raw``; it is not modified.
    overrides
        By dotted path; each path exists in `raw`, or is a ``factor`` of a random quantity that does.
    """
    changed: dict[str, Any] = dict(raw)
    own: set[int] = {id(changed)}
    for path, value in overrides.items():
        node: dict[str, Any] = changed
        *way, last = split(path)
        for key in way:
            if id(node[key]) not in own:
                node[key] = dict(node[key])
                own.add(id(node[key]))
            node = node[key]
        node[last] = value
    return validated_table(changed)


def outcome_names(scenarios: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of a row of outcomes: ``"scenario: metric"``."""
    return tuple(f"{name}: {metric}" for name in scenarios for metric in (*OUTCOMES, FRONT_STAFF))


@dataclass(frozen=True, eq=False)
class Halls:
    """The scenarios that are calibrated together, ready to be simulated at any point.

    Attributes
    ----------
    table
        Their uncertain parameters.
    """

    table: ParameterTable

    @classmethod
    def of(cls, names: Sequence[str] = (BEFORE, AFTER), *, days: int | None = None) -> Halls:
        """Compose scenarios of the library; `days` shortens the measured part of their runs."""
        overrides = {} if days is None else {"run.days": days}
        return cls(parameter_table(*(composed(name, overrides=overrides) for name in names)))

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of a row of outcomes."""
        return outcome_names(tuple(self.table.scenarios))

    def outcomes(self, vector: FloatArray, *, seed: int, replications: Sequence[int]) -> FloatArray:
        """Simulate one point in each scenario.

        Parameters
        ----------
        vector
            Parameters, shape (parameters,).
        seed, replications
            Random numbers; the same for all scenarios.

        Returns
        -------
        float array, shape (replications, columns)
            Not-a-number if a run has nothing to measure.
        """
        parts = []
        for name, scenario_read in self.table.scenarios.items():
            scenario = patched(scenario_read.raw, self.table.overrides(name, vector))
            staff = float(front_staff(scenario))
            summaries = summaries_of(scenario, seed=seed, replications=replications)
            parts.append([[*(summary.get(key, math.nan) for key in OUTCOMES), staff] for summary in summaries])
        return np.concatenate([np.array(part) for part in parts], axis=1)


def summaries_of(scenario: Scenario, *, seed: int, replications: Sequence[int]) -> list[dict[str, float]]:
    """Return the scalar metrics of some replications."""
    engine = prepare()
    runs = (simulate(scenario, seed=seed, replication=replication, engine=engine) for replication in replications)
    return [run.summary for run in runs]


def sobol_points(table: ParameterTable, number: int, *, seed: int) -> FloatArray:
    """Return points spread evenly over the priors (Sobol 1967, scrambled as by Owen 1995).

    Parameters
    ----------
    table
        Parameters.
    number
        Number of points; a power of two keeps the balance.
    seed
        Seed of the scrambling.

    Returns
    -------
    float array, shape (number, parameters)
    """
    from scipy.stats import qmc

    sampler = qmc.Sobol(len(table.keys), rng=np.random.default_rng(seed))
    unit = sampler.random_base2(math.ceil(math.log2(number)))[:number]
    return table.from_unit(np.clip(unit, 1e-9, 1 - 1e-9))
