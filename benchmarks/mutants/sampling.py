"""The sample: which changes of which packages are tried.

Input: the tree, a number and a seed.  Output: mutants of every package, in proportion to its lines, but at least some
of each.  A line is drawn first, then one of its changes, so that a line full of numbers counts as one line.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from benchmarks.mutants.operators import Mutant, is_valid, lines_of, mutants_of

__all__ = ["PACKAGES", "package_counts", "relocated", "sample"]

PACKAGES: Final = ("foundation", "scenarios", "sim", "calibration", "planner", "verification", "hallplan")
_FEWEST: Final = 10
"""Mutants of the smallest package: with fewer, one survivor would decide about it."""


def package_counts(lines: dict[str, int], count: int) -> dict[str, int]:
    """Share `count` mutants out in proportion to lines; a small package gets ten, as far as there are so many.

    Parameters
    ----------
    lines
        Lines by package.
    count
        Mutants in all.
    """
    fewest = min(_FEWEST, count // len(lines))
    exact = {package: count * number / sum(lines.values()) for package, number in lines.items()}
    small = {package for package, number in exact.items() if number < fewest}
    rest = count - fewest * len(small)
    large = {package: number for package, number in lines.items() if package not in small}
    exact = {package: rest * number / sum(large.values()) for package, number in large.items()}
    counts = {package: int(exact.get(package, fewest)) for package in lines}
    by_remainder = sorted(exact, key=lambda package: exact[package] - counts[package], reverse=True)
    for package in by_remainder[: count - sum(counts.values())]:
        counts[package] += 1
    return counts


def sample(root: Path, count: int, seed: int) -> list[Mutant]:
    """Draw `count` changes of the packages below `root`, all on different lines, in random order."""
    files = {package: sorted((root / package).rglob("*.py")) for package in PACKAGES}
    lines = {package: sum(file.read_bytes().count(b"\n") for file in files[package]) for package in PACKAGES}
    drawn: list[Mutant] = []
    for package, number in package_counts(lines, count).items():
        rng = random.Random(f"{seed}:{package}")
        sources = {file.relative_to(root).as_posix(): file.read_bytes() for file in files[package]}
        candidates = [changes for file, source in sources.items() for _, changes in lines_of(mutants_of(source, file))]
        rng.shuffle(candidates)
        valid = (mutant for changes in candidates if (mutant := _valid_change(changes, sources, rng)) is not None)
        drawn += islice(valid, number)
    random.Random(seed).shuffle(drawn)
    return drawn


def _valid_change(changes: list[Mutant], sources: Mapping[str, bytes], rng: random.Random) -> Mutant | None:
    for mutant in rng.sample(changes, len(changes)):
        if is_valid(sources[mutant.file], mutant):
            return mutant
    return None


def relocated(mutant: Mutant, text: str, source: bytes) -> Mutant | None:
    """Return a mutant of an older tree in the present one: on the nearest line that reads the same; None for none.

    Parameters
    ----------
    mutant, text
        The change, and its line as it was.
    source
        The module as it is.
    """
    lines = source.split(b"\n")
    same = [number for number, line in enumerate(lines, start=1) if line.decode() == text]
    candidates = [
        candidate
        for candidate in mutants_of(source, mutant.file)
        if candidate.line in same and (candidate.kind, candidate.before) == (mutant.kind, mutant.before)
        if candidate.after == mutant.after
    ]
    return min(candidates, key=lambda candidate: abs(candidate.line - mutant.line), default=None)
