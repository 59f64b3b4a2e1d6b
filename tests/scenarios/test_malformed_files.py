"""A faulty file gets one sentence, in both languages: which file, which key, and what to do about it."""

from pathlib import Path

import pytest
from cases import for_each

from foundation.errors import ScenarioError
from scenarios.compose.composing import compose, compose_text
from scenarios.compose.reading import LARGEST_BYTES, LEVER_FOLDER, LIBRARY_FOLDER

FOLDER = Path(__file__).parent / "malformed"
PIECES = {"extends-circle-2"}
"""Files that are faulty only together with another one."""

# File, key that the sentence must name, message, remedy in English, remedy in Chinese.
CASES = [
    ("empty", "", "file_empty", "copy a built-in one", "复制一个内置方案"),
    ("blank", "", "file_empty", "copy a built-in one", "复制一个内置方案"),
    ("no-equals-sign", "", "toml_syntax", "Line 5, column 9", "第 5 行第 9 列"),
    ("unclosed-quote", "", "toml_syntax", "missing quote", "缺少引号"),
    ("glob-without-quotes", "", "toml_syntax", 'keys such as "*"', '"*" 这样的键'),
    ("key-twice", "", "toml_twice", "Line 6", "第 6 行"),
    ("table-twice", "", "toml_twice", "only one of the two", "只保留其中一个"),
    ("nested-brackets", "", "too_deep", "flatten", "减少嵌套"),
    ("nested-tables", "", "too_deep", "flatten", "减少嵌套"),
    ("endless-dotted-key", "", "too_deep", "flatten", "减少嵌套"),
    ("gbk", "", "is_gbk", "save it as UTF-8", "另存为 UTF-8"),
    ("not-text", "", "not_utf8", "save it as UTF-8", "另存为 UTF-8"),
    ("bom-and-unknown-key", "demnad", "unknown_key", "did you mean demand", "您是否想写 demand"),
    ("huge-digits", "", "toml_value", "write a number that means something", "有意义的数值"),
    ("bad-date", "", "toml_syntax", "Line 16", "第 16 行"),
    ("no-format", "format", "format_missing", "format = 1", "format = 1"),
    ("format-of-the-future", "format", "format_unknown", "update Hallplan", "更新 Hallplan"),
    ("no-name", "name", "missing_key", "add it", "请补上"),
    ("hostile-name", "name", "bad_name", "small letters", "小写字母"),
    ("html-name", "name", "bad_name", "small letters", "小写字母"),
    ("name-with-newline", "name", "bad_name", "small letters", "小写字母"),
    ("no-services", "services", "missing_key", "add it", "请补上"),
    ("misspelt-table", "servcies", "unknown_key", "did you mean services", "您是否想写 services"),
    ("services-is-a-number", "services", "wrong_type", "a table", "表"),
    ("unknown-key", "pools.window.servres", "unknown_key", "did you mean servers", "您是否想写 servers"),
    ("bad-pool-name", 'pools."Window A"', "bad_name", "small letters", "小写字母"),
    ("text-for-number", "pools.window.servers", "wrong_type", "a whole number", "整数"),
    ("half-a-server", "pools.window.servers", "wrong_type", "a whole number", "整数"),
    ("true-for-number", "pools.window.servers", "wrong_type", "a whole number", "整数"),
    ("negative-servers", "pools.window.servers", "out_of_range", "at least 0", "不小于 0"),
    ("too-many-servers", "pools.window.servers", "out_of_range", "at most 1000000", "不大于 1000000"),
    ("huge-hexadecimal", "pools.window.servers", "out_of_range", "at most 1000000", "不大于 1000000"),
    ("nan", "arrivals.walk-in.per_day", "not_finite", "an ordinary number", "普通数字"),
    ("inf", "arrivals.walk-in.per_day", "not_finite", "an ordinary number", "普通数字"),
    ("1e400", "arrivals.walk-in.per_day", "not_finite", "an ordinary number", "普通数字"),
    ("negative-rate", "arrivals.walk-in.per_day", "out_of_range", "at least 0", "不小于 0"),
    ("huge-float-from-integer", "arrivals.walk-in.per_day", "not_finite", "an ordinary number", "普通数字"),
    ("zero-days", "run.days", "out_of_range", "at least 1", "不小于 1"),
    ("start-is-text", "run.start", "wrong_type", "a date such as 2014-03-03", "日期，例如 2014-03-03"),
    ("missing-unit", "services.permit.visits.apply.window.work", "law_must_be_plain", 'such as "8 min"', '"8 min"'),
    ("missing-unit-of-duration", "sites.hall.tickets_stop", "bad_quantity", "with its unit", "带单位"),
    (
        "unknown-unit",
        "services.permit.visits.apply.window.work",
        "unknown_unit",
        "use one of ms, s, min",
        "以下之一：ms, s, min",
    ),
    ("chinese-unit", "services.permit.visits.apply.window.work", "bad_quantity", "with its unit", "带单位"),
    (
        "longer-than-a-century",
        "services.permit.visits.apply.window.work",
        "quantity_too_long",
        "check its unit",
        "检查单位",
    ),
    ("negative-time", "services.permit.visits.apply.window.work", "law_negative", "0 or more", "不小于 0"),
    (
        "work-in-working-days",
        "services.permit.visits.apply.window.work",
        "law_must_be_plain",
        "day and night",
        "自然时间",
    ),
    ("half-a-working-day", "services.permit.promised_limit", "bad_quantity", "3 working days", "3 working days"),
    (
        "delay-without-unit",
        "services.permit.visits.apply.later.delay",
        "law_must_be_time",
        "give it a unit",
        "加上单位",
    ),
    ("bad-time-of-day", "timetables.courier.times[0]", "bad_time_of_day", "09:30", "09:30"),
    ("bad-interval", "calendar.hours[0]", "bad_interval", "the earlier time first", "先早后晚"),
    ("interval-without-dash", "calendar.hours", "bad_interval", "09:00-12:00", "09:00-12:00"),
    ("overlapping-hours", "calendar.hours", "hours_overlap", "before the next begins", "在下一段开始之前结束"),
    ("unknown-weekday", "calendar.hours.monday", "not_one_of", "did you mean mon", "您是否想写 mon"),
    ("profile-out-of-order", "arrivals.walk-in.profile", "bad_profile", "rising order", "时间先后"),
    ("profile-of-an-unknown-weekday", "arrivals.walk-in.profile.fryday", "not_one_of", "use one of mon", "mon, tue"),
    ("profile-with-an-empty-day", "sites.hall.profile.fri", "bad_profile", "one weight above 0", "权重大于 0"),
    ("profile-with-a-bad-time", "sites.hall.profile.default", "bad_time_of_day", "09:30", "09:30"),
    ("profile-with-a-negative-weight", 'sites.hall.profile.fri."13:00"', "out_of_range", "at least 0", "不小于 0"),
    ("profile-of-some-weekdays", "sites.hall.profile", "profile_needs_default", "add `default`", "请用 default"),
    ("thirteenth-month", "arrivals.walk-in", "bad_month", '"1" to "12"', '"1" 至 "12"'),
    ("moment-without-colon", "arrivals.walk-in.at", "bad_moment", "2014-03-03 09:00", "2014-03-03 09:00"),
    (
        "unknown-distribution",
        "services.permit.visits.apply.window.work",
        "unknown_distribution",
        "did you mean lognorm",
        "您是否想写 lognorm",
    ),
    ("lognormal-without-cv", "services.permit.visits.apply.window.work", "law_needs", "mean, cv", "mean, cv"),
    (
        "misspelt-law-key",
        "services.permit.visits.apply.window.work",
        "law_unknown_key",
        "dist, mean, cv",
        "dist, mean, cv",
    ),
    (
        "wrong-shapes",
        "services.permit.visits.apply.window.work",
        "law_unknown_key",
        "dist, a, loc, scale",
        "dist, a, loc, scale",
    ),
    (
        "impossible-shape",
        "services.permit.visits.apply.window.work",
        "law_bad_parameters",
        "check its shape",
        "检查形状参数",
    ),
    (
        "infinite-mean",
        "services.permit.visits.apply.window.work",
        "law_bad_parameters",
        "no finite mean",
        "没有有限的均值",
    ),
    ("range-upside-down", "services.permit.visits.apply.window.work", "law_range_order", "rise", "依次增大"),
    (
        "law-of-two-forms",
        "services.permit.visits.apply.window.work",
        "law_needs_one_form",
        "constant, dist, values, mixture",
        "constant、dist、values、mixture",
    ),
    (
        "mixed-clocks",
        "services.permit.visits.apply.later.delay",
        "law_mixes_clocks",
        "units of one",
        "统一使用一类单位",
    ),
    ("shares-sum", "services.permit.visits.apply.window.work", "shares_must_sum", "add up to 1", "使其等于 1"),
    (
        "mixture-without-shares",
        "services.permit.visits.apply.window.work",
        "law_needs_shares",
        "write shares with 2",
        "2 个和为 1 的数",
    ),
    ("share-above-one", "services.permit.visits.apply.later.share", "out_of_range", "at most 1", "不大于 1"),
    ("half-a-person", "arrivals.walk-in.batch", "law_must_be_whole", "whole number of people", "整数人数"),
    ("two-actions", "services.permit.visits.apply.window", "step_two_actions", "make several steps", "拆成多个步骤"),
    ("no-action", "services.permit.visits.apply.later", "step_no_action", "give it a pool", "请为它指定 pool"),
    ("pool-without-work", "services.permit.visits.apply.window", "step_key_without", "add work", "添加 work"),
    ("patience-without-pool", "services.permit.visits.apply.later", "step_key_without", "add pool", "添加 pool"),
    ("next-shares", "services.permit.visits.apply.later", "shares_must_sum", "add up to 1", "使其等于 1"),
    (
        "unknown-mark",
        "services.permit.visits.apply.later.mark",
        "not_one_of",
        "did you mean accepted",
        "您是否想写 accepted",
    ),
    ("step-named-end", "services.permit.visits.apply", "step_named_end", "another name", "换一个名称"),
    (
        "after-unknown-step",
        "services.permit.visits.apply.later.after_step",
        "step_unknown",
        "did you mean window",
        "您是否想写 window",
    ),
    (
        "misspelt-pool",
        "services.permit.visits.apply.window.pool",
        "unknown_name",
        "did you mean window",
        "您是否想写 window",
    ),
    (
        "misspelt-next",
        "services.permit.visits.apply.later.next",
        "unknown_name",
        "did you mean window",
        "您是否想写 window",
    ),
    (
        "misspelt-timetable",
        "services.permit.visits.apply.later.until",
        "unknown_name",
        "did you mean courier",
        "您是否想写 courier",
    ),
    ("misspelt-service", "arrivals.walk-in.services", "unknown_name", "did you mean permit", "您是否想写 permit"),
    ("misspelt-site", "pools.window.site", "unknown_name", "did you mean hall", "您是否想写 hall"),
    ("unknown-person", "arrivals.walk-in.people", "unknown_name", "citizen", "citizen"),
    (
        "visit-not-defined",
        "services.permit.visits.apply.later.visit",
        "unknown_name",
        "use one of apply",
        "以下之一：apply",
    ),
    ("purpose-not-served", "arrivals.walk-in.purpose", "purpose_not_served", "use one of apply", "以下之一：apply"),
    (
        "no-case",
        "services.permit.visits.apply.file.start_case",
        "no_case",
        "[services.permit.case]",
        "[services.permit.case]",
    ),
    (
        "two-processes",
        "arrivals.walk-in",
        "arrival_needs_one_process",
        "per_day, every, at, slots",
        "per_day、every、at、slots",
    ),
    ("all-weights-zero", "arrivals.walk-in", "weights_all_zero", "at least one of each", "各至少给出一个"),
    ("timetable-of-nothing", "timetables.courier", "timetable_needs", "one of the three", "三者之一"),
    ("count-by-the-clock", "timetables.courier", "count_by_the_clock", "leave capacity out", "删去 capacity"),
    ("longest-without-count", "timetables.courier", "longest_without_count", "give count too", "同时给出 count"),
    ("merge-circle", "pools.a.merge_into", "merge_circle", "take one merge_into out", "去掉其中一个 merge_into"),
    ("merge-across-sites", "pools.far.merge_into", "merge_across_sites", "one site only", "同一场所"),
    (
        "patience-in-the-back-office",
        "services.permit.case.review.patience",
        "only_for_visitors",
        "take patience out",
        "删除 patience",
    ),
    ("pause-and-serve", "pools.window.at_break", "pause_and_serve", 'at_close to "keep"', 'at_close 设为 "keep"'),
    ("target-upside-down", "targets.wait", "target_order", "low be at most high", "low 不应大于 high"),
    (
        "provenance-without-source",
        'provenance."pools.window.servers"',
        "provenance_needs",
        "published and given need source",
        "published 和 given 需要 source",
    ),
    ("endless-rework", "services.permit.visits.apply.window", "loop_endless", "way out", "出口"),
    (
        "nearly-endless-rework",
        "services.permit.visits.apply.window",
        "loop_too_long",
        "share that goes back smaller",
        "减小返回的份额",
    ),
    ("zero-time-loop", "services.permit.visits.apply.check", "loop_without_time", "put a delay", "加入 delay"),
    ("route-in-itself", "routes.a", "route_in_itself", "use next to go round", "使用 next"),
    ("visits-without-end", "services.permit", "visits_endless", "a share below 1", "份额小于 1"),
    ("fork-bomb", "services.permit", "visit_too_long", "routes shorter", "缩短流程"),
    ("a-billion-visitors", "arrivals.walk-in.per_day", "too_many_arrivals", "simulate fewer days", "减少天数"),
    ("extends-nothing", "extends", "file_not_found", "honghuagang-2013?", "honghuagang-2013？"),
    ("extends-outside", "extends", "file_outside", "beside this file", "本文件旁边"),
    ("extends-circle-1", "extends", "extends_circle", "take one extends out", "去掉其中一个 extends"),
    ("extends-a-number", "extends", "extends_needs", "in quotes", "用引号"),
    ("like-nothing", "services.licence.like", "like_unknown", "did you mean permit", "您是否想写 permit"),
    ("like-circle", "services.b.like", "like_circle", "take one like out", "去掉其中一个 like"),
    ("template-and-service", "services.permit", "template_and_service", "rename one", "改名"),
    ("unknown-lever", "levers", "file_not_found", "did you mean pooled-windows", "您是否想写 pooled-windows"),
    ("levers-is-text", "levers", "levers_needs", "a list of names", "名称的列表"),
    ("lever-without-parameter", "levers", "lever_parameter_missing", "add-staff:pool=", "add-staff:pool="),
    ("lever-with-unknown-parameter", "levers", "lever_parameter_unknown", "did you mean pool", "您是否想写 pool"),
    ("lever-with-wrong-type", "levers", "lever_parameter_type", "write something like 1", "写成类似 1"),
    ("remove-nothing", "pools.windw", "path_not_found", "did you mean window", "您是否想写 window"),
    ("remove-no-path", "remove", "bad_path", "pools.window-tax.servers", "pools.window-tax.servers"),
]


def sentences(error: ScenarioError) -> tuple[str, str]:
    return error.sentence("en"), error.sentence("zh")


@for_each(("file", "key", "message", "remedy", "remedy_zh"), CASES, ids=[case[0] for case in CASES])
def test_a_faulty_file_gets_one_sentence_with_place_and_remedy(file, key, message, remedy, remedy_zh):
    path = FOLDER / f"{file}.toml"
    with pytest.raises(ScenarioError) as caught:
        compose(path)
    english, chinese = sentences(caught.value)
    assert caught.value.key == f"error.{message}"
    for sentence in (english, chinese):
        assert sentence.startswith(f"{FOLDER}/")
        assert f"{path}" in sentence
        assert key in sentence
        assert len(sentence.splitlines()) == 1
        assert sentence.isprintable()
        assert len(sentence) < 700
    assert remedy in english
    assert remedy_zh in chinese
    assert english[-1] in ".?"
    assert chinese[-1] in "。？"
    assert not any(word in english for word in ("Traceback", "pydantic", "Input should"))


def test_every_malformed_file_is_in_the_table():
    assert {file.stem for file in FOLDER.glob("*.toml")} == {case[0] for case in CASES} | PIECES
    assert len(CASES) >= 50


def test_a_file_of_more_than_a_megabyte_is_refused_before_it_is_parsed(tmp_path):
    file = tmp_path / "large.toml"
    file.write_bytes(b"#" * (LARGEST_BYTES + 1))
    with pytest.raises(ScenarioError, match="larger than 1 MB"):
        compose(file)


def test_a_folder_is_no_scenario(tmp_path):
    with pytest.raises(ScenarioError, match="a folder") as caught:
        compose(tmp_path)
    assert caught.value.file == str(tmp_path)


def test_an_event_log_is_no_scenario_and_is_told_what_makes_one(tmp_path):
    for name in ("tickets.csv", "tickets.XLSX", "tickets.xes.gz"):
        file = tmp_path / name
        file.write_bytes(b"case,start\n")
        with pytest.raises(ScenarioError) as caught:
            compose(file)
        assert caught.value.key == "error.is_an_event_log"
        assert "hallplan calibrate log" in caught.value.sentence("en")


def test_a_name_that_is_nearly_built_in_is_told_the_nearest():
    with pytest.raises(ScenarioError) as caught:
        compose("honghuagang-213")
    assert "honghuagang-2013" in str(caught.value)


@for_each("name", ["../levers/add-staff", "a\x00b", "x" * 5_000, "", ".", "con/../../secret.toml"])
def test_a_hostile_name_is_one_sentence(name):
    with pytest.raises(ScenarioError) as caught:
        compose(name)
    assert all(sentence.isprintable() for sentence in sentences(caught.value))


@for_each("reference", ["/etc/passwd", "../secret.toml", "a/../../secret.toml", "\x00.toml"])
def test_an_upload_reads_no_file_of_ours(reference):
    data = f'format = 1\nname = "x"\nextends = {reference!r}\n'.replace("\\x00", "-")
    with pytest.raises(ScenarioError) as caught:
        compose_text(data, name="upload")
    assert caught.value.key == "error.file_not_found"
    assert caught.value.file == "upload"


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "secret.toml").write_text("secret = 1")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "base.toml").symlink_to(tmp_path / "secret.toml")
    file = inside / "scenario.toml"
    file.write_text('format = 1\nname = "x"\nextends = "base.toml"\n')
    with pytest.raises(ScenarioError) as caught:
        compose(file)
    assert caught.value.key == "error.file_outside"


def test_an_unreadable_file_is_one_sentence(tmp_path, monkeypatch):
    file = tmp_path / "locked.toml"
    file.write_text("format = 1")

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ScenarioError) as caught:
        compose(file)
    assert caught.value.key == "error.cannot_read"


def test_every_built_in_file_is_below_its_folder():
    assert LIBRARY_FOLDER.is_dir()
    assert LEVER_FOLDER.is_dir()
