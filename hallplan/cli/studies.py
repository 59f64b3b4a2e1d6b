"""What the commands that simulate share: their options, reading scenarios, working a study off, metrics to show.

Input: the words of the command line.  Output: composed scenarios, the result of a study, and the metrics to show.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from hallplan.cli import options
from hallplan.cli.faults import UsageError, say

if TYPE_CHECKING:
    from hallplan.cli.prepared import Prepared
    from planner.frontier.plans import PoolRange
    from planner.frontier.result import Frontier
    from planner.frontier.search import FrontierOptions
    from planner.next_moves.result import NextMoves
    from planner.next_moves.search import NextOptions
    from planner.outlook import Outlook
    from scenarios.compose.composing import Composed
    from scenarios.compose.levers import LeverUse
    from scenarios.model import Scenario
    from sim.measure.frames import Metrics
    from sim.run.policy import Policy
    from sim.run.study import OnProgress, Study, StudyResult, System

__all__ = [
    "StudyOptions",
    "check_metric",
    "check_metrics",
    "composed_of",
    "metrics_to_show",
    "prepared_of",
    "warn_of_overload",
]

Observed = TypeVar("Observed")
Result = TypeVar("Result")


@dataclass(frozen=True)
class StudyOptions:
    """How a study is worked off, as the command line says it.

    Attributes
    ----------
    seed
        Of the random numbers; the first scenario's own by default.
    engine
        Name of the simulator; the one that is done sooner by default.
    workers
        Replications at a time; as many as pay by default.
    cache
        Whether the store of results is read and written.
    """

    seed: int | None
    engine: str | None
    workers: int | None
    cache: bool

    def work_off(
        self,
        *systems: Scenario | System,
        policy: Policy | None = None,
        replications: int | None = None,
        curves: bool = False,
        titles: Sequence[str] = (),
    ) -> StudyResult:
        """Work a study of some systems off, with a bar on a terminal, until it is done or Ctrl-C is pressed.

        Parameters
        ----------
        *systems
            Scenarios, or systems with drawn parameters.
        policy, replications
            When to stop, or how many replications; the first scenario's own number by default.
        curves
            Whether curves are collected.
        titles
            What to call the systems; by default by the names and levers of their scenarios.

        Raises
        ------
        HallplanError
            As for :func:`sim.run.study.run`.
        """
        from hallplan.api import work_off

        settings: dict[str, Any] = {"policy": policy, "replications": replications, "seed": self.seed, "curves": curves}
        settings |= {"titles": tuple(titles), "engine": self._engine(), "workers": self.workers, "cache": self.cache}
        return _with_bar(lambda tell: work_off(*systems, progress=tell, announce=say, **settings))

    def observe(
        self, *systems: Scenario | System, read: Callable[[Metrics], Observed], replications: int
    ) -> tuple[Study, list[list[Observed]]]:
        """Read something of every replication of some systems, with a bar, until it is done or Ctrl-C is pressed.

        Parameters
        ----------
        *systems
            Scenarios, or systems with drawn parameters.
        read, replications
            As for :func:`sim.run.observing.observe`; and how many.

        Raises
        ------
        HallplanError
            As for :func:`sim.run.study.run`.
        """
        from sim.run.observing import observe
        from sim.run.study import Study

        settings: dict[str, Any] = {"engine": self._engine(), "workers": self.workers, "seed": self.seed}
        study = Study.of(*systems, replications=replications, **settings)
        return study, _with_bar(lambda tell: observe(study, read, progress=tell, announce=say))

    def ask(self, question: Callable[..., Result]) -> Result:
        """Answer a question of :mod:`hallplan` that simulates, with a bar on a terminal.

        Parameters
        ----------
        question
            Called with ``seed``, ``engine``, ``workers``, ``progress`` and ``announce``.
        """
        settings: dict[str, Any] = {"seed": self.seed, "engine": self._engine(), "workers": self.workers}
        return _with_bar(lambda tell: question(progress=tell, announce=say, **settings))

    def frontier(
        self, base: Composed, levers: Sequence[LeverUse], ranges: Sequence[PoolRange], question: FrontierOptions
    ) -> Frontier:
        """Search for the front between two metrics, with a bar on a terminal.

        Raises
        ------
        HallplanError
            As for :func:`planner.frontier.search.frontier`.
        """
        from hallplan.api_frontier import frontier

        staff = {limits.pool: (limits.least, limits.most) for limits in ranges}
        settings: dict[str, Any] = {"options": question, "engine": self._engine(), "workers": self.workers}
        return _with_bar(
            lambda tell: frontier(base, levers=levers, staff=staff, progress=tell, announce=say, **settings)
        )

    def rank_moves(self, base: Composed, question: NextOptions) -> NextMoves:
        """Rank what could move next, with a bar on a terminal.

        Raises
        ------
        HallplanError
            As for :func:`planner.next_moves.search.next_moves`.
        """
        from hallplan.api_next import rank_moves

        settings: dict[str, Any] = {"options": question, "engine": self._engine(), "workers": self.workers}
        return _with_bar(lambda tell: rank_moves(base, progress=tell, announce=say, **settings))

    def _engine(self) -> str | None:
        from hallplan.api import ENGINES

        return options.one_of("--engine", ENGINES)(self.engine) if self.engine is not None else None


def _with_bar(work: Callable[[OnProgress], Result]) -> Result:
    """Do work that tells its progress, so that Ctrl-C ends it."""
    from hallplan.cli.progress import Bar, interruptible

    with Bar(None) as bar:
        return interruptible(lambda: work(lambda progress: bar.tell(progress.total_done, progress.total_expected)))


def composed_of(reference: str, levers: Sequence[str] | None, sets: Sequence[str] | None) -> Composed:
    """Read a scenario, apply its levers, then its single values."""
    uses, overrides = _changes(levers, sets, {})
    from scenarios.compose.composing import composed

    return composed(reference, levers=uses, overrides=overrides)


def prepared_of(
    reference: str,
    levers: Sequence[str] | None,
    sets: Sequence[str] | None,
    days: int | None = None,
    wait_limits: Sequence[int] | None = None,
    *,
    store: bool = True,
) -> Prepared:
    """Read a scenario with its levers and single values, and what is known of it before it is run."""
    from hallplan.cli.prepared import prepared

    uses, overrides = _changes(levers, sets, {"run.days": days, "run.wait_limits_min": wait_limits})
    return prepared(reference, levers=uses, overrides=overrides, store=store)


def _changes(
    levers: Sequence[str] | None, sets: Sequence[str] | None, options_by_path: Mapping[str, Any]
) -> tuple[list[LeverUse], dict[str, Any]]:
    uses, overrides = options.uses_of(levers or ()), options.overrides_of(sets or ())
    return uses, overrides | {path: value for path, value in options_by_path.items() if value}


def warn_of_overload(models: Sequence[Scenario], outlooks: Sequence[Outlook]) -> None:
    """Name what can't keep up before the work begins, to whoever sits in front of it; the results say it again."""
    if not sys.stderr.isatty():
        return
    from hallplan.show.notes import overload_notes

    for model, outlook in zip(models, outlooks, strict=True):
        for note in overload_notes(outlook.regime):
            say(f"{model.name}: {note}")


def metrics_to_show(
    means: Mapping[str, float], models: Sequence[Scenario], patterns: Sequence[str] | None, *, every: bool = False
) -> list[str]:
    """Return the metrics to show: those requested, or all of them, or those worth a first look."""
    from sim.measure.headline import headline_metrics, matching_metrics

    if patterns:
        return matching_metrics(means, patterns)
    return matching_metrics(means, ["*"]) if every else headline_metrics(means, models)


def check_metrics(patterns: Sequence[str] | None, models: Sequence[Scenario]) -> None:
    """Refuse a metric that no run can show before the run begins."""
    if not patterns:
        return
    from scenarios.paths import suggestion
    from sim.measure.headline import matching_metrics, possible_metrics

    possible = list(dict.fromkeys(key for model in models for key in possible_metrics(model)))
    for pattern in patterns:
        if not matching_metrics(possible, [pattern]):
            raise UsageError("cli.usage.no_metric", name=pattern, near=suggestion(pattern, possible))


def check_metric(metric: str, *models: Scenario) -> None:
    """Refuse a metric that not every scenario has before anything is simulated."""
    from scenarios.paths import suggestion
    from sim.measure.headline import possible_metrics

    for model in models:
        possible = possible_metrics(model)
        if metric not in possible:
            raise UsageError("cli.usage.no_metric", name=metric, near=suggestion(metric, possible))
