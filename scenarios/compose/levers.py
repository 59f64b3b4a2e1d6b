"""Levers: named, documented patches on a scenario, such as "pool the windows" or "add staff".

In comes a lever file, its parameters and a scenario that is being composed; out goes the scenario with the lever
applied, or a sentence that says why it does not apply.  The rules (globs, what may be created, how things scale) stand
in ``docs/reference/scenario-format.md``; the reasons in ``docs/decisions/0011-levers-as-patches.md``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from foundation.errors import HallplanError, ScenarioError
from foundation.units import format_quantity, parse_quantity
from scenarios.compose.merging import LAW_FORMS, PLACES, Leaf, Tree, merge, plant
from scenarios.compose.reading import LEVER_FOLDER, display_name, file_names, locate, locate_beside, read, value_of
from scenarios.compose.shape import default_at, holds_named_things, is_law, is_one_value, is_route, keys_at
from scenarios.model import COMPANIONS, EMPTY, Name, Provenance, Text
from scenarios.paths import Path, dotted, is_glob, key_matches, split, suggestion
from scenarios.sentences import from_pydantic

__all__ = [
    "Cost",
    "Lever",
    "LeverFile",
    "LeverUse",
    "Operation",
    "Parameter",
    "apply_lever",
    "apply_operations",
    "lever",
    "lever_beside",
    "levers",
]

_PARAMETER: Final = re.compile(r"\$\{([^}]*)\}")
_NUMBER: Final = re.compile(r"\s*([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)(.*)", re.DOTALL)
_HUGE: Final = 1e300
"""No number of a scenario comes near it, and beyond it Python refuses to multiply integers by fractions."""

Verb = Literal["set", "scale", "add", "remove"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _parameter_name(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,63}", name) or name == "use":
        raise ScenarioError("error.bad_name", value=name)
    return name


_ParameterName = Annotated[str, AfterValidator(_parameter_name)]


class Cost(_Table):
    """What a lever costs, as far as anybody has said.

    Attributes
    ----------
    one_off_yuan, per_year_yuan
        Once, and every year, in yuan.
    note
        What the figures cover and where they come from.
    """

    one_off_yuan: Annotated[float, Field(ge=0, le=1e12)] = 0.0
    per_year_yuan: Annotated[float, Field(ge=-1e12, le=1e12)] = 0.0
    note: Text = EMPTY


class Parameter(_Table):
    """What the user of a lever may choose.

    Attributes
    ----------
    default
        What holds when nothing is chosen; a parameter without one must be given.
    title
        What it means.
    """

    default: str | float | int | bool | None = None
    title: Text = EMPTY


class LeverFile(_Table):
    """A lever as its file states it.

    Attributes
    ----------
    format
        Version of the format: 1.
    name, title, why
        What it is called, and what it is for.
    source
        The line of a publication that reports it.
    later
        The measure is from a later year than the 2014 reform.
    cost
        What it costs.
    parameters
        What its user may choose; ``${name}`` stands for the choice in any key or value below.
    set, scale, add
        Tables that are walked together with the scenario: values to set, factors, and summands.
    remove
        Dotted paths of what is taken out.
    provenance
        Where the lever's numbers come from.
    """

    format: Literal[1]
    name: Name
    title: Text
    why: Text = EMPTY
    source: Text = EMPTY
    later: bool = False
    cost: Cost = Cost()
    parameters: dict[_ParameterName, Parameter] = {}
    set: dict[str, Any] = {}
    scale: dict[str, Any] = {}
    add: dict[str, Any] = {}
    remove: list[str] = []
    provenance: dict[str, Provenance] = {}


@dataclass(frozen=True)
class Lever:
    """A lever of the catalogue: what it says of itself, and the file it stands in."""

    file: FilePath
    spec: LeverFile
    provenance: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its name."""
        return self.spec.name

    @property
    def origin(self) -> str:
        """How messages call its file."""
        return display_name(self.file)


@dataclass(frozen=True)
class LeverUse:
    """A lever and the choices for its parameters."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> LeverUse:
        """Read ``"add-staff:pool=window-tax,servers=2"``: a name, and choices as TOML or plain text.

        Raises
        ------
        ScenarioError
            If a choice has no ``=``.
        """
        name, _, choices = text.partition(":")
        parameters: dict[str, Any] = {}
        for choice in choices.split(",") if choices.strip() else []:
            key, sign, value = choice.partition("=")
            if not sign:
                raise ScenarioError("error.bad_lever_use", value=text)
            parameters[key.strip()] = value_of(value)
        return cls(name.strip(), parameters)

    def __str__(self) -> str:
        chosen = ",".join(f"{name}={value}" for name, value in sorted(self.parameters.items()))
        return f"{self.name}:{chosen}" if chosen else self.name


@dataclass(frozen=True)
class Operation:
    """One thing that a lever does: a verb, a path that may hold globs, and a value."""

    verb: Verb
    path: Path
    value: Any = None


def lever(reference: str | FilePath) -> Lever:
    """Read a lever that a user names: a built-in one, or a file.

    Parameters
    ----------
    reference
        Name or path.

    Raises
    ------
    ScenarioError
        If there is no such lever, or its file is faulty.
    """
    return _lever_in(locate(reference, LEVER_FOLDER))


def lever_beside(reference: str, *, beside: FilePath | None) -> Lever:
    """Read a lever that a scenario file names: a built-in one, or a file in its folder `beside` or below.

    Raises
    ------
    ScenarioError
        If there is no such lever, it lies elsewhere, or its file is faulty.
    """
    return _lever_in(locate_beside(reference, LEVER_FOLDER, beside=beside))


def _lever_in(file: FilePath) -> Lever:
    raw = read(file)
    try:
        spec = LeverFile.model_validate(raw)
    except ValidationError as error:
        raise from_pydantic(error, raw, _known_keys)[0].at(file=display_name(file)) from None
    return Lever(file, spec, raw.get("provenance", {}))


def _known_keys(path: Path) -> list[str]:
    if not path:
        return list(LeverFile.model_fields)
    inner: dict[str, type[BaseModel]] = {"cost": Cost, "parameters": Parameter, "provenance": Provenance}
    return list(inner[path[0]].model_fields) if path[0] in inner else []


def levers() -> list[Lever]:
    """Return the built-in levers, by name."""
    return [lever(LEVER_FOLDER / f"{name}.toml") for name in file_names(LEVER_FOLDER)]


def apply_lever(tree: Tree, chosen: Lever, use: LeverUse, *, scenario: str) -> Tree:
    """Return the scenario with the lever applied.

    Parameters
    ----------
    tree
        The scenario so far.
    chosen, use
        The lever and the choices for its parameters.
    scenario
        What messages call the scenario.

    Raises
    ------
    ScenarioError
        If a parameter is missing, unknown or of another type, or one of the lever's operations finds nothing.
    """
    choices = _choices(chosen, use)
    spec = chosen.spec
    try:
        removals = [Operation("remove", split(text)) for text in _fill(spec.remove, choices, chosen)]
    except ScenarioError as error:
        raise error.at(file=chosen.origin, path="remove") from None
    tables: list[tuple[Verb, dict[str, Any]]] = [("set", spec.set), ("scale", spec.scale), ("add", spec.add)]
    operations = [operation for verb, table in tables for operation in _operations(verb, _fill(table, choices, chosen))]
    patched = apply_operations(tree, operations + removals, origin=chosen.origin, lever=str(use), scenario=scenario)
    if chosen.provenance:
        sources = plant({"provenance": _fill(chosen.provenance, choices, chosen)}, chosen.origin)
        patched = merge(patched, sources)
    return patched


def _choices(chosen: Lever, use: LeverUse) -> dict[str, Any]:
    known = chosen.spec.parameters
    for name, value in use.parameters.items():
        if name not in known:
            near = suggestion(name, known)
            raise ScenarioError("error.lever_parameter_unknown", lever=chosen.name, name=name, near=near)
        default = known[name].default
        if default is not None and isinstance(default, str) != isinstance(value, str):
            raise ScenarioError(
                "error.lever_parameter_type", lever=chosen.name, name=name, value=value, default=default
            )
    choices = {name: use.parameters.get(name, known[name].default) for name in known}
    missing = [name for name, value in choices.items() if value is None]
    if missing:
        given = LeverUse(chosen.name, dict.fromkeys(missing, "…"))
        raise ScenarioError(
            "error.lever_parameter_missing", lever=chosen.name, name=", ".join(missing), example=str(given)
        )
    return choices


def _fill(value: Any, choices: Mapping[str, Any], chosen: Lever) -> Any:
    """Put the choices where ``${name}`` stands; a text that is nothing else takes the choice's type."""
    if isinstance(value, Mapping):
        return {_fill_text(key, choices, chosen): _fill(node, choices, chosen) for key, node in value.items()}
    if isinstance(value, list):
        return [_fill(item, choices, chosen) for item in value]
    if not isinstance(value, str):
        return value
    alone = _PARAMETER.fullmatch(value)
    return choices[alone[1]] if alone and alone[1] in choices else _fill_text(value, choices, chosen)


def _fill_text(text: str, choices: Mapping[str, Any], chosen: Lever) -> str:
    def choice(match: re.Match[str]) -> str:
        if match[1] not in choices:
            near = suggestion(match[1], choices)
            raise ScenarioError("error.lever_parameter_unknown", lever=chosen.name, name=match[1], near=near).at(
                file=chosen.origin
            )
        return str(choices[match[1]])

    return _PARAMETER.sub(choice, text)


def _operations(verb: Verb, table: Mapping[str, Any], path: Path = ()) -> Iterator[Operation]:
    """Walk a lever's table down to its values: what is no table, or a table that is one value."""
    for key, value in table.items():
        here = (*path, key)
        one_value = (
            not isinstance(value, Mapping)
            or not value
            or is_one_value(here)
            or (is_law(here) and any(form in value for form in LAW_FORMS))
            or any(place in value for place in PLACES)
        )
        if one_value:
            yield Operation(verb, here, value)
        else:
            yield from _operations(verb, value, here)


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
        patched, found = patch.walk(tree, operation.path, ())
        if not found:
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
            if rest and any(key_matches(name, rest[0]) for name in templates):
                patched = patched | {"templates": patch.walk(templates, rest, ("services",))[0]}
        tree = patched
    return tree


def _nearest(tree: Tree, path: Path) -> HallplanError:
    """Suggest names for the first key of a path that finds nothing."""
    node: Tree | Leaf = tree
    for position, key in enumerate(path):
        known = [*node, *keys_at(path[:position])] if isinstance(node, dict) else []
        found = [name for name in known if key_matches(name, key)]
        if not found or not isinstance(node, dict):
            return suggestion(key, known)
        node = next((node[name] for name in found if isinstance(node.get(name), dict)), {})
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
                after, found = self.walk(inner, rest, here, globbed)
                if found:
                    changed[name] = after
                    count += found
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
    if isinstance(old, dict) and is_law(path) and any(form in old for form in LAW_FORMS):
        before = old.get("factor", Leaf(1, origin))
        return old | {"factor": _scaled(before, factor, (*path, "factor"), origin)}
    value = old.value if isinstance(old, Leaf) else None
    if value is not None and _is_number(value) and abs(value) < _HUGE:
        product = value * factor
        whole = isinstance(value, int) and isinstance(product, float) and product.is_integer()
        return Leaf(int(product) if whole else product, origin)
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
