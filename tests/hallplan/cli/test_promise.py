"""``hallplan promise`` on the command line and in Python."""

import pandas as pd
import pytest
from documents import conforms

import hallplan
from hallplan.cli.faults import FAULT, USAGE

WORDS = ("promise", "township-desk", "--reps", "3")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((*WORDS, "--share", "0"), USAGE, "--share"),
        ((*WORDS, "--probability", "110%"), USAGE, "--probability"),
        ((*WORDS, "--cut", "100%"), USAGE, "--cut"),
        ((*WORDS, "--item", "nothing"), FAULT, "nothing"),
        ((*WORDS, "--chance-only", "--posterior-from", "there"), USAGE, "--chance-only"),
        (("promise", "textbook-mm3"), FAULT, "legal_limit"),
        ((*WORDS, "--set", "demand=0"), FAULT, "demand"),
    ],
    ids=["no share", "no probability", "no cut", "no item", "two sources", "no limits", "no cases"],
)
def test_a_question_that_makes_no_sense_is_refused(ask, words, code, said):
    answer = ask(*words)
    assert answer.code == code
    assert said in answer.err


def test_the_document_agrees_with_python_and_its_form(ask):
    document = conforms(ask(*WORDS, "--json").document)
    result = hallplan.promise("township-desk", replications=3)
    assert document["draws"] == result.draws == 256
    assert [promise["shortest"]["mean"] for promise in document["promises"]] == [
        judged.shortest.estimate for judged in result.judged
    ]
    assert document["weak"] == [judged.items[0].item for judged in result.weak]


def test_without_the_posterior_the_answer_says_that_it_is_of_chance_alone(ask):
    assert "of chance alone" in ask(*WORDS, "--chance-only").out
    assert "256 组参数（后验）" in ask(*WORDS, "--lang", "zh").out


def test_one_sentence_has_the_probability_the_demand_and_the_weakest_items(ask):
    out = ask(*WORDS, "--cut", "40%").out
    assert "a promise 40% below the statutory limits is kept for at least 95% of all cases with probability" in out
    assert "the weakest items are Family planning service certificate" in out
    assert "比法定时限短 52% 的承诺" in ask(*WORDS, "--lang", "zh").out
    assert "visits a day; the weakest items" in ask(*WORDS, "--headroom").out


def test_where_every_item_is_too_rare_the_answer_says_so(ask):
    out = ask(*WORDS, "--days", "10").out
    assert "Too rare to be judged, even together: 3 items, with fewer than 20 cases in 10 working days" in out
    assert "nan" not in out
    assert "–" not in out.splitlines()[-1].replace("(0–71%)", "")


def test_frames_are_written(ask, tmp_path):
    ask(*WORDS, "--out", str(tmp_path / "out"), "--format", "csv")
    items = pd.read_csv(tmp_path / "out" / "items.csv")
    assert set(items["item"]) == {"birth-certificate", "low-income-aid", "homestead"}


def test_headroom_is_printed_drawn_and_in_the_document(ask, tmp_path):
    words = (*WORDS, "--headroom", "--target", "80% within 20 min")
    answer = ask(*words, "--out", str(tmp_path / "out"), "--format", "csv")
    assert "80% called within 20 min" in answer.out
    assert "What is full first" in answer.out
    assert b"Visits a day" in (tmp_path / "out" / "promise.html").read_bytes()
    headroom = conforms(ask(*words, "--json").document)["headroom"]
    rows = pd.read_csv(tmp_path / "out" / "headroom.csv").set_index("target")
    assert headroom["target"] == {"share": 0.8, "within_min": 20}
    assert headroom["multiples"] == sorted(headroom["multiples"])
    assert rows.loc["wait", "median"] == pytest.approx(headroom["wait"]["median"]["mean"])
    assert headroom["officer"]["pool"] == "window-township"


@pytest.mark.parametrize("target", ["soon", "leave <= 2%"])
def test_a_target_that_is_none_for_waits_is_refused(ask, target):
    answer = ask(*WORDS, "--headroom", "--target", target)
    assert (answer.code, target in answer.err) == (USAGE, True)


def test_stopped_clocks_are_audited_where_there_are_any(ask):
    answer = ask("promise", "city-hall", "--reps", "2", "--days", "5").out
    assert "Stopped clocks: the applicant's days beside those that count" in answer
    assert "of the statutory days are won by stages that do not count" in answer
    assert "No stage stops the statutory clock" in ask(*WORDS).out
