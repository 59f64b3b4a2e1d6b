"""How much memory a process may use: the least of the machine's and of the limits of its control groups.

Input: files as the system's control groups have them.  Output: bytes.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from foundation.memory import usable_bytes


def test_the_least_limit_of_a_group_and_of_those_around_it_counts_in_version_2(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "memory.max").write_text("max\n")
    (tmp_path / "a" / "memory.max").write_text("4096000\n")
    membership = tmp_path / "membership"
    membership.write_text("0::/a/b\n")
    assert usable_bytes(tmp_path, membership) == 4_096_000


def test_the_memory_controller_s_limit_counts_in_version_1(tmp_path: Path) -> None:
    group = tmp_path / "memory" / "box"
    group.mkdir(parents=True)
    (group / "memory.limit_in_bytes").write_text("123456\n")
    membership = tmp_path / "membership"
    membership.write_text("9:cpu,cpuacct:/other\n5:memory:/box\n")
    assert usable_bytes(tmp_path, membership) == 123_456


def test_a_container_s_root_counts_where_the_group_s_path_is_hidden(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("777000\n")
    membership = tmp_path / "membership"
    membership.write_text("0::/outside/of/the/container\n")
    assert usable_bytes(tmp_path, membership) == 777_000


def test_without_limits_the_machine_s_memory_counts(tmp_path: Path) -> None:
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert usable_bytes(tmp_path, tmp_path / "nothing") == machine


@pytest.mark.parametrize("answer", [-1, OSError, None])
def test_a_system_that_does_not_tell_its_memory_gives_zero(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: Any
) -> None:
    def sysconf(name: str) -> int:
        if name == "SC_PAGE_SIZE":
            return 4_096
        if answer is OSError:
            raise OSError
        return int(answer)

    if answer is None:
        monkeypatch.delattr(os, "sysconf", raising=False)  # as on Windows
    else:
        monkeypatch.setattr(os, "sysconf", sysconf)
    assert usable_bytes(tmp_path, tmp_path / "nothing") == 0


def memory_of(folder: Path, lines: str, limits: dict[str, str]) -> int:
    """Return what a process may use that these lines and limits hold for; far more than the machine has for none."""
    for name, limit in limits.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(limit)
    (folder / "membership").write_text(lines)
    return usable_bytes(folder, folder / "membership")


def test_only_limits_of_memory_and_of_the_process_s_own_groups_count(tmp_path: Path) -> None:
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    cases = (
        ("0::/a\n", {"b/memory.max": "1000"}, machine),
        ("5:cpu:/box\n", {"memory/box/memory.limit_in_bytes": "1000"}, machine),
        ("5:memory:/box\n", {"box/memory.max": "1000"}, machine),
        ("5:cpu,memory:/box\n", {"memory/box/memory.limit_in_bytes": "1000"}, 1_000),
        ("5:memory:/a:b\n", {"memory/a:b/memory.limit_in_bytes": "2000"}, 2_000),
        ("no membership\nhalf:one\n", {"memory.max": "3000"}, 3_000),
        ("", {"memory/memory.limit_in_bytes": "4000"}, 4_000),
        ("0::/a\n", {"a/memory.max": "0"}, machine),
        ("0::/a\n", {"a/memory.max": "1"}, 1),
        ("0::/a\n", {"a/memory.max": str(10**18)}, machine),
    )
    for number, (lines, limits, expected) in enumerate(cases):
        (tmp_path / str(number)).mkdir()
        assert memory_of(tmp_path / str(number), lines, limits) == expected, (lines, limits)
