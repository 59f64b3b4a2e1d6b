"""Which checks run, on how much, in which order; their table, and the page that reports them."""

import pytest

from foundation import messages
from foundation.errors import HallplanError
from verification import page, suite
from verification.check import Check, ExactCheck, Finding, Identity, Simulated, judge_exact
from verification.checks import CHAPTERS, CHECKS
from verification.page import deviation_text, make_page, render_page, root_mean_square
from verification.runs import scenario_of
from verification.suite import by_scenario, checks_named, run_checks, sample_of, table, title_of, verify


def named(*names):
    return [check.name for check in checks_named(names)]


def test_checks_are_named_by_themselves_or_by_their_scenario_in_the_order_of_the_report():
    assert named("little", "mm1-wait") == ["mm1-wait", "little"]
    assert named("threes", "thinning") == ["thinning-rare", "thinning-daily", "threes-wait"]
    assert checks_named() == list(CHECKS)


def test_a_check_that_does_not_exist_is_refused_with_one_that_does():
    with pytest.raises(HallplanError) as failure:
        run_checks(["mm3", "lindly-wait"])
    assert failure.value.key == "verification.unknown"
    assert failure.value.values["name"] == "lindly-wait"
    assert "lindley-wait" in failure.value.sentence("en")


def test_checks_are_grouped_by_scenario_all_of_them_unless_some_are_stated():
    mm3 = [check for check in CHECKS if check.scenario == "mm3"]
    assert by_scenario(mm3[:2]) == {"mm3": mm3[:2]}
    assert by_scenario()["mm3"] == mm3
    assert sum(map(len, by_scenario().values())) == len(CHECKS)


def test_a_reduced_sample_has_an_eighth_of_the_days_and_twelve_replications():
    full, reduced = (sample_of("mm3", sample).run for sample in ("full", "reduced"))
    assert (full.days, full.replications) == (95, 32)
    assert (reduced.days, reduced.replications) == (11, 12)
    assert sample_of("mm3", "reduced", {"run.days": 3, "demand": 1.02}).run.days == 3
    assert sample_of("mm3", "reduced", {"demand": 1.02}).demand == 1.02
    assert sample_of("mm3", "reduced", {"run.replications": 5}).run.replications == 5
    assert sample_of("threes", "reduced") == scenario_of("threes"), "one replication stays as it is"
    few = {"run.days": 7, "run.replications": 2}
    assert sample_of("mm3", "full", few).run.days == 7


@pytest.fixture
def simulated(monkeypatch):
    """Note what is to be simulated; every finding is a value of its own."""
    calls = []

    def findings(scenario, checks, *, engine, sample, seed, faulty):
        calls.append((scenario, [check.name for check in checks], sample, seed, faulty))
        return [
            Finding(check, 1.0, float(len(check.name)), 0.5, -1.25, 3.0, not faulty, Simulated(9, 2, 1_234, 7))
            for check in checks
        ]

    monkeypatch.setattr(suite, "findings", findings)
    return calls


NAMES = ("mm1-wait", "mm3-wait", "mm1-number", "little")


def test_checks_run_scenario_by_scenario_and_return_in_the_order_of_the_report(simulated):
    progress = []
    results = run_checks(NAMES, seed=5, progress=lambda done, number: progress.append((done, number)))
    assert [result.check.name for result in results] == ["mm1-wait", "mm1-number", "mm3-wait", "little"]
    assert simulated == [
        ("mm1", ["mm1-wait", "mm1-number"], "full", 5, False),
        ("mm3", ["mm3-wait", "little"], "full", 5, False),
    ]
    assert progress == [(1, 2), (2, 2)]


def test_the_slow_engine_has_a_reduced_sample_unless_another_is_stated(simulated):
    run_checks(["little"], engine="simpy", faulty=True)
    run_checks(["little"], engine="simpy", sample="full")
    run_checks(["little"], sample="reduced")
    assert [call[2:] for call in simulated] == [
        ("reduced", None, True),
        ("full", None, False),
        ("reduced", None, False),
    ]


def test_a_table_has_a_row_a_check_with_all_that_was_found(simulated, snapshot):
    progress = []
    with messages.using("en"):
        frame = verify(
            ["mm1-wait", "little"], engine="simpy", sample="full", seed=3, progress=lambda *n: progress.append(n)
        )
    assert (frame.index.name, simulated[0][2:4], progress) == ("check", ("full", 3), [(1, 2), (2, 2)])
    assert frame.reset_index().to_dict("records") == snapshot


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_check_is_titled_by_its_scenario_and_its_statistic(language, snapshot):
    titles = [title_of(check, language) for check in CHECKS]
    assert titles[:3] == snapshot
    with messages.using(language):
        assert title_of(CHECKS[0]) == titles[0]
        assert (
            table([Finding(CHECKS[0], 1.0, 1.0, 0.5, 0.0, 3.0, True, Simulated(1, 1, 1, 1))])["title"].tolist()
            == titles[:1]
        )


def results(*, passed=True, scale=1.0, error=0.25):
    """Return made-up findings of all checks; laws without chance have no standard error."""
    return [
        Finding(
            check,
            theory=12.3456789,
            simulated=scale * (place + 0.123456),
            standard_error=error if isinstance(check, Check) else 0.0,
            deviation=scale * 0.75,
            allowed=3.0,
            passed=passed,
            sample=Simulated(16, 30, 123_456, 100 + place),
        )
        for place, check in enumerate(CHECKS)
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_has_an_introduction_and_a_table_for_every_chapter(language, snapshot):
    text = render_page(results(), results(passed=False, scale=-40), results(scale=2), language=language)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    intro, *chapters = text.split("\n\n## ")
    assert intro == snapshot(name="introduction")
    heads = [chapter.partition("\n")[0] for chapter in chapters[: len(CHAPTERS)]]
    assert heads == snapshot(name="chapters")
    assert [len(chapter.splitlines()) for chapter in chapters[: len(CHAPTERS) - 1]] == [
        4 + len(checks) for checks in list(CHAPTERS.values())[:-1]
    ]
    assert chapters[5] == snapshot(name="timetables")
    assert chapters[8].splitlines()[:7] == snapshot(name="laws without chance")


def test_the_page_counts_what_was_passed_and_seen():
    texts = []
    for passed in (True, False):
        first = results()
        first[0] = Finding(CHECKS[0], 1.0, 1.0, 0.5, 9.0, 3.0, passed, Simulated(1, 1, 1, 1))
        texts.append(render_page(first, results(passed=False), first))
    number = len(CHECKS)
    assert texts[0].count(f"**{number} of {number}**") == 3
    assert texts[1].count(f"**{number - 1} of {number}**") == 2
    assert texts[1].count(f"**{number} of {number}**") == 1


def test_all_three_rounds_of_the_page_report_their_progress(monkeypatch):
    rounds, progress = [], []

    def run(*, faulty=False, engine="compiled", progress):
        rounds.append((faulty, engine))
        if progress is not None:
            progress(1, 69)
            progress(69, 69)
        return results(passed=not faulty)

    monkeypatch.setattr(page, "run_checks", run)
    number = len(by_scenario())
    assert number == 69
    text = make_page(language="zh", progress=lambda done, total: progress.append((done, total)))
    assert rounds == [(False, "compiled"), (True, "compiled"), (False, "simpy")]
    assert progress == [(done, 207) for done in (1, 69, 70, 138, 139, 207)]
    assert text == render_page(results(), results(passed=False), results(), language="zh")
    assert make_page() == render_page(results(), results(passed=False), results(), language="en")


def finding(check, deviation, *, passed=True, error=1.0):
    return Finding(check, 1.0, 1.0, error, deviation, 3.0, passed, Simulated(1, 1, 1, 1))


def test_the_root_mean_square_is_over_the_first_statistical_check_of_every_scenario():
    mm1 = by_scenario()["mm1"]
    mm3 = by_scenario()["mm3"]
    exact = next(check for check in CHECKS if isinstance(check, ExactCheck))
    bound = next(check for check in CHECKS if isinstance(check, Check) and check.at_most)
    judged = [finding(exact, 50.0), finding(bound, 60.0), finding(mm1[0], 3.0), finding(mm1[1], 70.0)]
    assert root_mean_square(judged) == 3.0
    assert root_mean_square([*judged, finding(mm3[0], -1.0)]) == pytest.approx(5**0.5)


def test_a_deviation_is_in_standard_errors_or_a_word():
    with messages.using("en"):
        texts = [
            deviation_text(finding(CHECKS[0], 1.26)),
            deviation_text(finding(CHECKS[0], -0.04)),
            deviation_text(finding(CHECKS[0], 0.0, error=0.0)),
            deviation_text(finding(CHECKS[0], float("inf"), error=0.0, passed=False)),
        ]
    assert texts == ["+1.3", "-0.0", "exactly", "DIFFERS"]


def test_a_law_without_chance_has_no_deviation_or_an_endless_one():
    exact = next(check for check in CHECKS if isinstance(check, ExactCheck))
    sample = Simulated(1, 2, 3, 4)
    for holds, deviation in ((True, 0.0), (False, float("inf"))):
        judged = judge_exact(exact, Identity(2.0, 3.0, holds), sample)
        assert judged == Finding(exact, 2.0, 3.0, 0.0, deviation, 0.0, holds, sample)
