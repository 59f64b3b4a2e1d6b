"""Objects as keys: what was worked out from an object that never changes is kept for that very object.

Input: an object that is not hashable, or that takes long to compare.  Output: a key that is equal only for the same
object.  The key holds the object, so that its identity stays its own while the key exists.
"""

from __future__ import annotations

from typing import Generic, TypeVar

__all__ = ["Identity"]

T = TypeVar("T")


class Identity(Generic[T]):
    """An object as a key: the same object, not an equal one."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and other.value is self.value
