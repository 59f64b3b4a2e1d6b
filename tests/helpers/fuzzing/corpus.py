"""What is mutated: the scenarios of the tests, the library and the checks, small event logs, claims and command lines.

Input: the repository, a seed and the number of a case.  Output: the case, the same for the same seed and number: files,
and the commands that read them.
"""

import csv
import datetime as dt
import gzip
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from fuzzing.mutation import mutated, mutated_archive, mutated_gzip, mutated_words

ROOT = Path(__file__).resolve().parents[3]
LARGEST_SEED = 30_000
"""Bytes of a scenario that is mutated: a larger one takes most of a case's time without a mutation."""

LOG = ("calibrate", "log", "{file}", "--no-accuracy", "--json")
RUN = ("--reps", "1", "--days", "1", "--no-cache", "--workers", "1", "--json")
RUN_SETS = ("--set", "run.warm_up_days=0", "--set", "run.follow_up_days=0")

TICKETS = """Ticket,Window,Service,Arrived,Called,Finished
A001,1,permit,2024-03-04 09:01,2024-03-04 09:05,2024-03-04 09:12
A002,2,permit,2024-03-04 09:03,2024-03-04 09:06,2024-03-04 09:20
A003,1,"licence, new",2024-03-04 09:10,2024-03-04 09:12,
A004,1,permit,2024-03-05 10:01,2024-03-05 10:05,2024-03-05 10:12
A005,2,permit,2024-03-05 10:03,,
A006,1,"licence, new",2024-03-05 10:10,2024-03-05 10:12,2024-03-05 10:25
"""
LEDGER = """受理编号;事项;受理日期;办结日期;办理用时
1;施工许可;2024/3/4;2024/3/8;4
2;施工许可;2024/3/5;2024/3/11;4
3;户口迁移;2024/3/5;2024/3/5;1
4;施工许可;2024/3/6;;
5;户口迁移;2024/3/7;2024/3/8;2
"""
EVENTS = """case,activity,resource,timestamp,lifecycle
1,register,a,2024-03-04T09:00:00+08:00,start
1,register,a,2024-03-04T09:10:00+08:00,complete
1,review,b,2024-03-05T10:00:00+08:00,start
1,suspend,b,2024-03-05T11:00:00+08:00,suspend
1,review,b,2024-03-06T11:30:00+08:00,complete
2,register,a,2024-03-05T09:00:00+08:00,complete
2,review,c,2024-03-05 15:00,complete
"""
DATE_AND_TIME = """号码\t日期\t取号时间\t叫号时间\t结束时间
1\t2024年3月4日\t09.05\t09.10\t0925
2\t2024年3月4日\t9.15\t09.20\t0931
3\t2024年3月5日\t10.05\t10.10\t1125
"""

COMMANDS: Sequence[Sequence[str]] = (
    ("run", "tiny.toml", "--reps", "2", "--days", "1", "--seed", "3", "--set", "pools.window.servers=2"),
    (
        "run",
        "tiny.toml",
        "--lever",
        "add-staff:pool=window",
        "--precision",
        "20%",
        "--metric",
        "wait_mean_min",
        "--json",
    ),
    ("run", "tiny.toml", "--reps", "2", "--days", "1", "--out", "results", "--format", "csv", "--force"),
    ("run", "tiny.toml", "--reps", "1", "--event-log", "log.csv", "--event-log-kind", "tickets", "--force"),
    ("compare", "tiny.toml", "tiny.toml", "--reps", "2", "--days", "1", "--lang", "zh"),
    ("select", "tiny.toml", "--lever", "add-staff:pool=window", "--metric", "wait_mean_min", "--budget", "20"),
    ("warm-up", "tiny.toml", "--reps", "2", "--days", "3"),
    ("check", "tiny.toml", "--strict", "--json"),
    ("show", "tiny.toml", "pools.window"),
    ("levers", "--json"),
    ("scenarios", "--lang", "zh"),
    ("schema", "--lever"),
    ("claims", "claims.toml", "--json"),
    ("catalogue", "tickets.csv"),
    ("calibrate", "log", "tickets.csv", "--no-accuracy", "--map", "case=Ticket", "--date-format", "%Y-%m-%d %H:%M"),
    ("calibrate", "report", "--all"),
    ("cache",),
    ("version",),
)
OPTIONS = (
    *("--reps", "--days", "--seed", "--set", "--lever", "--precision", "--metric", "--json", "--out", "--format"),
    *(
        "--force",
        "--engine",
        "--workers",
        "--no-cache",
        "--lang",
        "--help",
        "--version",
        "--strict",
        "--budget",
        "--delta",
    ),
    *(
        "--map",
        "--kind",
        "--keep",
        "--drop",
        "--time-zone",
        "--split",
        "--name",
        "--service",
        "--idle-days",
        "--controls",
    ),
    *("run", "check", "pools.window.servers=0", "run.days=0", "a.b.c=1", "pools=1", "add-staff", "add-staff:pool=x"),
)
NEVER = {"app", "verify", "article"}
"""Words of commands that work for minutes, or for as long as they are let."""
SIZES = {
    "--reps",
    "--days",
    "--budget",
    "--precision",
    "--delta",
    "--workers",
    "--logs",
    "run.days",
    "run.replications",
}
"""What makes a valid command work for minutes: a large number behind it is no fault."""


@dataclass(frozen=True)
class Case:
    """Files by name, and commands one after the other: the next only if the one before ended well."""

    kind: str
    files: Mapping[str, bytes]
    commands: Sequence[Sequence[str]]


class Corpus:
    """The seeds of all cases."""

    def __init__(self) -> None:
        folders = ("tests", "verification/scenarios", "scenarios/library")
        paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.toml"))
        self.scenarios = [path.read_bytes() for path in paths if path.stat().st_size <= LARGEST_SEED]
        self.levers = [path.read_bytes() for path in sorted((ROOT / "scenarios/levers").glob("*.toml"))]
        self.claims = [path.read_bytes() for path in sorted((ROOT / "calibration/facts/examples").glob("*.toml"))]
        self.logs = [text.encode("utf-8") for text in (TICKETS, LEDGER, EVENTS, DATE_AND_TIME)]
        self.logs.append(LEDGER.encode("gb18030"))
        self.tiny = (ROOT / "tests/sim/halls/lunch.toml").read_bytes()
        self.workbook, self.xes = _workbook_of(TICKETS), _xes_of(EVENTS).encode("utf-8")
        self._kinds: Sequence[tuple[int, Callable[[Random], Case]]] = (
            (48, self._scenario),
            (6, self._lever),
            (8, self._claims),
            (15, self._table),
            (5, self._workbook),
            (6, self._xes),
            (12, self._words),
        )

    def case(self, seed: int, number: int) -> Case:
        """Return case `number` of a seed."""
        random = Random(f"{seed}:{number}")
        (make,) = random.choices([make for _, make in self._kinds], [weight for weight, _ in self._kinds])
        return make(random)

    def _scenario(self, random: Random) -> Case:
        content = mutated(random.choice(self.scenarios), random)
        engine = random.choice(("compiled", "simpy"))
        run = ("run", "hall.toml", *RUN, *RUN_SETS, "--engine", engine)
        return Case("scenario", {"hall.toml": content}, [("check", "hall.toml", "--json"), run])

    def _lever(self, random: Random) -> Case:
        content = mutated(random.choice(self.levers), random)
        return Case("lever", {"lever.toml": content}, [("check", "township-desk", "--lever", "lever.toml", "--json")])

    def _claims(self, random: Random) -> Case:
        return Case("claims", {"claims.toml": mutated(random.choice(self.claims), random)}, [("claims", "claims.toml")])

    def _table(self, random: Random) -> Case:
        return _log("log.csv", mutated(random.choice(self.logs), random))

    def _workbook(self, random: Random) -> Case:
        return _log("log.xlsx", mutated_archive(self.workbook, random))

    def _xes(self, random: Random) -> Case:
        if random.random() < 0.3:
            return _log("log.xes.gz", mutated_gzip(gzip.compress(self.xes, mtime=0), random))
        return _log("log.xes", mutated(self.xes, random))

    def _words(self, random: Random) -> Case:
        while True:
            words = mutated_words(random.choice(COMMANDS), OPTIONS, random)
            if not NEVER & {*words} and not _large(words):
                break
        files = {"tiny.toml": self.tiny, "claims.toml": self.claims[0], "tickets.csv": self.logs[0]}
        return Case("words", files, [words])


def _log(name: str, content: bytes) -> Case:
    return Case(name.partition(".")[2], {name: content}, [[name if word == "{file}" else word for word in LOG]])


def _large(words: Sequence[str]) -> bool:
    """Tell whether a valid command might work for minutes: a number of replications or days of any size."""
    for word, following in pairwise([*words, ""]):
        name, _, value = word.partition("=")
        if name in SIZES and (value or following).strip("%") not in {"", "0", "-1", "1", "2", "3", "20", "nan", "-inf"}:
            return True
    return False


def _workbook_of(text: str) -> bytes:
    """Return a table as a workbook, the same bytes each time."""
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.properties.created = workbook.properties.modified = dt.datetime(2024, 3, 4)  # noqa: DTZ001
    sheet = workbook.worksheets[0]
    for number, line in enumerate(csv.reader(io.StringIO(text))):
        sheet.append([_cell(value) if number else value for value in line])
    target = io.BytesIO()
    workbook.save(target)
    plain = io.BytesIO()
    with zipfile.ZipFile(target) as old, zipfile.ZipFile(plain, "w") as new:
        for name in old.namelist():
            content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2024-03-04T00:00:00Z", old.read(name))
            new.writestr(zipfile.ZipInfo(name), content)
    return plain.getvalue()


def _cell(text: str) -> Any:
    return dt.datetime.fromisoformat(text) if text.startswith("2024-") else text


def _xes_of(text: str) -> str:
    """Return a table of events as XES."""
    traces: dict[str, str] = {}
    for row in csv.DictReader(io.StringIO(text)):
        attributes = {"concept:name": row["activity"], "org:resource": row["resource"]}
        attributes["lifecycle:transition"] = row["lifecycle"]
        event = "".join(f'<string key="{key}" value="{value}"/>' for key, value in attributes.items())
        stamp = row["timestamp"].replace(" ", "T")
        event += f'<date key="time:timestamp" value="{stamp}"/>'
        traces[row["case"]] = traces.get(row["case"], "") + f"\n<event>{event}</event>"
    body = "".join(
        f'<trace><string key="concept:name" value="{name}"/>{events}</trace>\n' for name, events in traces.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0">\n{body}</log>\n'
