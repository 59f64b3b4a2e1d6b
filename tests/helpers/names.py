"""Tell whether a dotted name leads to something: what documents, docstrings and the glossary name is in the code."""

import builtins
import importlib
from functools import cache

__all__ = ["exists", "has"]


@cache
def exists(dotted: str) -> bool:
    """Whether a dotted name is a module, or something within one."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            thing: object = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        return has(thing, parts[length:])
    return hasattr(builtins, parts[0]) and has(getattr(builtins, parts[0]), parts[1:])


def has(thing: object, names: list[str]) -> bool:
    """Whether a thing has a name, or a class declares it; and so on inward."""
    for name in names:
        declared = getattr(thing, "__annotations__", {}) | getattr(thing, "model_fields", {})
        if not hasattr(thing, name):
            return name in declared
        thing = getattr(thing, name)
    return True
