"""The one door by which chance comes in: uniform numbers by name.

Comes in: a seed, a replication, and the name of what is drawn ("food-licence", "apply", "window", "work").  Goes
out: a row of uniform numbers that depends on these and on nothing else, so that two scenarios which share a name
share its numbers (common random numbers), whatever else differs and in whatever order they are drawn.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

__all__ = ["Streams"]


@lru_cache(maxsize=65_536)
def _counter(name: tuple[str, ...]) -> tuple[int, int, int]:
    """Return 192 bits that stand for a name: the upper words of a Philox counter."""
    digest = blake2b("\x1f".join(name).encode(), digest_size=24).digest()
    first, second, third = np.frombuffer(digest, dtype="<u8").tolist()
    return first, second, third


class Streams:
    """Named streams of one replication.

    Philox (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") turns a key and a counter into random
    bits. The key is (seed, replication); the name fills the counter's upper 192 bits, and the position in the
    stream the lower 64.

    Parameters
    ----------
    seed, replication
        Whole numbers, 0 or more.
    """

    def __init__(self, seed: int, replication: int) -> None:
        self._bits = np.random.Philox(key=np.array([seed, replication], dtype=np.uint64))
        self._state = self._bits.state
        self._generator = np.random.Generator(self._bits)

    def uniforms(self, name: tuple[str, ...], number: int) -> npt.NDArray[np.float64]:
        """Return the first `number` numbers of a stream, in [0, 1); a longer request begins with the same ones."""
        self._state["state"]["counter"][:] = (0, *_counter(name))
        self._state["buffer_pos"] = 4  # nothing left over from the stream before
        self._state["has_uint32"] = 0
        self._bits.state = self._state
        return self._generator.random(number)
