"""Cautions: what a scenario from a log cannot be believed in, the worst first.

Input: a :class:`~calibration.discovery.result.Discovery`, and if it was tried the accuracy of its forecasts and the
decomposition of elapsed time in the rebuilt hall.
Output: :class:`Caution`, each a clause; :func:`caution_sentence` joins the worst.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from calibration.discovery.control_flow.routing import MIN_OVERLAP
from foundation import messages
from foundation.numbers import significant

if TYPE_CHECKING:
    from calibration.discovery.accuracy.accuracy import Accuracy
    from calibration.discovery.log.traces import Traces
    from calibration.discovery.result import Discovery
    from calibration.discovery.timing.decomposition import TimeDecomposition

__all__ = ["IN_SENTENCE", "Caution", "caution_sentence", "find_cautions"]

IN_SENTENCE: Final = 3
"""Clauses of the one sentence: more would not be read."""
_CHANGED: Final = 0.25
"""Relative difference between two parts of a log, or between log and rebuilt hall, that changes a decision."""
_MANY: Final = 0.1
"""Share of stamps, cases or time that is no exception any more."""
_MOSTLY: Final = 0.5
"""Share above which something holds for the log."""
_FEW_CASES: Final = 100
"""Cases below which a mean of cycle times, which vary by as much as their mean, has an interval of a fifth."""
_MAIN_FIGURES: Final = ("cycle_mean_h", "wait_mean_min", "arrivals_per_day")
"""Figures by which a scenario is judged, the first one first."""


@dataclass(frozen=True)
class Caution:
    """One reason not to believe a scenario.

    Attributes
    ----------
    key
        The last part of a key ``discovery.caution.<key>`` of the catalogue.
    values
        What its words need.
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def words(self, language: messages.Language | None = None) -> str:
        """Return the reason as a clause."""
        values = dict(self.values)
        if "figure" in values:
            values["figure"] = messages.text(f"discovery.figure.{values['figure']}", language)
        return messages.text(f"discovery.caution.{self.key}", language, **values)


def caution_sentence(cautions: Sequence[Caution], *, listed: bool = False) -> str:
    """Return one sentence with the worst reasons, and how many others there are; "" if there are none.

    Parameters
    ----------
    cautions
        The reasons, the worst first.
    listed
        Whether all of them stand below the sentence.
    """
    if not cautions:
        return ""
    clauses = messages.text("discovery.caution.and").join(caution.words() for caution in cautions[:IN_SENTENCE])
    more = len(cautions) - IN_SENTENCE
    others = messages.text(f"discovery.caution.{'more_below' if listed else 'more'}", n=more) if more > 0 else ""
    return messages.text("discovery.caution.sentence", clauses=clauses, more=others)


def find_cautions(
    discovery: Discovery, accuracy: Accuracy | None = None, rebuilt: TimeDecomposition | None = None
) -> Iterator[Caution]:
    """Yield what the scenario can't be believed in, the worst first: what was tried, then what the log lacks."""
    if accuracy is not None:
        yield from _of_trial(accuracy)
    yield from _of_rebuilt(discovery.decomposition, rebuilt)
    if accuracy is not None:
        yield from _of_change(accuracy)
    yield from _of_stamps(discovery.traces)
    yield from _of_cases(discovery)
    yield from _of_work(discovery)
    if accuracy is None:
        yield Caution("untried")


def _of_trial(accuracy: Accuracy) -> Iterator[Caution]:
    """Yield that figures lie outside their intervals, with the numbers of the first of them."""
    missed = accuracy.forecasts[~accuracy.forecasts["inside"].astype(bool)]
    if not len(missed):
        return
    main = next((name for name in _MAIN_FIGURES if name in missed.index), missed.index[0])
    row = missed.to_dict("index")[main]
    numbers = {part: significant(row[part]) for part in ("log", "simulated", "low", "high")}
    yield Caution("forecast", {"figure": main, "n": len(missed), "of": len(accuracy.forecasts), **numbers})


def _of_rebuilt(log: TimeDecomposition | None, rebuilt: TimeDecomposition | None) -> Iterator[Caution]:
    if log is None or rebuilt is None or not log.elapsed > 0 or math.isnan(rebuilt.elapsed):
        return
    if abs(rebuilt.elapsed / log.elapsed - 1) > _CHANGED:
        yield Caution("rebuilt", {"log": significant(log.elapsed), "hall": significant(rebuilt.elapsed)})


def _of_change(accuracy: Accuracy) -> Iterator[Caution]:
    """Yield the figures that have changed between the parts of the log, apart from the number in progress."""
    rows = accuracy.forecasts.to_dict("index")
    for name in _MAIN_FIGURES:
        if name not in rows:
            continue
        later, earlier = rows[name]["log"], rows[name]["earlier"]
        if earlier > 0 and abs(later / earlier - 1) > _CHANGED:
            yield Caution("changed", {"figure": name, "earlier": significant(earlier), "later": significant(later)})


def _of_stamps(traces: Traces) -> Iterator[Caution]:
    if traces.kind == "ledger" or traces.date_only:
        yield Caution("dates")
        return
    timed = (traces.start >= 0) & (traces.end >= 0) & ~traces.outside
    zero = float((traces.end == traces.start)[timed].mean()) if timed.any() else 0.0
    if zero > _MOSTLY:
        yield Caution("zero", {"share": zero})
    stamps = sum(int((moments >= 0).sum()) for moments in (traces.ready, traces.start, traces.end))
    bare = sum(traces.bare_dates.values()) / max(stamps, 1)
    if bare > _MANY:
        yield Caution("bare", {"share": bare})


def _of_cases(discovery: Discovery) -> Iterator[Caution]:
    traces, routing = discovery.traces, discovery.routing
    if traces.n_cases < _FEW_CASES:
        yield Caution("few", {"cases": traces.n_cases})
    unfinished = int(routing.open.sum()) + routing.abandoned
    if unfinished > _MANY * traces.n_cases:
        yield Caution("unfinished", {"share": unfinished / traces.n_cases})
    if discovery.days.silent:
        yield Caution("silent", {"days": len(discovery.days.silent_days), "n": len(discovery.days.silent)})
    merged = float(np.mean(traces.merged))
    if merged > _MANY:
        yield Caution("merged", {"share": merged})
    if routing.overlapping > max(MIN_OVERLAP, _MANY):
        yield Caution("overlap", {"share": routing.overlapping})


def _of_work(discovery: Discovery) -> Iterator[Caution]:
    if discovery.traces.kind == "ledger" or discovery.traces.date_only:
        return
    if discovery.estimated_starts > _MOSTLY:
        yield Caution("starts", {"share": discovery.estimated_starts})
    unseen = sum(not pool.by_queue for pool in discovery.pools)
    if unseen > _MOSTLY * len(discovery.pools):
        yield Caution("servers", {"n": unseen, "pools": len(discovery.pools)})
