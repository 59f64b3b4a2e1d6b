"""Numbers and names as the page writes them: rounded, with units and intervals, and harmless.

Comes in: numbers, intervals, and names out of scenarios.  Goes out: text in the language in use, in which a name is
never read as Markdown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any, TypeVar

from foundation import messages, numbers
from foundation.errors import HallplanError
from hallplan.page.results import Overload, coverage
from hallplan.show.metrics import metric_title
from planner.compare import Comparison
from scenarios.compose.levers import Lever
from sim.measure import Metric
from sim.statistics import Interval

__all__ = [
    "change",
    "coverage_of",
    "labels",
    "lever_help",
    "number",
    "overload_list",
    "overload_sentences",
    "places_of",
    "plain",
    "precision_sentences",
    "published",
    "range_of",
    "say",
    "sentence",
    "shortened_overloads",
    "together",
    "with_unit",
    "without_options",
]

Option = TypeVar("Option")

_MORE_PLACES = 3
_FINER_PLACES = 2
_NAMED = 3
"""Overloads that a line names."""
_OPTION_HINT = re.compile(r"\s*[(（](?:[^()（）]*[^\w()（）-])?--[a-z][^()（）]*[)）]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&@^=])")


def say(key: str, **values: Any) -> str:
    """Return a text of the page in the language in use."""
    return messages.text(f"page.{key}", **values)


def labels(options: Iterable[Option], label: Callable[[Option], str]) -> Callable[[Option], str]:
    """Return the labels of a widget's options, in the language in use now: Streamlit may ask outside of the script."""
    return {option: label(option) for option in options}.__getitem__


def plain(name: str) -> str:
    """Return a name so that Markdown shows it as it is, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(name.split()))


def without_options(text: str) -> str:
    """Return a sentence without what it says in brackets about options of the command line: the page has none."""
    return _OPTION_HINT.sub("", text)


def sentence(error: HallplanError) -> str:
    """Return what an error says, in the language in use, as it is."""
    return plain(without_options(error.sentence()))


def number(value: float, metric: Metric, *, places: int | None = None, signed: bool = False) -> str:
    """Write a value of a metric: with so many decimals, or as many as are worth writing."""
    text = numbers.number(value, metric.kind, places)
    return f"+{text}" if signed and value > 0 else text


def with_unit(title: str, metric: Metric) -> str:
    """Return a title with the metric's unit; counts and shares say theirs by themselves."""
    if metric.kind in ("count", "share"):
        return title
    return say("headline.label", title=title, unit=messages.text(metric.unit_key))


def published(value: float, metric: Metric) -> str:
    """Write a published figure with the digits that it was published with."""
    return f"{value * 100:.6g}%" if metric.kind == "share" else f"{value:,.6g}"


def places_of(candidates: Iterable[Interval], metric: Metric) -> int:
    """Return with how many decimals intervals are worth writing: their means' own, or as many as their widths tell."""
    intervals, scale = list(candidates), 100 if metric.kind == "share" else 1
    places = max((numbers.decimals(interval.estimate, metric.kind) for interval in intervals), default=0)
    widths = [
        2 * scale * interval.half_width
        for interval in intervals
        if math.isfinite(interval.half_width) and interval.half_width > 0
    ]
    finest = -math.floor(math.log10(min(widths))) if widths else places
    return min(max(places, finest), places + _FINER_PLACES)


def range_of(interval: Interval, metric: Metric, *, places: int | None = None, signed: bool = False) -> str:
    """Write an interval's ends, or that there is none; with more decimals if it takes them to tell the ends apart.

    A signed one is that of a difference: of a share, in percentage points.
    """
    if not (math.isfinite(interval.low) and math.isfinite(interval.high)):
        return say("number.no_interval")
    places = numbers.decimals(interval.estimate, metric.kind) if places is None else places
    for more in range(_MORE_PLACES + 1):
        low, high = (number(end, metric, places=places + more, signed=signed) for end in (interval.low, interval.high))
        if low != high:
            break
    else:
        low = high = number(interval.estimate, metric, places=places, signed=signed)
    in_points = signed and metric.kind == "share"
    if in_points:
        low, high = low.rstrip("%"), high.rstrip("%")
    text = low if low == high else say("number.range", low=low, high=high)
    return say("number.points", value=text) if in_points else text


def change(interval: Interval, metric: Metric, *, places: int | None = None) -> str:
    """Write a difference: in percentage points for a share."""
    text = number(interval.estimate, metric, places=places, signed=True)
    return say("number.points", value=text.rstrip("%")) if metric.kind == "share" else text


def overload_list(overloads: Iterable[Overload]) -> str:
    """Name what is asked for more than it can give, and by how much."""
    return say("semicolon").join(
        say("overload.one", title=overload.title, share=overload.utilisation)
        if math.isfinite(overload.utilisation)
        else say("overload.nobody", title=overload.title)
        for overload in overloads
    )


def shortened_overloads(overloads: Sequence[Overload]) -> str:
    """Name the first of what is asked for more than it can give, and count the rest."""
    listed = overload_list(overloads[:_NAMED])
    rest = len(overloads) - _NAMED
    return say("forewarn.more", pools=listed, more=rest) if rest > 0 else listed


def overload_sentences(letter: str, overloads: Sequence[Overload]) -> list[str]:
    """Say of a plan what it is asked for more than it can give, and what becomes of that."""
    kinds = (
        ("behind", [overload for overload in overloads if overload.grows]),
        ("overruns", [overload for overload in overloads if not overload.grows]),
    )
    return [say(f"overload.{kind}", plan=letter, pools=overload_list(part)) for kind, part in kinds if part]


def together(*sentences: str) -> str:
    """Return sentences as one text: Chinese has no space between them."""
    return reduce(lambda first, second: say("two_sentences", first=first, second=second), sentences)


def coverage_of(comparison: Comparison) -> str:
    """Say what the plans' intervals cover: of each plan apart where one keeps up and the other does not."""
    covers = coverage(comparison, messages.language())
    if len(set(covers.values())) == 1:
        return covers["A"]
    return together(*(say("of_plan", plan=letter, told=text) for letter, text in covers.items()))


def precision_sentences(comparison: Comparison, *, precision: float, most: int) -> list[str]:
    """Say how many replications there are, and how precisely the difference between the plans is known by now.

    Parameters
    ----------
    comparison
        The results.
    precision
        The precision asked for, if one was.
    most
        The most replications there can be.
    """
    reached, number, per_cent = comparison.reached, comparison.replications, round(precision * 100, 2)
    if reached is None:
        return [say("precision.chosen" if number >= most else "precision.chosen_so_far", number=number, most=most)]
    widths = [
        say(
            "precision.one" if math.isfinite(figure.relative) else "precision.one_unknown",
            title=plain(metric_title(figure.metric, comparison.runs[1].scenario, messages.language())),
            share=figure.relative,
        )
        for figure in reached.figures
    ]
    precision_now = say("precision.known", known=say("comma").join(widths))
    if reached.confirmed:
        return [say("precision.reached", number=number, precision=per_cent), precision_now]
    if number >= most:
        return [say("precision.missed", number=number, precision=per_cent), precision_now]
    return [say("precision.so_far", number=number, precision=per_cent, most=most), precision_now]


def lever_help(lever: Lever) -> str:
    """Return what a lever is for, who reports it, and what it costs."""
    spec, language = lever.spec, messages.language()
    cost = spec.cost
    amounts = [
        say(f"lever.{name}", yuan=amount)
        for name, amount in (("one_off", cost.one_off_yuan), ("per_year", cost.every_year_yuan))
        if amount
    ]
    note, why, source = (text.said(language) for text in (cost.note, spec.why, spec.source))
    parts = [
        plain(why),
        say("lever.source", source=plain(source)) if source else "",
        say("lever.cost", cost=say("comma").join(amounts) or say("lever.no_figure"), note=plain(note)),
    ]
    return "\n\n".join(part for part in parts if part)
