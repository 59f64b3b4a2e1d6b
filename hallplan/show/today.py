"""The rest of a day as tables and as a document.

Input: a :class:`planner.today.result.RestOfDay`.  Output: :class:`TextTable`, and dictionaries of JSON's own types.
"""

from __future__ import annotations

import math
from typing import Any, Final

from foundation import messages
from foundation.numbers import NOTHING, number, plus_minus
from foundation.units import format_time_of_day
from hallplan.show.document import envelope, number_or_null, scenario_document
from hallplan.show.text_table import TextTable, columns, notes_only
from hallplan.show.words import heading, pool_title, yes_or_no
from planner.today.result import Opening, PoolOutlook, RestOfDay
from sim.calendar import DAY_MS, MINUTE_MS
from sim.statistics.prediction import Prediction

__all__ = ["today_document", "today_tables"]

_MINUTES: Final = "minutes"
_QUIET_MIN: Final = 0.5
"""Minutes of waiting of all visitors below which a pool without a queue is not worth a row."""


def today_tables(result: RestOfDay) -> list[TextTable]:
    """Return the verdict, the pools, and the windows that could open."""
    return [notes_only(*_verdict(result), title=_title(result)), _pool_table(result), _opening_table(result)]


def _title(result: RestOfDay) -> str:
    now = result.state.now
    date, time = now.date().isoformat(), format_time_of_day(result.state.now_ms)
    return messages.text("cli.today.title", name=heading(result.scenario), date=date, time=time)


def _verdict(result: RestOfDay) -> list[str]:
    lines = []
    if result.openings:
        best = result.openings[0]
        lines.append(_advice(result, best))
        tied = [opening for opening in result.openings if opening.tied]
        if tied and best.helps:
            names = messages.text("cli.staff.separator").join(_opening_name(result, opening) for opening in tied)
            lines.append(messages.text("cli.today.tied", names=names))
    else:
        lines.append(messages.text("cli.today.no_waiting"))
    if result.state.cases:
        total = sum(group.number for group in result.state.cases)
        decided = result.decided
        lines.append(
            messages.text(
                "cli.today.cases",
                n=total,
                median=number(decided.median, "count", 0),
                low=number(decided.low, "count", 0),
                high=number(decided.high, "count", 0),
            )
        )
    return lines


def _advice(result: RestOfDay, best: Opening) -> str:
    if not best.helps:
        return messages.text("cli.today.nothing_helps")
    hourly = max((opening for opening in result.openings if opening.helps), key=lambda opening: opening.saved_per_hour)
    return messages.text(
        "cli.today.advice",
        best=_opening_name(result, best),
        saved=number(best.saved.estimate, _MINUTES, 0),
        low=number(best.saved.low, _MINUTES, 0),
        high=number(best.saved.high, _MINUTES, 0),
        hourly=_opening_name(result, hourly),
        per_hour=number(hourly.saved_per_hour, _MINUTES, 0),
        hour_low=number(hourly.saved.low / hourly.hours, _MINUTES, 0),
        hour_high=number(hourly.saved.high / hourly.hours, _MINUTES, 0),
    )


def _opening_name(result: RestOfDay, opening: Opening) -> str:
    pool, until = pool_title(result.scenario, opening.pool), format_time_of_day(opening.until)
    return messages.text("cli.today.opening", pool=pool, until=until)


def _clock(result: RestOfDay, minutes: float) -> str:
    """Return the time of day so many minutes from now."""
    if not math.isfinite(minutes):
        return messages.text("cli.today.not_today")
    moment = min(result.state.now_ms + round(minutes) * MINUTE_MS, DAY_MS)
    return format_time_of_day(moment - moment % MINUTE_MS)


def _wait_range(wait: Prediction) -> str:
    return NOTHING if math.isnan(wait.median) else _span(_wait(wait.low), _wait(wait.high))


def _wait(minutes: float) -> str:
    if math.isnan(minutes):
        return NOTHING
    return number(minutes, _MINUTES, 0) if math.isfinite(minutes) else messages.text("cli.today.not_today")


def _span(low: str, high: str) -> str:
    return low if low == high else f"{low}–{high}"


def is_shown(pool: PoolOutlook) -> bool:
    """Tell whether a pool has anything to say: a queue, waiting to come, or people who are not served."""
    return pool.waiting > 0 or pool.waiting_min.estimate >= _QUIET_MIN or pool.unserved.estimate > 0


def _pool_table(result: RestOfDay) -> TextTable:
    rows = []
    for pool in result.pools:
        if not is_shown(pool):
            continue
        empty, wait = pool.empty_after, pool.ticket_wait
        rows.append(
            (
                pool_title(result.scenario, pool.pool),
                str(pool.waiting),
                str(pool.windows),
                _clock(result, empty.median) if pool.waiting else NOTHING,
                _span(_clock(result, empty.low), _clock(result, empty.high)) if pool.waiting else NOTHING,
                _wait(wait.median),
                _wait_range(wait),
                plus_minus(pool.left.estimate, pool.left.half_width, "count"),
                plus_minus(pool.unserved.estimate, pool.unserved.half_width, "count"),
            )
        )
    keys = ("pool", "#waiting_now", "#windows_now", "#queue_empty", "#queue_empty_range")
    return TextTable(
        columns(*keys, "#ticket_wait", "#ticket_wait_range", "#leave_today", "#unserved_today"),
        tuple(rows),
        title=messages.text("cli.today.pools"),
        notes=tuple(_pool_notes(result)),
    )


def _pool_notes(result: RestOfDay) -> list[str]:
    coverage = result.decided.coverage
    notes = [
        messages.text("cli.today.prediction", coverage=coverage, n=result.effort.forecast),
        messages.text("cli.today.ticket"),
        messages.text("cli.today.means", level=result.level),
        messages.text("cli.today.quiet", n=sum(not is_shown(pool) for pool in result.pools))
        if any(not is_shown(pool) for pool in result.pools)
        else "",
    ]
    return [note for note in notes if note]


def _opening_table(result: RestOfDay) -> TextTable:
    rows = tuple(
        (
            pool_title(result.scenario, opening.pool),
            format_time_of_day(opening.until),
            number(opening.hours, "minutes"),
            number(opening.saved.estimate, _MINUTES, 0),
            f"{number(opening.saved.low, _MINUTES, 0)}–{number(opening.saved.high, _MINUTES, 0)}",
            number(opening.saved_per_hour, _MINUTES, 0),
            yes_or_no(opening.tied) if place else NOTHING,
        )
        for place, opening in enumerate(result.openings)
    )
    keys = (
        "pool",
        "open_until",
        "#hours_of_work",
        "#waiting_saved",
        "#waiting_saved_range",
        "#saved_per_hour",
        "as_good",
    )
    notes = (messages.text("cli.today.openings_note", n=result.effort.check, level=result.level),) if rows else ()
    return TextTable(columns(*keys), rows, title=messages.text("cli.today.openings") if rows else "", notes=notes)


def today_document(result: RestOfDay, *, seed: int) -> dict[str, Any]:
    """Return the document of ``hallplan today``.

    Parameters
    ----------
    result
        The result.
    seed
        Of the random numbers.
    """
    frames = {name: frame.to_dict("records") for name, frame in result.frames().items()}
    state = result.state
    return envelope(
        "today",
        scenario=scenario_document(result.scenario),
        now=state.now.isoformat(sep=" "),
        message=_verdict(result)[0],
        level=result.level,
        coverage=result.decided.coverage,
        seed=seed,
        replications={
            "forecast": result.effort.forecast,
            "search": result.effort.search,
            "check": result.effort.check,
        },
        waiting=len(state.waiting),
        issued=state.issued,
        cases_in_progress=sum(group.number for group in state.cases),
        decided_today=_prediction(result.decided),
        **{name: [_plain(row) for row in rows] for name, rows in frames.items()},
    )


def _prediction(prediction: Prediction) -> dict[str, float | None]:
    return {name: number_or_null(getattr(prediction, name)) for name in ("median", "low", "high")}


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(key): number_or_null(value) if isinstance(value, float) else value for key, value in row.items()}
