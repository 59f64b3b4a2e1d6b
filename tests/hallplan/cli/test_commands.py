"""Commands that simulate nothing, or whose work is stood in for: what they hand on, print, write and return."""

import datetime as dt
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from report_samples import HALL, hall

from calibration.posterior.artefact import FILES
from calibration.posterior.article import QUICK, STANDARD
from foundation import messages
from foundation.errors import HallplanError
from hallplan import storage
from hallplan.cli.commands.app import _is_every_address, _passed_on
from hallplan.cli.commands.calibrate_log import _REPORT
from hallplan.cli.commands.show import _part
from hallplan.cli.faults import UsageError
from hallplan.cli.log_columns import column_role
from hallplan.cli.server_options import is_only_here
from hallplan.show.text_table import notes_only

pytestmark = pytest.mark.usefixtures("shared_results")


# ---- hallplan app --------------------------------------------------------------------------------------------------


def test_the_last_address_counts_and_one_without_a_value_is_none():
    option = "--server.address"
    for arguments, address in (
        ([], ""),
        ([option, "10.1.2.3", "--server.port", "1"], "10.1.2.3"),
        ([f"{option}=::1", "x"], "::1"),
        ([option, "10.1.2.3", f"{option}=::1"], "::1"),
        ([f"{option}=::1", option, "10.1.2.3", "x"], "10.1.2.3"),
        (["x", option], ""),
        ([f"{option}="], ""),
        (["--server.port=1", "10.1.2.3"], ""),
    ):
        assert _passed_on(arguments) == address, arguments
    addresses = ("127.0.0.1", "127.9.9.9", "::1", "localhost", "0.0.0.0", "10.1.2.3", "::", "hall.example", "")  # noqa: S104
    assert [is_only_here(address) for address in addresses] == [True] * 4 + [False] * 5
    assert [address for address in addresses if _is_every_address(address)] == ["0.0.0.0", "::"]  # noqa: S104


def test_on_windows_the_page_is_a_process_of_its_own_whose_code_is_returned(ask, monkeypatch):
    started = []

    def run(words, *, env, check):
        started.append((words, env, check))
        return SimpleNamespace(returncode=5)

    monkeypatch.setattr("subprocess.run", run)
    module = sys.modules["hallplan.cli.commands.app"]
    monkeypatch.setattr(module, "os", SimpleNamespace(name="nt", environ={"STREAMLIT_SERVER_ADDRESS": ""}))
    assert ask("app", "--lang", "zh", "--server.port", "8600").code == 5
    ((words, environment, check),) = started
    assert words[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert words[-3:] == ["--server.address=127.0.0.1", "--server.port", "8600"]
    assert (environment["HALLPLAN_LANG"], check) == ("zh", False)


# ---- hallplan cache ------------------------------------------------------------------------------------------------


def test_the_store_is_shown_to_the_byte_and_cleared(ask, monkeypatch, tmp_path):
    day = dt.datetime(2031, 3, 3, 23, 59, tzinfo=dt.UTC).timestamp()
    info = SimpleNamespace(replications=12, size=2_500_000_000_000, oldest=day, folder=tmp_path)
    store = SimpleNamespace(info=lambda: info, clear=lambda: 4_000_000_000_000)
    monkeypatch.setenv("HALLPLAN_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("HALLPLAN_KEEP_DAYS", "30")
    entries = []
    for name, size in (("a", 1_500_000), ("b", 2_500_000)):
        entries.append(tmp_path / name)
        entries[-1].write_bytes(b"x" * size)
    monkeypatch.setattr(storage, "_store", lambda: store)
    monkeypatch.setattr(storage, "prepared_entries", lambda: [file for file in entries if file.exists()])
    text = messages.text
    with messages.using("en"):
        folder = text("cli.cache.folder", folder=tmp_path / "results")
        content = text("cli.cache.content", n=12, megabytes=2_500_000.0, oldest="2031-03-03")
        prepared = text("cli.cache.prepared", n=2, megabytes=4.0)
        empty, stays = text("cli.cache.empty"), text("cli.cache.kept", days=30)
    assert ask("cache").out.splitlines() == [folder, content, prepared, stays]
    document = ask("cache", "show", "--json").document
    numbers = {"replications": 12, "bytes": 2_500_000_000_000, "oldest_reading": "2031-03-03"}
    numbers |= {"keep_days": 30, "folder": str(tmp_path / "results"), "prepared": {"scenarios": 2, "bytes": 4_000_000}}
    assert {key: document[key] for key in numbers} == numbers
    assert document["command"] == "cache"
    with messages.using("en"):
        cleared = text("cli.cache.cleared", megabytes=4_000_004.0)
    assert ask("cache", "clear").out.splitlines() == [cleared]
    assert not any(file.exists() for file in entries)
    info.replications, info.oldest = 0, None
    assert ask("cache", "show").out.splitlines() == [folder, empty, stays]
    assert ask("cache", "show", "--json").document["oldest_reading"] is None


# ---- hallplan calibrate --------------------------------------------------------------------------------------------


@pytest.fixture
def calibrations(monkeypatch):
    """Stand in for the calibration to the article: what it was asked for, and tables of one note."""
    calls = []

    def calibrate(settings, *, workers, progress):
        progress("design", 3, 9)
        calls.append((settings, workers))
        return "calibration"

    def publish(calibration, manifest, folder):
        assert (calibration, manifest) == ("calibration", {"of": "calibration"})
        (Path(folder) / "manifest.json").write_text("{}", encoding="utf-8")

    monkeypatch.setattr("calibration.posterior.article.calibrate", calibrate)
    monkeypatch.setattr("calibration.posterior.publish.manifest_of", lambda calibration: {"of": calibration})
    monkeypatch.setattr("calibration.posterior.publish.publish", publish)
    monkeypatch.setattr("hallplan.show.posterior.posterior_tables", lambda m, every: [notes_only(f"every {every}")])
    monkeypatch.setattr("hallplan.show.posterior.posterior_document", lambda m, command: {"of": command})
    return calls


def test_every_option_of_a_calibration_arrives_and_what_it_wrote_is_said(ask, calibrations, monkeypatch, tmp_path):
    reports = []
    monkeypatch.setattr("hallplan.cli.progress.Bar.tell", lambda self, *numbers: reports.append(numbers))
    monkeypatch.setattr("sim.run.workers.cores", lambda: 17)
    assert ask("calibrate", "article").out == "every False\n"
    assert calibrations.pop() == (STANDARD, 17)
    assert reports == [(3, 9)]
    quick = ask("calibrate", "article", "--quick", "--seed", "0", "--workers", "3", "--all")
    settings, workers = calibrations.pop()
    assert (settings.seed, settings.design, workers) == (0, QUICK.design, 3)
    with messages.using("en"):
        note = messages.text("posterior.note.quick")
        written = messages.text("posterior.note.written", n=len(FILES) + 1, folder=tmp_path / "new")
    assert quick.out == f"every True\n\n{note}\n"
    assert ask("calibrate", "article", "--out", str(tmp_path / "new")).out == f"every False\n\n{written}\n"
    assert (tmp_path / "new" / "manifest.json").exists()
    calibrations.clear()
    assert ask("calibrate", "article", "--out", str(tmp_path / "new")).code == 1
    assert not calibrations
    forced = ask("calibrate", "article", "--out", str(tmp_path / "new"), "--force", "--json", "--quick")
    assert (forced.code, forced.document) == (0, {"of": "calibrate-article"})


def test_a_posterior_that_can_not_be_written_is_printed_and_rescued(ask, calibrations, monkeypatch, tmp_path):
    import tempfile

    def full(*_words):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("calibration.posterior.publish.publish", full)
    answer = ask("calibrate", "article", "--out", str(tmp_path / "out"))
    assert (answer.code, answer.out) == (1, "every False\n")
    assert len(answer.err.splitlines()) == 2


def test_what_a_log_gives_is_written_printed_and_named(ask, monkeypatch, tmp_path):
    class Result:
        toml = 'name = "港"\n'

        def export(self, folder):
            files = [folder / "findings.csv", folder / "routes.csv"]
            for file in files:
                file.write_text("x", encoding="utf-8")
            return files

    def calibrate(files, *, progress, **_settings):
        progress(1, 2)
        return Result()

    monkeypatch.setattr("hallplan.api_log.calibrate_log", calibrate)
    monkeypatch.setattr("hallplan.show.log.log_tables", lambda result, every: [notes_only(f"every {every}")])
    monkeypatch.setattr("hallplan.show.log.log_document", lambda result: {"of": "log"})
    scenario, report = tmp_path / "mine.toml", tmp_path / "report"
    with messages.using("en"):
        no_file = messages.text("discovery.note.no_file")
        both = [
            messages.text("discovery.note.scenario", file=scenario),
            messages.text("discovery.note.report", n=3, folder=report),
        ]
    assert ask("calibrate", "log", "x.csv").out == f"every False\n\n{no_file}\n"
    words = ("calibrate", "log", "x.csv", "--out", str(scenario), "--report", str(report))
    assert ask(*words, "--all").out == f"every True\n\n{both[0]}\n\n{both[1]}\n"
    assert scenario.read_text(encoding="utf-8") == Result.toml
    assert sorted(file.name for file in report.iterdir()) == ["findings.csv", "manifest.json", "routes.csv"]
    assert ask(*words).code == 1
    silent = ask(*words, "--force", "--json")
    assert (silent.code, silent.document) == (0, {"of": "log"})
    assert ask("calibrate", "log", "x.csv", "--json").document == {"of": "log"}
    assert ask("calibrate", "log", "x.csv", "--out", str(tmp_path / "x.XLSX")).code == 2
    assert len(_REPORT) == 7

    def full(_result, _folder):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Result, "export", full)
    failed = ask(*words, "--force")
    assert failed.code == 1
    assert failed.out == f"every False\n\n{both[0]}\n"
    assert len(failed.err.splitlines()) == 2


def test_a_role_and_its_column_are_told_apart_by_the_first_sign():
    assert column_role(" start = a=b ") == ("start", "a=b")
    assert column_role("start=") == ("start", "")
    for text in ("start", "=a", " =a", ""):
        with pytest.raises(UsageError) as fault:
            column_role(text)
        assert fault.value.values == {"value": text}


# ---- hallplan show -------------------------------------------------------------------------------------------------


def test_a_path_cuts_a_scenario_down_to_what_it_means():
    place = hall()
    pools = place.raw["pools"]
    for pattern, part in (
        ((), place.raw),
        (("run",), {"run": place.raw["run"]}),
        (("pools", "window", "servers"), {"pools": {"window": {"servers": 2}}}),
        (("pools", "*", "site"), {"pools": {"guide": {"site": "quay"}}}),
        (("pools", "g?ide"), {"pools": {"guide": pools["guide"]}}),
        (("*", "*", "capacity"), {"timetables": {"ferry": {"capacity": 20}}}),
    ):
        assert _part(place, pattern) == part, pattern
    for pattern, path, near in (
        (("pool",), "pool", "pools"),
        (("pools", "windo"), "pools.windo", "window"),
        (("pools", "window", "serves"), "pools.window.serves", "servers"),
        (("pools", "*", "nothing"), "pools.*.nothing", ""),
        (("run", "days", "x"), "run.days.x", ""),
        (("x*",), "x*", ""),
    ):
        with pytest.raises(HallplanError) as fault:
            _part(place, pattern)
        assert fault.value.key == "cli.fault.no_path"
        assert fault.value.values["path"] == path
        with messages.using("en"):
            assert near in fault.value.sentence()


def test_a_scenario_is_shown_as_tables_a_document_or_a_file(ask):
    file = str(HALL)
    everything = ask("show", file).out
    assert everything.startswith("Harbour hall [harbour]\nWhat")
    part = ask("show", file, "--path", "pools.*.servers").out
    assert part.splitlines()[0].startswith("Path")
    assert [line.split()[0] for line in part.splitlines()[2:]] == [
        "pools.window.servers",
        "pools.archive.servers",
        "pools.guide.servers",
    ]
    document = ask("show", file, "--path", "pools.window.servers", "--set", "pools.window.servers=4", "--json").document
    assert document["content"] == {"pools": {"window": {"servers": 4}}}
    assert [entry["value"] for entry in document["numbers"]] == [4]
    assert ask("show", file, "--path", "run.seed", "--toml").out == "[run]\nseed = 11\n"
    assert ask("show", file, "--toml", "--json").code == 2
    assert ask("show", file, "--path", "a..b").code == 2


# ---- hallplan verify -----------------------------------------------------------------------------------------------


def test_every_option_of_a_verification_arrives(ask, monkeypatch):
    calls = []

    def run_checks(names, *, engine, seed, progress):
        progress(1, 2)
        calls.append((names, engine, seed))
        return [SimpleNamespace(passed=passed) for passed in verdicts]

    monkeypatch.setattr("verification.run_checks", run_checks)
    monkeypatch.setattr("hallplan.show.verification.verification_table", lambda findings, engine: notes_only(engine))
    monkeypatch.setattr("hallplan.show.verification.verification_document", lambda findings, engine: {"engine": engine})
    verdicts = [True, True]
    assert (ask("verify").code, calls.pop()) == (0, ((), "compiled", None))
    answer = ask("verify", "a", "b", "--engine", "simpy", "--seed", "0")
    assert (answer.code, answer.out, calls.pop()) == (0, "simpy\n", (["a", "b"], "simpy", 0))
    assert ask("verify", "--engine", "compiled", "--json").document == {"engine": "compiled"}
    assert ask("verify", "--engine", "abacus").code == 2
    verdicts = [True, False]
    assert ask("verify").code == 3


def test_the_page_of_verification_is_written_alone_and_over_nothing(ask, monkeypatch, tmp_path):
    def make_page(*, language, progress):
        progress(1, 2)
        return f"# {language} 验证"

    monkeypatch.setattr("verification.make_page", make_page)
    file = tmp_path / "page.md"
    words = ("verify", "--page", str(file))
    for more in (("x",), ("--engine", "simpy"), ("--seed", "0"), ("--json",)):
        answer = ask(*words, *more)
        assert (answer.code, answer.out) == (2, ""), more
    with messages.using("en"):
        assert ask(*words).out == messages.text("verification.written", file=file) + "\n"
    assert file.read_text(encoding="utf-8") == "# en 验证"
    assert ask(*words, "--lang", "zh").code == 1
    assert ask(*words, "--lang", "zh", "--force").code == 0
    assert file.read_text(encoding="utf-8") == "# zh 验证"


# ---- catalogue and check -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_catalogue_is_held_against_the_articles_percentage_or_ones_own(ask, monkeypatch):
    seen = []
    monkeypatch.setattr("hallplan.show.item_catalogue.catalogue_tables", lambda report: seen.append(report) or [])
    for words, target, is_articles in (
        ((), 0.52, True),
        (("--cut", "52%"), 0.52, True),
        (("--cut", "60%"), 0.6, False),
    ):
        assert ask("catalogue", *words).code == 0
        report = seen.pop()
        assert (report.compression.target, report.is_articles_cut) == (target, is_articles)
        assert report.counts.items == 232


def test_a_check_fails_only_where_it_is_strict_and_something_is_overloaded(ask):
    overload = ("--set", "pools.archive.servers=0")
    for words, code in (((), 0), (("--strict",), 0), (overload, 0), ((*overload, "--strict"), 3)):
        assert ask("check", str(HALL), *words).code == code
    warned = ask("check", str(HALL)).out
    assert "2031" in warned, "the calendar's warning too"
    assert ask("check", str(HALL), "--json").document["warnings"][-1]["key"] == "warning.no_holiday_notice"
