"""What the hall's page says first: one verdict, two large numbers, and what must be read before them.

Input: a comparison and the plan that is looked at.  Output: a :class:`HallVerdict` in the language in use.  What may be
said of a difference is decided by :mod:`planner.judgement`, and what must be said first by
:mod:`hallplan.show.report.verdict`, as in a report.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from foundation import messages
from foundation.messages import language
from hallplan.page.results import scenario_outlook
from hallplan.page.text import change, number, places_of, range_of, say, with_unit
from hallplan.show.comparison_frames import LETTERS
from hallplan.show.metrics import metric_title
from hallplan.show.notes import demand_note, omissions
from hallplan.show.report.verdict import is_same, judgement_of, more_in_vain_kinds, vain_sentence, withheld
from hallplan.show.words import pool_title, service_title
from planner.compare import Comparison, Difference
from planner.judgement import UNSERVED, Judgement, judged
from scenarios.model import Scenario
from sim.measure import metric_of
from sim.measure.headline import card_metrics
from sim.run.replications import Replications
from sim.statistics import Interval

__all__ = ["FIGURES", "HallVerdict", "PlanFigure", "verdict_of"]

FIGURES: Final = 2
"""Large numbers of a verdict."""
_VISITS: Final = "visits_per_day"
_WAIT: Final = "ticket_wait_mean_min"
_OF_SERVICE: Final = "elapsed_mean_days."
_SAYS_NOTHING: Final = ("unclear", "immaterial")
_USE: Final = "utilisation."


@dataclass(frozen=True)
class PlanFigure:
    """A number of a plan, or of a plan beside plan A.

    Attributes
    ----------
    metric
        Its key.
    label
        Its title with its unit.
    value
        The number; of two plans: from which to which.
    ranges
        The intervals, in words.
    change
        The difference from plan A; "" without one.
    judgement
        What may be said of the difference; None without one.
    """

    metric: str
    label: str
    value: str
    ranges: tuple[str, ...]
    change: str = ""
    judgement: Judgement | None = None


@dataclass(frozen=True)
class HallVerdict:
    """What a page says of the plan that is looked at.

    Attributes
    ----------
    warnings
        What must be read before every figure.
    sentence
        The verdict.
    figures
        At most :data:`FIGURES` large numbers.
    details
        How long visitors wait, unless it is among these, and which pool is busiest.
    """

    warnings: tuple[str, ...]
    sentence: str
    figures: tuple[PlanFigure, ...]
    details: tuple[PlanFigure, ...]


def verdict_of(comparison: Comparison, which: int) -> HallVerdict:
    """Return what is to be said of a plan, beside plan A if it is another one.

    Parameters
    ----------
    comparison
        The plans, plan A first.
    which
        Number of the plan that is looked at; plan A is 0.
    """
    run = comparison.runs[which]
    if which == 0 or is_same(comparison, which):
        return _alone(comparison, which)
    titles = [_plan_title(place) for place in range(len(comparison.runs))]
    pair = (0, which)
    vain = vain_sentence(comparison, titles, which)
    demand = demand_note([comparison.runs[place].scenario for place in pair], [titles[place] for place in pair])
    differences = _leading(comparison, which)
    held_back = withheld(comparison, which, scenario_outlook(run.scenario).regime)
    figures = tuple(_of_difference(comparison, which, shown, held_back) for shown in differences)
    clauses = [_clause(run.scenario, shown, judged(comparison, shown, which)) for shown in differences]
    sentence = say("verdict.compared", plan=titles[which], base=titles[0], clauses=say("semicolon").join(clauses))
    return HallVerdict(tuple(filter(None, (vain, demand))), sentence, figures, _details(run, figures))


def _alone(comparison: Comparison, which: int) -> HallVerdict:
    """Return what is to be said of a plan without another: plan A, or the same plan again."""
    run, title = comparison.runs[which], _plan_title(which)
    keys = _present(
        [_WAIT, _turnaround(comparison, which), _VISITS], lambda key: key in run.columns and _mean(run, key)
    )
    figures = tuple(_of_plan(run, key) for key in keys[:FIGURES])
    sentence = say("verdict.alone", plan=title)
    if which:
        sentence = say("verdict.same", plan=title, base=_plan_title(0))
    return HallVerdict(tuple(omissions(run, [])[:1]) if len(run) > 1 else (), sentence, figures, _details(run, figures))


def _plan_title(place: int) -> str:
    return say("plan_letter", plan=LETTERS[place])


# --- which figures ------------------------------------------------------------------------------------------------


def _leading(comparison: Comparison, which: int) -> list[Difference]:
    """Return the two figures that a verdict names.

    Who comes in vain, if that is more; then what clearly differs by as much as matters, in the order of the list; then
    what else there is, so that "no clear difference" is said of a number too.
    """
    keys = [_VISITS, _turnaround(comparison, which), _WAIT, "case_elapsed_mean_days", "items_finished_per_month"]
    shown = {key: comparison.difference(key, which) for key in keys if key in comparison.metrics}
    measured = {key: difference for key, difference in shown.items() if _is_measured(difference)}
    differing = [key for key in measured if judged(comparison, measured[key], which) not in _SAYS_NOTHING]
    usual = [key for key in (_WAIT, *keys) if key in measured]
    vain = [UNSERVED] if more_in_vain_kinds(comparison, which) and UNSERVED in comparison.metrics else []
    order = list(dict.fromkeys((*vain, *differing, *usual)))
    if not vain and _turnaround(comparison, which) in order:
        order = [key for key in order if key != "case_elapsed_mean_days"]  # the same thing twice
    return [measured[key] if key in measured else comparison.difference(key, which) for key in order[:FIGURES]]


def _is_measured(difference: Difference) -> bool:
    sides = (difference.base, difference.other)
    return all(side is not None and math.isfinite(side.estimate) for side in sides)


def _turnaround(comparison: Comparison, which: int) -> str:
    """Return the turnaround of one service: that of the page's cards; "" without one."""
    pair = comparison.runs[0], comparison.runs[which]
    keys = card_metrics(pair[1].scenario.services, [run.columns.keys() for run in pair])
    return next((key for key in keys if key.startswith(_OF_SERVICE)), "")


def _present(keys: list[str], is_there: Callable[[str], bool]) -> list[str]:
    return [key for key in dict.fromkeys(keys) if key and is_there(key)]


def _mean(run: Replications, key: str) -> bool:
    return math.isfinite(run.interval(key).estimate)


# --- how they are written -----------------------------------------------------------------------------------------


def _of_difference(comparison: Comparison, which: int, shown: Difference, held_back: list[Judgement]) -> PlanFigure:
    metric, letter = metric_of(shown.metric), LETTERS[which]
    sides = {LETTERS[0]: shown.base, letter: shown.other}
    present = {name: mean for name, mean in sides.items() if mean is not None}
    places = places_of(present.values(), metric)
    texts = {name: number(mean.estimate, metric, places=places) for name, mean in present.items()}
    ranges = [_range(say("plan_letter", plan=name), mean, shown.metric, places) for name, mean in present.items()]
    label = _label(shown.metric, comparison.runs[which].scenario)
    value = say("headline.value", a=texts.get(LETTERS[0], "–"), b=texts.get(letter, "–"))
    difference = shown.simultaneous
    if difference is None:
        return PlanFigure(shown.metric, label, value, tuple(ranges))
    reach = range_of(difference, metric, places=places, signed=True)
    return PlanFigure(
        shown.metric,
        label,
        value,
        (say("verdict.difference", range=reach), *ranges),
        change(difference, metric, places=places),
        judgement_of(comparison, shown, which, held_back),
    )


def _of_plan(run: Replications, key: str) -> PlanFigure:
    metric, mean = metric_of(key), run.interval(key)
    places = places_of([mean], metric)
    reach = range_of(mean, metric, places=places)
    return PlanFigure(
        key,
        _label(key, run.scenario),
        number(mean.estimate, metric, places=places),
        (say("verdict.range", range=reach),),
    )


def _range(title: str, mean: Interval, key: str, places: int) -> str:
    return say("verdict.range_of", plan=title, range=range_of(mean, metric_of(key), places=places))


def _label(key: str, scenario: Scenario) -> str:
    return with_unit(_name(key, scenario), metric_of(key))


def _name(key: str, scenario: Scenario) -> str:
    if key.startswith(_OF_SERVICE):
        return say("verdict.service", title=service_title(scenario, key.partition(".")[2], language()))
    return metric_title(key, scenario, language())


def _clause(scenario: Scenario, shown: Difference, judgement: Judgement) -> str:
    """Return what the verdict says of a figure, as a part of a sentence."""
    metric, name = metric_of(shown.metric), _name(shown.metric, scenario)
    name = name[:1].lower() + name[1:]
    if shown.base is None or shown.other is None or shown.change is None or judgement == "unclear":
        return say("verdict.clause.unclear", name=name)
    if judgement == "immaterial":
        return say("verdict.clause.immaterial", name=name)
    direction: Literal["more", "less"] = "more" if shown.change.estimate > 0 else "less"
    if shown.metric == _VISITS:
        return say(f"verdict.clause.visits_{direction}", n=round(abs(shown.change.estimate)))
    places = places_of((shown.base, shown.other), metric)
    ends = [number(side.estimate, metric, places=places) for side in (shown.base, shown.other)]
    unit = "" if metric.kind == "share" else say("verdict.unit", unit=messages.text(metric.unit_key))
    return say(f"verdict.clause.{direction}", name=name, base=ends[0], other=ends[1], unit=unit)


def _details(run: Replications, figures: tuple[PlanFigure, ...]) -> tuple[PlanFigure, ...]:
    """Return the mean wait, unless it is large already, and the pool that is busiest."""
    details = []
    if _WAIT not in {figure.metric for figure in figures} and _WAIT in run.columns and _mean(run, _WAIT):
        details.append(_of_plan(run, _WAIT))
    uses = {pool: run.interval(f"{_USE}{pool}") for pool in run.scenario.pools if f"{_USE}{pool}" in run.columns}
    finite = {pool: use for pool, use in uses.items() if math.isfinite(use.estimate)}
    if finite:
        pool = max(finite, key=lambda name: finite[name].estimate)
        busiest = _of_plan(run, f"{_USE}{pool}")
        label = say("verdict.busiest", title=pool_title(run.scenario, pool, language()))
        details.append(PlanFigure(busiest.metric, label, busiest.value, busiest.ranges))
    return tuple(details)
