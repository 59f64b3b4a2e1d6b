"""A command line with planted faults, for the tests of the fuzzer: which fault, the content of its file decides."""

import os
import sys
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

from fuzzing.corpus import ROOT

from hallplan.cli.faults import exit_code

HALL = (ROOT / "tests/sim/halls/lunch.toml").read_bytes()


def main(words: Sequence[str]) -> int:
    files = [
        Path(word) for word in words if word.endswith((".toml", ".csv", ".xlsx", ".xes", ".gz")) and len(word) < 99
    ]
    content = next((file.read_bytes() for file in files if file.is_file()), HALL)
    match zlib.crc32(content) % 17 if content != HALL else -1:
        case 0:
            os.abort()
        case 1:
            time.sleep(60)
        case 2:
            return 70
        case 3:
            raise ValueError("planted")
        case 4:
            print("Traceback (most recent call last):", file=sys.stderr)
        case 5:
            return 1
        case 6:
            return exit_code(MemoryError())
        case 7:
            while True:
                pass
    print('{"pools": []}')
    return 0


def sound(words: Sequence[str]) -> int:
    """End well, whatever the words."""
    print('{"pools": []}')
    return 0
