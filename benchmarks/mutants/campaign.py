"""A campaign: a sample of mutants, a verdict for each, on file so that a stopped campaign goes on where it was.

Input: a folder.  Output: ``sample.json`` (the mutants, with their lines), ``verdicts.jsonl`` (a line a verdict; the
last one of a mutant counts) and ``seconds.json`` (how long each test took).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.mutants.operators import Mutant
from benchmarks.mutants.sampling import PACKAGES, sample
from sim.statistics.intervals import proportion_interval

__all__ = ["KILLED", "LEVEL", "Campaign", "PackageCount"]

KILLED: Final = ("killed", "timed out")
LEVEL: Final = 0.99
"""Confidence level of the shares: whether a package falls short of its target should not be left to chance."""


@dataclass(frozen=True)
class PackageCount:
    """How many mutants of a package were tried, killed, and judged to change nothing that matters."""

    package: str
    tried: int
    killed: int
    equivalent: int

    @property
    def share(self) -> str:
        """Killed ones of those that are not equivalent, with the interval of Clopper and Pearson."""
        interval = proportion_interval(self.killed, self.tried - self.equivalent, level=LEVEL)
        return f"{interval.estimate:.0%} ({interval.low:.0%} to {interval.high:.0%})"


class Campaign:
    """Mutants by number, and what became of them.

    Parameters
    ----------
    folder
        Where both files are; they are made if they are not there.
    root
        The tree to draw the sample from.
    count, seed
        Size and seed of a new sample.
    """

    def __init__(self, folder: Path, root: Path, *, count: int, seed: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._sample_file, self._verdict_file = folder / "sample.json", folder / "verdicts.jsonl"
        self._seconds_file = folder / "seconds.json"
        if not self._sample_file.exists():
            drawn = [asdict(mutant) | {"text": _line(root, mutant)} for mutant in sample(root, count, seed)]
            self._sample_file.write_text(json.dumps(drawn, indent=1), encoding="utf-8")
        records = json.loads(self._sample_file.read_text(encoding="utf-8"))
        self.texts: list[str] = [record.pop("text") for record in records]
        self.mutants = [Mutant(**record) for record in records]
        self.seconds: dict[str, float] = {}
        if self._seconds_file.exists():
            self.seconds = json.loads(self._seconds_file.read_text(encoding="utf-8"))
        self.verdicts: dict[int, dict[str, Any]] = {}
        if self._verdict_file.exists():
            for line in self._verdict_file.read_text(encoding="utf-8").splitlines():
                if line.endswith("}"):  # the last line of a killed campaign may be cut
                    entry = json.loads(line)
                    self.verdicts[entry["number"]] = entry

    def add(self, number: int, **entry: Any) -> None:
        """Write down a verdict."""
        self.verdicts[number] = {"number": number, **entry}
        with self._verdict_file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(self.verdicts[number], ensure_ascii=False) + "\n")

    def keep_seconds(self, seconds: dict[str, float]) -> None:
        """Write down how long tests took, for the next start."""
        self._seconds_file.write_text(json.dumps(seconds), encoding="utf-8")

    def numbers(self, *results: str) -> list[int]:
        """Return the mutants with one of these results; ``""`` stands for those without a verdict."""
        return [
            number for number in range(len(self.mutants)) if self.verdicts.get(number, {}).get("result", "") in results
        ]

    def described(self, number: int) -> str:
        """Return a mutant in one line."""
        mutant, verdict = self.mutants[number], self.verdicts.get(number, {})
        words = [f"{number:3d} {verdict.get('result', 'open'):10} {mutant.file}:{mutant.line} {mutant.kind}:"]
        words.append(f"{_short(mutant.before)} -> {_short(mutant.after)}")
        words += [str(verdict[key]) for key in ("test", "reason") if verdict.get(key)]
        return " ".join(words) + ("" if verdict.get("all_ran", True) else " (not all tests ran: time was over)")

    def counts(self) -> list[PackageCount]:
        """Return the counts by package, and those of all packages last."""
        rows = [self._count(package, (package,)) for package in PACKAGES]
        return [*(row for row in rows if row.tried), self._count("all", PACKAGES)]

    def _count(self, name: str, packages: Sequence[str]) -> PackageCount:
        results = [
            verdict["result"]
            for number, verdict in self.verdicts.items()
            if self.mutants[number].file.partition("/")[0] in packages and verdict["result"] != "gone"
        ]
        killed = sum(result in KILLED for result in results)
        return PackageCount(name, len(results), killed, results.count("equivalent"))

    def table(self) -> list[str]:
        """Return the counts as lines of a table."""
        head = ["package", "mutants", "killed", "equivalent", "survived", "killed of the rest, 99% interval"]
        lines = [head, ["---", *["---:"] * (len(head) - 1)]]
        for count in self.counts():
            survived = count.tried - count.killed - count.equivalent
            numbers = map(str, (count.tried, count.killed, count.equivalent, survived))
            lines.append([count.package, *numbers, count.share])
        return [f"| {' | '.join(cells)} |" for cells in lines]


def _line(root: Path, mutant: Mutant) -> str:
    return (root / mutant.file).read_bytes().split(b"\n")[mutant.line - 1].decode()


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= 60 else f"{flat[:57]}...")
