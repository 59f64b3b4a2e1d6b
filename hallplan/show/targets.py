"""Simulated figures against published ones: a target, the verdict on it, and where it comes from.

Input: intervals of metrics and the targets that a scenario states.  Output: cells, notes and JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from foundation import messages
from foundation.numbers import NOTHING, published_range
from hallplan.show.metrics import metric_label
from hallplan.show.words import in_language, yes_or_no
from planner.targets import TargetCheck, check_target
from scenarios.model import Scenario, Target
from sim.statistics import Interval

__all__ = ["target_cells", "target_document", "target_notes", "undecided_note", "verdict_text"]


def verdict_text(check: TargetCheck) -> str:
    """Return whether the mean lies inside the target; ``±`` where the replications do not suffice to tell."""
    if check.verdict == "unknown":
        return NOTHING
    word = yes_or_no(check.mean_inside)
    return f"{word} ±" if check.verdict == "undecided" else word


def target_cells(interval: Interval | None, target: Target | None, kind: str) -> tuple[str, str]:
    """Return a target with its verdict, and the provenance of the figure."""
    if target is None or interval is None:
        return "", messages.text("cli.simulated") if interval is not None else ""
    verdict = verdict_text(check_target(interval, target))
    return f"{published_range(target.low, target.high, kind)} {verdict}", messages.text("cli.kind.published")


def undecided_note(checks: Sequence[TargetCheck]) -> str:
    """Say what ``±`` means, where it occurs."""
    undecided = any(check.verdict == "undecided" for check in checks)
    return messages.text("cli.note.undecided") if undecided else ""


def target_notes(scenario: Scenario, keys: Sequence[str]) -> list[str]:
    """Say where the targets of some metrics come from."""
    return [
        messages.text(
            "cli.note.target",
            metric=metric_label(key, scenario),
            source=in_language(scenario.targets[key].source, ""),
        )
        for key in keys
    ]


def target_document(interval: Interval, target: Target | None) -> dict[str, Any] | None:
    """Return a target and the verdict on it, as JSON's own types."""
    if target is None:
        return None
    check = check_target(interval, target)
    return {
        "low": target.low,
        "high": target.high,
        "provenance": "published",
        "source": in_language(target.source, ""),
        "mean_inside": check.mean_inside,
        "verdict": check.verdict,
    }
