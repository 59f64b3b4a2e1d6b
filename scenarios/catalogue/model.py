"""Items of the catalogue: what they are, by which limits they are decided, where, and how often.

Input: values that :mod:`scenarios.catalogue.reading` has validated.  Output: frozen dataclasses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from scenarios.model import Text

__all__ = [
    "BASES",
    "CLASSES",
    "NEEDS",
    "PLACES",
    "Basis",
    "Catalogue",
    "CatalogueItem",
    "Citation",
    "ItemClass",
    "Need",
    "Place",
    "Section",
    "ServiceView",
    "Spread",
    "View",
]

ItemClass: TypeAlias = Literal["instant", "committed", "joint", "referred", "agent"]
"""即办件, 承诺件, 联办件, 上报件, 代办件."""
Place: TypeAlias = Literal["hall", "outside"]
"""Where an item is handled: in the hall, or outside it."""
Basis: TypeAlias = Literal["own-law", "general-rule", "assumed"]
"""Where a statutory limit comes from: an article of the item's own law; the general rule of the Licensing Law, of which
it is assumed that no other law departs from it; or nowhere."""
Need: TypeAlias = Literal["inspection", "testing", "expert-review"]
View: TypeAlias = Literal["hall", "outside", "sub-centre", "no-item"]

CLASSES: Final[tuple[ItemClass, ...]] = get_args(ItemClass)
PLACES: Final[tuple[Place, ...]] = get_args(Place)
BASES: Final[tuple[Basis, ...]] = get_args(Basis)
NEEDS: Final[tuple[Need, ...]] = get_args(Need)


class Spread(NamedTuple):
    """A number with the range it is assumed to lie in: least, most plausible, greatest."""

    low: float
    mode: float
    high: float


@dataclass(frozen=True)
class CatalogueItem:
    """One item of the catalogue.

    Attributes
    ----------
    department, title
        Who decides it, and what it is called; no two items share both.
    item_class
        Whether it is finished in the visit, promised, joint, referred upward, or handled by an agent.
    kind
        The service of a built-in scenario whose route it shares, or "".
    place
        Where it is handled.
    section_before, section_after
        The sections that decide it before and after a merger; "" for an office that is no such section.
    statutory, promised
        Limits in working days.
    basis, law
        Where the statutory limit comes from, and the article that is cited.
    needs
        What the decision needs besides the file.
    volume
        Cases, in any unit that is the same for all items.
    """

    department: Text
    title: Text
    item_class: ItemClass
    kind: str
    place: Place
    section_before: str
    section_after: str
    statutory: Spread
    promised: Spread
    basis: Basis
    law: str
    needs: tuple[Need, ...]
    volume: Spread

    @property
    def unit(self) -> str:
        """Who decides it before the merger: the section, or the department's English name for an office without one."""
        return self.section_before or self.department.en


@dataclass(frozen=True)
class Catalogue:
    """The items of one table.

    Attributes
    ----------
    name
        The file's name, or "" for the built-in table.
    items
        In the order of the table.
    """

    name: str
    items: tuple[CatalogueItem, ...]

    @property
    def sections_before(self) -> tuple[str, ...]:
        """The sections that decide items before the merger, in the order of the table."""
        return tuple(dict.fromkeys(item.section_before for item in self.items if item.section_before))

    @property
    def sections_after(self) -> tuple[str, ...]:
        """The sections that decide items after the merger, in the order of the table."""
        return tuple(dict.fromkeys(item.section_after for item in self.items if item.section_after))


@dataclass(frozen=True)
class Citation:
    """An article that was read for the built-in table.

    Attributes
    ----------
    law
        How the table cites it.
    title
        The law's title in English.
    article
        Its number.
    amount, unit
        The limit as the article states it: ``days``, ``working-days``, ``months``, ``same-day`` or ``on-the-spot``.
    limit_of
        What the limit is of.
    edition
        Day of the edition that was read.
    in_force_2014
        Whether that edition was in force when the article on the hall appeared; a later edition may differ.
    """

    law: str
    title: str
    article: str
    amount: int
    unit: str
    limit_of: Text
    edition: str
    in_force_2014: bool


@dataclass(frozen=True)
class Section:
    """A section before the merger and the one that it becomes, by their pools in the built-in scenarios and titles."""

    before: str
    title_before: Text
    after: str
    title_after: Text


@dataclass(frozen=True)
class ServiceView:
    """A service of the built-in halls as a view of the catalogue.

    Attributes
    ----------
    service
        The service of ``honghuagang-2013``.
    view
        ``hall``: the hall's items of the kinds; ``outside``: all instant items outside the hall; ``sub-centre``: the
        hall's items of the kinds, accepted at a sub-centre; ``no-item``: enquiries and companions.
    kinds
        The kinds of which it consists.
    units
        The sections that decide its items (for an office that is no such section, the department's English name);
        without any, all but those that another view in the hall has by its units.
    """

    service: str
    view: View
    kinds: tuple[str, ...]
    units: tuple[str, ...] = ()
