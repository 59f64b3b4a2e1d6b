"""The fuzzer finds every kind of fault that is planted, keeps it with what to run again, and finds none without."""

import json
import re
import signal

import pytest
from fuzzing.campaign import main
from fuzzing.corpus import Corpus


@pytest.mark.slow
def test_every_kind_of_planted_fault_is_found_and_kept_with_the_command(tmp_path, capsys):
    options = ["--seed", "48", "--cases", "150", "--workers", "2", "--seconds", "1", "--finds", str(tmp_path)]
    assert main([*options, "--entry", "faulty_program:main"]) == 1
    finds = {
        folder.name: json.loads((folder / "find.json").read_text(encoding="utf-8")) for folder in tmp_path.iterdir()
    }
    verdicts = {find["verdict"] for find in finds.values()}
    assert verdicts == {"died--6", "hang", "exit-70", "exception", "traceback", "silent", "memory"}
    hangs = {find["code"] for find in finds.values() if find["verdict"] == "hang"}
    assert hangs == {None, -signal.SIGPROF}  # by the clock where it sleeps, by the processor where it works
    for name, find in finds.items():
        assert (tmp_path / name / "commands.json").exists()
        assert find["again"] == "python3 dev.py fuzz --seed {} --case {}".format(*name.split("-"))
    assert "150 cases" in capsys.readouterr().out


def test_a_sound_program_gives_the_number_of_cases_and_no_find(tmp_path, capsys):
    options = ["--seed", "4", "--cases", "200", "--workers", "1", "--finds", str(tmp_path)]
    assert main([*options, "--entry", "faulty_program:sound"]) == 0
    assert re.search(r"200 cases in .* minutes[^\n]*\nfuzz: 0 finds\n", capsys.readouterr().out)
    assert not list(tmp_path.iterdir())


def test_a_case_depends_on_its_seed_and_number_alone():
    first, second = Corpus(), Corpus()
    assert all(first.case(7, number) == second.case(7, number) for number in range(150, 0, -1))
    assert first.case(7, 3) != first.case(8, 3)
