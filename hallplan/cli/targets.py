"""The places that a command will write to: tried, locked and cleared of leftovers before the work begins.

Input: a folder or a file that an option names.  Output: a function that releases the place; and, if writing fails after
the work, a temporary place that is named, so that no result is lost.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, Self

from foundation import messages
from foundation.errors import HallplanError
from foundation.files import MANIFEST, clear_leftovers
from foundation.locks import lock, lock_folder
from hallplan.cli.faults import say

__all__ = ["SCENARIO_ENDING", "Reservation", "rescue", "reserve_file", "reserve_folder", "write_or_rescue"]

SCENARIO_ENDING: Final = ".toml"
"""How the name of a scenario's file ends."""


class Reservation:
    """A place that other runs keep out of until it is released, at the latest at the end of a ``with`` block.

    Parameters
    ----------
    release
        What gives the place back; called once.
    """

    def __init__(self, release: Callable[[], object] | None = None) -> None:
        self._release = release

    def release(self) -> None:
        """Give the place back."""
        release, self._release = self._release, None
        if release is not None:
            release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.release()


def reserve_folder(folder: Path | None, names: Iterable[str], *, force: bool, option: str = "--out") -> Reservation:
    """Make a folder, check that files can be written there, and keep other runs out; return the reservation.

    Parameters
    ----------
    folder
        Where files will be written, if anywhere; what a killed run left of them is deleted.
    names
        The files' names, without the manifest.
    force
        Whether files of these names may be replaced.
    option
        The option that names the folder.

    Raises
    ------
    HallplanError
        If another run writes there, nothing can be written there, or something would be replaced.
    """
    if folder is None:
        return Reservation()
    if folder.exists() and not folder.is_dir():
        raise HallplanError("cli.fault.not_a_folder", name=str(folder), option=option)
    is_new, names = not folder.exists(), (*names, MANIFEST)
    reservation = _claim(folder, names, lambda: Reservation(lock_folder(folder)))
    present = [name for name in names if (folder / name).exists()]
    if present and not force:
        reservation.release()
        raise HallplanError("cli.fault.would_overwrite", name=str(folder / present[0]))
    return Reservation(partial(_release_folder, reservation, folder)) if is_new else reservation


def _release_folder(reservation: Reservation, folder: Path) -> None:
    """Give back a folder that was made for a run; if the run left nothing in it, it goes too."""
    with suppress(OSError):  # it has files in it
        folder.rmdir()
    reservation.release()


def reserve_file(file: Path | None, *, force: bool, option: str) -> Reservation:
    """Check that a file can be written, and keep other runs from writing it; return the reservation.

    Raises
    ------
    HallplanError
        If another run writes it, it can't be written, or it is there already.
    """
    if file is None:
        return Reservation()
    folder = file.absolute().parent
    if file.exists() and not force:
        raise HallplanError("cli.fault.would_overwrite", name=str(file))
    if not folder.is_dir():
        raise HallplanError("cli.fault.no_folder", name=str(folder), option=option)
    return _claim(folder, [file.name], lambda: _lock_beside(file, folder))


def _claim(folder: Path, names: Iterable[str], reserve: Callable[[], Reservation]) -> Reservation:
    """Make a folder if need be, check that files can be written there, lock, and delete what a killed run left."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        reservation = reserve() if os.name == "posix" else Reservation()
        clear_leftovers(folder, names)
    except OSError as error:
        raise HallplanError("cli.fault.cannot_write", name=str(folder), why=error.strerror or "?") from None
    return reservation


def _lock(handle: int, place: Path) -> Reservation:
    """Lock an open file or folder until it is released or this process ends."""
    return Reservation(lock(handle, place))


def _lock_beside(file: Path, folder: Path) -> Reservation:
    """Lock a file by a hidden file beside it, which goes with the lock; the file itself will be replaced."""
    lock_file = folder / f".{file.name}.lock"
    while True:
        handle = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o644)
        reservation = _lock(handle, file)
        if lock_file.exists() and lock_file.stat().st_ino == os.fstat(handle).st_ino:
            break
        reservation.release()  # the run before has deleted it in between: lock a new one

    def release() -> None:
        lock_file.unlink(missing_ok=True)
        reservation.release()

    return Reservation(release)


def rescue(write: Callable[[Path], object], error: HallplanError | OSError, *, ending: str = "") -> None:
    """Say why a result could not be written, and write it to a temporary place that is named.

    Parameters
    ----------
    write
        Called with the temporary place: a folder, or a file if there is an `ending`.
    error
        Why the result is not where it should be.
    ending
        Of the temporary file's name, such as ``.json``.
    """
    say(error.sentence() if isinstance(error, HallplanError) else error.strerror or str(error))
    try:
        if ending:
            handle, name = tempfile.mkstemp(prefix="hallplan-result-", suffix=ending)
            os.close(handle)
        else:
            name = tempfile.mkdtemp(prefix="hallplan-result-")
        write(Path(name))
        say(messages.text("cli.note.rescued", file=name))
    except (HallplanError, OSError):  # there is no other place either: the terminal still has the result
        say(messages.text("cli.note.not_rescued"))


def write_or_rescue(write: Callable[[Path], object], place: Path | None, *, ending: str = "") -> bool:
    """Write a result to its place, if it has one, else to a temporary place; return whether it is where it should be.

    The parameters are those of :func:`rescue`.
    """
    if place is None:
        return True
    try:
        write(place)
    except (HallplanError, OSError) as error:
        rescue(write, error, ending=ending)
        return False
    return True
