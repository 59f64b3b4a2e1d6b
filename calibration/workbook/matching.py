"""Names of a log and names of a workbook: which items, and which steps of theirs, a log speaks of.

Input: names of services and activities in a log, and a workbook's form.  Output: items, and paths of steps.  A name is
an item's, a department's or that of a group of windows, as written or as the built-in catalogue calls it in the other
language.  A name that is none of them is listed with the nearest ones, and is never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Final

from foundation import messages
from scenarios.paths import suggestion
from scenarios.workbook.layout import plain
from scenarios.workbook.model import HallForm, ItemRow
from scenarios.workbook.naming import title_of
from scenarios.workbook.reading import group_of_department
from scenarios.workbook.services import class_of, department_of, purposes_of_minutes, template_of
from scenarios.workbook.skeleton import skeleton, working_steps

__all__ = ["NameMatcher", "StepPath", "is_step_title", "listed", "steps_of"]

StepPath = tuple[str, ...]
"""Where a step stands below a service: ``("visits", "apply", "window")``."""

_MOST_NAMES: Final = 3
"""Names that a sentence lists: with their remarks, more would be cut where it is shown."""


def _spellings(text: str) -> list[str]:
    return list(dict.fromkeys(map(plain, (text, *title_of(text).values()))))


@cache
def _paths_by_title(template: str) -> dict[str, tuple[StepPath, ...]]:
    paths: dict[str, tuple[StepPath, ...]] = {}
    for path, step in working_steps(template).items():
        for title in map(plain, step["title"].values()):
            paths[title] = (*paths.get(title, ()), path)
    return paths


def is_step_title(activity: str) -> bool:
    """Tell whether an activity of a log is called like a step of the made scenarios."""
    return any(plain(activity) in _paths_by_title(template) for template in skeleton()["templates"])


def steps_of(item: ItemRow, activity: str, *, is_ticket: bool) -> tuple[StepPath, ...]:
    """Return the steps of an item that an activity is about.

    Parameters
    ----------
    item
        The item.
    activity
        The activity's name in the log.
    is_ticket
        The log is that of a ticket machine: what is not called like a step is the visit that the item is applied for.
    """
    if is_step_title(activity):
        return _paths_by_title(template_of(item)).get(plain(activity), ())
    return tuple(("visits", purpose, "window") for purpose in purposes_of_minutes(class_of(item))) if is_ticket else ()


@dataclass(frozen=True, eq=False)
class NameMatcher:
    """Finds the items that names of a log stand for.

    Attributes
    ----------
    form
        The workbook.
    matched, unmatched
        Names that stood for items, and those that stood for none, in the order in which they were looked up.
    """

    form: HallForm
    matched: dict[str, None] = field(default_factory=dict)
    unmatched: dict[str, None] = field(default_factory=dict)

    @cached_property
    def _by_title(self) -> dict[str, list[ItemRow]]:
        table: dict[str, list[ItemRow]] = {}
        for item in self.form.items:
            for spelling in _spellings(item.title.value):
                table.setdefault(spelling, []).append(item)
        return table

    @cached_property
    def _by_office(self) -> dict[str, list[ItemRow]]:
        groups = group_of_department(self.form)
        departments: dict[str, list[ItemRow]] = {}
        windows: dict[str, list[ItemRow]] = {}
        for item in self.form.items:
            department = department_of(item)
            for table, name in ((departments, department), (windows, groups[department])):
                for spelling in _spellings(name) if name else ():
                    table.setdefault(spelling, []).append(item)
        return windows | departments

    def items(self, *names: str) -> list[ItemRow]:
        """Return the items that the first name stands for which stands for any, and note the names."""
        names = tuple(name for name in names if name)
        for table in (self._by_title, self._by_office):
            for name in names:
                items = next((table[spelling] for spelling in _spellings(name) if spelling in table), None)
                if items is not None:
                    self.matched[name] = None
                    return items
        self.unmatched.update(dict.fromkeys(names[:1]))
        return []

    def item_called(self, *names: str) -> ItemRow | None:
        """Return the one item whose title a name is, or ``None``."""
        for name in names:
            items = next((self._by_title[each] for each in _spellings(name) if each in self._by_title), [])
            if len(items) == 1:
                return items[0]
        return None

    def hints(self) -> str:
        """Return the names that stand for nothing, each with the nearest ones of the workbook."""
        names = [item.title.value for item in self.form.items]
        names += [department for item in self.form.items if (department := department_of(item))]
        names += [window.group.value for window in self.form.windows]
        hints = {name: suggestion(name, names) for name in self.unmatched}
        return listed(f"{name} ({hint})" if hint.key == "error.did_you_mean" else name for name, hint in hints.items())


def listed(names: Iterable[str]) -> str:
    """Return names as a sentence lists them: the first few, and how many more."""
    texts = list(names)
    more = len(texts) - _MOST_NAMES
    shown = messages.text("workbook_log.separator").join(texts[:_MOST_NAMES])
    return messages.text("workbook_log.more", names=shown, n=more) if more > 0 else shown
