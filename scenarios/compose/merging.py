"""Trees of values that know where they come from: how the parts of a scenario are laid over one another.

Input: plain tables and the name of the file (or lever) that holds them.  Output: trees whose leaves carry that name
through every merge, so that an error at the very end can name the file of the value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from foundation.errors import ScenarioError
from foundation.identity import Identity
from scenarios.compose.reading import DEEPEST
from scenarios.compose.shape import is_law, is_one_value, is_route
from scenarios.model.vocabulary import LAW_FORMS
from scenarios.paths import Path, dotted, suggestion

__all__ = [
    "PLACES",
    "Leaf",
    "Tree",
    "leaves",
    "merge",
    "names_law_form",
    "place_steps",
    "plant",
    "resolve_like",
    "strip",
    "text_in",
]

PLACES: Final = ("after_step", "before_step")
_WITH_ROUTES: Final = ("routes", "services", "templates")
_WITH_LIKE: Final = (("templates", "services"), ("sites",), ("pools",), ("timetables",), ("routes",), ("arrivals",))
"""Tables whose entries may be ``like`` one another."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value that is no table (a list is one value), and the file, lever or option it comes from."""

    value: Any
    origin: str


Tree: TypeAlias = "dict[str, Tree | Leaf]"


def plant(table: Mapping[str, Any], origin: str) -> Tree:
    """Turn a plain table into a tree whose leaves come from `origin`."""
    return {
        str(key): plant(value, origin) if isinstance(value, Mapping) else Leaf(value, origin)
        for key, value in table.items()
    }


def strip(tree: Tree) -> dict[str, Any]:
    """Turn a tree back into a plain table."""
    return {key: node.value if isinstance(node, Leaf) else strip(node) for key, node in tree.items()}


def leaves(tree: Tree) -> list[tuple[Path, Leaf]]:
    """Return every leaf with its path."""
    result: list[tuple[Path, Leaf]] = []

    def gather(part: Tree, path: Path) -> None:
        for key, node in part.items():
            if isinstance(node, Leaf):
                result.append(((*path, key), node))
            else:
                gather(node, (*path, key))

    gather(tree, ())
    return result


def text_in(tree: Tree, key: str) -> str | None:
    """Return the text at a key; ``None`` if there is none, or something else."""
    node = tree.get(key)
    return node.value if isinstance(node, Leaf) and isinstance(node.value, str) else None


def names_law_form(table: Mapping[str, Any]) -> bool:
    """Tell whether the table of a random quantity says which form of law it is, so that it replaces another."""
    return any(form in table for form in LAW_FORMS)


def merge(base: Tree, over: Tree, path: Path = ()) -> Tree:
    """Lay a tree over another: tables are merged key by key, anything else is replaced.

    Existing keys keep their order and new ones follow.  A table that is one value (the shares of a ``next``, a
    profile, a law that names its form) replaces what was there.

    Parameters
    ----------
    base, over
        The tree below, and the tree that changes it; neither is modified.
    path
        Where both stand in the scenario; it decides which tables are one value.

    Returns
    -------
    Tree
        The merged tree.
    """
    if is_one_value(path) or (is_law(path) and names_law_form(over)):
        return over
    merged = dict(base)
    for key, node in over.items():
        old = base.get(key)
        merged[key] = merge(old, node, (*path, key)) if isinstance(old, dict) and isinstance(node, dict) else node
    return merged


def resolve_like(tree: Tree) -> Tree:
    """Give every entry of a table of named things what those that it is ``like`` have, under its own keys.

    A pattern that stands later in a list of several changes those before it.  Services may be like templates too.

    Raises
    ------
    ScenarioError
        If a ``like`` names nothing, or goes round in a circle.
    """
    for tables in _WITH_LIKE:
        tree = _Patterns.of(tree, tables).resolved(tree)
    return tree


@dataclass(frozen=True)
class _Patterns:
    """The entries of tables that may be like one another."""

    entries: dict[str, tuple[str, Tree]]
    """By name: the table, and what stands in it."""
    done: dict[str, Tree]

    @classmethod
    def of(cls, tree: Tree, tables: Sequence[str]) -> _Patterns:
        entries: dict[str, tuple[str, Tree]] = {}
        for table in tables:
            part = tree.get(table, {})
            if isinstance(part, Leaf):
                return cls({}, {})  # the model says what is wrong with that
            for name, entry in part.items():
                if name in entries and isinstance(entry, dict):
                    place = dotted((table, name))
                    raise ScenarioError("error.template_and_service", name=name).at(
                        file=_some_origin(entry), path=place
                    )
                if isinstance(entry, dict):
                    entries[name] = (table, entry)
        return cls(entries, {})

    def resolved(self, tree: Tree) -> Tree:
        """Return the tree without a ``like`` in these tables."""
        changed: Tree = dict(tree)
        for name, (table, entry) in self.entries.items():
            part = changed[table]
            if isinstance(entry.get("like"), Leaf) and isinstance(part, dict):
                changed[table] = {**part, name: self._entry(name, (name,))}
        return changed

    def _entry(self, name: str, chain: tuple[str, ...]) -> Tree:
        if name in self.done:
            return self.done[name]
        table, entry = self.entries[name]
        like = entry.get("like")
        if isinstance(like, Leaf):  # a route may have a step of this name
            own: Tree = {key: node for key, node in entry.items() if key != "like"}
            entry = {}
            for pattern in like.value if isinstance(like.value, list) else [like.value]:
                self._check(pattern, like.origin, table, chain)
                entry = merge(entry, self._entry(pattern, (*chain, pattern)), (_table_of(table), name))
            entry = merge(entry, own, (_table_of(table), name))
        self.done[name] = entry
        return entry

    def _check(self, pattern: Any, origin: str, table: str, chain: tuple[str, ...]) -> None:
        place = dotted((table, chain[-1], "like"))
        if not isinstance(pattern, str) or pattern not in self.entries:
            near = suggestion(pattern, [other for other in self.entries if other != chain[-1]])
            raise ScenarioError("error.like_unknown", value=pattern, near=near).at(file=origin, path=place)
        if pattern in chain:
            circle = " -> ".join([*chain[chain.index(pattern) :], pattern])
            raise ScenarioError("error.like_circle", circle=circle).at(file=origin, path=place)
        if len(chain) > DEEPEST:
            raise ScenarioError("error.too_deep", deepest=DEEPEST).at(file=origin, path=place)


def _table_of(table: str) -> str:
    return "services" if table == "templates" else table


def place_steps(tree: Tree) -> Tree:
    """Put every step that says ``after_step`` or ``before_step`` where it says, and forget that it did.

    Raises
    ------
    ScenarioError
        If the step that it names is not in its route.
    """
    return _placed(tree, ()) if _says_where(tree) else tree  # a lever is seldom about places, and many are pulled


def _says_where(tree: Tree) -> bool:
    """Tell whether a step anywhere in the tables with routes names its place."""
    for table in _WITH_ROUTES:
        entries = tree.get(table)
        if isinstance(entries, dict):
            for node in entries.values():
                if isinstance(node, dict) and _part_says_where(Identity(node)):
                    return True
    return False


@lru_cache(maxsize=4096)
def _part_says_where(part: Identity[Tree]) -> bool:
    # A tree is never changed: what a lever left alone is not looked through again.
    front = [part.value]
    while front:
        tree = front.pop()
        if not tree.keys().isdisjoint(PLACES):
            return True
        front += [node for node in tree.values() if isinstance(node, dict)]
    return False


def _placed(tree: Tree, path: Path) -> Tree:
    if len(path) == 2 and not _part_says_where(Identity(tree)):  # one service or one route, and most are in order
        return tree
    # A step has routes only in its fork, a scenario in some of its tables; in between they may be anywhere.
    with_routes = ("fork",) if is_route(path[:-1]) else () if path else _WITH_ROUTES
    placed: Tree = {
        key: _placed(node, (*path, key)) if isinstance(node, dict) and key in (with_routes or tree) else node
        for key, node in tree.items()
    }
    if not is_route(path):
        return placed
    order = list(placed)
    for name, step in list(placed.items()):
        if not isinstance(step, dict) or not any(place in step for place in PLACES):
            continue
        anchors = [place for place in PLACES if place in step]
        where = dotted((*path, name, anchors[0]))
        origin = _some_origin(step[anchors[0]])
        anchor = text_in(step, anchors[0])
        if len(anchors) > 1:
            raise ScenarioError("error.step_two_places").at(file=origin, path=where)
        if anchor not in placed or anchor == name:
            value = strip(step)[anchors[0]]
            near = suggestion(value, [other for other in placed if other != name])
            raise ScenarioError("error.step_unknown", value=value, near=near).at(file=origin, path=where)
        order.remove(name)
        order.insert(order.index(anchor) + (anchors[0] == "after_step"), name)
        placed[name] = {key: node for key, node in step.items() if key not in PLACES}
    return {name: placed[name] for name in order}


def _some_origin(node: Tree | Leaf) -> str:
    if isinstance(node, Leaf):
        return node.origin
    return next((leaf.origin for _, leaf in leaves(node)), "")
