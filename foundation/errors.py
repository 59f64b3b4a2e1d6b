"""The one exception family of Hallplan.

Every failure that a user can cause is a :class:`HallplanError`: a key of the message catalogue and the values
that fill it.  A face (command line, page, report) prints it in the user's language; nothing else leaves the
program as an error.
"""

from __future__ import annotations

from typing import Any, Final, Self

from foundation import messages

__all__ = ["HallplanError", "HallplanWarning", "ScenarioError"]

_LONGEST: Final = {int: 40, str: 300}
"""Characters of a number, and of anything else, that a sentence shows."""


def _on_one_line(value: object) -> object:
    """Show any value on one line: characters that can't be seen escaped, the middle of long ones cut."""
    if isinstance(value, (int, float)) and abs(value) < 1e18:
        return value  # a message may want to format it
    try:
        text = str(value)
    except ValueError:  # Python refuses to write integers of more than some thousand digits
        text = "…"
    longest = _LONGEST[int if isinstance(value, int) else str]
    if len(text) > longest:
        text = f"{text[: longest // 2]}…{text[-longest // 4 :]}"
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


class HallplanError(Exception):
    """One clear sentence: what is wrong, where, and what to do.

    Parameters
    ----------
    key
        Key of the message catalogue, such as ``"error.unknown_key"``.
    **values
        What the message's placeholders stand for; a value that is itself a :class:`HallplanError` is shown in
        the same language.
    """

    def __init__(self, key: str, /, **values: Any) -> None:
        super().__init__(key)
        self.key = key
        self.values = values

    def sentence(self, language: messages.Language | None = None) -> str:
        """Return the sentence in `language` (default: the language in use)."""
        shown = {
            name: value.sentence(language) if isinstance(value, HallplanError) else _on_one_line(value)
            for name, value in self.values.items()
        }
        return messages.text(self.key, language, **shown)

    def __str__(self) -> str:
        return self.sentence()

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.key, self.__dict__.copy()))


def _rebuild(kind: type[HallplanError], key: str, state: dict[str, Any]) -> HallplanError:
    error = kind(key)
    error.__dict__.update(state)
    return error


class ScenarioError(HallplanError, ValueError):
    """A scenario or lever file says something that Hallplan can't carry out.

    It is a ``ValueError``, so that pydantic adds the place to it.

    Attributes
    ----------
    file
        The file (or lever, or ``--set``) that says so, or "".
    path
        The dotted path inside it, or "".
    """

    file: str = ""
    path: str = ""

    def at(self, *, file: str = "", path: str = "") -> Self:
        """Return the error with its place; what it knows of it already stays."""
        error = type(self)(self.key, **self.values)
        error.file = self.file or file
        error.path = self.path if self.path or self.file else path
        return error

    def sentence(self, language: messages.Language | None = None) -> str:
        """Return the sentence, behind its place, in `language` (default: the language in use)."""
        place = [str(_on_one_line(part)) for part in (self.file, self.path) if part]
        return ": ".join([*place, super().sentence(language)])


class HallplanWarning(UserWarning):
    """Something that a user should know and that changes no result; in the language in use.

    Parameters
    ----------
    key
        Key of the message catalogue.
    **values
        What the message's placeholders stand for.
    """

    def __init__(self, key: str, /, **values: Any) -> None:
        super().__init__(key)
        self.key = key
        self.values = values

    def __str__(self) -> str:
        return messages.text(self.key, **self.values)
