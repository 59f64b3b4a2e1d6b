"""What event logs of a hall tell in the place of a workbook's assumptions, and how it is laid over the made scenario.

Input: estimates by item and step, which :mod:`calibration.workbook` makes of logs.  Output: changed services and
sources of visitors, with the sources of their numbers.  What has a cell of its own stands in the form instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from foundation.errors import HallplanError
from scenarios.workbook.services import MadeService

__all__ = ["NO_ESTIMATES", "LogEstimates", "StepEstimate", "lay_over_arrivals", "lay_over_services"]


@dataclass(frozen=True)
class StepEstimate:
    """What a log tells of one step of an item.

    Attributes
    ----------
    row
        The item's row in the workbook.
    path
        Where the value stands below the item's service, such as ``("visits", "apply", "window", "work")``.
    value
        A law, or a table of numbers to lay over the one there.
    entries
        Entries of the provenance, by the rest of the path: "" for the value as a whole.
    """

    row: int
    path: tuple[str, ...]
    value: Any
    entries: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class LogEstimates:
    """What logs tell in the place of assumptions.

    Attributes
    ----------
    steps
        Estimates of steps.
    arrivals
        By key of a source of visitors: the value, and its entry of the provenance.
    notes
        What of the logs could not be used, and why.
    """

    steps: Sequence[StepEstimate] = ()
    arrivals: Mapping[str, tuple[Any, Mapping[str, Any]]] = field(default_factory=dict)
    notes: Sequence[HallplanError] = ()


NO_ESTIMATES: Final = LogEstimates()


def lay_over_services(services: Sequence[MadeService], estimates: LogEstimates) -> None:
    """Change the steps of services by estimates, and add the sources of their numbers."""
    by_row = {service.item.row: service for service in services}
    for estimate in estimates.steps:
        service = by_row[estimate.row]
        table = service.table
        for key in estimate.path[:-1]:
            table = table.setdefault(key, {})
        last = estimate.path[-1]
        both_tables = isinstance(estimate.value, Mapping) and isinstance(table.get(last), dict)
        table[last] = {**table[last], **estimate.value} if both_tables else estimate.value
        path = ".".join(("services", service.name, *estimate.path))
        for rest, entry in estimate.entries.items():
            service.sources[f"{path}.{rest}" if rest else path] = dict(entry)


def lay_over_arrivals(arrivals: Mapping[str, dict[str, Any]], estimates: LogEstimates) -> dict[str, dict[str, Any]]:
    """Change the sources of visitors by estimates, where they have such a number; return the sources of the numbers."""
    for source in arrivals.values():
        source |= {key: value for key, (value, _) in estimates.arrivals.items() if key in source}
    return {f"arrivals.*.{key}": dict(entry) for key, (_, entry) in estimates.arrivals.items()}
