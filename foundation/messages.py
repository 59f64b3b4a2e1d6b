"""The message catalogue: every text that a user reads, in Chinese and in English.

Input: a key and the values of its placeholders.  Output: the sentence in the language in use.

The texts stand in ``texts/*.toml``.  Each file bears the name of the package that uses its texts; a large
package has one file for each sub-package.  Each entry is a table with ``en`` and ``zh``.  Tests check that
both languages are there, that both name the same placeholders, and that the code uses every key.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

__all__ = ["LANGUAGES", "Language", "catalogue", "catalogue_by_file", "language", "set_language", "text", "using"]

Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")


def _language_of_environment() -> Language:
    for variable in ("HALLPLAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


_in_use: ContextVar[Language | None] = ContextVar("hallplan_language", default=None)


def language() -> Language:
    """Return the language in use: what was set, else what ``HALLPLAN_LANG`` or the locale says, else
    English."""
    return _in_use.get() or _language_of_environment()


def set_language(choice: Language) -> None:
    """Use `choice` from here on, in this context."""
    _in_use.set(choice)


@contextmanager
def using(choice: Language) -> Iterator[None]:
    """Use `choice` inside a ``with`` block."""
    token = _in_use.set(choice)
    try:
        yield
    finally:
        _in_use.reset(token)


def _leaves(table: dict[str, Any], prefix: str) -> Iterator[tuple[str, dict[str, str]]]:
    for name, entry in table.items():
        key = f"{prefix}.{name}" if prefix else name
        if set(entry) == set(LANGUAGES):
            yield key, entry
        else:
            yield from _leaves(entry, key)


@cache
def _sources() -> dict[str, str]:
    """Return the files of messages as they are written: name, content."""
    folder = files("foundation").joinpath("texts")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml"))
    return {name: folder.joinpath(name).read_text("utf-8") for name in names}


@cache
def _messages_of(name: str) -> dict[str, dict[str, str]]:
    return dict(_leaves(tomllib.loads(_sources()[name]), ""))


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return all messages: dotted key to ``{"en": ..., "zh": ...}``."""
    return {key: entry for keys in catalogue_by_file().values() for key, entry in keys.items()}


def catalogue_by_file() -> dict[str, dict[str, dict[str, str]]]:
    """Return the messages of each file: name of the file, dotted key, ``{"en": ..., "zh": ...}``."""
    return {name: _messages_of(name) for name in _sources()}


@cache
def _message(key: str) -> dict[str, str]:
    """Return a message in every language; only files in which the last part of its key stands are parsed."""
    last = key.rpartition(".")[2]
    for name, source in _sources().items():
        if last in source and key in _messages_of(name):
            return _messages_of(name)[key]
    raise KeyError(key)


def text(key: str, choice: Language | None = None, /, **values: Any) -> str:
    """Return the message `key` in a language, its placeholders filled.

    Parameters
    ----------
    key
        Dotted key of the catalogue.
    choice
        Language; the one in use by default.
    **values
        The placeholders' values (``str.format`` fields).

    Raises
    ------
    KeyError
        If the catalogue has no such key: a mistake in the program, not the user's.
    """
    return _message(key)[choice or language()].format(**values)
