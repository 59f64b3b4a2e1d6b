"""Names of a scenario's parts, derived from the labels of the log.

Input: a label (any language) and its number.
Output: a name of lower-case Latin letters, digits and hyphens, each given once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from calibration.discovery.timing.delays import Delay
from foundation.errors import HallplanError

__all__ = ["NameRegistry", "PartNames", "checked_name", "wait_names"]

_MAX_LENGTH: Final = 48
_SLUG: Final = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{_MAX_LENGTH - 1}}}")
_LATIN: Final = 0.6
"""A label with a smaller share of Latin letters and digits would lose its sense in a name made of them."""


class NameRegistry:
    """Gives names to parts of a scenario, derived from labels of the log, each name once."""

    def __init__(self, kind: str, reserved: Iterable[str] = ()) -> None:
        self._kind, self._used = kind, set(reserved)

    def give(self, text: str, number: int) -> str:
        """Return a name for a label: its letters and digits if most are Latin, else the kind of part and its number."""
        plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_MAX_LENGTH].strip("-")
        latin = len(re.sub(r"[^a-z0-9]", "", text.lower())) >= _LATIN * len(re.sub(r"\s", "", text))
        base = plain if latin and _SLUG.fullmatch(plain) else f"{self._kind}-{number + 1}"
        name, suffix = base, 2
        while name in self._used:
            name, suffix = f"{base}-{suffix}", suffix + 1
        self._used.add(name)
        return name


@dataclass(frozen=True, eq=False)
class PartNames:
    """Names of a scenario's parts by their codes in the log."""

    pool_of: Mapping[tuple[int, int], str]
    services: tuple[str, ...]
    steps: tuple[str, ...]


def checked_name(name: str) -> str:
    """Return the name of a scenario after checking it.

    Raises
    ------
    HallplanError
        If it has other characters than lower-case Latin letters, digits and hyphens.
    """
    if not _SLUG.fullmatch(name):
        raise HallplanError("discovery.fault.name", value=name)
    return name


def wait_names(delay: Delay) -> tuple[str, str]:
    """Return the names of the step at which a transition's wait begins, and of the step with the law of its length."""
    name = f"pass-{delay.source + 1}-{delay.target + 1}"
    return name, name if delay.release is None else f"{name}-after"
