"""A sweep shows how far it is on standard error: as a table on a terminal, and else in lines."""

import io
import sys

import pytest

import hallplan
from foundation import messages
from hallplan.cli import sweep_progress
from hallplan.cli.sweep_progress import SweepWatch

SWEEP = {
    "scenario": "textbook-mm3",
    "set": {"run.days": 1, "run.warm_up_days": 0},
    "grid": {"pools.windows.servers": [3, 4], "demand": [-1.0, 0.8, 1.0]},
    "replications": 3,
    "seed": 7,
}
"""Six parts of a point each; the points 0 and 3 have a demand below nothing."""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    after_each_part = []
    hallplan.sweep(SWEEP, tmp_path_factory.mktemp("progress") / "store", progress=after_each_part.append)
    return after_each_part


def shown(monkeypatch, stream, states, language="en"):
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(sweep_progress, "PATIENCE_S", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "150")
    with messages.using(language), SweepWatch() as watch:
        for state in states:
            watch.tell(state)
    return stream.getvalue()


def test_points_done_failed_and_left_and_bytes_are_counted_after_each_part(states):
    counts = [(state.done, state.failed, state.left) for state in states]
    assert counts == [(1, 1, 5), (2, 1, 4), (3, 1, 3), (4, 2, 2), (5, 2, 1), (6, 2, 0)]
    assert states[-1].size > states[0].size > 0


def test_a_resumed_sweep_counts_what_is_there(tmp_path, states):
    hallplan.sweep(SWEEP, tmp_path / "store")
    (tmp_path / "store" / "parts" / "000001.parquet").unlink()
    resumed = []
    hallplan.sweep(SWEEP, tmp_path / "store", resume=True, progress=resumed.append)
    assert [(state.done, state.failed, state.size) for state in resumed] == [(6, 2, states[-1].size)]


@pytest.mark.parametrize(
    ("language", "sentence", "failed"),
    [
        ("en", "1 of 6 points done (1 failed), 5 left", "failed"),
        ("zh", "已完成 1 个（其中失败 1 个），剩余 5 个", "失败"),
    ],
)
def test_a_terminal_gets_a_table_of_the_latest_points(monkeypatch, states, language, sentence, failed):
    text = shown(monkeypatch, Terminal(), states[:1], language)
    assert sentence in text
    assert "pools.windows.servers" in text
    assert text.rindex(failed) > text.index("demand"), "in the row of point 0"


def test_a_point_shows_the_headline_metric_with_its_interval(monkeypatch, states):
    interval = states[1].interval(1, "unserved_share")
    text = shown(monkeypatch, Terminal(), states[1:2])
    assert "Share of visits not served" in text
    assert f"{100 * interval.low:.1f}" in text
    assert f"{100 * interval.high:.1f}" in text


def test_a_pipe_gets_plain_lines_and_not_many(monkeypatch, states, capsys):
    assert shown(monkeypatch, io.StringIO(), states) == "", "less than half a minute"
    monkeypatch.setattr(sweep_progress, "LINE_EVERY_S", 0.0)
    lines = shown(monkeypatch, io.StringIO(), states).splitlines()
    assert len(lines) == 5, "none for the last part"
    assert lines[1].startswith("hallplan: 2 of 6 points done (1 failed), 4 left; 0.0 MB; about 1 s to go")
    assert capsys.readouterr().out == ""
