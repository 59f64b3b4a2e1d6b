"""Items of the catalogue that can move into the hall or out of it, and the words by which a user chooses some of them.

Input: a scenario whose services are views of the catalogue, and words such as ``busiest:3``.  Output: the items, each
with the service and the source to which it belongs, and the visits a day that follow from its share of the volume.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from foundation.errors import HallplanError
from scenarios.catalogue.model import CatalogueItem, ServiceView
from scenarios.catalogue.reading import built_in_catalogue, service_views
from scenarios.catalogue.summary import viewed_items
from scenarios.compose.moving import Demand
from scenarios.model import Arrival, Scenario, Text
from scenarios.paths import suggestion

__all__ = ["PlacedItem", "choose_inside", "choose_outside", "items_inside", "items_outside", "sources_inside"]

_BUSIEST: Final = "busiest"
_DEPARTMENT: Final = "department"
_LEAVING: Final = ("instant", "committed")
"""Classes of items that a desk outside the hall can take: the others need several offices, or a higher level."""
_EXAMPLES: Final = 6
"""Items that a sentence names."""


@dataclass(frozen=True)
class PlacedItem:
    """An item of the catalogue in a scenario.

    Attributes
    ----------
    name
        ``item-108``, by its row in the catalogue: the service that it becomes when it moves.
    item
        The item.
    service, source
        The service that it is a part of, and the source that brings it.
    per_day
        Visits a day: those of the service by the item's share of the service's volume in the catalogue.
    """

    name: str
    item: CatalogueItem
    service: str
    source: str
    per_day: float


def items_outside(scenario: Scenario) -> list[PlacedItem]:
    """Return the items that the bureaux settle at their own counters, but for those that have moved in already."""
    views = [view for view in service_views() if view.view == "outside"]
    sources = {name: source for name, source in scenario.arrivals.items() if source.purpose == "apply"}
    return _placed(views, sources, lambda name: name in scenario.services)


def items_inside(scenario: Scenario) -> list[PlacedItem]:
    """Return the items at the hall's windows that can be taken elsewhere, but for those that have moved out already."""
    views = [view for view in service_views() if view.view == "hall"]
    moved = [name for name in scenario.services if "-item-" in name]
    items = _placed(views, sources_inside(scenario), lambda name: any(key.endswith(f"-{name}") for key in moved))
    return [placed for placed in items if placed.item.item_class in _LEAVING]


def sources_inside(scenario: Scenario) -> dict[str, Arrival]:
    """Return the sources of those who come to the hall, without an appointment, to apply."""
    return {
        name: source
        for name, source in scenario.arrivals.items()
        if (source.purpose, source.channel, source.site) == ("apply", "walk-in", "hall")
    }


def _placed(
    views: Sequence[ServiceView], sources: Mapping[str, Arrival], has_moved: Callable[[str], bool]
) -> list[PlacedItem]:
    catalogue = built_in_catalogue()
    names = {id(item): f"item-{row}" for row, item in enumerate(catalogue.items, 1)}
    placed = []
    for source_name, source in sources.items():
        rates = Demand(source.per_day or 0.0, source.services).by_service()
        for view in views:
            items = [item for item in viewed_items(view, catalogue) if not has_moved(names[id(item)])]
            volume = sum(item.volume.mode for item in items)
            if rates.get(view.service, 0.0) > 0 and volume:
                per_case = rates[view.service] / volume
                placed += [
                    PlacedItem(names[id(item)], item, view.service, source_name, per_case * item.volume.mode)
                    for item in items
                ]
    return placed


def choose_outside(text: str, scenario: Scenario) -> list[PlacedItem]:
    """Return the items outside the hall that a user chooses to move in.

    Parameters
    ----------
    text
        Items by title (in either language) or name (``item-108``), ``department:NAME``, or ``busiest:N``; several of
        these with semicolons between them.
    scenario
        The scenario.

    Raises
    ------
    HallplanError
        If nothing is handled outside the hall in this scenario, or the words name no such item.
    """
    return _chosen(text, items_outside(scenario), scenario=scenario.name, place="outside")


def choose_inside(text: str, scenario: Scenario) -> list[PlacedItem]:
    """Return the items of the hall that a user chooses to move out; see :func:`choose_outside`.

    Raises
    ------
    HallplanError
        If no item of the catalogue is handled in the hall of this scenario, or the words name no such item.
    """
    return _chosen(text, items_inside(scenario), scenario=scenario.name, place="inside")


def _chosen(text: str, items: Sequence[PlacedItem], *, scenario: str, place: str) -> list[PlacedItem]:
    if not items:
        raise HallplanError(f"centralise.error.none_{place}", scenario=scenario)
    words = [word.strip() for word in re.split("[;；]", text) if word.strip()]
    if not words:
        raise HallplanError("centralise.error.no_words")
    selected: set[str] = set()
    for word in words:
        kind, colon, argument = (part.strip() for part in word.replace("：", ":").partition(":"))
        if kind in (_BUSIEST, _DEPARTMENT) and not argument:
            raise HallplanError("centralise.error.no_words")
        if colon and kind == _BUSIEST:
            selected.update(_busiest(argument, items, place=place))
        elif colon and kind == _DEPARTMENT:
            selected.update(_of_department(argument, items, place=place))
        else:
            selected.update(_titled(word, items, place=place))
    return [placed for placed in items if placed.name in selected]


def _busiest(text: str, items: Sequence[PlacedItem], *, place: str) -> list[str]:
    number = int(text) if re.fullmatch("[0-9]{1,6}", text) else 0
    if not 1 <= number <= len(items):
        raise HallplanError(f"centralise.error.busiest_{place}", n=text, most=len(items))
    ordered = sorted(items, key=lambda placed: -placed.per_day)
    return [placed.name for placed in ordered[:number]]


def _of_department(name: str, items: Sequence[PlacedItem], *, place: str) -> list[str]:
    names = [placed.name for placed in items if _is_called(name, placed.item.department)]
    if not names:
        departments = [item.department for item in built_in_catalogue().items]
        if any(_is_called(name, department) for department in departments):
            near = suggestion("", (placed.item.department.said() for placed in items))
            raise HallplanError(f"centralise.error.empty_department_{place}", department=name, near=near)
        raise HallplanError("centralise.error.department", department=name, near=_nearest(name, departments))
    return names


def _titled(text: str, items: Sequence[PlacedItem], *, place: str) -> list[str]:
    names = [placed.name for placed in items if text == placed.name or _is_called(text, placed.item.title)]
    if not names:
        catalogue = enumerate(built_in_catalogue().items, 1)
        if any(text == f"item-{row}" or _is_called(text, item.title) for row, item in catalogue):
            near = suggestion("", (placed.item.title.said() for placed in items), most=_EXAMPLES)
            raise HallplanError(f"centralise.error.elsewhere_{place}", item=text, near=near)
        near = _nearest(text, [placed.item.title for placed in items])
        raise HallplanError("centralise.error.item", item=text, near=near)
    return names


def _is_called(text: str, name: Text) -> bool:
    return text.casefold() in (name.en.casefold(), name.zh.casefold())


def _nearest(text: str, names: Sequence[Text]) -> HallplanError:
    """Return what to say about a name in either language that is none of these."""
    of_language = [name.said() for name in names]
    other = [title for name in names for title in (name.en, name.zh)]
    return suggestion(text, [*of_language, *other], most=_EXAMPLES)
