"""What may stand at a place of a scenario, read off the models: tables of fixed keys, tables of named things, values.

Input: a path.  Output: what the format says of it: the keys that fit there, the default of a key that is left
out, and whether a table holds *named things* (pools, services, steps), whose names a user chooses.
"""

from __future__ import annotations

from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from scenarios.model import Provenance, Scenario, Step, Target
from scenarios.model.laws import Law
from scenarios.paths import Path

__all__ = ["default_at", "holds_named_things", "is_law", "is_one_value", "is_route", "keys_at"]


@lru_cache(maxsize=1024)
def _alternatives(annotation: Any) -> tuple[Any, ...]:
    """Strip ``Annotated`` and ``Optional`` and open up unions: the plain types that may stand there."""
    if get_origin(annotation) is Annotated:
        return _alternatives(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return tuple(kind for part in get_args(annotation) for kind in _alternatives(part))
    return () if annotation is NoneType else (annotation,)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


@lru_cache(maxsize=65536)
def _kinds_at(path: Path) -> tuple[Any, ...]:
    if not path:
        return (Scenario,)
    if path[0] == "templates":  # services that only serve as `like`
        path = ("services", *path[1:])
    kinds: list[Any] = []
    for kind in _kinds_at(path[:-1]):
        if _is_model(kind) and path[-1] in kind.model_fields:
            kinds += _alternatives(kind.model_fields[path[-1]].annotation)
        elif get_origin(kind) is dict:
            kinds += _alternatives(get_args(kind)[1])
    return tuple(kinds)


@lru_cache(maxsize=65536)
def holds_named_things(path: Path) -> bool:
    """Tell whether the table at `path` holds things with names of the user's choice (such as ``pools``)."""
    if is_one_value(path):
        return False
    for kind in _kinds_at(path):
        if get_origin(kind) is dict and any(
            _is_model(part) or get_origin(part) is dict for part in _alternatives(get_args(kind)[1])
        ):
            return True
    return False


@lru_cache(maxsize=65536)
def is_route(path: Path) -> bool:
    """Tell whether the table at `path` holds the steps of a route."""
    return any(get_origin(kind) is dict and _alternatives(get_args(kind)[1]) == (Step,) for kind in _kinds_at(path))


def is_law(path: Path) -> bool:
    """Tell whether a random quantity stands at `path`."""
    return Law in _kinds_at(path)


def is_one_value(path: Path) -> bool:
    """Tell whether the table at `path` is one value, to be replaced as a whole: shares, a profile, a source."""
    if any(kind in (Provenance, Target) for kind in _kinds_at(path)):
        return True
    field = path[-1] if path else ""
    return field in ("next", "profile") and any(
        _is_model(kind) and field in kind.model_fields for kind in _kinds_at(path[:-1])
    )


def keys_at(path: Path) -> list[str]:
    """Return the fixed keys that fit into the table at `path` (none for a table of free names)."""
    keys: list[str] = []
    for kind in _kinds_at(path):
        if _is_model(kind):
            keys += kind.model_fields
        elif get_origin(kind) is dict:
            keys += [
                key
                for part in _alternatives(get_args(kind)[0])
                if get_origin(part) is Literal
                for key in get_args(part)
            ]
    return keys


def default_at(path: Path) -> Any:
    """Return what holds when the key at `path` is left out (``None`` if nothing does)."""
    for kind in _kinds_at(path[:-1]):
        if _is_model(kind) and path[-1] in kind.model_fields:
            field = kind.model_fields[path[-1]]
            return None if field.is_required() else field.get_default()
    return None
