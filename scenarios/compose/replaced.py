"""What levers replaced: pools that are part of another one, steps that are skipped, and things that were taken out.

Input: a scenario before and after a lever, and the paths that are set afterwards.  Output: the scenario with sizes of
merged pools as totals, or a sentence that names the lever and the path to set instead.  A pool is replaced if it was
a pool of its own before.  A pool that a lever brings along, such as a shift over lunch, adds to another pool and is set
as any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from foundation.errors import ScenarioError
from scenarios.compose.merging import Leaf, Tree, text_in
from scenarios.paths import Path, dotted, is_glob, key_matches

__all__ = ["Replaced", "Replacement", "check_settings", "merged_in_file", "merged_pools", "replaced_by", "with_totals"]

Kind = Literal["merged", "skipped", "removed"]


@dataclass(frozen=True)
class Replacement:
    """How something was replaced, and by which lever or file."""

    kind: Kind
    by: str


Replaced: TypeAlias = "Mapping[Path, Replacement]"

_NOT_THE_HALL: Final = ("levers", "provenance", "targets", "templates")
_SIZE: Final = ("servers", "hours", "roster")
_EFFECT: Final = {
    "merged": (*_SIZE, "at_break", "at_close", "discipline", "preemptive", "room", "work_factor"),
    "skipped": (),
    "removed": (),
}
"""Keys that count no longer; an empty tuple stands for all but those of :data:`_HARMLESS`."""

_HARMLESS: Final = ("skip", "title")


def replaced_by(before: Tree, after: Tree, *, by: str) -> dict[Path, Replacement]:
    """Return what a lever replaced, by the path of each thing.

    Parameters
    ----------
    before, after
        The scenario without and with the lever.
    by
        What messages call the lever.
    """
    tables = {key: node for key, node in before.items() if key not in _NOT_THE_HALL}
    return {path: Replacement(kind, by) for path, kind in _replacements(tables, after, ())}


def _replacements(before: Tree, after: Tree, path: Path) -> Iterator[tuple[Path, Kind]]:
    for key, old in before.items():
        new = after.get(key)
        if new is old or not isinstance(old, dict):  # a tree is never changed, so most of it is the same object
            continue
        here = (*path, key)
        if new is None:
            yield here, "removed"
        elif isinstance(new, dict):
            if path == ("pools",) and "merge_into" in new and "merge_into" not in old:
                yield here, "merged"
            elif _is_skipped(new) and not _is_skipped(old):
                yield here, "skipped"
            else:
                yield from _replacements(old, new, here)


def _is_skipped(step: Tree) -> bool:
    node = step.get("skip")
    return isinstance(node, Leaf) and node.value is True


def merged_in_file(tree: Tree, *, by: str) -> dict[Path, Replacement]:
    """Return the merged pools of a composed file, where no lever says any more which pool was one of its own.

    Pools with the hours of the pool that they are part of stand beside it; others are shifts that add to it.
    """
    pools = _pools(tree)
    merged: dict[Path, Replacement] = {}
    for name, pool in pools.items():
        into = pools.get(text_in(pool, "merge_into") or "")
        if into is not None and "roster" not in pool and _value(pool, "hours") == _value(into, "hours"):
            merged["pools", name] = Replacement("merged", by)
    return merged


def merged_pools(tree: Tree, replaced: Replaced) -> dict[str, str]:
    """Return every pool that was replaced by a merged one, and the name of that one."""
    pools = _pools(tree)
    names = [path[1] for path, entry in replaced.items() if entry.kind == "merged" and path[1] in pools]
    return {name: into for name in names if (into := _final(pools, name)) != name}


def _final(pools: Mapping[str, Tree], name: str) -> str:
    seen = [name]
    while (into := text_in(pools[seen[-1]], "merge_into") or "") in pools and into not in seen:
        seen.append(into)
    return seen[-1]


def check_settings(tree: Tree, replaced: Replaced, paths: Iterable[Path], *, origin: str) -> None:
    """Refuse values that would have no effect, or another one than their path says.

    Parameters
    ----------
    tree
        The scenario with the values.
    replaced
        What levers replaced in it.
    paths
        Where values were set; keys may be globs, which may pass over what was replaced if they reach anything else.
    origin
        Who set them (a file's name, ``--set``).

    Raises
    ------
    ScenarioError
        Names the lever, and the path to set instead.
    """
    current = {place: entry for place, entry in replaced.items() if _holds(tree, place, entry.kind)}
    for path in paths if current else ():
        for place, entry in current.items():
            reach = path[: len(place)]
            if len(path) <= len(place) or not _reaches(reach, place):
                continue
            key, counted = path[len(place)], _EFFECT[entry.kind]
            if key in _HARMLESS or (counted and key not in counted):
                continue
            if all(other in current for other in _matching(tree, reach)):
                _refuse(tree, place, entry, path, origin)


def _holds(tree: Tree, place: Path, kind: Kind) -> bool:
    node: Tree | Leaf | None = tree
    for key in place:
        node = node.get(key) if isinstance(node, dict) else None
    if not isinstance(node, dict):
        return kind == "removed"
    return "merge_into" in node if kind == "merged" else kind == "skipped" and _is_skipped(node)


def _reaches(pattern: Path, place: Path) -> bool:
    return all(key == name or key_matches(name, key) for name, key in zip(place, pattern, strict=True))


def _matching(tree: Tree, pattern: Path) -> list[Path]:
    """Return the paths in a tree that a pattern reaches."""
    front: list[tuple[Path, Tree]] = [((), tree)]
    for key in pattern:
        front = [
            ((*path, name), inner)
            for path, node in front
            for name, inner in node.items()
            if isinstance(inner, dict) and (name == key or (is_glob(key) and key_matches(name, key)))
        ]
    return [path for path, _ in front]


def _refuse(tree: Tree, place: Path, entry: Replacement, path: Path, origin: str) -> None:
    where, value = dotted(place), dotted(path)
    if entry.kind == "merged":
        into = _final(_pools(tree), place[1])
        instead = dotted(("pools", into, *path[2:]))
        error = ScenarioError("error.set_merged", lever=entry.by, pool=place[1], into=into, instead=instead)
    elif entry.kind == "skipped":
        instead = dotted((*place, "skip"))
        error = ScenarioError("error.set_skipped", lever=entry.by, where=where, instead=instead)
    else:
        error = ScenarioError("error.set_removed", lever=entry.by, where=where)
    raise error.at(file=origin, path=value)


def with_totals(tree: Tree, replaced: Replaced, paths: Iterable[Path], *, origin: str) -> Tree:
    """Return the scenario with the sizes that were set for merged pools as totals: their parts bring nobody any more.

    Parameters
    ----------
    tree
        The scenario with the values that were set.
    replaced
        What levers replaced in it.
    paths
        Where values were set.
    origin
        Who set them.
    """
    parts: dict[str, list[str]] = {}
    for name, into in merged_pools(tree, replaced).items():
        parts.setdefault(into, []).append(name)
    sized: dict[str, set[str]] = {}
    for path in paths if parts else ():
        if len(path) >= 2 and path[0] == "pools":
            keys = {path[2]} if len(path) > 2 else set(_SIZE)
            for name in parts:
                if (name == path[1] or key_matches(name, path[1])) and keys & set(_SIZE):
                    sized.setdefault(name, set()).update(keys)
    if not sized:
        return tree
    pools = _pools(tree)
    for name, keys in sized.items():
        pools = pools | _as_total(pools, name, parts[name], keys, origin)
    return tree | {"pools": {**pools}}


def _as_total(pools: dict[str, Tree], name: str, parts: list[str], keys: set[str], origin: str) -> dict[str, Tree]:
    """Return a merged pool that stands for all its parts, and the parts, which bring nobody."""
    own = dict(pools[name])
    # Where only the hours are set, the parts work these hours; a part with shifts of its own keeps them.
    absorbed = [part for part in parts if "roster" not in pools[part] or keys & {"servers", "roster"}]
    if not keys & {"servers", "roster"}:
        own["servers"] = Leaf(sum(_servers(pools[part]) for part in (name, *absorbed)), origin)
    if not _value(own, "cost_per_hour"):
        sizes = [_servers(pools[part]) for part in absorbed]
        costs = [float(_value(pools[part], "cost_per_hour") or 0) for part in absorbed]
        if sum(sizes):
            mean = sum(size * cost for size, cost in zip(sizes, costs, strict=True)) / sum(sizes)
            own["cost_per_hour"] = Leaf(mean, origin)
    nobody = Leaf(0, origin)
    empty = {part: {k: v for k, v in pools[part].items() if k != "roster"} | {"servers": nobody} for part in absorbed}
    return {name: own, **empty}


def _servers(pool: Tree) -> int:
    roster = _value(pool, "roster")
    if isinstance(roster, list):
        return max((int(shift.get("servers", 0)) for shift in roster if isinstance(shift, dict)), default=0)
    servers = _value(pool, "servers")
    return servers if isinstance(servers, int) else 1


def _value(table: Tree, key: str) -> Any:
    node = table.get(key)
    return node.value if isinstance(node, Leaf) else node


def _pools(tree: Tree) -> dict[str, Tree]:
    node = tree.get("pools")
    return {name: pool for name, pool in node.items() if isinstance(pool, dict)} if isinstance(node, dict) else {}
