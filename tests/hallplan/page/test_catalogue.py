"""What the page's texts promise: all of them in the catalogue, none of them forgotten there."""

import ast
import re
from functools import cache
from pathlib import Path

from cases import for_each
from sources import nodes_of

import hallplan
from foundation import messages

FOLDER = Path(hallplan.__file__).parent
SOURCES = sorted(file for room in ("page", "show") for file in (FOLDER / room).rglob("*.py"))
PAGE_SOURCES = sorted(file for room in ("page", "show/charts") for file in (FOLDER / room).rglob("*.py"))
OURS = sorted(key for key in messages.catalogue() if key.startswith(("page.", "chart.")))


@cache
def written() -> tuple[frozenset[str], re.Pattern[str]]:
    """Every text in the code, and a pattern for those put together: a gap in an f-string stands for a name."""
    constants, patterns = set(), set()
    for source in SOURCES:
        for node in nodes_of(source):
            if isinstance(node, ast.JoinedStr):
                parts = [re.escape(p.value) if isinstance(p, ast.Constant) else r"[\w-]+" for p in node.values]
                patterns.add("".join(parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
    return frozenset(constants), re.compile("|".join(sorted(pattern for pattern in patterns if "." in pattern)))


@cache
def asked_for() -> frozenset[str]:
    """The constant keys that `say`, and sections, are called with."""
    found = set()
    for source in PAGE_SOURCES:
        for node in nodes_of(source):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and node.func.id == "say":
                    found.add(f"page.{first.value}")
                elif isinstance(first, ast.Constant) and node.func.id == "_section":
                    found |= {f"page.{first.value}.title", f"page.{first.value}.help"}
    return frozenset(found)


@for_each("key", sorted(asked_for()))
def test_what_the_code_asks_for_is_in_the_catalogue(key):
    assert key in messages.catalogue()


@for_each("key", OURS)
def test_what_is_in_the_catalogue_is_asked_for(key):
    short = key.removeprefix("page.")
    constants, composed = written()
    assert key in asked_for() | constants or short in constants or composed.fullmatch(key) or composed.fullmatch(short)


@for_each("key", OURS)
def test_chinese_is_chinese(key):
    text = messages.catalogue()[key]["zh"]
    letters = re.sub(r"\{[^}]*\}", "", text)
    neutral = not re.search(r"[A-Za-z]{3,}", re.sub(r"TOML|CSV|Excel|WPS|Parquet", "", letters))
    assert neutral or re.search(r"[一-鿿]", letters), text
