"""The parts of the command line, each by itself: faults, places to write to, printing, running long work."""

import errno
import gc
import io
import json
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
import typer

from foundation import messages
from foundation.errors import HallplanError
from hallplan.cli import main as program
from hallplan.cli import output, progress, targets
from hallplan.cli.event_log import EventLogFile
from hallplan.cli.faults import TerminatedError, UsageError, exit_code
from hallplan.cli.help import _meant
from hallplan.cli.targets import Reservation, rescue, reserve_file, reserve_folder, write_or_rescue
from hallplan.show.text_table import Column, TextTable, notes_only

POSIX = pytest.mark.skipif(os.name != "posix", reason="locks of files are POSIX")


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("HALLPLAN_LANG", "en")


# ---- faults --------------------------------------------------------------------------------------------------------


def test_every_fault_has_its_code_and_its_sentence(capsys, monkeypatch):
    monkeypatch.delenv("HALLPLAN_DEBUG", raising=False)
    text = messages.text
    unreadable = OSError(errno.EACCES, "Permission denied", "there.toml")
    for error, code, sentence in (
        (TerminatedError(), 143, text("cli.terminated")),
        (KeyboardInterrupt(), 130, text("cli.interrupted")),
        (UsageError("cli.usage.no_delta"), 2, text("cli.usage.no_delta")),
        (HallplanError("cli.fault.memory"), 1, text("cli.fault.memory")),
        (MemoryError(), 1, text("cli.fault.memory")),
        (unreadable, 1, text("cli.fault.system", why="there.toml: Permission denied")),
        (OSError("own words"), 1, text("cli.fault.system", why="own words")),
        (OSError(), 1, text("cli.fault.system", why="OSError")),
        (ValueError("odd"), 70, text("cli.fault.internal", what="ValueError: odd")),
        (ValueError(), 70, text("cli.fault.internal", what="ValueError")),
    ):
        assert exit_code(error) == code, error
        assert capsys.readouterr().err == f"hallplan: {sentence}\n"
    conservation = HallplanError("error.metrics.conservation", law="x", number=1, first=0)
    assert exit_code(conservation) == 70


def test_words_that_do_not_fit_are_told_apart(ask):
    for words, sentence in (
        (("run", "x", "--sed", "1"), messages.text("cli.usage.no_option", option="--sed", near="")),
        (("run",), messages.text("cli.usage.missing", name="SCENARIO")),
        (("select", "x"), messages.text("cli.usage.missing", name="--metric")),
        (("claims",), messages.text("cli.usage.missing", name="FILE")),
        (
            ("calibrate", "report", "a", "b"),
            messages.text("cli.usage.extra", command="hallplan calibrate report", extra="b"),
        ),
        (("run", "x", "--seed"), messages.text("cli.usage.option_value", option="--seed")),
        (("calibrate", "log", "x", "--split", "much"), messages.text("cli.usage.bad_value", name="--split")),
        (("scenarios", "a", "b"), messages.text("cli.usage.extra", command="hallplan scenarios", extra="a b")),
    ):
        answer = ask(*words)
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith(f"hallplan: {sentence.rstrip('.?')}"), answer.err
    assert "did you mean --seed, --set?" in ask("run", "x", "--sed", "1").err


def test_a_word_of_another_program_names_the_command_that_is_meant():
    commands = ["run", "check", "verify", "scenarios", "levers", "calibrate", "select", "cache"]
    for word, meant in (("list", "scenarios, levers"), ("validate", "check, verify"), ("forecast", "run, calibrate")):
        assert _meant(word, commands).sentence() == messages.text("error.did_you_mean", names=meant)
    assert "check" in _meant("validate", ["check"]).sentence()
    assert "verify" not in _meant("validate", ["check"]).sentence()
    everything = _meant("xyz", commands).sentence()
    assert all(command in everything for command in commands)


# ---- the entry -----------------------------------------------------------------------------------------------------


def test_the_language_is_found_wherever_it_stands(ask):
    for words, chinese in (
        (("--lang", "zh", "scenarios"), True),
        (("scenarios", "--lang=zh"), True),
        (("scenarios", "--lang", "en", "--lang", "zh"), True),
        (("--lang=zh", "scenarios", "--lang=en"), False),
        (("scenarios",), False),
    ):
        assert ("方案" in ask(*words).out or "大厅" in ask(*words).out) == chinese, words
    for words in (("scenarios", "--lang"), ("scenarios", "--lang=fr"), ("scenarios", "--lang=")):
        assert ask(*words).code == 2


def test_the_words_are_those_of_the_process_unless_given(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["hallplan", "version"])
    assert program() == 0
    assert capsys.readouterr().out.startswith("hallplan ")
    assert program([]) == 2
    assert "version" in capsys.readouterr().out
    answers = []
    thread = threading.Thread(target=lambda: answers.append(program(["version"])))
    thread.start()
    thread.join()
    assert answers == [0], "only the main thread may handle signals"


def test_the_handler_of_sigterm_is_given_back(ask):
    before = signal.getsignal(signal.SIGTERM)
    ask("version")
    assert signal.getsignal(signal.SIGTERM) is before


def test_closed_streams_get_a_place_where_nothing_is_kept(monkeypatch):
    from hallplan.cli.main import _open_closed_streams

    assert not _open_closed_streams()
    for name, closed in (("stderr", False), ("stdout", True)):
        with monkeypatch.context() as patched:
            patched.setattr(sys, name, None)
            assert _open_closed_streams() == closed
            assert getattr(sys, name).write("lost") == 4
            getattr(sys, name).close()


# ---- places to write to --------------------------------------------------------------------------------------------


def test_a_reservation_is_given_back_once():
    calls = []
    with Reservation(lambda: calls.append(1)) as reservation:
        assert calls == []
    reservation.release()
    assert calls == [1]
    Reservation().release()


def test_a_folder_that_was_made_goes_if_nothing_was_written(tmp_path):
    new = tmp_path / "deep" / "new"
    reserve_folder(new, ["a.csv"], force=False).release()
    assert not new.exists()
    assert new.parent.exists()
    reservation = reserve_folder(new, ["a.csv"], force=False)
    (new / "a.csv").write_text("x", encoding="utf-8")
    reservation.release()
    assert (new / "a.csv").exists()
    old = tmp_path / "old"
    old.mkdir()
    reserve_folder(old, ["a.csv"], force=False).release()
    assert old.exists()
    reserve_folder(None, [], force=False).release()
    reserve_file(None, force=False, option="--out").release()


@POSIX
def test_a_place_is_refused_with_what_is_wrong_with_it(tmp_path):
    file, folder = tmp_path / "file.csv", tmp_path / "folder"
    file.write_text("mine", encoding="utf-8")
    folder.mkdir()
    (folder / "b.csv").write_text("mine", encoding="utf-8")
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "manifest.json").write_text("{}", encoding="utf-8")
    for reserve, key, values in (
        (lambda: reserve_folder(file, [], force=True), "cli.fault.not_a_folder",
         {"name": str(file), "option": "--out"}),
        (lambda: reserve_folder(file, [], force=True, option="--report"), "cli.fault.not_a_folder",
         {"name": str(file), "option": "--report"}),
        (lambda: reserve_folder(folder, ["a.csv", "b.csv"], force=False), "cli.fault.would_overwrite",
         {"name": str(folder / "b.csv")}),
        (lambda: reserve_folder(tmp_path / "set", ["a.csv"], force=False), "cli.fault.would_overwrite",
         {"name": str(tmp_path / "set" / "manifest.json")}),
        (lambda: reserve_folder(file / "below", [], force=True), "cli.fault.cannot_write",
         {"name": str(file / "below"), "why": "Not a directory"}),
        (lambda: reserve_file(file, force=False, option="--out"), "cli.fault.would_overwrite", {"name": str(file)}),
        (lambda: reserve_file(tmp_path / "no" / "x", force=False, option="--out"), "cli.fault.no_folder",
         {"name": str(tmp_path / "no"), "option": "--out"}),
    ):  # fmt: skip
        with pytest.raises(HallplanError) as fault:
            reserve()
        assert (fault.value.key, fault.value.values) == (key, values)
    # What was refused is free again, and what may be replaced is not touched.
    for _ in range(2):
        reserve_folder(folder, ["a.csv", "b.csv"], force=True).release()
        reserve_file(file, force=True, option="--out").release()
    assert file.read_text(encoding="utf-8") == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.csv", "folder", "set"]


@POSIX
def test_a_place_is_locked_until_it_is_given_back(tmp_path):
    for reserve in (
        lambda: reserve_folder(tmp_path, ["a.csv"], force=False),
        lambda: reserve_file(tmp_path / "log.csv", force=False, option="--event-log"),
    ):
        reservation = reserve()
        with pytest.raises(HallplanError) as fault:
            reserve()
        assert fault.value.key == "files.in_use"
        reservation.release()
        reserve().release()
    assert list(tmp_path.iterdir()) == []


@POSIX
def test_a_lock_whose_file_has_gone_is_taken_anew(tmp_path, monkeypatch):
    """The run before deletes its lock between our opening and locking of it."""
    lock, opened = targets._lock, []

    def late(handle, place):
        opened.append(handle)
        if len(opened) == 1:
            (tmp_path / ".log.csv.lock").unlink()
        return lock(handle, place)

    monkeypatch.setattr(targets, "_lock", late)
    reservation = reserve_file(tmp_path / "log.csv", force=False, option="--out")
    assert len(opened) == 2
    assert (tmp_path / ".log.csv.lock").exists()
    reservation.release()
    assert list(tmp_path.iterdir()) == []


@POSIX
def test_a_file_system_without_locks_stays_open_to_others(tmp_path, monkeypatch):
    import fcntl

    def unsupported(*_words):
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    first, second = (reserve_folder(tmp_path, [], force=False) for _ in range(2))
    first.release()
    second.release()


def test_a_result_that_can_not_be_written_goes_to_a_place_that_is_named(tmp_path, monkeypatch, capsys):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for error, why in (
        (HallplanError("cli.fault.memory"), messages.text("cli.fault.memory")),
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError("own words"), "own words"),
    ):
        rescue(lambda file: file.write_text("saved", encoding="utf-8"), error, ending=".json")
        (file,) = tmp_path.iterdir()
        assert file.name.startswith("hallplan-result-")
        assert (file.suffix, file.read_text(encoding="utf-8")) == (".json", "saved")
        assert capsys.readouterr().err.splitlines() == [
            f"hallplan: {why}",
            f"hallplan: {messages.text('cli.note.rescued', file=file)}",
        ]
        file.unlink()
    rescue(lambda folder: (folder / "part.csv").write_text("saved", encoding="utf-8"), OSError("x"))
    (folder,) = tmp_path.iterdir()
    assert folder.is_dir()
    assert folder.name.startswith("hallplan-result-")
    capsys.readouterr()

    def never(_place):
        raise OSError("full")

    for place, written in ((None, True), (tmp_path / "x", False)):
        assert write_or_rescue(never, place, ending=".csv") == written
    assert capsys.readouterr().err.splitlines()[-1] == f"hallplan: {messages.text('cli.note.not_rescued')}"
    assert write_or_rescue(lambda file: file.write_text("x", encoding="utf-8"), tmp_path / "y")
    assert capsys.readouterr().err == ""


def test_an_event_log_is_requested_only_where_it_can_be_written(tmp_path):
    requested = EventLogFile.requested
    assert requested(None, "activities", force=False) is None
    assert requested(None, "tickets", force=False) is None
    for path, kind, key in (
        (None, "diary", "eventlog.fault.kind"),
        (tmp_path / "log.csv", "diary", "eventlog.fault.kind"),
        (tmp_path / "log.doc", "tickets", "eventlog.fault.ending"),
        (tmp_path / "no" / "log.csv", "tickets", "cli.fault.no_folder"),
    ):
        with pytest.raises(HallplanError) as fault:
            requested(path, kind, force=False)
        assert fault.value.key == key
    file = requested(tmp_path / "log.csv", "tickets", force=False)
    assert (file.path, file.kind) == (tmp_path / "log.csv", "tickets")


# ---- printing ------------------------------------------------------------------------------------------------------

TABLES = [
    TextTable(
        (Column("Pool"), Column("Servers", is_number=True), Column("Verdict")),
        (("Window 窗口", "3", "yes"), ("[b]Archive[/b]", "1,000", "no"), ("tab\there\u202e", "–", "nobody")),
        title="Pools :smile:",
        notes=("First note.", "Second \x1b[31mnote."),
        alarms=frozenset({"no"}),
    ),
    notes_only("Only a note."),
    notes_only("A note with a title.", title="Title"),
    TextTable((Column("Empty"),), (), title="Nothing"),
    TextTable((Column("Bare"),), (("row",),)),
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_tables_are_printed_as_they_were_in_a_pipe_and_on_a_terminal(monkeypatch, capsys, snapshot):
    output.show(TABLES)
    assert capsys.readouterr().out == snapshot(name="pipe")
    for name, value in (("TERM", "xterm"), ("COLUMNS", "30"), ("COLORTERM", "")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    output.show(TABLES)
    assert terminal.getvalue() == snapshot(name="terminal")
    monkeypatch.setenv("COLUMNS", "50")
    for words in (("cache", "--help"), ("claims", "--help")):
        monkeypatch.setattr(sys, "stdout", terminal := Terminal())
        assert program(words) == 0
        assert terminal.getvalue() == snapshot(name=" ".join(words))


def test_text_ends_with_one_line_break_and_is_written_in_pieces(monkeypatch):
    pieces = []

    class Pipe(io.StringIO):
        def write(self, text):
            pieces.append(len(text))
            return super().write(text)

    for text, expected in (("", "\n"), ("x", "x\n"), ("x\n", "x\n"), ("x" * 40_000, "x" * 40_000 + "\n")):
        pieces.clear()
        monkeypatch.setattr(sys, "stdout", pipe := Pipe())
        output.show_text(text)
        assert pipe.getvalue() == expected
        assert max(pieces) <= 16_384
    assert pieces[:3] == [16_384, 16_384, 7_232]

    class Gone(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Gone())
    with pytest.raises(output.ReaderGoneError):
        output.show_text("x")


def test_json_is_escaped_only_where_it_must_be(monkeypatch):
    for encoding, expected in (("utf-8", "港"), ("UTF-8-SIG", "港"), ("ascii", "\\u6e2f"), ("gbk", "\\u6e2f")):
        raw = io.BytesIO()
        stream = io.TextIOWrapper(raw, encoding=encoding)
        monkeypatch.setattr(sys, "stdout", stream)
        output.show_json({"a": "港", "b": [1]})
        stream.flush()
        text = raw.getvalue().decode(encoding)
        assert text == f'{{\n  "a": "{expected}",\n  "b": [\n    1\n  ]\n}}\n'
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    with pytest.raises(ValueError, match="JSON"):
        output.show_json({"a": float("nan")})


def test_streams_replace_what_they_can_not_show(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    output.prepare_streams()
    assert stream.errors == "replace"


# ---- long work -----------------------------------------------------------------------------------------------------


def test_a_bar_shows_how_much_is_done_of_how_much(monkeypatch):
    drawn = []

    class Drawn:
        def __init__(self, *columns, console, transient):
            drawn.append((len(columns), console.stderr, transient))

        def add_task(self, text, *, total, completed):
            drawn.append((text, total, completed))

        def start(self):
            drawn.append("start")

        def stop(self):
            drawn.append("stop")

        def update(self, task, *, completed, total):
            drawn.append((task, completed, total))

    monkeypatch.setattr("rich.progress.Progress", Drawn)
    with progress.Bar(9) as bar:
        bar.tell(2)
        bar._appear()
        bar.tell(3)
        bar.tell(4, 12)
    bar._appear()
    text = messages.text("cli.progress")
    assert drawn[1:] == [(text, 9, 2), "start", (0, 3, 9), (0, 4, 12), "stop"]
    assert drawn[0][1:] == (True, True)
    assert progress.PATIENCE_S == 1.0


@POSIX
def test_ctrl_c_ends_the_processes_that_the_work_waits_for(monkeypatch):
    ended, begun = threading.Event(), threading.Event()

    class Process:
        def terminate(self):
            ended.set()

    monkeypatch.setattr("multiprocessing.active_children", lambda: [] if ended.is_set() else [Process()])
    join = threading.Thread.join

    def interrupted(thread, timeout=None):
        if begun.is_set() and not ended.is_set() and thread.name == "work":
            thread.name = "left"
            raise KeyboardInterrupt
        join(thread, timeout)

    def work():
        threading.current_thread().name = "work"
        begun.set()
        ended.wait(10)

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        progress.interruptible(work)
    assert ended.is_set()


@POSIX
def test_the_work_is_left_behind_if_the_program_ends_and_hears_no_ctrl_c():
    def work():
        blocked = (
            signal.pthread_sigmask(signal.SIG_BLOCK, []) if hasattr(signal, "pthread_sigmask") else {signal.SIGINT}
        )
        return threading.current_thread().daemon, signal.SIGINT in blocked

    assert progress.interruptible(work) == (True, True)
    bar = progress.Bar(None)
    assert (bar._timer.daemon, bar._timer.interval) == (True, 1.0)


def test_a_fault_of_the_work_is_raised_here_and_its_result_returned():
    assert progress.interruptible(lambda: 7) == 7
    with pytest.raises(typer.Exit):
        progress.interruptible(lambda: (_ for _ in ()).throw(typer.Exit(3)))


def test_json_of_results_is_one_document_with_a_line_break():
    from hallplan.cli.files import _json_text

    assert _json_text({"a": "港"}) == '{\n  "a": "港"\n}\n'
    with pytest.raises(ValueError, match="JSON"):
        _json_text({"a": float("inf")})
    assert json.loads(_json_text([1])) == [1]


def test_prepared_scenarios_are_those_of_this_user_and_this_program(tmp_path, monkeypatch):
    from hallplan.cli import prepared
    from hallplan.storage import prepared_entries

    monkeypatch.setenv("HALLPLAN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(prepared, "_MOST_ENTRIES", 2)

    def read(days, **how):
        return prepared.prepared("textbook-mm3", levers=(), overrides={"run.days": days}, **how)

    assert read(1, store=False).scenario.run.days == 1
    assert prepared_entries() == []
    for days in (1, 2, 3):
        read(days)
    assert len(prepared_entries()) == 2
    newest = prepared_entries()[0]
    assert len(newest.stem) == 40
    assert newest.parent.stat().st_mode & 0o077 == 0, "for this user's eyes only"
    assert gc.isenabled()
    os.utime(newest, (1, 1))
    assert prepared_entries()[-1] == newest
    read(3)
    assert gc.isenabled()
    assert prepared_entries()[0] == newest, "reading an entry makes it the newest"
    if hasattr(os, "getuid"):
        uid = os.getuid()
        monkeypatch.setattr(os, "getuid", lambda: uid + 1)
        assert prepared._read(newest) is None
        monkeypatch.undo()
    first, second, third = prepared._program_state()
    assert first == sys.version
    assert len(second) == 3
    assert any(str(entry[0]).endswith("planner/outlook.py") for entry in third)
    assert not any("/hallplan/" in str(entry[0]).partition("wt/")[2] for entry in third)
    with suppress(FileNotFoundError):
        Path(newest).unlink()
