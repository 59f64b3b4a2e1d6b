"""Dotted paths into a scenario: how they are written, matched and suggested.

Input: texts such as ``services.*.visits."apply"``.  Output: tuples of keys, and the existing name nearest to a
mistaken one.  A key with ``*`` or ``?`` is a glob, as in a shell.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final, TypeAlias

from foundation.errors import HallplanError, ScenarioError

__all__ = ["Path", "dotted", "is_glob", "key_matches", "matches", "split", "suggestion"]

Path: TypeAlias = tuple[str, ...]
"""Keys from the top of a scenario down to a table or a value."""

_MOST_PATHS: Final = 1 << 14
"""Paths that are remembered: all those of a calibration's parameters, which are set at each of its points."""
_BARE: Final = re.compile(r"[A-Za-z0-9_*?-]+")
_PART: Final = re.compile(r'\s*(?:([A-Za-z0-9_*?-]+)|"([^"\\]*)"|\'([^\']*)\')\s*(\.|$)')


@lru_cache(maxsize=_MOST_PATHS)
def split(text: str) -> Path:
    """Return the keys of a dotted path; a key with other characters stands in quotes, as in TOML.

    Raises
    ------
    ScenarioError
        If the text is no dotted path.
    """
    keys: list[str] = []
    position, goes_on = 0, True
    while goes_on:
        match = _PART.match(text, position)
        if match is None:
            raise ScenarioError("error.bad_path", value=text)
        keys.append(next(part for part in match.groups()[:3] if part is not None))
        position, goes_on = match.end(), match[4] == "."
    return tuple(keys)


def dotted(path: Iterable[object]) -> str:
    """Write keys as a dotted path, the inverse of :func:`split`; positions in a list become ``[0]``."""
    return _dotted(tuple(path))


@lru_cache(maxsize=_MOST_PATHS)
def _dotted(path: tuple[object, ...]) -> str:
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            name = str(key) if _BARE.fullmatch(str(key)) else json.dumps(str(key), ensure_ascii=False)
            text += f".{name}" if text else name
    return text


def is_glob(key: str) -> bool:
    """Tell whether a key stands for several keys."""
    return "*" in key or "?" in key


@lru_cache(maxsize=4096)
def _shell_pattern(key: str) -> str:
    return key.replace("[", "[[]")


def key_matches(key: str, pattern: str) -> bool:
    """Tell whether one key is meant by a pattern's key."""
    return key == pattern or (is_glob(pattern) and fnmatchcase(key, _shell_pattern(pattern)))


def matches(path: Sequence[str], pattern: Sequence[str]) -> bool:
    """Tell whether a pattern means a path, or a table above it."""
    return len(pattern) <= len(path) and all(map(key_matches, path, pattern))


def suggestion(word: object, valid_names: Iterable[str], *, most: int = 12) -> HallplanError:
    """Return what to say about a name that is not known: the nearest known ones, else all of them, or `most`."""
    names = list(dict.fromkeys(valid_names))
    near = difflib.get_close_matches(str(word), names, n=3, cutoff=0.55)
    if near:
        return HallplanError("error.did_you_mean", names=", ".join(near))
    if not names:
        return HallplanError("error.none_known")
    shown = names if len(names) <= most else [*names[:most], "…"]
    return HallplanError("error.known_are", names=", ".join(shown))
