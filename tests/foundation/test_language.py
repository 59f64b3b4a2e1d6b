"""Which language is in use, and what the catalogue does with keys and values."""

import contextvars

import pytest
from cases import for_each

from foundation import messages

VARIABLES = ("HALLPLAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


@for_each(
    "values, language",
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_MESSAGES": "en_US", "LANG": "zh_CN"}, "en"),
        ({"LC_ALL": "ZH", "LC_MESSAGES": "en", "LANG": "en"}, "zh"),
        ({"HALLPLAN_LANG": "en", "LC_ALL": "zh", "LANG": "zh"}, "en"),
        ({"HALLPLAN_LANG": "", "LC_ALL": "zh"}, "zh"),
        ({"LANG": "de_DE"}, "en"),
        ({"LANG": "C.zh"}, "en"),
    ],
)
def test_the_environment_s_first_word_on_the_language_counts(monkeypatch, values, language):
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    for variable, value in values.items():
        monkeypatch.setenv(variable, value)
    assert contextvars.Context().run(messages.language) == language


def test_a_language_that_was_set_holds_in_its_context_only(monkeypatch):
    monkeypatch.setenv("HALLPLAN_LANG", "en")

    def set_and_look():
        messages.set_language("zh")
        return messages.language()

    context = contextvars.Context()
    assert context.run(set_and_look) == "zh"
    assert context.run(messages.language) == "zh"
    assert contextvars.Context().run(messages.language) == "en"


def divide(*, by):
    return 1 / by


def test_a_block_in_a_language_ends_with_the_one_before_even_after_an_error():
    with messages.using("en"):
        with pytest.raises(ZeroDivisionError), messages.using("zh"):
            divide(by=int(messages.language() != "zh"))
        assert messages.language() == "en"


def test_a_message_is_found_by_its_key_and_filled():
    with messages.using("zh"):
        assert messages.text("error.did_you_mean", names="desk") == "您是否想写 desk？"
        assert messages.text("error.did_you_mean", "en", names="desk") == "did you mean desk?"
    for key in ("error.no_such_message", "error", "error.did_you_mean.en", ""):
        with pytest.raises(KeyError):
            messages.text(key)
    with pytest.raises(KeyError):
        messages.text("error.did_you_mean", "en")


def test_the_catalogue_holds_every_file_s_messages_by_dotted_keys():
    by_file = messages.catalogue_by_file()
    assert list(by_file) == sorted(by_file)
    assert all(name.endswith(".toml") for name in by_file)
    catalogue = messages.catalogue()
    assert len(catalogue) == sum(map(len, by_file.values()))
    assert catalogue["error.did_you_mean"] == {"en": "did you mean {names}?", "zh": "您是否想写 {names}？"}
    assert by_file["verification.toml"]["verification.unit.min"] == catalogue["verification.unit.min"]
