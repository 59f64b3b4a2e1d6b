"""Locks on files and folders: a second process that would write the same place is refused.

Input: an open file or a folder.  Output: a function that gives the place back; the end of the process does so too.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from foundation.errors import HallplanError

__all__ = ["lock", "lock_folder"]


def lock_folder(folder: Path) -> Callable[[], None]:
    """Lock a folder until the returned function is called or this process ends.

    Raises
    ------
    HallplanError
        If another process has locked it.
    """
    if os.name != "posix":
        return lambda: None
    return lock(os.open(folder, os.O_RDONLY), folder)


def lock(handle: int, place: Path) -> Callable[[], None]:
    """Lock an open file or folder until the returned function is called or this process ends.

    Parameters
    ----------
    handle
        Its file descriptor, which is closed with the lock.
    place
        What messages call it.

    Raises
    ------
    HallplanError
        If another process has locked it.
    """
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise HallplanError("files.in_use", name=str(place)) from None
    except OSError:  # a file system without locks: the place stays open to others
        pass
    return partial(os.close, handle)
