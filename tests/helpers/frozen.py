"""Structures as short texts, for tests that freeze a whole result.

Input: any value.  Output: lines ``path: value``, with numbers to six digits, so that they are the same on every
machine.  Of long arrays there are the size, the sum, and a sum weighted by place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pandas as pd

_LONGEST = 12
"""Entries of an array that are written out."""


def frozen_text(value: Any, *, leave_out: tuple[str, ...] = ()) -> str:
    """Return the lines of a value, without fields of some names."""
    return "\n".join(_lines(value, "", frozenset(leave_out)))


def _lines(value: Any, path: str, left_out: frozenset[str]) -> Iterator[str]:
    parts = _parts(value)
    if parts is None:
        yield f"{path.lstrip('.')}: {_text(value)}"
        return
    simple = {name: _text(part) for name, part in parts.items() if name not in left_out and _parts(part) is None}
    if simple:
        yield f"{path.lstrip('.')}: " + ", ".join(f"{name}={text}" for name, text in simple.items())
    for name, part in parts.items():
        if name not in left_out and name not in simple:
            yield from _lines(part, f"{path}.{name}", left_out)


def _parts(value: Any) -> dict[str, Any] | None:
    """Return the named parts of a structure; ``None`` of what is written as it is."""
    if is_dataclass(value):
        return {each.name: getattr(value, each.name) for each in fields(value)}
    if isinstance(value, pd.DataFrame):
        return {str(name): column.to_numpy() for name, column in value.items()}
    if isinstance(value, pd.Series):
        return {str(name): part for name, part in value.items()}
    if isinstance(value, Mapping) and any(_parts(part) is not None for part in value.values()):
        return {str(name): part for name, part in value.items()}
    if isinstance(value, tuple | list) and any(_parts(part) is not None for part in value):
        return {str(place): part for place, part in enumerate(value)}
    return None


def _text(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, float | np.floating):
        return f"{float(value) + 0.0:.6g}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(name)}: {_text(part)}" for name, part in value.items()) + "}"
    if isinstance(value, tuple | list):
        return "(" + ", ".join(map(_text, value)) + ")"
    return str(value)


def _array(values: np.ndarray) -> str:
    if values.size <= _LONGEST:
        return "[" + ", ".join(map(_text, values.ravel().tolist())) + "]"
    if values.dtype.kind not in "fiub":
        values = pd.factorize(values.ravel(), sort=True)[0]
    numbers = np.nan_to_num(values.ravel().astype(np.float64), nan=-7.0)
    by_place = numbers @ (1 + np.arange(numbers.size) % 101)
    return f"<{numbers.size}: {_text(numbers.sum())}, {_text(by_place)}>"
