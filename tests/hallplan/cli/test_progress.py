"""Work of more than a second shows how far it is, on a terminal and on standard error only."""

import io
import sys
import threading
import time

import pytest

from foundation import messages
from hallplan.cli import progress
from hallplan.cli.progress import Bar, interruptible


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def standard_error(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> io.StringIO:
    """Put `stream` in place of standard error, from the test itself: pytest renews it after the fixtures."""
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "PATIENCE_S", 0.05)
    monkeypatch.setenv("TERM", "xterm")
    return stream


def test_long_work_shows_a_bar_in_the_users_language(monkeypatch):
    terminal = standard_error(monkeypatch, Terminal())
    with messages.using("zh"), Bar(4) as bar:
        bar.tell(2)
        until = time.monotonic() + 10
        while "2/4" not in terminal.getvalue() and time.monotonic() < until:
            time.sleep(0.05)
    assert "正在模拟" in terminal.getvalue()
    assert "2/4" in terminal.getvalue()


def test_a_number_of_pieces_that_nobody_knows_is_shown_as_unknown(monkeypatch):
    terminal = standard_error(monkeypatch, Terminal())
    with Bar(None) as bar:
        bar.tell(7)
        until = time.monotonic() + 10
        while "7/?" not in terminal.getvalue() and time.monotonic() < until:
            time.sleep(0.05)
    assert "7/?" in terminal.getvalue()


def test_quick_work_shows_none(monkeypatch):
    terminal = standard_error(monkeypatch, Terminal())
    before = set(threading.enumerate())
    with Bar(4) as bar:
        bar.tell(4)
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
    assert terminal.getvalue() == ""


def test_a_pipe_gets_none(monkeypatch):
    stream = standard_error(monkeypatch, io.StringIO())
    before = set(threading.enumerate())
    with Bar(4) as bar:
        bar.tell(1)
        assert set(threading.enumerate()) <= before, "nothing waits to draw a bar"
    assert stream.getvalue() == ""


def test_work_is_done_in_the_callers_context_and_its_result_and_faults_come_back():
    def work() -> tuple[str, bool]:
        return messages.language(), threading.current_thread() is threading.main_thread()

    with messages.using("zh"):
        assert interruptible(work) == ("zh", False)

    def fails() -> None:
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        interruptible(fails)
