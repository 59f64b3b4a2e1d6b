"""Services of a made scenario: one for each item, by the pattern of its class.

Input: the items of a workbook, and the names of windows and sections.  Output: services, joint routes, and the sources
of their numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from scenarios.catalogue.model import ItemClass
from scenarios.workbook.model import HallForm, ItemRow, Stated
from scenarios.workbook.naming import NameRegistry, title_of
from scenarios.workbook.skeleton import skeleton
from scenarios.workbook.sources import cell_of, derived, given_by

__all__ = [
    "SOURCE_OF_CLASS",
    "MadeService",
    "class_of",
    "department_of",
    "joint_routes",
    "made_services",
    "purposes_of_minutes",
    "template_of",
]

SOURCE_OF_CLASS: Final[dict[ItemClass, str]] = {
    "instant": "instant",
    "committed": "applications",
    "referred": "applications",
    "agent": "applications",
    "joint": "projects",
}
_KINDS: Final[dict[ItemClass, str]] = {"joint": "joint", "referred": "referred"}


@dataclass(frozen=True)
class MadeService:
    """A service: its name, the item that it stands for, its class, its table, and the sources of its numbers."""

    name: str
    item: ItemRow
    item_class: ItemClass
    table: dict[str, Any]
    sources: dict[str, dict[str, Any]]

    @property
    def source(self) -> str:
        """The source of visitors that apply for it."""
        return SOURCE_OF_CLASS[self.item_class]

    @property
    def has_case(self) -> bool:
        """Whether the offices decide on it after the visit."""
        return self.item_class != "instant"


def class_of(item: ItemRow) -> ItemClass:
    """Return an item's class: as stated; else committed if it has a limit or an inspection, and instant if not."""
    if item.item_class is not None:
        return item.item_class.value
    needs_days = item.statutory or item.promised or (item.inspection and item.inspection.value == "yes")
    return "committed" if needs_days else "instant"


def purposes_of_minutes(item_class: ItemClass) -> tuple[str, ...]:
    """Return the visits that an item's minutes at the window are about."""
    return ("apply", "supplement") if item_class == "instant" else ("apply",)


def template_of(item: ItemRow) -> str:
    """Return the template of the skeleton that an item's service is like."""
    if class_of(item) == "instant":
        return "instant"
    return "inspected" if item.inspection is not None and item.inspection.value == "yes" else "committed"


def department_of(item: ItemRow) -> str:
    """Return the department that accepts an item, or ""."""
    return item.departments.value[0] if item.departments else ""


def made_services(form: HallForm, groups: dict[str, str], names: NameRegistry) -> list[MadeService]:
    """Return a service for each item.

    Parameters
    ----------
    form
        The workbook.
    groups
        The group of windows of each department.
    names
        The names in use.
    """
    return [_service(item, form, groups, names) for item in form.items]


def _service(item: ItemRow, form: HallForm, groups: dict[str, str], names: NameRegistry) -> MadeService:
    item_class, department = class_of(item), department_of(item)
    name = names.name("project" if item_class == "joint" else "", item.title.value)
    window = names.name("window", groups[department])
    is_inspected = item.inspection is not None and item.inspection.value == "yes"
    table: dict[str, Any] = {
        "like": template_of(item),
        "title": title_of(item.title.value),
    }
    if item_class in _KINDS:
        table["kind"] = _KINDS[item_class]
    if department:
        table["department"] = department
    visits: dict[str, Any] = {purpose: {"window": {"pool": window}} for purpose in ("enquire", "apply", "supplement")}
    visits["collect"] = {"desk": {"pool": window}}
    sources: dict[str, dict[str, Any]] = {}
    if item.minutes is not None:
        for purpose in purposes_of_minutes(item_class):
            visits[purpose]["window"]["work"] = {"mean": f"{item.minutes.value:g} min"}
        sources[f"services.{name}.visits.*.window.work.mean"] = given_by(item.minutes, form.name)
    table |= _limits(item, item_class, f"services.{name}", form.name, sources)
    table["visits"] = visits
    if item_class != "instant":
        section = section_of(department, form, names)
        steps = ("review", "certificate", *(("opinion",) if is_inspected else ()))
        table["case"] = {step: {"pool": section} for step in steps}
        if item_class == "joint":
            table["case"]["joint"] = {"after_step": "missing", "route": f"joint-{name.removeprefix('project-')}"}
        elif item_class == "referred":
            table["case"]["refer"] = {"after_step": "sign-off", "route": "refer-up"}
    return MadeService(name, item, item_class, table, sources)


def _limits(
    item: ItemRow, item_class: ItemClass, path: str, file: str, sources: dict[str, dict[str, Any]]
) -> dict[str, str]:
    """Return the limits of an item, and add their sources; an instant item that states none has none."""
    if item_class == "instant" and item.statutory is None and item.promised is None:
        return {}
    legal = (
        item.statutory.value
        if item.statutory
        else max(skeleton()["levels"]["limit"][item_class], item.promised.value if item.promised else 0)
    )
    if item.statutory is not None:
        sources[f"{path}.legal_limit"] = given_by(item.statutory, file)
    if item.promised is not None:
        sources[f"{path}.promised_limit"] = given_by(item.promised, file)
    else:
        place: Any = cell_of(item.statutory) if item.statutory else "-"
        sources[f"{path}.promised_limit"] = derived("workbook.source.no_promise", place=place)
    promised = item.promised.value if item.promised else legal
    return {"legal_limit": f"{legal} working days", "promised_limit": f"{promised} working days"}


def section_of(department: str, form: HallForm, names: NameRegistry) -> str:
    """Return the approval section of a department; where items have none, that of the first windows."""
    return names.name("section", department or form.windows[0].group.value)


def joint_routes(services: Sequence[MadeService], form: HallForm, names: NameRegistry) -> dict[str, Any]:
    """Return a route for each joint item: its meeting, and the opinions of its departments, one after another."""
    departments = list(dict.fromkeys(department_of(each.item) for each in services if each.has_case))
    prototypes, routes = skeleton()["prototypes"], dict[str, Any]()
    joint, opinion = prototypes["joint"], prototypes["opinion"]
    for service in services:
        if service.item_class != "joint":
            continue
        stated: Stated[tuple[str, ...]] | None = service.item.departments
        own = list(stated.value) if stated else [""]
        others = [name for name in departments if name != own[0]][: skeleton()["levels"]["other_departments"]]
        fork = {}
        for department in own[1:] or others or own:
            section = section_of(department, form, names)
            fork[section.removeprefix("section-")] = {"review": {**opinion, "pool": section}}
        routes[f"joint-{service.name.removeprefix('project-')}"] = {
            "meeting": joint["meeting"],
            "opinions": {**joint["opinions"], "fork": fork},
        }
    return routes
