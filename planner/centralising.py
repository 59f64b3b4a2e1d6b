"""Centralisation as a dial: how many sections, whose authority, which windows, where items are handled.

Input: a composed scenario that names its pools as the district halls do, and a setting of the dial.  Output: the
scenario at that setting.  A setting is made of items that move (:mod:`planner.item_moves`), of built-in levers, and of
merges of sections where there is no lever for the number.  So a path from many sections to one seal is a list of
settings, and each step has an effect of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import accumulate, pairwise
from typing import Any, Final, Literal, TypeAlias, get_args

from foundation import messages
from foundation.errors import HallplanError
from planner.item_choice import choose_inside, choose_outside
from planner.item_moves import MOST_TOWNS, moved_in, moved_out
from scenarios.compose.composing import Composed
from scenarios.paths import dotted

__all__ = [
    "AUTHORITIES",
    "MOST_DESKS",
    "WINDOWS",
    "Authority",
    "Dial",
    "Windows",
    "centralised",
    "dial_path",
    "dial_title",
    "dial_titles",
    "section_merges",
    "sections_of",
]

Authority: TypeAlias = Literal["none", "partial", "full"]
"""Who signs: the bureau's deputy chief and director, the deputy chief alone, or the section itself."""
AUTHORITIES: Final[tuple[Authority, ...]] = get_args(Authority)
Windows: TypeAlias = Literal["own", "field", "any"]
"""Who is served at a window: a department's visitors, those of a field of business, or anybody."""
WINDOWS: Final[tuple[Windows, ...]] = get_args(Windows)

_SECTION: Final = "section-"
_MERGE: Final = "merge-sections"
MOST_DESKS: Final = 100
"""Windows at one sub-centre or town."""
_LEVERS: Final = {
    "none": "",
    "partial": "delegate-in-part",
    "full": "delegate-sign-off",
    "own": "",
    "field": "windows-by-field",
    "any": "pooled-windows",
}
"""The lever behind a setting."""
_AXES: Final = (AUTHORITIES, WINDOWS)
_SINGLE: Final = {"sections": "seal", "towns": "town", "desks": "desk"}
"""What a part of a setting is called when its number is 1."""


@dataclass(frozen=True)
class Dial:
    """A setting of the dial; by default everything stays as the scenario has it.

    Attributes
    ----------
    sections
        How many approval sections there are; ``None`` for as many as now.
    in_hall
        Whether the sections move into the hall.
    authority
        Who signs; ``None`` for who signs now.
    windows
        Who is served at a window; ``None`` for who is now.
    items_in
        Items that move from the bureaux' counters to the hall's windows, as
        :func:`~planner.item_choice.choose_outside` reads them: titles, ``department:NAME`` or ``busiest:N``, with
        semicolons between them; "" for none.
    items_out
        Items that move from the hall's windows to the sub-centres and towns, in the same words.
    towns
        Towns that open a desk for the items that move out, besides the sub-centres.
    desks
        Windows at each sub-centre and town; ``None`` for as many as now, and one in a new town.
    """

    items_in: str = ""
    sections: int | None = None
    in_hall: bool = False
    authority: Authority | None = None
    windows: Windows | None = None
    items_out: str = ""
    towns: int = 0
    desks: int | None = None


_TOGETHER: Final = ("items_out", "towns", "desks")
"""Parts of a setting that mean nothing apart."""


def sections_of(composed: Composed) -> tuple[str, ...]:
    """Return the approval sections of a scenario that are not merged into another, in its order."""
    pools = composed.scenario.pools
    return tuple(name for name, pool in pools.items() if name.startswith(_SECTION) and pool.merge_into is None)


def section_merges(sections: Sequence[str], number: int) -> dict[str, str]:
    """Return which sections are merged into which, so that a number of them is left.

    Sections of one bureau go together first (``section-aic-advertising`` into ``section-aic``), one after another in
    their order.  Then bureaux that stand side by side do, in groups of about the same size.

    Parameters
    ----------
    sections
        Names of the sections.
    number
        How many are to be left.

    Raises
    ------
    HallplanError
        If the number is not between 1 and that of the sections.

    Examples
    --------
    >>> section_merges(["section-a", "section-a-b", "section-c", "section-d"], 2)
    {'section-a-b': 'section-a', 'section-d': 'section-c'}
    """
    if not 1 <= number <= len(sections):
        raise HallplanError("centralise.error.sections", n=number, most=len(sections))
    merges: dict[str, str] = {}
    for name in sections:
        head = _head_of(name, sections)
        if head is not None and len(sections) - len(merges) > number:
            merges[name] = head
    left = [name for name in sections if name not in merges]
    for group in _groups(left, number):
        merges |= dict.fromkeys(group[1:], group[0])
    return merges


def _groups(names: Sequence[str], number: int) -> list[Sequence[str]]:
    """Divide names into so many stretches whose lengths differ by one at the most; the longer ones come last."""
    ends = [len(names) * k // number for k in range(number + 1)]
    return [names[begin:end] for begin, end in pairwise(ends)]


def centralised(composed: Composed, dial: Dial) -> Composed:
    """Return a scenario at a setting of the dial.

    Parameters
    ----------
    composed
        The scenario.
    dial
        The setting.

    Raises
    ------
    HallplanError
        If the number of sections is not possible, the scenario is further on than the setting, or has nothing that a
        part of the setting changes.
    """
    changed = composed
    if dial.items_in:
        changed = moved_in(changed, choose_outside(dial.items_in, changed.scenario))
    if dial.items_out:
        _check_places(dial)
        items = choose_inside(dial.items_out, changed.scenario)
        changed = moved_out(changed, items, towns=dial.towns, desks=dial.desks)
    elif dial.towns or dial.desks is not None:
        raise HallplanError("centralise.error.no_items_out")
    levers = _lever_names(changed, dial)
    changed = changed.changed(levers=levers) if levers else changed
    if dial.sections is None:
        return changed
    merges = section_merges(sections_of(changed), dial.sections)
    return changed.changed(overrides={dotted(("pools", name, "merge_into")): into for name, into in merges.items()})


def _check_places(dial: Dial) -> None:
    if not 0 <= dial.towns <= MOST_TOWNS:
        raise HallplanError("centralise.error.towns", n=dial.towns, most=MOST_TOWNS)
    if dial.desks is not None and not 1 <= dial.desks <= MOST_DESKS:
        raise HallplanError("centralise.error.desks", n=dial.desks, most=MOST_DESKS)


def dial_path(dial: Dial) -> list[Dial]:
    """Return the path to a setting: each of its parts added to those before, in the order of :class:`Dial`.

    Examples
    --------
    >>> [path.authority for path in dial_path(Dial(sections=20, authority="full"))]
    [None, 'full']
    """
    own = {
        field.name: getattr(dial, field.name) for field in fields(dial) if getattr(dial, field.name) != field.default
    }
    steps: list[dict[str, Any]] = [{name: value} for name, value in own.items() if name not in _TOGETHER]
    if places := {name: value for name, value in own.items() if name in _TOGETHER}:
        steps.append(places)
    return list(accumulate(steps, lambda path, step: replace(path, **step), initial=Dial()))[1:]


def dial_title(dial: Dial, *, before: Dial | None = None) -> str:
    """Return what to call a setting, or what it has that the one before it has not."""
    base, parts = before or Dial(), []
    for field in fields(dial):
        value = getattr(dial, field.name)
        if value == getattr(base, field.name):
            continue
        if field.name in ("authority", "windows"):
            parts.append(messages.text(f"centralise.step.{field.name}.{value}"))
        elif field.name in _SINGLE and value == 1:
            parts.append(messages.text(f"centralise.step.{_SINGLE[field.name]}"))
        else:
            parts.append(messages.text(f"centralise.step.{field.name}", value=value))
    return messages.text("centralise.step.comma").join(parts)


def dial_titles(path: Sequence[Dial]) -> list[str]:
    """Return what to call the settings of a path: their numbers, and what each adds to those before."""
    steps = [dial_title(dial, before=before) for before, dial in pairwise([Dial(), *path])]
    return [messages.text("centralise.step.numbered", n=n, step=step) for n, step in enumerate(steps, 1)]


def _lever_names(composed: Composed, dial: Dial) -> list[str]:
    """Return the levers of a setting that the scenario has not yet."""
    own = {use.partition(":")[0] for use in composed.scenario.levers}
    names = ["co-locate-reviewers"] if dial.in_hall else []
    for choice, settings in zip((dial.authority, dial.windows), _AXES, strict=True):
        if choice is None:
            continue
        names.append(_LEVERS[choice])
        for further in settings[settings.index(choice) + 1 :]:
            if _LEVERS[further] in own:
                raise HallplanError("centralise.error.further", lever=_LEVERS[further], setting=choice)
    sections = sections_of(composed)
    if dial.sections is not None:
        if not sections:
            raise HallplanError("centralise.error.no_sections", scenario=composed.scenario.name)
        section_merges(sections, dial.sections)  # an impossible number is refused before a lever leaves fewer
    bureaux = sum(_head_of(name, sections) is None for name in sections)
    if dial.sections is not None and dial.sections <= bureaux < len(sections):
        names.append(_MERGE)  # with one section a bureau nothing is countersigned
    return [name for name in names if name and name not in own]


def _head_of(section: str, sections: Sequence[str]) -> str | None:
    """Return the first section of a section's bureau, by their names; ``None`` for the first itself."""
    return next((other for other in sections if other != section and section.startswith(f"{other}-")), None)
