"""Errors: how a value is shown in a sentence, where an error knows its place from, and what a copy keeps."""

import pickle
import warnings

import pytest
from cases import for_each

from foundation import messages
from foundation.errors import HallplanError, HallplanWarning, ScenarioError


def shown(value):
    """Return how the sentence of an error shows a value."""
    return HallplanError("error.did_you_mean", names=value).sentence("en").removeprefix("did you mean ")[:-1]


@for_each(
    "value, text",
    [
        (1_000, "1000"),
        (0.5, "0.5"),
        (10**17, "1" + "0" * 17),
        (10**18, "1" + "0" * 18),
        (10**39, "1" + "0" * 39),
        (10**40, "1" + "0" * 19 + "…" + "0" * 10),
        (-(10**38), "-1" + "0" * 38),
        ("x" * 300, "x" * 300),
        ("a" + "x" * 299 + "z", "a" + "x" * 149 + "…" + "x" * 74 + "z"),
        (True, "True"),
        ("a\nb", "a\\nb"),
        ("大厅", "大厅"),
        (["a"], "['a']"),
    ],
)
def test_a_value_is_shown_on_one_line_with_the_middle_of_a_long_one_cut(value, text):
    assert shown(value) == text


def test_a_number_too_long_to_be_written_is_an_ellipsis():
    assert shown(10**5_000) == "…"


def test_a_message_can_format_numbers_below_a_trillion_millions():
    error = HallplanError("page.run.too_large", name="hall", arrivals=1_234_567, most=400_000)
    assert "1,234,567" in error.sentence("en")


def test_a_sentence_is_in_the_language_in_use_unless_another_is_stated():
    error = HallplanError("error.did_you_mean", names="desk")
    with messages.using("zh"):
        assert (str(error), error.sentence("en")) == ("您是否想写 desk？", "did you mean desk?")
    with messages.using("en"):
        assert (str(error), error.sentence("zh")) == ("did you mean desk?", "您是否想写 desk？")


def test_a_scenario_s_error_is_a_value_error_and_begins_with_its_place():
    error = ScenarioError("error.did_you_mean", names="desk")
    assert isinstance(error, ValueError)
    sentences = {
        ("", ""): "did you mean desk?",
        ("a.toml", ""): "a.toml: did you mean desk?",
        ("", "pools.x"): "pools.x: did you mean desk?",
        ("a.toml", "pools.x"): "a.toml: pools.x: did you mean desk?",
    }
    for (file, path), sentence in sentences.items():
        assert error.at(file=file, path=path).sentence("en") == sentence
    assert (error.file, error.path) == ("", ""), "the error itself stays as it was"


@for_each(
    "first, second, place",
    [
        ({"file": "lever"}, {"file": "scenario", "path": "levers"}, ("lever", "")),
        ({"path": "name"}, {"file": "scenario", "path": "levers"}, ("scenario", "name")),
        ({"file": "lever", "path": "name"}, {"file": "scenario", "path": "levers"}, ("lever", "name")),
        ({}, {"path": "levers"}, ("", "levers")),
        ({}, {"file": "scenario"}, ("scenario", "")),
    ],
)
def test_what_an_error_knows_of_its_place_is_not_replaced(first, second, place):
    error = ScenarioError("error.file_empty").at(**first).at(**second)
    assert (error.file, error.path) == place
    assert error.values == {}


def test_a_copy_of_an_error_is_of_its_kind_with_its_values_and_its_place():
    error = ScenarioError("error.bad_name", value="x").at(file="a.toml", path="name")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert type(copy) is ScenarioError
    assert copy.__dict__ == error.__dict__
    assert copy.args == error.args == ("error.bad_name",)


def test_a_warning_is_a_sentence_in_the_language_in_use():
    warning = HallplanWarning("error.did_you_mean", names="desk")
    assert (warning.key, warning.values, warning.args) == (
        "error.did_you_mean",
        {"names": "desk"},
        ("error.did_you_mean",),
    )
    with messages.using("zh"):
        assert str(warning) == "您是否想写 desk？"
    with messages.using("en"), pytest.warns(HallplanWarning, match="did you mean desk"):
        warnings.warn(warning, stacklevel=1)
