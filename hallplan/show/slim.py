"""How slim a hall can be, as tables of text and as JSON.

Input: a :class:`planner.slim.Slim`.  Output: tables and a document.
"""

from __future__ import annotations

from typing import Any

from foundation import messages
from foundation.numbers import number
from hallplan.show.document import envelope, number_or_null, scenario_document
from hallplan.show.text_table import TextTable, columns, notes_only
from hallplan.show.words import heading, pool_title, yes_or_no
from planner.slim import PUBLISHED, Department, Range, Slim
from planner.staffing.shifts import shift_label

__all__ = ["department_title", "slim_document", "slim_tables"]


def slim_tables(result: Slim) -> list[TextTable]:
    """Return the verdict, the departments, and the windows by penalty."""
    return [
        notes_only(*_verdict(result), title=messages.text("cli.slim.title", name=heading(result.composed.scenario))),
        _departments(result),
        _penalties(result),
    ]


def _verdict(result: Slim) -> list[str]:
    staffing = result.staffing
    numbers = {"now": result.windows_now, "then": result.windows, "penalty": result.goal.penalty - 1}
    numbers |= {"confidence": 1 - result.goal.alpha, "weeks": staffing.certificate.weeks}
    key = "cli.slim.certified" if result.windows < result.windows_now else "cli.slim.no_gain"
    if not staffing.is_certified:
        key = "cli.slim.not_certified"
    shifts = messages.text("cli.staff.separator").join(
        f"{people} × {shift_label(hours)}" for pool in staffing.plan.pools for hours, people in pool.shifts
    )
    hours = {"hours_now": number(result.hours_now, "minutes"), "hours": number(result.hours, "minutes")}
    freed = {"freed": number(abs(result.freed), "minutes"), "training": number(result.training_h, "minutes")}
    people = messages.text(
        "cli.slim.people" if result.freed >= 0 else "cli.slim.more_people",
        shifts=shifts,
        people=staffing.plan.heads,
        year_h=result.goal.training_h,
        **hours,
        **freed,
    )
    return [messages.text(key, **numbers), people, *_all_day(result), _break_even(result.break_even)]


def _all_day(result: Slim) -> list[str]:
    """Say how many windows are enough if all are open all day, where that is fewer than the plan's."""
    windows = result.by_penalty[result.goal.penalty]
    if not windows.estimate < result.windows:
        return []
    ends = {name: number(getattr(windows, name), "count", 0) for name in ("low", "high")}
    return [messages.text("cli.slim.all_day", n=number(windows.estimate, "count", 0), **ends)]


def _break_even(penalty: Range) -> str:
    if penalty.estimate < 1:
        return messages.text("cli.slim.never_pays")
    low, high = (max(end, 1.0) - 1 for end in (penalty.low, penalty.high))
    return messages.text("cli.slim.break_even", penalty=penalty.estimate - 1, low=low, high=high)


def department_title(result: Slim, department: Department) -> str:
    """Return what a department's windows are called, or how many quiet ones are judged together."""
    names = department.pool.split()
    if len(names) > 1:
        return messages.text("cli.slim.quiet", n=len(names))
    return pool_title(result.composed.scenario, names[0])


def _departments(result: Slim) -> TextTable:
    rows = [
        (
            department_title(result, department),
            number(department.visits_per_day, "minutes"),
            *(number(wait, "minutes") for wait in (department.now, department.limit, department.then, department.high)),
            yes_or_no(department.holds),
        )
        for department in result.departments
    ]
    notes = (
        messages.text("cli.slim.limits", minutes=result.goal.least_min),
        messages.text("cli.slim.covers", replications=result.replications, days=result.composed.scenario.run.days),
    )
    headings = columns("pool", "#visits_a_day", "#wait_now", "#wait_limit", "#wait_then", "#upper_bound", "holds")
    return TextTable(headings, tuple(rows), messages.text("cli.slim.departments"), notes)


def _penalties(result: Slim) -> TextTable:
    rows = []
    for penalty, windows in result.by_penalty.items():
        share = [number(end / result.windows_now, "share", 0) for end in (windows.estimate, windows.low, windows.high)]
        rows.append(
            (
                number(penalty - 1, "share", 0),
                f"{windows.estimate:.0f} ({windows.low:.0f}–{windows.high:.0f})",
                f"{share[0]} ({share[1].removesuffix('%')}–{share[2]})",
            )
        )
    compared = messages.text("cli.staff.separator").join(
        messages.text(
            "cli.slim.inside" if _is_inside(result, after / before) else "cli.slim.outside",
            hall=messages.text(f"cli.slim.hall.{name}"),
            before=before,
            after=after,
            share=after / before,
        )
        for name, (before, after) in PUBLISHED.items()
    )
    low, high = result.ratios
    notes = (messages.text("cli.slim.published", low=low, high=high, halls=compared),)
    return TextTable(
        columns("#penalty", "#windows", "#of_present"), tuple(rows), messages.text("cli.slim.penalties"), notes
    )


def _is_inside(result: Slim, share: float) -> bool:
    """Tell whether a share of the present windows lies in the model's band."""
    low, high = result.ratios
    return low <= share <= high


def slim_document(result: Slim, *, seed: int) -> dict[str, Any]:
    """Return the document of ``hallplan slim``.

    Parameters
    ----------
    result
        The result.
    seed
        Of the random numbers.
    """
    staffing = result.staffing
    return envelope(
        "slim",
        scenario=scenario_document(result.composed.scenario),
        penalty=result.goal.penalty - 1,
        training_hours_per_year=result.goal.training_h,
        least_min=result.goal.least_min,
        certified=staffing.is_certified,
        message=_verdict(result)[0],
        confidence=1 - result.goal.alpha,
        seed=seed,
        weeks=staffing.certificate.weeks,
        windows={"now": result.windows_now, "then": result.windows},
        officers={"then": staffing.plan.heads, "freed": result.freed},
        hours_per_week={"now": result.hours_now, "then": result.hours, "training": result.training_h},
        break_even_penalty=_shifted(result.break_even),
        by_penalty=[{"penalty": penalty - 1, **vars(windows)} for penalty, windows in result.by_penalty.items()],
        band={"low": result.ratios[0], "high": result.ratios[1]},
        published=[
            {"hall": name, "before": before, "after": after, "inside": _is_inside(result, after / before)}
            for name, (before, after) in PUBLISHED.items()
        ],
        departments=[
            {key: number_or_null(value) if isinstance(value, float) else value for key, value in vars(row).items()}
            for row in result.departments
        ],
        shifts=staffing.shifts().to_dict("records"),
    )


def _shifted(penalty: Range) -> dict[str, float]:
    return {key: value - 1 for key, value in vars(penalty).items()}
