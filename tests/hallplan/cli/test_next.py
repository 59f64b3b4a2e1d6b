"""``hallplan next`` on the command line."""

import pandas as pd
import pytest
from cases import for_each
from documents import conforms

from hallplan.cli.faults import FAULT, USAGE

WORDS = ("next", "honghuagang-2013", "--days", "3", "--each", "1", "--reps", "8")
HALL = """
format = 1
name = "two"
run = { start = 2014-03-03, days = 5 }
calendar = { weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
sites.hall.travel = "15 min"
pools.window-a = { cost_per_hour = 30 }
pools.window-b = { cost_per_hour = 30 }
services.first.visits.apply.serve = { pool = "window-a", work = "10 min", mark = "finished" }
services.second.visits.apply.serve = { pool = "window-b", work = "10 min", mark = "finished" }
arrivals.first = { services = "first", per_day = 30 }
arrivals.second = { services = "second", per_day = 30 }
"""


@pytest.fixture
def hall(tmp_path):
    (tmp_path / "two.toml").write_text(HALL, encoding="utf-8")
    return str(tmp_path / "two.toml")


def test_two_windows_that_save_as_one_are_ranked_and_stated(ask, hall):
    document = conforms(ask("next", hall, "--seed", "5", "--json").document)
    move, lever = document["moves"]
    assert (move["key"], move["best_rank"], move["worst_rank"]) == ("pool:window-b+window-a", 1, 1)
    assert move["per_day"]["low"] > 0
    assert move["per_seat"]["mean"] == move["per_day"]["mean"]  # one officer changes the queue
    assert lever["expected"] is None
    assert (document["seed"], document["settled"], len(document["immovable"])) == (5, True, 232)
    out = ask("next", hall).out
    row = next(line for line in out.splitlines() if "One queue: " in line)
    assert row.count("±") + row.count("(") >= 3, "the gain a day, for each seat and for each trip have intervals"
    out = ask("next", hall, "--lang", "zh").out
    assert "合并排队：window-b、window-a" in out
    assert "该方案没有事项清单中的事项" in out


@pytest.mark.slow
def test_moves_are_ranked_in_words_and_files_with_what_cannot_move(ask, tmp_path):
    answer = ask(*WORDS, "--out", str(tmp_path / "out"), "--format", "csv")
    assert "Bring in: " in answer.out
    assert "Items that cannot move: 63." in answer.out
    assert "into the hall: 48, because they are decided in bureaux whose files are in no scenario" in answer.out
    moves = pd.read_csv(tmp_path / "out" / "moves.csv")
    assert moves["move"].tolist().count("merge") == 1
    for _, ranked in moves.groupby("gain"):
        assert ranked["per_seat"].is_monotonic_decreasing
    assert len(pd.read_csv(tmp_path / "out" / "immovable.csv")) == 63
    assert "Which move saves visitors most" in (tmp_path / "out" / "next.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_document_has_its_documented_form(ask):
    document = conforms(ask(*WORDS, "--json", "--seed", "5").document)
    assert document["seed"] == 5
    assert {row["move"] for row in document["moves"]} == {"in", "out", "pool", "merge"}
    assert len(document["immovable"]) == 63


@for_each(
    "words, code, sentence",
    [
        (("next", "textbook-mm3"), FAULT, "Nothing in textbook-mm3 can move"),
        (("next", "township-desk", "--each", "0"), USAGE, "--each"),
        (("next", "honghuagang-2013", "--budget", "20"), FAULT, "--each"),
        (("next", "nowhere"), FAULT, "nowhere"),
    ],
)
def test_a_question_that_makes_no_sense_is_one_sentence(ask, words, code, sentence):
    answer = ask(*words)
    assert (answer.code, answer.out) == (code, "")
    assert sentence in answer.err
    assert len(answer.err.strip().splitlines()) == 1


@pytest.mark.slow
def test_the_answer_is_in_chinese_too(ask):
    out = ask(*WORDS, "--lang", "zh").out
    assert "下沉镇街" in out
    assert "无法调整的事项：63 项" in out
