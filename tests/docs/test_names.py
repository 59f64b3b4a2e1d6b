"""Documents and docstrings name nothing that does not exist, and every public name can be imported."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

from names import exists, has

from foundation import messages

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("foundation", "scenarios", "sim", "calibration", "planner", "verification", "hallplan", "benchmarks")
FOLDERS = (*PACKAGES, "tests", "docs", "examples")
ROLE = re.compile(r":(?:mod|func|class|meth|data|attr|exc|obj):`~?([^`]+)`")
DOTTED = re.compile(rf"`((?:{'|'.join(PACKAGES)})(?:\.[A-Za-z_]\w*)+)(?:\(\))?`")
PLACE = re.compile(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]*)`")
HISTORY = ("CHANGELOG.md",)  # names what was


@cache
def module_names() -> tuple[str, ...]:
    """Return the dotted names of all our modules; ``__main__`` runs a program when imported, and has no names."""
    within = (info.name for p in PACKAGES for info in pkgutil.walk_packages([str(ROOT / p)], f"{p}."))
    return (*PACKAGES, *(name for name in within if not name.endswith(".__main__")))


def documents() -> list[Path]:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(page for page in pages if page.name not in HISTORY)


def sources() -> list[Path]:
    files = (file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    return sorted(file for file in files if file.name != "__main__.py")


def lines(files: list[Path]) -> Iterator[tuple[str, str]]:
    """Yield every line with its place."""
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            yield f"{file.relative_to(ROOT)}:{number}", line


def is_a_text(dotted: str) -> bool:
    """Whether a dotted name leads to texts in the catalogue; a part in capitals stands for any name."""
    pattern = re.compile(re.sub(r"\\\.[A-Z]+\b", r"\\.[^.]+", re.escape(dotted)) + r"(\.|$)")
    return any(pattern.match(key) for key in messages.catalogue())


def in_scope(module: ModuleType, target: str) -> bool:
    """Whether a module's own words can reach a name: its globals, its classes' members, or an absolute name."""
    classes = [thing for thing in vars(module).values() if isinstance(thing, type)]
    parts = target.split(".")
    return exists(target) or any(has(scope, parts) for scope in (module, *classes))


def test_every_name_in_every_all_can_be_imported():
    missing = []
    for module_name in module_names():
        module = importlib.import_module(module_name)
        names = getattr(module, "__all__", ())
        missing += [f"{module_name}.{name}" for name in names if not hasattr(module, name)]
        missing += [f"{module_name}.{name} stands twice" for name in set(names) if list(names).count(name) > 1]
    assert not missing, "\n".join(missing)


def test_every_role_in_a_docstring_points_at_something():
    dangling = []
    for file in sources():
        parts = file.relative_to(ROOT).with_suffix("").parts
        module = importlib.import_module(".".join(part for part in parts if part != "__init__"))
        dangling += [
            f"{place}: {target}"
            for place, line in lines([file])
            for target in ROLE.findall(line)
            if not in_scope(module, target)
        ]
    assert not dangling, "\n".join(dangling)


def test_every_dotted_name_in_backticks_exists():
    missing = [
        f"{place}: {name}"
        for place, line in lines([*documents(), *sources()])
        for name in DOTTED.findall(line)
        if not exists(name) and not is_a_text(name)
    ]
    assert not missing, "\n".join(missing)


def test_every_path_in_backticks_leads_to_a_file_or_folder():
    missing = [
        f"{place}: {path}"
        for place, line in lines([*documents(), *sources()])
        for path in PLACE.findall(line)
        if not (ROOT / path).exists()
    ]
    assert not missing, "\n".join(missing)


def test_every_import_shown_in_a_document_works():
    missing = []
    for place, line in lines(documents()):
        if not re.match(rf"\s*(>>> )?(from|import) ({'|'.join(PACKAGES)})\b", line):
            continue
        (statement,) = ast.parse(line.strip().removeprefix(">>> ")).body
        if isinstance(statement, ast.ImportFrom):
            names = [f"{statement.module}.{alias.name}" for alias in statement.names]
        else:
            assert isinstance(statement, ast.Import)
            names = [alias.name for alias in statement.names]
        missing += [f"{place}: {name}" for name in names if not exists(name)]
    assert not missing, "\n".join(missing)


def test_a_name_that_does_not_exist_is_noticed():
    assert exists("sim.program.Code")
    assert not exists("sim.program.Kode")
    assert not exists("planner.sourced")
    assert DOTTED.findall("see `planner.sourced` and `planner.select.check_candidates()`") == [
        "planner.sourced",
        "planner.select.check_candidates",
    ]
    assert PLACE.findall("see `tests/nowhere.py`") == ["tests/nowhere.py"]
