"""Operations on a scenario that is being composed: set, scale, add and remove, by paths that may hold globs.

Input: a tree of values and operations.  Output: the tree with the operations carried out, or a sentence that says which
of them found nothing.  ``docs/reference/scenario-format.md`` states the rules.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from foundation.errors import HallplanError, ScenarioError
from foundation.units import format_quantity, parse_quantity
from scenarios.compose.merging import PLACES, Leaf, Tree, merge, names_law_form, plant
from scenarios.compose.shape import default_at, holds_named_things, is_law, is_route, keys_at
from scenarios.model import COMPANIONS
from scenarios.paths import Path, dotted, is_glob, key_matches, suggestion

__all__ = ["Operation", "Verb", "apply_operations"]

_NUMBER: Final = re.compile(r"\s*([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)(.*)", re.DOTALL)
_HUGE: Final = 1e300
"""No number of a scenario comes near it, and beyond it Python refuses to multiply integers by fractions."""

Verb = Literal["set", "scale", "add", "remove"]


@dataclass(frozen=True)
class Operation:
    """One thing that a lever does: a verb, a path that may hold globs, and a value."""

    verb: Verb
    path: Path
    value: Any = None


def apply_operations(
    tree: Tree, operations: Sequence[Operation], *, origin: str, lever: str = "", scenario: str
) -> Tree:
    """Return the scenario with operations carried out one after another.

    Parameters
    ----------
    tree
        The scenario so far.
    operations
        What to do.
    origin
        Where the new values come from (a file's name, ``--set``).
    lever
        The lever whose operations they are; "" for a user's own.
    scenario
        What messages call the scenario.

    Raises
    ------
    ScenarioError
        If an operation finds nothing to work on.
    """
    for operation in operations:
        patch = _Patch(operation, origin, strict=not lever)
        patched, count = patch.walk(tree, operation.path, ())
        if not count:
            key = "error.lever_does_not_apply" if lever else "error.path_not_found"
            raise ScenarioError(
                key,
                lever=lever,
                scenario=scenario,
                value=dotted(operation.path),
                near=_nearest(tree, operation.path),
            ).at(file=origin)
        templates = patched.get("templates")
        if isinstance(templates, dict) and operation.path[0] == "services":
            # Templates are services that later services are made from: what holds for all must hold for them.
            rest = operation.path[1:]
            if rest and (rest[0] in templates or _is_meant(rest[0], templates)):
                patched = patched | {"templates": patch.walk(templates, rest, ("services",))[0]}
        tree = patched
    return tree


def _is_meant(pattern: str, names: Iterable[str]) -> bool:
    """Tell whether a pattern with globs means one of some names."""
    return is_glob(pattern) and any(key_matches(name, pattern) for name in names)


def _nearest(tree: Tree, path: Path) -> HallplanError:
    """Suggest names for the first key of a path that finds nothing."""
    node: Tree | Leaf = tree
    for position, key in enumerate(path):
        names = [*node, *keys_at(path[:position])] if isinstance(node, dict) else []
        matching = [name for name in names if key_matches(name, key)]
        if not matching or not isinstance(node, dict):
            return suggestion(key, names)
        node = next((node[name] for name in matching if isinstance(node.get(name), dict)), {})
    return suggestion("", [])


@dataclass(frozen=True)
class _Patch:
    """One operation at work: it walks pattern and scenario together."""

    operation: Operation
    origin: str
    strict: bool
    """Named things on the way must exist."""

    def walk(self, node: Tree, pattern: Path, path: Path, under_glob: bool = False) -> tuple[Tree, int]:
        """Return the table with the operation done under it, and how often it found something to do."""
        key, rest = pattern[0], pattern[1:]
        # The keys of `provenance` are patterns themselves, and are meant as they stand.
        literal = key in node or not is_glob(key) or path == ("provenance",)
        names = [name for name in node if (name == key if literal else key_matches(name, key))]
        if literal and not names:
            names = [key]
        changed, count = dict(node), 0
        for name in names:
            here = (*path, name)
            globbed = under_glob or not literal
            if not rest:
                count += self._act(changed, name, here, globbed)
                continue
            inner = node.get(name)
            if inner is None and self._may_create(here, globbed):
                inner = {}
            if isinstance(inner, dict):
                after, count_inside = self.walk(inner, rest, here, globbed)
                if count_inside:
                    changed[name] = after
                    count += count_inside
        return changed, count

    def _may_create(self, path: Path, under_glob: bool) -> bool:
        if self.operation.verb != "set" or is_law(path):
            return False
        named = holds_named_things(path[:-1]) or holds_named_things(path)
        top = len(path) == 1
        return top or not named or not (under_glob or self.strict)

    def _act(self, table: Tree, key: str, path: Path, under_glob: bool) -> int:
        """Do the operation to ``table[key]`` and say whether (0 or 1) there was anything to do."""
        verb, value = self.operation.verb, self.operation.value
        if verb == "remove":
            return 1 if table.pop(key, None) is not None else 0
        if verb == "set":
            return self._set(table, key, path, under_glob)
        old = table.get(key)
        if old is None:
            default = None if key == "servers" and "roster" in table else default_at(path)
            if isinstance(default, bool) or not isinstance(default, (int, float)):
                return 0
            old = Leaf(default, self.origin)
        table[key] = _scaled(old, value, path, self.origin) if verb == "scale" else self._added(old, path)
        return 1

    def _set(self, table: Tree, key: str, path: Path, under_glob: bool) -> int:
        value = self.operation.value
        needs = COMPANIONS.get(key)
        if under_glob and needs is not None and needs not in table and is_route(path[:-2]):
            return 0  # a key that only goes with another one, such as `priority` with `pool`
        if not isinstance(value, Mapping):
            table[key] = Leaf(value, self.origin)
            return 1
        planted, old = plant(value, self.origin), table.get(key)
        if under_glob and any(place in value for place in PLACES):
            anchors = [value[place] for place in PLACES if place in value]
            if any(anchor not in table for anchor in anchors):
                return 0
        if isinstance(old, dict) and not self.strict:
            planted = merge(old, planted, path)
        table[key] = planted
        return 1

    def _added(self, old: Tree | Leaf, path: Path) -> Leaf:
        value = self.operation.value
        before = old.value if isinstance(old, Leaf) else None
        if _is_number(before) and _is_number(value):
            return Leaf(before + value, self.origin)
        if isinstance(before, str) and isinstance(value, str):
            first, second = parse_quantity(before), parse_quantity(value)
            if first.clock == second.clock:
                return Leaf(format_quantity(replace(first, value=first.value + second.value)), self.origin)
        raise ScenarioError("error.lever_cannot_add", value=value, old=_shown(old)).at(
            file=self.origin, path=dotted(path)
        )


def _scaled(old: Tree | Leaf, factor: Any, path: Path, origin: str) -> Tree | Leaf:
    if not _is_number(factor) or factor < 0:
        raise ScenarioError("error.lever_bad_factor", value=factor).at(file=origin, path=dotted(path))
    if factor == 1:
        return old
    if isinstance(old, dict) and is_law(path) and names_law_form(old):
        before = old.get("factor", Leaf(1, origin))
        return old | {"factor": _scaled(before, factor, (*path, "factor"), origin)}
    value = old.value if isinstance(old, Leaf) else None
    if value is not None and _is_number(value) and abs(value) < _HUGE:
        product = value * factor
        is_whole = isinstance(value, int) and isinstance(product, float) and product.is_integer()
        return Leaf(int(product) if is_whole else product, origin)
    match = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    if match:
        quantity = parse_quantity(match[0])
        if quantity.clock != "number":
            return Leaf(f"{float(match[1]) * factor:.15g}{match[2]}", origin)
    raise ScenarioError("error.lever_cannot_scale", old=_shown(old)).at(file=origin, path=dotted(path))


def _is_number(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _shown(node: Tree | Leaf) -> Any:
    return node.value if isinstance(node, Leaf) else "{…}"
