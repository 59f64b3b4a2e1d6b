"""An object as a key: equal for the very same object only, and no other object can take its place."""

from foundation.identity import Identity


def test_a_key_is_equal_only_for_the_same_object():
    first, second = [1], [1]
    assert Identity(first) == Identity(first)
    assert Identity(first) != Identity(second)
    assert Identity(first) != first
    assert {Identity(first): "first", Identity(second): "second"}[Identity(first)] == "first"
    assert hash(Identity(first)) == hash(Identity(first)) != hash(Identity(second))
