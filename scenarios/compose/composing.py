"""Composing a scenario: a file, what it extends, the levers it pulls, and a user's own changes, laid over one another.

Input: a name of the library or a path, with levers and overrides.  Output: a validated :class:`Scenario`, and for
every value the file, lever or option that it comes from.  The order is fixed: the file's base, fully composed; the
file's levers; the file's own tables; the caller's levers; the caller's overrides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from foundation.errors import ScenarioError
from scenarios.check import check
from scenarios.compose.levers import Lever, LeverUse, Operation, apply_lever, apply_operations, lever, lever_beside
from scenarios.compose.merging import Leaf, Tree, leaves, merge, place_steps, plant, resolve_like, strip
from scenarios.compose.reading import (
    LIBRARY_FOLDER,
    display_name,
    file_names,
    locate,
    locate_beside,
    parse,
    read,
    value_of,
)
from scenarios.compose.replaced import (
    Replaced,
    check_settings,
    merged_in_file,
    merged_pools,
    replaced_by,
    with_totals,
)
from scenarios.compose.shape import keys_at
from scenarios.compose.validating import check_format, validated
from scenarios.model import Scenario
from scenarios.paths import Path as KeyPath
from scenarios.paths import split
from scenarios.sentences import from_pydantic

__all__ = [
    "COMPOSING_KEYS",
    "Composed",
    "compose",
    "compose_table",
    "compose_text",
    "composed",
    "read_override",
    "scenario_names",
]

COMPOSING_KEYS: Final = ("extends", "levers", "levers_applied", "remove", "templates")
"""Top-level keys of a file that say how it is composed (``templates`` goes along until the end)."""

_OWN_WORDS: Final = ("format", "name", "title", "description", "levers", "provenance", "targets", "templates")
"""What a file says of itself, not of the hall."""

_LONGEST_CHAIN: Final = 20
_MOST_FILE_TREES: Final = 32


@dataclass(frozen=True, eq=False)
class Composed:
    """A composed scenario, with what it was put together from.

    Attributes
    ----------
    scenario
        The validated scenario.
    name
        What messages call the scenario's file.
    files
        The files of scenarios and levers that it was put together from.
    """

    scenario: Scenario
    name: str
    files: tuple[Path, ...]
    _tree: Tree
    _replaced: Replaced

    @cached_property
    def merged(self) -> dict[str, str]:
        """Every pool that a lever replaced by a merged one, and the name of that one, whose size is a total."""
        return merged_pools(self._tree, self._replaced)

    @cached_property
    def raw(self) -> dict[str, Any]:
        """The table that was validated, as a file would hold it (``levers`` records those applied)."""
        return strip(_final(self._tree))

    @cached_property
    def origin(self) -> dict[KeyPath, str]:
        """For the path of every value, the file, lever or option it comes from."""
        return _origins(_final(self._tree))

    def changed(self, *, levers: Sequence[str | LeverUse] = (), overrides: Mapping[str, Any] | None = None) -> Composed:
        """Return the scenario with further levers and overrides, without reading its files again."""
        return _finish(self._tree, self._replaced, self.name, self.files, levers, overrides or {})

    def with_values(self, values: Mapping[str, Any]) -> Composed:
        """Return the scenario with other values in the places of its own, such as those of a calibration.

        The values of merged pools and skipped steps are among them: nothing here is a user's setting.
        """
        moved = _finish(self._tree, {}, self.name, self.files, (), values)
        return replace(moved, _replaced=self._replaced)


def scenario_names() -> list[str]:
    """Return the names of the built-in scenarios."""
    return file_names(LIBRARY_FOLDER)


def compose(
    reference: str | Path,
    *,
    levers: Sequence[str | LeverUse] = (),
    overrides: Mapping[str, Any] | None = None,
) -> Scenario:
    """Compose a scenario.

    Parameters
    ----------
    reference
        Name of a built-in scenario, or path of a file.
    levers
        Levers to apply on top, in order.
    overrides
        Values to set last, by dotted path, such as ``{"pools.window-tax.servers": 5}``; globs may be used.

    Raises
    ------
    ScenarioError
        One sentence about the first fault: in which file, at which key, and what to do.
    """
    return composed(reference, levers=levers, overrides=overrides).scenario


def composed(
    reference: str | Path,
    *,
    levers: Sequence[str | LeverUse] = (),
    overrides: Mapping[str, Any] | None = None,
) -> Composed:
    """Compose a scenario and keep where its values come from; for the parameters see :func:`compose`."""
    file = locate(reference, LIBRARY_FOLDER)
    return _finished(_of_file(file, ()), display_name(file), levers, overrides)


def compose_text(
    data: bytes | str,
    *,
    name: str,
    levers: Sequence[str | LeverUse] = (),
    overrides: Mapping[str, Any] | None = None,
) -> Composed:
    """Compose a scenario from the contents of a file, such as an upload, that may only extend built-in ones.

    Parameters
    ----------
    data
        TOML.
    name
        What messages call it.
    levers, overrides
        As for :func:`compose`.
    """
    return compose_table(parse(data, name=name), name=name, levers=levers, overrides=overrides)


def compose_table(
    table: dict[str, Any],
    *,
    name: str,
    levers: Sequence[str | LeverUse] = (),
    overrides: Mapping[str, Any] | None = None,
    file: Path | None = None,
) -> Composed:
    """Compose a scenario from the table of a file, which may only extend built-in ones; see :func:`compose_text`.

    A table that is to become `file` may extend the files beside it, too.
    """
    chain = () if file is None else (file,)
    return _finished(_of_table(table, file=file, name=name, chain=chain), name, levers, overrides)


def read_override(text: str) -> tuple[str, Any]:
    """Read ``"pools.window-tax.servers=5"``: the path, and the value as TOML has it, else as plain text.

    Raises
    ------
    ScenarioError
        If there is no ``=``, or no path before it.
    """
    path, sign, value = text.partition("=")
    if not sign:
        raise ScenarioError("error.bad_override", value=text)
    split(path)
    return path.strip(), value_of(value)


@dataclass(frozen=True)
class _FileTree:
    """A file as composed, with the content of every file that took part: it holds while all of them read the same."""

    tree: Tree
    contents: tuple[tuple[Path, dict[str, Any]], ...]
    depth: int
    replaced: Replaced

    def holds(self, chain: tuple[Path, ...]) -> bool:
        """Tell whether all files read the same, and none of them is one of the files that extend this one."""
        try:
            return all(file not in chain for file, _ in self.contents) and all(
                read(file) is content for file, content in self.contents
            )
        except ScenarioError:  # a file has gone
            return False


_file_trees: Final[dict[Path, _FileTree]] = {}


def _of_file(file: Path, chain: tuple[Path, ...]) -> _FileTree:
    """Compose one file, below the files of `chain` that extend it."""
    earlier = _file_trees.get(file)
    if earlier is not None and len(chain) + earlier.depth <= _LONGEST_CHAIN and earlier.holds(chain):
        return earlier
    raw = read(file)
    composed = _of_table(raw, file=file, name=display_name(file), chain=(*chain, file))
    composed = replace(composed, contents=((file, raw), *composed.contents), depth=composed.depth + 1)
    if len(_file_trees) >= _MOST_FILE_TREES:
        _file_trees.clear()
    _file_trees[file] = composed
    return composed


def _of_table(raw: dict[str, Any], *, file: Path | None, name: str, chain: tuple[Path, ...]) -> _FileTree:
    """Compose one file's table: base, levers, own tables (``templates`` and the record of levers remain)."""
    _check_composing_keys(raw, name)
    own = plant({key: value for key, value in raw.items() if key not in COMPOSING_KEYS[:-1]}, name)
    folder = file.parent if file is not None else None
    contents: list[tuple[Path, dict[str, Any]]] = []

    def find(reference: str) -> Lever:
        lever = lever_beside(reference, folder=folder)
        contents.append((lever.file, read(lever.file)))
        return lever

    uses = [_use(entry, name) for entry in raw.get("levers", [])]
    record = list(raw.get("levers_applied", []))
    removals = [Operation("remove", _path(text, name, "remove")) for text in raw.get("remove", [])]
    if "extends" not in raw:
        check_format(raw, name=name)
        tree = _settle(own) | {"levers": Leaf(record, name)}
        replaced: Replaced = merged_in_file(tree, by=name) if record else {}
        tree, replaced = _pull(tree, replaced, uses, find=find, name=name)
        tree = _settle(apply_operations(tree, removals, origin=name, scenario=name))
        return _FileTree(tree, tuple(contents), 0, replaced)
    base = _base(raw["extends"], folder=folder, name=name, chain=chain)
    tree = base.tree
    tree = tree | {"levers": Leaf([*_record(tree), *record], name)}
    tree, replaced = _pull(tree, base.replaced, uses, find=find, name=name)
    tree = apply_operations(tree, removals, origin=name, scenario=name)
    changed = _settle(merge(tree, own))
    paths = [path for path, _ in leaves({key: own[key] for key in own if key not in _OWN_WORDS})]
    changed = _sized(changed, replaced, paths, origin=name)
    replaced = {**replaced, **replaced_by(tree, changed, by=name)}
    return _FileTree(changed, (*base.contents, *contents), base.depth, replaced)


def _base(extends: str, *, folder: Path | None, name: str, chain: tuple[Path, ...]) -> _FileTree:
    try:
        file = locate_beside(extends, LIBRARY_FOLDER, folder=folder)
    except ScenarioError as error:
        raise error.at(file=name, path="extends") from None
    if file.resolve() in [earlier.resolve() for earlier in chain]:
        circle = " -> ".join(display_name(link) for link in (*chain, file))
        raise ScenarioError("error.extends_circle", circle=circle).at(file=name, path="extends")
    if len(chain) >= _LONGEST_CHAIN:
        raise ScenarioError("error.extends_too_long", longest=_LONGEST_CHAIN).at(file=name, path="extends")
    return _of_file(file, chain)


def _check_composing_keys(raw: Mapping[str, Any], name: str) -> None:
    if "extends" in raw and not isinstance(raw["extends"], str):
        raise ScenarioError("error.extends_needs", value=raw["extends"]).at(file=name, path="extends")
    if not isinstance(raw.get("levers", []), list):
        raise ScenarioError("error.levers_needs", value=raw["levers"]).at(file=name, path="levers")
    for key in ("levers_applied", "remove"):
        entries = raw.get(key, [])
        if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
            raise ScenarioError("error.texts_needed", value=entries).at(file=name, path=key)
    if "format" in raw:
        check_format(raw, name=name)


def _use(entry: Any, name: str) -> LeverUse:
    if isinstance(entry, str):
        return LeverUse(entry)
    if isinstance(entry, dict) and isinstance(entry.get("use"), str):
        return LeverUse(entry["use"], {key: value for key, value in entry.items() if key != "use"})
    raise ScenarioError("error.levers_needs", value=entry).at(file=name, path="levers")


def _pull(
    tree: Tree, replaced: Replaced, uses: Sequence[LeverUse], *, find: Callable[[str], Lever], name: str
) -> tuple[Tree, Replaced]:
    for use in uses:
        before = tree
        try:
            used = find(use.name)
            tree = apply_lever(tree, used, use, scenario=name)
        except ScenarioError as error:
            raise error.at(file=name, path="levers") from None
        tree = _settle(tree)
        replaced = {**replaced, **replaced_by(before, tree, by=used.name)}
        label = str(LeverUse(used.name, use.parameters))  # a file goes by the name that it gives itself
        tree = tree | {"levers": Leaf([*_record(tree), label], used.origin)}
    return tree, replaced


def _sized(tree: Tree, replaced: Replaced, paths: Sequence[KeyPath], *, origin: str) -> Tree:
    """Return the scenario with sizes of merged pools as totals; refuse values for what a lever replaced."""
    if not replaced:
        return tree
    check_settings(tree, replaced, paths, origin=origin)
    return with_totals(tree, replaced, paths, origin=origin)


def _record(tree: Tree) -> list[str]:
    node = tree.get("levers")
    return node.value if isinstance(node, Leaf) else []


def _settle(tree: Tree) -> Tree:
    return place_steps(resolve_like(tree))


def _finished(
    composed: _FileTree, name: str, levers: Sequence[str | LeverUse], overrides: Mapping[str, Any] | None
) -> Composed:
    files = tuple(file for file, _ in composed.contents)
    return _finish(composed.tree, composed.replaced, name, files, levers, overrides or {})


def _finish(
    tree: Tree,
    replaced: Replaced,
    name: str,
    files: tuple[Path, ...],
    levers: Sequence[str | LeverUse],
    overrides: Mapping[str, Any],
) -> Composed:
    uses = [LeverUse.parse(use) if isinstance(use, str) else use for use in levers]
    tree, replaced = _pull(tree, replaced, uses, find=lever, name=name)
    files = tuple(dict.fromkeys((*files, *(lever(use.name).file for use in uses))))
    operations = [Operation("set", _path(path, "--set"), value) for path, value in overrides.items()]
    if operations:
        paths = [operation.path for operation in operations]
        removed = {path: entry for path, entry in replaced.items() if entry.kind == "removed"}
        check_settings(tree, removed, paths, origin="--set")
        tree = _settle(apply_operations(tree, operations, origin="--set", scenario=name))
        tree = _sized(tree, replaced, paths, origin="--set")
    final = _final(tree)
    try:
        scenario = validated(final)
    except ValidationError as error:
        fault, path = from_pydantic(error, strip(final), _known_keys)
        raise fault.at(file=_origin_of(path, final) or name) from None
    try:
        check(scenario)
    except ScenarioError as fault:
        raise fault.at(file=_origin_of(_keys(fault.path), final) or name) from None
    return Composed(scenario, name, files, tree, replaced)


def _final(tree: Tree) -> Tree:
    return {key: node for key, node in tree.items() if key != "templates"}


def _origins(tree: Tree) -> dict[KeyPath, str]:
    return {path: leaf.origin for path, leaf in leaves(tree)}


def _known_keys(path: KeyPath) -> list[str]:
    return keys_at(path) if path else [*keys_at(path), *COMPOSING_KEYS]


def _path(text: str, file: str, key: str = "") -> KeyPath:
    try:
        return split(text)
    except ScenarioError as error:
        raise error.at(file=file, path=key) from None


def _keys(path: str) -> KeyPath:
    try:
        return split(path)
    except ScenarioError:  # a key with quotes in it
        return ()


def _origin_of(path: KeyPath, tree: Tree) -> str:
    """Return who gave the value at a path, or else the last to add to the table around it."""
    origin = _origins(tree)
    for length in range(len(path), 0, -1):
        under = [source for leaf, source in origin.items() if leaf[:length] == path[:length]]
        if under:
            return under[-1]
    return ""
