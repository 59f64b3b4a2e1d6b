"""Change the code in many small ways, and count the changes that no test notices.

    python -m benchmarks.mutants --count 200 --seed 1

prints the seed, a line a mutant, and by package the share that was killed.  Everything is kept in
``.artifacts/mutants``; a stopped campaign goes on there.  ``--again`` tries the survivors once more, after tests were
written.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.mutants.campaign import KILLED, Campaign
from benchmarks.mutants.sampling import relocated
from benchmarks.mutants.testing import Tree, copy_tree

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"
_BEGIN, _END = "<!-- mutants: begin -->", "<!-- mutants: end -->"

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Try mutants and print what became of them; return 1 if one survived that nobody has judged equivalent."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(options.folder) if options.folder else ROOT / ".artifacts" / "mutants" / f"seed-{options.seed}"
    campaign = Campaign(folder, ROOT, count=options.count, seed=options.seed)
    print(f"seed {options.seed}: {len(campaign.mutants)} mutants, kept in {folder}", flush=True)
    for text in options.equivalent:
        number, _, reason = text.partition(":")
        campaign.add(int(number), result="equivalent", reason=reason.strip())
    numbers = campaign.numbers("", *(["survived"] if options.again else []))
    if options.mutant:
        numbers = options.mutant
    if not options.report:
        _try_all(campaign, numbers, options)
    if not options.report and options.control:
        _control(campaign, options)
    survivors = campaign.numbers("survived")
    print("\n".join([*map(campaign.described, [*survivors, *campaign.numbers("equivalent")]), *campaign.table()]))
    if options.write:
        _write(campaign.table(), options.seed)
    return 1 if survivors else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutants", description=main.__doc__)
    parser.add_argument("--count", type=int, default=200, help="mutants to draw")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--workers", type=int, default=1, help="mutants to try at the same time")
    parser.add_argument("--again", action="store_true", help="try the survivors once more, in the tree as it is now")
    parser.add_argument("--mutant", type=int, action="append", help="try this number alone; may be repeated")
    parser.add_argument("--equivalent", action="append", default=[], metavar="NUMBER:REASON", help="judge a survivor")
    parser.add_argument("--report", action="store_true", help="print what is known and try nothing")
    parser.add_argument("--no-control", dest="control", action="store_false", help="trust the tests that failed")
    parser.add_argument("--test-seconds", type=int, default=60, help="a test that takes longer has noticed the mutant")
    parser.add_argument("--mutant-seconds", type=int, default=120, help="processor time of a mutant")
    parser.add_argument("--slow", action="store_true", help="run the slow tests too")
    parser.add_argument("--folder", help="where the campaign is kept")
    parser.add_argument("--write", action="store_true", help=f"write the table into {PAGE.name}")
    return parser.parse_args(arguments)


def _tree(campaign: Campaign, options: argparse.Namespace) -> Tree:
    """Copy the tree to a folder for temporary files."""
    scratch = Path(tempfile.mkdtemp(prefix="hallplan-mutants-")).resolve()
    copy_tree(ROOT, scratch / "tree")
    return Tree(scratch / "tree", options.test_seconds, options.mutant_seconds, options.slow, campaign.seconds)


def _try_all(campaign: Campaign, numbers: Sequence[int], options: argparse.Namespace) -> None:
    queue, lock = list(numbers), threading.Lock()
    trees = [_tree(campaign, options) for _ in range(min(options.workers, len(queue)))]

    def work(tree: Tree) -> None:
        with contextlib.suppress(EOFError):  # the campaign is being stopped
            tree.warm_up()
        while True:
            with lock:
                if not queue:
                    return
                number = queue.pop(0)
            with contextlib.suppress(EOFError):
                _try_one(campaign, number, tree, lock)

    threads = [threading.Thread(target=work, args=(tree,), daemon=True) for tree in trees]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        for tree in trees:
            tree.delete()


def _try_one(campaign: Campaign, number: int, tree: Tree, lock: threading.Lock) -> None:
    mutant = campaign.mutants[number]
    source = (tree.root / mutant.file).read_bytes() if (tree.root / mutant.file).exists() else b""
    present = relocated(mutant, campaign.texts[number], source)
    entry = {"result": "gone"} if present is None else asdict(tree.try_mutant(present))
    with lock:
        campaign.add(number, **entry)
        campaign.keep_seconds(tree.seconds)
        print(campaign.described(number), flush=True)


def _control(campaign: Campaign, options: argparse.Namespace) -> None:
    """Run every test that has killed a mutant in the unchanged tree; where it fails, the mutant counts as not tried."""
    tests = {campaign.verdicts[number]["test"] for number in campaign.numbers(*KILLED)} - {"collection"}
    if not tests:
        return
    tree = _tree(campaign, options)
    try:
        failing = tree.failing(sorted(tests))
    finally:
        tree.delete()
    for number in campaign.numbers(*KILLED):
        if campaign.verdicts[number]["test"] in failing:
            campaign.add(number, result="", reason=f"{campaign.verdicts[number]['test']} fails without it too")
            print(campaign.described(number))


def _write(table: Sequence[str], seed: int) -> None:
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, tail = rest.partition(_END)
    if not tail:
        sys.exit(f"{PAGE} has no place for the table: {_BEGIN} … {_END}")
    block = "\n".join([_BEGIN, f"Seed {seed}:", "", *table, _END])
    PAGE.write_text(f"{head}{block}{tail}", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
