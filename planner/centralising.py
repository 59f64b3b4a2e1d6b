"""Centralisation as a dial: how many sections, whose authority, which windows, where items are handled.

Input: a composed scenario that names its pools as the district halls do, and a setting of the dial.  Output: the
scenario at that setting.  A setting is made of built-in levers, and of merges of sections where there is no lever for
the number.  So a path from many sections to one seal is a list of settings, and each step has an effect of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal, TypeAlias, get_args

from foundation.errors import HallplanError
from scenarios.compose.composing import Composed
from scenarios.compose.levers import LeverUse
from scenarios.paths import dotted

__all__ = ["AUTHORITIES", "WINDOWS", "Authority", "Dial", "Windows", "centralised", "section_merges", "sections_of"]

Authority: TypeAlias = Literal["none", "partial", "full"]
"""Who signs: the bureau's deputy chief and director, the deputy chief alone, or the section itself."""
AUTHORITIES: Final[tuple[Authority, ...]] = get_args(Authority)
Windows: TypeAlias = Literal["own", "field", "any"]
"""Who is served at a window: a department's visitors, those of a field of business, or anybody."""
WINDOWS: Final[tuple[Windows, ...]] = get_args(Windows)

_SECTION: Final = "section-"
_MERGE: Final = "merge-sections"
_INSIDE: Final = "instant"
_OUTSIDE: Final = "reported"
"""Sources of items at the hall's windows, and at the bureaux' counters."""
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
        Items a day that move from the bureaux' counters to the hall's windows.
    items_out
        Items a day that move from the hall's windows to the sub-centres.
    """

    sections: int | None = None
    in_hall: bool = False
    authority: Authority | None = None
    windows: Windows | None = None
    items_in: float = 0
    items_out: float = 0


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
    uses = [LeverUse(name) for name in _lever_names(composed, dial)]
    if dial.items_out:
        centres = sum(name.startswith("sub-centre-") for name in composed.scenario.arrivals)
        each = dial.items_out / max(centres, 1)
        uses.append(LeverUse("decentralise", {"fewer_in_hall": -dial.items_out, "more_at_each": each}))
    changed = composed.changed(levers=uses)
    overrides: dict[str, Any] = _moved_in(changed, dial.items_in) if dial.items_in else {}
    if dial.sections is not None:
        merges = section_merges(sections_of(changed), dial.sections)
        overrides |= {dotted(("pools", name, "merge_into")): into for name, into in merges.items()}
    return changed.changed(overrides=overrides) if overrides else changed


def _moved_in(composed: Composed, items: float) -> dict[str, float]:
    """Return the rates of items in the hall and outside it, with some of these moved in."""
    arrivals = composed.scenario.arrivals
    rates = [(arrivals[name].per_day or 0.0) if name in arrivals else 0.0 for name in (_INSIDE, _OUTSIDE)]
    if not 0 <= items <= rates[1]:
        raise HallplanError("centralise.error.items", n=items, most=rates[1])
    return {f"arrivals.{_INSIDE}.per_day": rates[0] + items, f"arrivals.{_OUTSIDE}.per_day": rates[1] - items}


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
    bureaux = sum(_head_of(name, sections) is None for name in sections)
    if dial.sections is not None and dial.sections <= bureaux < len(sections):
        names.append(_MERGE)  # with one section a bureau nothing is countersigned
    return [name for name in names if name and name not in own]


def _head_of(section: str, sections: Sequence[str]) -> str | None:
    """Return the first section of a section's bureau, by their names; ``None`` for the first itself."""
    return next((other for other in sections if other != section and section.startswith(f"{other}-")), None)
