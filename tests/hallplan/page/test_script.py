"""What the page promises in both languages: it draws without a fault, takes every choice back, and loses nothing.

Streamlit's own test harness runs the script with real background processes, on the smallest scenario there is.
"""

import re
import time
from pathlib import Path

import pytest
from cases import for_each
from page_samples import HOSTILE, PARTS, checked, on_page, open_page, two_plans

import hallplan
from foundation import messages
from hallplan.page.link import from_query
from hallplan.page.plans import UPLOADS
from hallplan.page.runs import background, comparison_of, prepare, progress_of, registry, stage
from hallplan.page.session import Session
from hallplan.page.state import History

APP = Path(__file__).parents[3] / "app.py"
PATIENCE_S = 90


def with_results(page):
    end = time.monotonic() + PATIENCE_S
    while not page.metric:
        assert time.monotonic() < end, [error.value for error in page.error]
        time.sleep(0.3)
        checked(page.run())
    return page


def session(page) -> Session:
    return page.session_state["hallplan"]


def texts(page):
    """Everything that the page says."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error")
    found = [element.value for kind in kinds for element in getattr(page, kind)]
    for kind in ("button", "toggle", "selectbox", "number_input", "text_input", "metric", "tabs", "expander"):
        found += [element.label for element in getattr(page, kind)]
    found += [element.help for element in page.toggle]
    return [text for text in found if text]


# ---- drawing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_part_is_drawn_without_a_fault(language):
    page = with_results(open_page(lang=language))
    for name, part in PARTS:
        on_page(page, name, part)
        assert len(page.main) > 3
        assert page.title[0].value == messages.text(f"page.pages.{name}", language)


@pytest.mark.slow
@for_each(("name", "part"), PARTS)
def test_the_chinese_page_says_nothing_in_english(name, part):
    page = on_page(with_results(open_page(lang="zh")), name, part)
    names = {
        "textbook",
        "textbookmm",
        "TOML",
        "CSV",
        "Parquet",
        "Excel",
        "WPS",
        "General",
        "Hallplan",
        "material",
        "MSER",
    }
    for text in texts(page):
        if "来源：" in text:  # a lever's source is quoted in the language of its file
            continue
        words = re.findall(r"[A-Za-z]{3,}", re.sub(r"\\.", "", text))
        assert set(words) <= names, text


@pytest.mark.slow
def test_a_hostile_scenario_is_drawn_as_text():
    upload = UPLOADS.add(HOSTILE.read_bytes(), title="<b>mine</b>.toml")
    page = with_results(open_page(b=upload.name, lang="zh"))
    for name, part in PARTS:
        on_page(page, name, part)
        for element in [*page.markdown, *page.caption, *page.warning, *page.info]:
            assert not element.allow_html if hasattr(element, "allow_html") else True
            shown = re.sub(r"\\.", "", element.value)
            assert not re.search(r"<(b|i|u|img|script|a)\b|\]\(|\$[xyd]", shown), element.value


@pytest.fixture(scope="module")
def with_equal_plans():
    return with_results(open_page())


def test_the_cards_show_both_plans_and_what_the_intervals_cover(with_equal_plans):
    page = with_equal_plans
    labels = [metric.label for metric in page.metric]
    assert "Visits a day" in labels
    assert "Staff cost a day, yuan" in labels
    assert all("→" in metric.value for metric in page.metric)
    assert any("not what is uncertain about the inputs" in caption.value for caption in page.caption)


def test_a_card_says_in_words_what_its_difference_is_worth(with_equal_plans):
    assert {metric.proto.delta_description for metric in with_equal_plans.metric} == {"no clear difference"}


def test_the_chart_of_waits_says_what_it_leaves_out(with_equal_plans):
    (caption,) = [element.value for element in with_equal_plans.caption if "by the half-hour" in element.value]
    assert "fewer than one visitor a day, are gaps in the line" in caption
    assert "not what is uncertain about the inputs" in caption


@pytest.mark.slow
def test_nothing_is_simulated_in_the_script(monkeypatch):
    import sim.run.simulating

    def refuse(*arguments, **options):
        raise AssertionError("the script has simulated")

    monkeypatch.setattr(sim.run.simulating, "draw", refuse)
    with_results(open_page(seed="77"))


def test_the_page_looks_the_same_wherever_it_is_started_from():
    copies = [APP.parent / ".streamlit" / "config.toml", APP.parent / "hallplan" / ".streamlit" / "config.toml"]
    assert copies[0].read_bytes() == copies[1].read_bytes()


def test_a_calendar_that_nobody_has_announced_is_told_before_there_are_results():
    later = HOSTILE.read_bytes().replace(b"start = 2014-03-03", b"start = 2098-03-03", 1)
    assert not any("official notice" in note.value for note in open_page("hall", seed="36").caption)
    upload = UPLOADS.add(later, title="later.toml")
    page = open_page("hall", b=upload.name, seed="36")
    assert any("No official notice" in note.value for note in page.caption)
    session(page).cancel()


# ---- choices -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_choice_is_in_the_address_and_can_be_taken_back_and_made_again():
    page = open_page("build")
    checked(page.text_input(key="demand").set_value("120").run())
    assert session(page).settings.plan.demand == 1.2
    assert page.query_params["b-demand"] == "1.2"
    checked(page.button(key="undo").click().run())
    assert session(page).settings.plan.demand == 1.0
    assert "b-demand" not in page.query_params
    assert page.text_input(key="demand").value == "100"
    checked(page.button(key="redo").click().run())
    assert page.text_input(key="demand").value == "120"
    checked(page.button(key="reset").click().run())
    assert session(page).settings.plan.changes == 0


@pytest.mark.slow
def test_a_lever_can_be_switched_and_tuned():
    page = open_page("build", a="honghuagang-2013", b="honghuagang-2014")
    assert page.toggle(key="lever-green-channel").value
    checked(page.toggle(key="lever-green-channel").set_value(False).run())
    assert page.query_params["b-off"] == "green-channel"
    checked(page.toggle(key="lever-pooled-windows").set_value(True).run())
    checked(page.text_input(key="lever-pooled-windows-work_factor").set_value("1.3").run())
    assert page.query_params["b-on"] == 'pooled-windows{"work_factor":1.3}'
    assert "without “Green channel for major projects”" in " ".join(element.value for element in page.markdown)
    checked(page.button(key="reset").click().run())
    assert page.toggle(key="lever-green-channel").value
    session(page).cancel()


def refusals(page, key, text):
    """Type something into a field; return what the field holds then, and what the page says of it."""
    checked(page.text_input(key=key).set_value(text).run())
    return page.text_input(key=key).value, [error.value for error in page.error]


def test_a_seed_that_is_no_whole_number_is_refused_with_the_reason_and_the_seed_stays():
    page = open_page("evidence", "method", seed="38")
    for text in ("2.7", "-3", "９", "9007199254740992", "9" * 5_000, ""):
        value, errors = refusals(page, "seed", text)
        assert value == "38"
        (error,) = errors
        assert "is no whole number from 0 to 9007199254740991: 38 stays" in error
        assert session(page).settings.seed == 38
    assert refusals(page, "seed", " 39 ") == ("39", [])
    assert session(page).settings.seed == 39
    session(page).cancel()


def test_a_refusal_is_said_in_chinese_as_plain_text_and_goes_with_undo():
    page = open_page("evidence", "method", seed="41", lang="zh")
    refusals(page, "seed", "42")
    assert "“\\*2\\.7\\*”不是 0 至 9007199254740991 之间的整数，仍按 42 计算。" in refusals(page, "seed", "*2.7*")[1]
    checked(page.button(key="undo").click().run())
    assert not page.error
    session(page).cancel()


@pytest.mark.slow
def test_a_lever_s_number_that_is_no_whole_one_is_refused_with_the_reason():
    page = open_page("build", a="honghuagang-2014", b="honghuagang-2014", reps="2")
    checked(page.toggle(key="lever-lunch-cover").set_value(True).run())
    key = "lever-lunch-cover-servers"
    value, errors = refusals(page, key, "2.7")
    assert (value, len(errors)) == ("1", 1)
    assert "“2\\.7” is no whole number" in errors[0]
    assert refusals(page, key, "2") == ("2", [])
    assert page.query_params["b-on"] == 'lunch-cover{"servers":2}'
    session(page).cancel()


@pytest.mark.slow
def test_choices_that_do_not_go_together_are_one_sentence_and_undo_helps():
    page = on_page(with_results(open_page()), "build")
    checked(page.toggle(key="lever-merge-sections").set_value(True).run())
    (error,) = page.error
    assert "do not go together" in error.value
    assert on_page(page, "compare").metric
    checked(page.button(key="undo").click().run())
    assert not page.error


@pytest.mark.slow
def test_a_selected_scenario_is_the_plan():
    page = open_page("build")
    for place in (0, 1):
        checked(page.radio(key="looked-at").set_value(place).run())
        checked(page.selectbox(key="base").set_value("township-desk").run())
    assert [plan.base for plan in session(page).settings.plans] == ["township-desk", "township-desk"]


@pytest.mark.slow
def test_results_before_the_last_change_say_so_until_the_new_ones_are_there():
    page = with_results(open_page(seed="51"))
    before = [metric.value for metric in page.metric]
    on_page(page, "build")
    checked(page.text_input(key="demand").set_value("90").run())
    assert any("before your last changes" in info.value for info in page.info)
    on_page(page, "compare")
    until(page, lambda: not page.info and session(page).shown == session(page).job)
    assert [metric.value for metric in page.metric] != before
    checked(page.button(key="undo").click().run())
    assert [metric.value for metric in page.metric] == before, "what is known is shown at once"


@pytest.mark.slow
def test_the_language_is_switched_and_everything_else_stays():
    page = with_results(open_page(seed="5"))
    page.session_state["hallplan"].language = "zh"
    checked(page.run())
    assert page.title[0].value == "方案比选"
    assert page.query_params["lang"] == "zh"
    assert page.query_params["seed"] == "5"
    assert page.metric


# ---- links ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_link_finds_its_job_again():
    first = with_results(open_page(seed="6"))
    checked(first.run())
    job = first.query_params["job"]
    again = open_page(seed="6", job=job if isinstance(job, str) else job[0])
    assert again.metric, "a reconnect shows the results at once"
    assert session(again).job == session(first).job


@pytest.mark.slow
def test_a_link_whose_job_is_forgotten_is_simulated_again():
    page = open_page(seed="7", job="0123456789abcdef")
    assert session(page).job == stage(prepare(session(page).settings), 2).name
    with_results(page)


@pytest.mark.slow
def test_a_link_that_cannot_be_read_is_told_once_and_the_page_works():
    page = open_page(b="no-such-scenario", b_staff="window-aic")
    complaints = [warning.value for warning in page.warning if "The link" in warning.value]
    assert len(complaints) == 2
    assert not [warning for warning in checked(page.run()).warning if "The link" in warning.value]
    session(page).cancel()


def test_the_address_says_what_the_settings_are():
    page = open_page(seed="8")
    query = {key: [page.query_params[key]] for key in page.query_params}
    query = {key: value if isinstance(value[0], str) else value[0] for key, value in query.items()}
    address = from_query(query, scenarios=["textbook-mm3"], levers=[])
    assert address.settings == session(page).settings


# ---- jobs ----------------------------------------------------------------------------------------------------------


def test_a_job_is_cancelled_and_the_plans_stay():
    page = open_page(reps="200", seed="9")
    assert background().view(session(page).job).is_active
    checked(page.button(key="cancel").click().run())
    assert session(page).job == ""
    assert any("was cancelled" in warning.value for warning in page.warning)
    assert session(page).settings.replications == 200
    assert page.button(key="run").label in ("Simulate", "Refine")


def until(page, is_there):
    """Look at the page again and again until something is there."""
    end = time.monotonic() + PATIENCE_S
    while not is_there():
        assert time.monotonic() < end, texts(page)[-20:]
        time.sleep(0.3)
        checked(page.run())
    return page


def begin_choice(page):
    """Have the plans ranked though more people come to plan B: first the page refuses, and says why."""
    assert not [button for button in page.button if button.key == "choice"]
    assert any("arrivals a day" in warning.value or "每日到达" in warning.value for warning in page.warning)
    checked(page.checkbox(key="choice-rank-anyway").check().run())
    checked(page.button(key="choice").click().run())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "said"),
    [
        pytest.param("en", "With 95% confidence no other of the 2", marks=pytest.mark.slow),
        ("zh", "有 95% 的把握，2 个"),
    ],
)
def test_the_best_plan_is_chosen_stage_by_stage(language, said):
    seed = {"en": "31", "zh": "37"}[language]  # what another test has had done would be there at once
    page = on_page(with_results(open_page(lang=language, seed=seed, b_demand="1.1")), "compare", "choice")
    assert not page.success
    begin_choice(page)
    until(page, lambda: page.success)
    assert said in page.success[0].value
    ranked = page.dataframe[0].value
    assert ranked.iloc[:, 0].tolist() == ["1", "2"]
    assert ranked.iloc[0, 1] == ("Plan A" if language == "en" else "方案 A")
    assert not [button for button in page.button if button.key == "choice"]


@pytest.mark.slow
def test_a_choice_within_a_budget_promises_nothing():
    page = on_page(with_results(open_page(seed="32", b_demand="1.1")), "compare", "choice")
    page.session_state["choice-how"] = "budget"
    checked(page.run())
    value, errors = refusals(page, "choice-budget-2", "60.5")
    assert (value, len(errors)) == ("80", 1)
    assert "from 40 to 600: 80 stays" in errors[0]
    assert refusals(page, "choice-budget-2", "60") == ("60", [])
    begin_choice(page)
    until(page, lambda: any("There is no guarantee" in warning.value for warning in page.warning))
    assert page.dataframe[0].value["Replications"].astype(int).sum() == 60


@pytest.mark.slow
def test_a_choice_is_given_up_and_can_be_begun_again():
    page = with_results(open_page(a="township-desk", b="township-desk", seed="33", b_demand="1.1"))
    on_page(page, "compare", "choice")
    begin_choice(page)
    checked(page.button(key="cancel-choice").click().run())
    until(page, lambda: any(button.key == "choice" for button in page.button))
    assert not page.success
    checked(page.run())
    assert [button for button in page.button if button.key == "choice"], "nothing is begun again by itself"


@pytest.mark.slow
def test_two_plans_that_are_the_same_are_no_choice():
    page = on_page(with_results(open_page()), "compare", "choice")
    assert any("The plans are the same" in caption.value for caption in page.caption)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "settled", "ratio"), [("en", "open cases has settled", "Variance ratio"), ("zh", "趋于平稳", "方差比")]
)
def test_the_beginning_and_the_variance_ratios_are_shown_when_asked_for(language, settled, ratio):
    seed = {"en": "34", "zh": "38"}[language]
    page = with_results(open_page(a="township-desk", b="township-desk", lang=language, seed=seed, reps="8"))
    on_page(page, "evidence", "method")
    assert not page.dataframe
    checked(page.button(key="warm-up").click().run())
    until(page, lambda: any(settled in text.value and "run" in text.value for text in page.markdown))
    checked(page.button(key="controls").click().run())
    until(page, lambda: page.dataframe)
    assert ratio in page.dataframe[0].value.columns


def test_a_hall_without_cases_has_no_beginning_to_look_at():
    page = on_page(with_results(open_page()), "evidence", "method")
    assert any("nothing to settle" in caption.value for caption in page.caption)


@pytest.mark.slow
def test_a_hall_that_never_settles_is_warned_of_on_the_page():
    page = open_page(a="township-desk", b="township-desk", b_demand="4", seed="35")
    page = on_page(with_results(page), "evidence", "method")
    checked(page.button(key="warm-up").click().run())
    until(page, lambda: any("no number of days" in warning.value for warning in page.warning))


# ---- as many replications as it takes ------------------------------------------------------------------------------


def refined(page):
    """Look at the page until all is there that was asked for; return how many replications it has shown."""
    seen, end, study = [], time.monotonic() + PATIENCE_S, prepare(session(page).settings)
    while not seen or progress_of(study).next_stage is not None or session(page).shown != progress_of(study).done.name:
        assert time.monotonic() < end, [error.value for error in page.error]
        checked(page.run())
        if page.metric:
            seen.append(comparison_of(registry().get(session(page).shown)).replications)
        else:
            time.sleep(0.1)
    return list(dict.fromkeys(seen))


def open_to(precision, **query):
    return open_page(**({"b_demand": "0.9", "precision": precision} | query))


@pytest.mark.slow
def test_a_first_look_is_refined_until_the_precision_is_reached():
    page = open_to("40", seed="31")
    with_results(page)
    first = " ".join(element.value for element in page.markdown)
    assert "of 200 at the most; ±40% is asked for" in first or "is reached" in first
    refined(page)
    told = " ".join(element.value for element in page.markdown)
    assert "the precision of ±40% is reached" in told
    assert "run" not in {button.key for button in page.button}, "there is nothing to go on with"
    assert on_page(page, "evidence", "method").segmented_control(key="precision").value == 0.4


@pytest.mark.slow
def test_the_page_stops_where_the_command_line_does_and_shows_the_same_numbers():
    page = open_to("30", seed="32")
    refined(page)
    shown = comparison_of(registry().get(session(page).shown))
    plans = [hallplan.load("textbook-mm3", overrides={"demand": demand}) for demand in (1.0, 0.9)]
    stated = hallplan.compare(*plans, precision="30%", seed=32)
    assert shown.replications == stated.reached.replications
    assert shown.reached.sufficed_at == stated.reached.sufficed_at
    assert shown.difference("ticket_wait_mean_min").change == stated.difference("ticket_wait_mean_min").change


@pytest.mark.slow
def test_refining_can_be_stopped_and_gone_on_with():
    page = with_results(open_to("0.5", seed="33"))
    checked(page.button(key="cancel").click().run())
    assert any("Stopped here" in warning.value for warning in page.warning)
    assert page.metric
    checked(page.run())
    assert session(page).job == ""
    stopped_at = comparison_of(registry().get(session(page).shown)).replications
    go_on = page.button(key="run")
    assert (go_on.label, go_on.disabled) == ("Refine", False)
    checked(go_on.click().run())
    end = time.monotonic() + PATIENCE_S
    while comparison_of(registry().get(session(page).shown)).replications <= stopped_at:
        assert time.monotonic() < end
        time.sleep(0.1)
        checked(page.run())
    session(page).cancel()


@pytest.mark.slow
def test_a_stated_number_of_replications_is_that_number():
    page = with_results(open_page(reps="7", seed="34"))
    assert refined(page)[-1] == 7
    assert "**7 replications** of each plan, as you chose." in " ".join(element.value for element in page.markdown)


@pytest.mark.slow
def test_what_cannot_keep_up_is_named_before_there_are_results():
    upload = UPLOADS.add(HOSTILE.read_bytes().replace(b"format = 1", b"format = 1\ndemand = 3.0", 1), title="busy.toml")
    page = open_page("hall", b=upload.name, seed="35")
    assert not page.metric
    assert any("Plan B: too few officers" in text.value.replace("\\", "") for text in page.markdown)
    with_results(page)
    assert any("work piles up" in caption.value for caption in page.caption)


def test_a_full_queue_is_told_and_nothing_is_lost(monkeypatch):
    monkeypatch.setattr(background(), "_most_active", 0)
    page = open_page(seed="10")
    assert any("queue is full" in warning.value for warning in page.warning)
    assert session(page).settings.seed == 10
    monkeypatch.undo()
    checked(page.button(key="run").click().run())
    with_results(page)


@pytest.mark.slow
def test_a_run_that_fails_is_told_in_one_sentence(monkeypatch):
    import os

    from hallplan.page.jobs import Unit

    run = stage(prepare(two_plans("textbook-mm3", "textbook-mm3", replications=2, seed=11)), 2)
    deadly = [Unit(f"deadly-{k}", os._exit, (3,)) for k in range(6)]
    background().submit(run.name, deadly, owner="test")
    registry().add(run)
    end = time.monotonic() + PATIENCE_S
    while background().view(run.name).is_active:
        assert time.monotonic() < end
        time.sleep(0.1)
    page = open_page(seed="11", job=run.name)
    (error,) = page.error
    assert "did not finish" in error.value
    checked(page.button(key="run").click().run())
    with_results(page)


def test_results_that_are_no_longer_kept_are_not_shown():
    lost = Session(History(two_plans("textbook-mm3", "textbook-mm3", seed=12)), "en", shown="0123456789abcdef")
    assert lost.results() is None


# ---- the report ----------------------------------------------------------------------------------------------------


@for_each("language", ["en", "zh"])
def test_a_report_is_made_in_the_background_and_has_its_files_to_download(language):
    page = on_page(with_results(open_page(lang=language, seed="41", b_demand="1.1")), "report")
    checked(page.button(key="report").click().run())
    end = time.monotonic() + PATIENCE_S
    while (
        not page.get("download_button") or len([b for b in page.get("download_button") if "report-" in b.proto.id]) < 4
    ):
        assert time.monotonic() < end, [error.value for error in page.error]
        time.sleep(0.3)
        checked(page.run())
    assert not [button for button in page.button if button.key == "report"]
