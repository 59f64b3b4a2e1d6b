"""What a report says first: who comes in vain, whether as many are served, and what the plans change.

Input: a comparison, its headline frame and the outlooks.  Output: sentences in the language in use.  Nothing that might
mislead stands before what would mend it: warnings come first, and nothing is called better while there is one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from foundation import messages
from foundation.numbers import number, range_text, signed
from hallplan.show.notes import demand_note
from hallplan.show.report.figures import headline_frame, unit_of
from hallplan.show.report.source import ReportSource
from hallplan.show.words import pool_title
from planner.compare import Comparison, Difference, unequal_demand
from planner.judgement import UNSERVED, Judgement, judged
from planner.regime import Regime
from sim.measure.headline import NEGLIGIBLE, smallest_difference
from sim.run.keys import scenario_digest
from sim.statistics import Interval

__all__ = [
    "answer_sentences",
    "is_same",
    "judgement_of",
    "more_in_vain_kinds",
    "numbers_of",
    "share_text",
    "vain_sentence",
    "warning_sentences",
    "withheld",
]

_IN_VAIN: Final = {
    UNSERVED: "unserved",
    "left_share": "left",
    "turned_away_share": "turned_away",
    "still_there_share": "still_there",
}
"""Shares of visits that come to nothing: altogether, and how."""
_SHOWN: Final = 0.0005
"""The smallest difference of shares that a tenth of a per cent can show."""
_ANSWERS: Final = (
    *("ticket_wait_mean_min", "case_elapsed_mean_days", "hours_in_hall_mean"),
    *("items_finished_per_month", "open_cases", "cost_per_day"),
)
"""Metrics of the sentences, the first two that are measured; those with a text of their own come first."""
_OWN_TEXT: Final = {"ticket_wait_mean_min": "report.answer.wait", "case_elapsed_mean_days": "report.answer.case"}
_SENTENCES: Final = 2
_CLAUSES: Final = {
    (True, True): "report.clause.better_worse",
    (True, False): "report.clause.better",
    (False, True): "report.clause.worse",
    (False, False): "report.clause.neither",
}
"""What is said of a plan, by whether anything is better, and whether anything is worse."""


# ---- warnings ------------------------------------------------------------------------------------------------------


def warning_sentences(source: ReportSource) -> list[str]:
    """Return what must stand before every figure: visits in vain, unequal demand, work that piles up."""
    comparison, titles = source.comparison, source.titles
    in_vain = {which: kinds for which in range(1, len(titles)) if (kinds := more_in_vain_kinds(comparison, which))}
    if len(in_vain) == 1:
        vain = vain_sentence(comparison, titles, next(iter(in_vain)))
    else:
        vain = _vain_plans(comparison, titles, in_vain) if in_vain else ""
    demand = demand_note([run.scenario for run in comparison.runs], titles)
    return [text for text in (vain, demand, *_piling_up(source)) if text]


def more_in_vain_kinds(comparison: Comparison, which: int) -> dict[str, bool]:
    """Return the shares of visits in vain that are larger in a plan than in the base, and whether that is clear.

    A share counts if it is not negligible in the plan, and the difference is clear or as large as what matters.
    """
    kinds = {}
    for key in _IN_VAIN:
        if key not in comparison.metrics:
            continue
        difference = comparison.difference(key, which)
        change, share = difference.change, difference.other
        if change is None or share is None or not (change.estimate >= _SHOWN and share.estimate >= NEGLIGIBLE):
            continue
        if difference.is_clear or change.estimate >= smallest_difference(key, share.estimate):
            kinds[key] = difference.is_clear
    return kinds


def vain_sentence(comparison: Comparison, titles: Sequence[str], which: int) -> str:
    """Say that in a plan more visitors come in vain than in the base, and how; nothing if they do not.

    Parameters
    ----------
    comparison
        The plans.
    titles
        What they are called.
    which
        Number of the plan; the base is 0.
    """
    kinds = more_in_vain_kinds(comparison, which)
    if not kinds:
        return ""
    first = next(iter(kinds))  # altogether, if it is more altogether
    key, values = f"report.vain.{_IN_VAIN[first]}", _shares(comparison, first, which)
    parts = {name: _share(comparison, share, which) for share, name in _IN_VAIN.items()}
    return messages.text(key, plan=titles[which], base=titles[0], **values, **parts) + _certainty(kinds[first])


def _vain_plans(comparison: Comparison, titles: Sequence[str], in_vain: Mapping[int, Mapping[str, bool]]) -> str:
    """Return one sentence about several plans."""
    clauses = []
    for which, kinds in in_vain.items():
        first = next(iter(kinds))
        values = _shares(comparison, first, which)
        clauses.append(messages.text(f"report.vain_of.{_IN_VAIN[first]}", plan=titles[which], **values))
    listed = messages.text("report.semicolon").join(clauses)
    are_certain = all(next(iter(kinds.values())) for kinds in in_vain.values())
    return messages.text("report.vain_of.several", base=titles[0], plans=listed) + _certainty(are_certain)


def _certainty(is_certain: bool) -> str:
    return messages.text("report.vain.certain" if is_certain else "report.vain.uncertain")


def _shares(comparison: Comparison, key: str, which: int) -> dict[str, str]:
    difference = comparison.difference(key, which)
    shares = {"share": difference.other, "base_share": difference.base}
    return {name: share_text(interval) for name, interval in shares.items() if interval is not None}


def share_text(interval: Interval) -> str:
    """Return a share with its range, if it has one."""
    if not interval.low < interval.high:
        return number(interval.estimate, "share")
    ends = range_text(interval.low, interval.high, "share")
    return messages.text("report.with_range", value=number(interval.estimate, "share"), range=ends)


def _share(comparison: Comparison, key: str, which: int) -> str:
    run = comparison.runs[which]
    return number(run.interval(key).estimate if key in run.columns else 0.0, "share")


def _piling_up(source: ReportSource) -> list[str]:
    """Name what falls further behind every day, plan by plan."""
    sentences = []
    for title, scenario, outlook in zip(source.titles, source.scenarios, source.outlooks, strict=True):
        names = dict.fromkeys((*outlook.regime.unstaffed, *outlook.regime.falls_behind))
        if names:
            listed = messages.text("cli.comma").join(pool_title(scenario, name) for name in names)
            sentences.append(messages.text("report.piles_up", plan=title, names=listed))
    return sentences


def numbers_of(comparison: Comparison, titles: Sequence[str], regimes: Sequence[Regime]) -> pd.DataFrame:
    """Return the headline of every plan; what a warning forbids to call better or worse is a clear difference only.

    Parameters
    ----------
    comparison
        The plans.
    titles, regimes
        What they are called, and whether each keeps up.
    """
    frame = headline_frame(comparison, titles)
    for which in range(1, len(titles)):
        is_withheld = (frame["plan"] == which) & frame["judgement"].isin(withheld(comparison, which, regimes[which]))
        frame.loc[is_withheld, "judgement"] = "neither"
    return frame


def withheld(comparison: Comparison, which: int, regime: Regime) -> list[Judgement]:
    """Return the judgements that no figure of a plan gets, because of what must be said first.

    Parameters
    ----------
    comparison
        The plans.
    which
        Number of the plan; the base is 0.
    regime
        Of the plan.
    """
    pair = [comparison.runs[place].scenario for place in (0, which)]
    if unequal_demand(pair, ("", "")) is not None:
        return ["better", "worse"]
    has_warning = more_in_vain_kinds(comparison, which) or regime.unstaffed or regime.falls_behind
    return ["better"] if has_warning else []


def judgement_of(comparison: Comparison, shown: Difference, which: int, held_back: Sequence[Judgement]) -> Judgement:
    """Return what may be said of a difference: better or worse only what was named in advance, and is not held back.

    Parameters
    ----------
    comparison
        The plans.
    shown
        A difference of plan `which` from the base.
    which
        Number of the plan; the base is 0.
    held_back
        What :func:`withheld` says of the plan.
    """
    judgement = judged(comparison, shown, which)
    is_open = shown.is_primary and judgement not in held_back
    return judgement if is_open or judgement in ("unclear", "immaterial") else "neither"


# ---- the answer ----------------------------------------------------------------------------------------------------


def is_same(comparison: Comparison, which: int) -> bool:
    """Tell whether a plan is the base itself, number by number."""
    base, other = comparison.runs[0].scenario, comparison.runs[which].scenario
    return scenario_digest(base) == scenario_digest(other)


def answer_sentences(source: ReportSource, frame: pd.DataFrame, *, has_warnings: bool) -> list[str]:
    """Return what the plans change: in words if nothing warns of it, then how long visitors wait and cases take.

    Parameters
    ----------
    source
        The plans.
    frame
        Their headline (:func:`hallplan.show.report.figures.headline_frame`).
    has_warnings
        Whether warnings stand before: nothing is called better then.
    """
    measured = [key for key in _ANSWERS if _is_everywhere(frame, key)][:_SENTENCES]
    numbers = [_number_sentence(frame[frame["metric"] == key], key) for key in measured]
    return [*([] if has_warnings else [_verdict(source, frame)]), *(numbers or [messages.text("report.nobody")])]


def _is_everywhere(frame: pd.DataFrame, key: str) -> bool:
    means = frame.loc[frame["metric"] == key, "mean"]
    return len(means) > 0 and all(map(math.isfinite, means))


def _verdict(source: ReportSource, frame: pd.DataFrame) -> str:
    base, *others = source.titles
    clauses = [_clause(source.comparison, frame, which, title) for which, title in enumerate(others, 1)]
    return messages.text("report.verdict", base=base, clauses=messages.text("report.semicolon").join(clauses))


def _clause(comparison: Comparison, frame: pd.DataFrame, which: int, title: str) -> str:
    if is_same(comparison, which):
        return messages.text("report.clause.same", plan=title)
    rows = frame[frame["plan"] == which]
    names = {word: _names(rows[rows["judgement"] == word]) for word in ("better", "worse")}
    fewer = rows[(rows["metric"] == UNSERVED) & (rows["judgement"] == "neither")]
    if len(fewer):  # that more are served is no matter of taste
        names["better"] = messages.text("cli.comma").join(filter(None, (_names(fewer), names["better"])))
    key = _CLAUSES[bool(names["better"]), bool(names["worse"])]
    return messages.text(key, plan=title, **names)


def _names(rows: pd.DataFrame) -> str:
    """Return the names of metrics as a sentence has them inside."""
    return messages.text("cli.comma").join(name[:1].lower() + name[1:] for name in rows["name"])


def _number_sentence(rows: pd.DataFrame, key: str) -> str:
    base, others = rows.iloc[0], rows.iloc[1:]
    unit, kind = unit_of(key), base["kind"]
    clauses = []
    for _, row in others.iterrows():
        value = number(row["mean"], kind) + unit
        change = signed(number(row["change"], kind))
        if not row["change_low"] < row["change_high"]:  # no difference, or none that varies
            clauses.append(messages.text("report.answer.plan_alone", plan=row["plan_title"], value=value))
            continue
        if not math.isfinite(row["change_low"]):
            words = {"plan": row["plan_title"], "value": value, "change": change}
            clauses.append(messages.text("report.answer.plan_once", **words))
            continue
        ends = [signed(number(row[end], kind)) for end in ("change_low", "change_high")]
        values = {"change": change, "low": ends[0], "high": ends[1], "unit": unit}
        clauses.append(messages.text("report.answer.plan", plan=row["plan_title"], value=value, **values))
    values = {
        "base": base["plan_title"],
        "value": number(base["mean"], kind) + unit,
        "others": messages.text("report.semicolon").join(clauses),
    }
    return messages.text(_OWN_TEXT.get(key, "report.answer.other"), name=base["name"], **values)
