"""Results as lines of text, to be compared with a frozen file.

Input: dictionaries, lists, tuples and numbers.  Output: text, one line an entry, with floats of six significant digits,
so that it is the same on every machine.
"""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

__all__ = ["frame_lines", "lines", "rounded"]


def rounded(value: Any, digits: int = 6) -> Any:
    """Return a value with all its floats rounded to significant digits."""
    if isinstance(value, float):
        return float(f"{value:.{digits}g}") + 0.0  # no negative zero
    if isinstance(value, Mapping):
        return {str(key): rounded(inner, digits) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(inner, digits) for inner in value]
    return value


def lines(document: Mapping[str, Any], digits: int = 6) -> str:
    """Return a document with a line for every key, and for every entry of a list that stands under a key."""
    text: list[str] = []
    for key, value in document.items():
        if isinstance(value, (list, tuple)) and value:
            text += [f"{key}:", *(f"  {_as_json(inner, digits)}" for inner in value)]
        else:
            text.append(f"{key}: {_as_json(value, digits)}")
    return "\n".join(text)


def frame_lines(frame: pd.DataFrame, digits: int = 6) -> str:
    """Return a frame as text: its columns, then a line for every row."""
    rows = [" | ".join(_cell(cell, digits) for cell in row) for row in frame.itertuples(index=False, name=None)]
    return "\n".join([" | ".join(map(str, frame.columns)), *rows])


def _cell(cell: Any, digits: int) -> str:
    if isinstance(cell, float):
        return f"{cell:.{digits}g}"
    return "-" if cell is pd.NaT else str(cell)


def _as_json(value: Any, digits: int) -> str:
    return json.dumps(rounded(value, digits), ensure_ascii=False, default=str)
