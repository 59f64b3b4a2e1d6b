"""What all visitors of a server share: sizes that are taken on, units of work, the store, and the registry of runs."""

import inspect
import logging
from types import SimpleNamespace

import pytest
from page_drawn import drawing
from page_samples import open_page, two_plans
from page_server import server

from foundation import messages
from foundation.errors import HallplanError
from hallplan.page import choosing, runs
from hallplan.page.choosing import Question, question_of
from hallplan.page.files import Uploads
from hallplan.page.jobs import Unit
from hallplan.page.plans import LeversOf, levers_of
from hallplan.page.runs import JobRegistry, check_size, job_name, prepare, samples_by_system, stage, units_of
from hallplan.page.text import say
from scenarios.compose.composing import compose
from scenarios.compose.reading import LARGEST_BYTES
from sim.run.keys import Key
from sim.run.simulating import simulate_sample
from sim.run.study import Pace, Study

__all__ = ["drawing", "server"]

TEXTBOOK = two_plans(a="textbook-mm3", b="textbook-mm3", replications=2)


def test_a_plan_of_four_hundred_thousand_arrivals_is_taken_on_and_one_more_is_not(monkeypatch):
    scenario = compose("textbook-mm3")
    monkeypatch.setattr(runs, "expected_arrivals", lambda scenario: {"a": 399_999.0, "b": 1.4})
    check_size(scenario)
    monkeypatch.setattr(runs, "expected_arrivals", lambda scenario: {"a": 399_999.0, "b": 1.6})
    with pytest.raises(HallplanError) as failure:
        check_size(scenario)
    values = {"name": "textbook-mm3", "arrivals": 400_001, "most": 400_000}
    assert (failure.value.key, failure.value.values) == ("page.run.too_large", values)
    with pytest.raises(HallplanError):
        runs._prepare.__wrapped__(TEXTBOOK.plans, TEXTBOOK.precision, 2, 1)
    with pytest.raises(HallplanError):
        question_of(
            TEXTBOOK,
            {},
            names=("A", "B"),
            metric="ticket_wait_mean_min",
            delta=1.0,
            budget=0,
        )


def test_units_are_the_first_replications_system_by_system():
    scenario = compose("textbook-mm3")
    other = compose("textbook-mm3", overrides={"demand": 0.9})
    study = Study.of(scenario, other, replications=2, seed=4)
    units = units_of(study, (2, 1))
    assert [unit.arguments for unit in units] == [(scenario, 4, 0), (scenario, 4, 1), (other, 4, 0)]
    assert all(unit.function is simulate_sample for unit in units)
    assert [unit.key.rpartition(":")[2] for unit in units] == ["0", "1", "0"]
    assert len({unit.key for unit in units}) == 3
    assert samples_by_system([1, 2, 3], (2, 1)) == [[1, 2], [3]]


def test_a_job_is_named_by_its_parts():
    assert len(job_name("a", "b")) == 20
    assert job_name("a", "b") == job_name("a", "b") != job_name("b", "a")
    study = prepare(TEXTBOOK)
    assert stage(study, 2).name == job_name(study.name, *(unit.key for unit in stage(study, 2).units))
    assert (study.most, prepare(two_plans(a="textbook-mm3", b="textbook-mm3")).most) == (2, 200)
    assert (Pace(5), Pace(20, 1.5), 0.95) == (runs._PACE, choosing._PACE, choosing.CONFIDENCE)


class Store:
    def __init__(self, stored=()):
        self.stored, self.put_now, self.requested = dict(stored), {}, []

    def get(self, keys, *, curves):
        assert curves
        self.requested += keys
        return {key: self.stored[key] for key in keys if key in self.stored}

    def put(self, samples):
        self.put_now |= samples


SIMULATING = [Unit("s:0", simulate_sample), Unit("s:1", simulate_sample)]
OTHER = Unit("demand:s:0", int)


def test_what_is_stored_is_offered_and_not_asked_for_again(server, monkeypatch):
    store = Store({Key("s", 1): "stored"})
    monkeypatch.setattr(runs, "default_store", lambda: store)
    runs.submit("job", [*SIMULATING, OTHER], owner="me")
    assert store.requested == [Key("s", 0), Key("s", 1)]
    assert [unit.key for unit in server.missing([*SIMULATING, OTHER])] == ["s:0", "demand:s:0"]
    runs.submit("again", SIMULATING[1:], owner="me")
    assert len(store.requested) == 2, "what the server remembers is not looked for"
    assert server.results("again") == ["stored"]


def test_new_samples_are_stored_and_a_store_that_fails_is_only_noted(monkeypatch, caplog):
    store = Store({Key("s", 1): "stored"})
    monkeypatch.setattr(runs, "default_store", lambda: store)
    runs._store([*SIMULATING, OTHER], ["new", "other", 3])
    assert store.put_now == {Key("s", 0): "new"}

    def fail(samples):
        raise OSError("disk full")

    monkeypatch.setattr(store, "put", fail)
    with caplog.at_level(logging.WARNING):
        runs._store(SIMULATING, ["new", "other"])
    assert "results can't be stored: disk full" in caplog.text


def test_the_registry_notes_runs_and_forgets_the_oldest():
    registry = JobRegistry(most=2)
    noted = {name: SimpleNamespace(name=name) for name in "abc"}
    for name in ("a", "b", "a", "c"):
        registry.add(noted[name])
    assert [registry.get(name) for name in "abc"] == [noted["a"], None, noted["c"]]
    full = JobRegistry()
    for number in range(130):
        full.add(SimpleNamespace(name=str(number)))
    assert [full.get(str(number)) is None for number in (1, 2, 129)] == [True, False, False]


def test_a_question_is_named_by_its_plans_its_metric_and_what_is_to_be_sure_of():
    halls = (compose("textbook-mm3"), compose("textbook-mm3", overrides={"demand": 0.9}))

    def name(*, halls=halls, metric="ticket_wait_mean_min", seed=1, delta=None, budget=50):
        return Question(("a", "b"), halls, metric, seed, delta, budget).name

    names = [
        name(),
        name(halls=halls[::-1]),
        name(metric="visits_per_day"),
        name(seed=2),
        name(delta=1.0),
        name(delta=2.0),
        name(budget=60),
    ]
    assert len(set(names)) == len(names)
    assert name() == names[0]
    assert names[0].endswith(":ticket_wait_mean_min:budget 50")
    assert names[4].endswith(":ticket_wait_mean_min:1.0")


def test_levers_are_those_of_the_file_and_those_it_inherits():
    own = levers_of("honghuagang-2014").own
    assert levers_of("honghuagang-2014") == LeversOf(own, ())
    assert levers_of("textbook-mm3") == LeversOf((), ())
    assert len(own) == 10


def test_the_page_is_wide_has_a_title_and_brings_its_style(server, drawing):
    open_page("build", lang="zh", seed="3")
    (config,) = [message.page_config_changed for message in drawing.messages if message.HasField("page_config_changed")]
    with messages.using("zh"):
        assert config.title == say("browser_title")
    assert (config.favicon, config.layout, config.initial_sidebar_width.pixel_width) == ("emoji:🏛️", config.WIDE, 300)
    styles = [
        message.delta.new_element.html.body
        for message in drawing.messages
        if message.HasField("delta") and message.delta.new_element.WhichOneof("type") == "html"
    ]
    assert styles[1] == '<style>:root {--upload: "选择文件";--apply: "按回车键生效";}</style>'
    assert "st-key-phone-hint" in styles[0]


def padded(size):
    """Return a scenario of so many bytes."""
    text = b'format = 1\nname = "mine"\nextends = "textbook-mm3"\n#'
    return text + b"x" * (size - len(text))


def test_an_upload_of_the_largest_size_is_kept_under_a_name_of_its_contents():
    uploads = Uploads()
    upload = uploads.add(padded(LARGEST_BYTES), title="a.toml")
    assert (upload.title, len(upload.data), len(upload.name)) == ("a.toml", LARGEST_BYTES, len("upload-") + 16)
    with pytest.raises(HallplanError) as failure:
        uploads.add(padded(LARGEST_BYTES + 1), title="a.toml")
    assert (failure.value.key, failure.value.values) == ("error.file_too_large", {"largest_mb": 1})
    assert (len(uploads), uploads.get("upload-none")) == (1, None)


def test_an_upload_that_comes_again_is_the_newest():
    uploads = Uploads(most=2)
    names = [uploads.add(padded(number), title="a.toml").name for number in (60, 61, 60, 62)]
    assert [uploads.get(name) is None for name in names] == [False, True, False, False]
    assert inspect.signature(Uploads).parameters["most"].default == 200
