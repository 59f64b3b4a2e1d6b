"""The command line as an interface: every command, option, reader of words and completion; help in both languages."""

from contextlib import suppress
from inspect import Parameter, signature
from types import SimpleNamespace
from typing import get_args, get_type_hints

import pytest
import typer

from foundation import messages
from hallplan.cli import options
from hallplan.cli.commands import app
from hallplan.cli.faults import UsageError

EDGES = (1, 20, 256, 1_000, 25_000, 36_500, 100_000, 1_000_000, 2**31 - 1, 2**63 - 1)
WORDS = ("", " ", "x", "2.5", "auto", "lower", "higher", "best", "en", "zh", "fr", "csv", "parquet, csv", "csv,xlsx")
PROBES = ["-1", *(str(edge + step) for edge in EDGES for step in (-1, 0, 1)), *WORDS]
"""Words at the very edges of what any option takes."""


def words_taken(parser) -> list[str]:
    """Return those of the probes that an option's own reader takes."""
    words = []
    for probe in PROBES:
        with suppress(UsageError):
            parser(probe)
            words.append(probe)
    return ["all but blanks"] if words == [probe for probe in PROBES if probe.strip()] else words


def described(name: str, hint, default) -> str:
    """Return everything that is stated of an option or argument, on one line."""
    kind, information = get_args(hint)
    stated = [word for word in (information.default, *(information.param_decls or ())) if isinstance(word, str)]
    names = ", ".join([name, *stated])
    parts = [f"{names} {information.metavar or ''}".strip(), str(getattr(kind, "__name__", kind)), information.help]
    parts += ["required"] if default is Parameter.empty else [f"default {default!r}"]
    parts += [f"takes {words_taken(information.parser)}"] if information.parser is not None else []
    return "  " + " | ".join([*parts, *(["completes"] if information.autocompletion is not None else [])])


def lines_of_command(callback) -> list[str]:
    hints = get_type_hints(callback, include_extras=True)
    parameters = signature(callback).parameters.values()
    return [described(each.name, hints[each.name], each.default) for each in parameters if each.name != "context"]


def commands_of(group: typer.Typer, path: str):
    """Yield every command and group with what it is registered with."""
    flags = (group.info.invoke_without_command, group.rich_markup_mode, group.pretty_exceptions_enable)
    stated = f"{group.info.cls.__name__} | {group.info.help} | {group.info.context_settings} | {flags}"
    yield path, stated, group.registered_callback.callback
    for command in group.registered_commands:
        stated = f"{command.cls.__name__} | {command.help} | {command.context_settings}"
        yield f"{path} {command.name}", stated, command.callback
    for inner in group.registered_groups:
        assert (inner.cls.__name__, inner.help) == (
            inner.typer_instance.info.cls.__name__,
            inner.typer_instance.info.help,
        )
        yield from commands_of(inner.typer_instance, f"{path} {inner.name}")


def test_every_command_and_option_is_what_it_was(snapshot):
    for path, stated, callback in commands_of(app, "hallplan"):
        assert "\n".join([f"{path}: {stated}", *lines_of_command(callback)]) == snapshot(name=path)


def test_help_is_printed_as_it_was(ask, snapshot):
    for language in ("en", "zh"):
        for words in ((), ("cache",), ("calibrate", "report"), ("select",)):
            answer = ask("--lang", language, *words, "--help")
            assert (answer.code, answer.err) == (0, "")
            assert answer.out == snapshot(name=" ".join((language, *words)))


def test_a_group_without_a_command_prints_its_help_as_a_mistake(ask):
    for words in ((), ("calibrate",)):
        answer = ask(*words)
        assert answer.code == 2
        assert answer.out.rstrip() == ask(*words, "--help").out.rstrip()
    assert ask("-h").out == ask("--help").out


# ---- what completes ------------------------------------------------------------------------------------------------


def test_names_and_words_complete_with_their_titles(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with messages.using("en"):
        assert options.complete_scenario("text") == [("textbook-mm3", "Three windows, one queue (M/M/3)")]
        assert options._complete_claims("lake") == [("lakeside", "Lakeside New District hall")]
        assert options.complete_lever("one-t") == [("one-time-notice", "One-time notice of all that is missing")]
        assert options._complete_check("mm14-wait-t") == [
            (
                "mm14-wait-tail",
                "Fourteen windows, 700 visitors in 450 minutes (M/M/14): share that wait longer than 15 minutes",
            )
        ]
        metrics = dict(options.complete_metric("ticket_wait_"))
        assert metrics["ticket_wait_mean_min"] == "Mean wait"
        assert "wait_within_share" not in metrics, "it needs a limit"
    with messages.using("zh"):
        assert options._complete_claims("lake") == [("lakeside", "滨湖新区政务服务大厅")]
        assert options._titles(tmp_path) == []
    assert options.complete_words("auto", "all", "b")("a") == ["auto", "all"]


def test_a_title_in_one_language_completes_in_all(tmp_path):
    for name, text in (("plain", 'title = "Plain"'), ("none", "format = 1"), ("zh", 'title = { zh = "中" }')):
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    with messages.using("en"):
        assert options._titles(tmp_path) == [("none", ""), ("plain", "Plain"), ("zh", "")]


def test_files_complete_by_folder_and_beginning(monkeypatch, tmp_path):
    (tmp_path / "more" / "deep").mkdir(parents=True)
    for name in ("mine.toml", "notes.txt", ".hidden.toml", "more/most.toml", "other.toml"):
        (tmp_path / name).write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert options._complete_file("m") == [("mine.toml", ""), ("more/", "")]
    assert options._complete_file("") == [("mine.toml", ""), ("more/", ""), ("other.toml", "")]
    assert options._complete_file("more/") == [("more/deep/", ""), ("more/most.toml", "")]
    assert options._complete_file(f"{tmp_path}/oth") == [(f"{tmp_path}/other.toml", "")]
    assert options._complete_file("no/such") == []
    assert ("tmp/", "") not in options._complete_file("/no-such-name")
    assert all(name.startswith("/") for name, _ in options._complete_file("/"))


# ---- how words are read --------------------------------------------------------------------------------------------


def test_shares_and_amounts_are_read_to_their_edges():
    assert options.confidence_of(None) == 0.95
    for text, value in (("95%", 0.95), ("0.5", 0.5), ("99.9%", pytest.approx(0.999)), ("0.0001%", pytest.approx(1e-6))):
        assert options.share_of(text, "--x", "5%") == value
        assert options.confidence_of(text) == value
    for text in ("0", "0%", "1", "100%", "-5%", "x", "", "%", "5%%", "nan", "inf"):
        with pytest.raises(UsageError) as fault:
            options.share_of(text, "--x", "5%")
        with messages.using("en"):
            assert all(word in fault.value.sentence() for word in ("--x", "5%", text))


def test_a_smallest_difference_is_in_the_metrics_own_unit():
    for text, metric, value in (
        ("1", "ticket_wait_mean_min", 1.0),
        ("1500", "cost_per_day", 1500.0),
        ("2%", "unserved_share", 0.02),
        ("0.5", "unserved_share", 0.5),
    ):
        assert options.delta_of(text, metric) == value
    wait, unserved = ("ticket_wait_mean_min", "Mean wait"), ("unserved_share", "Share of visits not served")
    for text, (metric, title), unit, example in (
        ("0", wait, "min", "1"),
        ("5%", wait, "min", "1"),
        ("inf", wait, "min", "1"),
        ("1", unserved, "%", "2%"),
        ("100%", unserved, "%", "2%"),
        ("x", unserved, "%", "2%"),
    ):
        with pytest.raises(UsageError) as fault:
            options.delta_of(text, metric)
        assert fault.value.values == {"metric": title, "unit": unit, "example": example, "value": text}


def test_levers_and_values_are_read_or_refused_with_their_own_sentence():
    assert [str(use) for use in options.uses_of(["a", "b:x=1,y=z"])] == ["a", "b:x=1,y=z"]
    assert options.overrides_of(["run.days=3", 'name="x"']) == {"run.days": 3, "name": "x"}
    with pytest.raises(UsageError) as fault:
        options.uses_of(["a:b"])
    assert (fault.value.key, fault.value.values) == ("error.bad_lever_use", {"value": "a:b"})
    for text, key in (("=3", "error.bad_path"), ("run.days", "error.bad_override")):
        with pytest.raises(UsageError) as fault:
            options.overrides_of([text])
        assert fault.value.key == key
        assert "{" not in fault.value.sentence("en")


def test_a_precision_becomes_a_policy_between_twenty_replications_and_the_limit():
    from sim.statistics.precision import Relative

    assert options.policy_of({}, 7) is None
    requested = {"ticket_wait_mean_min": Relative(0.05)}
    for reps, ends in ((None, (20, 1_000)), (0, (20, 1_000)), (7, (7, 7)), (20, (20, 20)), (64, (20, 64))):
        policy = options.policy_of(requested, reps)
        assert (policy.at_least, policy.at_most) == ends
        assert policy.precision == requested


def test_auto_means_five_per_cent_of_what_every_scenario_has():
    from report_samples import hall

    from sim.statistics.precision import Absolute, Relative

    scenario = hall().scenario
    precisions = {texts: options.precision_of(texts, reps=reps, scenarios=[scenario]) for texts, reps in (
        ((), options.AUTO), (("10%",), options.AUTO), (("unserved_share=2%",), None),
    )}  # fmt: skip
    assert set(precisions[()].values()) == {Relative(0.05)}
    assert set(precisions[()]) == set(precisions[("10%",)]) >= {"ticket_wait_mean_min"}
    assert set(precisions[("10%",)].values()) == {Relative(0.1)}
    assert precisions[("unserved_share=2%",)] == {"unserved_share": Absolute(0.02)}
    for reps in (None, 1):
        assert options.precision_of((), reps=reps, scenarios=[scenario]) == {}
    for texts in (("5",), ("=5%",)):
        with pytest.raises(UsageError):
            options.precision_of(texts, reps=None, scenarios=[scenario])
    nobody = scenario.model_copy(update={"arrivals": {}, "services": {}})
    with pytest.raises(UsageError) as fault:
        options.precision_of((), reps=options.AUTO, scenarios=[nobody])
    assert fault.value.key == "statistics.no_metric"


def test_a_posterior_is_read_only_if_wanted_and_never_with_a_precision(monkeypatch, tmp_path, capsys):
    assert options.posterior_of(False, None, with_precision=True) is None
    for flag, folder in ((True, None), (False, tmp_path)):
        with pytest.raises(UsageError) as fault:
            options.posterior_of(flag, folder, with_precision=True)
        assert fault.value.key == "posterior.error.with_precision"
    stored = SimpleNamespace(is_current=lambda: True)
    folders = []
    monkeypatch.setattr(
        "calibration.posterior.artefact.load_posterior", lambda folder: folders.append(folder) or stored
    )
    assert options.posterior_of(True, None, with_precision=False) is stored
    assert options.posterior_of(False, tmp_path, with_precision=False) is stored
    assert folders == [None, tmp_path]
    assert capsys.readouterr().err == ""
    stored.is_current = lambda: False
    with messages.using("en"):
        options.posterior_of(True, None, with_precision=False)
        assert capsys.readouterr().err == f"hallplan: {messages.text('posterior.note.stale')}\n"
