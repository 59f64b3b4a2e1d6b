"""Files: written whole or not at all, sets that are recognised as whole, and what a killed program leaves."""

import hashlib
import json
import os

import pytest
from cases import for_each

from foundation import files
from foundation.errors import HallplanError
from foundation.files import MANIFEST, check_manifest, clear_leftovers, write_atomically, write_manifest


def test_a_file_is_written_flushed_and_leaves_nothing_beside_it(tmp_path, monkeypatch):
    flushed, flush = [], os.fsync

    def fsync(handle):
        flushed.append(os.fstat(handle))
        flush(handle)

    monkeypatch.setattr(files.os, "fsync", fsync)
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]
    of_file, of_folder = flushed
    assert (of_file.st_ino, of_file.st_size) == (path.stat().st_ino, 3), "all is there when it is flushed to disk"
    assert of_folder.st_ino == tmp_path.stat().st_ino


def test_the_folder_s_handle_is_given_back(tmp_path):
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0  # noqa: PTH112, PTH208
    for number in range(3):
        write_atomically(tmp_path / f"{number}.txt", b"x")
    after = len(os.listdir("/proc/self/fd")) if before else 0  # noqa: PTH208
    assert after == before


def test_where_writing_fails_the_old_file_stays_and_nothing_is_left(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    seen = []

    def fail(handle):
        if not seen:
            seen.extend(file.name for file in tmp_path.iterdir() if file != path)
            raise OSError("disk full")

    monkeypatch.setattr(files.os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    (temporary,) = seen
    assert len(temporary) == len(".a.txt.") + 8 + len(".tmp")
    assert (temporary[:7], temporary[-4:]) == (".a.txt.", ".tmp")


def test_where_no_file_can_be_the_first_error_is_the_only_one(tmp_path):
    with pytest.raises(FileNotFoundError) as failure:
        write_atomically(tmp_path / "no-such-folder" / "a.txt", b"new")
    assert failure.value.__context__ is None


def a_set(folder):
    names = ["b.csv", "a.csv"]
    for name in names:
        (folder / name).write_bytes(name.encode())
    assert write_manifest(folder, [folder / name for name in names]) == folder / MANIFEST
    return names


def test_a_manifest_lists_the_files_with_their_hashes_in_their_order(tmp_path):
    names = a_set(tmp_path)
    expected = {name: hashlib.sha256(name.encode()).hexdigest() for name in names}
    text = (tmp_path / "manifest.json").read_text()
    assert text == json.dumps({"format": 1, "files": expected}, indent=1) + "\n"
    assert check_manifest(tmp_path) == names


@for_each("content", [None, b"", b"[]", b"{}", b'{"files": []}', b'"files"', b"\xff", b"{"])
def test_a_set_without_a_manifest_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / MANIFEST).write_bytes(content)
    with pytest.raises(HallplanError) as failure:
        check_manifest(tmp_path)
    assert failure.value.key == "files.no_manifest"
    assert failure.value.values == {"folder": str(tmp_path), "manifest": MANIFEST}


@for_each("content", [None, b"other", b""])
def test_a_file_that_is_missing_or_another_one_is_refused_by_its_name(tmp_path, content):
    a_set(tmp_path)
    (tmp_path / "a.csv").unlink()
    if content is not None:
        (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(HallplanError) as failure:
        check_manifest(tmp_path)
    assert failure.value.key == "files.mixed"
    assert failure.value.values == {"file": str(tmp_path / "a.csv"), "manifest": MANIFEST}


def test_a_name_that_no_file_can_have_is_a_file_that_is_missing(tmp_path):
    (tmp_path / MANIFEST).write_text(json.dumps({"files": {"a\0b": "0"}}))
    with pytest.raises(HallplanError) as failure:
        check_manifest(tmp_path)
    assert failure.value.key == "files.mixed"


def test_a_leftover_that_is_gone_meanwhile_is_no_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(type(tmp_path), "iterdir", lambda folder: iter([folder / ".a.csv.0123abcd.tmp"]))
    clear_leftovers(tmp_path, ["a.csv"])
    assert not (tmp_path / ".a.csv.0123abcd.tmp").exists()


def test_only_leftovers_of_the_named_files_are_deleted(tmp_path):
    leftovers = [".a.csv.0123abcd.tmp", ".b+c.csv.abcdefgh.tmp", ".a.csv.12_45678.tmp"]
    others = [
        "a.csv",
        ".other.csv.0123abcd.tmp",
        ".a.csv.0123abc.tmp",
        ".a.csv.0123abcde.tmp",
        ".a.csv.0123abcd.tmp.bak",
        ".bbc.csv.0123abcd.tmp",
        "x.a.csv.0123abcd.tmp",
    ]
    for name in [*leftovers, *others]:
        (tmp_path / name).touch()
    clear_leftovers(tmp_path, ["a.csv", "b+c.csv"])
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(others)
