"""Which numbers of a plan nobody measured: how many, about what, and those that decide about the longest queue.

Input: composed scenarios, and a comparison of them.  Output: counts by topic, and :class:`Assumption`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from foundation import messages
from hallplan.show.evidence import range_of, shortened
from hallplan.show.report.lettering import plain_line, quantity_text
from hallplan.show.words import in_language, pool_title
from planner.outlook import Outlook
from scenarios.compose.composing import Composed
from scenarios.model.vocabulary import WINDOW_ROLES
from scenarios.paths import Path
from scenarios.provenance import Sourced, sourced
from sim.run.replications import Replications

__all__ = ["TOPICS", "Assumption", "assumed_by_topic", "decisive_assumptions"]

TOPICS: Final = ("demand", "staff", "minutes", "patience", "hours", "steps", "money", "window", "other")
"""What a number is about, in the order in which it decides about waits."""
_OF_MONEY: Final = ("cost_per_hour", "value_of_hour", "travel")
_OF_MINUTES: Final = ("work", "work_factor", "absent", "delay")
_OF_PATIENCE: Final = ("patience", "comes_back")


@dataclass(frozen=True)
class Assumption:
    """One number, or one entry of numbers, that is assumed.

    Attributes
    ----------
    subject
        What it is about, in words.
    value, range
        As written, and between what it may lie; "" if no range is stated.
    reason
        Why it is what it is.
    """

    subject: str
    value: str
    range: str
    reason: str


def topic_of(path: Path) -> str:
    """Return what a number is about, by where it stands."""
    first, last = path[0], path[-1]
    if first == "run":
        return "window"
    if any(key in _OF_MONEY for key in path):
        return "money"
    if any(key in _OF_PATIENCE for key in path):
        return "patience"
    if first in ("arrivals", "people") or "profile" in path:
        return "minutes" if "work_factor" in path else "demand"
    if first == "pools" and last == "servers":
        return "staff"
    if any(key in _OF_MINUTES for key in path):
        return "minutes"
    if first in ("calendar", "timetables", "sites", "pools"):
        return "hours"
    return "steps" if first in ("services", "routes") else "other"


def assumed_by_topic(composed: Composed) -> dict[str, tuple[int, int]]:
    """Return by topic how many numbers there are, and how many are assumed; topics without numbers are left out."""
    numbers = sourced(composed.scenario, composed.raw)
    total = Counter(topic_of(number.path) for number in numbers)
    assumed = Counter(topic_of(number.path) for number in numbers if number.kind == "assumed")
    return {topic: (total[topic], assumed[topic]) for topic in TOPICS if total[topic]}


def decisive_assumptions(composed: Composed, run: Replications, outlook: Outlook) -> list[Assumption]:
    """Return the assumed numbers that decide about the longest queue of a plan.

    These are the visits of the largest source, the people and hours of the window with that queue, the minutes of its
    work, and how long visitors wait before they leave: as far as they are assumed.

    Parameters
    ----------
    composed
        The plan.
    run
        Its replications, which tell where the longest queue is.
    outlook
        What is known of it before it is run.
    """
    scenario = composed.scenario
    pool = longest_queue(run)
    largest = max(outlook.load.arrivals_per_day, key=outlook.load.arrivals_per_day.__getitem__, default="")
    numbers = [number for number in sourced(scenario, composed.raw) if number.kind == "assumed"]
    of_pool = pool_title(scenario, pool) if pool else ""
    groups = {
        "demand": [number for number in numbers if number.path[:2] == ("arrivals", largest) and _is_level(number.path)],
        "staff": [number for number in numbers if number.path == ("pools", pool, "servers")],
        "hours": [number for number in numbers if number.path == ("pools", pool, "hours")],
        "minutes": [number for number in numbers if _is_work_of(composed.raw, number.path, pool)],
        "patience": [number for number in numbers if number.path == ("arrivals", largest, "patience", "mean")],
    }
    return [_assumption(topic, group, of_pool) for topic, group in groups.items() if group]


def longest_queue(run: Replications) -> str:
    """Return the window with the longest mean queue, or the pool where there are no windows; "" if there is none."""
    queues = {
        name: run.interval(key).estimate
        for name in run.scenario.pools
        if (key := f"pool_queue_mean.{name}") in run.columns and run.interval(key).n
    }
    windows = {name: queue for name, queue in queues.items() if run.scenario.pools[name].role in WINDOW_ROLES}
    candidates = windows or queues
    return max(candidates, key=candidates.__getitem__, default="")


def _is_level(path: Path) -> bool:
    return path[-1] in ("per_day", "per_year", "per_month") or path[2:3] == ("every",)


def _is_work_of(raw: Any, path: Path, pool: str) -> bool:
    """Tell whether a number is the mean minutes of a step that a pool does."""
    if "work" not in path or path[-1] not in ("work", "mean"):
        return False
    step = raw
    for key in path[: path.index("work")]:
        step = step[key] if isinstance(step, dict) and key in step else {}
    return isinstance(step, dict) and step.get("pool") == pool


def _assumption(topic: str, numbers: list[Sourced], pool: str) -> Assumption:
    """Return what a group of numbers says; the entry that counts for most of them speaks for it."""
    entries = Counter(id(number.entry) for number in numbers)
    most = entries.most_common(1)[0][0]
    entry = next(number.entry for number in numbers if id(number.entry) == most)
    subject = messages.text(f"report.decisive.{topic}", pool=plain_line(pool))
    value = quantity_text(shortened([number.value for number in numbers]))
    if entry is None:
        return Assumption(subject, value, "", "")
    reason = plain_line(in_language(entry.basis, ""))
    return Assumption(subject, value, quantity_text(range_of(entry)), reason)
