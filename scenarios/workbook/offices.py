"""Windows, sections and offices of a made scenario: who serves, for how long, and what departs when.

Input: a workbook, and the names of its windows and sections.  Output: changes to the skeleton's pools, timetables and
routes, with the sources of their numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scenarios.model.vocabulary import WEEKDAYS
from scenarios.workbook.layout import ANY_DAY
from scenarios.workbook.model import HallForm, Stated, WindowRow
from scenarios.workbook.naming import NameRegistry, title_of
from scenarios.workbook.opening import clock, hours_text, last_hours, opening_of, shift_intervals
from scenarios.workbook.reading import takes_all
from scenarios.workbook.skeleton import skeleton
from scenarios.workbook.sources import both, cell_of, derived, given_by

__all__ = ["office_changes", "section_pools", "window_pools"]

Sources = dict[str, dict[str, Any]]


def window_pools(form: HallForm, names: NameRegistry) -> tuple[dict[str, Any], Sources]:
    """Return a pool for each group of windows, and the sources of its numbers."""
    pools: dict[str, Any] = {}
    sources: Sources = {}
    for group in dict.fromkeys(window.group.value for window in form.windows):
        rows = [window for window in form.windows if window.group.value == group]
        name = names.name("window", group)
        pool = {"title": title_of(group), **skeleton()["prototypes"]["window"]}
        departments = [department for row in rows if row.departments for department in row.departments.value]
        pool["department"] = departments[0] if len(departments) == 1 and not takes_all(rows[0]) else group
        _cost(pool, rows, f"pools.{name}", form, sources)
        pools[name] = pool
        pools |= _staff(pool, rows, name, form, sources)
    return pools, sources


def _staff(
    pool: dict[str, Any], rows: Sequence[WindowRow], name: str, form: HallForm, sources: Sources
) -> dict[str, Any]:
    """Set the officers of a group; return a pool for its shifts that are not the hall's hours, merged into the group's.

    So a lever that adds officers to the group finds their number, and those of the hall's hours follow them.
    """
    opening = opening_of(form.hours, ANY_DAY)
    usual, roster, shift_rows = list[WindowRow](), list[dict[str, Any]](), list[WindowRow]()
    for row in rows:
        shift = shift_intervals(row.begins.value, row.ends.value, opening) if row.begins and row.ends else opening
        if shift == opening:
            usual.append(row)
        else:
            stated = row.officers or row.windows
            servers = stated.value if stated is not None else 1
            roster += [{"hours": hours, "servers": servers} for hours in hours_text(shift)]
            shift_rows.append(row)
    counts = [stated for row in usual if (stated := row.officers or row.windows) is not None]
    if len(usual) == len(counts) == 1:
        pool["servers"] = counts[0].value
        sources[f"pools.{name}.servers"] = given_by(counts[0], form.name)
    elif len(usual) != 1:
        pool["servers"] = sum(count.value for count in counts) + len(usual) - len(counts)
        sources[f"pools.{name}.servers"] = derived("workbook.source.officers", place=cell_of(_block(rows)))
    if not roster:
        return {}
    shifts = f"shifts-{name}"
    sources[f"pools.{shifts}.roster"] = derived("workbook.source.roster", place=cell_of(_block(shift_rows)))
    if f"pools.{name}.cost_per_hour" in sources:
        sources[f"pools.{shifts}.cost_per_hour"] = sources[f"pools.{name}.cost_per_hour"]
    shared = {key: value for key, value in pool.items() if key != "servers"}
    return {shifts: {**shared, "merge_into": name, "roster": roster}}


def _block(rows: Sequence[WindowRow]) -> Stated[None]:
    """Return the block of cells of some shifts: from the group's name to the end of the last shift."""
    return Stated(None, rows[0].group.sheet, f"A{rows[0].row}:F{rows[-1].row}")


def _cost(pool: dict[str, Any], rows: Sequence[WindowRow], path: str, form: HallForm, sources: Sources) -> None:
    costs = [row.cost for row in rows if row.cost is not None]
    if not costs:
        return
    pool["cost_per_hour"] = sum(cost.value for cost in costs) / len(costs)
    if len({cost.value for cost in costs}) == 1:
        sources[f"{path}.cost_per_hour"] = given_by(costs[0], form.name)
    else:
        cells = f"{costs[0].cells}:{costs[-1].cells}"
        place = cell_of(Stated(None, costs[0].sheet, cells))
        sources[f"{path}.cost_per_hour"] = derived("workbook.source.mean", place=place)


def section_pools(form: HallForm, names: NameRegistry) -> tuple[dict[str, Any], Sources]:
    """Return a pool for each approval section, and the sources of its numbers."""
    answers, levels = form.answers, skeleton()["levels"]
    reviewers, hours, in_hall = (answers.get(key) for key in ("reviewers", "review_hours", "reviewers_in_hall"))
    review_hours = hours.value if hours is not None else levels["review_hours"]
    pools: dict[str, Any] = {}
    for name, department in names.things("section").items():
        pool = {**skeleton()["prototypes"]["section"], "department": department}
        pool["title"] = both("workbook.title.section", department=title_of(department))
        pool["servers"] = reviewers.value if reviewers is not None else levels["reviewers"]
        pool["hours"] = hours_text(last_hours(opening_of(form.hours, ANY_DAY), 60 * review_hours))
        if in_hall is not None and in_hall.value == "yes":
            pool["site"] = "hall"
        pools[name] = pool
    sources: Sources = {}
    if reviewers is not None:
        sources["pools.section-*.servers"] = given_by(reviewers, form.name)
    if hours is not None:
        sources["pools.section-*.hours"] = derived(
            "workbook.source.review_hours", hours=f"{hours.value:g}", place=cell_of(hours)
        )
    return pools, sources


def office_changes(raw: dict[str, Any], form: HallForm, sections: int) -> Sources:
    """Change timetables, routes and pools of the offices by the answers; return the sources of their numbers.

    Parameters
    ----------
    raw
        The skeleton; it is changed.
    form
        The workbook.
    sections
        Number of approval sections: each has a head, a chief and a director of its own.
    """
    sources: Sources = {}
    for pool in ("heads", "chiefs", "directors"):
        raw["pools"][pool]["servers"] = sections
        sources[f"pools.{pool}.servers"] = derived("workbook.source.signers", n=sections)
    _courier(raw, form, sources)
    _signing(raw, form, sources)
    _inspection(raw, form, sources)
    _set(raw, form, sources, "joint_days", "joint-meeting", "days")
    return sources


def _is(form: HallForm, question: str) -> bool:
    answer = form.answers.get(question)
    return answer is not None and answer.value == "yes"


def _set(raw: dict[str, Any], form: HallForm, sources: Sources, question: str, timetable: str, key: str) -> None:
    """Set one key of a timetable to an answer, if there is one."""
    answer = form.answers.get(question)
    if answer is None:
        return
    values = list(answer.value) if key == "days" else list(map(clock, answer.value))
    raw["timetables"][timetable][key] = values
    sources[f"timetables.{timetable}.{key}"] = given_by(answer, form.name)


def _courier(raw: dict[str, Any], form: HallForm, sources: Sources) -> None:
    _set(raw, form, sources, "courier_times", "courier", "times")
    _set(raw, form, sources, "courier_days", "courier", "days")
    if not _is(form, "reviewers_in_hall"):
        return
    routes, case = raw["routes"], raw["templates"]["committed"]["case"]
    del routes["hand-over"]["courier"], routes["return-to-window"], case["back"]
    routes["hand-over"]["registry"]["delay"] = skeleton()["levels"]["desk_to_desk"]
    case["notice"]["until"] = "section-telephones"


def _signing(raw: dict[str, Any], form: HallForm, sources: Sources) -> None:
    """Let those sign who sign: of the chain of head, deputy chief and director the rest is skipped."""
    for timetable in ("chief-signing", "director-signing"):
        _set(raw, form, sources, "signing_days", timetable, "days")
        _set(raw, form, sources, "signing_times", timetable, "times")
    signer = form.answers.get("signer")
    last = signer.value if signer is not None else "deputy"
    steps = raw["routes"]["sign-off"]
    if last == "head":
        raw["routes"]["sign-off"] = {"head": steps["head"]}
        return
    if last == "deputy":
        for step in ("director-day", "director"):
            steps[step]["skip"] = True
    if _is(form, "chiefs_in_hall"):
        for step in ("signing-day", "director-day"):
            steps[step]["skip"] = True
        for pool in ("chiefs", "directors"):
            raw["pools"][pool]["site"] = "hall"


def _inspection(raw: dict[str, Any], form: HallForm, sources: Sources) -> None:
    timetables, answers = raw["timetables"], form.answers
    teams, days, half, capacity = (
        answers.get(key) for key in ("teams", "inspection_days", "inspection_half", "inspections")
    )
    if teams is not None:
        raw["pools"]["inspectors-site"]["servers"] = teams.value
        sources["pools.inspectors-site.servers"] = given_by(teams, form.name)
    if days is not None:
        _set(raw, form, sources, "inspection_days", "slots-site", "days")
        before = {WEEKDAYS[WEEKDAYS.index(day) - 1] if day != "mon" else "fri" for day in days.value}
        timetables["list-site"]["days"] = [day for day in WEEKDAYS if day in before]
        sources["timetables.list-site.days"] = derived("workbook.source.day_before", place=cell_of(days))
    if half is not None:
        timetables["slots-site"]["times"] = skeleton()["levels"]["half"][half.value]
        sources["timetables.slots-site.times"] = derived("workbook.source.half", place=cell_of(half))
    if capacity is not None:
        timetables["slots-site"]["capacity"] = capacity.value
        sources["timetables.slots-site.capacity"] = given_by(capacity, form.name)
    elif teams is not None:
        checks = skeleton()["levels"]["checks_of_a_team"]
        timetables["slots-site"]["capacity"] = checks * teams.value
        sources["timetables.slots-site.capacity"] = derived(
            "workbook.source.checks", checks=checks, place=cell_of(teams)
        )
    if _is(form, "inspectors_in_hall"):
        del raw["routes"]["inspection-site"]["courier"]
        raw["pools"]["inspectors-site"]["site"] = "hall"
