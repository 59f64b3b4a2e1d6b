"""Places of inspection teams as tables and as a document.

Input: a :class:`planner.inspections.result.Inspections`.  Output: :class:`TextTable`, and dictionaries of JSON's own
types.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

from foundation import messages
from foundation.numbers import NOTHING, estimate_text, number, range_text
from hallplan.show.document import envelope, number_or_null, scenario_document
from hallplan.show.text_table import TextTable, columns, notes_only
from hallplan.show.words import heading, pool_title, yes_or_no
from planner.inspections.result import SINCE, Answer, Inspections, Judged, TeamAnswer

__all__ = ["inspections_document", "inspections_tables", "team_entries", "team_title"]

_ROWS_BEYOND: Final = 2
"""Numbers of places that are shown beyond the least that is enough."""


def team_entries(result: Inspections) -> list[TeamAnswer]:
    """Return the teams, and the list that they share as the last one."""
    return [*result.teams, *([result.joint] if result.joint is not None else [])]


def team_title(result: Inspections, entry: TeamAnswer) -> str:
    """Return what a team is called."""
    if entry is result.joint:
        return messages.text("cli.inspections.joint_team")
    return pool_title(result.scenario, entry.team.pool)


def inspections_tables(result: Inspections) -> list[TextTable]:
    """Return the verdict, the least number of each team, and the numbers that were tried."""
    title = messages.text("cli.inspections.title", name=heading(result.scenario))
    return [notes_only(*_verdict(result), title=title), _answer_table(result), _place_table(result)]


def _verdict(result: Inspections) -> list[str]:
    question = result.question
    claim = messages.text(
        "cli.inspections.claim",
        cases=number(question.cases, "share", 0),
        day=question.day,
        weeks=number(question.weeks, "share", 0),
    )
    lines = [claim]
    for since in SINCE:
        for outcome in ("certified", "not_certified", "out_of_reach"):
            entries = [entry for entry in result.teams if entry.answer(since).outcome == outcome]
            if entries:
                names = [_named(result, entry, entry.answer(since)) for entry in entries]
                joined = messages.text("cli.staff.separator").join(names)
                lines.append(messages.text(f"cli.inspections.{since}.{outcome}", names=joined))
    lines.append(_joint_sentence(result))
    return lines


def _named(result: Inspections, entry: TeamAnswer, answer: Answer) -> str:
    name = team_title(result, entry)
    if answer.certified is None:
        return messages.text("cli.inspections.ceiling", name=name, share=_ceiling(answer))
    places = _places(entry.team.per_day(answer.certified.places))
    return messages.text("cli.inspections.places", name=name, n=places)


def _places(value: float) -> str:
    return number(value, "count", 0 if float(value).is_integer() else 1)


def _share(value: float) -> str:
    return number(value, "share")


def _ceiling(answer: Answer) -> str:
    """Return the share of weeks without a limit, with its interval."""
    ceiling = answer.ceiling
    return estimate_text(ceiling.share, ceiling.low, ceiling.high, "share")


def _joint_sentence(result: Inspections) -> str:
    if result.joint is None:
        return messages.text(f"cli.inspections.no_joint_{result.joint_fault}")
    saved, certified = result.saved_per_day(), result.joint.answer("listed").certified
    if saved is None or certified is None:
        return messages.text("cli.inspections.joint_unknown")
    together = result.joint.team.per_day(certified.places)
    key = "cli.inspections.joint" if saved > 0 else "cli.inspections.joint_saves_nothing"
    return messages.text(key, together=_places(together), apart=_places(together + saved), saved=_places(saved))


def _answer_table(result: Inspections) -> TextTable:
    rows = []
    for entry in team_entries(result):
        team, listed, accepted = entry.team, entry.answer("listed"), entry.answer("accepted")
        certified = listed.certified
        rows.append(
            (
                team_title(result, entry),
                number(team.wanted, "count", 1),
                _places(team.per_day(team.places)),
                NOTHING if certified is None else _places(team.per_day(certified.places)),
                NOTHING if certified is None else str(team.teams_for(certified.places)),
                NOTHING if certified is None else _share(certified.share),
                NOTHING if certified is None else _share(certified.low),
                yes_or_no(listed.outcome == "certified"),
                _certified_places(entry, accepted),
                _ceiling(accepted),
            )
        )
    keys = (
        "team",
        "#asked_per_day",
        "#places_now",
        "#least_places",
        "#teams",
        "#weeks_held",
        "#lower_bound",
        "certified",
    )
    return TextTable(
        columns(*keys, "#least_since_accepted", "#at_most_since_accepted"),
        tuple(rows),
        title=messages.text("cli.inspections.answers"),
        notes=tuple(_answer_notes(result)),
    )


def _certified_places(entry: TeamAnswer, answer: Answer) -> str:
    """Return the places a day that are certified; a dash if none are."""
    if answer.certified is None or answer.outcome != "certified":
        return NOTHING
    return _places(entry.team.per_day(answer.certified.places))


def _answer_notes(result: Inspections) -> Iterator[str]:
    yield messages.text("cli.inspections.days")
    yield messages.text("cli.inspections.certificates", confidence=result.confidence)
    yield messages.text("cli.inspections.teams_rule")
    if result.joint is not None:
        yield messages.text("cli.inspections.joint_note")


def _shown(answer: Answer, weeks: float) -> list[Judged]:
    """Return the numbers up to a few beyond the least that is enough."""
    enough = next((place for place, judged in enumerate(answer.tried) if judged.share >= weeks), len(answer.tried))
    return list(answer.tried[: enough + 1 + _ROWS_BEYOND])


def _place_rows(result: Inspections, entry: TeamAnswer) -> Iterator[tuple[str, ...]]:
    accepted = {judged.places: judged for judged in entry.answer("accepted").tried}
    for judged in _shown(entry.answer("listed"), result.question.weeks):
        yield (
            team_title(result, entry),
            _places(entry.team.per_day(judged.places)),
            str(entry.team.teams_for(judged.places)),
            _share(judged.share),
            range_text(judged.low, judged.high, "share"),
            _share(judged.cases),
            _share(accepted[judged.places].share),
        )


def _place_table(result: Inspections) -> TextTable:
    rows = [row for entry in team_entries(result) for row in _place_rows(result, entry)]
    keys = ("team", "#places_per_day", "#teams", "#weeks_held", "#interval", "#cases_in_time", "#weeks_since_accepted")
    weeks = max((judged.weeks for entry in result.teams for judged in entry.answers[0].tried), default=0)
    notes = (messages.text("cli.inspections.search", weeks=weeks),)
    return TextTable(columns(*keys), tuple(rows), title=messages.text("cli.inspections.tried"), notes=notes)


def inspections_document(result: Inspections, *, seed: int) -> dict[str, Any]:
    """Return the document of ``hallplan inspections``.

    Parameters
    ----------
    result
        The result.
    seed
        Of the random numbers.
    """
    question, frames = result.question, result.frames()
    return envelope(
        "inspections",
        scenario=scenario_document(result.scenario),
        question={"weeks": question.weeks, "cases": question.cases, "day": question.day},
        message=" ".join(_verdict(result)),
        confidence=result.confidence,
        seed=seed,
        joint_fault=result.joint_fault,
        saved_places_per_day=result.saved_per_day(),
        **{name: [_plain(row) for row in frame.to_dict("records")] for name, frame in frames.items()},
    )


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    whole_columns = ("places", "teams", "weeks")
    return {str(key): _json(value, is_whole=key in whole_columns) for key, value in row.items()}


def _json(value: Any, *, is_whole: bool) -> Any:
    if not isinstance(value, float):
        return value
    return int(value) if is_whole and math.isfinite(value) else number_or_null(value)
