"""What a catalogue holds, in counts: classes and places, sections, and where the statutory limits come from.

Input: a catalogue.  Output: counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, TypeAlias, get_args

from scenarios.catalogue.model import CLASSES, PLACES, Catalogue, CatalogueItem, ItemClass, Place, ServiceView
from scenarios.catalogue.reading import citations, service_views

__all__ = ["ORIGINS", "CatalogueSummary", "Origin", "origin_of", "summary", "viewed_items"]

Origin: TypeAlias = Literal["read-in-force", "read-later", "general", "unread", "assumed"]
"""Where a statutory limit comes from: an article of the item's own law that was read, in the edition in force in 2014
or in a later one; the general rule; an article that the project has not read; nowhere."""
ORIGINS: Final[tuple[Origin, ...]] = get_args(Origin)


@dataclass(frozen=True)
class CatalogueSummary:
    """Counts of a catalogue's items.

    Attributes
    ----------
    items
        All items.
    classes
        Items by class and place.
    sections_before, sections_after
        Sections that decide items.
    without_section
        Items of offices that are no such section.
    origins
        Items by where their statutory limit comes from.
    """

    items: int
    classes: Mapping[tuple[ItemClass, Place], int]
    sections_before: int
    sections_after: int
    without_section: int
    origins: Mapping[Origin, int]

    def in_class(self, item_class: ItemClass) -> int:
        """Return the items of a class."""
        return sum(self.classes[item_class, place] for place in PLACES)

    def in_place(self, place: Place) -> int:
        """Return the items handled in a place."""
        return sum(self.classes[item_class, place] for item_class in CLASSES)


def origin_of(item: CatalogueItem) -> Origin:
    """Return where an item's statutory limit comes from."""
    if item.basis == "assumed":
        return "assumed"
    cited = citations().get(item.law)
    if cited is None:
        return "unread"
    if item.basis == "general-rule":
        return "general"
    return "read-in-force" if cited.in_force_2014 else "read-later"


def viewed_items(view: ServiceView, catalogue: Catalogue) -> tuple[CatalogueItem, ...]:
    """Return the items of which a service of the built-in halls is a view."""
    if view.view == "outside":
        return tuple(item for item in catalogue.items if item.place == "outside" and item.item_class == "instant")
    of_kinds = (item for item in catalogue.items if item.place == "hall" and item.kind in view.kinds)
    if view.units:
        return tuple(item for item in of_kinds if item.unit in view.units)
    apart = _units_apart() if view.view == "hall" else frozenset[tuple[str, str]]()
    return tuple(item for item in of_kinds if (item.kind, item.unit) not in apart)


@cache
def _units_apart() -> frozenset[tuple[str, str]]:
    """Return the kinds and units whose items are a service of their own."""
    halls = [view for view in service_views() if view.view == "hall"]
    return frozenset((kind, unit) for view in halls for kind in view.kinds for unit in view.units)


def summary(catalogue: Catalogue) -> CatalogueSummary:
    """Return the counts of a catalogue."""
    classes = Counter((item.item_class, item.place) for item in catalogue.items)
    origins = Counter(map(origin_of, catalogue.items))
    return CatalogueSummary(
        items=len(catalogue.items),
        classes={(item_class, place): classes[item_class, place] for item_class in CLASSES for place in PLACES},
        sections_before=len(catalogue.sections_before),
        sections_after=len(catalogue.sections_after),
        without_section=sum(not item.section_before for item in catalogue.items),
        origins={origin: origins[origin] for origin in ORIGINS},
    )
