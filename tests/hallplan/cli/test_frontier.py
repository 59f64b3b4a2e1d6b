"""``hallplan frontier`` on the command line."""

import re
from pathlib import Path

import pandas as pd
import pytest
from cases import for_each
from documents import conforms

from hallplan.cli.commands.frontier import ranges_of
from hallplan.cli.faults import FAULT, USAGE
from planner.frontier.plans import PoolRange

ROOT = Path(__file__).resolve().parents[3]
WORDS = ("frontier", "township-desk", "--days", "10", "--y", "wait_q90_min")


def test_ranges_are_read():
    assert ranges_of(["window-aic=1..3", " agent = 2 .. 2 "]) == [
        PoolRange("window-aic", 1, 3),
        PoolRange("agent", 2, 2),
    ]


@for_each(
    "words, code, sentence",
    [
        (("--staff", "agent=3..1"), USAGE, "agent=3..1"),
        (("--staff", "agent=0..1"), USAGE, "agent=0..1"),
        (("--staff", "agent=2"), USAGE, "--staff"),
        (("--staff", "agents=1..2"), FAULT, "agent"),
        ((), FAULT, "one plan only"),
        (("--lever", "nothing"), FAULT, "nothing"),
        (("--staff", "agent=1..2", "--x", "nothing"), USAGE, "nothing"),
        (("--staff", "agent=1..2", "--x", "wait_q90_min"), FAULT, "two that differ"),
        (("--staff", "agent=1..2", "--delta", "-1"), USAGE, "-1"),
        (("--staff", "agent=1..2", "--budget", "3"), USAGE, "--budget"),
    ],
)
def test_a_question_that_makes_no_sense_is_one_sentence(ask, words, code, sentence):
    answer = ask(*WORDS, *words)
    assert (answer.code, answer.out) == (code, "")
    assert sentence in answer.err
    assert len(answer.err.strip().splitlines()) == 1


@pytest.fixture(scope="module")
def page_hall(tmp_path_factory):
    """Return the folder with the hall of docs/how-to/frontier.md."""
    folder = tmp_path_factory.mktemp("hall")
    page = (ROOT / "docs" / "how-to" / "frontier.md").read_text(encoding="utf-8")
    for name, text in re.findall(r"```toml (?:lever )?(\S+)\n(.*?)```", page, re.DOTALL):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_document_has_its_documented_form_and_figures(ask, page_hall, monkeypatch):
    """Filed on Monday 10:10, reviewed until 17:10 or Tuesday 16:00, signed two days later: see the page."""
    monkeypatch.chdir(page_hall)
    words = ("frontier", "hall.toml", "--lever", "delegate.toml", "--staff", "section=1..3")
    document = conforms(ask(*words, "--json").document)
    by_plan = {(tuple(plan["levers"]), plan["servers"]["section"]): plan for plan in document["plans"]}
    front = {plan for plan, figures in by_plan.items() if figures["standing"] == "front"}
    assert front == {(("delegate.toml",), 1), (("delegate.toml",), 2)}
    # Of Monday 350 of 420 minutes are left, then two days; or three days and 290 of the fourth's 420 minutes.
    shown = {plan: (by_plan[plan]["x"]["mean"], by_plan[plan]["y"]["mean"]) for plan in front}
    assert shown[("delegate.toml",), 1] == pytest.approx((630, 3 + 290 / 420))
    assert shown[("delegate.toml",), 2] == pytest.approx((840, 2 + 350 / 420))
    assert (document["combinations"], document["ended"]) == (6, "settled")


def test_tables_and_the_chart_are_files(ask, tmp_path):
    out = tmp_path / "out"
    answer = ask(*WORDS, "--staff", "window-township=1..3", "--out", str(out), "--format", "csv", "--lang", "zh")
    assert "确定" in answer.out
    assert pd.read_csv(out / "plans.csv")["standing"].tolist() == ["front"] * 3
    assert len(pd.read_csv(out / "replications.csv")) >= 24
    assert "<h2>日均人员成本与" in (out / "frontier.html").read_text(encoding="utf-8")


def test_a_seed_is_stated_and_changes_the_figures(ask):
    words = (*WORDS, "--staff", "window-township=1..2", "--json")
    first, second = (ask(*words, "--seed", seed).document for seed in ("1", "2"))
    assert (first["seed"], second["seed"]) == (1, 2)
    assert first["plans"][0]["y"] != second["plans"][0]["y"]
