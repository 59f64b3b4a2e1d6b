"""A workbook and the logs of its hall, joined: what the logs tell takes the place of assumptions.

Input: a workbook's form without faults, and files of event logs.  Output: a :class:`HallEvidence`: the form with blank
cells filled in, estimates for what has no cell, and notes on what was not used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from calibration.discovery.discover import discover
from calibration.discovery.resources.durations import ALL
from calibration.discovery.result import Discovery, Settings
from calibration.eventlog import read_log
from calibration.workbook.demand import with_tickets, with_volumes
from calibration.workbook.entries import estimated, law_entry, log_text
from calibration.workbook.matching import NameMatcher, listed
from calibration.workbook.steps import MIN_ROWS, has_times, names_nothing, step_estimates
from foundation import messages
from foundation.errors import HallplanError
from scenarios.workbook.estimates import NO_ESTIMATES, LogEstimates
from scenarios.workbook.model import HallForm
from sim.calendar import MINUTE_MS

__all__ = ["HallEvidence", "join_log", "join_logs", "log_files"]

_PART: Final = 100
"""Each log counts so much in the progress."""
_FAR: Final = 0.1
"""Relative distance between minutes of the workbook and of the log that is worth a note: less is rounding."""


@dataclass(frozen=True, eq=False)
class HallEvidence:
    """A workbook with what the logs of its hall tell.

    Attributes
    ----------
    form
        The workbook, with counts of the logs in cells that were blank.
    estimates
        What the logs tell in the place of assumptions without a cell.
    logs
        What the logs are, in the language in use.
    """

    form: HallForm
    estimates: LogEstimates = NO_ESTIMATES
    logs: tuple[str, ...] = ()


def log_files(form: HallForm, folder: Path) -> list[Path]:
    """Return the files of the logs that a workbook names, which lie in its folder.

    Raises
    ------
    HallplanError
        If one of them is not there.
    """
    stated = form.answers.get("logs")
    if stated is None:
        return []
    files = {name: folder / name for name in stated.value}
    for name, file in files.items():
        if not file.exists():
            place = {"sheet": stated.sheet, "cell": stated.cells}
            raise HallplanError("workbook_log.fault.no_file", file=name, folder=folder.resolve(), **place)
    return list(files.values())


def join_logs(
    form: HallForm,
    files: Sequence[Path],
    *,
    mapping: Mapping[str, str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> HallEvidence:
    """Join a workbook and files of event logs; what an earlier log tells, a later one does not change.

    Ledgers come first: they count applications themselves, and tickets only visits.

    Parameters
    ----------
    form
        The workbook, which has no faults.
    files
        One log each.
    mapping
        Role to column in all logs, if the guess is wrong; see :func:`calibration.eventlog.read_log`.
    progress
        Called with the completed part and the total.

    Raises
    ------
    HallplanError
        If a log can't be read, or speaks of nothing in the workbook.
    """
    discoveries: list[tuple[str, Discovery]] = []
    files = list({file.resolve(): file for file in files}.values())
    for number, file in enumerate(files):

        def tell(done: int, total: int, part: int = number) -> None:
            if progress is not None:
                progress(part * _PART + _PART * done // max(total, 1), len(files) * _PART)

        log = read_log(file, mapping=mapping)
        # A column that is read as that of the services names them even where it holds one name only.
        settings = Settings(service="service" if "attr_service" in log.events else None)
        discoveries.append((file.name, discover(log, settings=settings, progress=tell)))
    evidence = HallEvidence(form)
    for title, discovery in sorted(discoveries, key=lambda pair: pair[1].traces.kind != "ledger"):
        evidence = join_log(evidence, discovery, title=title)
    if not files:
        return evidence
    notes = [*evidence.estimates.notes, *_of_one_kind(discoveries), *_still_assumed(evidence)]
    return replace(evidence, estimates=replace(evidence.estimates, notes=notes))


def _of_one_kind(discoveries: Sequence[tuple[str, Discovery]]) -> list[HallplanError]:
    """Return notes on the logs of a kind that an earlier one has too: months of one machine, say, file by file."""
    firsts: dict[str, str] = {}
    notes = []
    for title, discovery in discoveries:
        kind = discovery.traces.kind
        if kind in firsts:
            notes.append(HallplanError("workbook_log.note.same_kind", file=title, first=firsts[kind]))
        firsts.setdefault(kind, title)
    return notes


def _still_assumed(evidence: HallEvidence) -> list[HallplanError]:
    """Return notes on the items whose minutes or volume neither the workbook states nor a log tells."""
    timed = {estimate.row for estimate in evidence.estimates.steps if estimate.path[1] == "apply"}
    items = evidence.form.items
    blank = {
        "no_minutes": [item.title.value for item in items if item.minutes is None and item.row not in timed],
        "no_volume": [item.title.value for item in items if item.volume is None],
    }
    return [HallplanError(f"workbook_log.note.{key}", items=listed(names)) for key, names in blank.items() if names]


def join_log(evidence: HallEvidence, discovery: Discovery, *, title: str) -> HallEvidence:
    """Join a workbook and what one log has shown; see :func:`join_logs`.

    Parameters
    ----------
    evidence
        The workbook, with what earlier logs tell.
    discovery
        What the log has shown.
    title
        What the log is called in messages.
    """
    log, form, matcher = log_text(discovery), evidence.form, NameMatcher(evidence.form)
    notes = list(evidence.estimates.notes)
    steps = list(step_estimates(discovery, matcher, log))
    if discovery.traces.kind == "ledger":
        for name in discovery.traces.services:
            matcher.items(name)
    if names_nothing(discovery):
        notes.append(HallplanError("workbook_log.note.no_items", file=title))
    elif not steps and not matcher.matched and not matcher.unmatched:
        raise HallplanError("workbook_log.fault.no_names", file=title)
    elif not steps and not matcher.matched:
        raise HallplanError("workbook_log.fault.no_match", file=title, names=matcher.hints())
    if matcher.unmatched:
        notes.append(HallplanError("workbook_log.note.unmatched", file=title, names=matcher.hints()))
    if discovery.durations and not any(map(has_times, discovery.durations)):
        notes.append(HallplanError("workbook_log.note.no_times", file=title))
    notes += _stated_minutes(discovery, matcher)
    form = with_volumes(with_tickets(form, discovery, log, notes), discovery, log)
    notes += _turnaround(discovery, matcher, title)
    before = evidence.estimates
    before_paths = {(estimate.row, estimate.path) for estimate in before.steps}
    estimates = LogEstimates(
        steps=(*before.steps, *(each for each in steps if (each.row, each.path) not in before_paths)),
        arrivals={**_arrivals(discovery, log), **before.arrivals},
        notes=notes,
    )
    return HallEvidence(form, estimates, (*evidence.logs, log[messages.language()]))


def _arrivals(discovery: Discovery, log: dict[str, str]) -> dict[str, tuple[Any, dict[str, Any]]]:
    """Return what tickets tell of all who come: how the days vary, and who waits how long."""
    arrivals, values = discovery.arrivals, dict[str, tuple[Any, dict[str, Any]]]()
    if discovery.traces.kind != "tickets" or arrivals.days < MIN_ROWS:
        return values
    interval = (arrivals.dispersion_low, arrivals.dispersion_high)
    entry = estimated(log, "discovery.provenance.dispersion", interval=interval, days=arrivals.days)
    values["day_dispersion"] = (round(max(arrivals.dispersion, 1.0), 4), entry)
    patience = discovery.patience
    if patience is not None and patience.n - patience.censored >= MIN_ROWS:
        values["patience"] = (patience.law, law_entry(log, patience))
    return values


def _stated_minutes(discovery: Discovery, matcher: NameMatcher) -> list[HallplanError]:
    """Return a note on the items whose minutes in the workbook are far from those in the log."""
    traces, differing = discovery.traces, []
    for duration in discovery.durations:
        if duration.service == ALL or not has_times(duration) or duration.fitted.n < MIN_ROWS:
            continue
        item, logged = matcher.item_called(traces.services[duration.service]), duration.fitted.mean / MINUTE_MS
        if item is None or item.minutes is None:
            continue
        if abs(logged - item.minutes.value) > _FAR * item.minutes.value:
            values = {"item": item.title.value, "stated": f"{item.minutes.value:g}", "logged": f"{logged:.3g}"}
            differing.append(messages.text("workbook_log.word.minutes", **values))
    return [HallplanError("workbook_log.note.minutes_stated", items=listed(differing))] if differing else []


def _turnaround(discovery: Discovery, matcher: NameMatcher, title: str) -> list[HallplanError]:
    """Return a note on how long a ledger's cases took: the scenario's days follow from its steps instead."""
    if discovery.traces.kind != "ledger":
        return []
    words = []
    for code, name in enumerate(discovery.traces.services):
        lives = discovery.turnaround.get(code)
        if lives is not None and lives.n >= MIN_ROWS and matcher.item_called(name) is not None:
            words.append(messages.text("workbook_log.word.turnaround", item=name, days=lives.quantile(0.5), n=lives.n))
    return [HallplanError("workbook_log.note.turnaround", file=title, items=listed(words))] if words else []
