"""What a log tells of the steps of a workbook's items: how long they take, and who misses the call.

Input: a log's discovery, and what finds the items of its names.  Output: an estimate for each step of an item that the
log shows often enough.  Minutes that the workbook states stay: of them the log tells how widely they spread.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import numpy as np

from calibration.discovery.laws.fitting import FittedLaw
from calibration.discovery.resources.absences import Absence
from calibration.discovery.resources.durations import ALL, Duration
from calibration.discovery.result import Discovery
from calibration.eventlog.table import UNNAMED_ACTIVITY
from calibration.workbook.entries import estimated, law_entry
from calibration.workbook.matching import NameMatcher, StepPath, is_step_title, steps_of
from scenarios.workbook.estimates import StepEstimate
from scenarios.workbook.model import ItemRow
from scenarios.workbook.services import SOURCE_OF_CLASS, class_of, purposes_of_minutes, template_of
from scenarios.workbook.skeleton import skeleton, working_steps

__all__ = ["MIN_ROWS", "has_times", "items_of", "names_nothing", "step_estimates", "tasks_of"]

MIN_ROWS: Final = 30
"""Rows from which an estimate is used: with a coefficient of variation of 0.6, the interval of a mean is then within a
fifth of it, and narrower than the range of the assumption."""


def tasks_of(discovery: Discovery) -> list[tuple[int, int, int]]:
    """Return the tasks of a log: service, activity, and number of rows; the most frequent first."""
    traces = discovery.traces
    packed = traces.service[traces.case] * len(traces.activities) + traces.activity
    tasks, counts = np.unique(packed, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    pairs = zip(tasks[order].tolist(), counts[order].tolist(), strict=True)
    return [(*divmod(task, len(traces.activities)), n) for task, n in pairs]


def names_nothing(discovery: Discovery) -> bool:
    """Tell whether a log of tickets names neither services nor activities."""
    return discovery.traces.services == ("",) and discovery.traces.activities == (UNNAMED_ACTIVITY,)


def items_of(discovery: Discovery, matcher: NameMatcher, service: int, activity: int) -> list[ItemRow]:
    """Return the items that a task of a log is about: all, if the log names steps and no services."""
    traces = discovery.traces
    label, name = traces.services[service], traces.activities[activity]
    if not is_step_title(name) and traces.kind in ("tickets", "ledger"):
        return matcher.items(label, name) if traces.kind == "tickets" else matcher.items(label)
    if len(traces.services) == 1 and not label:
        return [] if names_nothing(discovery) else list(matcher.form.items)
    return matcher.items(label)


def has_times(duration: Duration) -> bool:
    """Tell whether the log shows how long an activity takes, and not only a bound."""
    return not duration.bounded and not duration.guessed


def step_estimates(discovery: Discovery, matcher: NameMatcher, log: dict[str, str]) -> Iterator[StepEstimate]:
    """Yield the estimates of all steps that the log shows often enough.

    Parameters
    ----------
    discovery, log
        What the log has shown, and what the log is.
    matcher
        Finds the items.
    """
    laws = {(duration.service, duration.activity): duration for duration in discovery.durations}
    seen: set[tuple[int, StepPath]] = set()
    for service, activity, _ in tasks_of(discovery):
        duration = laws.get((service, activity), laws.get((ALL, activity)))
        absence = discovery.absences.get((service, activity))
        for item in items_of(discovery, matcher, service, activity):
            is_ticket = discovery.traces.kind == "tickets"
            for path in steps_of(item, discovery.traces.activities[activity], is_ticket=is_ticket):
                if (item.row, path) in seen:
                    continue
                seen.add((item.row, path))
                if duration is not None and has_times(duration) and duration.fitted.n >= MIN_ROWS:
                    yield _work(item, path, duration.fitted, log)
                if absence is not None and absence.calls >= MIN_ROWS and _can_be_absent(item, path):
                    yield _absent(item, path, absence, log)


def _work(item: ItemRow, path: StepPath, fitted: FittedLaw, log: dict[str, str]) -> StepEstimate:
    factor = _mean_work_factor(item, path)
    entry = law_entry(log, fitted, factor=factor)
    if item.minutes is not None and path[:1] == ("visits",) and path[1] in purposes_of_minutes(class_of(item)):
        spread = estimated(log, "workbook_log.source.spread", n=fitted.n)
        return StepEstimate(item.row, (*path, "work"), {"cv": round(fitted.cv, 4)}, {"cv": spread})
    law = dict(fitted.law) if isinstance(fitted.law, dict) else {"constant": fitted.law}
    law |= {} if factor == 1 else {"factor": round(1 / factor, 6)}
    return StepEstimate(item.row, (*path, "work"), law, {"": entry, **({"cv": entry} if "cv" in law else {})})


def _absent(item: ItemRow, path: StepPath, absence: Absence, log: dict[str, str]) -> StepEstimate:
    interval = (absence.low, absence.high)
    value: dict[str, Any] = {"share": round(absence.share, 6)}
    entries = {"share": estimated(log, "discovery.provenance.absent", interval=interval, calls=absence.calls)}
    for key, fitted in (("call", absence.call), ("away", absence.away)):
        if fitted is not None and fitted.n >= MIN_ROWS:
            value[key], entries[key] = fitted.law, law_entry(log, fitted)
    return StepEstimate(item.row, (*path, "absent"), value, entries)


def _can_be_absent(item: ItemRow, path: StepPath) -> bool:
    return "absent" in working_steps(template_of(item))[path]


def _mean_work_factor(item: ItemRow, path: StepPath) -> float:
    """Return the mean work factor of those who come: the scenario multiplies by it what a log already holds."""
    if path[0] != "visits":
        return 1.0
    return _people_factor("enquiries" if path[1] == "enquire" else SOURCE_OF_CLASS[class_of(item)])


@cache
def _people_factor(source: str) -> float:
    people, shares = skeleton()["people"], skeleton()["prototypes"]["people"][source]
    weighted = sum(share * people[person].get("work_factor", 1.0) for person, share in shares.items())
    return round(float(weighted / sum(shares.values())), 6)
