"""The loop over cases misses none: it names every case that fails, and a loop without a case fails."""

import pytest
from cases import for_each


def test_all_failing_cases_are_named_and_all_cases_are_run():
    seen = []

    @for_each("number, limit", [(1, 2), (3, 2), (2, 2), (5, 4)], ids=["low", "above", "equal", "far"])
    def claim(number, limit):
        seen.append(number)
        assert number <= limit, f"{number} is too many"

    with pytest.raises(
        AssertionError, match=r"2 of 4 cases failed\nabove: .*3 is too many\n(.*\n)*far: .*5 is too many"
    ):
        claim()
    assert seen == [1, 3, 2, 5]


def test_an_exception_that_was_expected_and_did_not_come_fails_the_case():
    @for_each("text", ["1", "one"])
    def claim(text):
        with pytest.raises(ValueError, match="invalid"):
            int(text)

    with pytest.raises(AssertionError, match="1 of 2 cases failed"):
        claim()


def test_a_loop_without_a_case_fails():
    @for_each("text", [])
    def claim(text):
        assert text

    with pytest.raises(AssertionError, match="claim has no case"):
        claim()


@for_each("word", ["first", "second"])
def test_every_case_has_a_folder_patches_and_output_of_its_own(word, tmp_path, monkeypatch, capsys):
    assert not list(tmp_path.iterdir())
    assert not hasattr(pytest, "planted_by_a_case")
    (tmp_path / word).touch()
    monkeypatch.setattr(pytest, "planted_by_a_case", word, raising=False)
    print(word)
    assert capsys.readouterr().out == f"{word}\n"
    print("left over")


def test_loops_within_loops_run_every_combination():
    seen = []

    @for_each("letter", "ab")
    @for_each("digit", "12")
    def claim(letter, digit):
        seen.append(letter + digit)

    claim()
    assert seen == ["a1", "a2", "b1", "b2"]


def test_a_case_may_bring_its_own_label():
    @for_each(("low", "high"), [pytest.param(1, 2, id="fits"), pytest.param(2, 1, id="upside down"), (0, 3)])
    def claim(low, high):
        assert low < high

    with pytest.raises(AssertionError, match="1 of 3 cases failed\nupside down: "):
        claim()
