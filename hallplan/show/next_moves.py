"""What to centralise or decentralise next, as tables of text and as JSON.

Input: a :class:`~planner.next_moves.result.NextMoves`.  Output: tables and a document.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any, Final

from foundation import messages
from foundation.numbers import estimate_text, number
from hallplan.show.document import envelope, interval_document, number_or_null, scenario_document
from hallplan.show.text_table import TextTable, columns, notes_only
from hallplan.show.words import heading
from planner.next_moves.result import GAINS, Gain, NextMoves, RankedMove, gain_of, title_of
from sim.statistics.intervals import Interval

__all__ = ["moves_document", "moves_tables"]

_KINDS: Final[dict[Gain, str]] = {"visitors": "hours", "cases": "days"}
_MINUTES: Final[dict[Gain, float]] = {"visitors": 60.0, "cases": 1.0}
"""Of a gain for each visit: minutes for visitors, days for files."""
_TRIP_KINDS: Final[dict[Gain, str]] = {"visitors": "minutes", "cases": "days"}
_COLUMNS: Final[dict[Gain, tuple[str, str, str]]] = {
    "visitors": ("#visitors_saved", "#visitors_per_seat", "#visitors_per_trip"),
    "cases": ("#cases_saved", "#cases_per_seat", "#cases_per_trip"),
}
_EXAMPLES: Final = 4
"""Items that a sentence names."""


def moves_tables(result: NextMoves) -> list[TextTable]:
    """Return the moves that save hours of visitors, those that save days of cases, and what cannot move."""
    tables = [_table(result, gain) for gain in GAINS if result.ranked(gain)]
    return [*tables, notes_only(*_notes(result)), notes_only(*_immovable(result))]


def _table(result: NextMoves, gain: Gain) -> TextTable:
    rows = tuple(_row(result, move, gain) for move in result.ranked(gain))
    saved, per_seat, per_trip = _COLUMNS[gain]
    keys = ("#rank", "move", saved, "#seats", per_seat, per_trip, "#trips_saved", "#cost")
    headings = columns(*keys, heading=lambda key: messages.text(f"cli.next.column.{key}"))
    title = messages.text(f"cli.next.title_{gain}", name=heading(result.scenario))
    return TextTable(headings, rows, title)


def _row(result: NextMoves, move: RankedMove, gain: Gain) -> tuple[str, ...]:
    kind = _KINDS[gain]
    return (
        _rank(move),
        title_of(result.scenario, move.candidate),
        _signed(move.per_day, kind),
        number(move.seats, "hours"),
        _signed(move.per_seat, kind),
        _signed(_scaled(move.per_trip, _MINUTES[gain]), _TRIP_KINDS[gain]),
        _signed(move.trips, "count"),
        _signed(move.cost, "yuan"),
    )


def _rank(move: RankedMove) -> str:
    if move.best_rank == move.worst_rank:
        return str(move.best_rank)
    return f"{move.best_rank}–{move.worst_rank}"


def _scaled(interval: Interval, factor: float) -> Interval:
    ends = {name: factor * getattr(interval, name) for name in ("estimate", "low", "high")}
    return replace(interval, **ends)


def _signed(interval: Interval, kind: str) -> str:
    if interval.low == interval.high:
        return number(interval.estimate, kind)
    return estimate_text(interval.estimate, interval.low, interval.high, kind, sign=True)


def _notes(result: NextMoves) -> list[str]:
    without = sum(move.per_day.low <= 0 for move in result.moves)
    return [
        messages.text(
            "cli.next.screened",
            all=len(result.screened),
            simulated=len(result.moves),
            each=result.each,
            used=result.used,
        ),
        messages.text("cli.next.ranks", level=result.level),
        messages.text("cli.next.not_settled", most=result.most) if not result.is_settled else "",
        messages.text("cli.next.seats"),
        messages.text("cli.next.trips"),
        messages.text("cli.next.no_gain", n=without) if without else "",
        messages.text("cli.next.bring_in") if any(move.candidate.move == "in" for move in result.moves) else "",
        messages.text("cli.next.no_penalty") if _has_pairs(result) else "",
    ]


def _has_pairs(result: NextMoves) -> bool:
    return any(move.candidate.pools and not move.candidate.lever for move in result.moves)


def _immovable(result: NextMoves) -> list[str]:
    counts = Counter((row.move, row.reason) for row in result.immovable)
    lines = [messages.text("cli.next.immovable", n=len(result.immovable))] if counts else []
    for (move, reason), n in counts.items():
        titles = [row.item.title.said() for row in result.immovable if (row.move, row.reason) == (move, reason)]
        names = messages.text("cli.staff.separator").join(titles[:_EXAMPLES]) + (" …" if n > _EXAMPLES else "")
        lines.append(
            messages.text(
                "cli.next.because",
                n=n,
                move=messages.text(f"cli.next.move_{move}"),
                reason=messages.text(f"cli.next.reason.{reason}"),
                names=names,
            )
        )
    return lines


def moves_document(result: NextMoves) -> dict[str, Any]:
    """Return the document of ``hallplan next``."""
    return envelope(
        "next",
        scenario=scenario_document(result.scenario),
        confidence=result.level,
        settled=result.is_settled,
        replications={"used": result.used, "budget": result.budget, "most": result.most},
        seed=result.seed,
        screened=len(result.screened),
        moves=[
            {
                "key": move.candidate.key,
                "move": move.candidate.move,
                "title": title_of(result.scenario, move.candidate),
                "items": [placed.name for placed in move.candidate.items],
                "pools": list(move.candidate.pools),
                "gain": gain_of(move.candidate),
                "best_rank": move.best_rank,
                "worst_rank": move.worst_rank,
                "expected": number_or_null(move.candidate.expected),
                "concerned_per_day": move.candidate.concerned,
                "seats": move.seats,
                **{
                    name: interval_document(getattr(move, name))
                    for name in ("per_day", "per_seat", "per_trip", "cost", "trips")
                },
            }
            for move in result.moves
        ],
        immovable=[
            {
                "item": row.name,
                "title": {"en": row.item.title.en, "zh": row.item.title.zh},
                "move": row.move,
                "reason": row.reason,
            }
            for row in result.immovable
        ],
        notes=[note for note in (*_notes(result), *_immovable(result)) if note],
    )
