"""What every store of results promises, and what a folder promises besides."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from foundation.errors import HallplanError
from sim.run.folder import FolderStore
from sim.run.keys import Key
from sim.run.sample import Curves, Sample
from sim.run.store import LayeredStore, MemoryStore


def sample(number: int, *, curves: bool = False) -> Sample:
    values = np.array([number / 3, np.nan, np.inf, 5e-324])
    curve = Curves(
        called=np.arange(48.0),
        waited=np.arange(48.0) / 7,
        pools={"window": np.arange(144.0).reshape(3, 48) / 11, "office": np.zeros((3, 48))},
        touched={"licence": np.array([0.0, 2.0]), "permit": np.zeros(0)},
        open={"licence": 3.0, "permit": 0.0},
        open_cases=np.array([1.0, 2.0]),
        days=np.array([16000.0, 16001.0]),
    )
    return Sample(("a", "b", "c.x", "c.x:num"), values, curve if curves else None)


def same(first: Sample, second: Sample) -> bool:
    return first.names == second.names and first.values.tobytes() == second.values.tobytes()


STORES = {
    "memory": lambda folder: MemoryStore(),
    "folder": FolderStore,
    "layers": lambda folder: LayeredStore(MemoryStore(), FolderStore(folder, read_only=True)),
}


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    return STORES[request.param](tmp_path / "results")


def test_what_is_put_is_got_to_the_last_bit(store):
    keys = [Key("aa11", 0), Key("aa11", 7), Key("bb22", 0)]
    store.put({key: sample(place) for place, key in enumerate(keys)})
    got = store.get([*keys, Key("aa11", 1), Key("cc33", 0)])
    assert got.keys() == set(keys)
    assert all(same(got[key], sample(place)) for place, key in enumerate(keys))
    assert store.keys() == set(keys)


def test_an_empty_store_has_nothing(store):
    assert store.get([Key("aa11", 0)]) == {}
    assert store.keys() == set()


def test_curves_are_got_where_they_were_put_and_only_there(store):
    plain, drawn = Key("aa11", 0), Key("aa11", 1)
    store.put({plain: sample(0), drawn: sample(1, curves=True)})
    got = store.get([plain, drawn], curves=True)
    assert got.keys() == {drawn}
    before, after = sample(1, curves=True).curves, got[drawn].curves
    assert before is not None
    assert after is not None
    for name in ("called", "waited", "open_cases", "days"):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
    for name in ("pools", "touched", "open"):
        assert list(getattr(after, name)) == list(getattr(before, name))
        for item, values in getattr(before, name).items():
            np.testing.assert_array_equal(getattr(after, name)[item], values)


def test_a_sample_put_later_with_curves_has_them(store):
    key = Key("aa11", 0)
    store.put({key: sample(0)})
    store.put({key: sample(0, curves=True)})
    assert store.get([key], curves=True).keys() == store.get([key]).keys() == {key}


def test_layers_are_read_in_turn_and_the_first_alone_is_written(tmp_path):
    behind, first = FolderStore(tmp_path), MemoryStore()
    behind.put({Key("aa11", 0): sample(0)})
    layered = LayeredStore(first, FolderStore(tmp_path, read_only=True))
    layered.put({Key("bb22", 0): sample(1)})
    assert layered.keys() == {Key("aa11", 0), Key("bb22", 0)}
    assert first.keys() == {Key("bb22", 0)}
    assert behind.keys() == {Key("aa11", 0)}


def test_a_full_memory_forgets_what_was_not_read_for_longest():
    store, keys = MemoryStore(2), [Key("aa11", number) for number in range(3)]
    store.put({keys[0]: sample(0), keys[1]: sample(1)})
    store.get([keys[0]])
    store.put({keys[2]: sample(2)})
    assert store.keys() == {keys[0], keys[2]}


def test_a_folder_that_is_only_read_refuses_to_be_written(tmp_path):
    with pytest.raises(HallplanError, match="only read"):
        FolderStore(tmp_path, read_only=True).put({Key("aa11", 0): sample(0)})


@pytest.mark.parametrize("damage", ["cut", "empty", "text"])
def test_a_damaged_part_is_ignored(tmp_path, damage):
    store, good = FolderStore(tmp_path), Key("aa11", 1)
    store.put({Key("aa11", 0): sample(0)})
    (part,) = tmp_path.rglob("*.parquet")
    content = part.read_bytes()
    part.write_bytes({"cut": content[:-20], "empty": b"", "text": b"no parquet at all"}[damage])
    store.put({good: sample(1)})
    assert store.get([Key("aa11", 0), good]).keys() == {good}
    assert store.keys() == {good}


def test_a_flipped_byte_never_changes_a_number(tmp_path):
    store, key = FolderStore(tmp_path), Key("aa11", 0)
    store.put({key: sample(0)})
    (part,) = tmp_path.rglob("*.parquet")
    content, ignored = part.read_bytes(), 0
    for place in range(0, len(content), 5):
        part.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        got = store.get([key])
        ignored += not got
        assert all(same(one, sample(0)) for one in got.values())
    assert ignored > len(content) / 5 / 4


def test_two_writers_at_once_lose_nothing(tmp_path):
    def write(writer: int) -> None:
        store = FolderStore(tmp_path)
        for number in range(5):
            store.put({Key("aa11", 10 * writer + number): sample(number)})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert FolderStore(tmp_path).keys() == {Key("aa11", 10 * writer + k) for writer in range(4) for k in range(5)}
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_part_is_never_changed(tmp_path):
    store = FolderStore(tmp_path)
    store.put({Key("aa11", 0): sample(0)})
    (part,) = tmp_path.rglob("*.parquet")
    before = part.read_bytes()
    store.put({Key("aa11", 1): sample(1)})
    assert part.read_bytes() == before


def test_parts_that_were_not_read_for_longest_make_room(tmp_path):
    store = FolderStore(tmp_path)
    for number in range(3):
        store.put({Key(f"aa1{number}", 0): sample(number)})
    parts = {number: next(tmp_path.rglob(f"aa1{number}/*.parquet")) for number in range(3)}
    for number, part in parts.items():
        os.utime(part, (time.time() - 10_000 * (3 - number),) * 2)
    store.get([Key("aa10", 0)])  # reading renews the oldest
    limit = sum(part.stat().st_size for part in parts.values()) - 1
    assert FolderStore(tmp_path, size_limit=limit).sweep() > 0
    assert store.keys() == {Key("aa10", 0), Key("aa12", 0)}


def test_parts_that_are_too_old_are_deleted(tmp_path):
    store = FolderStore(tmp_path, age_limit_days=1)
    store.put({Key("aa11", 0): sample(0)})
    (part,) = tmp_path.rglob("*.parquet")
    os.utime(part, (time.time() - 2 * 86_400,) * 2)
    FolderStore(tmp_path, age_limit_days=1).put({Key("bb22", 0): sample(0)})
    assert store.keys() == {Key("bb22", 0)}


def test_a_folder_tells_what_it_holds_and_can_be_cleared(tmp_path):
    store = FolderStore(tmp_path / "results")
    assert (store.info().replications, store.info().size, store.info().oldest) == (0, 0, None)
    store.put({Key("aa11", number): sample(number, curves=True) for number in range(3)})
    info = store.info()
    assert info.replications == 3
    assert info.size == sum(path.stat().st_size for path in tmp_path.rglob("*.parquet")) == store.clear()
    assert store.keys() == set()
