"""Names and titles of a made scenario: from what a hall calls its departments, items and windows.

Input: a name in either language.  Output: a name that a scenario file allows (letters, digits and hyphens), which no
other thing has, and a title in both languages.  A department or an item of the built-in catalogue is called in the
other language as there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from scenarios.catalogue.reading import built_in_catalogue
from scenarios.workbook.layout import plain

__all__ = ["NameRegistry", "title_of"]

_LONGEST = 32


@cache
def _titles() -> dict[str, dict[str, str]]:
    titles: dict[str, dict[str, str]] = {}
    for item in built_in_catalogue().items:
        for text in (item.department, item.title):
            pair = {"en": text.en, "zh": text.zh}
            titles |= {plain(text.en): pair, plain(text.zh): pair}
    return titles


def title_of(text: str) -> dict[str, str]:
    """Return a title in both languages: the catalogue's, or the text itself in both."""
    return dict(_titles().get(plain(text), {"en": text, "zh": text}))


@dataclass
class NameRegistry:
    """The names that are in use, by their prefix and what they stand for."""

    names: dict[tuple[str, str], str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def name(self, prefix: str, text: str) -> str:
        """Return the name of a thing: its prefix and its English title, or a number where there is none."""
        key = (prefix, plain(text))
        if key not in self.names:
            words = re.findall("[a-z0-9]+", title_of(text)["en"].casefold())
            while len(words) > 1 and len("-".join(words)) > _LONGEST:
                words.pop()
            slug = "-".join(words)[:_LONGEST] if words and not _has_chinese(title_of(text)["en"]) else ""
            number = sum(place[0] == prefix for place in self.names) + 1
            name = f"{prefix}-{slug}" if prefix and slug else slug or f"{prefix or 'item'}-{number}"
            self.names[key] = name if name not in self.names.values() else f"{name}-{number}"
            self.texts[self.names[key]] = text
        return self.names[key]

    def things(self, prefix: str) -> dict[str, str]:
        """Return the names of a prefix, each with what it stands for, in the order in which they were given."""
        return {name: self.texts[name] for (start, _), name in self.names.items() if start == prefix}


def _has_chinese(text: str) -> bool:
    return any("一" <= letter <= "鿿" for letter in text)
