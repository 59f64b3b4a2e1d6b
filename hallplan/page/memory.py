"""What the page remembers of plans and results so as not to compute it at every click, and how all of it is forgotten.

Input: a pure function.  Output: the same function, which remembers its latest results until they are forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

__all__ = ["forget_all", "remembered"]

Result = TypeVar("Result")

_functions: Final[list[Any]] = []


def remembered(maxsize: int) -> Callable[[Callable[..., Result]], _lru_cache_wrapper[Result]]:
    """Have a function remember so many results: :func:`functools.lru_cache`, which :func:`forget_all` clears."""

    def decorate(function: Callable[..., Result]) -> _lru_cache_wrapper[Result]:
        wrapped = lru_cache(maxsize)(function)
        _functions.append(wrapped)
        return wrapped

    return decorate


def forget_all() -> None:
    """Forget what all functions remember: after uploads were deleted, nothing made of them stays."""
    for function in _functions:
        function.cache_clear()
