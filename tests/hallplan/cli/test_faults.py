"""Whatever is typed, the answer is one sentence and the documented exit code, never a traceback."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cases import for_each

from hallplan import cli
from hallplan.cli.faults import CHECK_FAILED, FAULT, INTERNAL, INTERRUPTED, TERMINATED, USAGE
from planner.compare import MOST_COMPARED

TEXTBOOK = "textbook-mm3"
QUICK = ("--reps", "1", "--days", "1")

BAD = [
    # the command line itself
    (USAGE, "no-such-command", []),
    (USAGE, "runn", []),
    (USAGE, "-x", []),
    (USAGE, "--nothing", []),
    (USAGE, "--lang", []),
    (USAGE, "--lang fr scenarios", []),
    (USAGE, "run", []),
    (USAGE, "compare", []),
    (USAGE, "check", []),
    (USAGE, "show", []),
    (USAGE, "run textbook-mm3 township-desk", []),
    (USAGE, "scenarios extra", []),
    (USAGE, "version 2", []),
    (USAGE, "run textbook-mm3 --reps", []),
    (USAGE, "run textbook-mm3 --reps many", []),
    (USAGE, "run textbook-mm3 --reps 0", []),
    (USAGE, "run textbook-mm3 --reps -3", []),
    (USAGE, "run textbook-mm3 --reps 2.5", []),
    (USAGE, "run textbook-mm3 --reps 99999999999999999999", []),
    (USAGE, "run textbook-mm3 --days 0", []),
    (USAGE, "run textbook-mm3 --seed -1", []),
    (USAGE, "run textbook-mm3 --workers 0", []),
    (USAGE, "run textbook-mm3 --engine abacus", []),
    (USAGE, "run textbook-mm3 --format xlsx", []),
    (USAGE, "run textbook-mm3 --json=yes", []),
    (USAGE, "run textbook-mm3 --rep 3", []),
    (USAGE, "run textbook-mm3 --metric wait_mean", []),
    (USAGE, "run textbook-mm3 --set", []),
    (USAGE, "run textbook-mm3 --set pools.windows.servers", []),
    (USAGE, "run textbook-mm3 --set =5", []),
    (USAGE, "run textbook-mm3 --lever add-staff:pool", []),
    (USAGE, "compare textbook-mm3", []),
    (USAGE, "show textbook-mm3 --toml --json", []),
    (USAGE, "show textbook-mm3 --path a..b", []),
    (USAGE, "schema extra", []),
    # scenarios
    (FAULT, "run no-such-scenario", []),
    (FAULT, "run", [""]),
    (FAULT, "run", ["\x00"]),
    (FAULT, "run", ["a" * 5_000]),
    (FAULT, "check .", []),
    (FAULT, "check missing.toml", []),
    (FAULT, "compare textbook-mm3 nowhere", []),
    (FAULT, "run textbook-mm3 --lever no-such-lever", []),
    (FAULT, "run textbook-mm3 --lever add-staff", []),
    (FAULT, "run textbook-mm3 --lever delegate-sign-off", []),
    (FAULT, "run textbook-mm3 --set pools.nobody.servers=1", []),
    (FAULT, "run textbook-mm3 --set pools.windows.servers=-1", []),
    (FAULT, "run textbook-mm3 --set pools.windows.servers=three", []),
    (FAULT, "run textbook-mm3 --set arrivals.visitors.services=nothing", []),
    (FAULT, "run textbook-mm3 --set run.replications=0", []),
    (FAULT, "show textbook-mm3 --path pools.window", []),
    (FAULT, "show textbook-mm3 --path services.*.nothing", []),
]


@for_each(("code", "line", "more"), BAD, ids=[f"{line} {more}"[:60] for _, line, more in BAD])
def test_a_bad_command_line_is_answered_with_one_sentence(ask, monkeypatch, tmp_path, code, line, more):
    monkeypatch.chdir(tmp_path)
    answer = ask(*line.split(), *more)
    assert answer.code == code
    assert answer.out == ""
    assert answer.err.startswith("hallplan: ")
    assert answer.err.count("\n") == 1
    assert "Traceback" not in answer.err
    assert answer.err.rstrip()[-1] in ".?…"


def test_too_many_scenarios_are_refused_before_any_is_simulated(ask, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("simulated")

    monkeypatch.setattr("hallplan.api.work_off", refuse)
    answer = ask("compare", *["textbook-mm3"] * (MOST_COMPARED + 1))
    assert answer.code == 1
    assert answer.out == ""
    assert str(MOST_COMPARED) in answer.err
    assert answer.err.count("\n") == 1


@for_each("line", ["runn", "run textbook-mm3 --reps many", "run no-such-scenario", "check", "compare a"])
def test_the_sentence_is_in_the_users_language(ask, line):
    chinese, english = ask(*line.split(), "--lang", "zh"), ask("--lang=en", *line.split())
    assert chinese.code == english.code > 0
    assert chinese.err.removeprefix("hallplan: ") != english.err.removeprefix("hallplan: ")
    assert any("一" <= letter <= "鿿" for letter in chinese.err)


@pytest.mark.slow
def test_the_installed_program_answers_alike(command):
    for line, code in [("runn", USAGE), ("run nowhere", FAULT), ("run textbook-mm3 --reps x", USAGE), ("", USAGE)]:
        answer = command(*line.split())
        assert answer.code == code, line
        assert "Traceback" not in answer.err
        assert answer.err.count("\n") <= 1


@for_each(
    ("content", "complaint"),
    [
        (b"", "empty"),
        (b"format = 1\nname = ", "Line 2"),
        ("format = 1  # 政务".encode("gb18030"), "GBK"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"format = 1\nname = 'x'\nservces = {}", "servces"),
        (b"a = " + b"[" * 5_000, "more than"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(ask, tmp_path, content, complaint):
    file = tmp_path / "mine.toml"
    file.write_bytes(content)
    answer = ask("check", str(file))
    assert answer.code == FAULT
    assert "mine.toml" in answer.err
    assert complaint in answer.err


def test_strict_fails_when_a_pool_cannot_keep_up_and_says_so_either_way(ask):
    overload = ("check", TEXTBOOK, "--set", "pools.windows.servers=2")
    lenient, strict = ask(*overload), ask(*overload, "--strict")
    assert (lenient.code, strict.code) == (0, CHECK_FAILED)
    assert lenient.out == strict.out
    assert "windows" in lenient.out.splitlines()[-1]
    assert ask("check", TEXTBOOK, "--strict").code == 0


def test_a_mistake_of_ours_is_reported_without_a_traceback(ask, monkeypatch):
    import scenarios.compose.composing

    def broken(*_args: object, **_more: object) -> None:
        raise ZeroDivisionError("nobody's fault")

    monkeypatch.setattr(scenarios.compose.composing, "composed", broken)
    answer = ask("check", TEXTBOOK)
    assert answer.code == INTERNAL
    assert answer.err.count("\n") == 1
    assert "ZeroDivisionError: nobody's fault" in answer.err
    monkeypatch.setenv("HALLPLAN_DEBUG", "1")
    assert "Traceback" in ask("check", TEXTBOOK).err


def test_running_out_of_memory_is_a_sentence(ask, monkeypatch):
    import hallplan.api

    def exhausted(*_args: object, **_more: object) -> None:
        raise MemoryError

    monkeypatch.setattr(hallplan.api, "work_off", exhausted)
    answer = ask("run", TEXTBOOK, *QUICK)
    assert answer.code == FAULT
    assert "memory" in answer.err


def wait_until_it_works(process: "subprocess.Popen[str]") -> None:
    """Return when a process has computed for two seconds: it has long begun to simulate."""
    deadline = time.monotonic() + 120
    seconds = 0.0
    while seconds < 2:
        assert process.poll() is None, "it ended by itself"
        assert time.monotonic() < deadline, "it never began"
        time.sleep(0.1)
        spent = subprocess.run(
            ["ps", "-o", "time=", "-p", str(process.pid)], capture_output=True, text=True, check=True
        )
        fields = re.split("[-:]", spent.stdout.strip())
        seconds = sum(float(field) * unit for field, unit in zip(reversed(fields), (1, 60, 3600, 86400), strict=False))


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="process groups and signals are POSIX")
def test_work_in_the_background_of_a_shell_goes_on_after_ctrl_c(tmp_path):
    program, out = Path(sys.executable).with_name("hallplan"), tmp_path / "out"
    run = subprocess.Popen(
        [str(program), "calibrate", "article", "--quick", "--workers", "2", "--out", str(out)],
        env={**os.environ, "HALLPLAN_LANG": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),  # noqa: PLW1509
    )
    try:
        wait_until_it_works(run)
        time.sleep(10)  # both processes of its own are at work
        os.killpg(run.pid, signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            run.communicate(timeout=10)
    finally:
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="process groups and signals are POSIX")
@pytest.mark.parametrize(
    ("workers", "number", "code", "line"),
    [
        ("1", signal.SIGINT, INTERRUPTED, "hallplan: Interrupted"),
        ("2", signal.SIGINT, INTERRUPTED, "hallplan: Interrupted"),
        ("2", signal.SIGTERM, TERMINATED, "hallplan: Ended from outside"),
    ],
)
def test_ctrl_c_and_sigterm_end_the_program_and_its_workers_with_one_line(workers, number, code, line):
    program = Path(sys.executable).with_name("hallplan")
    run = subprocess.Popen(
        [str(program), "run", TEXTBOOK, "--days", "20000", "--reps", "400", "--workers", workers],
        env={**os.environ, "HALLPLAN_LANG": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell's background work ignores Ctrl-C, and hands that on: the tests may be such work, a person is not.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    try:
        wait_until_it_works(run)
        os.killpg(run.pid, number)
        out, err = run.communicate(timeout=60)
    finally:
        run.kill()
    assert (run.returncode, out) == (code, "")
    assert err.startswith(line)
    assert err.count("\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
@pytest.mark.parametrize("swallowed", [True, False])
def test_sigterm_ends_the_program_whatever_a_library_makes_of_it(ask, monkeypatch, swallowed):
    import scenarios.compose.composing

    real = scenarios.compose.composing.composed

    def careless(*words: object, **more: object) -> object:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        except BaseException:
            if not swallowed:
                raise ValueError("a library's own") from None
        return real(*words, **more)

    monkeypatch.setattr(scenarios.compose.composing, "composed", careless)
    answer = ask("check", TEXTBOOK)
    assert answer.code == TERMINATED
    assert answer.err.startswith("hallplan: Ended from outside")


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="`head` is POSIX")
def test_a_reader_who_stops_reading_is_no_error():
    program = Path(sys.executable).with_name("hallplan")
    with subprocess.Popen(
        [str(program), "show", "honghuagang-2013"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.readline()
        run.stdout.close()
        assert run.stderr.read() == ""
    assert run.returncode == 141


@pytest.mark.skipif(os.name != "posix", reason="closing a stream with >&- is POSIX")
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-"])
def test_a_closed_standard_output_ends_quietly_and_spoils_no_file(closed, tmp_path):
    program = Path(sys.executable).with_name("hallplan")
    words = f'"{program}" show {TEXTBOOK} {closed}'
    run = subprocess.run(["/bin/sh", "-c", words], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (run.returncode, run.stdout, run.stderr) == (141, "", "")


@pytest.mark.parametrize(
    "words",
    [
        ["run", TEXTBOOK, "--precision", "1e-300%"],
        ["run", TEXTBOOK, "--precision", "=5%"],
        ["run", TEXTBOOK, "--out", ""],
        ["run", TEXTBOOK, "--out", " "],
        ["run", TEXTBOOK, "--event-log", ""],
        ["run", TEXTBOOK, "--posterior-from", ""],
        ["run", TEXTBOOK, "--engine", ""],
        ["verify", "--engine", ""],
    ],
    ids=" ".join,
)
def test_an_empty_or_impossible_value_is_refused_as_usage(ask, words):
    answer = ask(*words)
    assert (answer.code, answer.out) == (USAGE, "")
    assert words[-2] in answer.err or "precision" in answer.err


def test_unknown_command_is_told_what_is_meant_or_every_command(ask):
    assert "did you mean scenarios, levers?" in ask("list").err
    assert "did you mean check, verify?" in ask("validate").err
    every = ask("xyz").err
    assert "calibrate" in every
    assert "cache" in every
    assert "…" not in every


def test_main_does_not_change_the_language_of_its_caller(ask):
    from foundation import messages

    ask("scenarios", "--lang", "zh")
    assert messages.language() == "en"


def test_codes_are_those_that_shells_and_the_documentation_expect():
    assert (FAULT, USAGE, CHECK_FAILED, INTERNAL, INTERRUPTED) == (1, 2, 3, 70, 130)
    assert cli.main(["version"]) == 0


def test_our_warnings_are_one_line_and_others_none(ask, monkeypatch):
    import warnings

    import hallplan.api
    from sim.engine.choice import HallplanWarning

    def noisy(_name: object) -> object:
        warnings.warn(HallplanWarning("engines.no_cache"), stacklevel=1)
        warnings.warn("for programmers only", DeprecationWarning, stacklevel=1)
        return "simpy"

    monkeypatch.setattr(hallplan.api, "engine_like", noisy)
    answer = ask("run", TEXTBOOK, *QUICK, "--json")
    assert answer.code == 0
    assert answer.err.startswith("hallplan: No folder")
    assert set(answer.err.splitlines()) == {answer.err.splitlines()[0]}
    assert answer.document["run"]["engine"] == "simpy"
