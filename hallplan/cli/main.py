"""The command line's entry: from the words after ``hallplan`` to an exit code.

In come words; out come what :mod:`hallplan.cli.commands` prints, and an exit code (:mod:`hallplan.cli.faults`).
Nothing that takes time to import is imported before :func:`main` is ready to be interrupted.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Final

__all__ = ["main"]

_NEW_OBJECTS: Final = 100_000
"""New objects after which Python looks for garbage: a command makes large trees that stay, and is soon over."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments
        Words after ``hallplan``; those of this process by default.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with _sigterm_like_ctrl_c():
            return _in_language(words)
    except KeyboardInterrupt as error:
        from hallplan.cli.faults import exit_code

        return exit_code(error)


_terminated: Final[list[int]] = []
"""The signal that ended this program from outside, if one did: Typer hides which interruption it caught."""


@contextlib.contextmanager
def _sigterm_like_ctrl_c() -> Iterator[None]:
    """End the work on SIGTERM as on Ctrl-C, inside the ``with`` block."""
    _terminated.clear()
    if threading.current_thread() is not threading.main_thread():  # only the main thread may set handlers
        yield
        return

    def end(number: int, _frame: FrameType | None) -> None:
        from hallplan.cli.faults import TerminatedError

        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not interrupt the tidying up
        _terminated.append(number)
        raise TerminatedError

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _open_closed_streams() -> bool:
    """Give closed standard streams a place where nothing is kept; tell whether standard output was closed.

    Otherwise the next file that is opened would take the stream's number, and receive what is printed.
    """
    closed = sys.stdout is None
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - open till the end
    return closed


def _in_language(words: list[str]) -> int:
    """Find the language before anything is read, so that help and complaints are in it."""
    from foundation import messages

    requested = ""
    for place, word in enumerate(words):
        name, sign, value = word.partition("=")
        if name == "--lang":
            requested = value if sign else "".join(words[place + 1 : place + 2])
    language = next(
        (candidate for candidate in messages.LANGUAGES if candidate == requested),
        messages.language(),
    )
    with messages.using(language), warnings.catch_warnings():
        warnings.showwarning = _show_warning
        return _run(words)


def _show_warning(message: Warning | str, category: type[Warning], *_place: object, **_more: object) -> None:
    """Print our own warnings as one line; what a library warns its programmers of is no user's business."""
    if category.__module__.partition(".")[0] in (
        "foundation",
        "sim",
        "scenarios",
        "calibration",
        "planner",
        "hallplan",
    ):
        from hallplan.cli.faults import say

        say(str(message))


def _run(words: list[str]) -> int:
    from hallplan.cli.faults import BROKEN_PIPE, INTERRUPTED, TerminatedError, exit_code
    from hallplan.cli.output import ReaderGoneError, prepare_streams

    try:
        import typer.main

        from hallplan.cli.commands import app

        gc.set_threshold(_NEW_OBJECTS)

        unread = _open_closed_streams()
        prepare_streams()
        # Typer turns Ctrl-C into a plain exit code, which stands for nothing else.
        code = typer.main.get_command(app).main(args=words, prog_name="hallplan", standalone_mode=False)
        if code == INTERRUPTED or _terminated:  # a signal can fall into code whose exceptions Python drops
            return exit_code(TerminatedError() if _terminated else KeyboardInterrupt())
        return BROKEN_PIPE if unread and not code else int(code or 0)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except ReaderGoneError:
        # What is still in the buffer can't be written either: keep Python from trying at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except BaseException as error:
        return exit_code(TerminatedError() if _terminated else error)  # a library may have made another of it


if __name__ == "__main__":
    sys.exit(main())
