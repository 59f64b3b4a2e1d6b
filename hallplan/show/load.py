"""The result of a check: faults and oddities of a scenario, and its offered load against its capacity.

Input: a composed scenario, its warnings, and its offered load.  Output: tables of text and a document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from foundation import messages
from foundation.errors import ScenarioError
from foundation.numbers import number
from hallplan.show.document import envelope, number_or_null, scenario_document
from hallplan.show.notes import inputs_note, overload_notes
from hallplan.show.text_table import TextTable, columns, notes_only
from hallplan.show.words import in_language, pool_title
from planner.load import Load, PoolLoad, TimetableLoad
from planner.outlook import Outlook
from scenarios.compose.composing import Composed
from scenarios.model import Scenario

__all__ = ["CheckReport", "check_document", "check_tables", "load_tables"]

_MOST_POOLS: Final = 15
"""Pools that are listed unless all are requested; overloaded ones are always listed."""


@dataclass(frozen=True, eq=False)
class CheckReport:
    """What is known of a scenario before it is run.

    Attributes
    ----------
    composed
        The scenario.
    warnings
        What is allowed but probably not meant.
    outlook
        Its offered load, and whether it keeps up.
    """

    composed: Composed
    warnings: Sequence[ScenarioError]
    outlook: Outlook


def check_tables(report: CheckReport, *, all_pools: bool = False) -> list[TextTable]:
    """Return the verdict and the warnings, the offered load, and what can't keep up."""
    scenario = report.composed.scenario
    warnings = [messages.text("cli.check.warning", sentence=warning.sentence()) for warning in report.warnings]
    title = messages.text("cli.check.valid", name=report.composed.name)
    end = overload_notes(report.outlook.regime) or [messages.text("cli.check.all_keep_up")]
    return [
        notes_only(*warnings, inputs_note(report.outlook.inputs), title=title),
        *load_tables(report.outlook.load, scenario, most=None if all_pools else _MOST_POOLS),
        notes_only(*end),
    ]


def load_tables(load: Load, scenario: Scenario, *, most: int | None = _MOST_POOLS) -> list[TextTable]:
    """Return the offered load of the busiest pools, and of timetables with limited places.

    Parameters
    ----------
    load, scenario
        The load, and whose it is.
    most
        How many pools at the most; overloaded ones are always shown.
    """
    busy = sorted((pool for pool in load.pools if pool.work_h_per_day > 0), key=lambda pool: -pool.utilisation)
    number_shown = len(busy) if most is None else max(most, sum(pool.is_overloaded for pool in busy))
    rows = tuple(_pool_row(pool, scenario) for pool in busy[:number_shown])
    omitted = len(busy) - len(rows)
    notes = [messages.text("cli.note.load", days=load.days)]
    notes += [messages.text("cli.note.more_pools", n=omitted)] if omitted else []
    overloaded = frozenset({messages.text("cli.overloaded")})
    tables = [
        TextTable(
            columns("pool", "name", "#servings", "#offered_load", "#servers", "#utilisation", "keeps_up"),
            rows,
            title=messages.text("cli.check.load"),
            notes=tuple(notes),
            alarms=overloaded,
        )
        if busy
        else notes_only(messages.text("cli.check.no_work"), title=messages.text("cli.check.load"))
    ]
    boarded = [timetable for timetable in load.timetables if timetable.boardings_per_day > 0]
    if boarded:
        boarded.sort(key=lambda timetable: -timetable.utilisation)
        tables.append(
            TextTable(
                columns("timetable", "name", "#boardings", "#places", "#utilisation", "keeps_up"),
                tuple(_timetable_row(timetable, scenario) for timetable in boarded),
                title=messages.text("cli.check.timetables"),
                alarms=overloaded,
            )
        )
    return tables


def _keeps_up(load: PoolLoad | TimetableLoad) -> str:
    return messages.text("cli.overloaded" if load.is_overloaded else "cli.keeps_up")


def _pool_row(load: PoolLoad, scenario: Scenario) -> tuple[str, ...]:
    return (
        pool_title(scenario, load.pool),
        load.pool,
        number(load.servings_per_day, "count"),
        number(load.offered_load, "hours"),
        number(load.servers, "hours"),
        number(load.utilisation, "share"),
        _keeps_up(load),
    )


def _timetable_row(load: TimetableLoad, scenario: Scenario) -> tuple[str, ...]:
    return (
        in_language(scenario.timetables[load.timetable].title, load.timetable),
        load.timetable,
        number(load.boardings_per_day, "hours"),
        number(load.places_per_day, "hours"),
        number(load.utilisation, "share"),
        _keeps_up(load),
    )


def check_document(report: CheckReport) -> dict[str, Any]:
    """Return the document of ``hallplan check``."""
    return envelope(
        "check",
        scenario=scenario_document(report.composed.scenario),
        inputs=dict(report.outlook.inputs),
        warnings=[
            {"file": warning.file, "path": warning.path, "key": warning.key, "sentence": warning.sentence()}
            for warning in report.warnings
        ],
        overloaded=list(report.outlook.load.overloaded),
        pools=[
            {
                "pool": pool.pool,
                "servings_per_day": pool.servings_per_day,
                "work_h_per_day": pool.work_h_per_day,
                "rostered_h_per_day": pool.rostered_h_per_day,
                "offered_load": number_or_null(pool.offered_load),
                "servers": pool.servers,
                "utilisation": number_or_null(pool.utilisation),
                "overloaded": pool.is_overloaded,
            }
            for pool in report.outlook.load.pools
        ],
        timetables=[
            {
                "timetable": timetable.timetable,
                "boardings_per_day": timetable.boardings_per_day,
                "places_per_day": timetable.places_per_day,
                "utilisation": number_or_null(timetable.utilisation),
                "overloaded": timetable.is_overloaded,
            }
            for timetable in report.outlook.load.timetables
        ],
    )
