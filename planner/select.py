"""The best of several scenarios by one metric: surely enough, or within a budget of replications.

Input: the result of a study of scenarios whose policy is an :class:`~sim.run.policy.IndifferenceZone` or a
:class:`~sim.run.policy.BudgetAllocation`.  Output: a :class:`Best`: the selected scenario, how the others compare with
it, and a sentence that says what is guaranteed.  All scenarios are run with the same random
numbers, replication by replication, and those that fall behind are dropped.  A requirement ("95 % within 15 minutes")
is not a metric to be best at: where costs are known, test the scenarios in order of cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from foundation import messages
from foundation.arrays import FloatArray
from foundation.errors import HallplanError
from planner.compare import MOST_COMPARED, unequal_demand
from scenarios.model import Scenario
from sim.measure.registry import metric_of
from sim.run.policy import BudgetAllocation, IndifferenceZone, direction_of
from sim.run.record import RunRecord
from sim.run.study import StudyResult, distinct_names
from sim.statistics.intervals import Interval, mean_interval, paired_interval
from sim.statistics.selection import Better, Selection

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Best", "Candidate", "check_candidates", "check_equal_demand"]


@dataclass(frozen=True)
class Candidate:
    """How one scenario stands after a choice.

    The intervals describe: each is for itself, and was taken when the figures themselves had ended the choice.  What is
    guaranteed is :meth:`Best.message`.

    Attributes
    ----------
    which, name
        Place among the scenarios, and what it is called.
    rank
        1 is the chosen one; then those that were never dropped, then the dropped ones, each by their means.
    mean
        Of the metric over its own replications; of a ratio the mean of the replications' own ratios.
    behind
        Its mean minus that of the chosen one, over the replications that both have had, with the same random numbers;
        ``None`` of the chosen one itself.
    dropped_after
        Replications after which it was dropped; ``None`` if it never was.
    """

    which: int
    name: str
    rank: int
    mean: Interval
    behind: Interval | None
    dropped_after: int | None


@dataclass(frozen=True, eq=False)
class Best:
    """The scenario that was chosen, and how far that can be trusted.

    Attributes
    ----------
    scenarios
        All that were to choose from.
    metric, better
        By what, and which way is better.
    selection
        Which was chosen, and what each has shown.
    values
        The metric by replication, of every scenario.
    seed
        Of the random numbers, which the scenarios share.
    delta, confidence
        The smallest difference that matters, and how sure to be; not-a-number where there was only a budget.
    draws
        From how many draws of the parameters the replications had theirs, in turn; 0 where all had the scenarios' own.
    titles
        What to call the scenarios; by default by their names and levers.
    provenance
        What the results were made from, and with what.
    unserved
        Share of each scenario's visits that were not served; not-a-number where nobody visits.
    """

    scenarios: tuple[Scenario, ...]
    metric: str
    better: Better
    selection: Selection
    values: tuple[FloatArray, ...]
    seed: int
    delta: float = float("nan")
    confidence: float = float("nan")
    draws: int = 0
    titles: tuple[str, ...] = ()
    provenance: RunRecord | None = None
    unserved: tuple[float, ...] = ()

    @classmethod
    def of(cls, result: StudyResult) -> Best:
        """Return the choice of a study whose policy selects the best system.

        Raises
        ------
        ValueError
            If the study has not selected one.
        """
        study, policy, selection = result.study, result.study.policy, result.selection
        if selection is None or not isinstance(policy, IndifferenceZone | BudgetAllocation):
            raise ValueError("the study has selected no system")
        return cls(
            study.scenarios,
            policy.metric,
            policy.better or direction_of(policy.metric),
            selection,
            tuple(run.columns[policy.metric] for run in result.runs),
            study.seed,
            delta=policy.delta if isinstance(policy, IndifferenceZone) else float("nan"),
            confidence=policy.confidence if isinstance(policy, IndifferenceZone) else float("nan"),
            draws=max(len(system.draws) for system in study.systems),
            titles=study.titles,
            provenance=result.provenance,
            unserved=tuple(run.interval("unserved_share").estimate for run in result.runs),
        )

    @property
    def scenario(self) -> Scenario:
        """The selected scenario."""
        return self.scenarios[self.selection.best]

    @property
    def names(self) -> tuple[str, ...]:
        """What the scenarios are called, told apart."""
        return self.titles or distinct_names(self.scenarios)

    @property
    def is_guaranteed(self) -> bool:
        """Whether the choice is made with the stated confidence."""
        return self.selection.procedure == "kn"

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """How every scenario stands, in the order of their ranks."""
        selection, sign = self.selection, 1.0 if self.better == "lower" else -1.0
        places = range(len(self.scenarios))
        order = sorted(
            places, key=lambda k: (k != selection.best, k not in selection.in_contention, sign * selection.means[k])
        )
        return tuple(
            Candidate(
                which=place,
                name=self.names[place],
                rank=rank,
                mean=mean_interval(self.values[place]),
                behind=None if place == selection.best else self._behind(place),
                dropped_after=None if place in selection.in_contention else selection.replications[place],
            )
            for rank, place in enumerate(order, 1)
        )

    def _behind(self, place: int) -> Interval:
        best, own = self.values[self.selection.best], self.values[place]
        both = min(best.size, own.size)
        return paired_interval(best[:both], own[:both])

    def frame(self) -> pd.DataFrame:
        """Return one row a scenario, in their order: its mean and rank, what it was given, and how it stands."""
        import pandas as pd

        rows = []
        for candidate in sorted(self.candidates, key=lambda candidate: candidate.which):
            behind = candidate.behind
            rows.append(
                {
                    "scenario": candidate.name,
                    "rank": candidate.rank,
                    "chosen": candidate.rank == 1,
                    "in_contention": candidate.dropped_after is None,
                    "replications": self.selection.replications[candidate.which],
                    "unserved_share": self.unserved[candidate.which] if self.unserved else float("nan"),
                    "mean": candidate.mean.estimate,
                    "low": candidate.mean.low,
                    "high": candidate.mean.high,
                    "difference": 0.0 if behind is None else behind.estimate,
                    "difference_low": 0.0 if behind is None else behind.low,
                    "difference_high": 0.0 if behind is None else behind.high,
                }
            )
        return pd.DataFrame(rows)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return :meth:`frame` and the metric by scenario and replication, for :func:`sim.measure.export.export`."""
        import pandas as pd

        parts = {
            name: pd.DataFrame({"replication": np.arange(values.size), "value": values})
            for name, values in zip(self.names, self.values, strict=True)
        }
        return {"candidates": self.frame(), "replications": pd.concat(parts, names=["scenario"]).reset_index(level=0)}

    def message(self, language: messages.Language | None = None, *, metric: str = "") -> str:
        """Say which scenario is best, and what is guaranteed; and what a mean is over, if parameters were drawn.

        Parameters
        ----------
        language
            Of the sentence.
        metric
            What to call the metric; by its key by default.
        """
        choice = messages.text(
            f"statistics.select.{self.selection.procedure}",
            language,
            name=self.names[self.selection.best],
            metric=metric or self.metric,
            n=len(self.scenarios),
            replications=sum(self.selection.replications),
            confidence=self.confidence,
            delta=_amount(self.delta, self.metric, language),
        )
        return messages.text("statistics.select.drawn", language, choice=choice, n=self.draws) if self.draws else choice


def _amount(value: float, metric: str, language: messages.Language | None) -> str:
    """Write an amount of a metric with its unit; of a share in points."""
    definition = metric_of(metric)
    if definition.kind == "share":
        return messages.text("statistics.select.points", language, n=100 * value)
    unit = messages.text(definition.unit_key, language)
    return messages.text("statistics.select.amount", language, value=value, unit=unit)


def check_candidates(scenarios: Sequence[Scenario], *, unequal_demand: bool = False) -> None:
    """Refuse too few scenarios to choose from, too many, or such that can't be ranked.

    Parameters
    ----------
    scenarios
        What is to be ranked.
    unequal_demand
        Whether different numbers of people may come to them.

    Raises
    ------
    HallplanError
        If there are fewer than two, or more than :data:`~planner.compare.MOST_COMPARED`; or for their demand
        (:func:`check_equal_demand`).
    """
    if not 2 <= len(scenarios) <= MOST_COMPARED:
        raise HallplanError("statistics.select.too_few", n=len(scenarios), most=MOST_COMPARED)
    if not unequal_demand:
        check_equal_demand(scenarios)


def check_equal_demand(scenarios: Sequence[Scenario], names: Sequence[str] = ()) -> None:
    """Refuse to rank halls to which different numbers of people come: fewer visitors are no merit of a hall.

    Parameters
    ----------
    scenarios
        What is to be ranked.
    names
        What to call them; by default by their names and levers.

    Raises
    ------
    HallplanError
        If their expected arrivals a day differ by more than 1 %; it names the two that differ most.
    """
    extremes = unequal_demand(scenarios, names or distinct_names(scenarios))
    if extremes is not None:
        raise HallplanError("statistics.select.unequal_demand", **extremes)
