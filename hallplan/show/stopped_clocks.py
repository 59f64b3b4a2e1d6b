"""The audit of stopped clocks as a table of text and as JSON.

Input: a :class:`~planner.promises.Promises`.  Output: a table and a document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from foundation import messages
from foundation.numbers import number, range_text
from hallplan.show.document import interval_document, number_or_null
from hallplan.show.text_table import TextTable, columns, notes_only
from hallplan.show.words import service_title
from planner.stopped_clocks import StoppedClocks, stopped_clocks

if TYPE_CHECKING:
    from planner.promises import Promises
    from sim.statistics.intervals import Interval

__all__ = ["stops_document", "stops_table"]

_MOST_ITEMS: Final = 10
"""Items of the table: those with most stopped days."""


def _audit(result: Promises) -> StoppedClocks:
    goal = result.goal
    return stopped_clocks(result.cases, result.names, result.limits[0], q=goal.share, level=goal.level)


def stops_table(result: Promises) -> TextTable:
    """Return the applicant's days beside those of the clock, or a sentence where nothing stops it."""
    audit = _audit(result)
    if not audit.has_stops:
        return notes_only(messages.text("cli.stops.none"))
    stopped = [item for item in audit.items if item.stopped > 0]
    rows = tuple(
        (
            service_title(result.composed.scenario, item.item),
            *(number(days, "days", 1) for days in (item.calendar, item.working, item.clock, item.stopped)),
            *(number(days, "days", 0) for days in (item.limit, item.limit_unstopped)),
        )
        for item in stopped[:_MOST_ITEMS]
    )
    share = result.goal.share
    cuts = {name: _points(getattr(audit, name)) for name in ("supported", "unstopped", "won")}
    notes = [messages.text("cli.stops.reading", share=share), messages.text("cli.stops.won", share=share, **cuts)]
    if len(stopped) > len(rows):
        notes.append(messages.text("cli.stops.more", n=len(stopped) - len(rows)))
    heads = columns(
        *("item", "#calendar", "#working", "#clock", "#stopped", "#limit", "#limit_unstopped"),
        heading=lambda key: messages.text(f"cli.stops.column.{key}"),
    )
    return TextTable(heads, rows, messages.text("cli.stops.title", n=len(stopped), all=len(audit.items)), tuple(notes))


def _points(interval: Interval) -> str:
    return f"{number(interval.estimate, 'share', 1)} ({range_text(interval.low, interval.high, 'share')})"


def stops_document(result: Promises) -> dict[str, Any]:
    """Return the part of the document about stopped clocks."""
    audit = _audit(result)
    names = ("calendar", "working", "clock", "stopped", "limit", "limit_unstopped")
    return {
        **{name: interval_document(getattr(audit, name)) for name in ("supported", "unstopped", "won")},
        "items": [
            {"item": item.item, **{name: number_or_null(getattr(item, name)) for name in names}} for item in audit.items
        ],
    }
