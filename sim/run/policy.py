"""When to stop: how many replications every system of a study needs, and what has come of it.

Input: a policy, which is a value, and the summaries so far.  Output: a :class:`Decision` after each of them.  A policy
looks at the replications in their order, so the answer does not depend on how many came at a time, or from where.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import numpy as np

from foundation.arrays import FloatArray
from foundation.errors import HallplanError
from scenarios.model import Scenario
from sim.measure.headline import precise_metrics
from sim.measure.registry import metric_of, metric_title
from sim.run.estimates import precision_of
from sim.run.watch import PairedWatch, Watch
from sim.statistics.precision import (
    AT_LEAST,
    AT_MOST,
    Precision,
    Reached,
    look_ahead,
    parse_precision,
)
from sim.statistics.selection import FIRST_STAGE, Better, KnState, OcbaState, Selection, SelectionState

__all__ = [
    "SELECTION_LIMIT",
    "STRIDE",
    "BudgetAllocation",
    "Decision",
    "Fixed",
    "IndifferenceZone",
    "Policy",
    "PolicyState",
    "ToPrecision",
    "Verdict",
    "asked_precision",
    "check_metrics",
    "direction_of",
    "to_precision",
    "usual_precision",
]

SELECTION_LIMIT: Final = 2_000
"""Replications of one system at which a selection gives up its guarantee, if nothing else is said."""

STRIDE: Final = 10
"""Replications between two looks of a selection: each stretch has a cost of its own."""

Summaries: TypeAlias = Sequence[Sequence[Mapping[str, float]]]
"""Scalar metrics of every system, by replication."""

Verdict: TypeAlias = Reached | Selection | None
"""What a policy says at its end: of a precision, of a selection, or nothing."""


@dataclass(frozen=True)
class Decision:
    """What a policy says of the replications so far.

    Attributes
    ----------
    needed
        Replications of every system without which the policy can't go on; those present suffice when it has ended.
    expected
        About how many of every system there will be at the end.
    used
        Replications of every system that the verdict is about; ``None`` for all that there are.
    verdict
        What has come of it; ``None`` as long as there is nothing to say.
    """

    needed: tuple[int, ...]
    expected: tuple[int, ...]
    used: tuple[int, ...] | None = None
    verdict: Verdict = None


class PolicyState(ABC):
    """A policy at work: a fold over the replications so far."""

    @abstractmethod
    def advance(self, summaries: Summaries) -> Decision:
        """Return the decision after all summaries so far; they grow from call to call."""


class Policy(Protocol):
    """When to stop."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """Metrics that every system must have."""

    def begin(self, names: Sequence[str], level: float) -> PolicyState:
        """Return the policy's state before the first replication.

        Parameters
        ----------
        names
            What the systems are called.
        level
            Confidence level of intervals.

        Raises
        ------
        HallplanError
            If the policy makes no sense for them.
        """


# ---- a fixed number ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fixed:
    """As many replications of every system.

    Attributes
    ----------
    replications
        How many.
    """

    replications: int

    @property
    def metrics(self) -> tuple[str, ...]:
        """Metrics that every system must have: none."""
        return ()

    def begin(self, names: Sequence[str], level: float) -> PolicyState:
        """Return the policy's state before the first replication."""
        if self.replications < 1:
            raise HallplanError("error.replications.too_few", replications=self.replications)
        return _FixedState((self.replications,) * len(names))


@dataclass(frozen=True)
class _FixedState(PolicyState):
    counts: tuple[int, ...]

    def advance(self, summaries: Summaries) -> Decision:
        return Decision(self.counts, self.counts)


# ---- to a precision ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ToPrecision:
    """Until metrics are precise: of one system themselves, of several their paired differences from the first.

    Attributes
    ----------
    precision
        By metric.
    at_least, at_most
        Replications before which nothing is decided, and at which to give up.
    gives_up
        Stop at `at_least` already where no number of replications would reach the precision.
    """

    precision: Mapping[str, Precision]
    at_least: int = AT_LEAST
    at_most: int = AT_MOST
    gives_up: bool = False

    @property
    def metrics(self) -> tuple[str, ...]:
        """Metrics that every system must have."""
        return tuple(self.precision)

    def begin(self, names: Sequence[str], level: float) -> PolicyState:
        """Return the policy's state before the first replication."""
        if self.at_least < 2 or self.at_most < self.at_least:
            raise HallplanError("statistics.bad_limits", at_least=self.at_least, at_most=self.at_most)
        watch: Watch | PairedWatch
        if len(names) == 1:
            watch = Watch(self.precision, at_least=self.at_least, level=level)
        else:
            watch = PairedWatch(self.precision, at_least=self.at_least, level=level, names=tuple(names))
        return _PrecisionState(self, watch, len(names))


def to_precision(precision: Mapping[str, Precision], at_most: int = AT_MOST) -> ToPrecision:
    """Return the policy of a precision with so many replications at the most, even if they are few."""
    return ToPrecision(precision, min(AT_LEAST, at_most), at_most)


class _PrecisionState(PolicyState):
    def __init__(self, policy: ToPrecision, watch: Watch | PairedWatch, systems: int) -> None:
        self._policy, self._watch, self._systems = policy, watch, systems
        self._ended = False

    def advance(self, summaries: Summaries) -> Decision:
        policy, watch = self._policy, self._watch
        common = min(*map(len, summaries), policy.at_most)
        while not self._ended and watch.seen < common:
            rows = [rows[: watch.seen + 1] for rows in summaries]
            self._ended = watch.enough(rows[0]) if isinstance(watch, Watch) else watch.enough(rows)
            if policy.gives_up and watch.seen >= policy.at_least:
                self._ended = self._ended or any(not np.isfinite(figure.needed) for figure in watch.figures())
        seen = watch.seen
        reached = watch.reached() if seen else None
        if self._ended or seen >= policy.at_most:
            return self._decision(seen, seen, reached)
        sufficed = watch.sufficed_at if watch.sufficed_at is not None else max(policy.at_least, seen + 1)
        needed = min(sufficed + look_ahead(sufficed), policy.at_most)
        return self._decision(needed, min(max(watch.expected(), needed), policy.at_most), reached)

    def _decision(self, needed: int, expected: int, reached: Reached | None) -> Decision:
        used = (self._watch.seen,) * self._systems if self._watch.seen else None
        return Decision((needed,) * self._systems, (expected,) * self._systems, used, reached)


def check_metrics(summary: Mapping[str, float], metrics: Iterable[str]) -> None:
    """Refuse a metric that a replication does not have.

    Raises
    ------
    HallplanError
        With the first one that is missing.
    """
    for metric in metrics:
        if metric not in summary:
            raise HallplanError("statistics.unknown_metric", metric=metric)


def usual_precision(scenario: Scenario, width: float) -> dict[str, Precision]:
    """Return the precision that ``--precision 5%`` asks for: of the mean wait, and of the mean turnaround of cases.

    Only of what the scenario has (:func:`sim.measure.headline.precise_metrics`).
    """
    return {key: precision_of(key, width) for key in precise_metrics(scenario)}


def asked_precision(texts: Iterable[str], scenario: Scenario, *others: Scenario) -> dict[str, Precision]:
    """Read a requested precision: ``"5%"`` of the usual metrics, or ``"wait_mean_min=2%"`` of one metric.

    A later text replaces an earlier one of the same metric.  For several scenarios the usual metrics are those that
    all of them have.

    Parameters
    ----------
    texts
        As a user writes them.
    scenario, *others
        The scenarios that are simulated.

    Returns
    -------
    dict
        The precision of each metric, by its name.

    Raises
    ------
    HallplanError
        If a text can't be read.
    """
    precision: dict[str, Precision] = {}
    for text in texts:
        key, width = parse_precision(text)
        if key:
            precision[key] = precision_of(key, width)
        else:
            common = [usual_precision(other, width) for other in others]
            usual = usual_precision(scenario, width).items()
            precision |= {name: width_of for name, width_of in usual if all(name in other for other in common)}
    return precision


# ---- the best of several -------------------------------------------------------------------------------------------


def direction_of(metric: str) -> Better:
    """Return which way a metric is better.

    Raises
    ------
    HallplanError
        If there is no such metric, or neither way is better.
    """
    try:
        direction = metric_of(metric).better
    except KeyError:
        raise HallplanError("statistics.unknown_metric", metric=metric) from None
    if direction == "neither":
        raise HallplanError("statistics.select.no_direction", metric=metric)
    return direction


@dataclass(frozen=True)
class IndifferenceZone:
    """Until the best system is selected with confidence (KN; see :class:`sim.statistics.selection.KnState`).

    Attributes
    ----------
    metric
        By what.
    delta
        The smallest difference that matters, in the metric's unit.
    confidence
        Probability of a good selection.
    better
        Which way is better; by default what the metric's definition says.
    first_stage, at_most
        Replications of each from which variances are estimated, and at which to give up the guarantee.
    """

    metric: str
    delta: float
    confidence: float = 0.95
    better: Better | None = None
    first_stage: int = FIRST_STAGE
    at_most: int = SELECTION_LIMIT

    @property
    def metrics(self) -> tuple[str, ...]:
        """Metrics that every system must have."""
        return (self.metric,)

    def begin(self, names: Sequence[str], level: float) -> PolicyState:
        """Return the policy's state before the first replication."""
        n = len(names)
        if not self.delta > 0 or not 1 / n < self.confidence < 1:
            raise HallplanError("statistics.select.bad_delta", delta=self.delta, confidence=self.confidence, n=n)
        state = KnState(
            n,
            delta=self.delta,
            alpha=1 - self.confidence,
            better=self.better or direction_of(self.metric),
            first_stage=self.first_stage,
            stride=STRIDE,
            at_most=self.at_most,
        )
        return _SelectionState(state, self.metric, names)


@dataclass(frozen=True)
class BudgetAllocation:
    """A budget of replications, spent where it tells most (OCBA): the best so far, without a guarantee.

    Attributes
    ----------
    metric, better, first_stage
        As for :class:`IndifferenceZone`.
    budget
        Replications of all systems together.
    """

    metric: str
    budget: int
    better: Better | None = None
    first_stage: int = FIRST_STAGE

    @property
    def metrics(self) -> tuple[str, ...]:
        """Metrics that every system must have."""
        return (self.metric,)

    def begin(self, names: Sequence[str], level: float) -> PolicyState:
        """Return the policy's state before the first replication."""
        n = len(names)
        if self.budget < n * self.first_stage:
            key = "statistics.select.bad_budget"
            raise HallplanError(key, budget=self.budget, first_stage=self.first_stage, n=n)
        better = self.better or direction_of(self.metric)
        state = OcbaState(n, budget=self.budget, better=better, first_stage=self.first_stage, step=STRIDE)
        return _SelectionState(state, self.metric, names)


class _SelectionState(PolicyState):
    def __init__(self, state: SelectionState, metric: str, names: Sequence[str]) -> None:
        self._state, self._metric, self._names = state, metric, names
        self._values: list[FloatArray] = [np.zeros(0) for _ in names]

    def advance(self, summaries: Summaries) -> Decision:
        while self._state.selection is None:
            before = tuple(self._state.needed)
            for system, rows in enumerate(summaries):
                self._take(system, rows[: before[system]])
            self._state.advance(self._values)
            if tuple(self._state.needed) == before:
                break
        needed, selection = tuple(self._state.needed), self._state.selection
        expected = needed
        if selection is None and isinstance(self._state, KnState) and (limit := self._state.limit) is not None:
            front = max(needed)
            expected = tuple(limit if number == front else number for number in needed)
        return Decision(needed, expected, None if selection is None else needed, selection)

    def _take(self, system: int, rows: Sequence[Mapping[str, float]]) -> None:
        """Read the metric of the replications that are new; what the procedure does not need is not looked at."""
        seen = self._values[system].size
        if len(rows) <= seen:
            return
        check_metrics(rows[seen], (self._metric,))
        new = np.array([row[self._metric] for row in rows[seen:]], dtype=np.float64)
        if not np.isfinite(new).all():
            failed = seen + int(np.flatnonzero(~np.isfinite(new))[0])
            key = "statistics.select.no_value"
            metric = metric_title(self._metric)
            raise HallplanError(key, name=self._names[system], metric=metric, replication=failed)
        self._values[system] = np.concatenate((self._values[system], new))
